"""Values that others of the same company show to be another figure than their line's: a guard leaves them out.

All guards look at the values as they are before any of them, so their order does not matter.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference.concepts import concept_ids, concept_ranks, concepts, line_codes, lines
from loader.standardize.lines import PART, ConceptAmounts
from loader.standardize.periods import place_in_year
from loader.standardize.runs import numbers
from loader.standardize.wide import Positions, Values, codes, looked_up, numbered_by_table, rows_by_line

#: Shares outstanding to average shares: issues and repurchases of a period stay within it, once splits are adjusted.
_PLAUSIBLE_COUNT: Final = (0.5, 2.0)

#: What an identity can miss by rounding, as a part of the amount that tells of it.
_ROUNDING: Final = 0.001

_CASH: Final = "us-gaap:CashAndCashEquivalentsAtCarryingValue"
_CASH_WITH_RESTRICTED: Final = "us-gaap:CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents"

#: The lines that guards compare.
_COMPARED: Final = (
    *("net_income", "net_income_incl_nci", "net_income_nci", "discontinued_operations"),
    *("short_term_borrowings", "long_term_debt_current"),
    "cash_and_equivalents",
    *("shares_basic", "shares_outstanding"),
    *("revenue", "gross_profit"),
)

Mask = NDArray[np.bool_]


def against_reason(values: pl.DataFrame, several: pl.DataFrame, amounts: ConceptAmounts) -> Positions:
    """Which values the guards leave out.

    Args:
        values: values by place and line, splits adjusted: cik, place, line, concept_id, value, method, and value_row, their
            numbers. Those of lines that are not `compared` may be left out.
        several: all that are flows of years in which a line has several concepts, with value_row, line_id and line_year, one
            number for line and fiscal year.
        amounts: what each concept gives.

    Returns:
        Their numbers; some can be there more than once.
    """
    side = _SideBySide(values)
    # Infinite amounts, with which no company's statements are kept, compare as nothing.
    with np.errstate(invalid="ignore", over="ignore"):
        left_out = {
            "net_income": _without_discontinued_operations(side),
            "short_term_borrowings": _counted_twice(side),
            "cash_and_equivalents": _with_restricted_cash(side, values, amounts),
            "shares_outstanding": _no_count_of_all_shares(side),
            "revenue": _below_zero(side),
            "gross_profit": _above_revenue(side),
        }
    rows = np.concatenate([side.rows[line][at_place] for line, at_place in left_out.items()])
    return np.concatenate([values.get_column("value_row").to_numpy()[rows], _larger_than_their_year(several)])


@cache
def compared() -> Mask:
    """By the ids of the lines: whether a guard compares the line with others."""
    return lines().select(pl.col("line").is_in(_COMPARED)).to_series().to_numpy()


class _SideBySide:
    """The compared lines by the places that have any of them.

    Attributes:
        places: the numbers of the places, in order.
        rows: for each line the rows of its values at these places, -1 for none.
        is_derived: for each row of the values whether a quarter was derived from longer spans.
    """

    def __init__(self, values: pl.DataFrame) -> None:
        line = codes(values.get_column("line"))
        is_compared = np.zeros(len(line_codes()), np.bool_)
        is_compared[[line_codes()[name] for name in _COMPARED]] = True
        compared = np.flatnonzero(is_compared[line])
        self.places, at = numbered_by_table(values.get_column("place").to_numpy()[compared])
        by_line = rows_by_line(line[compared], at, dict.fromkeys(_COMPARED, len(self.places)))
        # What is not there has the position -1: the last.
        rows = np.append(compared, -1)
        self.rows = {name: rows[of_line] for name, of_line in by_line.items()}
        self._value = np.append(values.get_column("value").to_numpy(), np.nan)
        self.is_derived = np.append((values.get_column("method") != "reported").to_numpy(), False)

    def value(self, line: str) -> Values:
        """A line's values at the places, NaN where there is none."""
        values: Values = self._value[self.rows[line]]
        return values


def _without_discontinued_operations(side: _SideBySide) -> Mask:
    """A stated net income that leaves out the discontinued operations which the filing's own total includes.

    The witness is the identity: stated net income misses profit less the noncontrolling share by just the discontinued
    operations. The line then follows from that identity by formula.
    """
    discontinued = side.value("discontinued_operations")
    short = side.value("net_income_incl_nci") - side.value("net_income_nci") - side.value("net_income")
    tolerance = _ROUNDING * np.abs(discontinued)
    misses: Mask = (discontinued != 0) & (np.abs(short) > tolerance) & (np.abs(short - discontinued) <= tolerance)
    return misses


def _counted_twice(side: _SideBySide) -> Mask:
    """Short-term borrowings that are, to the dollar, the current part of long-term debt under a second name (rule 7.6)."""
    current_part = side.value("long_term_debt_current")
    is_twice: Mask = (side.value("short_term_borrowings") == current_part) & (current_part != 0)
    return is_twice


def _with_restricted_cash(side: _SideBySide, values: pl.DataFrame, amounts: ConceptAmounts) -> Mask:
    """Cash that is stated with the restricted cash only, by companies whose restricted cash is seen to be more (rule 7.8).

    The tag of the cash flow statement stands in for cash where both have always been the same, or were never stated both.
    """
    pure, restricted = (concept_ids(name).item() for name in (_CASH, _CASH_WITH_RESTRICTED))
    rows = side.rows["cash_and_equivalents"]
    stands_in = np.zeros(len(rows), np.bool_)
    stated = np.flatnonzero(rows >= 0)
    stands_in[stated] = values.get_column("concept_id").to_numpy()[rows[stated]] == restricted
    at = np.flatnonzero(stands_in)
    if not len(at):
        return stands_in
    asked = values.select("cik", "concept_id")[rows[at]].with_columns(other_id=pl.lit(pure, pl.UInt16))
    more = amounts.agreement(asked).filter(~pl.col("agree")).get_column("cik")
    stands_in[at] = asked.get_column("cik").is_in(more.implode()).to_numpy()
    return stands_in


def _no_count_of_all_shares(side: _SideBySide) -> Mask:
    """Shares outstanding that are not of the size of the average count of the period that they end (rule 7.12).

    Such a count is one class of several, a placeholder, or of another scale; which of them, the filing does not tell. The
    fourth quarter's average comes before that of the year that ends with it.
    """
    basic = side.value("shares_basic")
    year_end = side.places == place_in_year(side.places, 4, 4)
    of_year = looked_up(side.places, np.where(year_end, place_in_year(side.places, 1, 4), -1))
    average = np.where(~(basic > 0) & (of_year >= 0), basic[of_year], basic)
    size = np.divide(side.value("shares_outstanding"), average, out=np.full(len(basic), np.nan), where=average > 0)
    is_odd: Mask = (size < _PLAUSIBLE_COUNT[0]) | (size > _PLAUSIBLE_COUNT[1])
    return is_odd


def _below_zero(side: _SideBySide) -> Mask:
    """Derived quarters of a revenue below zero: the year and its parts are not of one make (rule 5.5)."""
    is_below: Mask = (side.value("revenue") < 0) & side.is_derived[side.rows["revenue"]]
    return is_below


def _above_revenue(side: _SideBySide) -> Mask:
    """Derived quarters of a gross profit above the revenue, for the same reason; what was stated is not touched (rule 5.5)."""
    is_above: Mask = (side.value("gross_profit") > side.value("revenue")) & side.is_derived[side.rows["gross_profit"]]
    return is_above


def _larger_than_their_year(several: pl.DataFrame) -> Positions:
    """Parts of a year that are larger than the year, of flows that cannot be negative, where another concept states them.

    The year tells what the line is; the other concept, where the first is missing, is something else, such as shares acquired
    where nothing was paid. A year of zero by a concept that is not always the whole line tells nothing, and goes itself.
    """
    magnitudes = np.flatnonzero(_is_magnitude().take(several.get_column("line_id").to_numpy()))
    flows = several.select("line_id", "line_year", "place", "concept_id", "value", "value_row")[magnitudes]
    line, line_year, place, concept, value, row = numbers(flows, *flows.columns)
    is_year = place == place_in_year(place, 1, 4)
    years = np.flatnonzero(is_year)
    found = looked_up(line_year[years], line_year)
    # Without a year it is the last row, which is left out.
    year = np.append(years, -1)[found]
    beyond = (value < 0) | (value * PART > value[year])
    against = np.flatnonzero(~is_year & (found >= 0) & (concept != concept[year]) & beyond)
    year = year[against]
    is_first = _is_of_first_tier()[line[year], concept[year]]
    return np.where((value[year] == 0) & ~is_first, row[year], row[against])


@cache
def _is_of_first_tier() -> Mask:
    """By the ids of line and concept: whether the concept is the whole line."""
    first = concept_ranks().filter(pl.col("tier") == 1)
    is_first = np.zeros((lines().height, concepts().height), np.bool_)
    is_first[first.get_column("line_id").to_numpy(), first.get_column("concept_id").to_numpy()] = True
    return is_first


@cache
def _is_magnitude() -> Mask:
    """By the ids of the lines: whether it is a flow that cannot be negative."""
    return lines().select(pl.col("additive") & pl.col("nonnegative")).to_series().to_numpy()
