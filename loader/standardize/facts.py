"""From the facts of a file to those that a statement can use: known concepts only, what is left out counted by reason."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import polars as pl
import pyarrow as pa

from loader.reference.concepts import concepts

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

NOT_A_STATEMENT_CONCEPT: Final = "not_a_statement_concept"


@cache
def statement_concepts() -> frozenset[tuple[str, str]]:
    """Taxonomy and name of every concept that some statement line can use."""
    names = (name.partition(":") for name in concepts().get_column("concept"))
    return frozenset((taxonomy, name) for taxonomy, _, name in names)


def statement_facts(batches: Sequence[pa.RecordBatch]) -> tuple[pl.DataFrame, dict[str, int]]:
    """Concatenate the facts of some files, and keep those whose concept some statement line can use.

    Args:
        batches: one or more files' facts with the columns of ``loader.companyfacts.FACT_SCHEMA``; at least one batch.

    Returns:
        The kept facts (`STATEMENT_FACTS`, in the order of the input) and the number of facts set aside by reason.
    """
    facts = pl.DataFrame(pl.from_arrow(pa.Table.from_batches(batches)))
    known = (
        facts.select("taxonomy", "concept")
        .unique()
        .with_columns(key=pl.format("{}:{}", pl.col("taxonomy").cast(pl.String), pl.col("concept").cast(pl.String)))
        .join(concepts().select("concept_id", key="concept"), on="key")
        .drop("key")
    )
    kept = facts.join(known, on=["taxonomy", "concept"], maintain_order="left").select(
        *(pl.col(name).cast(dtype) for name, dtype in STATEMENT_FACTS.items()),
    )
    aside = facts.height - kept.height
    return kept, {NOT_A_STATEMENT_CONCEPT: aside} if aside else {}
