"""Columns of whole numbers as runs of the same key: where they begin, which number each has, what order they are in.

Facts come sorted by what they are looked up by, or nearly so. A look at their neighbours then tells what a hash table would.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: Bits of the numbers that keys are.
BITS: Final = 64
#: More than twice as many days as any date is away from 1970.
DAYS: Final = 2**17


def numbers(frame: pl.DataFrame, *names: str) -> list[NDArray[Any]]:
    """Some columns as arrays: dates as days, categories as their codes."""
    return [_physical(frame.get_column(name)).to_numpy() for name in names]


def _physical(column: pl.Series) -> pl.Series:
    dtype = column.dtype
    # A cast is no query, which costs more than all the rest; numbers need neither.
    if dtype == pl.Date:
        return column.cast(pl.Int32)
    return column if dtype.is_numeric() or dtype == pl.Boolean else column.to_physical()


def begins(*keys: NDArray[Any]) -> NDArray[np.int64]:
    """The rows of which some key is another one than that of the row before."""
    changes = np.ones(len(keys[0]), np.bool_)
    np.not_equal(keys[0][1:], keys[0][:-1], out=changes[1:])
    for key in keys[1:]:
        changes[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(changes)


def repeated(values: NDArray[Any], first: NDArray[np.int64], height: int) -> NDArray[Any]:
    """For each of `height` rows the value of its run, of runs that begin with the rows `first`."""
    return np.repeat(values, np.append(first[1:], height) - first)


def run_numbers(keys: NDArray[Any]) -> NDArray[np.int64]:
    """For each row the number of its run.

    What holds for the runs is taken by these numbers at a fifth of what it costs to repeat it.
    """
    # Of many short runs Polars tells the numbers in a third of the time in which they are repeated; of few rows it takes longer.
    return pl.Series(keys).rle_id().to_numpy().astype(np.int64)


def any_of_run(holds: NDArray[np.bool_], run: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each row whether it holds for any row of the same run.

    Args:
        holds: for each row whether it holds.
        run: the `run_numbers`.
    """
    of_run = np.zeros(run[-1] + 1 if len(run) else 0, np.bool_)
    of_run[run.take(np.flatnonzero(holds))] = True
    return of_run.take(run)


def numbered(keys: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the different keys in their order: some row of each, and for every row the number of its key.

    The same keys mostly stand together, so that one of each run need be sorted.
    """
    first = begins(keys)
    run, number = numbered_apart(keys.take(first))
    return first.take(run), repeated(number, first, len(keys))


def numbered_apart(keys: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same for keys that are all different from their neighbours."""
    order, sorted_keys = ordered(keys)
    new = begins(sorted_keys)
    number = np.empty(len(keys), np.int64)
    number[order] = repeated(np.arange(len(new)), new, len(keys))
    return order.take(new), number


def ordered(keys: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """The rows in the order of their keys, those with the same key staying as they are; and the keys in that order."""
    count = len(keys)
    if not count:
        return np.zeros(0, np.int64), keys
    least, bits = keys.min(), count.bit_length()
    if (int(keys.max()) - int(least)).bit_length() + bits >= BITS:
        order = np.argsort(keys, kind="stable")
        return order, keys.take(order)
    # The key and the row as one number: numbers are sorted in half the time that rows are by their numbers.
    with_row: NDArray[np.int64] = np.subtract(keys, least, dtype=np.int64)
    with_row <<= bits
    with_row += np.arange(count)
    with_row.sort()
    sorted_keys = with_row >> bits
    sorted_keys += least
    with_row &= (1 << bits) - 1
    return with_row, sorted_keys


def in_order(first: NDArray[np.int64], others: Callable[[NDArray[np.int64]], Sequence[NDArray[Any]]]) -> NDArray[np.int64]:
    """The order by some keys, rows with the same keys staying as they are.

    Args:
        first: the first key, which says nearly all.
        others: gives the other keys of some rows, asked for those only that the first does not tell apart.
    """
    order, sorted_first = ordered(first)
    same = sorted_first[1:] == sorted_first[:-1]
    tied = np.zeros(len(order), np.bool_)
    tied[1:] |= same
    tied[:-1] |= same
    at = np.flatnonzero(tied)
    rows = order[at]
    order[at] = rows[np.lexsort((*reversed(others(rows)), first[rows]))]
    return order
