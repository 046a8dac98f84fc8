"""Which filing's word counts: the vintages of a fact, and the one that a statement takes.

The same fact is filed again as a comparative, and sometimes restated. `latest` takes the last word of the periodic forms,
`original` the first; what was filed after the as-of date is left out before anything else, so that every derived value is as of
that date too.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference.concepts import STATEMENT_TYPE, by_concept, can_give, concepts, counted_in
from loader.standardize.forms import ANNUAL, INTERIM
from loader.standardize.periods import year_of
from loader.standardize.runs import DAYS, any_of_run, begins, in_order, numbers, repeated

#: Thousands, hundred thousands and millions: what reports are presented in, the coarsest last.
_PRESENTATION_UNITS: Final = (1e3, 1e5, 1e6)

#: The rank of what is no statement of the company.
NO_STATEMENT: Final = 3
#: The ranks by kind of form: of years and their closing balance sheets the second, of all else the first.
_RANKS: Final = np.array([[NO_STATEMENT, NO_STATEMENT], [0, 0], [0, 1], [2, 2]], np.int8)
#: More than there are ranks of forms, with and without owning the statement.
_STANDINGS: Final = 8

#: Lines that a filing states only where it shows the whole statement.
_HEADLINES: Final = (
    *("net_income", "net_income_incl_nci", "revenue"),
    *("total_assets", "liabilities_and_equity"),
    *("operating_cash_flow", "operating_cash_flow_continuing"),
)

#: A restated quarter stays within this band of what the quarterly report said; what lies outside is no restatement.
_SAME_QUARTER: Final = (0.5, 2.0)


def series(facts: pl.DataFrame) -> pl.Series:
    """One number for the fiscal year and the concept of each placed fact."""
    place, concept = numbers(facts, "place", "concept_id")
    return pl.Series("series", year_of(place) * concepts().height + concept)


def with_form_ranks(facts: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Say how good each fact's form is: 0 the best, 2 the least, and which are no statement of the company at all.

    A year and its closing balance sheet are taken from annual reports; an interim report, which repeats them condensed, only
    fills what these leave out. A quarter is taken from both, unless the annual report's table of quarters shows something else
    altogether (a parent company's or a segment's column); the other quarters of such a table tell it of the fourth. A current
    report (8-K, 6-K) that recasts statements fills what no periodic report states.

    Args:
        facts: placed facts in the order of `fact`, with run, place, span, concept_id, value, form_kind, accession.
        spans: the placed spans.

    Returns:
        The facts with `form_rank` (Int8).
    """
    fact, run, span, value, form_kind = numbers(facts, "fact", "run", "span", "value", "form_kind")
    of_year_end, of_fourth_quarter = (
        column.to_numpy()
        for column in spans.select(
            (pl.col("to_q") == 4) & (pl.col("start").is_null() | (pl.col("from_q") == 1)),
            fourth=(pl.col("from_q") == 4) & pl.col("start").is_not_null(),
        ).get_columns()
    )
    annual, interim = (form_kind == kind for kind in (ANNUAL, INTERIM))
    year_end = of_year_end.take(span)
    rank = _RANKS.take(form_kind * 2 + year_end)
    # Few are quarters in annual reports, so what interim reports say is looked up for those.
    of_annual = annual & ~year_end
    rows = np.flatnonzero(of_annual)
    witnesses = np.flatnonzero(interim & any_of_run(of_annual, run))
    of_interim = (
        pl.DataFrame({"fact": fact[witnesses], "of_interim": value[witnesses]})
        .group_by("fact")
        .agg(pl.col("of_interim").median())
    )
    doubted = facts[rows, ["fact", "place", "concept_id", "value", "accession"]]
    is_fourth = of_fourth_quarter.take(span.take(rows))
    doubted = doubted.hstack([series(doubted), pl.Series("at", rows), pl.Series("is_fourth", is_fourth)])
    share = pl.col("value") / pl.col("of_interim")
    lesser = doubted.join(of_interim, on="fact").filter(~share.is_between(*_SAME_QUARTER).fill_null(value=True))
    if lesser.is_empty():
        return facts.hstack([pl.Series("form_rank", rank)])
    rank[lesser.get_column("at")] = 1
    # No interim report states a fourth quarter: the others of the same table, parts of what was reported, are its witnesses.
    part = share.is_between(0, _SAME_QUARTER[0], closed="none")
    tables = lesser.filter(part).group_by("series", "accession").len().filter(pl.col("len") > 1)
    no_statement = doubted.filter("is_fourth").join(tables, on=["series", "accession"], how="semi")
    rank[no_statement.get_column("at")] = NO_STATEMENT
    return facts.hstack([pl.Series("form_rank", rank)])


def with_owners(facts: pl.DataFrame, *, original: bool) -> pl.DataFrame:
    """Mark the facts of the filing that owns each statement: the last one (the first, for original vintages) that shows it whole.

    One vintage per statement (rule 3.3): a later filing repeats single numbers of an old balance sheet, restated, in its notes
    and its statement of equity. Taken one by one they would break the identities that the statement kept.

    Args:
        facts: placed facts with place, concept_id, form_rank, filed, accession.
        original: first-reported values are wanted.

    Returns:
        The facts with `owner`.
    """
    place, concept, rank, filed, accession = numbers(facts, "place", "concept_id", "form_rank", "filed", "accession")
    kinds = len(STATEMENT_TYPE.categories)
    sheet = place * kinds + by_concept("statement").take(concept)
    sheets = (place.max(initial=-1) + 1) * kinds
    rows = np.flatnonzero(can_give(concept, *_HEADLINES) & (rank != NO_STATEMENT))
    # Total assets alone can stand in a table of selected figures of five years; the other side of the balance cannot.
    selected = can_give(concept.take(rows), "total_assets")
    newest_first = 1 if original else -1
    standing = (rank.take(rows) * 2 + selected).astype(np.int64) * DAYS + filed.take(rows) * newest_first
    of_sheet = sheet.take(rows)
    best = rows[standing == _least_by(of_sheet, standing, sheets).take(of_sheet)]
    owner = _least_by(sheet.take(best), accession.take(best) * newest_first, sheets) * newest_first
    return facts.hstack([pl.Series("owner", accession == owner.take(sheet))])


def _least_by(group: NDArray[np.int64], values: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """The least value of each of some groups, by their numbers; of those that have none, more than any value."""
    least = np.full(groups, np.iinfo(np.int64).max)
    np.minimum.at(least, group, values)
    return least


def in_order_of_preference(facts: pl.DataFrame, spans: pl.DataFrame, *, original: bool) -> pl.DataFrame:
    """The vintages of each fact by its best kind of form, the preferred one first.

    Within one filing, the span with the period's own start comes first (a filing can state a fact for spans a few days apart).

    Args:
        facts: placed facts in the order of `fact`.
        spans: the placed spans, with start_differs.
        original: the first filing is preferred, not the last.

    Returns:
        The vintages, without run and form_kind.
    """
    newest_first = 1 if original else -1
    run, rank, owner, filed, accession, span = numbers(facts, "run", "form_rank", "owner", "filed", "accession", "span")
    start_differs = spans.get_column("start_differs").to_numpy()
    standing = (run * _STANDINGS + (rank * 2 + ~owner)) * DAYS + filed * newest_first
    order = in_order(standing, lambda tied: [accession[tied] * newest_first, start_differs[span[tied]]])
    # Lesser forms only fill: where a better one states the fact, they are no vintage of it at all.
    sorted_rank = rank.take(order)
    best = sorted_rank.take(begins(run)).take(run)  # facts stay where they are, only their vintages change places
    is_vintage = np.flatnonzero((sorted_rank == best) & (sorted_rank != NO_STATEMENT))
    return facts.drop("form_kind", "run")[pl.Series(order.take(is_vintage).astype(np.uint32))]


def first_vintage(ordered: pl.DataFrame) -> pl.DataFrame:
    """One vintage for each fact: the first of `in_order_of_preference` as it stands."""
    return ordered[begins(ordered.get_column("fact").to_numpy())]


def _is_multiple(values: NDArray[np.float64], unit: NDArray[np.float64] | float) -> NDArray[np.bool_]:
    """Whether amounts are whole numbers of a unit, of either sign; never of an unknown one.

    Polars multiplies by the inverse, and so finds a remainder in -11,800,000 by 100,000; this is exact.
    """
    is_whole: NDArray[np.bool_] = np.fmod(values, unit) == 0
    return is_whole


def preferred(ordered: pl.DataFrame) -> pl.DataFrame:
    """One vintage for each fact: the first of `in_order_of_preference`, by its most exact statement.

    A later report in millions repeats what an earlier one stated in thousands. That is no restatement (rule 3.2), so where the
    first vintage is another one rounded, the unrounded number is taken, with its filing.
    """
    fact, concept, value = numbers(ordered, "fact", "concept_id", "value")
    chosen = begins(fact)
    firsts = repeated(value.take(chosen), chosen, len(value))
    # Few values differ from the first of their fact at all, and fewer by what rounding can hide: the arithmetic is for those.
    rows = np.flatnonzero(value != firsts)
    rows = rows[np.abs(value[rows] - firsts[rows]) <= _PRESENTATION_UNITS[-1] / 2]
    rows = rows[~counted_in(concept.take(rows), "per_share")]
    rows = rows[ordered.get_column("repair")[rows].is_null().to_numpy()]
    value, firsts = value[rows], firsts[rows]
    unit = np.full(len(rows), np.nan)
    for size in _PRESENTATION_UNITS:
        unit[_is_multiple(firsts, size)] = size
    exacter = rows[~_is_multiple(value, unit) & (np.abs(value - firsts) <= unit / 2)][::-1]
    chosen[np.searchsorted(chosen, exacter, "right") - 1] = exacter  # of several, what is written last stays: the first
    return ordered[pl.Series(chosen.astype(np.uint32))]
