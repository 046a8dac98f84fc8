"""Quarters that nobody filed: differences of year-to-date spans, and the fourth quarter.

Order (rules 5.1 and 5.2): the reported three-month fact; the longer less the shorter year-to-date span; for the fourth
quarter, the year less the three quarters. Only additive flows, only the same concept, unit and fiscal-year start.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from loader.reference.concepts import concept_ranks, lines
from loader.standardize.periods import place_in_year, year_of
from loader.standardize.vintages import nearest_vintage

#: What a derived quarter has of its year.
_OF_YEAR: Final = ("cik", "concept_id", "unit", "fy_start", "place")
#: How a value came about, as `statement_items.method` shows it.
DIFFERENCES: Final = {2: "H1 - Q1", 3: "9M - H1", 4: "FY - 9M"}
YEAR_LESS_QUARTERS: Final = "FY - (Q1 + Q2 + Q3)"
TWO_CONCEPTS: Final = "{} of two concepts"

#: Two concepts are one line to a filer when all that it states by both differs by no more than this (rule 7.2).
SAME_LINE: Final = 0.01


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
    differences = [
        _less(vintages, to_date.filter(pl.col("to_q") == quarter - 1), quarter, method) for quarter, method in DIFFERENCES.items()
    ]
    derived = pl.concat(differences).join(reported, on=["series", "to_q"], how="anti")
    columns = ["series", "to_q", "value", "filed", "first_filed", "accession", "row", "inputs"]
    known = pl.concat([reported.select(columns), derived.select(columns)])
    # Each quarter has one row here, so three rows are three distinct quarters: none can count twice.
    three = (
        known.filter(pl.col("to_q") < 4)
        .group_by("series")
        .agg(
            pl.len(),
            pl.col("value").sum(),
            pl.col("first_filed").max(),
            pl.col("row").first(),
            pl.col("inputs").explode(empty_as_null=False),
            last=pl.struct("filed", "accession").sort_by("filed", "accession").last(),
        )
        .filter(pl.col("len") == 3)
        .unnest("last")
    )
    fourth = _less(vintages, three, 4, YEAR_LESS_QUARTERS).join(known.filter(pl.col("to_q") == 4), on="series", how="anti")
    return pl.concat([derived, fourth])


def quarters_of_two_concepts(by_line: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """Derive the quarters that are missing because the longer and the shorter span are stated by different concepts.

    Both concepts must be of one tier, whole lines both, and agree wherever the company states both; and there must be such a
    place.

    Args:
        by_line: the chosen candidate of each line and place, with line_id.
        candidates: one row for each concept and place.

    Returns:
        The derived quarters, with the columns of `by_line`.
    """
    additive = lines().filter(pl.col("additive") & (pl.col("unit") == "money")).get_column("line_id")
    flows = by_line.filter(pl.col("line_id").is_in(additive.implode())).with_columns(
        line_year=year_of(pl.col("place")) * lines().height + pl.col("line_id")
    )
    to_date = flows.filter((pl.col("from_q") == 1) & pl.col("row").is_not_null())
    there = flows.filter((pl.col("from_q") == pl.col("to_q")) & (pl.col("to_q") > 1))
    shorter = to_date.filter(pl.col("to_q") < 4).select(
        "line_year",
        pl.col("to_q") + 1,
        *(pl.col(name).alias(f"{name}_shorter") for name in ("concept_id", "value", "filed", "accession", "row")),
    )
    pairs = (
        to_date.filter(pl.col("to_q") > 1)
        .join(shorter, on=["line_year", "to_q"])
        .filter(pl.col("concept_id") != pl.col("concept_id_shorter"))
        .join(there, on=["line_year", "to_q"], how="anti")
    )
    if pairs.is_empty():
        return by_line.clear()
    tiers = concept_ranks().select("line_id", "concept_id", "tier")
    same = pairs.join(tiers, on=["line_id", "concept_id"]).join(
        tiers.rename({"concept_id": "concept_id_shorter", "tier": "tier_shorter"}), on=["line_id", "concept_id_shorter"]
    )
    proved = _one_line(same.filter(pl.col("tier") == pl.col("tier_shorter")), candidates)
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
    ).select(by_line.columns)


def _one_line(pairs: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """The pairs whose two concepts agree in every place of the company that has both, and have one."""
    both = ["cik", "concept_id", "concept_id_shorter"]
    asked = pairs.select(both).unique()
    stated = candidates.join(
        pl.concat([asked.select("cik", "concept_id"), asked.select("cik", concept_id="concept_id_shorter")]).unique(),
        on=["cik", "concept_id"],
        how="semi",
    ).select("cik", "place", "concept_id", "value")
    beside = stated.rename({"concept_id": "concept_id_shorter", "value": "value_shorter"})
    apart = (pl.col("value") - pl.col("value_shorter")).abs()
    proved = (
        asked.join(stated, on=["cik", "concept_id"])
        .join(beside, on=["cik", "place", "concept_id_shorter"])
        .group_by(both)
        .agg(agree=(apart <= SAME_LINE * pl.col("value").abs()).all())
        .filter("agree")
    )
    return pairs.join(proved, on=both, how="semi")


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
