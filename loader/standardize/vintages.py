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

from loader.reference.concepts import STATEMENT_TYPE, of_lines
from loader.standardize.calendars import ANNUAL_FORMS
from loader.standardize.runs import begins, in_order, numbers, repeated

#: Forms that carry a company's statements, amendments included. Proxy statements (rounded, sometimes a thousandfold) and
#: prospectuses do not.
INTERIM_FORMS: Final = ("10-Q", "10-Q/A", "10-QT", "10-QT/A")
CURRENT_FORMS: Final = ("8-K", "8-K/A", "6-K", "6-K/A")
STATEMENT_FORMS: Final = (*ANNUAL_FORMS, *INTERIM_FORMS, *CURRENT_FORMS)

#: Thousands, hundred thousands and millions: what reports are presented in, the coarsest last.
_PRESENTATION_UNITS: Final = (1e3, 1e5, 1e6)

#: More than twice as many days as any date is away from 1970.
DAYS: Final = 2**17
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


def with_form_ranks(facts: pl.DataFrame) -> pl.DataFrame:
    """Say how good each fact's form is: 0 the best, 2 the least. What is no statement of the company at all is left out.

    A year and its closing balance sheet are taken from annual reports; an interim report, which repeats them condensed, only
    fills what these leave out. A quarter is taken from both, unless the annual report's table of quarters shows something else
    altogether (a parent company's or a segment's column); the other quarters of such a table tell it of the fourth. A current
    report (8-K, 6-K) that recasts statements fills what no periodic report states.

    Args:
        facts: placed facts with fact, series, value, form, accession, instant.

    Returns:
        The facts that are some statement's, in their order, with `form_rank` (Int8).
    """
    judged = facts.select(
        "fact",
        "value",
        "series",
        "accession",
        "instant",
        "from_q",
        "to_q",
        annual=pl.col("form").is_in(ANNUAL_FORMS),
        interim=pl.col("form").is_in(INTERIM_FORMS),
        year_end=(pl.col("to_q") == 4) & (pl.col("instant") | (pl.col("from_q") == 1)),
        at=pl.int_range(pl.len()),
    )
    annual, interim, year_end = (judged.get_column(name) for name in ("annual", "interim", "year_end"))
    doubted = judged.filter(annual & ~year_end)
    of_interim = (
        judged.select("fact", "value")
        .filter(interim)
        .join(doubted, on="fact", how="semi")
        .group_by("fact")
        .agg(of_interim=pl.col("value").median())
    )
    share = pl.col("value") / pl.col("of_interim")
    lesser = doubted.join(of_interim, on="fact").filter(~share.is_between(*_SAME_QUARTER).fill_null(value=True))
    # No interim report states a fourth quarter: the others of the same table, parts of what was reported, are its witnesses.
    part = share.is_between(0, _SAME_QUARTER[0], closed="none")
    tables = lesser.filter(part).group_by("series", "accession").len().filter(pl.col("len") > 1)
    fourth = doubted.filter((pl.col("from_q") == 4) & ~pl.col("instant"))
    no_statement = fourth.join(tables, on=["series", "accession"], how="semi")
    rank = np.where(annual | (interim & ~year_end), 0, np.where(interim, 1, 2)).astype(np.int8)
    rank[lesser.get_column("at")] = 1
    ranked = facts.with_columns(form_rank=rank)
    if no_statement.is_empty():
        return ranked
    is_statement = np.ones(facts.height, np.bool_)
    is_statement[no_statement.get_column("at")] = False
    return ranked.filter(pl.Series(is_statement))


def with_owners(facts: pl.DataFrame, *, original: bool) -> pl.DataFrame:
    """Mark the facts of the filing that owns each statement: the last one (the first, for original vintages) that shows it whole.

    One vintage per statement (rule 3.3): a later filing repeats single numbers of an old balance sheet, restated, in its notes
    and its statement of equity. Taken one by one they would break the identities that the statement kept.

    Args:
        facts: placed facts in the order of `place`, with concept_id, statement, form_rank, filed, accession.
        original: first-reported values are wanted.

    Returns:
        The facts with `owner`.
    """
    place, statement, accession = numbers(facts, "place", "statement", "accession")
    first = begins(place)
    number_of_place = repeated(np.arange(len(first)), first, len(place))
    kinds = len(STATEMENT_TYPE.categories)
    sheet = number_of_place * kinds + statement
    rows = np.flatnonzero(of_lines(facts.get_column("concept_id"), *_HEADLINES))
    headlines = facts.select("concept_id", "form_rank", "filed")[rows]
    rank, filed = numbers(headlines, "form_rank", "filed")
    # Total assets alone can stand in a table of selected figures of five years; the other side of the balance cannot.
    selected = of_lines(headlines.get_column("concept_id"), "total_assets").to_numpy()
    newest_first = 1 if original else -1
    standing = (sheet[rows] * _STANDINGS + rank * 2 + selected) * DAYS + filed * newest_first + DAYS // 2
    order = in_order(standing, lambda tied: [accession[rows[tied]] * newest_first])
    owner = np.full(len(first) * kinds, -1)
    best_last = rows[order[::-1]]
    owner[sheet[best_last]] = accession[best_last]  # what is written last stays
    return facts.with_columns(owner=accession == owner[sheet])


def in_order_of_preference(facts: pl.DataFrame, *, original: bool) -> pl.DataFrame:
    """The vintages of each fact by its best kind of form, the preferred one first.

    Within one filing, the span with the period's own start comes first (a filing can state a fact for spans a few days apart).

    Args:
        facts: placed facts in the order of `fact`.
        original: the first filing is preferred, not the last.

    Returns:
        The vintages, without what only their order is told by (form, start_differs, statement).
    """
    newest_first = 1 if original else -1
    fact, rank, owner, filed, accession, start_differs = numbers(
        facts, "fact", "form_rank", "owner", "filed", "accession", "start_differs"
    )
    standing = (fact * _STANDINGS + rank * 2 + ~owner) * DAYS + filed * newest_first + DAYS // 2
    order = in_order(standing, lambda tied: [accession[tied] * newest_first, start_differs[tied]])
    # Lesser forms only fill: where a better one states the fact, they are no vintage of it at all.
    sorted_rank = rank[order]
    first = begins(fact)  # facts stay where they are, only their vintages change places
    best = repeated(sorted_rank[first], first, len(order))
    return facts.drop("form", "start_differs", "statement")[order[np.flatnonzero(sorted_rank == best)]]


def is_first(key: str) -> pl.Expr:
    """Whether a row is the first of its key, in a frame that is sorted by it."""
    return (pl.col(key) != pl.col(key).shift(1)).fill_null(value=True)


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
    fact, value = numbers(ordered, "fact", "value")
    chosen = begins(fact)
    number_of_fact = repeated(np.arange(len(chosen)), chosen, len(value))
    firsts = value[chosen][number_of_fact]
    # Few values differ from the first of their fact at all, so the arithmetic is for those.
    rows = np.flatnonzero(value != firsts)
    unit = np.full(len(rows), np.nan)
    for size in _PRESENTATION_UNITS:
        unit[_is_multiple(firsts[rows], size)] = size
    exact = ~_is_multiple(value[rows], unit) & (np.abs(value[rows] - firsts[rows]) <= unit / 2)
    as_filed = ordered.select("unit_kind", "repair")[rows].select(
        pl.col("unit_kind").ne("per_share") & pl.col("repair").is_null()
    )
    exacter = rows[exact & as_filed.to_series().to_numpy()][::-1]
    chosen[number_of_fact[exacter]] = exacter  # of several, what is written last stays: the first
    return ordered[chosen]
