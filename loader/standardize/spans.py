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
    # One number of 64 bits names a span: two dates behind the number of the company in the batch.
    distinct, span = np.unique((_companies(facts.get_column("cik")) * _DATES + last) * _DATES + first, return_inverse=True)
    fact_of_span = np.empty(len(distinct), np.int64)
    fact_of_span[span] = np.arange(len(span))
    return facts.select("cik", "start", "end")[fact_of_span], pl.Series("span", span, pl.UInt32)


def _companies(cik: pl.Series) -> NDArray[np.int64]:
    """The number of each fact's company in the batch, in the order of the CIKs; told by runs, as a company's facts come together."""
    ciks = cik.to_numpy()
    begins = np.flatnonzero(np.diff(ciks, prepend=-1))
    _, company = np.unique(ciks[begins], return_inverse=True)
    return np.repeat(company, np.diff(begins, append=len(ciks)))
