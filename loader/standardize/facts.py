"""The facts of some files as one frame: known concepts only, what is left out counted by reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl
import pyarrow as pa

from loader.standardize.known import NOT_A_STATEMENT_CONCEPT, statement_batch

#: Facts of known concepts, as every later step reads them. `unit` and `form` keep the document's spelling.
STATEMENT_FACTS: Final[dict[str, pl.DataType]] = {
    "cik": pl.Int64(),
    "concept_id": pl.UInt16(),
    "unit": pl.Categorical(),
    "start": pl.Date(),
    "end": pl.Date(),
    "value": pl.Float64(),
    "accession": pl.Int64(),
    "fy": pl.Int16(),
    "form": pl.Categorical(),
    "filed": pl.Date(),
}


def statement_facts(batches: Sequence[pa.RecordBatch]) -> tuple[pl.DataFrame, dict[str, int]]:
    """Concatenate the facts of some files, and keep those whose concept some statement line can use.

    Args:
        batches: one or more files' facts with the columns of ``loader.companyfacts.FACT_SCHEMA``; at least one batch.

    Returns:
        The kept facts (`STATEMENT_FACTS`, in the order of the input) and the number of facts set aside by reason.
    """
    kept = statement_frame([statement_batch(batch) for batch in batches])
    aside = sum(batch.num_rows for batch in batches) - kept.height
    return kept, {NOT_A_STATEMENT_CONCEPT: aside} if aside else {}


def statement_frame(batches: Sequence[pa.RecordBatch]) -> pl.DataFrame:
    """Concatenate what `statement_batch`, or ``flatten`` with `statement_concepts`, made of some files, at least one."""
    return pl.DataFrame(pl.from_arrow(pa.Table.from_batches(batches))).cast(pl.Schema(STATEMENT_FACTS))
