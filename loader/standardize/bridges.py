"""What trailing years are made of where they are last year, plus this year to date, less last year to date."""

from __future__ import annotations

import polars as pl

from loader.reference.concepts import formula_terms
from loader.standardize.lines import agreement
from loader.standardize.per_share import SHARES_BY_DAYS
from loader.standardize.periods import place_in_year, span_of, year_before
from loader.standardize.trailing import TO_DATE


def of_one_concept(trailing: pl.DataFrame, by_line: pl.DataFrame, values: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """Drop trailing years that would take a year and its parts from two concepts which are not one line.

    Args:
        trailing: trailing years: cik, place, line, method.
        by_line: the chosen candidate of each line and place.
        values: by_line and what follows from it by formulas, with method.
        candidates: what each concept gives in each place.
    """
    bridged = trailing.filter(pl.col("method") == TO_DATE)
    if bridged.is_empty():
        return trailing
    asked = bridged.select("cik", trailing_place="place").unique()
    place, to_q = pl.col("trailing_place"), span_of(pl.col("trailing_place"))[1]
    now = place_in_year(place, 1, to_q)
    used = pl.concat(
        asked.select("cik", "trailing_place", place=at) for at in (now, year_before(now), year_before(place_in_year(place, 1, 4)))
    )
    key = ["trailing_place", "line"]
    pairs = (
        used.join(by_line.select("place", "line", "concept_id"), on="place")
        .group_by("cik", *key)
        .agg(concept_id=pl.col("concept_id").min(), other_id=pl.col("concept_id").max())
        .filter(pl.col("concept_id") != pl.col("other_id"))
    )
    if pairs.is_empty():
        return trailing
    one_line = agreement(pairs, candidates).filter("agree")
    mixed = pairs.join(one_line, on=["cik", "concept_id", "other_id"], how="anti").select(key)
    made = (
        used.join(values.select("place", "line", "method"), on="place")
        .join(formula_terms(), on=["line", "method"])
        .select(*key, "term")
        .unique()
    )
    found = mixed
    while found.height:
        found = (
            made.join(found.rename({"line": "term"}), on=["trailing_place", "term"], how="semi")
            .select(key)
            .unique()
            .join(mixed, on=key, how="anti")
        )
        mixed = pl.concat([mixed, found])
    is_mixed = bridged.join(mixed, left_on=["place", "line"], right_on=key, how="semi")
    return trailing.join(is_mixed, on=["place", "line"], how="anti")


def used_to_date(values: pl.DataFrame, by_line: pl.DataFrame) -> pl.DataFrame:
    """The year-to-date values of `by_line` that are in statements all the same: in a trailing year, in a fourth quarter's shares.

    A trailing year of a line that follows from others by a formula is made of these.

    Args:
        values: all values by place and line, with method.
        by_line: the chosen candidate of each line and place.
    """
    place, to_q = pl.col("place"), span_of(pl.col("place"))[1]
    bridged = values.filter(pl.col("method") == TO_DATE).select(place_in_year(place, 1, to_q), "line")
    of_shares = values.filter(pl.col("method") == SHARES_BY_DAYS).select(place_in_year(place, 1, 3), "line")
    asked = pl.concat([bridged, bridged.with_columns(year_before(place)), of_shares])
    if asked.is_empty():
        return by_line.clear()
    to_date = (pl.col("from_q") == 1) & pl.col("to_q").is_in([2, 3])
    made = (
        values.filter(to_date)
        .select("place", "line", "method")
        .join(formula_terms(), on=["line", "method"])
        .select("place", "line", "term")
    )
    reached = asked.clear()
    while asked.height:
        reached = pl.concat([reached, asked])
        asked = (
            made.join(asked, on=["place", "line"], how="semi")
            .select("place", line="term")
            .unique()
            .join(reached, on=["place", "line"], how="anti")
        )
    return by_line.filter(to_date).join(reached, on=["place", "line"], how="semi")
