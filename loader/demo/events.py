"""What happens to a company beside its business: splits, errors in its filings, gaps in its history.

What happens follows from the company's place in the corpus, so that a small corpus has each kind at least once; when it happens
follows from the seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from loader.demo.calendars import PREHISTORY, Calendar

#: New shares for each old one: of companies with one split, and of those with two.
_SPLIT_RATIOS: Final = (2.0, 3.0, 1.5, 4.0, 10.0, 20.0, 0.125)
_TWO_SPLITS: Final = (4.0, 10.0)
#: A split needs years before and after it in which it shows.
_YEARS_FOR_A_SPLIT: Final = 4
#: Items that are left out of some quarterly reports: what nothing else gives, and what follows from other lines.
_OMITTED_FLOWS: Final = (
    "stock_based_compensation",
    "share_repurchases",
    "depreciation_amortization",
    "capital_expenditures",
    "research_and_development",
    "selling_general_admin",
)
_OMITTED_DERIVABLE: Final = ("operating_income", "income_tax", "pretax_income", "revenue", "net_change_in_cash", "gross_profit")
_OMITTED_DAYS: Final = ("goodwill", "receivables", "inventory", "total_liabilities", "intangible_assets")


@dataclass(frozen=True, slots=True)
class Split:
    """A stock split: filings from this day on count shares anew, those of earlier periods included."""

    day: date
    ratio: float


@dataclass(frozen=True, slots=True)
class Events:
    """What happens to one company.

    Attributes:
        splits: in order of time.
        share_unit: to which its share counts are rounded.
        omitted: item, fiscal year by place, number of the quarter (0 to 2; 3 for the 10-K): what a report leaves out.
        amended_quarter: fiscal year by place and number of the quarter whose 10-Q a 10-Q/A corrects.
        missing_annual: the fiscal year by place whose 10-K is not there.
        new_listing: it has filed nothing but 10-Qs yet.
        share_scale: its share counts are in thousands in this report (quarter by number, 3 for the 10-K) of its last years.
        money_scale: whether an amount somewhere is 1,000 times too small or too large.
        negative_payments: whether payments are filed as negative numbers.
        tax_sign: the kind of report whose income tax has the wrong sign.
    """

    splits: tuple[Split, ...] = ()
    share_unit: int = 1
    omitted: frozenset[tuple[str, int, int]] = frozenset()
    amended_quarter: tuple[int, int] | None = None
    missing_annual: int | None = None
    new_listing: bool = False
    share_scale: int | None = None
    money_scale: bool = False
    negative_payments: bool = False
    tax_sign: str | None = None

    def later_splits(self, filed: date) -> float:
        """How many of today's shares one share of a filing's day has become."""
        factor = 1.0
        for split in self.splits:
            if filed < split.day:
                factor *= split.ratio
        return factor


def is_new_listing(index: int) -> bool:
    """Whether a company has filed nothing but 10-Qs yet."""
    return index % 18 == 17


@dataclass(frozen=True, slots=True)
class Course:
    """What is settled about a company when its events are planned.

    Attributes:
        index: its place in the corpus.
        calendar: its fiscal years.
        items: what it states.
        restated: the fiscal year (by place) that a 10-K/A restates.
        change: the fiscal year (by place) from which it uses other concepts.
    """

    index: int
    calendar: Calendar
    items: tuple[str, ...]
    restated: int | None
    change: int | None


def plan_events(course: Course, rng: random.Random) -> Events:
    """Decide what happens to a company, with random numbers of its own."""
    index, calendar, items, restated = course.index, course.calendar, course.items, course.restated
    years = len(calendar.years)
    if is_new_listing(index):
        return Events(new_listing=True)
    # no report of a transition period, whose form differs, and none of the year that is restated or starts with new concepts
    plain = [
        place
        for place in range(PREHISTORY + 1, years - 1)
        if place not in (restated, course.change) and not any(year.transition for year in calendar.years[place - 1 : place + 2])
    ]
    splits = _splits(index, rng, calendar)
    share_scale = {7: 1, 19: 2, 31: 3}.get(index % 36)
    if "preferred_dividends" in items:
        # net income is not what their earnings per share are made of, so that nothing proves the count
        share_scale = None
    amended = (rng.choice(plain), rng.randint(0, 2)) if plain and restated is None and index % 12 == 8 else None
    missing = None
    if plain and index % 18 == 13:
        missing = years - 2 if index % 36 == 31 else rng.choice(plain)
        missing = missing if missing in plain else None
    return Events(
        splits=splits,
        share_unit=1000 if splits or share_scale is not None else 1,
        omitted=_omitted(rng, items, plain) if plain and restated is None and index % 9 == 2 else frozenset(),
        amended_quarter=amended,
        missing_annual=missing,
        share_scale=share_scale,
        money_scale=index % 12 == 3,
        negative_payments=index % 9 == 5,
        tax_sign={10: "10-K", 22: "10-Q", 34: "comparative"}.get(index % 36),
    )


def _splits(index: int, rng: random.Random, calendar: Calendar) -> tuple[Split, ...]:
    years = len(calendar.years)
    ratios: tuple[float, ...] = ()
    if index % 18 == 4:
        ratios = _TWO_SPLITS
    elif index % 5 == 1:
        ratios = (_SPLIT_RATIOS[index // 5 % len(_SPLIT_RATIOS)],)
    if years - PREHISTORY < _YEARS_FOR_A_SPLIT:
        return ()
    # two splits within a year at some, years apart at others
    first = PREHISTORY + rng.randint(1, years - PREHISTORY - 3)
    apart = 1 if index % 36 == 22 else rng.randint(1, 2) * 4
    splits = []
    for number, ratio in enumerate(ratios):
        quarter = min(
            calendar.years[first].first + rng.randint(0, 1) + number * (2 if apart == 1 else apart), len(calendar.ends) - 3
        )
        splits.append(Split(calendar.ends[quarter] + timedelta(days=rng.randint(-40, 60)), ratio))
    return tuple(splits)


def _omitted(rng: random.Random, items: tuple[str, ...], plain: list[int]) -> frozenset[tuple[str, int, int]]:
    def one_of(names: tuple[str, ...]) -> str:
        return rng.choice([name for name in names if name in items])

    place, number = rng.choice(plain), rng.randint(0, 2)
    twice, left_out = one_of(_OMITTED_FLOWS), one_of(_OMITTED_DERIVABLE)
    return frozenset(
        {
            # left out again a year later, so that no comparative tells it either
            (twice, place, number),
            (twice, place + 1, number),
            (left_out, plain[-1], rng.randint(0, 2)),
            (one_of(_OMITTED_FLOWS), plain[0], 3),
            (one_of(_OMITTED_DAYS), plain[-1], rng.randint(0, 2)),
        }
    )
