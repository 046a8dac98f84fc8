"""The last step: values by line and place become the rows of the three statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference import LINES, Statement
from loader.reference.concepts import STATEMENT_TYPE, concepts, lines, lines_by_code
from loader.standardize.periods import PLACES_OF_A_YEAR, TRAILING, place_in_year, within_year
from loader.standardize.runs import DAYS, begins, in_order, numbered, numbers, ordered
from loader.standardize.wide import Positions, Values, nullable

#: How many statements a place can have a part of.
SHEETS_OF_A_PLACE: Final = len(STATEMENT_TYPE.categories)
#: The periods, in the order of their names: fiscal year, quarters, transition period, trailing twelve months.
_PERIODS: Final = ("FY", "Q1", "Q2", "Q3", "Q4", "T", "TTM")

#: What is shown of a period.
_SHOWN: Final = ("year", "fyear", "start_date", "end_date", "currency")

_SPELLED_OUT: Final = ("cik", "statement", "line", "period", "year", "end_date")


@dataclass(frozen=True, slots=True)
class Statements:
    """What the facts of a batch of companies say, in the shape of the database, sorted by key.

    Money is in units of `currency`; per-share values in currency per share; share counts in shares; dates are Date; a value
    that is not known is null. A statement of any kind has a number, `statement_row`, in which cells refer to it: hundreds of
    thousands of cells with their keys spelled out would take longer to make than all else here. `items` and `gaps` spell them
    out.

    Attributes:
        income: cik, period, year, fyear, start_date, end_date, currency, the income lines, accession, form, filed.
        balance: the same without start_date, with the balance-sheet lines. A year end has two rows, FY and Q4.
        cashflow: as income, with the cash-flow lines.
        rows: all statements, those with auxiliary lines only included: statement_row, cik, statement, period, year, end_date,
            currency, accession and filed of the filing that most of its values come from, is_shown (it has one of the contract's
            lines, and so is in one of the frames above).
        cells: one row for each value, auxiliary lines included: cik, statement_row, line, value, raw_value (null unless a repair
            or a split changed the value as filed), concept_id (null for a value that comes from several), accession, filed,
            method, repair (scale, sign, tax sign, split; null for none).
        unfilled: one row for each empty cell of a core line: cik, statement_row, line, reason.
        filings: cik, accession, form.
        quality: the identities that each statement keeps: cik, statement_row, statement, period, year, end_date, passed, failed,
            vacuous, failed_checks.
        companies: cik, currency, fiscal_year_end (MMDD), template.
        usage: cik, reason, facts: how many facts were used, and how many were set aside for which reason.
    """

    income: pl.DataFrame
    balance: pl.DataFrame
    cashflow: pl.DataFrame
    rows: pl.DataFrame
    cells: pl.DataFrame
    unfilled: pl.DataFrame
    filings: pl.DataFrame
    quality: pl.DataFrame
    companies: pl.DataFrame
    usage: pl.DataFrame

    @property
    def items(self) -> pl.DataFrame:
        """The cells in words, made anew each time.

        cik, statement, line, period, year, end_date, value, raw_value, unit, concept, accession, form, filed, method, repair.
        """
        return (
            self._spelled_out(self.cells)
            .join(self.filings, on=["cik", "accession"], how="left", maintain_order="left")
            .join(concepts().select("concept_id", "concept"), on="concept_id", how="left", maintain_order="left")
            .select(
                *_SPELLED_OUT,
                "value",
                "raw_value",
                unit_of(pl.col("line_unit"), pl.col("currency")).alias("unit"),
                "concept",
                "accession",
                pl.col("form").cast(pl.String),
                "filed",
                pl.col("method", "repair").cast(pl.String),
            )
        )

    @property
    def gaps(self) -> pl.DataFrame:
        """The empty cells in words: cik, statement, line, period, year, end_date, reason; made anew each time."""
        return self._spelled_out(self.unfilled).select(*_SPELLED_OUT, "reason")

    def _spelled_out(self, cells: pl.DataFrame) -> pl.DataFrame:
        return (
            cells.sort("statement_row", "line")
            .join(
                self.rows.select("statement_row", "statement", "period", "year", "end_date", "currency"),
                on="statement_row",
                maintain_order="left",
            )
            .join(lines().select("line", line_unit="unit"), on="line", maintain_order="left")
            .with_columns(pl.col("statement", "line").cast(pl.String))
        )

    def of(self, ciks: Iterable[int]) -> Statements:
        """Those of some of the companies."""
        wanted = pl.col("cik").is_in(sorted(ciks))
        return Statements(*(getattr(self, one.name).filter(wanted) for one in fields(self)))


def joined(parts: Sequence[Statements]) -> Statements:
    """The statements of several batches, which have no company in common, as those of one."""
    frames: dict[str, list[pl.DataFrame]] = {one.name: [] for one in fields(Statements)}
    first = 0
    for part in parts:
        for name, collected in frames.items():
            frame = getattr(part, name)
            shift = [pl.col("statement_row") + first] if "statement_row" in frame.columns else []
            collected.append(frame.with_columns(shift))
        last = part.rows.get_column("statement_row").max()
        first += 0 if last is None else int(last) + 1  # type: ignore[arg-type]  # a UInt32 column's maximum
    return Statements(**{name: pl.concat(collected) for name, collected in frames.items()})


def unit_of(kind: pl.Expr, currency: pl.Expr) -> pl.Expr:
    """The unit of a value, of the kind that its line has (money, per_share, shares): USD, USD/shares, shares."""
    return (
        pl.when(kind == "money")
        .then(currency)
        .when(kind == "per_share")
        .then(pl.format("{}/shares", currency))
        .otherwise(pl.lit("shares"))
    )


def statement_rows(sheets: Positions, dates: pl.DataFrame) -> pl.DataFrame:
    """The rows of all statements; a year-end balance sheet gets two, FY and Q4, so that the quarterly series has no hole.

    Args:
        sheets: a number for each place's part of one statement, each once: the place times `SHEETS_OF_A_PLACE`, and the code of
            the statement.
        dates: place, cik, year, fyear, start_date, end_date, currency, in the order of the places.

    Returns:
        statement_row (numbers from 0, in the order of cik, statement, period and end_date), sheet, place, cik, statement, period,
        year, fyear, start_date, end_date, currency.
    """
    place, statement = np.divmod(sheets, SHEETS_OF_A_PLACE)
    period = _period_codes()[within_year(place)]
    is_year_end = (statement == STATEMENT_TYPE.categories.to_list().index("balance")) & (period == _PERIODS.index("Q4"))
    again = np.flatnonzero(is_year_end)
    at = np.concatenate([np.arange(len(sheets)), again])
    period = np.concatenate([period, np.full(len(again), _PERIODS.index("FY"))])
    by_place = np.searchsorted(dates.get_column("place").to_numpy(), place)[at]
    cik, end = numbers(dates, "cik", "end_date")
    kind = (numbered(cik)[1][by_place] * SHEETS_OF_A_PLACE + statement[at]) * len(_PERIODS) + period
    order, _ = ordered(kind * DAYS + end[by_place])
    at, period, by_place = at[order], period[order], by_place[order]
    named: pl.DataFrame = dates.select("cik", *_SHOWN)[by_place].with_columns(
        sheet=sheets[at],
        place=place[at],
        statement=pl.Series(STATEMENT_TYPE.categories, dtype=STATEMENT_TYPE)[statement[at]],
        period=pl.Series(_PERIODS)[period],
    )
    return named.select("sheet", "place", "cik", "statement", "period", *_SHOWN).with_row_index("statement_row")


@cache
def _period_codes() -> Positions:
    """By the number of a place in its year: the period's position among `_PERIODS`."""
    numbers = np.zeros(PLACES_OF_A_YEAR, np.int64)
    names = {(from_q, to_q): f"Q{to_q}" for from_q in range(1, 5) for to_q in range(1, 5)}
    names |= {(0, 0): "T", (1, 4): "FY"} | {(TRAILING, to_q): "TTM" for to_q in range(1, 5)}
    for span, name in names.items():
        numbers[place_in_year(0, *span)] = _PERIODS.index(name)
    return numbers


def main_filings(cells: pl.DataFrame, line: Positions) -> pl.DataFrame:
    """The filing that most values of each statement come from: of several, that filed last.

    Args:
        cells: statement_row, accession, filed, in the order of the rows.
        line: the code of the line of each. Auxiliary lines do not count.

    Returns:
        statement_row, accession, filed, in the order of the rows. Statements that have auxiliary lines only are not among them.
    """
    shown = np.flatnonzero(_is_column().take(line))
    row, accession, filed = (column.take(shown) for column in numbers(cells, "statement_row", "accession", "filed"))
    # What a statement takes from one filing mostly stands together, so that there are few runs to count together.
    run = begins(row, accession, filed)
    values = np.diff(run, append=len(shown))
    row, accession, filed = row[run].astype(np.int64), accession[run], filed[run]
    order = in_order(row * DAYS - filed, lambda tied: [-accession[tied]])
    # A filing under two dates counts for each by itself.
    first = begins(row[order], accession[order], filed[order])
    filing, of_filing = order[first], np.add.reduceat(values[order], first) if len(first) else values
    # Those with as many values stay in this order: the last filed comes first.
    ranked = filing[ordered(row[filing] * (len(shown) + 1) - of_filing)[0]]
    main: pl.DataFrame = cells[shown[run[ranked[begins(row[ranked])]]], ["statement_row", "accession", "filed"]]
    return main


@cache
def _is_column() -> NDArray[np.bool_]:
    """By the codes of the lines: whether it is a line of the contract."""
    return lines_by_code().get_column("column").to_numpy()


def pivoted(rows: pl.DataFrame, columns: Mapping[str, Values], statement: Statement) -> pl.DataFrame:
    """One statement's rows.

    Args:
        rows: the statement's rows, as `statement_rows` has them, in their order, with accession, form and filed of their main
            filings.
        columns: for each of its lines the values in these rows, NaN where there is none.
        statement: which one.

    Returns:
        The rows as `Statements` describes them.
    """
    own = LINES[statement]
    start = [] if statement == "balance" else ["start_date"]
    head = ["cik", "period", "year", "fyear", *start, "end_date", "currency"]
    values = nullable({line: columns[line] for line in own})
    return rows[head].hstack([*values, *rows[["accession", "form", "filed"]]])
