"""From one row a value to a column for each line.

The values are put into one long array of which each line's column is a slice. A pivot, which looks every row and column up by
hashing, takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

Positions = NDArray[np.int64]
Values = NDArray[np.float64]


def scattered(line: pl.Series, at: Positions, values: Values, heights: Mapping[str, int]) -> dict[str, Values]:
    """The columns of some lines.

    Args:
        line: the line of each value, an Enum.
        at: the row of each value in its line's column, negative for what is not wanted; not two values for one row of a line.
        values: numbers.
        heights: the lines that are wanted, and how many rows the column of each has.

    Returns:
        For each wanted line its column, NaN where there is no value; all are slices of one array.

    Raises:
        TypeError: `line` is no Enum.
        ValueError: there are two values for one row and line.
    """
    known = line.dtype
    if not isinstance(known, pl.Enum):
        message = f"lines must be of the type Enum, not {known}"
        raise TypeError(message)
    firsts = dict(zip(heights, np.cumsum([0, *heights.values()]).tolist(), strict=False))
    first = np.array([firsts.get(name, -1) for name in known.categories])[codes(line)]
    wanted = (first >= 0) & (at >= 0)
    flat = np.full(sum(heights.values()), np.nan)
    flat[(first + at)[wanted]] = values[wanted]
    if np.count_nonzero(~np.isnan(flat)) != np.count_nonzero(wanted):
        message = "two values for one line of one row"
        raise ValueError(message)
    return {name: flat[first : first + heights[name]] for name, first in firsts.items()}


def codes(column: pl.Series) -> NDArray[np.int64]:
    """What stands for each value of a column of an Enum: its position among the categories."""
    return column.to_physical().to_numpy().astype(np.int64)


def looked_up(keys: Positions, wanted: Positions) -> Positions:
    """For each wanted key where it stands among the keys, -1 for nowhere: a join by way of a table.

    Args:
        keys: small numbers from 0, each once.
        wanted: numbers, some of which can be negative.
    """
    table = np.full(max(keys.max(initial=-1), wanted.max(initial=-1)) + 1, -1)
    table[keys] = np.arange(len(keys))
    found: Positions = np.where(wanted >= 0, table[wanted], -1)
    return found


def numbered(keys: Positions) -> tuple[Positions, Positions]:
    """Number what occurs among some keys, which are small numbers from 0.

    Returns:
        The keys that occur, in order and each once, and for each key where it stands among these.
    """
    occurs = np.zeros(keys.max(initial=-1) + 1, np.bool_)
    occurs[keys] = True
    distinct = np.flatnonzero(occurs)
    return distinct, looked_up(distinct, keys)
