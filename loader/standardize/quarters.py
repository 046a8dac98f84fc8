"""Quarters that nobody filed: differences of year-to-date spans, and the fourth quarter.

Order (rules 5.1 and 5.2): the reported three-month fact; the longer less the shorter year-to-date span; for the fourth
quarter, the year less the three quarters. Only additive flows, only the same concept, unit and fiscal-year start.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference.concepts import concept_ranks, lines
from loader.standardize.lines import ConceptAmounts
from loader.standardize.periods import PLACES_OF_A_YEAR, place_in_year, within_year
from loader.standardize.runs import begins, numbers
from loader.standardize.wide import Positions, Values, numbered_by_table

#: Days since 1970.
Days = NDArray[np.int32]

_Number = TypeVar("_Number", np.int32, np.int64)

#: The spans that quarters are told by: the quarters, and what is stated of a year by the end of each.
_QUARTERS: Final = ((1, 1), (2, 2), (3, 3), (4, 4))
_TO_DATE: Final = ((1, 1), (1, 2), (1, 3), (1, 4))
_SPANS: Final = tuple(dict.fromkeys((*_QUARTERS, *_TO_DATE)))

#: Later than any filing.
_LAST_DAY: Final = np.iinfo(np.int32).max
#: More days than lie between any two filings.
_ANY_AFTER: Final = 1_000_000

#: How a value came about, as `statement_items.method` shows it.
DIFFERENCES: Final = {2: "H1 - Q1", 3: "9M - H1", 4: "FY - 9M"}
YEAR_LESS_QUARTERS: Final = "FY - (Q1 + Q2 + Q3)"
TWO_CONCEPTS: Final = "{} of two concepts"
#: The methods of quarters that are a longer span less a shorter one.
SPAN_DIFFERENCES: Final = (*DIFFERENCES.values(), YEAR_LESS_QUARTERS, *map(TWO_CONCEPTS.format, DIFFERENCES.values()))


class _Amounts(NamedTuple):
    """Values as arrays: when each was stated first, its filing, and the rows of the facts that it is made from (-1 for none)."""

    value: Values
    since: Days
    filed: Days
    accession: NDArray[np.int64]
    rows: NDArray[np.int64]


def derived_quarters(ranked: pl.DataFrame, vintages: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """Derive the second to fourth quarters of additive flows that have no three-month fact.

    Args:
        ranked: all words on each fact, in the order of `fact` (one number for concept and place), the first filed first: value,
            filed.
        vintages: those of its best kind of form, in the same order: value, filed, accession, row.
        chosen: the preferred vintage of each fact, in the same order, with series, one number for concept and fiscal year.

    Returns:
        One row for each derived quarter: PLACE, place, concept_id, value, method, row (of the longer span's fact), inputs (the
        rows of all facts it was made from), filed and accession of the input that was filed last.
    """
    words = _Words(ranked, vintages, chosen)
    by_span = _rows_by_span(chosen)
    quarters, to_date = (by_span[[_SPANS.index(span) for span in spans]] for spans in (_QUARTERS, _TO_DATE))
    before, series = np.nonzero((to_date[:-1] >= 0) & (to_date[1:] >= 0) & (quarters[1:] < 0))
    longer = to_date[before + 1, series]
    differences = _less(words, longer, words.stated(to_date[before, series]))
    at = np.full(quarters.shape, -1)
    at[before + 1, series] = np.arange(len(series))
    # Each quarter of a series has one place here, so three are three distinct quarters: none can count twice.
    is_known = (quarters >= 0) | (at >= 0)
    three = np.flatnonzero(is_known[:3].all(axis=0) & ~is_known[3] & (to_date[3] >= 0))
    year = to_date[3, three]
    parts = [_replaced(words.stated(quarters[n, three]), differences, at[n, three]) for n in range(3)]
    fourth = _less(words, year, _together(parts))
    # Pairs are arrays, and lists of those are made at a hundredth of what lists of any length cost.
    pairs = pl.Series(differences.rows.astype(np.uint32)).arr.to_list()
    is_there = fourth.rows >= 0
    rows = pl.DataFrame({"quarter": np.nonzero(is_there)[0], "row": fourth.rows[is_there].astype(np.uint32)})
    lists = rows.group_by("quarter", maintain_order=True).agg("row").get_column("row")
    methods = pl.Series(DIFFERENCES.values(), dtype=pl.Categorical)
    of_year = pl.Series([YEAR_LESS_QUARTERS], dtype=pl.Categorical).new_from_index(0, len(three))
    spans = chosen.select("cik", "fy_start", "to_q", "concept_id", "place")
    return pl.concat(
        [
            _quarters_of(spans[longer], differences, pairs, methods.gather(before)),
            _quarters_of(spans[year], fourth, lists, of_year),
        ]
    )


def _rows_by_span(chosen: pl.DataFrame) -> Positions:
    """The rows of the additive flows by `_SPANS` and series, numbered as they occur; -1 where there is none."""
    place, series, additive, instant = numbers(chosen, "place", "series", "additive", "instant")
    of_span = np.full(PLACES_OF_A_YEAR, -1)
    of_span[[place_in_year(0, *span) for span in _SPANS]] = np.arange(len(_SPANS))
    flows = np.flatnonzero(additive & ~instant & (of_span >= 0)[within_year(place)])
    distinct, number = numbered_by_table(series[flows])
    rows = np.full((len(_SPANS), len(distinct)), -1)
    rows[of_span[within_year(place[flows])], number] = flows
    return rows


class _Words:
    """What the filings say on each fact, in runs: facts are named by their rows among the chosen ones.

    Args:
        ranked, vintages, chosen: as for `derived_quarters`.
    """

    def __init__(self, ranked: pl.DataFrame, vintages: pl.DataFrame, chosen: pl.DataFrame) -> None:
        self._ranked_value, self._ranked_filed = numbers(ranked, "value", "filed")
        self._ranked = _runs(ranked)
        self._vintage = numbers(vintages, "value", "filed", "accession", "row")
        self._vintages = _runs(vintages)
        self._chosen = numbers(chosen, "value", "filed", "accession", "row")
        self.per_share = (chosen.get_column("unit_kind") == "per_share").to_numpy()

    def stated(self, facts: Positions) -> _Amounts:
        """The chosen vintages of some facts, negative ones for none."""
        value, filed, accession, row = (column[facts] for column in self._chosen)
        words, first, count = _of_runs(self._ranked, facts)
        with_it = self._ranked_value[words] == np.repeat(value, count)
        since = _least(np.where(with_it, self._ranked_filed[words], _LAST_DAY), first)
        return _Amounts(value, since, filed, accession, row[:, None].astype(np.int64))

    def nearest(self, longer: Positions, since: Days) -> _Amounts:
        """The vintage of each longer span that was filed next after the shorter one's value was new.

        A year less its nine months is only a quarter when both are of one state of the books. The nine months' value is repeated
        for years; a year that was recast meanwhile is of other books. So the pair is the year as it was stated on or next after
        the day when this value of the nine months was stated first; else the last one before it.
        """
        rows, first, count = _of_runs(self._vintages, longer)
        value, filed, accession, row = (column[rows] for column in self._vintage)
        days = filed - np.repeat(since, count)
        distance = np.where(days >= 0, days, _ANY_AFTER - days)
        nearest = distance == np.repeat(_least(distance, first), count)
        # Of several on one day, the filing with the lowest number.
        number = np.where(nearest, accession, np.iinfo(np.int64).max)
        lowest = np.flatnonzero(number == np.repeat(_least(number, first), count))
        best = lowest[begins(np.repeat(np.arange(len(longer)), count)[lowest])]
        return _Amounts(value[best], filed[best], filed[best], accession[best], row[best, None].astype(np.int64))


def _least(values: NDArray[_Number], first: Positions) -> NDArray[_Number]:
    """The least value of each run, of runs that begin with the rows `first`."""
    least: NDArray[_Number] = np.minimum.reduceat(values, first) if len(first) else values
    return least


def _less(words: _Words, longer: Positions, shorter: _Amounts) -> _Amounts:
    """What is left of spans from the year's start when shorter spans are taken off them."""
    taken_from = words.nearest(longer, shorter.since)
    value = taken_from.value - shorter.value
    # Per-share amounts are decimal fractions, whose difference carries binary noise; money is whole and exact as it is.
    per_share = np.flatnonzero(words.per_share[longer])
    value[per_share] = np.round(value[per_share], 6)
    later = taken_from.filed >= shorter.filed
    filed = np.where(later, taken_from.filed, shorter.filed)
    accession = np.where(later, taken_from.accession, shorter.accession)
    return _Amounts(value, filed, filed, accession, np.column_stack([taken_from.rows, shorter.rows]))


def _runs(words: pl.DataFrame) -> tuple[Positions, Positions]:
    """Where the words on each fact begin, and how many there are."""
    begin = begins(words.get_column("fact").to_numpy())
    return begin, np.diff(begin, append=words.height)


def _of_runs(runs: tuple[Positions, Positions], facts: Positions) -> tuple[Positions, Positions, Positions]:
    """The rows of the words on some facts one after the other, where among these each fact begins, and how many it has."""
    begin, count = (of_fact[facts] for of_fact in runs)
    first = np.cumsum(count) - count
    return np.arange(count.sum()) + np.repeat(begin - first, count), first, count


def _replaced(own: _Amounts, others: _Amounts, at: Positions) -> _Amounts:
    """Amounts with those of the others instead, that stand at the positions, where these are not negative."""
    there = np.flatnonzero(at >= 0)
    rows = np.column_stack([own.rows, np.full(len(at), -1)])
    columns: list[NDArray[Any]] = [own.value.copy(), own.since.copy(), own.filed.copy(), own.accession.copy(), rows]
    by_column: tuple[NDArray[Any], ...] = others
    for column, other in zip(columns, by_column, strict=True):
        column[there] = other[at[there]]
    return _Amounts(*columns)


def _together(parts: Sequence[_Amounts]) -> _Amounts:
    """Amounts added up, with the filing that was filed last of all."""
    total = parts[0]
    for part in parts[1:]:
        later = (part.filed > total.filed) | ((part.filed == total.filed) & (part.accession > total.accession))
        total = _Amounts(
            total.value + part.value,
            np.maximum(total.since, part.since),
            np.where(later, part.filed, total.filed),
            np.where(later, part.accession, total.accession),
            np.column_stack([total.rows, part.rows]),
        )
    return total


def _quarters_of(longer: pl.DataFrame, amounts: _Amounts, inputs: pl.Series, method: pl.Series) -> pl.DataFrame:
    """Quarters as `derived_quarters` has them, each at the end of a longer span."""
    to_q = pl.col("to_q")
    return longer.select(
        "cik",
        "fy_start",
        to_q.alias("from_q"),
        to_q,
        "concept_id",
        place=place_in_year(pl.col("place"), to_q, to_q),
        value=pl.Series(amounts.value),
        method=method,
        row=pl.Series(amounts.rows[:, 0], dtype=pl.UInt32),
        inputs=inputs,
        filed=pl.Series(amounts.filed).cast(pl.Date),
        accession=pl.Series(amounts.accession),
    )


def quarters_of_two_concepts(several: pl.DataFrame, amounts: ConceptAmounts) -> pl.DataFrame:
    """Derive the quarters that are missing because the longer and the shorter span are stated by different concepts.

    Both concepts must be of one tier, whole lines both, and agree wherever the company states both; and there must be such a
    place.

    Args:
        several: the chosen candidates of the years in which a line has several concepts (`of_several_concepts`).
        amounts: what each concept gives.

    Returns:
        The derived quarters, with the columns of a chosen candidate.
    """
    flows = several[np.flatnonzero(_is_additive_money().take(several.get_column("line_id").to_numpy()))]
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
    proved = of_tier.join(amounts.agreement(of_tier).filter("agree"), on=["cik", "concept_id", "other_id"], how="semi")
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


@cache
def _is_additive_money() -> NDArray[np.bool_]:
    """By the ids of the lines: whether it is money that adds up over quarters."""
    return lines().select(pl.col("additive") & (pl.col("unit") == "money")).to_series().to_numpy()
