"""The content of a database in the sense of the promise that the same input gives the same content.

Content is every column of the contract but ids, created_at, edgar_file_path and the run tables, in key order. A stock's id is
replaced by its symbol. Two loads are equal when their hashes are.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from loader.database.connection import reading
from loader.database.provenance_tables import PROVENANCE_TABLES
from loader.database.read import statement_schema
from loader.database.symbols import IS_MEMBER
from loader.reference import STATEMENT_TABLES

Row = tuple[str | int | float | bytes | None, ...]

#: What of loader_meta describes the content; where it came from and when does not.
_META_KEYS: Final = ("as_of", "rules_version", "schema_version", "synthetic", "vintage")

_ITEM_COLUMNS: Final = "statement, line, period, year, end_date, value, raw_value, unit, concept, accession, form, filed, method"


def content_hash(db: Path) -> str:
    """SHA-256 over the content, as hexadecimal text."""
    digest = hashlib.sha256()
    rows = content(db)
    # repr gives a float by the shortest digits that lead back to exactly it, and tells 1 from 1.0 and '1'.
    while chunk := "\n".join(map(repr, islice(rows, 4096))):
        digest.update(chunk.encode())
        digest.update(b"\n")
    return digest.hexdigest()


def content(db: Path) -> Iterator[tuple[str, Row]]:
    """The content row by row, each with the name of its table. The database is open until the last row is taken."""
    with reading(db) as connection:
        for table, query in _queries():
            for row in connection.execute(query):
                yield table, row
        yield from _views(connection)
        yield from _items(connection)


def _queries() -> Iterator[tuple[str, str]]:
    keys = ", ".join(f"'{key}'" for key in _META_KEYS)
    yield "loader_meta", f"SELECT key, value FROM loader_meta WHERE key IN ({keys}) ORDER BY key"
    yield "stocks", f"SELECT symbol, company_name, sector, {IS_MEMBER} FROM stocks ORDER BY symbol, company_name"
    mappings = """
        SELECT m.cik, s.symbol, m.symbol, m.company_name
        FROM cik_mappings_sp500 AS m LEFT JOIN stocks AS s ON s.id = m.stock_id ORDER BY s.symbol, m.cik"""
    yield "cik_mappings_sp500", mappings
    for statement, table in STATEMENT_TABLES.items():
        # A table that an application made may keep whole numbers as integers: the same values.
        schema = statement_schema(statement).items()
        columns = ", ".join(f"CAST(t.{name} AS REAL)" if dtype.is_float() else f"t.{name}" for name, dtype in schema)
        rows = f"""
            SELECT s.symbol, {columns} FROM {table} AS t LEFT JOIN stocks AS s ON s.id = t.stock_id
            ORDER BY s.symbol, t.stock_id, t.period, t.end_date"""
        yield table, rows
    companies = """
        SELECT cik, entity_name, currency, fiscal_year_end, template, rules_version, facts_read, facts_used, stale, stale_reason
        FROM loader_companies ORDER BY cik"""
    yield "loader_companies", companies


#: The views with what they have one row for; `statement_items` comes last, stock by stock.
_VIEWS: Final = {
    "statement_quality": (
        "statement, period, year, end_date, passed, failed, vacuous, failed_checks",
        "statement, period, end_date",
    ),
    "statement_repairs": ("statement, line, period, year, end_date, repair", "statement, line, period, end_date"),
    "statement_gaps": ("statement, line, period, year, end_date, reason", "statement, line, period, end_date"),
}


def _views(connection: sqlite3.Connection) -> Iterator[tuple[str, Row]]:
    for view, (columns, order) in _VIEWS.items():
        rows = connection.execute(
            f"SELECT s.symbol, {', '.join(f'v.{column}' for column in columns.split(', '))} "
            f"FROM {_view_name(connection, view)} AS v LEFT JOIN stocks AS s ON s.id = v.stock_id "
            f"ORDER BY s.symbol, v.stock_id, {', '.join(f'v.{column}' for column in order.split(', '))}",
        )
        for row in rows:
            yield view, row


def _view_name(connection: sqlite3.Connection, view: str) -> str:
    (name,) = connection.execute("SELECT value FROM loader_meta WHERE key = ?", (f"{view}_view",)).fetchone()
    return str(name)


def _items(connection: sqlite3.Connection) -> Iterator[tuple[str, Row]]:
    """The single values, stock by stock: sorting millions of rows at once would take longer and spill."""
    view = _view_name(connection, "statement_items")
    # Every stock with a value has a row in one of these, whoever has put it there.
    owners = " UNION ".join(f"SELECT stock_id FROM {table}" for table in PROVENANCE_TABLES.values())
    stocks = connection.execute(
        f"SELECT i.stock_id, s.symbol FROM ({owners}) AS i "
        "LEFT JOIN stocks AS s ON s.id = i.stock_id ORDER BY s.symbol, i.stock_id",
    ).fetchall()
    for stock_id, symbol in stocks:
        rows = connection.execute(
            f"SELECT {_ITEM_COLUMNS} FROM {view} WHERE stock_id = ? "
            "ORDER BY statement, line, period, end_date, year, method, concept, accession, value",
            (stock_id,),
        )
        for row in rows:
            yield "statement_items", (symbol, *row)
