"""What a loader must make of the filings: the three statements, cell by cell, as the latest periodic reports state them.

A cell holds what was stated for exactly its period, or what follows from what was stated: by subtraction within the fiscal year,
by the identities of accounting, or over the last four quarters; nothing else. This module knows the company's quarters by index:
it takes no part in guessing periods from dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from loader.demo.filings import Span
from loader.demo.identities import Items, complete
from loader.demo.known import Known, Period
from loader.demo.profiles import Profile
from loader.demo.statements import Stated
from loader.demo.trailing import last_four_quarters, trailing_year
from loader.reference import LINES, Statement

Row = tuple[object, ...]
STATEMENTS: Final[tuple[Statement, ...]] = ("income", "balance", "cashflow")
FLOW_STATEMENTS: Final[tuple[Statement, ...]] = ("income", "cashflow")

#: What a loader calls the industry of each template.
INDUSTRIES: Final = {
    "industrial": "industrial",
    "services": "diversified",
    "bank": "bank",
    "insurer": "insurance",
    "reit": "reit",
    "utility": "utility",
}
COMPANIES_SCHEMA: Final = {"cik": pl.Int64, "template": pl.String, "currency": pl.String, "fiscal_year_end": pl.String}
KEYS: Final = {"cik": pl.Int64, "period": pl.String, "year": pl.Int32, "fyear": pl.Int32}


def truth_schema(statement: Statement) -> dict[str, type[pl.DataType]]:
    """Columns of a statement's truth."""
    dates = {"end_date": pl.Date} if statement == "balance" else {"start_date": pl.Date, "end_date": pl.Date}
    return {**KEYS, **dates, "currency": pl.String, **dict.fromkeys(LINES[statement], pl.Float64)}


@dataclass(slots=True)
class TruthRows:
    """Rows by statement, in the columns of `truth_schema`, and a row for each company."""

    rows: dict[Statement, list[Row]] = field(default_factory=lambda: {statement: [] for statement in STATEMENTS})
    companies: list[Row] = field(default_factory=list)

    def frames(self) -> dict[str, pl.DataFrame]:
        """The rows as frames, by name of their file."""
        frames: dict[str, pl.DataFrame] = {
            statement: pl.DataFrame(rows, schema=truth_schema(statement), orient="row") for statement, rows in self.rows.items()
        }
        return {**frames, "companies": pl.DataFrame(self.companies, schema=COMPANIES_SCHEMA, orient="row")}


def add_truth(truth: TruthRows, profile: Profile, stated: Stated) -> None:
    """Add one company's rows."""
    calendar, known = profile.calendar, Known(profile, stated)
    flows = {period: complete(known, period) for period in known.periods()}
    for place, year in enumerate(calendar.years):
        for period in _shown(place, transition=year.transition):
            span = known.span(period)
            _add_flows(truth, profile, period, span, flows[period])
            key = (profile.member.cik, period.kind, year.label, year.fyear, calendar.ends[span[1]], profile.currency)
            _append(truth.rows["balance"], key, _cells("balance", known.balance(span[1])))
        if year.transition:
            continue
        trailing = Period(place, "TTM")
        for number in range(3):
            quarter = year.first + number
            # a year's worth of quarters can begin before the calendar does; then nothing of it is known either
            span = (max(quarter - 3, 0), quarter)
            _add_flows(truth, profile, trailing, span, last_four_quarters(known, flows, place, number))
        _add_flows(truth, profile, trailing, (year.first, year.last), trailing_year(known, flows, place))
    company = (profile.member.cik, INDUSTRIES[profile.template], profile.currency, known.year_end())
    truth.companies.append(company)


def _shown(place: int, *, transition: bool) -> Iterable[Period]:
    kinds = ("T",) if transition else ("Q1", "Q2", "Q3", "Q4", "FY")
    return [Period(place, kind) for kind in kinds]


def _add_flows(truth: TruthRows, profile: Profile, period: Period, span: Span, cells: Items) -> None:
    calendar = profile.calendar
    year = calendar.years[period.place]
    dates = (calendar.starts[span[0]], calendar.ends[span[1]])
    key = (profile.member.cik, period.kind, year.label, year.fyear, *dates, profile.currency)
    for statement in FLOW_STATEMENTS:
        _append(truth.rows[statement], key, _cells(statement, cells))


def _cells(statement: Statement, cells: Items) -> list[float | None]:
    return [None if (cell := cells.get(line)) is None else float(cell) for line in LINES[statement]]


def _append(rows: list[Row], key: tuple[object, ...], cells: Sequence[float | None]) -> None:
    if any(cell is not None for cell in cells):
        rows.append((*key, *cells))
