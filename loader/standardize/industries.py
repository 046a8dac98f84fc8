"""What kind of company it is, told by the concepts it reports: bank, insurance, utility, REIT, industrial or diversified.

The template decides which concepts can be its revenue and which formulas hold: a bank has no gross profit, an insurer no
operating income in the industrial sense.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl

from loader.reference.concepts import TEMPLATE_TYPE, concept_ranks, industries, lines, of_lines
from loader.standardize.runs import numbered

#: An insurer's or lender's own amounts must weigh this much against revenue; below it, they are a side business (captive
#: finance).
_SHARE_OF_REVENUE: Final = 0.1
#: Signals of the last years count, so that one year's thin filing does not change the kind of company.
_YEARS: Final = 3


def industry_templates(facts: pl.DataFrame) -> pl.DataFrame:
    """Detect the template of each company from its recent fiscal years.

    Args:
        facts: placed facts, one vintage each: place, concept_id, value.

    Returns:
        cik, template; a company without a signal is ``diversified``.
    """
    some_fact = numbered(facts.get_column("place").to_numpy())[0]
    places = facts.select("cik", "fy_start", "from_q", "to_q", "place")[some_fact]
    year_end = (pl.col("to_q") == 4) & (pl.col("from_q").is_in([1, 4]))
    # A new listing has no year yet: its interim reports must do.
    has_a_year = ((pl.col("from_q") == 1) & (pl.col("to_q") == 4)).any().over("cik")
    recent = (
        places.filter(year_end | ~has_a_year)
        .filter(pl.col("fy_start").rank("dense", descending=True).over("cik") <= _YEARS)
        .select("place", "fy_start")
    )
    by_line = (
        facts.select("cik", "place", "concept_id", "value")
        .filter(of_lines(facts.get_column("concept_id"), *_weighed()))
        .join(recent, on="place")
        .join(_ranks_of_weighed(), on="concept_id")
        .group_by("cik", "line")
        .agg(largest=pl.col("value").abs().max())
    )
    wide = by_line.pivot(on="line", on_columns=_weighed(), index="cik", values="largest", aggregate_function=None)
    found = wide.select("cik", template=_template())
    return (
        places.select("cik")
        .unique()
        .join(found, on="cik", how="left")
        .with_columns(pl.col("template").fill_null("diversified").cast(TEMPLATE_TYPE))
        .sort("cik")
    )


@cache
def _weighed() -> list[str]:
    """The lines that the templates are told by."""
    return [*industries().get_column("line").unique(), "revenue", "total_assets"]


@cache
def _ranks_of_weighed() -> pl.DataFrame:
    weighed = lines().filter(pl.col("line").is_in(_weighed())).select("line_id", "line")
    return concept_ranks().select("line_id", "concept_id").join(weighed, on="line_id")


@cache
def _template() -> pl.Expr:
    return (
        pl.when(_is("insurance", signals=2, income=1, weight=("premiums_earned", "policyholder_benefits")))
        .then(pl.lit("insurance"))
        .when(
            _is("bank", signals=2, income=1, weight=("net_interest_income", "interest_and_dividend_income", "noninterest_income"))
        )
        .then(pl.lit("bank"))
        .when(_is("utility", signals=1, income=0, weight=()))
        .then(pl.lit("utility"))
        .when(_is("reit", signals=1, income=0, weight=()) & (pl.col("real_estate_investments") / pl.col("total_assets") > 0.3))
        .then(pl.lit("reit"))
        .when(_count("industrial") > 0)
        .then(pl.lit("industrial"))
        .otherwise(pl.lit("diversified"))
    )


def _count(template: str, statement: str | None = None) -> pl.Expr:
    signals = industries().filter(pl.col("template") == template)
    if statement:
        signals = signals.filter(pl.col("statement") == statement)
    return pl.sum_horizontal(
        (pl.col(line).is_not_null() & (pl.col(line) > 0)).cast(pl.Int8) for line in signals.get_column("line")
    )


def _is(template: str, *, signals: int, income: int, weight: tuple[str, ...]) -> pl.Expr:
    """Enough signals, enough of them in the income statement, and (where named) amounts that weigh.

    They weigh when they are a fair share of revenue and more than the cost of goods: a maker of things with a lending or
    insuring arm stays a maker of things. Without any measure of revenue, the absence of a cost of goods decides.
    """
    enough = (_count(template) >= signals) & (_count(template, "income") >= income)
    if not weight:
        return enough
    amount = pl.max_horizontal(*weight)
    goods = pl.max_horizontal("cost_of_revenue", "cost_of_goods")
    outweighs = (amount > goods).fill_null(value=True)
    return (
        enough
        & outweighs
        & (amount / pl.col("revenue") >= _SHARE_OF_REVENUE).fill_null(goods.is_null() & pl.col("gross_profit").is_null())
    )
