"""The tables of the contract: made in a new file, fitted into an application's database without harm.

What is missing is created, columns that are missing are added. A table of the contract whose keys or types would refuse or bend
the loader's rows is rebuilt with its rows, ids, extra columns, indexes and triggers. The table `stocks` is never rebuilt. Nothing
else is touched.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from loader._sql import sql_directory
from loader.database.connection import DEFAULT_TIMEOUT, connected, quoted, retry_while_busy, transaction
from loader.database.fit import Fitting, Wanted, fit_indexes, fit_table, fit_triggers, refuse_unusable_stocks
from loader.database.migration import migrate_items
from loader.database.probe import probe_statement_tables
from loader.database.staging import fit_staging_tables
from loader.errors import SchemaError
from loader.reference.plain import core_lines_by_template

#: Version of the tables under sql/schema. An older database is fitted, which adds what is missing; a newer one is refused.
SCHEMA_VERSION: Final = 4

#: Bytes. Pages of 16 KiB save no more, and more of each is written for a small change.
_PAGE_SIZE: Final = 8192

#: The views, by their name in the contract. Where an application has something of that name, ours has "loader_" before it;
#: loader_meta tells the name under `<view>_view`.
VIEWS: Final = ("statement_items", "statement_gaps", "statement_quality", "statement_repairs", "loader_core_completeness")


@dataclass(frozen=True)
class SchemaReport:
    """What `ensure_schema` did.

    Attributes:
        created: names of tables, views and indexes that were made.
        changed: what was changed in something that was there before, in words.
    """

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def ensure_schema(path: Path, *, timeout: float = DEFAULT_TIMEOUT) -> SchemaReport:
    """Make the file a database of the loader, in one transaction, and set its journal mode to WAL.

    Args:
        path: the database; it and the folders above it are made where they are missing.
        timeout: seconds to wait for another writer.

    Raises:
        SchemaError: a table cannot be fitted, or the schema is that of a newer loader. Nothing was changed.
        DatabaseBusyError: another writer held the database for longer than `timeout`.
        DatabaseError: the file cannot be used.
    """
    report = SchemaReport()
    with connected(path, "create", timeout=timeout) as connection:
        # Rows are copied as they are while a table is rebuilt; renaming must not look into views that may be broken.
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA legacy_alter_table = ON")
        # Only a new file takes it: with pages twice as large as SQLite's own a load makes half as many calls to write them.
        connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        with transaction(connection):
            is_new = connection.execute("SELECT count(*) = 0 FROM sqlite_master").fetchone()[0]
            _refuse_newer(connection, path)
            fitting = Fitting(path, connection, report.created, report.changed)
            _fit(fitting)
        _set_wal(connection, report, announce=not is_new, timeout=timeout)
    return report


def _fit(fitting: Fitting) -> None:
    connection = fitting.connection
    wanted = _wanted_schema()
    refuse_unusable_stocks(fitting)
    migrate_items(fitting, wanted)
    for table in wanted.tables:
        fit_table(fitting, wanted, table)
    fit_indexes(fitting, wanted)
    fit_triggers(fitting, wanted)
    fit_staging_tables(fitting, wanted)
    _fill_core_lines(connection)
    _set_meta(connection, "schema_version", str(SCHEMA_VERSION))
    for view in VIEWS:
        _set_meta(connection, f"{view}_view", _fit_view(fitting, view, wanted.views[view]))
    probe_statement_tables(fitting, wanted)


def _fill_core_lines(connection: sqlite3.Connection) -> None:
    """Let SQL know the core lines of each template as this version of the loader has them."""
    wanted = core_lines_by_template()
    if set(connection.execute("SELECT template, statement, line FROM loader_core_lines")) != wanted:
        connection.execute("DELETE FROM loader_core_lines")
        connection.executemany("INSERT INTO loader_core_lines (template, statement, line) VALUES (?, ?, ?)", sorted(wanted))


def _wanted_schema() -> Wanted:
    """The schema of a new database, as SQLite itself understands the files under sql/schema."""
    with sqlite3.connect(":memory:") as memory:
        for file in sorted((sql_directory() / "schema").glob("*.sql")):
            memory.executescript(file.read_text(encoding="utf-8"))
        wanted = Wanted.read(memory)
    memory.close()
    return wanted


def _refuse_newer(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'loader_meta'").fetchone() is None:
        return
    row = connection.execute("SELECT value FROM loader_meta WHERE key = 'schema_version'").fetchone()
    version = str(row[0]) if row is not None else "0"
    if not version.isdecimal():
        raise SchemaError(f"{path}: loader_meta has the schema version {version!r}, which no loader writes; give another --db")
    if int(version) > SCHEMA_VERSION:
        raise SchemaError(
            f"{path}: made by a newer loader (schema version {version}, this one knows {SCHEMA_VERSION}); "
            "update the loader, or give another --db",
        )


def _fit_view(fitting: Fitting, view: str, sql: str) -> str:
    """Make one view; its name, which is another one where the application uses that of the contract."""
    connection = fitting.connection
    elsewhere = f"loader_{view}"
    recorded = connection.execute("SELECT value FROM loader_meta WHERE key = ?", (f"{view}_view",)).fetchone()
    for name in (view, elsewhere):
        ours = sql.replace(view, name, 1)
        there = connection.execute("SELECT type, sql FROM sqlite_master WHERE name = ? COLLATE NOCASE", (name,)).fetchone()
        if there is not None and there[0] == "view" and (there[1] == ours or recorded == (name,)):
            if there[1] != ours:
                connection.execute(f"DROP VIEW {quoted(name)}")
                connection.execute(ours)
                fitting.changed.append(f"view {name} replaced by that of schema version {SCHEMA_VERSION}")
            return name
        if there is None:
            connection.execute(ours)
            fitting.created.append(name)
            if name != view:
                fitting.changed.append(f"{view} is the application's own; the loader's view is {name}")
            return name
    raise SchemaError(f"{fitting.path}: both {view} and {elsewhere} are the application's own; rename one of them")


def _set_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    if connection.execute("SELECT value FROM loader_meta WHERE key = ?", (key,)).fetchone() != (value,):
        connection.execute("INSERT OR REPLACE INTO loader_meta (key, value) VALUES (?, ?)", (key, value))


def _set_wal(connection: sqlite3.Connection, report: SchemaReport, *, announce: bool, timeout: float) -> None:
    """Let others read during a load. SQLite refuses this change at once while another connection works, so it is tried again."""
    before = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if before == "wal":
        return
    after = retry_while_busy(lambda: connection.execute("PRAGMA journal_mode = WAL").fetchone()[0], timeout)
    if after != "wal":
        report.changed.append(f"journal mode stays {after}: this file system does not allow WAL, so readers wait during a load")
    elif announce:
        report.changed.append(f"journal mode changed from {before} to wal, so that others can read during a load")
