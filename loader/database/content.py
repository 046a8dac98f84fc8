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
    quality = """
        SELECT s.symbol, q.statement, q.period, q.year, q.end_date, q.passed, q.failed, q.vacuous, q.failed_checks
        FROM loader_quality AS q LEFT JOIN stocks AS s ON s.id = q.stock_id
        ORDER BY s.symbol, q.stock_id, q.statement, q.period, q.end_date"""
    yield "statement_quality", quality
    repairs = """
        SELECT s.symbol, l.statement, l.line, p.period, i.year, i.end_day, r.repair
        FROM loader_items AS i JOIN loader_series AS x ON x.id = i.series_id JOIN loader_repairs AS r ON r.id = x.repair_id
            LEFT JOIN stocks AS s ON s.id = i.stock_id
            JOIN loader_lines AS l ON l.id = x.line_id JOIN loader_periods AS p ON p.id = i.period_id
        ORDER BY s.symbol, i.stock_id, l.statement, l.line, p.period, i.end_day"""
    yield "statement_repairs", repairs
    gaps = """
        SELECT s.symbol, l.statement, l.line, p.period, g.year, g.end_day, r.reason
        FROM loader_gaps AS g LEFT JOIN stocks AS s ON s.id = g.stock_id JOIN loader_lines AS l ON l.id = g.line_id
            JOIN loader_periods AS p ON p.id = g.period_id JOIN loader_reasons AS r ON r.id = g.reason_id
        ORDER BY s.symbol, g.stock_id, l.statement, l.line, p.period, g.end_day"""
    yield "statement_gaps", gaps


def _items(connection: sqlite3.Connection) -> Iterator[tuple[str, Row]]:
    """The single values, stock by stock: sorting millions of rows at once would take longer and spill."""
    (view,) = connection.execute("SELECT value FROM loader_meta WHERE key = 'statement_items_view'").fetchone()
    stocks = connection.execute(
        "SELECT i.stock_id, s.symbol FROM (SELECT DISTINCT stock_id FROM loader_items) AS i "
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
