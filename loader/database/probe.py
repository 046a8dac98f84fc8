"""Find out before a load whether an application's statement tables take the loader's rows."""

from __future__ import annotations

import sqlite3

from loader.database.connection import quoted
from loader.database.fit import Fitting, Wanted
from loader.errors import SchemaError
from loader.reference import LINES, STATEMENT_TABLES

_FLOW_PERIODS = ("Q1", "Q2", "Q3", "Q4", "FY", "TTM", "T")
_INSTANT_PERIODS = ("Q1", "Q2", "Q3", "Q4", "FY")


def probe_statement_tables(fitting: Fitting, wanted: Wanted) -> None:
    """Write rows as a load does and take them back: a check, a trigger or a required column is met here, not in mid-run."""
    connection = fitting.connection
    for statement, table in STATEMENT_TABLES.items():
        (sql,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE", (table,)
        ).fetchone()
        triggers = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE",
            (table,),
        ).fetchone()
        if sql == wanted.tables[table] and triggers is None:
            continue
        columns = [name for name in wanted.columns[table] if name != "id"]
        periods = _INSTANT_PERIODS if statement == "balance" else _FLOW_PERIODS
        rows = [_row(connection, columns, set(LINES[statement]), period, value) for period in periods for value in (None, -1.5)]
        _try_rows(fitting, table, columns, rows)


def _row(connection: sqlite3.Connection, columns: list[str], lines: set[str], period: str, value: float | None) -> list[object]:
    (stock,) = connection.execute("SELECT coalesce(min(id), 1) FROM stocks").fetchone()
    # Two days in a year that no filing has, so that the rows meet nothing that is there.
    day = "0001-01-01" if value is None else "0001-01-02"
    filled: dict[str, object] = {
        "stock_id": stock,
        "period": period,
        "year": 1,
        "fyear": 1,
        "start_date": day,
        "end_date": day,
        "currency": "USD",
        "accession": "0000000000-00-000000",
        "form": "10-K",
        "filed": day,
    }
    return [value if column in lines else filled[column] for column in columns]


def _try_rows(fitting: Fitting, table: str, columns: list[str], rows: list[list[object]]) -> None:
    connection = fitting.connection
    connection.execute("SAVEPOINT loader_probe")
    try:
        connection.executemany(
            f"INSERT INTO {quoted(table)} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            rows,
        )
    except (sqlite3.IntegrityError, sqlite3.OperationalError) as error:
        raise SchemaError(
            f"{fitting.path}: the table {table} refuses rows of the loader ({error}); change or rename it, or give another --db",
        ) from error
    connection.execute("ROLLBACK TO loader_probe")
    connection.execute("RELEASE loader_probe")
