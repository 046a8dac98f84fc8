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

from loader.reference.concepts import concepts_of
from loader.standardize.calendars import ANNUAL_FORMS

#: Forms that carry a company's statements, amendments included. Proxy statements (rounded, sometimes a thousandfold) and
#: prospectuses do not.
INTERIM_FORMS: Final = ("10-Q", "10-Q/A", "10-QT", "10-QT/A")
CURRENT_FORMS: Final = ("8-K", "8-K/A", "6-K", "6-K/A")
STATEMENT_FORMS: Final = (*ANNUAL_FORMS, *INTERIM_FORMS, *CURRENT_FORMS)

#: Thousands, hundred thousands and millions: what reports are presented in, the coarsest last.
_PRESENTATION_UNITS: Final = (1e3, 1e5, 1e6)

#: More than twice as many days as any date is away from 1970.
_DAYS: Final = 2**17
#: More than there are ranks of forms, with and without owning the statement.
_STANDINGS: Final = 8

#: Lines that a filing states only where it shows the whole statement.
_HEADLINES: Final = {
    "income": ("net_income", "net_income_incl_nci", "revenue"),
    "balance": ("total_assets", "liabilities_and_equity"),
    "cashflow": ("operating_cash_flow", "operating_cash_flow_continuing"),
}

#: A restated quarter stays within this band of what the quarterly report said; what lies outside is no restatement.
_SAME_QUARTER: Final = (0.5, 2.0)


def with_form_ranks(facts: pl.DataFrame) -> pl.DataFrame:
    """Say how good each fact's form is: 0 the best, 2 the least, null for what is no statement of the company at all.

    A year and its closing balance sheet are taken from annual reports; an interim report, which repeats them condensed, only
    fills what these leave out. A quarter is taken from both, unless the annual report's table of quarters shows something else
    altogether (a parent company's or a segment's column); the other quarters of such a table tell it of the fourth. A current
    report (8-K, 6-K) that recasts statements fills what no periodic report states.

    Args:
        facts: placed facts with fact, series, value, form, accession, instant.

    Returns:
        The facts, in their order, with `form_rank` (Int8).
    """
    annual, interim, current = (pl.col("form").is_in(forms) for forms in (ANNUAL_FORMS, INTERIM_FORMS, CURRENT_FORMS))
    year_end = (pl.col("to_q") == 4) & (pl.col("instant") | (pl.col("from_q") == 1))
    doubted = facts.filter(annual & ~year_end).select("row", "fact", "value", "series", "accession")
    of_interim = (
        facts.select("fact", "value", "form")
        .filter(interim)
        .join(doubted, on="fact", how="semi")
        .group_by("fact")
        .agg(of_interim=pl.col("value").median())
    )
    something_else = ~(pl.col("value") / pl.col("of_interim")).is_between(*_SAME_QUARTER).fill_null(value=True)
    lesser = doubted.join(of_interim, on="fact").filter(something_else)
    # No interim report states a fourth quarter: the others of the same table, parts of what was reported, are its witnesses.
    fourth = facts.filter(annual & ~pl.col("instant") & (pl.col("from_q") == 4)).select("row", "series", "accession")
    part = (pl.col("value") / pl.col("of_interim")).is_between(0, _SAME_QUARTER[0], closed="none")
    tables = lesser.filter(part).group_by("series", "accession").len().filter(pl.col("len") > 1)
    no_statement = fourth.join(tables, on=["series", "accession"], how="semi").get_column("row")
    return facts.with_columns(
        form_rank=pl.when(pl.col("row").is_in(no_statement.implode()))
        .then(None)
        .when(annual & pl.col("row").is_in(lesser.get_column("row").implode()))
        .then(pl.lit(1, pl.Int8))
        .when(annual | (interim & ~year_end))
        .then(pl.lit(0, pl.Int8))
        .when(interim)
        .then(pl.lit(1, pl.Int8))
        .when(current)
        .then(pl.lit(2, pl.Int8))
    )


def with_owners(facts: pl.DataFrame, *, original: bool) -> pl.DataFrame:
    """Mark the facts of the filing that owns each statement: the last one (the first, for original vintages) that shows it whole.

    One vintage per statement (rule 3.3): a later filing repeats single numbers of an old balance sheet, restated, in its notes
    and its statement of equity. Taken one by one they would break the identities that the statement kept.

    Args:
        facts: placed facts with concept_id, statement, place, form_rank, filed, accession.
        original: first-reported values are wanted.

    Returns:
        The facts with `owner`.
    """
    statement = ["place", "statement"]
    headlines = pl.concat([concepts_of(*names) for names in _HEADLINES.values()])
    # Total assets alone can stand in a table of selected figures of five years; the other side of the balance cannot.
    selected = pl.col("concept_id").is_in(concepts_of("total_assets").implode())
    owners = (
        facts.filter(pl.col("concept_id").is_in(headlines.implode()))
        .with_columns(selected=selected)
        .sort(*statement, "form_rank", "selected", "filed", "accession", descending=[False] * 4 + [not original, not original])
        .unique(statement, keep="first", maintain_order=True)
        .select(*statement, accession_owner="accession")
    )
    return (
        facts.join(owners, on=statement, how="left", maintain_order="left")
        .with_columns(owner=(pl.col("accession") == pl.col("accession_owner")).fill_null(value=False))
        .drop("accession_owner")
    )


def in_order_of_preference(facts: pl.DataFrame, *, original: bool) -> pl.DataFrame:
    """The vintages of each fact by its best kind of form, the preferred one first.

    Within one filing, the span with the period's own start comes first (a filing can state a fact for spans a few days apart).

    Args:
        facts: placed facts in the order of `fact`.
        original: the first filing is preferred, not the last.
    """
    newest_first = -1 if not original else 1
    standing = (pl.col("form_rank").cast(pl.Int64) * 2 + 1 - pl.col("owner")) * _DAYS + (
        pl.col("filed").to_physical().cast(pl.Int64) * newest_first + _DAYS // 2
    )
    filing = pl.col("accession") * 2 * newest_first + pl.col("start_differs")
    keys = facts.select("fact", standing=pl.col("fact") * (_STANDINGS * _DAYS) + standing, filing=filing)
    fact, *by = (column.to_numpy() for column in keys.get_columns())
    order = _order(*by)
    # Lesser forms only fill: where a better one states the fact, they are no vintage of it at all.
    rank = facts.get_column("form_rank").to_numpy()[order]
    first = np.flatnonzero(np.diff(fact[order], prepend=-1))
    best = np.repeat(rank[first], np.diff(first, append=len(order)))
    return facts.select(pl.all().gather(order[rank == best]))


def _order(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order by two keys, rows with the same keys staying as they are. The first key says nearly all, so that is cheap."""
    order = np.argsort(first, kind="stable")
    sorted_first = first[order]
    same = sorted_first[1:] == sorted_first[:-1]
    tied = np.zeros(len(order), np.bool_)
    tied[1:] |= same
    tied[:-1] |= same
    rows = order[tied]
    order[tied] = rows[np.lexsort((second[rows], first[rows]))]
    return order


def is_first(key: str) -> pl.Expr:
    """Whether a row is the first of its key, in a frame that is sorted by it."""
    return (pl.col(key) != pl.col(key).shift(1)).fill_null(value=True)


def first_vintage(ordered: pl.DataFrame) -> pl.DataFrame:
    """One vintage for each fact: the first of `in_order_of_preference` as it stands."""
    return ordered.filter(is_first("fact"))


def preferred(ordered: pl.DataFrame) -> pl.DataFrame:
    """One vintage for each fact: the first of `in_order_of_preference`, by its most exact statement.

    A later report in millions repeats what an earlier one stated in thousands. That is no restatement (rule 3.2), so where the
    first vintage is another one rounded, the unrounded number is taken, with its filing.
    """
    first = pl.col("first_value")
    unit = pl.lit(None, pl.Float64)
    for size in _PRESENTATION_UNITS:
        unit = pl.when(first % size == 0).then(size).otherwise(unit)
    rounding = pl.col("unit_kind").ne("per_share") & pl.col("repair").is_null() & (pl.col("value") != first)
    exact = (pl.col("value") % unit != 0) & ((pl.col("value") - first).abs() <= unit / 2)
    marked = ordered.with_columns(is_first=is_first("fact"), first_value=pl.when(is_first("fact")).then("value").forward_fill())
    # Few values differ from the first of their fact at all, so the arithmetic is for those.
    exacter = marked.filter(rounding).filter(exact).unique("fact", keep="first", maintain_order=True)
    firsts = marked.filter("is_first")
    if exacter.height:
        firsts = pl.concat([firsts.join(exacter, on="fact", how="anti"), exacter]).sort("fact")
    return firsts.drop("is_first", "first_value")
