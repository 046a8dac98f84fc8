"""Quarters that nobody filed: differences of year-to-date spans, and the fourth quarter.

Order (rules 5.1 and 5.2): the reported three-month fact; the longer less the shorter year-to-date span; for the fourth
quarter, the year less the three quarters. Only additive flows, only the same concept, unit and fiscal-year start.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from loader.reference.concepts import concept_ranks, lines
from loader.standardize.lines import agreement
from loader.standardize.periods import place_in_year
from loader.standardize.vintages import nearest_vintage

#: What a derived quarter has of its year.
_OF_YEAR: Final = ("cik", "concept_id", "unit", "fy_start", "place")
#: How a value came about, as `statement_items.method` shows it.
DIFFERENCES: Final = {2: "H1 - Q1", 3: "9M - H1", 4: "FY - 9M"}
YEAR_LESS_QUARTERS: Final = "FY - (Q1 + Q2 + Q3)"
TWO_CONCEPTS: Final = "{} of two concepts"
#: The methods of quarters that are a longer span less a shorter one.
SPAN_DIFFERENCES: Final = (*DIFFERENCES.values(), YEAR_LESS_QUARTERS, *map(TWO_CONCEPTS.format, DIFFERENCES.values()))


def derived_quarters(vintages: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """Derive the second to fourth quarters of additive flows that have no three-month fact.

    Args:
        vintages: all vintages of additive flows: place, series (one number for concept and fiscal year), value, filed, accession,
            row (of the fact).
        chosen: the preferred vintage of each, with first_filed: the day when that value was stated first.

    Returns:
        One row for each derived quarter: cik, concept_id, unit, fy_start, from_q = to_q, place, series, value, method, row (of
        the longer span's fact), inputs (the rows of all facts it was made from), filed and accession of the input that was filed
        last.
    """
    chosen = chosen.with_columns(inputs=pl.concat_list("row"))
    reported = chosen.filter((pl.col("from_q") == pl.col("to_q")) & (pl.col("to_q") > 0))
    to_date = chosen.filter(pl.col("from_q") == 1)
    derived = pl.concat(
        [
            _less(
                vintages,
                to_date.filter(pl.col("to_q") == quarter - 1).join(
                    reported.filter(pl.col("to_q") == quarter), on="series", how="anti", maintain_order="left"
                ),
                quarter,
                method,
            )
            for quarter, method in DIFFERENCES.items()
        ]
    )
    columns = ["series", "to_q", "value", "filed", "first_filed", "accession", "row", "inputs"]
    known = pl.concat([reported.select(columns), derived.select(columns)])
    # Each quarter has one row here, so three rows are three distinct quarters: none can count twice.
    without_fourth = known.filter(pl.col("to_q") < 4).join(known.filter(pl.col("to_q") == 4), on="series", how="anti")
    three = (
        without_fourth.filter(pl.len().over("series") == 3)
        .group_by("series")
        .agg(
            pl.col("value").sum(),
            pl.col("first_filed").max(),
            pl.col("row").first(),
            pl.col("inputs").explode(empty_as_null=False),
            last=pl.struct("filed", "accession").sort_by("filed", "accession").last(),
        )
        .unnest("last")
    )
    return pl.concat([derived, _less(vintages, three, 4, YEAR_LESS_QUARTERS)])


def quarters_of_two_concepts(several: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """Derive the quarters that are missing because the longer and the shorter span are stated by different concepts.

    Both concepts must be of one tier, whole lines both, and agree wherever the company states both; and there must be such a
    place.

    Args:
        several: the chosen candidates of the years in which a line has several concepts (`of_several_concepts`).
        candidates: one row for each concept and place.

    Returns:
        The derived quarters, with the columns of a chosen candidate.
    """
    additive = lines().filter(pl.col("additive") & (pl.col("unit") == "money")).get_column("line_id")
    flows = several.filter(pl.col("line_id").is_in(additive.implode()))
    to_date = flows.filter((pl.col("from_q") == 1) & pl.col("row").is_not_null())
    there = flows.filter((pl.col("from_q") == pl.col("to_q")) & (pl.col("to_q") > 1))
    shorter = to_date.filter(pl.col("to_q") < 4).select(
        "line_year",
        pl.col("to_q") + 1,
        *(pl.col(name).alias(f"{name}_shorter") for name in ("value", "filed", "accession", "row")),
        other_id="concept_id",
    )
    pairs = (
        to_date.filter(pl.col("to_q") > 1)
        .join(shorter, on=["line_year", "to_q"])
        .filter(pl.col("concept_id") != pl.col("other_id"))
        .join(there, on=["line_year", "to_q"], how="anti")
    )
    if pairs.is_empty():
        return several.drop("line_year").clear()
    tiers = concept_ranks().select("line_id", "concept_id", "tier")
    of_tier = (
        pairs.join(tiers, on=["line_id", "concept_id"])
        .join(tiers.rename({"concept_id": "other_id", "tier": "other_tier"}), on=["line_id", "other_id"])
        .filter(pl.col("tier") == pl.col("other_tier"))
    )
    proved = of_tier.join(agreement(of_tier, candidates).filter("agree"), on=["cik", "concept_id", "other_id"], how="semi")
    later = pl.col("filed") >= pl.col("filed_shorter")
    method = pl.col("to_q").replace_strict(
        {quarter: TWO_CONCEPTS.format(method) for quarter, method in DIFFERENCES.items()}, return_dtype=pl.String
    )
    return proved.with_columns(
        from_q="to_q",
        place=place_in_year(pl.col("place"), pl.col("to_q"), pl.col("to_q")),
        value=pl.col("value") - pl.col("value_shorter"),
        raw_value=pl.lit(None, pl.Float64),
        repair=pl.lit(None, pl.String),
        filed=pl.when(later).then("filed").otherwise("filed_shorter"),
        accession=pl.when(later).then("accession").otherwise("accession_shorter"),
        method=method,
        inputs=pl.concat_list("row", "row_shorter"),
    ).select(several.drop("line_year").columns)


def _less(vintages: pl.DataFrame, shorter: pl.DataFrame, quarter: int, method: str) -> pl.DataFrame:
    """The quarter that is left of a span from the year's start when the shorter span is taken off it."""
    longer = vintages.filter((pl.col("from_q") == 1) & (pl.col("to_q") == quarter))
    later = pl.col("filed_longer") >= pl.col("filed_shorter")
    return nearest_vintage(longer, shorter, "series", _OF_YEAR).select(
        "series",
        *_OF_YEAR[:-1],
        from_q=pl.lit(quarter, pl.Int8),
        to_q=pl.lit(quarter, pl.Int8),
        place=place_in_year(pl.col("place"), quarter, quarter),
        value=_rounded(pl.col("value_longer") - pl.col("value_shorter"), pl.col("unit")),
        filed=pl.when(later).then("filed_longer").otherwise("filed_shorter"),
        first_filed=pl.when(later).then("filed_longer").otherwise("filed_shorter"),
        accession=pl.when(later).then("accession_longer").otherwise("accession_shorter"),
        method=pl.lit(method),
        row="row_longer",
        inputs=pl.concat_list("row_longer", "inputs_shorter"),
    )


def _rounded(difference: pl.Expr, unit: pl.Expr) -> pl.Expr:
    """Per-share amounts are decimal fractions, whose difference carries binary noise; money is whole and exact as it is."""
    return pl.when(unit.cast(pl.String).str.ends_with("/shares")).then(difference.round(6)).otherwise(difference)
