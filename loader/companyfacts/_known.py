"""Concepts that somebody wants the facts of, each with a number that stands for it in the facts."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa

from loader.companyfacts import _scan
from loader.companyfacts._schema import FACT_SCHEMA

#: The type of a concept's number.
CONCEPT_ID: Final = pa.uint16()
#: Columns of a record batch of facts of known concepts, in this order: those of `FACT_SCHEMA` without what only marks a fact, and
#: with a number in place of taxonomy and concept.
KNOWN_SCHEMA: Final = pa.schema(
    [
        FACT_SCHEMA.field("cik"),
        pa.field("concept_id", CONCEPT_ID, nullable=False),
        *(FACT_SCHEMA.field(name) for name in ("unit", "start", "end", "value", "accession", "fy", "form", "filed")),
    ]
)

#: No concept has this number.
_UNKNOWN: Final = 2**16 - 1


class KnownConcepts:
    """Concepts, each with its number.

    Args:
        numbers: by taxonomy and name, such as ``("us-gaap", "Assets")``; from 0 to 65,534, not all different, perhaps.
    """

    def __init__(self, numbers: Mapping[tuple[str, str], int]) -> None:
        if not all(0 <= number < _UNKNOWN for number in numbers.values()):
            raise ValueError(f"a concept's number must be from 0 to {_UNKNOWN - 1}")
        self._numbers = dict(numbers)
        self._table: _scan.Known | None = None

    def __contains__(self, concept: object) -> bool:
        return concept in self._numbers

    def select(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The facts of known concepts.

        Args:
            batch: with the schema `FACT_SCHEMA`.

        Returns:
            One row for each of them, in the same order, with the schema `KNOWN_SCHEMA`.
        """
        taxonomy, concept = batch.column("taxonomy"), batch.column("concept")
        # A file has a handful of taxonomies and some hundred concepts: each pair of them is looked up once.
        pairs = [
            [self._numbers.get((one, name), _UNKNOWN) for name in concept.dictionary.to_pylist()]
            for one in taxonomy.dictionary.to_pylist()
        ]
        numbers = np.array(pairs, np.uint16).reshape(len(taxonomy.dictionary), len(concept.dictionary))
        of_row = numbers[taxonomy.indices.to_numpy(), concept.indices.to_numpy()]
        columns = [pa.array(of_row) if name == "concept_id" else batch.column(name) for name in KNOWN_SCHEMA.names]
        known = pa.RecordBatch.from_arrays(columns, schema=KNOWN_SCHEMA)
        is_known = of_row != _UNKNOWN
        return known if is_known.all() else known.filter(pa.array(is_known))

    def table(self, library: ctypes.CDLL) -> _scan.Known:
        """The concepts as the compiled scanner looks for them."""
        if self._table is None:
            # Threads that come here at the same time each make one, and the last stays.
            self._table = _table(library, self._numbers)
        return self._table


def _table(library: ctypes.CDLL, numbers: Mapping[tuple[str, str], int]) -> _scan.Known:
    texts = bytearray()
    rows = []
    for (taxonomy, name), number in numbers.items():
        begin = len(texts)
        texts += taxonomy.encode()
        middle = len(texts)
        texts += name.encode()
        rows.append((begin, middle, middle, len(texts), number))
    concepts = np.array(rows, np.int32).reshape(-1, _scan.KNOWN_CONCEPT)
    slots = np.zeros(1 << (2 * len(rows)).bit_length(), np.int32)
    table = _scan.Known(
        texts=pa.py_buffer(texts).address,
        concepts=concepts.ctypes.data,
        slots=slots.ctypes.data,
        count=len(rows),
        slot_count=len(slots),
    )
    table.memory = (texts, concepts, slots)
    library.scan_known(table)
    return table
