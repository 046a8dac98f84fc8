"""Fiscal calendars: which intervals are the fiscal years of a company, read from its own annual reports.

A fiscal year is a span of about a year that an annual report states its income or cash flow for. Neither fy/fp (attributes of
the filing) nor the calendar month tells it. Between two fiscal years that do not meet lies a transition period; years for
which no annual report is there are continued from the ones that are.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference.concepts import can_give
from loader.standardize.forms import ANNUAL, TRANSITION_FORMS
from loader.standardize.runs import begins, numbered, numbers

#: Days of a fiscal year, both ends counted: 52 or 53 weeks or a calendar year, with a little room.
YEAR_DAYS: Final = (340, 380)
TRANSITION_DAYS: Final = (28, 339)
#: Two dates this close are the same period boundary (rule 2.2): 52/53-week years and hand-typed dates wander.
BOUNDARY_SLACK_DAYS: Final = 14
#: A period that ends within the first two weeks of a month belongs, for labels, to the month before (52/53-week years).
LABEL_SHIFT: Final = pl.duration(days=14)

_YEARS_BEFORE = 3  # a first annual report compares with two earlier years and their balance sheets
_YEARS_AFTER = 2  # the year in progress, and one more where an annual report is late

_ANCHOR_LINES = ("net_income", "net_income_incl_nci", "revenue", "operating_cash_flow", "pretax_income")
_CASH_FLOWS = ("operating_cash_flow", "investing_cash_flow", "financing_cash_flow")

#: A day before all that facts can have.
_NEVER: Final = -(2**31)

#: What is looked at of a fact.
_OF_A_REPORT: Final = ["cik", "start", "end", "accession", "fy", "form", "filed"]


def _days(start: str, end: str) -> pl.Expr:
    return (pl.col(end) - pl.col(start)).dt.total_days() + 1


def fiscal_years(facts: pl.DataFrame, known: NDArray[np.bool_], spans: pl.DataFrame) -> pl.DataFrame:
    """The fiscal years and transition periods of each company.

    Args:
        facts: `STATEMENT_FACTS` with `span` and form_kind.
        known: which of them are looked at.
        spans: the `numbered_spans` of the facts.

    Returns:
        One row per company and interval, sorted: cik, fy_start, fy_end (both inclusive), transition (a stub between two fiscal
        years), stated (an annual report states it; otherwise continued from its neighbours), year (the company's own label),
        fyear (the year of the end, less one when it ends in January to May). Intervals of one company do not overlap.
    """
    concept = facts.get_column("concept_id").to_numpy()
    is_annual = facts.get_column("form_kind").to_numpy() == ANNUAL
    is_flow = facts.get_column("start").is_not_null().to_numpy()
    anchors = np.flatnonzero(known & is_annual & is_flow & can_give(concept, *_ANCHOR_LINES))
    flows = facts[anchors, _OF_A_REPORT].with_columns(days=_days("start", "end"))
    stated = _stated_years(flows)
    of_transitions = flows.filter(pl.col("form").is_in(TRANSITION_FORMS))
    if of_transitions.height:
        stated = pl.concat([stated, _stated_transitions(of_transitions)])
    stated = _without_overlaps(stated.sort("cik", "fy_end", "fy_start")).with_columns(stated=pl.lit(value=True))
    cash_flow = np.flatnonzero(known & can_give(concept, *_CASH_FLOWS))
    begun = _facts_of_years_begun(facts, known, cash_flow, spans, stated)
    if begun.height:
        stated = pl.concat([stated, _years_begun(begun)], how="diagonal_relaxed").sort("cik", "fy_end", "fy_start")
    return _labelled(_with_gaps_filled(stated))


def _stated_years(flows: pl.DataFrame) -> pl.DataFrame:
    """One row per (cik, end) of year-length spans in annual reports, the best attested start of each."""
    years = (
        flows.filter(pl.col("days").is_between(*YEAR_DAYS))
        .with_columns(own=pl.col("end") == pl.col("end").max().over("cik", "accession"))
        .sort("filed", "accession", "fy")
    )
    candidates = years.group_by("cik", "start", "end").agg(
        own=pl.col("own").any(),
        facts=pl.len(),
        # The label is the one of the report that was the first to have this year as its own (rule 2.4).
        fy=pl.col("fy").filter(pl.col("own")).first(),
    )
    best = candidates.sort("cik", "end", "own", "facts", "start", descending=[False, False, True, True, False]).unique(
        ["cik", "end"],
        keep="first",
        maintain_order=True,
    )
    # Ends a few days apart are one year end, typed differently: the best attested is kept.
    cluster = (
        ((pl.col("end") - pl.col("end").shift(1)).dt.total_days() > BOUNDARY_SLACK_DAYS)
        .fill_null(value=True)
        .cum_sum()
        .over("cik")
    )
    return (
        best.with_columns(cluster=cluster)
        .sort("cik", "cluster", "own", "facts", "end", descending=[False, False, True, True, True])
        .unique(["cik", "cluster"], keep="first", maintain_order=True)
        .select("cik", fy_start="start", fy_end="end", own="own", facts="facts", fy="fy", transition=pl.lit(value=False))
    )


def _stated_transitions(flows: pl.DataFrame) -> pl.DataFrame:
    """The transition period of each 10-KT: its longest span shorter than a year that ends with the report's own period."""
    own = flows.filter(pl.col("end") == pl.col("end").max().over("cik", "accession"))
    return (
        own.filter(pl.col("days").max().over("cik", "accession") <= TRANSITION_DAYS[1])
        .filter((pl.col("days") == pl.col("days").max().over("cik", "accession")) & pl.col("days").is_between(*TRANSITION_DAYS))
        .group_by("cik", "start", "end")
        .agg(facts=pl.len(), fy=pl.col("fy").sort_by("filed", "accession", "fy").first())
        .select(
            "cik", fy_start="start", fy_end="end", own=pl.lit(value=True), facts="facts", fy="fy", transition=pl.lit(value=True)
        )
    )


def _without_overlaps(stated: pl.DataFrame) -> pl.DataFrame:
    """Drop what overlaps a better attested span: 12 months that are no fiscal year (recast after a changed year end).

    Args:
        stated: the spans of each company, in the order of their ends.
    """
    cik, starts, ends = numbers(stated, "cik", "fy_start", "fy_end")
    # In the order of their ends, some overlap where two neighbours do.
    if not ((cik[1:] == cik[:-1]) & (starts[1:] + BOUNDARY_SLACK_DAYS < ends[:-1])).any():
        return stated
    slack = pl.duration(days=BOUNDARY_SLACK_DAYS)
    with_rows = stated.with_row_index("row")
    worse = (
        with_rows.join(with_rows, on="cik", suffix="_other")
        .filter(
            (pl.col("row") != pl.col("row_other"))
            & (pl.col("fy_start") + slack < pl.col("fy_end_other"))
            & (pl.col("fy_start_other") + slack < pl.col("fy_end"))
            & (
                (pl.col("own_other") > pl.col("own"))
                | ((pl.col("own_other") == pl.col("own")) & (pl.col("facts_other") > pl.col("facts")))
                | (
                    (pl.col("own_other") == pl.col("own"))
                    & (pl.col("facts_other") == pl.col("facts"))
                    & (pl.col("row_other") > pl.col("row"))
                )
            ),
        )
        .get_column("row")
    )
    return with_rows.filter(~pl.col("row").is_in(worse.implode())).drop("row")


def _facts_of_years_begun(
    facts: pl.DataFrame, known: NDArray[np.bool_], cash_flow: NDArray[np.int64], spans: pl.DataFrame, stated: pl.DataFrame
) -> pl.DataFrame:
    """The year-to-date facts that start where no annual report leads to: those of a fiscal year that has begun.

    That is the first year of a company without any annual report yet, or the first year of a changed calendar, which starts on
    none of the days that the last stated year leads to. Cash flow statements of interim reports are year-to-date always, so
    even a single first-quarter report shows the start of the year.

    Args:
        facts: as `fiscal_years` has them.
        known: which of them are looked at.
        cash_flow: the rows of the known facts that are a total of the cash flow statement.
        spans: the `numbered_spans` of the facts.
        stated: the years and transition periods that annual reports state, sorted by company and end.

    Returns:
        The facts, nearly always none, with `cash_flow`: whether it is a total of that statement.
    """
    span = facts.get_column("span").to_numpy()
    shows_cash_flow = np.zeros(spans.height, np.bool_)
    shows_cash_flow[span[cash_flow]] = True
    cik, end = numbers(spans, "cik", "end")
    starts = spans.get_column("start")
    start, is_span = starts.to_physical().fill_null(0).to_numpy(), starts.is_not_null().to_numpy()
    # A company without any has the position -1, the last, or another company's.
    of_company, ends = (np.append(column, -1) for column in numbers(stated, "cik", "fy_end"))
    last = np.searchsorted(of_company[:-1], cik, "right") - 1
    has_year = of_company[last] == cik
    last_end = np.where(has_year, ends[last], 0)
    company = numbered(cik)[1]
    days, since = end - start + 1, start - last_end - 1
    from_anniversary = np.min([np.abs(since - years * 365.25) for years in range(_YEARS_AFTER + 1)], axis=0)
    # Some state three months of cash flow too. Their year to date, which started as foreseen, reaches over those.
    is_cash_flow = is_span & shows_cash_flow
    foreseen = is_cash_flow & has_year & (since >= 0) & (from_anniversary <= BOUNDARY_SLACK_DAYS)
    last_foreseen = np.full(spans.height, _NEVER)
    np.maximum.at(last_foreseen, company[foreseen], end[foreseen])
    beyond = start > last_foreseen[company]
    elsewhere = (since > BOUNDARY_SLACK_DAYS) & (from_anniversary > BOUNDARY_SLACK_DAYS)
    to_date, first_quarter = (days >= 150) & (days <= 300), (days >= 70) & (days <= 125)
    of_any = beyond & is_span & ~has_year & to_date
    of_cash_flow = beyond & is_cash_flow & (~has_year | elsewhere) & (to_date | first_quarter)
    if not (of_any.any() or of_cash_flow.any()):
        return facts[_OF_A_REPORT].clear()
    is_begun = known & of_any.take(span)
    is_begun[cash_flow[of_cash_flow[span[cash_flow]]]] = True
    begun = np.flatnonzero(is_begun)
    of_cash_flows = can_give(facts.get_column("concept_id").to_numpy()[begun], *_CASH_FLOWS)
    return facts[begun, _OF_A_REPORT].with_columns(cash_flow=pl.Series(of_cash_flows))


def _years_begun(begun: pl.DataFrame) -> pl.DataFrame:
    """The fiscal year that has begun, by the facts which show it: it starts where they start."""
    return (
        begun.group_by("cik", "start")
        .agg(pl.len(), pl.col("cash_flow").any())
        # The year in progress, not the one it is compared with: about as many facts start with either.
        .with_columns(attested=2 * pl.col("len") >= pl.col("len").max().over("cik", "cash_flow"))
        .sort("cik", "cash_flow", "attested", "start", descending=[False, True, True, True])
        .unique("cik", keep="first", maintain_order=True)
        .select(
            "cik",
            fy_start="start",
            fy_end=pl.col("start").dt.offset_by("1y") - pl.duration(days=1),
            transition=pl.lit(value=False),
            stated=pl.lit(value=False),
        )
        .join(_labels_of_interim_reports(begun), on="cik", how="left")
        # Such a report's fy is the label of the year that its own period lies in.
        .with_columns(fy=pl.when(pl.col("period_end").is_between("fy_start", "fy_end")).then("fy"))
        .drop("period_end")
    )


def _labels_of_interim_reports(facts: pl.DataFrame) -> pl.DataFrame:
    """The fy of each company's last interim report, with the end of the report's own period: cik, fy, period_end."""
    return (
        facts.group_by("cik", "accession", "filed")
        .agg(period_end=pl.col("end").max(), fy=pl.col("fy").sort_by("end", "fy").last())
        .sort("cik", "filed", "accession")
        .group_by("cik", maintain_order=True)
        .agg(pl.col("fy", "period_end").last())
    )


def _with_gaps_filled(stated: pl.DataFrame) -> pl.DataFrame:
    """Put intervals between, before and after the stated ones: transition periods and years whose annual report is not there.

    Args:
        stated: the intervals of each company, in the order of their ends.
    """
    cik, start, end = numbers(stated, "cik", "fy_start", "fy_end")
    first = begins(cik)
    last = np.append(first[1:], len(cik))[: len(first)] - 1
    days = start[1:] - end[:-1] - 1
    gaps = np.flatnonzero((cik[1:] == cik[:-1]) & (days > BOUNDARY_SLACK_DAYS))
    is_transition = days[gaps] <= TRANSITION_DAYS[1]
    stubs, holes = gaps[is_transition], gaps[~is_transition]
    transitions = pl.DataFrame(
        {"cik": cik[stubs], "fy_start": end[stubs] + 1, "fy_end": start[stubs + 1] - 1},
        schema_overrides={"fy_start": pl.Date, "fy_end": pl.Date},
    ).with_columns(transition=pl.lit(value=True), stated=pl.lit(value=False))
    before = np.minimum.reduceat(start, first) - 1 if len(first) else start
    # Whole years are laid backwards from the year after the hole, so that what does not fit is left over at its beginning.
    missing = np.round(days[holes] / 365.25).astype(np.int64)
    laid = pl.DataFrame(
        {
            "cik": np.concatenate([cik[holes], cik[first], cik[first]]),
            "last_end": np.concatenate([start[holes + 1] - 1, before, end[last]]),
            "since": np.concatenate([1 - missing, np.repeat([1 - _YEARS_BEFORE, 1], len(first))]),
            "until": np.repeat([0, 0, _YEARS_AFTER], [len(holes), len(first), len(first)]),
        }
    )
    known = stated.select("cik", "fy_start", "fy_end", "transition", "fy", "stated")
    return pl.concat([known, transitions, _years_around(laid)], how="diagonal_relaxed").sort("cik", "fy_end")


def _years_around(bounds: pl.DataFrame) -> pl.DataFrame:
    """The consecutive years that end `since` to `until` years after `last_end` (0 is the year that ends there)."""
    return (
        bounds.select("cik", pl.col("last_end").cast(pl.Date), years=pl.int_ranges("since", pl.col("until") + 1))
        .explode("years", empty_as_null=False)
        .select("cik", fy_end=pl.col("last_end").dt.offset_by(pl.format("{}y", "years")))
        .with_columns(
            fy_start=pl.col("fy_end").dt.offset_by("-1y") + pl.duration(days=1),
            transition=pl.lit(value=False),
            stated=pl.lit(value=False),
        )
    )


def _labelled(years: pl.DataFrame) -> pl.DataFrame:
    """Add year (the company's style, the same for all years with the same closing month) and fyear."""
    closing = pl.col("fy_end") - LABEL_SHIFT
    by_regime = pl.col("fy") - closing.dt.year()
    offset = (
        years.filter(by_regime.is_between(-1, 1) & ~pl.col("transition"))
        .group_by("cik", closing_month=closing.dt.month(), offset=by_regime)
        .agg(pl.len(), newest=pl.col("fy_end").max())
        .sort("cik", "closing_month", "len", "newest", descending=[False, False, True, True])
        .unique(["cik", "closing_month"], keep="first", maintain_order=True)
    )
    return (
        years.with_columns(closing_month=closing.dt.month())
        .join(offset, on=["cik", "closing_month"], how="left")
        .select(
            "cik",
            "fy_start",
            "fy_end",
            "transition",
            "stated",
            year=(closing.dt.year() + pl.when("transition").then(0).otherwise(pl.col("offset").fill_null(0))).cast(pl.Int32),
            fyear=(closing.dt.year() - (closing.dt.month() <= 5).cast(pl.Int32)).cast(pl.Int32),
        )
        .sort("cik", "fy_start")
    )
