"""From concepts to lines: which of the concepts that can give a line gives it in this period."""

from __future__ import annotations

from typing import Final

import polars as pl

from loader.reference.concepts import concept_ids, concepts_of, concepts_of_templates, lines
from loader.standardize.periods import year_of
from loader.standardize.vintages import is_first

#: Below this share of the largest concept of its tier, a value is a part of it and not the same thing rounded.
_PART: Final = 0.99

#: Shares outstanding to average shares: issues and repurchases of a period stay within it, once splits are adjusted.
_PLAUSIBLE_COUNT: Final = (0.5, 2.0)

#: The total that most filers use for their revenue and some for all income; the sales beside it; what else the total then adds.
_TOTAL_REVENUES: Final = "us-gaap:Revenues"
_SALES: Final = (
    "us-gaap:SalesRevenueNet",
    "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax",
    "us-gaap:RevenueFromContractWithCustomerIncludingAssessedTax",
)
_OTHER_INCOME: Final = ("other_income", "gain_on_dispositions")
#: One place where amounts add up can be chance.
_LEAST_WITNESSES: Final = 2

OTHER_UNIT: Final = "unit_does_not_fit_the_line"
OTHER_CURRENCY: Final = "another_currency"


def currencies(facts: pl.DataFrame) -> pl.DataFrame:
    """The reporting currency of each company's fiscal year: the unit of its total assets, else of any money fact.

    Where a year has several (convenience translations), the one that the company uses most often wins.

    Args:
        facts: placed facts with unit and unit_kind.

    Returns:
        cik, fy_start, currency.
    """
    is_assets = pl.col("concept_id").is_in(concepts_of("total_assets").implode())
    by_year = (
        facts.filter(pl.col("unit_kind") == "money")
        .group_by("cik", "fy_start", "unit")
        .agg(assets=is_assets.sum(), facts=pl.len())
        .with_columns(name=pl.col("unit").cast(pl.String))
        .filter(pl.col("name").str.contains("^[A-Z]{3}$"))
    )
    use = by_year.group_by("cik", "name").agg(uses=pl.col("assets").sum(), any_uses=pl.col("facts").sum())
    return (
        by_year.with_columns(has_assets=pl.col("assets") > 0)
        .join(use, on=["cik", "name"])
        .sort("cik", "fy_start", "has_assets", "uses", "any_uses", "name", descending=[False, False, True, True, True, False])
        .unique(["cik", "fy_start"], keep="first", maintain_order=True)
        .select("cik", "fy_start", currency="name")
    )


def with_currency(facts: pl.DataFrame, currency: pl.DataFrame) -> pl.DataFrame:
    """Add each fact's statement currency; a fiscal year without any money fact has the company's usual one."""
    usual = currency.group_by("cik").agg(usual=pl.col("currency").mode().sort().first())
    return (
        facts.join(currency, on=["cik", "fy_start"], how="left", maintain_order="left")
        .join(usual, on="cik", how="left", maintain_order="left")
        .with_columns(currency=pl.coalesce("currency", "usual"))
        .drop("usual")
    )


def with_unit_reason(facts: pl.DataFrame, currency: pl.DataFrame) -> pl.DataFrame:
    """Say why a fact's unit does not fit the line: it must be money in the statement's currency, per share of it, or shares.

    Args:
        facts: placed facts with unit and unit_kind.
        currency: cik, fy_start, currency.

    Returns:
        The facts, in their order, with `unit_reason`, null where the unit fits.
    """
    # A handful of cases for all facts of a year: the strings are compared for those.
    case = ["cik", "fy_start", "unit_kind", "unit"]
    name = pl.col("unit").cast(pl.String)
    wanted = (
        pl.when(pl.col("unit_kind") == "money")
        .then("currency")
        .when(pl.col("unit_kind") == "per_share")
        .then(pl.format("{}/shares", "currency"))
        .otherwise(pl.lit("shares"))
    )
    is_money = name.str.contains("^[A-Z]{3}(/shares)?$")
    reason = (
        pl.when(name == wanted)
        .then(None)
        .when(is_money & (pl.col("unit_kind") != "shares"))
        .then(pl.lit(OTHER_CURRENCY))
        .otherwise(pl.lit(OTHER_UNIT))
    )
    cases = with_currency(facts.select(case).unique(), currency).select(*case, unit_reason=reason)
    return facts.join(cases, on=case, how="left", maintain_order="left")


def chosen_lines(candidates: pl.DataFrame, vintages: pl.DataFrame, templates: pl.DataFrame, *, original: bool) -> pl.DataFrame:
    """Choose the concept of each line and period.

    The year comes first: within the lowest tier, the filing that owns the statement decides, then the newest (the oldest for
    original vintages), then the whole before its parts (rule 7.3), then the concept that the filing uses for more of its years
    (rule 7.2), then the rank. The quarters follow the concept of their year where they have it, so that a year and its quarters
    are of one make.

    Args:
        candidates: one row for each concept and place: cik, place, concept_id, value, form_rank, filed, accession.
        vintages: all vintages of the placed facts.
        templates: cik, template: some concepts are the line in some industries only.
        original: first-reported values are wanted, so the oldest filing decides instead of the newest.

    Returns:
        One row for each line and place: the candidate without form_rank and owner, with line_id and line.
    """
    ranked = _ranked(candidates, templates)
    # Most lines of a place have one concept: only where there are several is there a choice.
    alone = ~pl.col("cell").is_duplicated()
    single, several = ranked.filter(alone), ranked.filter(~alone)
    of_year = (pl.col("from_q") == 1) & (pl.col("to_q") == 4)
    order = ["tier", "form_rank", "owner", "filed", "part", "years", "rank"]
    descending = [False, False, True, not original, False, True, False]
    several = _with_years(_with_parts(several), vintages)
    best_of_year = several.filter(of_year).sort("cell", *order, descending=[False, *descending])
    year_concepts = pl.concat([single.filter(of_year).select(_OF_YEAR), best_of_year.filter(is_first("cell")).select(_OF_YEAR)])
    best = (
        several.join(year_concepts, on="line_year", how="left")
        .with_columns(differs=(pl.col("concept_id") != pl.col("year_concept")).fill_null(value=False))
        .sort("cell", "differs", *order, descending=[False, False, *descending])
        .filter(is_first("cell"))
    )
    chosen = pl.concat([single, best.select(single.columns)])
    return chosen.drop("cell", "line_year", "rank", "tier", "form_rank", "owner", "largest", "template")


#: What a year tells its quarters.
_OF_YEAR: Final = [pl.col("line_year"), pl.col("concept_id").alias("year_concept")]


def _ranked(candidates: pl.DataFrame, templates: pl.DataFrame) -> pl.DataFrame:
    """The candidates of each line, with rank, tier, template, line; `cell` numbers line and place, `line_year` line and year."""
    count = lines().height
    return (
        candidates.join(templates, on="cik", maintain_order="left")
        .join(concepts_of_templates(), on=["concept_id", "template"], maintain_order="left")
        .with_columns(
            cell=pl.col("place") * count + pl.col("line_id"), line_year=year_of(pl.col("place")) * count + pl.col("line_id")
        )
    )


def _with_parts(ranked: pl.DataFrame) -> pl.DataFrame:
    """Mark what falls short of the largest of one tier and filing: concepts can be parts of each other (rules 7.3, 7.4).

    A zero beside another amount is one in every line.
    """
    largest = pl.col("value").abs().max().over("cell", "tier", "accession")
    compared = pl.col("largest") | ((pl.col("line") == "revenue") & (pl.col("template") == "industrial"))
    short = pl.when(compared).then(pl.col("value").abs() < _PART * largest).otherwise(pl.col("value") == 0)
    return ranked.with_columns(part=short & (largest > 0))


def _with_years(ranked: pl.DataFrame, vintages: pl.DataFrame) -> pl.DataFrame:
    """Count the fiscal years that the filing states by this concept, so that its columns are of one make (rule 7.2).

    Revenue is left to the rank: there the other concepts are slices, such as the fees of a lessor.
    """
    year = (pl.col("to_q") == 4) & (pl.col("instant") | (pl.col("from_q") == 1))
    use = (
        vintages.filter(year & pl.col("concept_id").is_in(ranked.get_column("concept_id").unique().implode()))
        .group_by("accession", "concept_id")
        .agg(years=pl.len())
    )
    years = pl.when(pl.col("line") != "revenue").then("years")
    return ranked.join(use, on=["accession", "concept_id"], how="left").with_columns(years=years.fill_null(0))


def without_totals_of_all_income(candidates: pl.DataFrame, vintages: pl.DataFrame) -> pl.DataFrame:
    """Drop Revenues where the filer uses it for the total of all income, and states its sales beside it.

    Oil companies close their revenues with a "total revenues and other income", which adds the income of affiliates and other
    income to the sales. The witness is that identity, to the dollar and within one filing and period, in most of the places
    that state Revenues, another amount as sales, and equity-method income. Revenues of anything else (leases, interest,
    membership fees) are revenue and stay.

    Args:
        candidates: one row for each concept and place.
        vintages: all vintages of the placed facts.

    Returns:
        The candidates without Revenues in the years, and other places, that have sales, of the companies that the witness names.
    """
    revenues, sales = concept_ids(_TOTAL_REVENUES), concept_ids(*_SALES)
    parts = concepts_of(*_OTHER_INCOME)
    of_kind = pl.col("concept_id").is_in
    equity = vintages.filter(of_kind(concepts_of("equity_method_income").implode()) & (pl.col("value") != 0))
    if equity.is_empty():
        return candidates
    filing = ["cik", "place", "accession"]
    total = vintages.filter(of_kind(revenues.implode())).select(*filing, total="value")
    stated = (
        total.join(vintages.filter(of_kind(sales.implode())).select(*filing, sales="value"), on=filing)
        .filter(pl.col("total") != pl.col("sales"))
        .join(equity.select(*filing, equity="value"), on=filing)
    )
    if stated.is_empty():
        return candidates
    added = (
        vintages.filter(of_kind(parts.implode()))
        .select(*filing, part="value")
        .unique()
        .group_by(filing)
        .agg(all_parts=pl.col("part").sum(), parts="part")
    )
    left = pl.col("total") - pl.col("sales") - pl.col("equity")
    keeps = (left == 0) | (left == pl.col("all_parts")) | pl.col("parts").list.contains(left)
    filers = (
        stated.join(added, on=filing, how="left")
        .group_by("cik", "place")
        .agg(keeps=keeps.fill_null(value=False).any())
        .group_by("cik")
        .agg(kept=pl.col("keeps").sum(), places=pl.len())
        .filter((pl.col("kept") >= _LEAST_WITNESSES) & (2 * pl.col("kept") > pl.col("places")))
        .get_column("cik")
    )
    if filers.is_empty():
        return candidates
    year = year_of(pl.col("place"))
    with_sales = candidates.filter(pl.col("cik").is_in(filers.implode()) & of_kind(sales.implode()))
    years = with_sales.filter((pl.col("from_q") == 1) & (pl.col("to_q") == 4)).select(year).to_series()
    has_sales = year.is_in(years.implode()) | pl.col("place").is_in(with_sales.get_column("place").implode())
    return candidates.filter(~(of_kind(revenues.implode()) & pl.col("cik").is_in(filers.implode()) & has_sales))


def net_income_of_the_parent(values: pl.DataFrame) -> pl.DataFrame:
    """Drop a stated net income that leaves out the discontinued operations which the filing's own total includes.

    The witness is the identity: stated net income misses profit less the noncontrolling share by just the discontinued
    operations. The line then follows from that identity by formula.

    Args:
        values: values by place and line.
    """
    wanted = ("net_income", "net_income_incl_nci", "net_income_nci", "discontinued_operations")
    wide = values.filter(pl.col("line").is_in(wanted)).pivot(
        on="line", on_columns=list(wanted), index="place", values="value", aggregate_function=None
    )
    of_parent = pl.col("net_income_incl_nci") - pl.col("net_income_nci")
    short_by = of_parent - pl.col("net_income") - pl.col("discontinued_operations")
    tolerance = 0.001 * pl.col("discontinued_operations").abs()
    partial = wide.filter(
        (pl.col("discontinued_operations") != 0)
        & ((of_parent - pl.col("net_income")).abs() > tolerance)
        & (short_by.abs() <= tolerance)
    )
    return _without(values, "net_income", partial)


def counted_once(values: pl.DataFrame) -> pl.DataFrame:
    """Drop short-term borrowings that are, to the dollar, the current part of long-term debt under a second name (rule 7.6).

    Args:
        values: values by place and line.
    """
    current_part = values.filter((pl.col("line") == "long_term_debt_current") & (pl.col("value") != 0))
    borrowings = values.filter(pl.col("line") == "short_term_borrowings")
    twice = borrowings.join(current_part, on=["place", "value"], how="semi")
    return _without(values, "short_term_borrowings", twice)


def plausible_share_counts(values: pl.DataFrame) -> pl.DataFrame:
    """Drop shares outstanding that are not of the size of the average count of the period that they end (rule 7.12).

    Such a count is one class of several, a placeholder, or of another scale; which of them, the filing does not tell.

    Args:
        values: values by place and line, splits adjusted.
    """
    year = ["cik", "fy_start", "to_q"]
    of_period = (pl.col("from_q") == pl.col("to_q")) | ((pl.col("from_q") == 1) & (pl.col("to_q") == 4))
    average = values.filter((pl.col("line") == "shares_basic") & of_period & (pl.col("value") > 0))
    averages = average.sort("from_q").group_by(year, maintain_order=True).agg(average=pl.col("value").last())
    size = pl.col("value") / pl.col("average")
    odd = (
        values.filter(pl.col("line") == "shares_outstanding").join(averages, on=year).filter(~size.is_between(*_PLAUSIBLE_COUNT))
    )
    return _without(values, "shares_outstanding", odd)


def plausible_quarters(values: pl.DataFrame) -> pl.DataFrame:
    """Drop derived quarters of a revenue below zero and of a gross profit above the revenue (rule 5.5).

    They are differences of a year and its parts that are not of one make; what was stated is not touched.

    Args:
        values: values by place and line.
    """
    derived = values.filter((pl.col("method") != "reported") & pl.col("line").is_in(["revenue", "gross_profit"]))
    if derived.is_empty():
        return values
    revenue = values.filter(pl.col("line") == "revenue").select("place", revenue="value")
    negative = derived.filter((pl.col("line") == "revenue") & (pl.col("value") < 0))
    above = derived.filter(pl.col("line") == "gross_profit").join(revenue, on="place").filter(pl.col("value") > pl.col("revenue"))
    return _without(_without(values, "revenue", negative), "gross_profit", above)


def _without(values: pl.DataFrame, line: str, at: pl.DataFrame) -> pl.DataFrame:
    """Drop a line's values at some places."""
    if at.is_empty():
        return values
    return values.filter((pl.col("line") != line) | ~pl.col("place").is_in(at.get_column("place").implode()))
