"""Each fact's place in its company's fiscal calendar, from its dates alone (never from fy, fp or frame).

A place is a fiscal year and a range of its quarters: (1, 1) is the first quarter, (1, 3) nine months, (1, 4) the year, (4, 4)
the fourth quarter. Instants stand at the end of `to_q`, with from_q = to_q. (0, 0) is a transition period as a whole.
"""

from __future__ import annotations

from typing import Final

import polars as pl

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

ODD_PERIOD: Final = "odd_period"
NO_FISCAL_YEAR: Final = "no_fiscal_year"
INSIDE_TRANSITION: Final = "inside_transition_period"
NOT_A_PERIOD_END: Final = "not_a_period_end"


def placed(spans: pl.DataFrame, years: pl.DataFrame) -> pl.DataFrame:
    """Give each span its place, or the reason why it has none.

    Args:
        spans: `numbered_spans` of some facts: cik, start (null for an instant), end, sorted by cik and end.
        years: the companies' calendars from `fiscal_years`.

    Returns:
        The spans in their order with fy_start, from_q, to_q (Int8), place_reason (null where the span has a place), and `place`:
        one number for cik, fy_start, from_q and to_q, in the order of these, by which sorting, grouping and joining cost a
        fraction of what the four columns cost.
    """
    # The calendars and the spans are sorted by cik and day, which the join takes on trust for each company.
    in_year = spans.with_columns(probe=pl.col("end") - pl.duration(days=_QUARTER_SLACK_DAYS)).join_asof(
        years.select("cik", "fy_start", "fy_end", "transition", "stated").with_row_index("year_row"),
        left_on="probe",
        right_on="fy_start",
        by="cik",
        strategy="backward",
        check_sortedness=False,
    )
    # Days as numbers, once: the conditions below are made of them.
    end, start = (pl.col(name).to_physical() for name in ("end", "start"))
    year_start, year_end = (pl.col(name).to_physical() for name in ("fy_start", "fy_end"))
    in_year = in_year.with_columns(
        elapsed=end - year_start + 1,
        before=start - year_start,
        beyond=end - year_end,
        days=end - start + 1,
        quarter_days=(year_end - year_start + 1) / 4,
    )
    elapsed, before, beyond, days, quarter_days = (
        pl.col(name) for name in ("elapsed", "before", "beyond", "days", "quarter_days")
    )
    in_year = in_year.with_columns(
        to_q=(elapsed / quarter_days).round().clip(1, 4).cast(pl.Int8),
        start_q=(before / quarter_days).round().cast(pl.Int8) + 1,
    ).with_columns(from_q=pl.when(pl.col("start").is_null()).then("to_q").otherwise("start_q"))
    at_quarter_end = (
        pl.when((pl.col("to_q") == 4) & pl.col("stated"))
        .then(beyond.abs() <= BOUNDARY_SLACK_DAYS)
        .otherwise((elapsed - pl.col("to_q") * quarter_days).abs() <= _QUARTER_SLACK_DAYS)
    )
    span_fits = pl.lit(value=False)
    for quarters, (least, most) in SPAN_DAYS.items():
        span_fits |= (pl.col("to_q") - pl.col("from_q") + 1 == quarters) & days.is_between(least, most)
    start_fits = ((pl.col("from_q") > 1) & (pl.col("from_q") == pl.col("to_q"))) | (
        (pl.col("from_q") == 1) & (before.abs() <= pl.when("stated").then(BOUNDARY_SLACK_DAYS).otherwise(_QUARTER_SLACK_DAYS))
    )
    is_transition = (beyond.abs() <= BOUNDARY_SLACK_DAYS) & (pl.col("start").is_null() | (before.abs() <= BOUNDARY_SLACK_DAYS))

    reason = (
        pl.when(pl.col("fy_start").is_null() | (beyond > _QUARTER_SLACK_DAYS))
        .then(pl.lit(NO_FISCAL_YEAR))
        .when(pl.col("transition"))
        .then(pl.when(is_transition).then(None).otherwise(pl.lit(INSIDE_TRANSITION)))
        .when(pl.col("start").is_null())
        .then(pl.when(at_quarter_end).then(None).otherwise(pl.lit(NOT_A_PERIOD_END)))
        .when(at_quarter_end & span_fits & start_fits)
        .then(None)
        .otherwise(pl.lit(ODD_PERIOD))
    )
    as_a_whole = {name: pl.when("transition").then(pl.lit(0, pl.Int8)).otherwise(name) for name in ("from_q", "to_q")}
    return (
        in_year.with_columns(**as_a_whole, place_reason=reason)
        .with_columns(place=_place(pl.col("year_row").cast(pl.Int64), pl.col("from_q"), pl.col("to_q")))
        .select("cik", "start", "end", "fy_start", "from_q", "to_q", "place_reason", "place")
    )


def _place(year: pl.Expr, from_q: pl.Expr | int, to_q: pl.Expr | int) -> pl.Expr:
    return (year * _QUARTER_VALUES + from_q + 1) * _QUARTER_VALUES + to_q


def year_of(place: pl.Expr) -> pl.Expr:
    """One number for the fiscal year of a place."""
    return place // PLACES_OF_A_YEAR


def span_of(place: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """from_q and to_q of a place."""
    return place // _QUARTER_VALUES % _QUARTER_VALUES - 1, place % _QUARTER_VALUES


def place_in_year(place: pl.Expr, from_q: pl.Expr | int, to_q: pl.Expr | int) -> pl.Expr:
    """Another place of the same fiscal year."""
    return _place(year_of(place), from_q, to_q)


def is_year(place: pl.Expr) -> pl.Expr:
    """Whether a place is a whole fiscal year."""
    return place == place_in_year(place, 1, 4)


def year_before(place: pl.Expr) -> pl.Expr:
    """The same place of the interval before, which may be of another company."""
    return place - PLACES_OF_A_YEAR


def period_ends(spans: pl.DataFrame) -> pl.DataFrame:
    """The one end date of each quarter: the one that most facts carry, the later where they tie.

    Args:
        spans: placed spans with `facts`: how many facts have it.

    Returns:
        cik, fy_start, to_q, period_end.
    """
    quarter = ["cik", "fy_start", "to_q"]
    return (
        spans.filter(pl.col("facts") > 0)
        .group_by(*quarter, period_end="end")
        .agg(pl.col("facts").sum())
        .sort(*quarter, "facts", "period_end", descending=[False, False, False, True, True])
        .unique(quarter, keep="first", maintain_order=True)
        .drop("facts")
    )


def period_starts(spans: pl.DataFrame) -> pl.DataFrame:
    """The one start date of each span: the one that most of its facts carry, the earlier where they tie.

    Args:
        spans: placed spans with `facts`: how many facts have it.

    Returns:
        cik, fy_start, from_q, to_q, place, period_start; instants have none.
    """
    return (
        spans.filter((pl.col("facts") > 0) & pl.col("start").is_not_null())
        .group_by(*PLACE, "place", period_start="start")
        .agg(pl.col("facts").sum())
        .sort("place", "facts", "period_start", descending=[False, True, False])
        .unique("place", keep="first", maintain_order=True)
        .drop("facts")
    )
