"""The facts of a file that a statement can use: those of known concepts. Run by the readers, file by file."""

from __future__ import annotations

from functools import cache
from typing import Final

import pyarrow as pa

from loader.companyfacts import KnownConcepts
from loader.reference.plain import concept_numbers

NOT_A_STATEMENT_CONCEPT: Final = "not_a_statement_concept"


@cache
def statement_concepts() -> KnownConcepts:
    """Every concept that some statement line can use, numbered by its `concept_id`."""
    return KnownConcepts(concept_numbers())


def statement_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The facts of one file whose concept some statement line can use, with the columns of `STATEMENT_FACTS`.

    Args:
        batch: all facts of the file, with the schema ``loader.companyfacts.FACT_SCHEMA``. ``flatten`` makes the same of a
            document at once, if it is given `statement_concepts`.
    """
    return statement_concepts().select(batch)
