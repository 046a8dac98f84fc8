"""The filing of a statement: that of most of its values, a filing under two dates counted for each by itself."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from loader.reference.concepts import line_codes
from loader.standardize.statements import main_filings

# Statement, filing, day on which it was filed. Few of each, so that they meet.
CELLS = st.lists(st.tuples(st.integers(0, 2), st.integers(7, 9), st.integers(0, 3)), min_size=1, max_size=14).map(sorted)


@given(CELLS)
@example([(0, 7, 0), (0, 7, 0), (0, 7, 3), (0, 7, 3), (0, 9, 1), (0, 9, 1), (0, 9, 1)])
@example([(0, 7, 0), (0, 7, 0), (0, 7, 3), (0, 7, 3), (0, 9, 3), (0, 9, 3), (0, 9, 3)])
def test_a_statement_is_of_the_filing_that_most_values_come_from(cells: list[tuple[int, int, int]]) -> None:
    frame = pl.DataFrame(
        {
            "statement_row": pl.Series([row for row, _, _ in cells], dtype=pl.UInt32),
            "accession": pl.Series([accession for _, accession, _ in cells], dtype=pl.Int64),
            "filed": pl.Series([date(2024, 1, 1) + timedelta(days=day) for _, _, day in cells], dtype=pl.Date),
        }
    )
    counted = (
        frame.group_by("statement_row", "accession", "filed")
        .len()
        .sort("statement_row", "len", "filed", "accession", descending=[False, True, True, True])
        .unique("statement_row", keep="first", maintain_order=True)
    )
    line = np.full(len(cells), line_codes()["revenue"])
    assert main_filings(frame, line).rows() == counted.select("statement_row", "accession", "filed").rows()
