"""Columns of whole numbers as runs of the same key: where they begin, which number each has, what order they are in.

Facts come sorted by what they are looked up by, or nearly so. A look at their neighbours then tells what a hash table would.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray


def numbers(frame: pl.DataFrame, *names: str) -> list[NDArray[Any]]:
    """Some columns as arrays: dates as days, categories as their codes."""
    return [column.to_numpy() for column in frame.select(pl.col(names).to_physical()).get_columns()]


def begins(keys: NDArray[Any]) -> NDArray[np.int64]:
    """The rows whose key is another one than that of the row before."""
    return np.flatnonzero(np.concatenate([np.ones(min(len(keys), 1), np.bool_), keys[1:] != keys[:-1]]))


def repeated(values: NDArray[Any], first: NDArray[np.int64], height: int) -> NDArray[Any]:
    """For each of `height` rows the value of its run, of runs that begin with the rows `first`."""
    return np.repeat(values, np.diff(first, append=height))


def any_of_run(holds: NDArray[np.bool_], first: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each row whether it holds for any row of the same run, of runs that begin with the rows `first`."""
    run = repeated(np.arange(len(first)), first, len(holds))
    of_run = np.zeros(len(first), np.bool_)
    of_run[run[holds]] = True
    return repeated(of_run, first, len(holds))


def numbered(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the different keys in their order: some row of each, and for every row the number of its key.

    The same keys mostly stand together, so that one of each run need be sorted.
    """
    first = begins(keys)
    distinct, number_of_run = np.unique(keys[first], return_inverse=True)
    run = np.empty(len(distinct), np.int64)
    run[number_of_run] = np.arange(len(first))
    return first[run], repeated(number_of_run, first, len(keys))


def in_order(first: NDArray[np.int64], others: Callable[[NDArray[np.int64]], Sequence[NDArray[Any]]]) -> NDArray[np.int64]:
    """The order by some keys, rows with the same keys staying as they are.

    Args:
        first: the first key, which says nearly all.
        others: gives the other keys of some rows, asked for those only that the first does not tell apart.
    """
    order = np.argsort(first, kind="stable")
    sorted_first = first[order]
    same = sorted_first[1:] == sorted_first[:-1]
    tied = np.zeros(len(order), np.bool_)
    tied[1:] |= same
    tied[:-1] |= same
    rows = order[tied]
    order[tied] = rows[np.lexsort((*reversed(others(rows)), first[rows]))]
    return order
