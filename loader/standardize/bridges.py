"""What trailing years are made of where they are last year, plus this year to date, less last year to date."""

from __future__ import annotations

import numpy as np
import polars as pl

from loader.reference.concepts import formula_terms, line_codes
from loader.standardize.dates import PlaceDates
from loader.standardize.lines import ConceptAmounts
from loader.standardize.per_share import SHARES_BY_DAYS
from loader.standardize.periods import place_in_year, span_of, year_before
from loader.standardize.trailing import TO_DATE
from loader.standardize.wide import Positions, codes


def of_one_concept(
    trailing: pl.DataFrame, by_line: pl.DataFrame, values: pl.DataFrame, amounts: ConceptAmounts, dates: PlaceDates
) -> pl.DataFrame:
    """Drop trailing years that would take a year and its parts from two concepts which are not one line.

    Args:
        trailing: trailing years: place, line, method.
        by_line: the chosen candidate of each line and place.
        values: by_line and what follows from it by formulas, with method.
        amounts: what each concept gives.
        dates: knows the company of each place.
    """
    at = (trailing.get_column("method") == TO_DATE).arg_true().to_numpy()
    if not len(at):
        return trailing
    bridged = trailing.select("place", "line")[at]
    asked = bridged.select(trailing_place="place").unique()
    place, to_q = pl.col("trailing_place"), span_of(pl.col("trailing_place"))[1]
    now = place_in_year(place, 1, to_q)
    used = pl.concat(
        asked.select("trailing_place", place=at) for at in (now, year_before(now), year_before(place_in_year(place, 1, 4)))
    )
    places = used.get_column("place").to_numpy()
    key = ["trailing_place", "line"]
    pairs = (
        used.join(_standing_in(by_line.select("place", "line", "concept_id"), places), on="place")
        .group_by(key)
        .agg(concept_id=pl.col("concept_id").min(), other_id=pl.col("concept_id").max())
        .filter(pl.col("concept_id") != pl.col("other_id"))
    )
    if pairs.is_empty():
        return trailing
    pairs = pairs.with_columns(cik=dates.ciks(pairs.get_column("trailing_place").to_numpy()))
    one_line = amounts.agreement(pairs).filter("agree")
    mixed = pairs.join(one_line, on=["cik", "concept_id", "other_id"], how="anti").select(key)
    made = (
        used.join(_standing_in(values.select("place", "line", "method"), places), on="place")
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
    mixed_cells = _cells(mixed.select(place="trailing_place", line="line"))
    is_kept = np.ones(trailing.height, np.bool_)
    is_kept[at[np.isin(_cells(bridged), mixed_cells)]] = False
    return trailing.filter(pl.Series(is_kept))


def used_to_date(values: pl.DataFrame, by_line: pl.DataFrame) -> pl.DataFrame:
    """The year-to-date values of `by_line` that are in statements all the same: in a trailing year, in a fourth quarter's shares.

    A trailing year of a line that follows from others by a formula is made of these.

    Args:
        values: `by_line`, and behind it all that was derived, by place and line, with method.
        by_line: the chosen candidate of each line and place.

    Returns:
        row: the facts of these values.
    """
    derived = values.select("place", "line", "method").slice(by_line.height)
    place, line, method = derived.get_column("place").to_numpy(), codes(derived.get_column("line")), derived.get_column("method")
    bridged, of_shares = (np.flatnonzero((method == one).to_numpy()) for one in (TO_DATE, SHARES_BY_DAYS))
    now = place_in_year(place[bridged], 1, span_of(place[bridged])[1])
    places = np.concatenate([now, year_before(now), place_in_year(place[of_shares], 1, 3)])
    asked = _cell(places, np.concatenate([line[bridged], line[bridged], line[of_shares]]))
    # What a value is made of stands in its own place.
    made = _standing_in(derived, places).join(formula_terms(), on=["line", "method"])
    term = _cells(made.select("place", line="term"))
    cell = _cells(made)
    is_used = np.zeros((places.max(initial=-1) + 1) * len(line_codes()), np.bool_)
    while len(asked):
        is_used[asked] = True
        asked = term[is_used[cell] & ~is_used[term]]
    stated = _standing_in(by_line.select("place", "line", "row"), places)
    return stated.select("row").filter(pl.Series(is_used[_cells(stated)]))


def _standing_in(values: pl.DataFrame, places: Positions) -> pl.DataFrame:
    """The values that stand in some places, which are few: to join those alone costs less."""
    place = values.get_column("place").to_numpy()
    is_asked = np.zeros(max(place.max(initial=-1), places.max(initial=-1)) + 1, np.bool_)
    is_asked[places] = True
    return values.filter(pl.Series(is_asked.take(place)))


def _cells(values: pl.DataFrame) -> Positions:
    return _cell(values.get_column("place").to_numpy(), codes(values.get_column("line")))


def _cell(place: Positions, line: Positions) -> Positions:
    """One number for place and line."""
    return place * len(line_codes()) + line
