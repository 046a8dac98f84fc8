"""The commands and their options. What does the work is imported when a command runs, so that --help stays fast."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

import loader
from loader.cli import options
from loader.cli.options import DEFAULTS
from loader.cli.output import WIDTH
from loader.config import ExtractionConfig

app = typer.Typer(
    name="loader",
    help="SEC EDGAR company facts into income statements, balance sheets and cash flows in SQLite.",
    epilog="Exit codes: 0 done; 1 a check failed; 2 usage; 3 no input or input unusable; 4 some companies failed; "
    "5 database or export folder busy or unusable; 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"max_content_width": WIDTH},
)
stocks_app = typer.Typer(
    help="The securities and which of them are members of the index.", no_args_is_help=True, rich_markup_mode=None
)
mappings_app = typer.Typer(help="Which file holds a member's facts.", no_args_is_help=True, rich_markup_mode=None)

export_app = typer.Typer(help="What the files hold, for other programs.", no_args_is_help=True, rich_markup_mode=None)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"loader {loader.__version__}")
        raise typer.Exit


@app.callback()
def _global_options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    # Nothing to do: --version acts by its callback, --debug is looked at in `main`, because it acts when a command has failed.
    pass


def _extraction(whole_job: bool) -> Callable[..., None]:
    """`load` and `extract` take the same options; `load` looks for data first and validates afterwards."""

    def command(
        *,
        symbols: options.Symbols = None,
        all_filers: options.AllFilers = False,
        source: options.SourceOption = "auto",
        tickers: options.Tickers = None,
        db: options.Db = options.DEFAULT_DB,
        workers: options.Workers = DEFAULTS.max_workers,
        max_file_readers: options.MaxFileReaders = DEFAULTS.max_file_readers,
        batch_size: options.BatchSize = DEFAULTS.batch_size,
        timeout: options.Timeout = DEFAULTS.file_read_timeout,
        transaction_timeout: options.TransactionTimeout = DEFAULTS.transaction_timeout,
        progress_interval: options.ProgressInterval = DEFAULTS.progress_interval,
        checkpoint_interval: options.CheckpointInterval = DEFAULTS.checkpoint_interval,
        max_memory_mb: options.MaxMemory = DEFAULTS.max_memory_mb,
        threads: options.Threads = None,
        as_of: options.AsOf = None,
        vintage: options.Vintage = "latest",
        facts: options.Facts = None,
        rewrite: options.Rewrite = False,
        dry_run: options.DryRun = False,
        as_json: options.AsJson = False,
    ) -> None:
        chosen = None if symbols is None else options.parse_symbols(symbols)
        config = ExtractionConfig(
            max_workers=workers,
            max_file_readers=max_file_readers,
            batch_size=batch_size,
            transaction_timeout=transaction_timeout,
            max_memory_mb=max_memory_mb,
            file_read_timeout=timeout,
            progress_interval=progress_interval,
            checkpoint_interval=checkpoint_interval,
            threads=threads,
        )
        from loader.cli.engines import prepare_engines

        prepare_engines(threads, max_memory_mb)
        from loader.cli import jobs

        wanted = jobs.Wanted(
            db, None if source == "auto" else source, tickers, chosen, all_filers, vintage, as_of, facts, rewrite
        )
        _exit_with(jobs.extract(wanted, config, whole_job=whole_job, dry_run=dry_run, as_json=as_json))

    return command


app.command("load", help="The whole job: stocks, mappings, extraction, validation, report.")(_extraction(whole_job=True))
app.command("extract", help="Load the companies of the index, some of them, or every filer.")(_extraction(whole_job=False))


@app.command("resume")
def _resume(db: options.Db = options.DEFAULT_DB, as_json: options.AsJson = False) -> None:
    """Continue the last interrupted run with its own settings; what has changed since is done again."""
    from loader.cli.engines import prepare_engines_as_before

    prepare_engines_as_before(db)
    from loader.cli import jobs

    _exit_with(jobs.resume(db, as_json=as_json))


@app.command("status")
def _status(
    db: options.Db = options.DEFAULT_DB,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until the run in progress ends.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """The run in progress, or the last one; from another terminal too."""
    from loader.cli import status

    status.show(db, watch=watch, as_json=as_json)


@app.command("validate")
def _validate(db: options.Db = options.DEFAULT_DB, as_json: options.AsJson = False) -> None:
    """Run the validation queries and print what falls short; exit with 1 when one of severity error does."""
    from loader.cli import results

    _exit_with(results.validate(db, as_json=as_json))


@app.command("report")
def _report(
    db: options.Db = options.DEFAULT_DB,
    as_json: options.AsJson = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the report as a web page instead.")] = None,
) -> None:
    """The completion report of the last run."""
    from loader.cli import results

    results.report(db, as_json=as_json, html=html)


@stocks_app.command("import")
def _stocks_import(
    csv: Annotated[
        Path, typer.Argument(metavar="CSV", help="symbol and company_name, optional sector and is_sp500; or common headers.")
    ],
    db: options.Db = options.DEFAULT_DB,
) -> None:
    """Bring the stocks up to date with a list; without is_sp500 every row of it is a member."""
    from loader.cli import reference

    reference.import_stocks(db, csv)


@stocks_app.command("list")
def _stocks_list(db: options.Db = options.DEFAULT_DB, as_json: options.AsJson = False) -> None:
    """All stocks of the database."""
    from loader.cli import reference

    reference.list_stocks(db, as_json=as_json)


@mappings_app.command("refresh")
def _mappings_refresh(
    tickers: options.Tickers = None,
    source: options.SourceOption = "auto",
    successions: options.Successions = None,
    db: options.Db = options.DEFAULT_DB,
) -> None:
    """Map every member of the index to its file; without a ticker file, by what the last one said."""
    from loader.cli import reference

    reference.refresh_mappings(db, tickers, None if source == "auto" else source, successions)


@mappings_app.command("list")
def _mappings_list(db: options.Db = options.DEFAULT_DB, as_json: options.AsJson = False) -> None:
    """All mappings, and the members that have none, with the reason."""
    from loader.cli import reference

    reference.list_mappings(db, as_json=as_json)


@export_app.command("facts")
def _export_facts(
    *,
    to: Annotated[
        Path,
        typer.Option("--to", metavar="DIR", help="The folder: a new or an empty one, or an earlier export, which is replaced."),
    ],
    symbols: options.Symbols = None,
    all_filers: options.AllFilers = False,
    source: options.SourceOption = "auto",
    tickers: options.Tickers = None,
    db: options.Db = options.DEFAULT_DB,
    workers: options.Workers = DEFAULTS.max_workers,
    timeout: options.Timeout = DEFAULTS.file_read_timeout,
    progress_interval: options.ProgressInterval = DEFAULTS.progress_interval,
    max_memory_mb: options.MaxMemory = DEFAULTS.max_memory_mb,
    threads: options.Threads = None,
    as_json: options.AsJson = False,
) -> None:
    """Write every fact of the companies as Parquet, for DuckDB, Polars and Spark; the database is not changed."""
    chosen = None if symbols is None else options.parse_symbols(symbols)
    config = ExtractionConfig(
        max_workers=workers,
        file_read_timeout=timeout,
        progress_interval=progress_interval,
        max_memory_mb=max_memory_mb,
        threads=threads,
    )
    from loader.cli.engines import prepare_engines

    prepare_engines(threads, max_memory_mb)
    from loader.cli import export
    from loader.pipeline import ExtractRequest

    request = ExtractRequest(db, None if source == "auto" else source, chosen, tickers=tickers, all_filers=all_filers)
    _exit_with(export.facts(request, to, config, as_json=as_json))


@app.command("show")
def _show(
    *,
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="In any spelling: BRK.B, brk-b.")],
    statement: Annotated[
        Literal["income", "balance", "cashflow"], typer.Argument(metavar="[income|balance|cashflow]", help="Which statement.")
    ] = "income",
    period: Annotated[Literal["annual", "quarterly", "ttm"], typer.Option("--period", help="Which periods.")] = "annual",
    as_of: options.AsOfThen = None,
    periods: Annotated[int, typer.Option("--periods", metavar="N", min=1, help="How many, the newest.")] = 5,
    db: options.Db = options.DEFAULT_DB,
    as_json: options.AsJson = False,
) -> None:
    """A statement side by side over periods; with --as-of from its file again, as it was known on that day."""
    from loader.cli import explain

    explain.show_statement(db, symbol, statement, frequency=period, as_of=as_of, periods=periods, as_json=as_json)


@app.command("explain")
def _explain(
    *,
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="In any spelling: BRK.B, brk-b.")],
    line: Annotated[str, typer.Argument(metavar="LINE", help="A column of the statements, such as net_income.")],
    year: Annotated[int, typer.Option("--year", metavar="Y", help="The fiscal year as the company labels it.")],
    period: Annotated[str, typer.Option("--period", metavar="P", help="FY, Q1 to Q4, TTM (TTM-Q2: to the second quarter) or T.")],
    as_of: options.AsOfThen = None,
    db: options.Db = options.DEFAULT_DB,
    as_json: options.AsJson = False,
) -> None:
    """Where a value comes from, or why there is none: its file is read again."""
    from loader.cli import explain

    explain.explain_cell(db, symbol, line, year=year, period=period, as_of=as_of, as_json=as_json)


@app.command("demo")
def _demo(
    db: Annotated[Path, typer.Option("--db", metavar="PATH", help="The database; never one with real companies.")] = Path(
        "data/demo.db"
    ),
    companies: Annotated[int, typer.Option("--companies", min=1, help="How many to invent.")] = 500,
    directory: Annotated[Path, typer.Option("--directory", metavar="DIR", help="Where the corpus is built.")] = Path("data/demo"),
    as_json: options.AsJson = False,
) -> None:
    """Build a synthetic corpus, load it, validate it, and print the report. No figure in it is real."""
    from loader.cli import demo

    _exit_with(demo.run(db, companies, directory, as_json=as_json))


app.add_typer(stocks_app, name="stocks")
app.add_typer(mappings_app, name="mappings")
app.add_typer(export_app, name="export")


def _exit_with(code: int) -> None:
    if code:
        raise typer.Exit(code)
