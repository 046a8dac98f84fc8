"""Each fact's place in its company's fiscal calendar, from its dates alone (never from fy, fp or frame).

A place is a fiscal year and a range of its quarters: (1, 1) is the first quarter, (1, 3) nine months, (1, 4) the year, (4, 4)
the fourth quarter. Instants stand at the end of `to_q`, with from_q = to_q. (0, 0) is a transition period as a whole.
"""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.standardize.calendars import BOUNDARY_SLACK_DAYS
from loader.standardize.runs import DAYS, begins, numbers, ordered, repeated

#: Days (both ends counted) of spans of one to four quarters: 12- to 18-week quarters, 52/53-week years (rule 2.1).
SPAN_DAYS: Final = {1: (70, 125), 2: (150, 215), 3: (235, 300), 4: (340, 380)}
#: A quarter's end may lie this far from its even quarter of the year: 16-week quarters do (three of 12 weeks end 22 days early).
_QUARTER_SLACK_DAYS = 28

#: Columns that name a place.
PLACE: Final = ("cik", "fy_start", "from_q", "to_q")

#: How many values the parts of a place number can take, a power of two: from_q is -1 (trailing twelve months) to 4, to_q 0 to 4.
_QUARTER_VALUES: Final = 8
#: How many place numbers a fiscal year has.
PLACES_OF_A_YEAR: Final = _QUARTER_VALUES**2
#: `from_q` of a trailing-twelve-months place; `to_q` is the quarter it ends with.
TRAILING: Final = -1

#: Numbers of places, or of years: as an expression over a frame's column, as an array, or one of them.
_Numbers = TypeVar("_Numbers", pl.Expr, NDArray[np.int64], int)

ODD_PERIOD: Final = "odd_period"
NO_FISCAL_YEAR: Final = "no_fiscal_year"
INSIDE_TRANSITION: Final = "inside_transition_period"
NOT_A_PERIOD_END: Final = "not_a_period_end"
_REASONS: Final = (None, NO_FISCAL_YEAR, INSIDE_TRANSITION, NOT_A_PERIOD_END, ODD_PERIOD)


#: Quarters from the start of the fiscal year, as far as they are told apart: some spans go back to the company's inception.
_QUARTERS_AWAY: Final = (-9, 9)


def placed(spans: pl.DataFrame, years: pl.DataFrame) -> pl.DataFrame:
    """Give each span its place, or the reason why it has none.

    Args:
        spans: `numbered_spans` of some facts: cik, start (null for an instant), end, sorted by cik and end.
        years: the companies' calendars from `fiscal_years`.

    Returns:
        The spans in their order with fy_start, from_q, to_q (Int8), place_reason (null where the span has a place; where it has
        none, the other columns mean nothing), and `place`: one number for cik, fy_start, from_q and to_q, in the order of these,
        by which sorting, grouping and joining cost a fraction of what the four columns cost.
    """
    dates = spans.select("cik", "end", pl.col("start").to_physical().fill_null(0), is_instant=pl.col("start").is_null())
    cik, start, end, is_instant = numbers(dates, "cik", "start", "end", "is_instant")
    of_company, *calendar = numbers(years, "cik", "fy_start", "fy_end", "transition", "stated")
    # One number for company and day: the calendars are sorted by both.
    probe = cik * DAYS + end - _QUARTER_SLACK_DAYS
    year = np.searchsorted(of_company * DAYS + calendar[0], probe, "right") - 1
    year[np.append(of_company, -1)[year] != cik] = -1
    # What has no year has the position -1: the last.
    year_start, year_end, transition, stated = (np.append(column, np.zeros(1, column.dtype))[year] for column in calendar)
    quarter_days = (year_end - year_start + 1) / 4
    elapsed, before, beyond, days = end - year_start + 1, start - year_start, end - year_end, end - start + 1
    to_q = np.clip(_rounded(elapsed / quarter_days), 1, 4)
    from_q = np.where(is_instant, to_q, np.clip(_rounded(before / quarter_days) + 1, *_QUARTERS_AWAY))
    at_year_end, near_start = (np.abs(gap) <= BOUNDARY_SLACK_DAYS for gap in (beyond, before))
    at_quarter_end = np.where((to_q == 4) & stated, at_year_end, np.abs(elapsed - to_q * quarter_days) <= _QUARTER_SLACK_DAYS)
    span_fits = np.logical_or.reduce(
        [(to_q - from_q + 1 == quarters) & (least <= days) & (days <= most) for quarters, (least, most) in SPAN_DAYS.items()]
    )
    at_year_start = np.where(stated, near_start, np.abs(before) <= _QUARTER_SLACK_DAYS)
    start_fits = ((from_q > 1) & (from_q == to_q)) | ((from_q == 1) & at_year_start)
    reason = np.select(
        [
            (year < 0) | (beyond > _QUARTER_SLACK_DAYS),
            transition & at_year_end & (is_instant | near_start),
            transition,
            at_quarter_end & (is_instant | (span_fits & start_fits)),
            is_instant,
        ],
        [_REASONS.index(name) for name in (NO_FISCAL_YEAR, None, INSIDE_TRANSITION, None, NOT_A_PERIOD_END)],
        _REASONS.index(ODD_PERIOD),
    )
    first, last = (np.where(transition, 0, quarter).astype(np.int8) for quarter in (from_q, to_q))
    return spans.with_columns(
        fy_start=pl.when(pl.Series(year >= 0)).then(pl.Series(year_start).cast(pl.Date)),
        from_q=first,
        to_q=last,
        place_reason=pl.Series(_REASONS, dtype=pl.String)[reason],
        place=(year * _QUARTER_VALUES + first + 1) * _QUARTER_VALUES + last,
    )


def _rounded(quarters: NDArray[np.float64]) -> NDArray[np.float64]:
    """To the nearest whole number, halves away from zero."""
    return np.trunc(quarters + np.copysign(0.5, quarters))


def _place(year: _Numbers, from_q: _Numbers | int, to_q: _Numbers | int) -> _Numbers:
    return (year * _QUARTER_VALUES + from_q + 1) * _QUARTER_VALUES + to_q


def year_of(place: _Numbers) -> _Numbers:
    """One number for the fiscal year of a place."""
    return place // PLACES_OF_A_YEAR


def span_of(place: _Numbers) -> tuple[_Numbers, _Numbers]:
    """from_q and to_q of a place."""
    # Of powers of two, so that bits tell what a remainder would, in a quarter of the time.
    return (place // _QUARTER_VALUES & (_QUARTER_VALUES - 1)) - 1, place & (_QUARTER_VALUES - 1)


def within_year(place: _Numbers) -> _Numbers:
    """The number of a place among those of its year, from 0."""
    return place & (PLACES_OF_A_YEAR - 1)


def place_in_year(place: _Numbers, from_q: _Numbers | int, to_q: _Numbers | int) -> _Numbers:
    """Another place of the same fiscal year."""
    return _place(year_of(place), from_q, to_q)


def year_before(place: _Numbers) -> _Numbers:
    """The same place of the interval before, which may be of another company."""
    return place - PLACES_OF_A_YEAR


def period_ends(spans: pl.DataFrame, facts: NDArray[np.int64]) -> tuple[pl.DataFrame, NDArray[np.bool_]]:
    """The one end date of each quarter: the one that most facts carry, the later where they tie.

    Args:
        spans: placed spans.
        facts: how many facts have each.

    Returns:
        place (where an instant of that day stands), period_end; and for each span that facts have whether it ends on another day.
    """
    counted = np.flatnonzero(facts)
    place, end = (column.take(counted) for column in numbers(spans, "place", "end"))
    to_q = span_of(place)[1]
    return _most_stated("period_end", place_in_year(place, to_q, to_q), end, facts, counted, later=True)


def period_starts(spans: pl.DataFrame, facts: NDArray[np.int64]) -> tuple[pl.DataFrame, NDArray[np.bool_]]:
    """The one start date of each span: the one that most of its facts carry, the earlier where they tie.

    Args:
        spans: placed spans.
        facts: how many facts have each.

    Returns:
        place, period_start, without instants, which have none; and for each span that facts have whether it starts on another
        day.
    """
    counted = np.flatnonzero((facts > 0) & spans.get_column("start").is_not_null().to_numpy())
    place, start = numbers(spans[counted, ["place", "start"]], "place", "start")
    return _most_stated("period_start", place, start, facts, counted, later=False)


def _most_stated(
    name: str,
    place: NDArray[np.int64],
    day: NDArray[np.int32],
    facts: NDArray[np.int64],
    counted: NDArray[np.int64],
    *,
    later: bool,
) -> tuple[pl.DataFrame, NDArray[np.bool_]]:
    """The day of each place that most facts carry.

    Args:
        name: what the day is called.
        place: the place of some spans.
        day: a day of each.
        facts: how many facts each span has, of all spans.
        counted: which of these the places and days are of.
        later: of days that tie, the later one is wanted, not the earlier.

    Returns:
        place and the day; and for each of all spans whether it has a day which is another one than that of its place.
    """
    # As numbers from 0 that are the larger the more they are wanted.
    number = DAYS // 2 + (day if later else -day)
    order, place_day = ordered(place * DAYS + number)
    of_day = begins(place_day)
    place_day = place_day.take(of_day)
    places = place_day // DAYS
    of_place = begins(places)
    stated = np.add.reduceat(facts.take(counted.take(order)), of_day) if len(of_day) else of_day
    standing = stated * DAYS + place_day % DAYS
    best = np.maximum.reduceat(standing, of_place) % DAYS if len(of_place) else standing
    differs = np.zeros(len(facts), np.bool_)
    differs[counted.take(order)] = number.take(order) != repeated(best, of_day.take(of_place), len(order))
    days = pl.Series((best - DAYS // 2) * (1 if later else -1)).cast(pl.Date)
    return pl.DataFrame({"place": places.take(of_place), name: days}), differs
