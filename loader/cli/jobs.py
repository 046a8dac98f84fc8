"""Runs: what `load`, `extract`, `resume` and `demo` do, from options to exit code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

from loader import pipeline, report
from loader.cli.output import emit_json, emit_rich, emit_table, remark
from loader.cli.progress import observed
from loader.config import ExtractionConfig
from loader.database import last_run, list_mappings
from loader.errors import EXIT_CHECK_FAILED, EXIT_DONE, EXIT_SOME_FAILED, InputError, SchemaError
from loader.reference.synthetic import any_synthetic, is_synthetic
from loader.sources import locate_source, open_source
from loader.standardize import Rules

_NO_DATA = (
    "no EDGAR data. Put https://www.sec.gov/Archives/edgar/daily-index/xbrl/companyfacts.zip at data/companyfacts.zip "
    "(or some of its files into data/companyfacts/), or name the zip or a folder with --source"
)
_NO_TICKERS = (
    "no ticker file to map symbols with. Put https://www.sec.gov/files/company_tickers_exchange.json at "
    f"{pipeline.DEFAULT_TICKERS}, or name it with --tickers"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options of `load` and `extract` ask for."""

    db: Path
    source: str | None
    tickers: Path | None
    symbols: tuple[str, ...] | None
    all_filers: bool
    vintage: Literal["latest", "original"]
    as_of: date | None
    facts: Path | None
    rewrite: bool


def extract(wanted: Wanted, config: ExtractionConfig, *, whole_job: bool, dry_run: bool, as_json: bool) -> int:
    """Load companies; the whole job looks for data first and validates afterwards.

    Returns:
        The exit code.
    """
    request = pipeline.ExtractRequest(
        db=wanted.db,
        source=wanted.source,
        symbols=wanted.symbols,
        all_filers=wanted.all_filers,
        rules=Rules(vintage=wanted.vintage, as_of=wanted.as_of),
        tickers=wanted.tickers,
        facts=wanted.facts,
        rewrite=wanted.rewrite,
    )
    # What makes no sense is refused by now; only then is data looked for.
    source, tickers = _find_data(wanted) if whole_job else (wanted.source, wanted.tickers)
    is_synthetic = _is_synthetic(wanted.db, source or locate_source())
    request = replace(request, source=source, tickers=tickers, synthetic=is_synthetic)
    if dry_run:
        _show_plan(pipeline.plan(request), as_json=as_json)
        return EXIT_DONE
    return load(request, config, validate=whole_job, as_json=as_json)


def load(request: pipeline.ExtractRequest, config: ExtractionConfig, *, validate: bool, as_json: bool) -> int:
    """Run an extraction, and print and keep its report; the exit code."""
    with observed(config.progress_interval) as observer:
        result = pipeline.extract(request, config, observer)
    return _conclude(request.db, result, validate=validate, as_json=as_json)


def resume(db: Path, *, as_json: bool) -> int:
    """Continue the last run with its own settings; the exit code."""
    run = last_run(db)
    interval = run.settings.get("progress_interval") if run else None
    with observed(interval if isinstance(interval, float) else ExtractionConfig().progress_interval) as observer:
        result = pipeline.resume(db, observer)
    return _conclude(db, result, validate=False, as_json=as_json)


def _conclude(db: Path, result: pipeline.RunResult, *, validate: bool, as_json: bool) -> int:
    for note in result.notes:
        remark(note)
    completion = report.complete(db, result, report.run_checks(db) if validate else ())
    if as_json:
        emit_json(report.report_data(completion))
    else:
        emit_rich(report.render_report(completion))
    if any(check.is_error for check in completion.checks):
        return EXIT_CHECK_FAILED
    return EXIT_SOME_FAILED if completion.failures else EXIT_DONE


def _find_data(wanted: Wanted) -> tuple[str | None, Path | None]:
    """Where the files and the tickers are; None for what the database itself knows.

    Raises:
        InputError: there is nothing to load from.
    """
    located = locate_source()
    source = wanted.source or (str(located) if located else None)
    tickers = wanted.tickers or (pipeline.DEFAULT_TICKERS if pipeline.DEFAULT_TICKERS.is_file() else None)
    if source and tickers:
        return source, tickers
    is_mapped = bool(_mapped_ciks(wanted.db))
    if source is None and not is_mapped:
        raise InputError(
            f"{_NO_DATA}.\n{'T' if tickers else _NO_TICKERS + '; t'}hen try again; `loader demo` shows it all on synthetic data."
        )
    if tickers is None and not is_mapped:
        raise InputError(_NO_TICKERS)
    return source, tickers


def _is_synthetic(db: Path, source: str | Path | None) -> bool:
    """Whether a run would load invented companies: from this source, or from the files that the mappings name."""
    if source is not None:
        return open_source(source).holds_any(is_synthetic)
    return any_synthetic(_mapped_ciks(db))


def _mapped_ciks(db: Path) -> list[int]:
    """The CIKs that the database has mappings for; none where it is not one of the loader's yet."""
    if not db.exists():
        return []
    try:
        return [int(mapping.cik) for mapping in list_mappings(db)]
    except SchemaError:
        return []


def _show_plan(plan: pipeline.Plan, *, as_json: bool) -> None:
    for note in plan.notes:
        remark(note)
    if as_json:
        emit_json(
            {
                "source": plan.source,
                "companies": len(plan.tasks),
                "unchanged": len(plan.unchanged),
                "bytes": plan.bytes,
                "tasks": [
                    {"cik": task.cik, "symbols": task.symbols, "bytes": task.size, "files": [file.path for file in task.files]}
                    for task in plan.loads
                ],
                "unmapped": plan.unmapped,
            },
        )
        return
    emit_table(
        ("symbols", "cik", "MiB", "files"),
        [
            (",".join(task.symbols), str(task.cik), f"{task.size / 1024**2:.1f}", " ".join(file.path for file in task.files))
            for task in plan.loads
        ],
    )
    if plan.unmapped:
        emit_table(("not mapped", "reason"), [(one.symbol, one.reason) for one in plan.unmapped])
    remark(
        f"would load {len(plan.loads):,} companies, {plan.bytes / 1024**2:,.1f} MiB, from {plan.source}; "
        f"{len(plan.unchanged):,} are unchanged and would be left alone; {len(plan.unmapped):,} symbols are not mapped",
    )
