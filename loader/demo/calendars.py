"""Fiscal calendars: the quarters of a company in order of time, and the fiscal years that they make up.

A span of time is a slice (first, last) of these quarters, both ends included: the generator never has to guess from dates what a
span is, which is what the loader under test has to do.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

#: Fiscal years that only exist as comparatives of the first filings.
PREHISTORY: Final = 3
DAY: Final = timedelta(days=1)
THIRTEEN_WEEKS: Final = (13, 13, 13, 13)


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """One fiscal year, or one transition period between two.

    Attributes:
        label: what the company calls it.
        fyear: the uniform year: that of its end, less one when it ends in January to May.
        first: index of its first quarter.
        last: index of its last quarter.
        transition: whether it is a transition period of less than a year.
    """

    label: int
    fyear: int
    first: int
    last: int
    transition: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """The quarters of a company, without gaps, and its fiscal years."""

    starts: tuple[date, ...]
    ends: tuple[date, ...]
    years: tuple[FiscalYear, ...]

    def days(self, first: int, last: int) -> int:
        """Length of the span from one quarter to another in days, both ends included."""
        return (self.ends[last] - self.starts[first]).days + 1


@dataclass(frozen=True, slots=True)
class Style:
    """How a company sets its year.

    Attributes:
        year_end: the end of the fiscal year that lies mostly in a given calendar year or ends in it.
        label: what to add to that calendar year to get the company's own label.
        weeks: weeks of each quarter; None for quarters of three calendar months.
        long_quarter: which quarter gets the 53rd week.
        later: to which year end it moves in mid-history, if it does.
        transition_form: what reports on the time between: a form, or none when the next 10-Q has it as a column of its own.
    """

    year_end: Callable[[int], date]
    label: int = 0
    weeks: tuple[int, int, int, int] | None = None
    long_quarter: int = 3
    later: Callable[[int], date] | None = None
    transition_form: str | None = None


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _last_weekday(year: int, month: int, weekday: int) -> date:
    end = _month_end(year, month)
    return end - DAY * ((end.weekday() - weekday) % 7)


def _nearest_weekday(day: date, weekday: int) -> date:
    before = day - DAY * ((day.weekday() - weekday) % 7)
    return before if (day - before).days <= 3 else before + 7 * DAY


STYLES: Final = {
    "calendar year": Style(lambda year: date(year, 12, 31)),
    "June": Style(lambda year: date(year, 6, 30)),
    "May": Style(lambda year: date(year, 5, 31)),
    # 52 or 53 weeks; the extra week lengthens the first quarter
    "last Saturday of September": Style(
        lambda year: _last_weekday(year, 9, calendar.SATURDAY), weeks=THIRTEEN_WEEKS, long_quarter=0
    ),
    # may end on 1 to 3 January, and is the old year all the same
    "Saturday nearest 31 December": Style(
        lambda year: _nearest_weekday(date(year, 12, 31), calendar.SATURDAY), weeks=THIRTEEN_WEEKS
    ),
    "last Sunday of January, named for its end": Style(
        lambda year: _last_weekday(year + 1, 1, calendar.SUNDAY), label=1, weeks=THIRTEEN_WEEKS
    ),
    "Sunday nearest 31 January, named for its start": Style(
        lambda year: _nearest_weekday(date(year + 1, 1, 31), calendar.SUNDAY), weeks=THIRTEEN_WEEKS
    ),
    "Sunday nearest 31 August, 12-12-12-16 weeks": Style(
        lambda year: _nearest_weekday(date(year, 8, 31), calendar.SUNDAY), weeks=(12, 12, 12, 16)
    ),
    "last Saturday of December, 12-12-12-16 weeks": Style(
        lambda year: _last_weekday(year, 12, calendar.SATURDAY), weeks=(12, 12, 12, 16)
    ),
    "Saturday nearest 31 January, 16-12-12-12 weeks": Style(
        lambda year: _nearest_weekday(date(year + 1, 1, 31), calendar.SATURDAY), weeks=(16, 12, 12, 12)
    ),
    "December, later June": Style(lambda year: date(year, 12, 31), later=lambda year: date(year, 6, 30), transition_form="10-KT"),
    "June, later December": Style(lambda year: date(year, 6, 30), later=lambda year: date(year, 12, 31), transition_form="10-KT"),
    "December, later September": Style(
        lambda year: date(year, 12, 31), later=lambda year: date(year, 9, 30), transition_form="10-KT"
    ),
    "September, later December": Style(
        lambda year: date(year, 9, 30), later=lambda year: date(year, 12, 31), transition_form="10-QT"
    ),
    # a single month between, too short for a report of its own
    "November, later December": Style(lambda year: date(year, 11, 30), later=lambda year: date(year, 12, 31)),
}


def uniform_year(end: date) -> int:
    """The uniform fiscal year of a year that ends on this day."""
    return end.year - 1 if end.month <= 5 else end.year


def _quarter_ends(style: Style, start: date, end: date) -> list[date]:
    if style.weeks is None:
        month = start.year * 12 + start.month - 1
        return [_month_end(*divmod_month(month + 3 * quarter + 2)) for quarter in range(4)]
    weeks = list(style.weeks)
    weeks[style.long_quarter] += ((end - start).days + 1) // 7 - sum(weeks)
    return [start + 7 * DAY * sum(weeks[: quarter + 1]) - DAY for quarter in range(4)]


def divmod_month(months: int) -> tuple[int, int]:
    """Year and month (1 to 12) of a count of months since year 0."""
    return months // 12, months % 12 + 1


def build_calendar(name: str, last_year: int, years: int, change_at: int) -> Calendar:
    """The calendar of a company.

    Args:
        name: one of STYLES.
        last_year: the calendar year of its last fiscal year.
        years: how many fiscal years and transition periods it has.
        change_at: for a style that changes: place of the transition period among them.
    """
    style = STYLES[name]
    # a later year end in the same calendar year leaves no room for a fiscal year of that name between
    same_year = style.later is not None and style.later(last_year) > style.year_end(last_year)
    first_year = last_year - years + (2 if same_year else 1)
    year_end = style.year_end
    year = first_year
    starts: list[date] = []
    ends: list[date] = []
    fiscal_years: list[FiscalYear] = []
    start = style.year_end(first_year - 1) + DAY
    for place in range(years):
        transition = style.later is not None and place == change_at
        if style.later is not None and transition:
            year_end = style.later
            year -= 1 if same_year else 0
            quarter_ends = _quarters_between(start, year_end(year))
        else:
            quarter_ends = _quarter_ends(style, start, year_end(year))
        first = len(ends)
        for end in quarter_ends:
            starts.append(start)
            ends.append(end)
            start = end + DAY
        fiscal_years.append(FiscalYear(year + style.label, uniform_year(ends[-1]), first, len(ends) - 1, transition))
        year += 1
    return Calendar(tuple(starts), tuple(ends), tuple(fiscal_years))


def _quarters_between(start: date, end: date) -> list[date]:
    """The ends of the quarters of a transition period: of three months each, or one that is shorter."""
    month = start.year * 12 + start.month - 1
    months = end.year * 12 + end.month - month
    return [_month_end(*divmod_month(month + 3 * quarter + 2)) for quarter in range(months // 3)] or [end]
