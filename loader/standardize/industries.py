"""What kind of company it is, told by the concepts it reports: bank, insurance, utility, REIT, industrial or diversified.

The template decides which concepts can be its revenue and which formulas hold: a bank has no gross profit, an insurer no
operating income in the industrial sense.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import polars as pl

from loader.reference.concepts import TEMPLATE_TYPE, concept_ranks, industries, lines, of_lines
from loader.standardize.runs import begins

#: An insurer's or lender's own amounts must weigh this much against revenue; below it, they are a side business (captive
#: finance).
_SHARE_OF_REVENUE: Final = 0.1
#: A trust's real estate is more than this of its assets.
_SHARE_OF_ASSETS: Final = 0.3
#: Signals of the last years count, so that one year's thin filing does not change the kind of company.
_YEARS: Final = 3


def industry_templates(facts: pl.DataFrame) -> pl.DataFrame:
    """Detect the template of each company from its recent fiscal years.

    Args:
        facts: placed facts, one vintage each, in the order of their places: cik, fy_start, from_q, to_q, place, concept_id,
            value.

    Returns:
        cik, template; a company without a signal is ``diversified``.
    """
    some_fact = begins(facts.get_column("place").to_numpy())
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
        .filter(of_lines(facts.get_column("concept_id"), *_told_by()))
        .join(recent, on="place")
        .join(_lines_of_concepts(), on="concept_id")
        .group_by("cik", "line")
        .agg(largest=pl.col("value").abs().max())
    )
    amounts: dict[int, dict[str, float]] = {cik: {} for cik in np.unique(places.get_column("cik").to_numpy()).tolist()}
    for cik, line, largest in by_line.iter_rows():
        amounts[cik][line] = largest
    templates = [_template(of_company) for of_company in amounts.values()]
    return pl.DataFrame({"cik": list(amounts), "template": templates}, schema={"cik": pl.Int64, "template": TEMPLATE_TYPE})


@cache
def _signals(template: str, statement: str) -> frozenset[str]:
    of_template = industries().filter((pl.col("template") == template) & (pl.col("statement") == statement))
    return frozenset(of_template.get_column("line"))


@cache
def _told_by() -> tuple[str, ...]:
    """The lines that the template is told by."""
    return (*industries().get_column("line").unique(), "revenue", "total_assets")


@cache
def _lines_of_concepts() -> pl.DataFrame:
    told_by = lines().filter(pl.col("line").is_in(_told_by())).select("line_id", "line")
    return concept_ranks().select("line_id", "concept_id").join(told_by, on="line_id").select("concept_id", "line")


def _template(amounts: dict[str, float]) -> str:
    """The template of a company, by the largest recent amount of each line."""
    if _is("insurance", amounts, signals=2, income=1, weight=("premiums_earned", "policyholder_benefits")):
        return "insurance"
    lending = ("net_interest_income", "interest_and_dividend_income", "noninterest_income")
    if _is("bank", amounts, signals=2, income=1, weight=lending):
        return "bank"
    if _is("utility", amounts, signals=1, income=0, weight=()):
        return "utility"
    real_estate, assets = amounts.get("real_estate_investments"), amounts.get("total_assets")
    weighs = real_estate is not None and assets is not None and (assets == 0 or real_estate / assets > _SHARE_OF_ASSETS)
    if weighs and _is("reit", amounts, signals=1, income=0, weight=()):
        return "reit"
    return "industrial" if _is("industrial", amounts, signals=1, income=0, weight=()) else "diversified"


def _is(template: str, amounts: dict[str, float], *, signals: int, income: int, weight: tuple[str, ...]) -> bool:
    """Enough signals, enough of them in the income statement, and (where named) amounts that weigh.

    They weigh when they are a fair share of revenue and more than the cost of goods: a maker of things with a lending or
    insuring arm stays a maker of things. Without any measure of revenue, the absence of a cost of goods decides.
    """
    of_income, of_balance = (
        sum(amounts.get(line, 0) > 0 for line in _signals(template, statement)) for statement in ("income", "balance")
    )
    if of_income + of_balance < signals or of_income < income:
        return False
    if not weight:
        return True
    amount, goods = (
        max((amounts[line] for line in names if line in amounts), default=None)
        for names in (weight, ("cost_of_revenue", "cost_of_goods"))
    )
    revenue = amounts.get("revenue")
    if amount is not None and goods is not None and amount <= goods:
        return False
    if amount is None or revenue is None:
        return goods is None and "gross_profit" not in amounts
    return revenue == 0 or amount / revenue >= _SHARE_OF_REVENUE
