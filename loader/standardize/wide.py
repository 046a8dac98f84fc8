"""From one row a value to a column for each line.

The values are put into one long array of which each line's column is a slice. A pivot, which looks every row and column up by
hashing, takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference.concepts import line_codes, line_type
from loader.standardize.periods import PLACES_OF_A_YEAR, place_in_year, year_of

Positions = NDArray[np.int64]
Values = NDArray[np.float64]


def scattered(line: Positions, at: Positions, values: Values, heights: Mapping[str, int]) -> dict[str, Values]:
    """The columns of some lines.

    Args:
        line: the code of each value's line.
        at: the row of each value in its line's column, negative for what is not wanted; not two values for one row of a line.
        values: numbers.
        heights: the lines that are wanted, and how many rows the column of each has.

    Returns:
        For each wanted line its column, NaN where there is no value; all are slices of one array.

    Raises:
        ValueError: there are two values for one row and line.
    """
    firsts = dict(zip(heights, np.cumsum([0, *heights.values()]).tolist(), strict=False))
    first = np.array([firsts.get(name, -1) for name in line_codes()])[line]
    wanted = (first >= 0) & (at >= 0)
    flat = np.full(sum(heights.values()), np.nan)
    flat[(first + at)[wanted]] = values[wanted]
    if np.count_nonzero(~np.isnan(flat)) != np.count_nonzero(wanted):
        message = "two values for one line of one row"
        raise ValueError(message)
    return {name: flat[first : first + heights[name]] for name, first in firsts.items()}


def nullable(columns: Mapping[str, Values]) -> list[pl.Series]:
    """Columns of one height as those of a frame, with nulls for NaN: made as one column, which costs a third of many."""
    whole = pl.Series(np.concatenate(list(columns.values())), nan_to_null=True)
    height = whole.len() // len(columns)
    return [whole.slice(n * height, height).alias(name) for n, name in enumerate(columns)]


def codes(column: pl.Series) -> NDArray[np.int64]:
    """What stands for each value of a column of an Enum: its position among the categories."""
    return column.to_physical().to_numpy().astype(np.int64)


def named(line: Positions) -> pl.Series:
    """The column `line` by the codes of the lines."""
    return _all_lines()[line]


@cache
def _all_lines() -> pl.Series:
    return pl.Series("line", line_type().categories, dtype=line_type())


def looked_up(keys: Positions, wanted: Positions) -> Positions:
    """For each wanted key where it stands among the keys, -1 for nowhere: a join by way of a table.

    Args:
        keys: small numbers from 0, each once.
        wanted: numbers, some of which can be negative.
    """
    table = _positions(keys, max(keys.max(initial=-1), wanted.max(initial=-1)) + 1)
    found: Positions = np.where(wanted >= 0, table[wanted], -1)
    return found


def occurring(keys: Positions) -> tuple[Positions, Positions]:
    """Number what occurs among some keys, which are small numbers from 0.

    Returns:
        The keys that occur, in order and each once, and for each key where it stands among these.
    """
    occurs = np.zeros(keys.max(initial=-1) + 1, np.bool_)
    occurs[keys] = True
    distinct = np.flatnonzero(occurs)
    return distinct, looked_up(distinct, keys)


def rows_by_year(
    place: Positions, line: Positions, names: Sequence[str], spans: Sequence[tuple[int, int]], years: int
) -> NDArray[np.int64]:
    """Where values stand in a frame, by line, span and fiscal year.

    Args:
        place: the number of each value's place.
        line: the code of each value's line.
        names: the lines that are wanted.
        spans: the spans that are wanted, from_q and to_q.
        years: how many years there are.

    Returns:
        An array by wanted line, wanted span and number of the year: the row, -1 where there is no value.
    """
    line = _positions(np.array([line_codes()[name] for name in names]), len(line_codes()))[line]
    span = _positions(np.array([place_in_year(0, *span) for span in spans]), PLACES_OF_A_YEAR)[place % PLACES_OF_A_YEAR]
    wanted = np.flatnonzero((line >= 0) & (span >= 0))
    rows = np.full((len(names), len(spans), years), -1)
    rows[line[wanted], span[wanted], year_of(place[wanted])] = wanted
    return rows


def _positions(keys: Positions, count: int) -> Positions:
    """For each number below `count` its position among the keys, -1 for none."""
    positions = np.full(count, -1)
    positions[keys] = np.arange(len(keys))
    return positions
