"""Facts to columns by their positions in the text, for documents in which everything is written exactly as the SEC writes it.

The SEC's program writes all documents alike: the same keys in the same order, without white space, and dates, accession numbers,
years and periods of fixed lengths. Where each byte is proved to be so, a fact's fields can be taken from their positions,
without building an object for each. A document in which anything is written differently, however valid, is left to the decoder;
but for white space, with which other programs write documents anew, and which is taken out first.

Proving and taking are compiled (`_scan.c`), and leave the interpreter's lock to other threads. Between the two it is decided
here which concepts are wanted. Where there is no compiled library, no document counts as regular.
"""

from __future__ import annotations

import ctypes
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from loader.companyfacts import _scan
from loader.companyfacts._columns import Gathered

Numbers = NDArray[np.int32]

# Rooms of the tables. A document that needs more is left to the decoder. The largest filers have a thousand concepts and lists,
# a dozen units and forms, and a few hundred frames. A unit is looked for among all, and so is a text if its author knows the
# hash: the rooms bound how long a document that is made for that can take.
_TAXONOMIES: Final = 2**6
_UNITS: Final = 2**8
_CONCEPTS: Final = 2**14
_LISTS: Final = 2**16
_TEXTS: Final = 2**10
_SLOTS: Final = 2 * _TEXTS
_DOUBTFUL: Final = 2**12

#: Bytes of a row of each column, and columns of bits.
_SIZES: Final = {
    **dict.fromkeys(("taxonomy", "concept", "unit", "start", "end", "filed", "period", "form", "frame"), 4),
    **dict.fromkeys(("value", "accession"), 8),
    "year": 2,
    "fault": 1,
}
_BITS: Final = ("has_start", "has_end", "has_filed", "has_year", "has_period", "has_frame")
_BITS_OF_BYTE: Final = 8
_DICTIONARIES: Final = ("periods", "forms", "frames")
#: A text in two words, filled up with zeros.
_TEXT: Final = f"S{_scan.WORD * 8}"


@dataclass(frozen=True, slots=True)
class Regular:
    """A regular document.

    Attributes:
        cik: as the document has it.
        entity_name: the company's name, None where it is null or missing.
        gathered: the facts of the wanted concepts.
    """

    cik: int
    entity_name: str | None
    gathered: Gathered


@dataclass(frozen=True, slots=True)
class _Outline:
    """What a document has besides its facts.

    Attributes:
        cik: as the document has it.
        entity_name: None where it is null or missing.
        concepts: taxonomy and name of each, all different.
        taxonomy_of: number of the taxonomy of each concept.
        taxonomies: all of them.
        units: all of them.
        lists: a row for each list of facts: number of its concept, number of its unit, how many facts it has if it is regular,
            and where it begins and ends.
    """

    cik: int
    entity_name: str | None
    concepts: list[tuple[str, str]]
    taxonomy_of: Numbers
    taxonomies: list[str]
    units: list[str]
    lists: Numbers


def regular(data: bytes, wanted: Container[tuple[str, str]] | None) -> Regular | None:
    """Take the facts of wanted concepts (None: of all) out of a document; None if it is not proved to be regular."""
    if _scan.library is None:
        return None
    found = _taken(_scan.library, data, wanted)
    if found is None:
        compact = _without_white_space(_scan.library, data)
        found = None if compact is None else _taken(_scan.library, compact, wanted)
    return found


def _taken(library: ctypes.CDLL, data: bytes, wanted: Container[tuple[str, str]] | None) -> Regular | None:
    outline = _outlined(library, data)
    if outline is None:
        return None
    gathered = _gathered(library, data, outline, wanted)
    return Regular(outline.cik, outline.entity_name, gathered) if gathered is not None else None


def _without_white_space(library: ctypes.CDLL, data: bytes) -> bytes | None:
    """The same document without the white space between its tokens; None if there is none, or it is no JSON for certain."""
    compact = pa.allocate_buffer(len(data))
    size = library.scan_compact(data, len(data), compact.address)
    return compact.slice(0, size).to_pybytes() if 0 < size < len(data) else None


def _outlined(library: ctypes.CDLL, data: bytes) -> _Outline | None:
    taxonomies, units, unit_concepts = _Table(_TAXONOMIES, _scan.SPAN), _Table(_UNITS, _scan.SPAN), _Table(_UNITS, 1)
    concepts, lists = _Table(_CONCEPTS, _scan.CONCEPT), _Table(_LISTS, _scan.LIST)
    found = _scan.Outline(
        taxonomies=taxonomies.at,
        units=units.at,
        unit_concepts=unit_concepts.at,
        concepts=concepts.at,
        lists=lists.at,
        taxonomy_room=_TAXONOMIES,
        unit_room=_UNITS,
        concept_room=_CONCEPTS,
        list_room=_LISTS,
    )
    if not library.scan_outline(data, len(data), found):
        return None
    # Names are proved to be plain ASCII, but for a backslash before a slash in a unit.
    taxonomy_names = [data[begin:end].decode("ascii") for begin, end in taxonomies.rows(found.taxonomy_count).tolist()]
    unit_names = [data[begin:end].decode("ascii").replace("\\/", "/") for begin, end in units.rows(found.unit_count).tolist()]
    rows = concepts.rows(found.concept_count)
    names = [(taxonomy_names[taxonomy], data[begin:end].decode("ascii")) for taxonomy, begin, end in rows.tolist()]
    # A key that stands twice would lose facts, which the decoder refuses.
    if any(len(set(keys)) < len(keys) for keys in (taxonomy_names, unit_names, names)):
        return None
    name = data[found.name_begin : found.name_end]
    return _Outline(
        cik=found.cik,
        entity_name=msgspec.json.decode(name, type=str) if name else None,
        concepts=names,
        taxonomy_of=rows[:, 0],
        taxonomies=taxonomy_names,
        units=unit_names,
        lists=lists.rows(found.list_count),
    )


def _gathered(library: ctypes.CDLL, data: bytes, outline: _Outline, wanted: Container[tuple[str, str]] | None) -> Gathered | None:
    concept_of, unit_of, facts = outline.lists[:, 0], outline.lists[:, 1], outline.lists[:, 2]
    is_wanted = np.array([wanted is None or concept in wanted for concept in outline.concepts], np.bool_)[concept_of]
    mine = concept_of[is_wanted]
    codes = np.full((len(concept_of), _scan.CODES), -1, np.int32)
    codes[is_wanted, 0], taxonomies = _numbered(outline.taxonomy_of[mine], outline.taxonomies)
    codes[is_wanted, 1], concepts = _numbered(mine, [name for _, name in outline.concepts])
    codes[is_wanted, 2], units = _numbered(unit_of[is_wanted], outline.units)
    columns = _Columns(int(facts[is_wanted].sum()))
    written = columns.written
    if not library.scan_facts(data, outline.lists.ctypes.data, len(codes), codes.ctypes.data, written):
        return None
    return Gathered(
        rows=written.rows,
        not_wanted=written.not_wanted,
        names=(columns.encoded("taxonomy", taxonomies), columns.encoded("concept", concepts), columns.encoded("unit", units)),
        start=columns.column("start", pa.date32(), "has_start", written.starts),
        end=columns.column("end", pa.date32(), "has_end", written.ends),
        value=columns.values(data),
        accession=columns.column("accession", pa.int64()),
        year=columns.column("year", pa.int16(), "has_year", written.years),
        period=columns.encoded("period", columns.texts("periods"), "has_period", written.period_count),
        form=columns.encoded("form", columns.texts("forms")),
        filed=columns.column("filed", pa.date32(), "has_filed", written.fileds),
        frame=columns.encoded("frame", ["CY" + text for text in columns.texts("frames")], "has_frame", written.frame_count),
        faults=columns.faults(),
    )


def _numbered(numbers: Numbers, texts: Sequence[str]) -> tuple[Numbers, list[str]]:
    """Number texts anew, by their first use.

    Args:
        numbers: which of the texts are used, in order of use.
        texts: not all different, perhaps.

    Returns:
        The new numbers, and the texts that they stand for, all different.
    """
    codes: dict[str, int] = {}
    code_of = np.zeros(len(texts), np.int32)
    for number in dict.fromkeys(numbers.tolist()):
        code_of[number] = codes.setdefault(texts[number], len(codes))
    return code_of[numbers], list(codes)


class _Table:
    """Room for rows of numbers, which the library fills."""

    def __init__(self, rows: int, width: int, dtype: type[np.generic] = np.int32) -> None:
        self._width, self._dtype = width, np.dtype(dtype)
        self._buffer = pa.allocate_buffer(rows * width * self._dtype.itemsize)
        self.at: int = self._buffer.address

    def rows(self, count: int) -> NDArray[Any]:
        """The first rows."""
        return np.frombuffer(self._buffer, self._dtype, count * self._width).reshape(count, self._width)


class _Columns:
    """Buffers for so many rows, which the library fills, and the columns that they become."""

    def __init__(self, rows: int) -> None:
        self._buffers = {name: pa.allocate_buffer(rows * size) for name, size in _SIZES.items()}
        self._buffers |= {name: pa.allocate_buffer((rows + _BITS_OF_BYTE - 1) // _BITS_OF_BYTE) for name in _BITS}
        self._doubtful = _Table(_DOUBTFUL, _scan.DOUBT)
        self._slots = {name: _Table(_SLOTS, 1) for name in _DICTIONARIES}
        self._words = {name: _Table(_TEXTS, _scan.WORD, np.uint64) for name in _DICTIONARIES}
        self.written = _scan.Columns(
            **{name: buffer.address for name, buffer in self._buffers.items()},
            **{
                name: _scan.Dictionary(words=self._words[name].at, slots=self._slots[name].at, room=_TEXTS, slot_count=_SLOTS)
                for name in _DICTIONARIES
            },
            doubtful=self._doubtful.at,
            room=rows,
            doubtful_room=_DOUBTFUL,
        )

    def column(self, name: str, to: pa.DataType, bits: str | None = None, there: int = 0) -> pa.Array:
        """A column of numbers or days.

        Args:
            name: of its buffer.
            to: its type.
            bits: the buffer of what is not null; None where nothing is null.
            there: how many are not null.
        """
        rows = self.written.rows
        nulls = 0 if bits is None else rows - there
        return pa.Array.from_buffers(to, rows, [self._buffers[bits] if bits and nulls else None, self._buffers[name]], nulls)

    def encoded(self, name: str, texts: list[str], bits: str | None = None, there: int = 0) -> pa.DictionaryArray:
        """A column of texts; `bits` and `there` as in `column`."""
        codes = self.column(name, pa.int32(), bits, there)
        return pa.DictionaryArray.from_arrays(codes, pa.array(texts, pa.string()), safe=False)

    def texts(self, name: str) -> list[str]:
        """The texts of a dictionary, in the order of their codes."""
        words = self._words[name].rows(getattr(self.written, name).count)
        return [text.decode("ascii") for text in words.astype("<u8").view(_TEXT)[:, 0].tolist()]

    def values(self, data: bytes) -> pa.DoubleArray:
        """The values; those that are not certain to be the nearest double are read from the document again."""
        values = np.frombuffer(self._buffers["value"], np.float64)
        for row, begin, end in self._doubtful.rows(self.written.doubtful_count).tolist():
            values[row] = float(data[begin:end])
        return self.column("value", pa.float64())

    def faults(self) -> list[tuple[str, pa.BooleanArray | None]]:
        """Why rows cannot be used, and where. Nothing but dates can be wrong where all is in the right form."""
        if not self.written.faulty:
            return []
        fault = np.frombuffer(self._buffers["fault"], np.uint8)
        return [(reason, pa.array(fault == number)) for number, reason in _scan.FAULTS.items()]
