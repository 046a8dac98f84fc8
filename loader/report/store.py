"""Makes the completion report of a run, keeps it in `extraction_runs.report`, and reads it again."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from loader._sql import sql_directory
from loader.database import Run, last_run
from loader.database.connection import reading, writing
from loader.errors import InputError
from loader.pipeline import RunResult
from loader.report.completion import CompletionReport, CoreLine, Coverage, Failure, UnmappedSymbol
from loader.report.validation import CheckResult, is_synthetic


def complete(db: Path, result: RunResult, checks: Sequence[CheckResult] = ()) -> CompletionReport:
    """The completion report of the run that has just ended, kept with it.

    Args:
        db: the database, which no load of this process has open any more.
        result: what the run measured.
        checks: what the validation found, where it was part of the job.
    """
    run = last_run(db)
    if run is None or run.id != result.run_id:
        raise InputError(f"{db}: run {result.run_id} is not its last one any more; `loader report` shows the one that is")
    report = _report(db, run, result, checks)
    with writing(db) as connection:
        text = msgspec.json.encode(report).decode()
        connection.execute("UPDATE extraction_runs SET report = ? WHERE id = ?", (text, result.run_id))
    return report


def read_report(db: Path) -> CompletionReport:
    """The completion report of the last run.

    Raises:
        InputError: there was no run, or it did not come to its end.
    """
    run = last_run(db)
    if run is None:
        raise InputError(f"{db}: nothing was loaded into it yet; `loader load` or `loader extract` does that")
    if run.report is None:
        hint = "`loader status` shows how far it is" if run.status == "running" else "`loader resume` continues it"
        raise InputError(f"{db}: run {run.id} has no report, its status is {run.status.replace('_', ' ')}; {hint}")
    try:
        if "core_lines" in run.report:
            return msgspec.convert(run.report, CompletionReport)
        # A run that Python started, or whose process ended right after it, left its measurements only.
        return _report(db, run, msgspec.convert(run.report, RunResult), ())
    except msgspec.ValidationError as error:
        raise InputError(f"{db}: the report of run {run.id} was kept by another version of the loader ({error})") from error


def _report(db: Path, run: Run, result: RunResult, checks: Sequence[CheckResult]) -> CompletionReport:
    with reading(db) as connection:
        return CompletionReport(
            run_id=result.run_id,
            status=result.status,
            database=str(db),
            source=result.source,
            synthetic=is_synthetic(connection),
            vintage=run.settings["vintage"],
            as_of=run.settings["as_of"],
            started_at=run.started_at,
            settings={name: value for name, value in run.settings.items() if not isinstance(value, list | dict)},
            companies=result.companies,
            completed=result.completed,
            kept=result.kept,
            unchanged=result.unchanged,
            failures=[Failure(",".join(failed.symbols), failed.reason) for failed in result.failed],
            unmapped=[UnmappedSymbol(one.symbol, one.company_name, one.reason) for one in result.unmapped],
            notes=list(result.notes),
            seconds=result.seconds,
            peak_memory_mb=result.peak_memory_mb,
            start_memory_mb=result.start_memory_mb,
            workers=result.workers,
            bytes_read=result.bytes_read,
            database_bytes_before=result.database_bytes_before,
            database_bytes_after=result.database_bytes_after,
            facts_read=result.facts_read,
            facts_used=result.facts_used,
            set_aside=dict(result.set_aside),
            rows=dict(result.rows),
            batches=result.batches,
            retries=result.retries,
            stages={str(stage): seconds for stage, seconds in result.stages.items()},
            worker_utilisation=result.worker_utilisation,
            io_wait=result.io_wait,
            deepest_queue=result.deepest_queue,
            coverage=_coverage(connection),
            core_lines=_core_lines(connection),
            checks=list(checks),
        )


def report_data(report: CompletionReport) -> dict[str, Any]:
    """The report as plain data for JSON: what is kept, and what follows from it."""
    data: dict[str, Any] = msgspec.to_builtins(report)
    return data | {
        "loaded": report.loaded,
        "companies_per_minute": report.companies_per_minute,
        "error_rate": report.error_rate,
        "memory_per_worker_mb": report.memory_per_worker_mb,
        "database_growth_mb": report.database_growth_mb,
        "completeness": report.completeness,
        "facts_unexplained": report.facts_unexplained,
        "goals": msgspec.to_builtins(report.goals),
    }


def _coverage(connection: sqlite3.Connection) -> Coverage:
    return Coverage(*connection.execute(_query("coverage")).fetchone())


def _core_lines(connection: sqlite3.Connection) -> list[CoreLine]:
    return [CoreLine(*row) for row in connection.execute(_query("core_completeness"))]


def _query(name: str) -> str:
    return (sql_directory() / "report" / f"{name}.sql").read_text(encoding="utf-8")
