"""What can be known of each period from what was stated: as stated, or by subtraction within the fiscal year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from loader.demo.concepts import PER_SHARE
from loader.demo.filings import Span
from loader.demo.profiles import Profile
from loader.demo.statements import Stated, Value

#: Items for which a quarter is not the year less the rest: averages and ratios.
NOT_ADDITIVE: Final = frozenset({"eps_basic", "eps_diluted", "shares_basic", "shares_diluted"})
#: Half a year and nine months count as what they are the first quarters of.
_TO_DATE: Final = {"H1": 2, "9M": 3, "FY": 4}
#: Decimals to which a difference of amounts per share is exact.
DECIMALS: Final = 6


class Period(NamedTuple):
    """A period of the company: the place of its fiscal year, and Q1 to Q4, H1, 9M, FY, T or TTM."""

    place: int
    kind: str


@dataclass(slots=True)
class Known:
    """What is known of a company from its statements of fact."""

    profile: Profile
    stated: Stated

    def periods(self) -> Iterator[Period]:
        """All periods of the calendar but trailing ones."""
        for place, year in enumerate(self.profile.calendar.years):
            for kind in ("T",) if year.transition else ("Q1", "Q2", "Q3", "Q4", "H1", "9M", "FY"):
                yield Period(place, kind)

    def span(self, period: Period) -> Span:
        """The first and last quarter of a period."""
        year = self.profile.calendar.years[period.place]
        if period.kind in ("FY", "T"):
            return year.first, year.last
        if period.kind in _TO_DATE:
            return year.first, year.first + _TO_DATE[period.kind] - 1
        quarter = year.first + int(period.kind[1]) - 1
        return quarter, quarter

    def days(self, period: Period) -> int:
        """The length of a period."""
        return self.profile.calendar.days(*self.span(period))

    def flow(self, item: str, period: Period) -> Value | None:
        """An item's value for a period: as stated, else the year to date less the year to date before."""
        span = self.span(period)
        value = self.stated.flows.get((item, span))
        if value is not None or item in NOT_ADDITIVE or not period.kind.startswith("Q"):
            return value
        quarter = span[0]
        first = self.profile.calendar.years[period.place].first
        whole = self.stated.flows.get((item, (first, quarter)))
        value = _less(item, whole, self.stated.flows.get((item, (first, quarter - 1))))
        if value is None and period.kind == "Q4":
            others = [self.flow(item, Period(period.place, kind)) for kind in ("Q1", "Q2", "Q3")]
            value = _less(item, whole, *others)
        return value

    def states(self, item: str, place: int) -> bool:
        """Whether the company states an item, other than as zero, for anything in a fiscal year."""
        year = self.profile.calendar.years[place]
        quarters = range(year.first, year.last + 1)
        return any(
            self.stated.flows.get((item, (first, last))) for first in quarters for last in quarters if first <= last
        ) or any(self.stated.instants.get((item, quarter)) for quarter in quarters)

    def year_end(self) -> str | None:
        """Month and day of the last fiscal year's end that an annual report or, for want of one, a balance sheet states."""
        calendar = self.profile.calendar
        whole = [year for year in calendar.years if not year.transition]
        ended = [year for year in whole if ("net_income", (year.first, year.last)) in self.stated.flows]
        ended = ended or [year for year in whole if ("total_assets", year.last) in self.stated.instants]
        return calendar.ends[ended[-1].last].strftime("%m%d") if ended else None

    def balance(self, day: int) -> dict[str, Value | None]:
        """The balance sheet at the end of a quarter."""
        cells: dict[str, Value | None] = {item: self.stated.instants.get((item, day)) for item in self.profile.balance_items}
        cells.setdefault("total_equity", self.stated.instants.get(("total_equity", day)))
        if "equity_with_nci" in self.profile.balance_items:
            cells["total_equity_incl_nci"] = cells["equity_with_nci"]
        else:
            cells["total_equity_incl_nci"] = cells["total_equity"]
        both_sides, equity = cells.get("liabilities_and_equity"), cells["total_equity_incl_nci"]
        if cells.get("total_liabilities") is None and both_sides is not None and equity is not None:
            cells["total_liabilities"] = both_sides - equity
        short, long = cells.get("short_term_debt"), cells.get("long_term_debt")
        if cells.get("total_debt") is None and short is not None and long is not None:
            cells["total_debt"] = short + long
        return cells


def _less(item: str, whole: Value | None, *parts: Value | None) -> Value | None:
    rest = whole
    for part in parts:
        if rest is None or part is None:
            return None
        rest -= part
    # 0.92 less 0.69 is 0.23
    return rest if rest is None or item not in PER_SHARE else round(rest, DECIMALS)
