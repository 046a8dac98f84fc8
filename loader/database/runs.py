"""Run state: what status, resume and report read. During a run only the writer changes it, with the rows that it writes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from loader.database.connection import DEFAULT_TIMEOUT, reading, writing
from loader.reference import STATEMENT_TABLES

RunStatus = Literal["running", "completed", "completed_with_failures", "interrupted", "failed"]
TaskState = Literal["pending", "completed", "failed"]

_NONE: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task to be made.

    Attributes:
        cik: decimal, without leading zeros.
        symbols: all securities of the company.
        priority: higher goes first.
        file_path: the company's file.
        file_size: bytes.
        fingerprint: of the file as it was when the run was planned; None when it was not there.
        basis: digest of what decides the company's statements beside its files; None where nobody will ask for it.
    """

    cik: str
    symbols: tuple[str, ...]
    priority: int
    file_path: str
    file_size: int
    fingerprint: str | None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class RunTask:
    """A row of `extraction_tasks`."""

    id: int
    run_id: int
    cik: str
    symbols: tuple[str, ...]
    priority: int
    state: TaskState
    reason: str | None
    attempts: int
    file_path: str
    file_size: int
    fingerprint: str | None
    entity_name: str | None
    facts_read: int | None
    facts_used: int | None
    set_aside: Mapping[str, int]
    rows_written: int | None
    finished_at: str | None
    unchanged_since: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """A row of `extraction_runs`; times are ISO text in UTC. `unchanged` is the part of `completed` that was left alone."""

    id: int
    started_at: str
    finished_at: str | None
    status: RunStatus
    settings: dict[str, Any]
    source: str
    companies: int
    completed: int
    unchanged: int
    failed: int
    batches: int
    error: str | None
    report: dict[str, Any] | None


def create_run(
    db: Path, settings: Mapping[str, Any], source: str, tasks: Sequence[TaskRow], unchanged: Mapping[str, int] = _NONE
) -> int:
    """Make a run with its tasks, in one transaction; its id.

    Args:
        db: the database.
        settings: of the run.
        source: where the files are, in words.
        tasks: in the order of the queue; all but the unchanged ones are pending.
        unchanged: companies that are left alone, by CIK, with the run that loaded them.
    """
    with writing(db) as connection:
        run_id = connection.execute(
            "INSERT INTO extraction_runs "
            "(started_at, status, settings, source, companies, completed, unchanged, failed, batches) "
            "VALUES (?, 'running', ?, ?, ?, ?, ?, 0, 0)",
            (_now(), json.dumps(dict(settings), sort_keys=True), source, len(tasks), len(unchanged), len(unchanged)),
        ).lastrowid
        if run_id is None:
            raise AssertionError("an INSERT has a row id")
        _add_tasks(connection, run_id, tasks, unchanged)
    return run_id


def reopen_run(
    db: Path, run_id: int, source: str, tasks: Sequence[TaskRow], *, kept: Collection[str], unchanged: Mapping[str, int]
) -> None:
    """Take up a run again.

    Args:
        db: the database.
        run_id: the run.
        source: where the files are, in words.
        tasks: of the run as it is planned now.
        kept: CIKs of the companies that the run has loaded, whose tasks stay as they are; all others are made anew.
        unchanged: companies that are left alone, by CIK, with the earlier run that loaded them.
    """
    with writing(db) as connection:
        there = {cik for (cik,) in connection.execute("SELECT cik FROM extraction_tasks WHERE run_id = ?", (run_id,))}
        connection.executemany(
            "DELETE FROM extraction_tasks WHERE run_id = ? AND cik = ?", [(run_id, cik) for cik in there - set(kept)]
        )
        _add_tasks(connection, run_id, [task for task in tasks if task.cik not in kept], unchanged)
        connection.execute(
            "UPDATE extraction_runs SET status = 'running', finished_at = NULL, error = NULL, source = ?, companies = ?, "
            "completed = ?, unchanged = ?, failed = 0 "
            "WHERE id = ?",
            (source, len(tasks), len(kept) + len(unchanged), len(unchanged), run_id),
        )


def _add_tasks(connection: sqlite3.Connection, run_id: int, tasks: Sequence[TaskRow], unchanged: Mapping[str, int]) -> None:
    """Tasks of a run: pending, or with the figures of the run that loaded the company and found unchanged since."""
    figures = "entity_name, facts_read, facts_used, set_aside, rows_written, finished_at"
    connection.executemany(
        f"""
        INSERT INTO extraction_tasks (
            run_id, cik, symbols, priority, attempts, file_path, file_size, fingerprint, basis, unchanged_since, state, {figures}
        )
        SELECT ?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9, iif(?9 IS NULL, 'pending', 'completed'), {figures}
        FROM (SELECT ?9 AS loaded_by, ?2 AS company)
        LEFT JOIN (SELECT run_id, cik, {figures} FROM extraction_tasks) AS earlier
            ON earlier.run_id = loaded_by AND earlier.cik = company""",
        (
            (
                run_id,
                t.cik,
                ",".join(t.symbols),
                t.priority,
                t.file_path,
                t.file_size,
                t.fingerprint,
                t.basis,
                unchanged.get(t.cik),
            )
            for t in tasks
        ),
    )


def finish_run(
    db: Path,
    run_id: int,
    status: RunStatus,
    error: str | None = None,
    report: Mapping[str, Any] | None = None,
    *,
    timeout: float = DEFAULT_TIMEOUT,
) -> None:
    """Say how a run ended; its counts are taken from its tasks. Waits up to `timeout` seconds for another writer."""
    with writing(db, timeout=timeout) as connection:
        connection.execute(
            """
            UPDATE extraction_runs SET
                finished_at = ?, status = ?, error = ?, report = ?,
                completed = (SELECT count(*) FROM extraction_tasks WHERE run_id = extraction_runs.id AND state = 'completed'),
                unchanged = (SELECT count(unchanged_since) FROM extraction_tasks WHERE run_id = extraction_runs.id),
                failed = (SELECT count(*) FROM extraction_tasks WHERE run_id = extraction_runs.id AND state = 'failed')
            WHERE id = ?""",
            (_now(), status, error, None if report is None else json.dumps(dict(report)), run_id),
        )


def last_run(db: Path) -> Run | None:
    """The run that began last, if there was any."""
    with reading(db) as connection:
        # All columns, because a database of an earlier version does not have each of them before the next run.
        cursor = connection.execute("SELECT * FROM extraction_runs ORDER BY id DESC LIMIT 1")
        values = cursor.fetchone()
    if values is None:
        return None
    row = {name.lower(): value for (name, *_), value in zip(cursor.description, values, strict=True)}
    return Run(
        id=row["id"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        status=row["status"],
        settings=json.loads(row["settings"] or "{}"),
        source=row["source"] or "",
        companies=row["companies"] or 0,
        completed=row["completed"] or 0,
        unchanged=row.get("unchanged") or 0,
        failed=row["failed"] or 0,
        batches=row["batches"] or 0,
        error=row["error"],
        report=json.loads(row["report"]) if row["report"] else None,
    )


def run_tasks(db: Path, run_id: int) -> list[RunTask]:
    """The tasks of a run, in the order of the queue."""
    with reading(db) as connection:
        rows = connection.execute(
            "SELECT id, run_id, cik, symbols, priority, state, reason, attempts, file_path, file_size, fingerprint, entity_name, "
            "facts_read, facts_used, set_aside, rows_written, finished_at, unchanged_since "
            "FROM extraction_tasks WHERE run_id = ? ORDER BY id",
            (run_id,),
        )
        return [_task(row) for row in rows]


def previously_loaded(db: Path) -> set[int]:
    """Ids of the stocks that have rows in a statement table, or in the narrow ones: only theirs need deleting before a load."""
    with reading(db) as connection:
        return stocks_with_rows(connection)


def stocks_with_rows(connection: sqlite3.Connection) -> set[int]:
    """As `previously_loaded`, through a connection that is open."""
    # Each arm walks an index that begins with stock_id, from one stock to the next.
    found: set[int] = set()
    for table in (*STATEMENT_TABLES.values(), "loader_loaded"):
        found.update(
            stock_id
            for (stock_id,) in connection.execute(
                f"""
                WITH RECURSIVE stock (id) AS (
                    SELECT min(stock_id) FROM {table}
                    UNION ALL
                    SELECT (SELECT min(stock_id) FROM {table} WHERE stock_id > stock.id) FROM stock WHERE stock.id IS NOT NULL
                )
                SELECT id FROM stock WHERE id IS NOT NULL""",
            )
        )
    return found


def _task(row: tuple[Any, ...]) -> RunTask:
    return RunTask(
        id=row[0],
        run_id=row[1],
        cik=row[2],
        symbols=tuple(row[3].split(",")),
        priority=row[4],
        state=row[5],
        reason=row[6],
        attempts=row[7],
        file_path=row[8] or "",
        file_size=row[9] or 0,
        fingerprint=row[10],
        entity_name=row[11],
        facts_read=row[12],
        facts_used=row[13],
        set_aside=json.loads(row[14] or "{}"),
        rows_written=row[15],
        finished_at=row[16],
        unchanged_since=row[17],
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
