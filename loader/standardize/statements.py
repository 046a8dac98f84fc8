"""The last step: values by line and place become the rows of the three statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from loader.reference import LINES, Statement
from loader.standardize.periods import PLACE
from loader.standardize.trailing import TRAILING

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


def with_periods(items: pl.DataFrame) -> pl.DataFrame:
    """Name each place's period; a year-end instant gets two rows, FY and Q4, so that the quarterly series has no hole."""
    is_instant = pl.col("statement") == "balance"
    name = (
        pl.when(pl.col("to_q") == 0)
        .then(pl.lit("T"))
        .when((pl.col("from_q") == 1) & (pl.col("to_q") == 4))
        .then(pl.lit("FY"))
        .when(pl.col("from_q") == TRAILING)
        .then(pl.lit("TTM"))
        .otherwise(pl.format("Q{}", "to_q"))
    )
    named = items.with_columns(period=name)
    year_ends = named.filter(is_instant & (pl.col("to_q") == 4)).with_columns(period=pl.lit("FY"))
    return pl.concat([named, year_ends])


def pivoted(items: pl.DataFrame, statement: Statement) -> pl.DataFrame:
    """One statement's rows.

    Args:
        items: values with place, period, year, fyear, start_date, end_date, currency, statement, line, value, accession, form,
            filed.
        statement: which one.

    Returns:
        The rows as `Statements` describes them; a row names the filing that most of its values come from.
    """
    lines = LINES[statement]
    own = items.filter((pl.col("statement") == statement) & pl.col("line").is_in(lines))
    index = [*PLACE, "period"]
    filing = (
        own.group_by(*index, "accession", "form", "filed")
        .len()
        .sort(*index, "len", "filed", "accession", descending=[False] * len(index) + [True, True, True])
        .unique(index, keep="first", maintain_order=True)
        .drop("len")
    )
    wide = own.pivot(on="line", on_columns=list(lines), index=index, values="value", aggregate_function=None)
    dates = own.select(*index, "year", "fyear", "start_date", "end_date", "currency").unique(index)
    start = [] if statement == "balance" else ["start_date"]
    return (
        wide.join(filing, on=index)
        .join(dates, on=index)
        .select("cik", "period", "year", "fyear", *start, "end_date", "currency", *lines, "accession", "form", "filed")
        .sort(_KEY)
    )
