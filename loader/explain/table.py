"""A statement side by side over periods: from the database, or as it could be known on another day from the source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

import polars as pl

from loader.database import read_statements
from loader.database.connection import reading
from loader.database.read import find_stock, statement_schema
from loader.errors import InputError, UsageError
from loader.explain.model import Filing
from loader.explain.reread import read_again
from loader.explain.workbook import Row, filing
from loader.reference import LINES, Statement
from loader.standardize import standardize

Frequency = Literal["annual", "quarterly", "ttm"]

_LABELS: Final[dict[Frequency, tuple[str, ...]]] = {"annual": ("FY",), "quarterly": ("Q1", "Q2", "Q3", "Q4"), "ttm": ("TTM",)}


@dataclass(frozen=True, slots=True)
class Column:
    """One period of a statement.

    Attributes:
        period: FY, Q1 to Q4 or TTM.
        year: the fiscal year as the company labels it.
        start: first day; None in a balance sheet.
        end: last day.
        currency: of the money in it.
        filing: that most of its values come from.
        values: by line, in the order of the statement; None where there is none.
    """

    period: str
    year: int
    start: date | None
    end: date
    currency: str | None
    filing: Filing
    values: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class StatementTable:
    """A statement over several periods, oldest first.

    Attributes:
        symbol: as the database spells it.
        company: its name.
        statement: which one.
        as_of: the day as of which it was read from the source again; None where it is the database's content.
        columns: the periods.
    """

    symbol: str
    company: str
    statement: Statement
    as_of: date | None
    columns: tuple[Column, ...]


def statement_table(
    db: Path, symbol: str, statement: Statement = "income", *, period: Frequency = "annual", as_of: date | None = None
) -> StatementTable:
    """Read a statement over all periods of a kind.

    Args:
        db: the database.
        symbol: in any spelling.
        statement: income, balance or cashflow.
        period: annual, quarterly or ttm.
        as_of: read the source again, and only what was filed by this day; None for what the database holds.

    Raises:
        UsageError: the symbol is unknown, or a balance sheet of twelve months is asked for.
        InputError: there is nothing of it; or the source is gone or unusable.
    """
    if statement == "balance" and period == "ttm":
        raise UsageError("a balance sheet is of a day, not of twelve months: give --period annual or quarterly")
    with reading(db) as connection:
        stock = find_stock(connection, symbol)
    company = stock.company_name
    if as_of is None:
        frame = read_statements(db, stock.symbol, statement, period)
        nothing = f"{stock.symbol}: the database has no {period} {statement} statement of it; `loader extract --symbols` loads it"
    else:
        source = read_again(db, stock.symbol, as_of=as_of)
        company = source.company or company
        frame = getattr(standardize(source.facts, source.rules), statement)
        frame = frame.filter(pl.col("period").is_in(_LABELS[period])).sort("end_date")
        nothing = f"{stock.symbol}: its file has no {period} {statement} statement filed by {as_of}"
    if frame.is_empty():
        raise InputError(nothing)
    columns = tuple(_column(row, statement) for row in frame.select(list(statement_schema(statement))).iter_rows(named=True))
    return StatementTable(stock.symbol, company, statement, as_of, columns)


def _column(row: Row, statement: Statement) -> Column:
    accession = row["accession"]
    return Column(
        period=row["period"],
        year=row["year"],
        start=row.get("start_date"),
        end=row["end_date"],
        currency=row["currency"],
        # The database has the accession number as text, the standardiser as a number.
        filing=filing(int(str(accession).replace("-", "")), row["form"], row["filed"]),
        values={line: row[line] for line in LINES[statement]},
    )
