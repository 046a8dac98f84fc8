"""The last step: values by line and place become the rows of the three statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from loader.reference import LINES, Statement
from loader.standardize.trailing import TRAILING
from loader.standardize.wide import scattered

_KEY: Final = ["cik", "period", "end_date"]


@dataclass(frozen=True, slots=True)
class Statements:
    """What the facts of a batch of companies say, in the shape of the database, sorted by key.

    Money is in units of `currency`; per-share values in currency per share; share counts in shares; dates are Date; a value
    that is
    not known is null.

    Attributes:
        income: cik, period, year, fyear, start_date, end_date, currency, the income lines, accession, form, filed.
        balance: the same without start_date, with the balance-sheet lines. A year end has two rows, FY and Q4.
        cashflow: as income, with the cash-flow lines.
        items: one row per value, auxiliary lines included: cik, statement, line, period, year, end_date, value, raw_value (null
            unless a repair or a split changed the value as filed), unit, concept, accession, form, filed, method, repair
            (scale, sign, tax sign, split; null for none).
        gaps: the reason of each empty cell of a core line: cik, statement, line, period, year, end_date, reason.
        quality: the identities that each statement keeps: cik, statement, period, year, end_date, passed, failed, vacuous,
            failed_checks.
        companies: cik, currency, fiscal_year_end (MMDD), template.
        usage: cik, reason, facts: how many facts were used, and how many were set aside for which reason.
    """

    income: pl.DataFrame
    balance: pl.DataFrame
    cashflow: pl.DataFrame
    items: pl.DataFrame
    gaps: pl.DataFrame
    quality: pl.DataFrame
    companies: pl.DataFrame
    usage: pl.DataFrame


def statement_rows(values: pl.DataFrame, dates: pl.DataFrame) -> pl.DataFrame:
    """The rows of all statements; a year-end balance sheet gets two, FY and Q4, so that the quarterly series has no hole.

    Args:
        values: values by place and line: place, statement.
        dates: PLACE, place, year, fyear, start_date, end_date, currency.

    Returns:
        statement_row (numbers from 0, in the order of cik, statement, end_date and period), place, cik, statement, period, year,
        fyear, start_date, end_date, currency.
    """
    name = (
        pl.when(pl.col("to_q") == 0)
        .then(pl.lit("T"))
        .when((pl.col("from_q") == 1) & (pl.col("to_q") == 4))
        .then(pl.lit("FY"))
        .when(pl.col("from_q") == TRAILING)
        .then(pl.lit("TTM"))
        .otherwise(pl.format("Q{}", "to_q"))
    )
    named = values.select("place", "statement").unique().join(dates, on="place").with_columns(period=name)
    year_ends = named.filter((pl.col("statement") == "balance") & (pl.col("to_q") == 4)).with_columns(period=pl.lit("FY"))
    return (
        pl.concat([named, year_ends])
        .sort("cik", "statement", "end_date", "period")
        .select("place", "cik", "statement", "period", "year", "fyear", "start_date", "end_date", "currency")
        .with_row_index("statement_row")
    )


def pivoted(rows: pl.DataFrame, cells: pl.DataFrame, statement: Statement) -> pl.DataFrame:
    """One statement's rows.

    Args:
        rows: `statement_rows`.
        cells: values with statement_row, statement, line, value, accession, form, filed.
        statement: which one.

    Returns:
        The rows as `Statements` describes them; a row names the filing that most of its values come from.
    """
    lines = LINES[statement]
    own = cells.filter((pl.col("statement") == statement) & pl.col("line").is_in(lines))
    filing = (
        own.group_by("statement_row", "accession", "filed")
        .agg(pl.len(), pl.col("form").first())
        .sort("statement_row", "len", "filed", "accession", descending=[False, True, True, True])
        .unique("statement_row", keep="first", maintain_order=True)
        .select("statement_row", "accession", form=pl.col("form").cast(pl.String), filed="filed")
    )
    # Rows without any of the contract's lines are none.
    of_statement = rows.join(filing, on="statement_row", maintain_order="left").with_columns(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("at")
    )
    own = own.join(of_statement.select("statement_row", "at"), on="statement_row")
    columns = scattered(own, "at", "value", lines, of_statement.height)
    start = [] if statement == "balance" else ["start_date"]
    return (
        of_statement.with_columns(columns.values())
        .select("cik", "period", "year", "fyear", *start, "end_date", "currency", *lines, "accession", "form", "filed")
        .sort(_KEY)
    )
