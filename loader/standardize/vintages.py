"""Which filing's word counts: the vintages of a fact, and the one that a statement takes.

The same fact is filed again as a comparative, and sometimes restated. `latest` takes the last word of the periodic forms,
`original` the first; what was filed after the as-of date is left out before anything else, so that every derived value is as of
that date too.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from loader.reference.concepts import concepts_of
from loader.standardize.calendars import ANNUAL_FORMS
from loader.standardize.periods import PLACE

#: Forms that carry a company's statements, amendments included. Proxy statements (rounded, sometimes a thousandfold) and
#: prospectuses do not.
INTERIM_FORMS: Final = ("10-Q", "10-Q/A", "10-QT", "10-QT/A")
CURRENT_FORMS: Final = ("8-K", "8-K/A", "6-K", "6-K/A")
STATEMENT_FORMS: Final = (*ANNUAL_FORMS, *INTERIM_FORMS, *CURRENT_FORMS)

#: Thousands, hundred thousands and millions: what reports are presented in, the coarsest last.
_PRESENTATION_UNITS: Final = (1e3, 1e5, 1e6)

#: Lines that a filing states only where it shows the whole statement.
_HEADLINES: Final = {
    "income": ("net_income", "net_income_incl_nci", "revenue"),
    "balance": ("total_assets", "liabilities_and_equity"),
    "cashflow": ("operating_cash_flow", "operating_cash_flow_continuing"),
}

#: A restated quarter stays within this band of what the quarterly report said; what lies outside is no restatement.
_SAME_QUARTER: Final = (0.5, 2.0)

#: What names a series of vintages of one fact.
FACT_KEY: Final = ("cik", "concept_id", "unit", "fy_start", "from_q", "to_q")


def form_rank(form: pl.Expr, *, year_end: pl.Expr) -> pl.Expr:
    """How good a form's word is: 0 the best, 2 the least, null for a form that carries no statements.

    A year and its closing balance sheet are taken from annual reports; an interim report, which repeats them condensed, only
    fills what these leave out. A quarter is taken from both, unless the annual report's table of quarters shows something else
    altogether (a parent company's or a segment's column). A current report (8-K, 6-K) that recasts statements fills what no
    periodic report states.

    Args:
        form: the form's name.
        year_end: whether the fact is of a year or of its end.

    Returns:
        To be evaluated over placed facts with value.
    """
    name = form.cast(pl.String)
    annual, interim = name.is_in(ANNUAL_FORMS), name.is_in(INTERIM_FORMS)
    of_interim = pl.col("value").filter(interim).median().over(FACT_KEY)
    something_else = ~(pl.col("value") / of_interim).is_between(*_SAME_QUARTER).fill_null(value=True)
    return (
        pl.when(annual & ~year_end & something_else)
        .then(pl.lit(1, pl.Int8))
        .when(annual | (interim & ~year_end))
        .then(pl.lit(0, pl.Int8))
        .when(interim)
        .then(pl.lit(1, pl.Int8))
        .when(name.is_in(CURRENT_FORMS))
        .then(pl.lit(2, pl.Int8))
    )


def with_owners(facts: pl.DataFrame, *, original: bool) -> pl.DataFrame:
    """Mark the facts of the filing that owns each statement: the last one (the first, for original vintages) that shows it whole.

    One vintage per statement (rule 3.3): a later filing repeats single numbers of an old balance sheet, restated, in its notes
    and its statement of equity. Taken one by one they would break the identities that the statement kept.

    Args:
        facts: placed facts with concept_id, statement, form_rank, filed, accession.
        original: first-reported values are wanted.

    Returns:
        The facts with `owner`.
    """
    statement = ["statement", *PLACE]
    headlines = pl.concat([concepts_of(*names) for names in _HEADLINES.values()])
    # Total assets alone can stand in a table of selected figures of five years; the other side of the balance cannot.
    selected = pl.col("concept_id").is_in(concepts_of("total_assets").implode())
    owners = (
        facts.filter(pl.col("concept_id").is_in(headlines.implode()))
        .with_columns(selected=selected)
        .sort(*statement, "form_rank", "selected", "filed", "accession", descending=[False] * 7 + [not original, not original])
        .unique(statement, keep="first", maintain_order=True)
        .select(*statement, accession_owner="accession")
    )
    return (
        facts.join(owners, on=statement, how="left")
        .with_columns(owner=(pl.col("accession") == pl.col("accession_owner")).fill_null(value=False))
        .drop("accession_owner")
    )


def in_order_of_preference(facts: pl.DataFrame, *, original: bool) -> pl.DataFrame:
    """The vintages of each fact by its best kind of form, the preferred one first.

    Within one filing, the span with the period's own start comes first (a filing can state a fact for spans a few days apart).
    """
    newest_first = not original
    # Lesser forms only fill: where a better one states the fact, they are no vintage of it at all.
    best = facts.filter(pl.col("form_rank") == pl.col("form_rank").min().over(FACT_KEY))
    return best.sort(
        *FACT_KEY,
        "owner",
        "filed",
        "accession",
        "start_differs",
        "row",
        descending=[False] * len(FACT_KEY) + [True, newest_first, newest_first, False, False],
        nulls_last=True,
    )


def first_vintage(ordered: pl.DataFrame) -> pl.DataFrame:
    """One vintage for each fact: the first of `in_order_of_preference` as it stands."""
    return ordered.unique(list(FACT_KEY), keep="first", maintain_order=True)


def preferred(ordered: pl.DataFrame) -> pl.DataFrame:
    """One vintage for each fact: the first of `in_order_of_preference`, by its most exact statement.

    A later report in millions repeats what an earlier one stated in thousands. That is no restatement (rule 3.2), so where the
    first vintage is another one rounded, the unrounded number is taken, with its filing.
    """
    first = pl.col("value").first().over(FACT_KEY)
    unit = pl.lit(None, pl.Float64)
    for size in _PRESENTATION_UNITS:
        unit = pl.when(first % size == 0).then(size).otherwise(unit)
    exact = (
        (pl.col("value") % unit != 0)
        & ((pl.col("value") - first).abs() <= unit / 2)
        & (pl.col("unit_kind") != "per_share")
        & pl.col("repair").is_null()
    )
    return (
        ordered.with_columns(exact=exact.fill_null(value=False))
        .sort(*FACT_KEY, "exact", descending=[False] * len(FACT_KEY) + [True], maintain_order=True, nulls_last=True)
        .unique(list(FACT_KEY), keep="first", maintain_order=True)
        .drop("exact")
    )


def nearest_vintage(longer: pl.DataFrame, shorter: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    """Pair each shorter span with the vintage of the longer one that was filed next after the shorter one's value was new.

    A year less its nine months is only a quarter when both are of one state of the books. The nine months' value is repeated
    for years; a year that was recast meanwhile is of other books. So the pair is the year as it was stated on or next after
    the day when this value of the nine months was stated first; else the last one before it.

    Args:
        longer: all vintages of the longer spans, with value, row, inputs, filed and accession.
        shorter: one vintage of each shorter span, with the same columns and first_filed: the day its value was stated first.
        on: the columns that both share.

    Returns:
        One row for each pair: the columns of `on`, and value, row, inputs, filed, accession of both, with the suffixes _longer
        and _shorter.
    """
    days = (pl.col("filed_longer") - pl.col("first_filed")).dt.total_days()
    columns = ("value", "row", "inputs", "filed", "accession")
    return (
        shorter.select(*on, "first_filed", *(pl.col(c).alias(f"{c}_shorter") for c in columns))
        .join(longer.select(*on, *(pl.col(c).alias(f"{c}_longer") for c in columns)), on=on)
        .with_columns(distance=pl.when(days >= 0).then(days).otherwise(1_000_000 - days))
        .sort(*on, "distance", "accession_longer")
        .unique(on, keep="first", maintain_order=True)
        .drop("distance", "first_filed")
    )
