"""Runs the validation queries: each file of `sql/validation` is one check, and what it returns is what falls short.

A file opens with comment lines: its purpose on the first, then `-- severity: error`, `warning` or `info`, and, where the
check makes sense for real companies only, `-- content: real`. An empty result is a pass.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Final, Literal, get_args

from loader._sql import sql_directory
from loader.database.connection import reading
from loader.errors import DatabaseError

Severity = Literal["error", "warning", "info"]
Status = Literal["passed", "failed", "skipped", "unfinished"]
Cell = str | int | float | None

#: Seconds that one check may take. For the index the slowest takes three; all filers of the SEC have forty times as many rows.
TIME_LIMIT: Final = 300.0
#: Offending rows that a result keeps; it counts all of them.
ROW_LIMIT: Final = 1000

_SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
#: SQLite instructions between two looks at the clock: some milliseconds.
_LOOK_EVERY: Final = 100_000


@dataclass(frozen=True, slots=True)
class Check:
    """One validation query.

    Attributes:
        name: its file's name without `.sql`.
        purpose: what holds when it returns nothing.
        severity: `error` where a row means that the content is wrong, `warning` where it can be so in the filings, `info` else.
        real_only: it looks at figures of real companies.
        sql: the query.
    """

    name: str
    purpose: str
    severity: Severity
    real_only: bool
    sql: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    Attributes:
        name: of the check.
        purpose: of the check.
        severity: of the check.
        status: `passed`, `failed`, `skipped` (it does not apply to this content) or `unfinished` (it did not end in time).
        count: offending rows, all of them.
        columns: names of the rows' columns.
        rows: the first offending rows.
        seconds: how long it took.
    """

    name: str
    purpose: str
    severity: Severity
    status: Status
    count: int
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    seconds: float

    @property
    def is_error(self) -> bool:
        """Whether a script should stop because of it."""
        return self.severity == "error" and self.status in {"failed", "unfinished"}


def read_checks(directory: Path | None = None) -> list[Check]:
    """The checks of a folder, by name; of the loader's own by default."""
    folder = directory or sql_directory() / "validation"
    return [_read_check(path) for path in sorted(folder.glob("*.sql"))]


def run_checks(
    db: Path,
    checks: Sequence[Check] | None = None,
    *,
    time_limit: float = TIME_LIMIT,
    row_limit: int = ROW_LIMIT,
) -> list[CheckResult]:
    """Run checks on a database that no load of this process has open.

    Args:
        db: the database.
        checks: all of the loader's own by default.
        time_limit: seconds for each.
        row_limit: offending rows that each result keeps.

    Raises:
        DatabaseError: the database cannot be read, or is not one of the loader's.
    """
    with reading(db) as connection:
        synthetic = is_synthetic(connection)
        return [
            _run(connection, check, synthetic, time_limit, row_limit) for check in (read_checks() if checks is None else checks)
        ]


def is_synthetic(connection: sqlite3.Connection) -> bool:
    """Whether the content was invented."""
    return connection.execute("SELECT 1 FROM loader_meta WHERE key = 'synthetic' AND value = '1'").fetchone() is not None


def _run(connection: sqlite3.Connection, check: Check, synthetic: bool, time_limit: float, row_limit: int) -> CheckResult:
    if check.real_only and synthetic:
        return CheckResult(check.name, check.purpose, check.severity, "skipped", 0, (), (), 0.0)
    start = time.monotonic()
    late = False

    def look() -> bool:
        nonlocal late
        late = time.monotonic() - start > time_limit
        return late

    columns: tuple[str, ...] = ()
    rows: list[tuple[Cell, ...]] = []
    count = 0
    connection.set_progress_handler(look, _LOOK_EVERY)
    try:
        cursor = connection.execute(check.sql)
        columns = tuple(column[0] for column in cursor.description)
        for row in cursor:
            count += 1
            if count <= row_limit:
                rows.append(row)
    except sqlite3.OperationalError:
        if not late:
            raise
    finally:
        connection.set_progress_handler(None, 0)
    status: Status = "unfinished" if late else "failed" if count else "passed"
    return CheckResult(check.name, check.purpose, check.severity, status, count, columns, tuple(rows), time.monotonic() - start)


def _read_check(path: Path) -> Check:
    sql = path.read_text(encoding="utf-8")
    header = [line.removeprefix("--").strip() for line in takewhile(lambda line: line.startswith("--"), sql.splitlines())]
    fields = dict(line.split(": ", 1) for line in header[1:] if line.startswith(("severity: ", "content: ")))
    severity = next((name for name in _SEVERITIES if name == fields.get("severity")), None)
    if severity is None:
        raise DatabaseError(f"{path}: a check opens with its purpose and a line `-- severity: {'|'.join(_SEVERITIES)}`")
    return Check(path.stem, header[0], severity, fields.get("content") == "real", sql)
