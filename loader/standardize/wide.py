"""From one row a value to a column for each line, and other ways around by number.

Lines, places, years and statements all have small numbers. What belongs together is found by tables of these: a pivot or a join,
which look every row up by hashing, take several times as long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference.concepts import line_codes, line_type
from loader.standardize.periods import PLACES_OF_A_YEAR, place_in_year, within_year, year_of

Positions = NDArray[np.int64]
Values = NDArray[np.float64]


def rows_by_line(line: Positions, at: Positions, heights: Mapping[str, int]) -> dict[str, Positions]:
    """Where the values of some lines stand in a frame, as columns by line.

    Args:
        line: the code of each value's line.
        at: the row of each value in its line's column; not two values for one row of a line.
        heights: these lines, and others, and how many rows the column of each has.

    Returns:
        For each of the lines its column: the row of the frame, -1 where there is no value.

    Raises:
        ValueError: there are two values for one row and line.
    """
    firsts = dict(zip(heights, np.cumsum([0, *heights.values()]).tolist(), strict=False))
    first = np.array([firsts.get(name, -1) for name in line_codes()])
    rows = np.full(sum(heights.values()), -1)
    rows[first.take(line) + at] = np.arange(len(line))
    if np.count_nonzero(rows >= 0) != len(line):
        message = "two values for one line of one row"
        raise ValueError(message)
    return {name: rows[first : first + heights[name]] for name, first in firsts.items()}


def matched(keys: Positions, wanted: Positions) -> tuple[Positions, Positions]:
    """All pairs of equal keys, in the order of the wanted ones: a join by way of a table.

    Args:
        keys: small numbers from 0.
        wanted: the same, those that find no key included.

    Returns:
        The positions of both sides of each pair.
    """
    # Sorted together with their positions, as one number each: numbers alone are sorted many times as fast as their order.
    order = keys << 32
    order |= np.arange(len(keys))
    order.sort()
    order &= 2**32 - 1
    counts = np.bincount(keys, minlength=wanted.max(initial=-1) + 1)
    found = counts[wanted]
    side = np.repeat(np.arange(len(wanted)), found)
    # Pairs stand in runs, one for each wanted key: in a run both sides go on by one, and so end as far apart as they began.
    apart = np.cumsum(counts).take(wanted)
    apart -= np.cumsum(found)
    at = apart.take(side)
    at += np.arange(len(side))
    return order.take(at), side


def run_positions(first: Positions, count: Positions) -> Positions:
    """The positions of some runs one after the other, of which each begins with `first` and has `count`."""
    return np.arange(count.sum()) + np.repeat(first + count - np.cumsum(count), count)


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
    table = _positions(keys, max(keys.max(initial=0), wanted.max(initial=0)) + 1)
    found: Positions = np.where(wanted >= 0, table[np.maximum(wanted, 0)], -1)
    return found


def occurring(keys: Positions) -> Positions:
    """What occurs among some keys, which are small numbers from 0: in order and each once."""
    occurs = np.zeros(keys.max(initial=-1) + 1, np.bool_)
    occurs[keys] = True
    return np.flatnonzero(occurs)


def numbered_by_table(keys: Positions) -> tuple[Positions, Positions]:
    """Number what is `occurring`: that, and for each key where it stands among it."""
    distinct = occurring(keys)
    return distinct, _positions(distinct, keys.max(initial=-1) + 1)[keys]


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
    of_line = _positions(np.array([line_codes()[name] for name in names]), len(line_codes()))
    of_span = _positions(np.array([place_in_year(0, *span) for span in spans]), PLACES_OF_A_YEAR)
    # What is not wanted goes into one cell behind all others.
    size = len(names) * len(spans) * years
    of_line, of_span = (np.where(of >= 0, of * each, size) for of, each in ((of_line, len(spans) * years), (of_span, years)))
    cell = of_line.take(line)
    cell += of_span.take(within_year(place))
    cell += year_of(place)
    rows = np.full(size + 1, -1)
    rows[np.minimum(cell, size, out=cell)] = np.arange(len(cell))
    return rows[:size].reshape(len(names), len(spans), years)


def _positions(keys: Positions, count: int) -> Positions:
    """For each number below `count` its position among the keys, -1 for none."""
    positions = np.full(count, -1)
    positions[keys] = np.arange(len(keys))
    return positions
