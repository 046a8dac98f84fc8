"""Facts to columns by their positions in the text, for documents in which everything is written exactly as the SEC writes it.

The SEC's program writes all documents alike: the same keys in the same order, without white space, and dates, accession numbers,
years and periods of fixed lengths. Where each byte is proved to be so, a fact's fields can be taken from their positions,
without building an object for each. A document in which anything is written differently, however valid, is left to the decoder;
but for white space, with which other programs write documents anew, and which is taken out first.

Proving and taking are compiled (`_scan.c`), and leave the interpreter's lock to other threads. Where there is no compiled
library, no document counts as regular.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from loader.companyfacts import _scan
from loader.companyfacts._known import KNOWN_SCHEMA, KnownConcepts
from loader.companyfacts._schema import FACT_SCHEMA

# Rooms of the tables. A document that needs more is left to the decoder. The largest filers have a thousand concepts, a dozen
# units and forms, and a few hundred frames. A unit is looked for among all, and so is another text if its author knows the hash:
# the rooms bound how long a document that is made for that can take.
_TAXONOMIES: Final = 2**6
_UNITS: Final = 2**8
_NAMES: Final = 2**14
_TEXTS: Final = 2**10
_SLOTS: Final = 2 * _TEXTS
_DOUBTFUL: Final = 2**12

#: Bytes of a row of each column, and columns of bits.
_SIZES: Final = {
    **dict.fromkeys(("value", "accession"), 8),
    **dict.fromkeys(("taxonomy", "concept", "unit", "start", "end", "filed", "period", "form", "frame"), 4),
    **dict.fromkeys(("number", "year"), 2),
}
_BITS: Final = ("has_start", "has_year", "has_period", "has_frame")
_BITS_OF_BYTE: Final = 8
#: Columns begin at multiples of so many bytes, as in Arrow.
_ALIGNMENT: Final = 64
_DICTIONARIES: Final = ("periods", "forms", "frames")

#: A document that is not larger leaves the room for its facts to the next one. A large company's has 4 or 5 MB.
_KEPT_ROOM: Final = 2**23


@dataclass(frozen=True, slots=True)
class Regular:
    """A regular document.

    Attributes:
        cik: as the document has it.
        entity_name: the company's name, None where it is null or missing.
        batch: the usable facts that are wanted, in document order.
        not_wanted: facts of concepts that are not wanted.
        set_aside: reason -> how many wanted facts cannot be used for it.
    """

    cik: int
    entity_name: str | None
    batch: pa.RecordBatch
    not_wanted: int
    set_aside: Mapping[str, int]


def regular(data: bytes | memoryview, known: KnownConcepts | None) -> Regular | None:
    """Take the facts of known concepts (None: of all) out of a document; None if it is not proved to be regular.

    Returns:
        A batch with the schema `KNOWN_SCHEMA` (`FACT_SCHEMA`), and what else the document tells.
    """
    if _scan.library is None:
        return None
    with _gatherer(len(data)) as gatherer:
        found = gatherer.gather(_scan.library, data, known)
        if found is None:
            compact = gatherer.without_white_space(_scan.library, data)
            found = None if compact is None else gatherer.gather(_scan.library, compact, known)
    return found


#: Those that nobody uses at the moment: as many as threads were at work at once.
_idle: list[_Gatherer] = []


@contextmanager
def _gatherer(size: int) -> Iterator[_Gatherer]:
    """One with room for all facts of a document of this size, for this thread alone."""
    if size > _KEPT_ROOM:
        yield _Gatherer(size)
        return
    try:
        gatherer = _idle.pop()
    except IndexError:
        gatherer = _Gatherer(_KEPT_ROOM)
    try:
        yield gatherer
    finally:
        _idle.append(gatherer)


class _Table:
    """Room for rows of numbers, which the library fills."""

    def __init__(self, rows: int, width: int, dtype: type[np.generic] = np.int32) -> None:
        self._width, self._dtype = width, np.dtype(dtype)
        self._buffer = pa.allocate_buffer(rows * width * self._dtype.itemsize)
        self.at: int = self._buffer.address

    def rows(self, count: int) -> NDArray[Any]:
        """The first rows."""
        return np.frombuffer(self._buffer, self._dtype, count * self._width).reshape(count, self._width)


class _Gatherer:
    """Room for the facts of one document after the other, and for a document without its white space.

    Memory that is used again need not be emptied by the operating system first, which takes as long as to write it. What is
    never written takes none: so there is room for as many facts as a document of `size` bytes can have.
    """

    def __init__(self, size: int) -> None:
        rows = size // _scan.SHORTEST_FACT + 1
        self._places, needed = _laid_out(rows)
        self._buffer = pa.allocate_buffer(needed)
        self._compact = pa.allocate_buffer(size)
        self._doubtful = _Table(_DOUBTFUL, _scan.DOUBT)
        self._slots = {name: _Table(_SLOTS, 1) for name in _DICTIONARIES}
        self._words = {name: _Table(_TEXTS, _scan.WORD, np.uint64) for name in _DICTIONARIES}
        self._taxonomies, self._taxonomy_texts = _Table(_TAXONOMIES, _scan.TAXONOMY), _Table(_TAXONOMIES, _scan.SPAN)
        self._units, self._unit_texts = _Table(_UNITS, _scan.UNIT), _Table(_UNITS, _scan.SPAN)
        self._names, self._name_texts = _Table(_NAMES, _scan.NAME), _Table(_NAMES, _scan.SPAN)
        self._name_slots = _Table(_NAMES * _scan.SLOTS_OF_NAME, 1)
        self._found = _scan.Outline(
            taxonomies=self._taxonomies.at,
            units=self._units.at,
            names=self._names.at,
            slots=self._name_slots.at,
            taxonomy_room=_TAXONOMIES,
            unit_room=_UNITS,
            name_room=_NAMES,
        )
        self._written = _scan.Columns(
            **{name: self._buffer.address + place for name, place in self._places.items()},
            **{
                name: _scan.Dictionary(words=self._words[name].at, slots=self._slots[name].at, room=_TEXTS, slot_count=_SLOTS)
                for name in _DICTIONARIES
            },
            doubtful=self._doubtful.at,
            taxonomies=self._taxonomy_texts.at,
            concepts=self._name_texts.at,
            units=self._unit_texts.at,
            room=rows,
            doubtful_room=_DOUBTFUL,
        )

    def gather(self, library: ctypes.CDLL, data: bytes | memoryview, known: KnownConcepts | None) -> Regular | None:
        """Prove a document and take its facts; None if it is not proved."""
        found, written = self._found, self._written
        # By this the library knows which columns are wanted.
        written.number = None if known is None else self._buffer.address + self._places["number"]
        if not library.scan(pa.py_buffer(data).address, len(data), known and known.table(library), found, written):
            return None
        name = data[found.name_begin : found.name_end]
        faults = {"impossible_date": written.impossible_dates, "start_after_end": written.starts_after_ends}
        return Regular(
            cik=found.cik,
            entity_name=msgspec.json.decode(name, type=str) if name else None,
            batch=self._batch(library, data, known),
            not_wanted=written.not_wanted,
            set_aside={reason: facts for reason, facts in faults.items() if facts},
        )

    def without_white_space(self, library: ctypes.CDLL, data: bytes | memoryview) -> memoryview | None:
        """The same document without the white space between its tokens; None if there is none, or it is no JSON for certain."""
        size = library.scan_compact(pa.py_buffer(data).address, len(data), self._compact.address)
        return memoryview(self._compact)[:size] if 0 < size < len(data) else None

    def _batch(self, library: ctypes.CDLL, data: bytes | memoryview, known: KnownConcepts | None) -> pa.RecordBatch:
        """A record batch of what was written."""
        written = self._written
        # Values that are not certain to be the nearest double are read from the document again.
        if written.doubtful_count:
            values = np.frombuffer(self._buffer, np.float64, written.rows, self._places["value"])
            for row, begin, end in self._doubtful.rows(written.doubtful_count).tolist():
                values[row] = float(data[begin:end])
        batch = _scan.ArrowArray()
        if not library.scan_batch(pa.py_buffer(data).address, self._found.cik, written, batch):
            raise MemoryError
        return pa.RecordBatch._import_from_c(ctypes.addressof(batch), FACT_SCHEMA if known is None else KNOWN_SCHEMA)  # noqa: SLF001  # its only name


def _laid_out(rows: int) -> tuple[dict[str, int], int]:
    """Where the columns begin in one buffer, and how large it is."""
    places, end = {}, 0
    for name in (*_SIZES, *_BITS):
        places[name] = end
        size = rows * _SIZES[name] if name in _SIZES else -(-rows // _BITS_OF_BYTE)
        end += -(-size // _ALIGNMENT) * _ALIGNMENT
    return places, end
