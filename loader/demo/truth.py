"""What a loader must make of the filings: the three statements, cell by cell, as the latest periodic reports state them.

A cell holds what was stated for exactly its period, or what follows from what was stated by subtraction within the fiscal year;
nothing else. This module knows the company's quarters by index: it takes no part in guessing periods from dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import polars as pl

from loader.demo.calendars import FiscalYear
from loader.demo.filings import Span
from loader.demo.profiles import Profile
from loader.demo.statements import Stated, Value
from loader.reference import LINES, Statement

Row = tuple[object, ...]
STATEMENTS: Final[tuple[Statement, ...]] = ("income", "balance", "cashflow")

#: Lines for which a quarter is not the year less the rest: averages and ratios.
NOT_ADDITIVE: Final = frozenset({"eps_basic", "eps_diluted", "shares_basic", "shares_diluted"})
#: Lines that stand for an item of another name.
_ITEM_OF: Final = {"net_income_incl_nci": "profit_loss", "total_equity_incl_nci": "equity_with_nci"}
#: Lines worked out from other lines; never taken from an item of the same name alone.
_DERIVED: Final = frozenset({"free_cash_flow"})

KEYS: Final = {"cik": pl.Int64, "period": pl.String, "year": pl.Int32, "fyear": pl.Int32}


def truth_schema(statement: Statement) -> dict[str, type[pl.DataType]]:
    """Columns of a statement's truth."""
    dates = {"end_date": pl.Date} if statement == "balance" else {"start_date": pl.Date, "end_date": pl.Date}
    return {**KEYS, **dates, "currency": pl.String, **dict.fromkeys(LINES[statement], pl.Float64)}


@dataclass(slots=True)
class TruthRows:
    """Rows by statement, in the columns of `truth_schema`."""

    rows: dict[Statement, list[Row]] = field(default_factory=lambda: {statement: [] for statement in STATEMENTS})

    def frames(self) -> dict[Statement, pl.DataFrame]:
        """The rows as frames."""
        return {
            statement: pl.DataFrame(rows, schema=truth_schema(statement), orient="row") for statement, rows in self.rows.items()
        }


def add_truth(truth: TruthRows, profile: Profile, stated: Stated) -> None:
    """Add one company's rows."""
    calendar = profile.calendar
    for year in calendar.years:
        for period, first, last in _periods(year):
            start, end = calendar.starts[first], calendar.ends[last]
            key: tuple[object, ...] = (profile.member.cik, period, year.label, year.fyear)
            for statement in ("income", "cashflow"):
                cells = _flow_cells(statement, profile, stated, year, period)
                _append(truth.rows[statement], (*key, start, end, profile.currency), cells)
            _append(truth.rows["balance"], (*key, end, profile.currency), _balance_cells(profile, stated, last))


def _periods(year: FiscalYear) -> Iterable[tuple[str, int, int]]:
    if year.transition:
        return [("T", year.first, year.last)]
    quarters = [(f"Q{number + 1}", year.first + number, year.first + number) for number in range(4)]
    return [*quarters, ("FY", year.first, year.last)]


def _append(rows: list[Row], key: tuple[object, ...], cells: Sequence[float | None]) -> None:
    if any(cell is not None for cell in cells):
        rows.append((*key, *cells))


def _flow(stated: Stated, year: FiscalYear, period: str, item: str, line: str) -> Value | None:
    """A line's value for a period: as stated, else the year to date less the year to date before."""
    flows = stated.flows
    if period in ("FY", "T"):
        return flows.get((item, (year.first, year.last)))
    quarter = year.first + int(period[1]) - 1
    value = flows.get((item, (quarter, quarter)))
    if value is not None or line in NOT_ADDITIVE:
        return value
    whole: Span = (year.first, quarter)
    part: Span = (year.first, quarter - 1)
    return _less(flows.get((item, whole)), flows.get((item, part)))


def _less(whole: Value | None, part: Value | None) -> Value | None:
    if whole is None or part is None:
        return None
    # in decimals, because 0.92 less 0.69 is 0.23
    return whole - part if isinstance(whole, int) and isinstance(part, int) else float(Decimal(str(whole)) - Decimal(str(part)))


def _flow_cells(statement: Statement, profile: Profile, stated: Stated, year: FiscalYear, period: str) -> list[float | None]:
    cells: dict[str, Value | None] = {}
    for line in LINES[statement]:
        cells[line] = None if line in _DERIVED else _flow(stated, year, period, _ITEM_OF.get(line, line), line)
    if statement == "income":
        _complete_income(profile, stated, year, period, cells)
    else:
        cells["free_cash_flow"] = _less(cells["operating_cash_flow"], cells["capital_expenditures"])
    return [None if cells[line] is None else float(cells[line] or 0) for line in LINES[statement]]


def _complete_income(profile: Profile, stated: Stated, year: FiscalYear, period: str, cells: dict[str, Value | None]) -> None:
    if cells["gross_profit"] is None:
        cells["gross_profit"] = _less(cells["revenue"], cells["cost_of_revenue"])
    if cells["cost_of_revenue"] is None:
        cells["cost_of_revenue"] = _less(cells["revenue"], cells["gross_profit"])
    if "profit_loss" not in profile.income_items:
        cells["net_income_incl_nci"] = cells["net_income"]
    if cells["net_income_common"] is None:
        preferred = _flow(stated, year, period, "preferred_dividends", "preferred_dividends")
        income = cells["net_income"]
        cells["net_income_common"] = income if preferred is None else _less(income, preferred)


def _balance_cells(profile: Profile, stated: Stated, day: int) -> list[float | None]:
    cells: dict[str, Value | None] = {line: stated.instants.get((_ITEM_OF.get(line, line), day)) for line in LINES["balance"]}
    if "equity_with_nci" not in profile.balance_items:
        cells["total_equity_incl_nci"] = cells["total_equity"]
    if cells["total_debt"] is None and cells["short_term_debt"] is not None and cells["long_term_debt"] is not None:
        cells["total_debt"] = cells["short_term_debt"] + cells["long_term_debt"]
    return [None if cells[line] is None else float(cells[line] or 0) for line in LINES["balance"]]
