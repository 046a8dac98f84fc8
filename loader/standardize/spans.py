"""The spans that facts share: some hundred hold the thousands of facts of a company. What dates tell is told once for each."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from loader.standardize.runs import numbered

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
