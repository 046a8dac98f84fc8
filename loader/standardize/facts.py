"""From the facts of a file to those that a statement can use: known concepts only, what is left out counted by reason."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cache
from typing import Final

import numpy as np
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


#: No concept has this id.
_UNKNOWN: Final = 2**16 - 1


@cache
def _concept_ids() -> dict[tuple[str, str], int]:
    names = concepts().select("concept", "concept_id").iter_rows()
    return {(taxonomy, name): number for (taxonomy, _, name), number in ((text.partition(":"), n) for text, n in names)}


def statement_concepts() -> Set[tuple[str, str]]:
    """Taxonomy and name of every concept that some statement line can use."""
    return _concept_ids().keys()


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
    """Concatenate what `statement_batch` made of some files, at least one."""
    return pl.DataFrame(pl.from_arrow(pa.Table.from_batches(batches))).cast(pl.Schema(STATEMENT_FACTS))


def statement_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The facts of one file whose concept some statement line can use, with the columns of `STATEMENT_FACTS`."""
    taxonomy, concept = batch.column("taxonomy"), batch.column("concept")
    # A file has a handful of taxonomies and some hundred concepts: each pair of them is looked up once.
    pairs = [
        [_concept_ids().get((one, name), _UNKNOWN) for name in concept.dictionary.to_pylist()]
        for one in taxonomy.dictionary.to_pylist()
    ]
    ids = np.array(pairs, np.uint16).reshape(len(taxonomy.dictionary), len(concept.dictionary))
    of_row = ids[taxonomy.indices.to_numpy(), concept.indices.to_numpy()]
    columns = [pa.array(of_row) if name == "concept_id" else batch.column(name) for name in STATEMENT_FACTS]
    known = pa.RecordBatch.from_arrays(columns, names=list(STATEMENT_FACTS))
    is_known = of_row != _UNKNOWN
    return known if is_known.all() else known.filter(pa.array(is_known))
