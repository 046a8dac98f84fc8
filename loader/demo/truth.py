"""What a loader must make of the filings: the three statements, cell by cell, as the latest periodic reports state them.

A cell holds what was stated for exactly its period, or what follows from what was stated: by subtraction within the fiscal year, by
the identities of accounting, or over the last four quarters; nothing else. This module knows the company's quarters by index: it takes no
part in guessing periods from dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from loader.demo.identities import complete
from loader.demo.known import Known, Period
from loader.demo.profiles import Profile
from loader.demo.statements import Stated
from loader.demo.trailing import last_four_quarters, trailing_year
from loader.reference import LINES, Statement

Row = tuple[object, ...]
Cells = dict[str, float | None]
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
            first, last = known.span(period)
            _add_flows(truth, profile, period, first, flows[period])
            key = (profile.member.cik, period.kind, year.label, year.fyear, calendar.ends[last], profile.currency)
            _append(truth.rows["balance"], key, _cells("balance", known.balance(last)))
        if year.transition:
            continue
        for number in range(4):
            cells = trailing_year(known, flows, place) if number == 3 else last_four_quarters(known, flows, place, number)
            period = Period(place, f"Q{number + 1}")
            first = year.first if number == 3 else known.span(period)[1] - 3
            _add_flows(truth, profile, Period(place, "TTM"), first, cells, last=known.span(period)[1])
    ended = [year for place, year in enumerate(calendar.years) if not year.transition and known.has_annual_report_on(place)]
    year_end = calendar.ends[ended[-1].last].strftime("%m%d") if ended else None
    truth.companies.append(
        (profile.member.cik, INDUSTRIES[profile.template], profile.currency if ended else None, year_end)
    )


def _shown(place: int, *, transition: bool) -> Iterable[Period]:
    kinds = ("T",) if transition else ("Q1", "Q2", "Q3", "Q4", "FY")
    return [Period(place, kind) for kind in kinds]


def _add_flows(truth: TruthRows, profile: Profile, period: Period, first: int, cells: Cells, last: int | None = None) -> None:
    calendar = profile.calendar
    year = calendar.years[period.place]
    if last is None:
        last = year.last if period.kind in ("FY", "T") else first
    # a year's worth of quarters can begin before the calendar does; then nothing of it is known either
    start = calendar.starts[max(first, 0)]
    key = (profile.member.cik, period.kind, year.label, year.fyear, start, calendar.ends[last], profile.currency)
    for statement in FLOW_STATEMENTS:
        _append(truth.rows[statement], key, _cells(statement, cells))


def _cells(statement: Statement, cells: Cells) -> list[float | None]:
    return [None if (cell := cells.get(line)) is None else float(cell) for line in LINES[statement]]


def _append(rows: list[Row], key: tuple[object, ...], cells: Sequence[float | None]) -> None:
    if any(cell is not None for cell in cells):
        rows.append((*key, *cells))
