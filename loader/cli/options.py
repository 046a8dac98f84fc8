"""The options that several commands share: name, environment variable and help in one place."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from loader.config import MIN_MEMORY_MB, ExtractionConfig
from loader.errors import UsageError

DEFAULT_DB = Path("data/edgar.db")
DEFAULT_TICKERS = Path("data/company_tickers_exchange.json")

_FEWEST_SECONDS = 0.001


def parse_date(text: str) -> date:
    """An ISO date, as an option gives it."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date: write it as 2024-12-31") from error


def parse_symbols(text: str) -> tuple[str, ...]:
    """Symbols separated by commas or spaces, each once, in their order."""
    symbols = tuple(dict.fromkeys(part.upper() for part in text.replace(",", " ").split()))
    if not symbols:
        raise UsageError("--symbols has no symbol in it: write symbols with commas between, such as AAPL,MSFT")
    return symbols


Db = Annotated[Path, typer.Option("--db", envvar="LOADER_DB", metavar="PATH", help="The SQLite database.")]
SourceOption = Annotated[
    str,
    typer.Option(
        "--source",
        envvar="LOADER_SOURCE",
        metavar="DIR|ZIP",
        help="The folder of CIK##########.json files, or the SEC's zip of them, which is read in place. "
        "'auto': data/companyfacts, or else data/companyfacts.zip; where there are mappings, the files that they name.",
    ),
]
Tickers = Annotated[
    Path | None,
    typer.Option(
        "--tickers",
        envvar="LOADER_TICKERS",
        metavar="JSON",
        help=f"The SEC's ticker file, for the mappings. [default: {DEFAULT_TICKERS}, where there is one]",
    ),
]
Successions = Annotated[
    Path | None,
    typer.Option(
        "--successions",
        envvar="LOADER_SUCCESSIONS",
        metavar="CSV",
        help="Filers that follow others (old_cik,new_cik,valid_from,name,source), beside those that the program knows.",
    ),
]
Symbols = Annotated[
    str | None,
    typer.Option("--symbols", envvar="LOADER_SYMBOLS", metavar="A,B", help="Only these symbols; all members otherwise."),
]
AllFilers = Annotated[
    bool,
    typer.Option(
        "--all-filers",
        envvar="LOADER_ALL_FILERS",
        help="Every company in the source, with or without a ticker; one that has no stock gets one.",
    ),
]
Rewrite = Annotated[
    bool,
    typer.Option(
        "--rewrite",
        envvar="LOADER_REWRITE",
        help="Load those companies again too of which nothing has changed; they are left alone otherwise.",
    ),
]
Workers = Annotated[int, typer.Option("--workers", envvar="LOADER_WORKERS", metavar="N", min=1, help="Reader threads.")]
MaxFileReaders = Annotated[
    int,
    typer.Option(
        "--max-file-readers",
        envvar="LOADER_MAX_FILE_READERS",
        metavar="N",
        min=1,
        help="How many of them may read from storage at once.",
    ),
]
BatchSize = Annotated[
    int, typer.Option("--batch-size", envvar="LOADER_BATCH_SIZE", metavar="N", min=1, help="Companies in one batch.")
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        envvar="LOADER_TIMEOUT",
        metavar="SECONDS",
        min=_FEWEST_SECONDS,
        help="Seconds that reading one file may take.",
    ),
]
TransactionTimeout = Annotated[
    float,
    typer.Option(
        "--transaction-timeout",
        envvar="LOADER_TRANSACTION_TIMEOUT",
        metavar="SECONDS",
        min=_FEWEST_SECONDS,
        help="Seconds that a transaction may take, waiting for another writer included.",
    ),
]
ProgressInterval = Annotated[
    float,
    typer.Option(
        "--progress-interval",
        envvar="LOADER_PROGRESS_INTERVAL",
        metavar="SECONDS",
        min=_FEWEST_SECONDS,
        help="Seconds between progress lines where stderr is no terminal.",
    ),
]
CheckpointInterval = Annotated[
    int,
    typer.Option(
        "--checkpoint-interval",
        envvar="LOADER_CHECKPOINT_INTERVAL",
        metavar="N",
        min=1,
        help="A transaction, which is a checkpoint, holds at most this many companies.",
    ),
]
MaxMemory = Annotated[
    int,
    typer.Option(
        "--max-memory-mb",
        envvar="LOADER_MAX_MEMORY_MB",
        metavar="MIB",
        min=MIN_MEMORY_MB,
        help="Memory that the process stays under, in MiB.",
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        envvar="LOADER_THREADS",
        metavar="N",
        min=1,
        help="Threads that standardise (default: half the cores), and that sort exported facts (default: all).",
    ),
]
AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of", envvar="LOADER_AS_OF", metavar="DATE", parser=parse_date, help="Values as they were known on this day."
    ),
]
#: Of one look, not of a database: without an environment variable, which is about what is loaded.
AsOfThen = Annotated[
    date | None,
    typer.Option("--as-of", metavar="DATE", parser=parse_date, help="As it was known on this day: the source is read again."),
]
Vintage = Annotated[
    Literal["latest", "original"],
    typer.Option("--vintage", envvar="LOADER_VINTAGE", help="Values as filed last, or as first reported."),
]
Facts = Annotated[
    Path | None,
    typer.Option(
        "--facts",
        envvar="LOADER_FACTS",
        metavar="DIR",
        help="In the same pass, write all facts of these companies as Parquet into this folder, as `loader export facts` does.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="List what would be loaded, and load nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

DEFAULTS = ExtractionConfig()
