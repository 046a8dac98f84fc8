"""Fit one table of the contract to what stands in the database under its name."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from loader.database.connection import quoted
from loader.database.ddl import Part, TableText, parse_table, part_of
from loader.errors import SchemaError

#: Columns without which a table under a name of the contract is something else, that has no room for the loader's rows.
_ESSENTIAL: Mapping[str, tuple[str, ...]] = {
    "stocks": ("id", "symbol"),
    "cik_mappings_sp500": ("cik", "stock_id"),
    "income_statements": ("stock_id",),
    "balance_sheets": ("stock_id",),
    "cash_flow_statements": ("stock_id",),
    "loader_meta": ("key", "value"),
}


class Column(NamedTuple):
    """A column as SQLite sees it."""

    name: str
    declared: str
    not_null: bool
    default: str | None
    key_position: int
    generated: bool


class Index(NamedTuple):
    """An index as SQLite sees it; an expression in it is an empty name."""

    name: str
    unique: bool
    origin: str
    columns: tuple[str, ...]
    partial: bool


@dataclass(frozen=True)
class Wanted:
    """The schema of a new database."""

    tables: Mapping[str, str]
    indexes: Mapping[str, tuple[str, str]]
    views: Mapping[str, str]
    triggers: Mapping[str, str]
    columns: Mapping[str, Mapping[str, Column]]
    keys: Mapping[str, tuple[tuple[str, ...], ...]]

    @classmethod
    def read(cls, connection: sqlite3.Connection) -> Wanted:
        """Take it from a database that has nothing else in it."""
        objects = connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
        ).fetchall()
        tables = {name: sql for kind, name, _, sql in objects if kind == "table" and not name.startswith("sqlite_")}
        return cls(
            tables=tables,
            indexes={name: (table, sql) for kind, name, table, sql in objects if kind == "index"},
            views={name: sql for kind, name, _, sql in objects if kind == "view"},
            triggers={name: sql for kind, name, _, sql in objects if kind == "trigger"},
            columns={table: table_columns(connection, table) for table in tables},
            keys={table: tuple(index.columns for index in table_indexes(connection, table) if index.unique) for table in tables},
        )


@dataclass(frozen=True)
class Fitting:
    """A database that is being fitted, and what was done so far."""

    path: Path
    connection: sqlite3.Connection
    created: list[str]
    changed: list[str]


def table_columns(connection: sqlite3.Connection, table: str) -> dict[str, Column]:
    """The table's columns by their lower-case names, those that are computed included."""
    rows = connection.execute(f"PRAGMA table_xinfo({quoted(table)})")
    return {
        name.lower(): Column(name, declared, bool(not_null), default, key, bool(hidden))
        for _, name, declared, not_null, default, key, hidden in rows
    }


def table_indexes(connection: sqlite3.Connection, table: str) -> list[Index]:
    """The table's indexes, those that its keys make included."""
    return [
        Index(
            name,
            bool(unique),
            origin,
            tuple((row[2] or "").lower() for row in connection.execute(f"PRAGMA index_info({quoted(name)})").fetchall()),
            bool(partial),
        )
        for _, name, unique, origin, partial in connection.execute(f"PRAGMA index_list({quoted(table)})").fetchall()
    ]


def refuse_unusable_stocks(fitting: Fitting) -> None:
    """The application's `stocks` is used as it is, so it must identify a stock by an integer and by a symbol."""
    connection, path = fitting.connection, fitting.path
    if _existing(fitting, "stocks") is None:
        return
    bad_id = connection.execute("SELECT id FROM stocks WHERE typeof(id) <> 'integer' LIMIT 1").fetchone()
    if bad_id is not None:
        raise SchemaError(f"{path}: stocks has the id {bad_id[0]!r}, which is not an integer; the loader needs integer ids")
    for column in ("id", "symbol"):
        double = connection.execute(
            f"SELECT {column}, count(*) FROM stocks WHERE {column} IS NOT NULL GROUP BY {column} HAVING count(*) > 1 LIMIT 1",
        ).fetchone()
        if double is not None:
            raise SchemaError(f"{path}: stocks has {double[1]} rows with the {column} {double[0]!r}; remove all but one of them")


def fit_table(fitting: Fitting, wanted: Wanted, table: str) -> None:
    """Create the table, or add its missing columns and take out what stands in the way of the loader's rows."""
    connection = fitting.connection
    sql = _existing(fitting, table)
    if sql is None:
        connection.execute(wanted.tables[table])
        fitting.created.append(table)
        return
    if sql == wanted.tables[table]:
        return
    text = parse_table(sql)
    if text is None:
        raise SchemaError(
            f"{fitting.path}: the definition of the table {table} cannot be understood; rename it, or give another --db"
        )
    _add_columns(fitting, wanted, table, text)
    if table != "stocks":
        _free_keys(fitting, wanted, table)
        _rebuild_where_needed(fitting, wanted, table)
        _add_keys(fitting, wanted, table)


def fit_indexes(fitting: Fitting, wanted: Wanted) -> None:
    """Create the indexes for which the table has none that begins with the same columns."""
    for name, (table, sql) in wanted.indexes.items():
        if (
            fitting.connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", (name,)).fetchone()
            is not None
        ):
            continue
        columns = _columns_of_index_sql(sql)
        there = table_indexes(fitting.connection, table)
        if any(index.columns[: len(columns)] == columns and not index.partial for index in there):
            continue
        fitting.connection.execute(sql)
        fitting.created.append(name)


def fit_triggers(fitting: Fitting, wanted: Wanted) -> None:
    """Create the triggers, which are all on tables of the loader's own, as this version has them."""
    connection = fitting.connection
    for name, sql in wanted.triggers.items():
        there = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", (name,)).fetchone()
        if there == (sql,):
            continue
        connection.execute(f"DROP TRIGGER IF EXISTS {quoted(name)}")
        connection.execute(sql)
        fitting.created.append(name)


def _columns_of_index_sql(sql: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in sql[sql.rindex("(") + 1 : sql.rindex(")")].split(","))


def _existing(fitting: Fitting, table: str) -> str | None:
    """The definition of the table that has this name, if any."""
    connection, path = fitting.connection, fitting.path
    row = connection.execute(
        "SELECT type, sql FROM sqlite_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE",
        (table,),
    ).fetchone()
    if row is None:
        return None
    kind, sql = row
    if kind == "view":
        raise SchemaError(
            f"{path}: {table} is a view in this database, where the loader needs a table; rename it, or give another --db"
        )
    if sql.upper().startswith("CREATE VIRTUAL"):
        raise SchemaError(
            f"{path}: {table} is a virtual table, where the loader needs an ordinary one; rename it, or give another --db"
        )
    columns = table_columns(connection, table)
    missing = [column for column in _ESSENTIAL.get(table, ()) if column not in columns]
    if missing:
        raise SchemaError(f"{path}: the table {table} has no column {missing[0]}; add it, rename the table, or give another --db")
    return str(sql)


def _add_columns(fitting: Fitting, wanted: Wanted, table: str, text: TableText) -> None:
    there = table_columns(fitting.connection, table)
    # A column that numbers the rows cannot be added, only rebuilt in.
    missing = [column for name, column in wanted.columns[table].items() if name not in there and not column.key_position]
    for column in missing:
        # Rows that are there have nothing to put in, so NOT NULL needs a default, and the default must be a constant.
        constant = column.default is not None and not column.default.upper().startswith("CURRENT_")
        rule = (
            f" NOT NULL DEFAULT {column.default}"
            if constant and column.not_null
            else f" DEFAULT {column.default}"
            if constant
            else ""
        )
        declared = "TEXT" if text.strict and column.declared == "DATETIME" else column.declared
        fitting.connection.execute(f"ALTER TABLE {quoted(table)} ADD COLUMN {column.name} {declared}{rule}")
    if missing:
        fitting.changed.append(f"{table}: columns added: {', '.join(column.name for column in missing)}")


def _free_keys(fitting: Fitting, wanted: Wanted, table: str) -> None:
    """Make indexes of the application that forbid the loader's rows ordinary ones."""
    for index in table_indexes(fitting.connection, table):
        if index.unique and index.origin == "c" and not _is_compatible(index.columns, wanted, table):
            _refuse_if_referred_to(fitting, table, index.columns)
            (sql,) = fitting.connection.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'index' AND name = ?", (index.name,)
            ).fetchone()
            fitting.connection.execute(f"DROP INDEX {quoted(index.name)}")
            fitting.connection.execute(re.sub(r"^CREATE\s+UNIQUE\s+INDEX", "CREATE INDEX", sql, flags=re.IGNORECASE))
            fitting.changed.append(
                f"{table}: the index {index.name} is no longer unique, because it would refuse rows of the loader"
            )


def _refuse_if_referred_to(fitting: Fitting, table: str, key: tuple[str, ...]) -> None:
    """A foreign key to columns that are no longer unique would make SQLite refuse every change of the table that has it."""
    connection = fitting.connection
    if key == ("id",):  # becomes the rows' own number, which is as unique
        return
    primary = {name for name, column in table_columns(connection, table).items() if column.key_position}
    for (child,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        targets: dict[int, set[str]] = {}
        for number, _, parent, _, column, *_ in connection.execute(f"PRAGMA foreign_key_list({quoted(child)})").fetchall():
            if parent.lower() == table:
                targets.setdefault(number, set()).update({column.lower()} if column is not None else primary)
        if set(key) in targets.values():
            raise SchemaError(
                f"{fitting.path}: {table} ({', '.join(key)}) cannot be unique, because companies share a CIK or a year, "
                f"and the table {child} refers to it; remove that reference, or give another --db",
            )


def _add_keys(fitting: Fitting, wanted: Wanted, table: str) -> None:
    """Add the keys of the contract that are missing, as unique indexes."""
    for key in _missing_keys(fitting, wanted, table):
        name = f"loader_{table.removeprefix('loader_')}_key"
        fitting.connection.execute(f"CREATE UNIQUE INDEX {quoted(name)} ON {quoted(table)} ({', '.join(key)})")
        fitting.changed.append(f"{table}: key added: {', '.join(key)}")


def _missing_keys(fitting: Fitting, wanted: Wanted, table: str) -> list[tuple[str, ...]]:
    """Keys of the contract that the table does not have, and that its rows allow."""
    there = {frozenset(index.columns) for index in table_indexes(fitting.connection, table) if index.unique and not index.partial}
    missing = [key for key in wanted.keys[table] if frozenset(key) not in there]
    for key in missing:
        _refuse_doubles(fitting, table, key)
    return missing


def _refuse_doubles(fitting: Fitting, table: str, key: tuple[str, ...]) -> None:
    columns = ", ".join(key)
    present = " AND ".join(f"{column} IS NOT NULL" for column in key)
    double = fitting.connection.execute(
        f"SELECT {columns} FROM {quoted(table)} WHERE {present} GROUP BY {columns} HAVING count(*) > 1 LIMIT 1",
    ).fetchone()
    if double is not None:
        row = ", ".join(f"{column} {value!r}" for column, value in zip(key, double, strict=True))
        raise SchemaError(f"{fitting.path}: {table} has several rows with {row}; remove all but one of them")


def _is_compatible(columns: Iterable[str], wanted: Wanted, table: str) -> bool:
    """Whether a key on these columns can never refuse rows that the contract's own keys accept."""
    # The number of the rows, as `loader_loaded` has it in its stock_id, is a key without an index.
    number = tuple(name for name, column in wanted.columns[table].items() if column.key_position)
    return any(set(key) <= set(columns) for key in (*wanted.keys[table], ("id",), number) if key)


def _rebuild_where_needed(fitting: Fitting, wanted: Wanted, table: str) -> None:
    connection = fitting.connection
    (sql,) = connection.execute(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE", (table,)
    ).fetchone()
    text = parse_table(sql)
    if text is None:
        raise SchemaError(
            f"{fitting.path}: the definition of the table {table} cannot be understood; rename it, or give another --db"
        )
    columns = table_columns(connection, table)
    needs_id = "id" in wanted.columns[table]
    numbered = _is_numbered(connection, table, columns) and not text.without_rowid
    changes: list[str] = []
    parts: list[Part] = []
    for part in text.parts:
        if part.column == "id" and needs_id and not numbered:
            continue
        changed = _without_conflicting_keys(fitting, wanted, table, part, changes, drop_primary=needs_id and not numbered)
        if changed is not None and changed.column is not None:
            changed = _with_fitting_type(changed, columns[changed.column], wanted.columns[table].get(changed.column), changes)
        if changed is not None:
            parts.append(changed)
    if needs_id and not numbered:
        changes.append("id made an INTEGER PRIMARY KEY")
        parts.insert(0, part_of("    id INTEGER PRIMARY KEY AUTOINCREMENT"))
    elif text.without_rowid:
        changes.append("made an ordinary table (it was WITHOUT ROWID)")
    if changes:
        for key in _missing_keys(fitting, wanted, table):
            parts.append(part_of(f"    UNIQUE ({', '.join(key)})"))
            changes.append(f"UNIQUE ({', '.join(key)}) added")
        _rebuild(fitting, table, TableText(tuple(parts), text.options), columns, keep_numbers=not text.without_rowid)
        fitting.changed.append(f"{table} rebuilt with its rows and ids: {'; '.join(changes)}")


def _is_numbered(connection: sqlite3.Connection, table: str, columns: Mapping[str, Column]) -> bool:
    """Whether `id` is the row's own number, which SQLite fills in."""
    keys = [name for name, column in columns.items() if column.key_position]
    return (
        keys == ["id"]
        and columns["id"].declared.upper() == "INTEGER"
        and all(i.origin != "pk" for i in table_indexes(connection, table))
    )


def _without_conflicting_keys(
    fitting: Fitting, wanted: Wanted, table: str, part: Part, changes: list[str], *, drop_primary: bool
) -> Part | None:
    """The part less its keys that would refuse the loader's rows; None when nothing is left of it."""
    for kind, (start, end) in reversed(part.declared_keys()):
        columns = part.key_columns()
        if _is_compatible(columns, wanted, table) and not (kind == "PRIMARY" and drop_primary):
            continue
        _refuse_if_referred_to(fitting, table, columns)
        changes.append(f"{'PRIMARY KEY' if kind == 'PRIMARY' else kind} ({', '.join(columns)}) removed")
        if part.column is None:
            return None
        part = part.without(start, end)
    return part


def _with_fitting_type(part: Part, there: Column, wanted: Column | None, changes: list[str]) -> Part:
    """The column so that it takes what the loader writes, unchanged."""
    if wanted is None or wanted.key_position or there.generated:
        return part
    if there.not_null and not wanted.not_null:
        relaxed = part.without_not_null()
        if relaxed is not part:
            part = relaxed
            changes.append(f"{there.name} may be NULL")
    if not _takes(there.declared, wanted):
        part = part.with_type(wanted.declared)
        changes.append(f"{there.name} {there.declared or 'without a type'} made {wanted.declared}")
    return part


def _takes(declared: str, wanted: Column) -> bool:
    """Whether values arrive unchanged, through SQLite and through DuckDB, which rounds into a column declared INTEGER."""
    kind = declared.upper()
    integer = "INT" in kind or "BOOL" in kind
    text = not integer and any(word in kind for word in ("CHAR", "CLOB", "TEXT"))
    number = not integer and not text and any(word in kind for word in ("REAL", "FLOA", "DOUB", "NUM", "DEC"))
    match wanted.declared:
        case "REAL":
            return number
        case "INTEGER":
            return integer or (number and ("NUM" in kind or "DEC" in kind))
        case "TEXT":
            return text or (kind == "DATE" and wanted.name in {"start_date", "end_date", "filed"})
        case _:
            return True


def _rebuild(fitting: Fitting, table: str, text: TableText, columns: Mapping[str, Column], *, keep_numbers: bool) -> None:
    """Replace the table by one with the given definition, with all that belongs to it."""
    connection = fitting.connection
    rest = connection.execute(
        "SELECT sql FROM sqlite_master "
        "WHERE tbl_name = ? COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid",
        (table,),
    ).fetchall()
    last_id = _last_id(connection, table)
    scratch = "loader_rebuilt"
    stored = [column.name for column in columns.values() if not column.generated]
    source = target = ", ".join(quoted(name) for name in stored)
    if "id" not in columns and keep_numbers:
        # A table without ids keeps the numbers that SQLite gave its rows.
        source, target = f"rowid, {source}", f"id, {target}"
    try:
        connection.execute(text.as_rowid_table(scratch))
        connection.execute(f"INSERT INTO {scratch} ({target}) SELECT {source} FROM {quoted(table)}")
    except (sqlite3.IntegrityError, sqlite3.OperationalError) as error:
        raise SchemaError(
            f"{fitting.path}: the table {table} cannot be fitted ({error}); rename it, or give another --db"
        ) from error
    connection.execute(f"DROP TABLE {quoted(table)}")
    connection.execute(f"ALTER TABLE {scratch} RENAME TO {quoted(table)}")
    if last_id is not None:
        connection.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (last_id, table))
    for (sql,) in rest:
        connection.execute(sql)


def _last_id(connection: sqlite3.Connection, table: str) -> int | None:
    """The highest id that an AUTOINCREMENT table ever gave: it is not given again."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone() is None:
        return None
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return None if row is None else int(row[0])
