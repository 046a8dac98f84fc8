"""Quarters that nobody filed: differences of year-to-date spans, and the fourth quarter.

Order (rules 5.1 and 5.2): the reported three-month fact; the longer less the shorter year-to-date span; for the fourth
quarter, the year less the three quarters. Only additive flows, only the same concept, unit and fiscal-year start.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from loader.reference.concepts import concept_ranks, concepts, lines
from loader.standardize.lines import agreement
from loader.standardize.periods import place_in_year
from loader.standardize.wide import Positions

_OF_SPAN: Final = ("fact", "series", "place", "concept_id", "from_q", "to_q", "value", "filed", "accession", "row")
#: What is looked at of the longer span of a difference.
_OF_LONGER: Final = (
    "cik",
    "fy_start",
    "place",
    "series",
    "to_q",
    "concept_id",
    "unit_kind",
    "value",
    "filed",
    "accession",
    "row",
)
_IS_QUARTER: Final = (pl.col("from_q") == pl.col("to_q")) & (pl.col("to_q") > 0)

#: Later than any filing.
_LAST_DAY: Final = np.datetime64("9999-12-31", "D")
#: More days than lie between any two filings.
_ANY_AFTER: Final = 1_000_000

#: How a value came about, as `statement_items.method` shows it.
DIFFERENCES: Final = {2: "H1 - Q1", 3: "9M - H1", 4: "FY - 9M"}
YEAR_LESS_QUARTERS: Final = "FY - (Q1 + Q2 + Q3)"
TWO_CONCEPTS: Final = "{} of two concepts"
#: The methods of quarters that are a longer span less a shorter one.
SPAN_DIFFERENCES: Final = (*DIFFERENCES.values(), YEAR_LESS_QUARTERS, *map(TWO_CONCEPTS.format, DIFFERENCES.values()))


def derived_quarters(ranked: pl.DataFrame, vintages: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """Derive the second to fourth quarters of additive flows that have no three-month fact.

    Args:
        ranked: all words on each fact, in the order of `fact` (one number for concept and place): value, filed.
        vintages: those of its best kind of form, in the same order: place, series (one number for concept and fiscal year),
            value, filed, accession, row.
        chosen: the preferred vintage of each fact, in the same order.

    Returns:
        One row for each derived quarter: cik, concept_id, fy_start, from_q = to_q, place, series, value, method, row (of the
        longer span's fact), inputs (the rows of all facts it was made from), filed and accession of the input that was filed
        last.
    """
    spans = chosen.select(*_OF_SPAN, "additive", "instant", first_filed=_first_filed(ranked, chosen)).filter(
        pl.col("additive") & ~pl.col("instant") & (_IS_QUARTER | (pl.col("from_q") == 1))
    )
    reported = spans.filter(_IS_QUARTER).with_columns(row_shorter=pl.lit(None, pl.UInt32))
    next_q = pl.col("to_q") + 1
    shorter = (
        spans.filter((pl.col("from_q") == 1) & (pl.col("to_q") < 4))
        .with_columns(fact=_fact(next_q, next_q))
        .join(reported, on="fact", how="anti", maintain_order="left")
        .with_columns(fact=_fact(1, next_q), method=next_q.replace_strict(DIFFERENCES, return_dtype=pl.Categorical))
    )
    differences = _less(vintages, shorter)
    columns = ["series", "to_q", "place", "concept_id", "value", "filed", "first_filed", "accession", "row", "row_shorter"]
    known = pl.concat([reported.select(columns), differences.select(columns)])
    # Each quarter has one row here, so three rows are three distinct quarters: none can count twice.
    without_fourth = known.filter(pl.col("to_q") < 4).join(known.filter(pl.col("to_q") == 4), on="series", how="anti")
    three = (
        without_fourth.filter(pl.len().over("series") == 3)
        .group_by("series")
        .agg(
            pl.col("value").sum(),
            pl.col("first_filed").max(),
            pl.concat_list("row", "row_shorter").explode(empty_as_null=False).drop_nulls().alias("row"),
            fact=_fact(1, 4).first(),
            method=pl.lit(YEAR_LESS_QUARTERS, pl.Categorical),
            last=pl.struct("filed", "accession").sort_by("filed", "accession").last(),
        )
        .unnest("last")
    )
    # Pairs are arrays, and lists of those are made at a hundredth of what lists of any length cost.
    of_spans = differences.with_columns(inputs=pl.concat_arr("row", "row_shorter").arr.to_list()).drop("row_shorter")
    if three.is_empty():
        return of_spans
    of_quarters = _less(vintages, three).with_columns(inputs=pl.concat_list("row", "row_shorter")).drop("row_shorter")
    return pl.concat([of_spans, of_quarters])


def _first_filed(ranked: pl.DataFrame, chosen: pl.DataFrame) -> pl.Series:
    """The day when the value of each chosen vintage was stated first."""
    first = np.flatnonzero(np.diff(ranked.get_column("fact").to_numpy(), prepend=-1))
    value = np.repeat(chosen.get_column("value").to_numpy(), np.diff(first, append=ranked.height))
    filed = ranked.get_column("filed").to_numpy()
    of_value = np.where(ranked.get_column("value").to_numpy() == value, filed, _LAST_DAY)
    return pl.Series(np.minimum.reduceat(of_value, first))


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
        return several.drop("line_year", "value_row").clear()
    tiers = concept_ranks().select("line_id", "concept_id", "tier")
    of_tier = (
        pairs.join(tiers, on=["line_id", "concept_id"])
        .join(tiers.rename({"concept_id": "other_id", "tier": "other_tier"}), on=["line_id", "other_id"])
        .filter(pl.col("tier") == pl.col("other_tier"))
    )
    proved = of_tier.join(agreement(of_tier, candidates).filter("agree"), on=["cik", "concept_id", "other_id"], how="semi")
    later = pl.col("filed") >= pl.col("filed_shorter")
    method = pl.col("to_q").replace_strict(
        {quarter: TWO_CONCEPTS.format(method) for quarter, method in DIFFERENCES.items()}, return_dtype=pl.Categorical
    )
    return proved.with_columns(
        from_q="to_q",
        place=place_in_year(pl.col("place"), pl.col("to_q"), pl.col("to_q")),
        value=pl.col("value") - pl.col("value_shorter"),
        raw_value=pl.lit(None, pl.Float64),
        repair=pl.lit(None, pl.Categorical),
        filed=pl.when(later).then("filed").otherwise("filed_shorter"),
        accession=pl.when(later).then("accession").otherwise("accession_shorter"),
        method=method,
        inputs=pl.concat_list("row", "row_shorter"),
    ).select(several.drop("line_year", "value_row").columns)


def _less(vintages: pl.DataFrame, shorter: pl.DataFrame) -> pl.DataFrame:
    """The quarters that are left of spans from the year's start when shorter spans are taken off them.

    Args:
        vintages: all vintages of the longer spans, in the order of `fact`.
        shorter: fact (the number of the longer span's), value, filed, first_filed, accession, row (or rows), method.

    Returns:
        The quarters, as `derived_quarters` has them, but row_shorter instead of inputs.
    """
    longer, of_shorter = _nearest_vintages(vintages, shorter)
    year = vintages.select(*_OF_LONGER)[longer]
    taken = shorter.select("method", pl.col("value", "filed", "accession", "row").name.suffix("_shorter"))[of_shorter]
    later = pl.col("filed") >= pl.col("filed_shorter")
    value = pl.col("value") - pl.col("value_shorter")
    return year.with_columns(taken.iter_columns()).select(
        "cik",
        "fy_start",
        "series",
        "concept_id",
        "to_q",
        "method",
        "row",
        "row_shorter",
        from_q="to_q",
        place=place_in_year(pl.col("place"), pl.col("to_q"), pl.col("to_q")),
        # Per-share amounts are decimal fractions, whose difference carries binary noise; money is whole and exact as it is.
        value=pl.when(pl.col("unit_kind") == "per_share").then(value.round(6)).otherwise(value),
        filed=pl.when(later).then("filed").otherwise("filed_shorter"),
        first_filed=pl.when(later).then("filed").otherwise("filed_shorter"),
        accession=pl.when(later).then("accession").otherwise("accession_shorter"),
    )


def _nearest_vintages(longer: pl.DataFrame, shorter: pl.DataFrame) -> tuple[Positions, Positions]:
    """Pair each shorter span with the vintage of the longer one that was filed next after the shorter one's value was new.

    A year less its nine months is only a quarter when both are of one state of the books. The nine months' value is repeated
    for years; a year that was recast meanwhile is of other books. So the pair is the year as it was stated on or next after
    the day when this value of the nine months was stated first; else the last one before it.

    Args:
        longer: all vintages of the longer spans, in the order of `fact`, with filed and accession.
        shorter: one vintage of each shorter span: fact (that of the longer), first_filed (the day its value was stated first).

    Returns:
        The rows of the longer and of the shorter span of each pair.
    """
    fact, wanted = longer.get_column("fact").to_numpy(), shorter.get_column("fact").to_numpy()
    first, end = (np.searchsorted(fact, wanted, side) for side in ("left", "right"))
    pairs = np.flatnonzero(end > first)
    if not len(pairs):
        return pairs, pairs
    count = (end - first)[pairs]
    block = np.cumsum(count) - count
    which = np.repeat(np.arange(len(pairs)), count)
    row = first[pairs][which] + np.arange(len(which)) - block[which]
    since = shorter.get_column("first_filed").to_numpy()[pairs]
    days = (longer.get_column("filed").to_numpy()[row] - since[which]).astype(np.int64)
    distance = np.where(days >= 0, days, _ANY_AFTER - days)
    nearest = distance == np.minimum.reduceat(distance, block)[which]
    # Of several on one day, the filing with the lowest number.
    accession = np.where(nearest, longer.get_column("accession").to_numpy()[row], np.iinfo(np.int64).max)
    lowest = np.flatnonzero(accession == np.minimum.reduceat(accession, block)[which])
    best = lowest[np.diff(which[lowest], prepend=-1) > 0]
    return row[best], pairs


def _fact(from_q: pl.Expr | int, to_q: pl.Expr | int) -> pl.Expr:
    """The number that a concept's fact for another place of the same year has."""
    return place_in_year(pl.col("place"), from_q, to_q) * concepts().height + pl.col("concept_id")
