"""The spans that facts share: some hundred hold the thousands of facts of a company, and what dates tell is told once for each."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: Days from 1970 to a day before all that facts can have (1900), and more than twice as many.
_MANY_DAYS: Final = 2**15
_DATES: Final = 2**17


def numbered_spans(facts: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The different spans and instants of each company, and which of them each fact has.

    Args:
        facts: facts with cik, start (null for an instant), end.

    Returns:
        cik, start, end, sorted by cik, end and start; and the column `span`: for each fact the number of its row there.
    """
    start, end = (facts.get_column(name).to_physical() for name in ("start", "end"))
    first = start.fill_null(-_MANY_DAYS).to_numpy().astype(np.int64) + _MANY_DAYS
    last = end.to_numpy().astype(np.int64) + _MANY_DAYS
    company = numbered(facts.get_column("cik").to_numpy())[1]
    # One number of 64 bits names a span: two dates behind the number of the company in the batch.
    fact, span = numbered((company * _DATES + last) * _DATES + first)
    return facts.select("cik", "start", "end")[fact], pl.Series("span", span, pl.UInt32)


def numbered(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the different keys in their order: some row of each, and the number of every row's key.

    Args:
        keys: numbers from 0 on of which the same ones mostly stand together, so that one of each run need be sorted.
    """
    begins = np.flatnonzero(np.diff(keys, prepend=-1))
    distinct, number_of_run = np.unique(keys[begins], return_inverse=True)
    some_run = np.empty(len(distinct), np.int64)
    some_run[number_of_run] = np.arange(len(begins))
    return begins[some_run], np.repeat(number_of_run, np.diff(begins, append=len(keys)))
