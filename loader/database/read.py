"""Statements out of the database, as Polars frames."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import polars as pl

from loader.database.connection import reading
from loader.database.stocks import Stock, read_stocks
from loader.database.symbols import symbol_key
from loader.errors import UsageError
from loader.reference import LINES, STATEMENT_TABLES, Statement

#: What may be asked for as a period: a label of the tables, or one of these names for several or one of them.
_NAMED_PERIODS: Final[Mapping[str, tuple[str, ...]]] = {
    "annual": ("FY",),
    "quarterly": ("Q1", "Q2", "Q3", "Q4"),
    "ttm": ("TTM",),
}
_LABELS: Final = ("Q1", "Q2", "Q3", "Q4", "FY", "TTM", "T")


def read_statements(db: Path, symbol: str, statement: Statement, period: str | None = None) -> pl.DataFrame:
    """One company's statements, oldest first.

    Args:
        db: the database.
        symbol: in any spelling (BRK.B, BRK-B, brk/b).
        statement: income, balance or cashflow.
        period: annual, quarterly or ttm, or a label such as Q3; None for all.

    Returns:
        period, year, fyear, start_date (not for balance), end_date, currency, the statement's lines, accession, form, filed;
        dates are Date, lines Float64 in units of `currency` (shares, or currency per share, where the name says so).

    Raises:
        UsageError: the symbol, the statement or the period is unknown.
    """
    if statement not in STATEMENT_TABLES:
        raise UsageError(f"unknown statement {statement!r}: give one of {', '.join(STATEMENT_TABLES)}")
    labels = _labels(period)
    schema = statement_schema(statement)
    columns = ", ".join(f"CAST({name} AS REAL)" if dtype == pl.Float64 else name for name, dtype in schema.items())
    chosen = "" if labels is None else f" AND period IN ({', '.join('?' * len(labels))})"
    with reading(db) as connection:
        stock = find_stock(connection, symbol)
        rows = connection.execute(
            f"SELECT {columns} FROM {STATEMENT_TABLES[statement]} WHERE stock_id = ?{chosen} ORDER BY end_date, period",
            (stock.id, *(labels or ())),
        ).fetchall()
    text = {name: pl.String() if dtype == pl.Date else dtype for name, dtype in schema.items()}
    frame = pl.DataFrame(rows, schema=text, orient="row")
    dates = [name for name, dtype in schema.items() if dtype == pl.Date]
    return frame.with_columns(pl.col(dates).str.to_date("%Y-%m-%d", strict=False))


def statement_schema(statement: Statement) -> dict[str, pl.DataType]:
    """The columns of a statement table but its ids, in their order, with their types in a frame."""
    before: dict[str, pl.DataType] = {"period": pl.String(), "year": pl.Int64(), "fyear": pl.Int64()}
    if statement != "balance":
        before["start_date"] = pl.Date()
    before |= {"end_date": pl.Date(), "currency": pl.String()}
    lines: dict[str, pl.DataType] = dict.fromkeys(LINES[statement], pl.Float64())
    return before | lines | {"accession": pl.String(), "form": pl.String(), "filed": pl.Date()}


def find_stock(connection: sqlite3.Connection, symbol: str) -> Stock:
    """The stock of this symbol, in its exact spelling or else in a like one.

    Raises:
        UsageError: there is none; similar symbols are named.
    """
    stocks = read_stocks(connection)
    for same in (lambda stock: stock.symbol == symbol, lambda stock: symbol_key(stock.symbol) == symbol_key(symbol)):
        found = [stock for stock in stocks if same(stock)]
        if found:
            return found[0]
    by_key = {symbol_key(stock.symbol): stock.symbol for stock in stocks}
    close = get_close_matches(symbol_key(symbol), by_key, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(by_key[key] for key in close)}?" if close else "see `loader stocks list`"
    raise UsageError(f"no stock has the symbol {symbol!r}: {hint}")


def _labels(period: str | None) -> tuple[str, ...] | None:
    if period is None:
        return None
    if period.upper() in _LABELS and period.lower() not in _NAMED_PERIODS:
        return (period.upper(),)
    if period.lower() in _NAMED_PERIODS:
        return _NAMED_PERIODS[period.lower()]
    raise UsageError(f"unknown period {period!r}: give annual, quarterly, ttm, or one of {', '.join(_LABELS)}")
