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

#: Days (both ends counted) of spans of one to four quarters: 12- to 18-week quarters, 52/53-week years (rule 2.1).
SPAN_DAYS: Final = {1: (70, 125), 2: (150, 215), 3: (235, 300), 4: (340, 380)}
#: A quarter's end may lie this far from its even quarter of the year: 16-week quarters do (three of 12 weeks end 22 days early).
_QUARTER_SLACK_DAYS = 28

#: Columns that name a place.
PLACE: Final = ("cik", "fy_start", "from_q", "to_q")

#: How many values the parts of a place number can take: from_q is -1 (trailing twelve months) to 4, to_q 0 to 4.
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


#: Days from 1970 to a day before all that facts can have (1900), and more than twice as many.
_MANY_DAYS: Final = 2**15
_DATES: Final = 2**17


def placed(facts: pl.DataFrame, years: pl.DataFrame) -> pl.DataFrame:
    """Give each fact its place, or the reason why it has none.

    Args:
        facts: facts with cik, start (null for an instant), end.
        years: the companies' calendars from `fiscal_years`.

    Returns:
        The facts in their order with fy_start, from_q, to_q (Int8), place_reason (null where the fact has a place), and `place`:
        one number for cik, fy_start, from_q and to_q, in the order of these, by which sorting, grouping and joining cost a
        fraction of what the four columns cost.
    """
    # Facts share their dates: some hundred spans hold the thousands of facts of a company. One number names a span.
    named = facts.select("cik", "start", "end", span=_span(facts))
    places = _places(named.unique("span", keep="any"), years).drop("cik", "start", "end")
    return facts.with_columns(named.get_column("span")).join(places, on="span", how="left", maintain_order="left").drop("span")


def _span(facts: pl.DataFrame) -> pl.Series:
    """One number for cik, start and end: two dates of 16 bits each behind the number of the company in the batch."""
    company = facts.get_column("cik").rank("dense").cast(pl.Int64)
    return facts.select(
        (company * _DATES + pl.col("start").to_physical().cast(pl.Int64).fill_null(-_MANY_DAYS) + _MANY_DAYS) * _DATES
        + pl.col("end").to_physical().cast(pl.Int64)
        + _MANY_DAYS
    ).to_series()


def _places(spans: pl.DataFrame, years: pl.DataFrame) -> pl.DataFrame:
    in_year = (
        spans.with_columns(probe=pl.col("end") - pl.duration(days=_QUARTER_SLACK_DAYS))
        .sort("cik", "probe")
        # The calendars are sorted by cik and start already, which the join takes on trust for each company.
        .join_asof(
            years.select("cik", "fy_start", "fy_end", "transition", "stated").sort("cik", "fy_start").with_row_index("year_row"),
            left_on="probe",
            right_on="fy_start",
            by="cik",
            strategy="backward",
            check_sortedness=False,
        )
        .drop("probe")
    )
    quarter_days = ((pl.col("fy_end") - pl.col("fy_start")).dt.total_days() + 1) / 4
    elapsed = (pl.col("end") - pl.col("fy_start")).dt.total_days() + 1
    before = (pl.col("start") - pl.col("fy_start")).dt.total_days()
    from_year_end = (pl.col("end") - pl.col("fy_end")).dt.total_days().abs()
    days = (pl.col("end") - pl.col("start")).dt.total_days() + 1

    to_q = (elapsed / quarter_days).round().clip(1, 4).cast(pl.Int8)
    from_q = pl.when(pl.col("start").is_null()).then(to_q).otherwise((before / quarter_days).round().cast(pl.Int8) + 1)
    at_quarter_end = (
        pl.when((pl.col("to_q") == 4) & pl.col("stated"))
        .then(from_year_end <= BOUNDARY_SLACK_DAYS)
        .otherwise((elapsed - pl.col("to_q") * quarter_days).abs() <= _QUARTER_SLACK_DAYS)
    )
    span_fits = pl.lit(value=False)
    for quarters, (least, most) in SPAN_DAYS.items():
        span_fits |= (pl.col("to_q") - pl.col("from_q") + 1 == quarters) & days.is_between(least, most)
    start_fits = ((pl.col("from_q") > 1) & (pl.col("from_q") == pl.col("to_q"))) | (
        (pl.col("from_q") == 1) & (before.abs() <= pl.when("stated").then(BOUNDARY_SLACK_DAYS).otherwise(_QUARTER_SLACK_DAYS))
    )
    is_transition = (from_year_end <= BOUNDARY_SLACK_DAYS) & (pl.col("start").is_null() | (before.abs() <= BOUNDARY_SLACK_DAYS))

    reason = (
        pl.when(pl.col("fy_start").is_null() | ((pl.col("end") - pl.col("fy_end")).dt.total_days() > _QUARTER_SLACK_DAYS))
        .then(pl.lit(NO_FISCAL_YEAR))
        .when(pl.col("transition"))
        .then(pl.when(is_transition).then(None).otherwise(pl.lit(INSIDE_TRANSITION)))
        .when(pl.col("start").is_null())
        .then(pl.when(at_quarter_end).then(None).otherwise(pl.lit(NOT_A_PERIOD_END)))
        .when(at_quarter_end & span_fits & start_fits)
        .then(None)
        .otherwise(pl.lit(ODD_PERIOD))
    )
    return (
        in_year.with_columns(to_q=to_q, from_q=from_q)
        .with_columns(place_reason=reason)
        .with_columns(pl.when("transition").then(pl.lit(0, pl.Int8)).otherwise(name).alias(name) for name in ("from_q", "to_q"))
        .with_columns(place=_place(pl.col("year_row").cast(pl.Int64), pl.col("from_q"), pl.col("to_q")))
        .drop("fy_end", "transition", "stated", "year_row")
    )


def _place(year: _Numbers, from_q: _Numbers | int, to_q: _Numbers | int) -> _Numbers:
    return (year * _QUARTER_VALUES + from_q + 1) * _QUARTER_VALUES + to_q


def year_of(place: _Numbers) -> _Numbers:
    """One number for the fiscal year of a place."""
    return place // PLACES_OF_A_YEAR


def span_of(place: _Numbers) -> tuple[_Numbers, _Numbers]:
    """from_q and to_q of a place."""
    return place // _QUARTER_VALUES % _QUARTER_VALUES - 1, place % _QUARTER_VALUES


def place_in_year(place: _Numbers, from_q: _Numbers | int, to_q: _Numbers | int) -> _Numbers:
    """Another place of the same fiscal year."""
    return _place(year_of(place), from_q, to_q)


def year_before(place: _Numbers) -> _Numbers:
    """The same place of the interval before, which may be of another company."""
    return place - PLACES_OF_A_YEAR


def period_ends(facts: pl.DataFrame) -> pl.DataFrame:
    """The one end date of each quarter: the one that most facts carry, the later where they tie.

    Args:
        facts: placed facts that have a place.

    Returns:
        cik, fy_start, to_q, period_end.
    """
    return (
        facts.group_by("cik", "fy_start", "to_q", "end")
        .len()
        .sort("cik", "fy_start", "to_q", "len", "end", descending=[False, False, False, True, True])
        .unique(["cik", "fy_start", "to_q"], keep="first", maintain_order=True)
        .select("cik", "fy_start", "to_q", period_end="end")
    )


def period_starts(facts: pl.DataFrame) -> pl.DataFrame:
    """The one start date of each span: the one that most of its facts carry, the earlier where they tie.

    Returns:
        cik, fy_start, from_q, to_q, place, period_start; instants have none.
    """
    return (
        facts.filter(pl.col("start").is_not_null())
        .group_by("place", *PLACE, "start")
        .len()
        .sort("place", "len", "start", descending=[False, True, False])
        .unique("place", keep="first", maintain_order=True)
        .select(*PLACE, "place", period_start="start")
    )
