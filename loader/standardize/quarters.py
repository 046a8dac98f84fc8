"""Quarters that nobody filed: differences of year-to-date spans, and the fourth quarter.

Order (rules 5.1 and 5.2): the reported three-month fact; the longer less the shorter year-to-date span; for the fourth
quarter, the year less the three quarters. Only additive flows, only the same concept, unit and fiscal-year start.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from loader.standardize.periods import place_in_year
from loader.standardize.vintages import nearest_vintage

#: What a derived quarter has of its year.
_OF_YEAR: Final = ("cik", "concept_id", "unit", "fy_start", "place")
#: How a value came about, as `statement_items.method` shows it.
DIFFERENCES: Final = {2: "H1 - Q1", 3: "9M - H1", 4: "FY - 9M"}
YEAR_LESS_QUARTERS: Final = "FY - (Q1 + Q2 + Q3)"


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
