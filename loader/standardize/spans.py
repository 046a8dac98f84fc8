"""The spans that facts share: some hundred hold the thousands of facts of a company. What dates tell is told once for each."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.standardize.runs import DAYS, begins, numbered, numbered_apart, numbers, repeated

#: Days from 1970 to a day before all that facts can have (1900).
_MANY_DAYS: Final = 2**15
#: Stands for the start of an instant: before all that facts can have.
_NO_START: Final = date.fromordinal(date(1970, 1, 1).toordinal() - _MANY_DAYS)


def numbered_spans(facts: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """The different spans and instants of each company, and which of them each fact has.

    Args:
        facts: facts with cik, start (null for an instant), end.

    Returns:
        cik, start, end, sorted by cik, end and start; and for each fact the number of its row there.
    """
    known = facts.select("cik", "end", start=pl.col("start").fill_null(_NO_START))
    columns = numbers(known, "cik", "end", "start")
    # Facts of one span mostly stand together, so that one of each run need be looked at.
    first = begins(*columns)
    cik, end, start = (column.take(first) for column in columns)
    company = numbered(cik)[1]
    # One number of 64 bits names a span: two dates behind the number of the company in the batch.
    run, span_of_run = numbered_apart((company * DAYS + end + _MANY_DAYS) * DAYS + start + _MANY_DAYS)
    return facts[first.take(run), ["cik", "start", "end"]], repeated(span_of_run, first, facts.height)
