"""Staging tables: how rows get into an application's table that DuckDB cannot insert into.

DuckDB evaluates the defaults of all columns of a table that it inserts into, even of those that the insert names, and fails on
what only SQLite knows, such as datetime('now'). For such a table the writer inserts into a staging table without defaults, and
SQLite itself moves the rows on, in the same transaction. A staging table is empty outside of one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from loader.database.connection import quoted, reading
from loader.database.fit import Fitting, Wanted, table_columns
from loader.reference import STATEMENT_TABLES

_PREFIX: Final = "loader_staging_"

#: Defaults that mean the same to DuckDB and to SQLite: a constant, or the time.
_UNDERSTOOD: Final = re.compile(
    r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|'([^']|'')*'|null|true|false|current_(time|date|timestamp)",
    re.IGNORECASE,
)


def fit_staging_tables(fitting: Fitting, wanted: Wanted) -> None:
    """Make a staging table for each statement table that needs one."""
    connection = fitting.connection
    for table in STATEMENT_TABLES.values():
        defaults = [column.default for column in table_columns(connection, table).values() if column.default is not None]
        if all(_UNDERSTOOD.fullmatch(default) for default in defaults):
            continue
        columns = [column for name, column in wanted.columns[table].items() if name != "id"]
        name = _PREFIX + table
        if list(table_columns(connection, name)) == [column.name for column in columns]:
            continue
        connection.execute(f"DROP TABLE IF EXISTS {quoted(name)}")
        connection.execute(f"CREATE TABLE {quoted(name)} ({', '.join(f'{column.name} {column.declared}' for column in columns)})")
        fitting.created.append(name)


def staging_tables(path: Path) -> dict[str, str]:
    """For each statement table that has one, its staging table."""
    with reading(path) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        there = {name for (name,) in rows}
        return {table: _PREFIX + table for table in STATEMENT_TABLES.values() if _PREFIX + table in there}
