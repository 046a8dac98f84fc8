"""The one public function: a document's bytes in, its facts out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from loader.companyfacts._document import check_cik
from loader.companyfacts._known import KnownConcepts
from loader.companyfacts._regular import regular


@dataclass(frozen=True, slots=True)
class Flattened:
    """The facts of one document.

    Attributes:
        batch: one row for each usable fact that was asked for, in document order.
        entity_name: the company's name as the document has it; None where it has none.
        facts_read: facts in the document. Always `batch.num_rows` plus `not_wanted` plus the sum of `set_aside`.
        not_wanted: facts of concepts that were not asked for; what else may be wrong with them is not looked at.
        set_aside: reason -> number of facts that are not in the batch for that reason; each fact counts once.
    """

    batch: pa.RecordBatch
    entity_name: str | None
    facts_read: int
    not_wanted: int
    set_aside: Mapping[str, int]


def flatten(data: bytes | memoryview, cik: int, known: KnownConcepts | None = None) -> Flattened:
    """Flatten a companyfacts document into one record batch.

    Pure, and safe in many threads at once. It takes up to six times the document's size in memory while it works, and the batch
    it returns half of that size. Nothing that it returns refers to the document.

    Whether a document is accepted does not depend on what is wanted of it: all of it is proved or decoded, and only the facts
    of known concepts become columns.

    Exact repetitions of a fact are kept: which of them counts is decided by `loader.standardize`.

    Args:
        data: the whole file.
        cik: the company that the file should be about, as its name says.
        known: the concepts that are wanted, for a batch with the schema `KNOWN_SCHEMA`; None for all facts, with `FACT_SCHEMA`.

    Raises:
        DocumentError: the bytes are not a companyfacts document of that company, with the reason and the place.
    """
    found = regular(data, known)
    if found is not None:
        check_cik(found.cik, cik)
        read = found.batch.num_rows + found.not_wanted + sum(found.set_aside.values())
        return Flattened(found.batch, found.entity_name, read, found.not_wanted, found.set_aside)
    # With Arrow's functions, which take longer to import than a large file to scan: hardly a file of the SEC comes here.
    from loader.companyfacts._columns import to_batch  # noqa: PLC0415
    from loader.companyfacts._decoded import decoded  # noqa: PLC0415

    document, gathered = decoded(bytes(data), cik, known)
    check_cik(document.cik, cik)
    batch, set_aside = to_batch(gathered, cik)
    if known is not None:
        batch = known.select(batch)
    return Flattened(batch, document.entity_name, gathered.rows + gathered.not_wanted, gathered.not_wanted, set_aside)
