"""The compiled half of `_regular`: the library of `_scan.c`, and its structures as ctypes has them.

The library is compiled when the package is installed (hatch_build.py), if there is a compiler. Its file is named after the
source that it was made of, so that one made of another source is never loaded.
"""

from __future__ import annotations

import ctypes
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Final

# How many 32-bit numbers a row of each table has.
SPAN: Final = 2  # begin, end
KNOWN_CONCEPT: Final = 5  # begin and end of the taxonomy, begin and end of the name, number
TAXONOMY: Final = 3  # begin, end, code
UNIT: Final = 4  # begin, end, code, concept
NAME: Final = 6  # hash (two of them), begin, end, code, taxonomy
DOUBT: Final = 3  # row, begin, end
WORD: Final = 2  # of 64 bits

#: The fewest bytes that a fact takes in a regular document, with the comma or bracket behind it.
SHORTEST_FACT: Final = len(
    '{"end":"0000-00-00","val":0,"accn":"0000000000-00-000000","fy":null,"fp":null,"form":"0","filed":"0000-00-00"},'
)
#: So many slots there must be for each concept's name of a document.
SLOTS_OF_NAME: Final = 2

Fields = list[tuple[str, Any]]


class Known(ctypes.Structure):
    """The concepts that are wanted: pointers to a table, the texts in it, and their slots."""

    _fields_: ClassVar[Fields] = [
        *((name, ctypes.c_void_p) for name in ("texts", "concepts", "slots")),
        *((name, ctypes.c_int64) for name in ("count", "slot_count")),
    ]
    #: What the pointers point to, which must stay as long as they do.
    memory: tuple[Any, ...] = ()


class Outline(ctypes.Structure):
    """What a document has besides its facts; pointers to tables that have their rooms."""

    _fields_: ClassVar[Fields] = [
        *((name, ctypes.c_void_p) for name in ("taxonomies", "units", "names", "slots")),
        ("cik", ctypes.c_int64),
        *((name, ctypes.c_int32) for name in ("name_begin", "name_end")),
        *((name, ctypes.c_int32) for name in ("taxonomy_room", "unit_room", "name_room")),
        *((name, ctypes.c_int32) for name in ("taxonomy_count", "unit_count", "name_count", "concept_count")),
    ]


class Dictionary(ctypes.Structure):
    """Distinct texts of up to 16 bytes."""

    _fields_: ClassVar[Fields] = [
        *((name, ctypes.c_void_p) for name in ("words", "slots")),
        *((name, ctypes.c_int64) for name in ("room", "slot_count", "count")),
    ]


class Columns(ctypes.Structure):
    """Pointers to columns with room for `room` rows, and what was written to them."""

    _fields_: ClassVar[Fields] = [
        *((name, ctypes.c_void_p) for name in ("number", "taxonomy", "concept", "unit", "start", "end", "filed")),
        *((name, ctypes.c_void_p) for name in ("value", "accession", "year", "period", "form", "frame")),
        *((name, ctypes.c_void_p) for name in ("has_start", "has_year", "has_period", "has_frame")),
        *((name, ctypes.c_void_p) for name in ("doubtful", "taxonomies", "concepts", "units")),
        *((name, Dictionary) for name in ("periods", "forms", "frames")),
        *((name, ctypes.c_int64) for name in ("room", "doubtful_room", "rows", "not_wanted")),
        *((name, ctypes.c_int64) for name in ("starts", "years", "period_count", "frame_count")),
        *((name, ctypes.c_int64) for name in ("impossible_dates", "starts_after_ends", "doubtful_count")),
        *((name, ctypes.c_int32) for name in ("taxonomy_count", "concept_count", "unit_count")),
    ]


class ArrowArray(ctypes.Structure):
    """Arrow's C data interface: a record batch that nobody has taken yet."""

    _fields_: ClassVar[Fields] = [
        *((name, ctypes.c_int64) for name in ("length", "null_count", "offset", "n_buffers", "n_children")),
        *((name, ctypes.c_void_p) for name in ("buffers", "children", "dictionary", "release", "private_data")),
    ]


def library_name(source: bytes) -> str:
    """The name of the library that is compiled from this source; hatch_build.py gives the same."""
    return f"_scan.{sha256(source).hexdigest()[:16]}.so"


def load(folder: Path) -> ctypes.CDLL | None:
    """The library of the source in this folder; None where it was not compiled, or for another kind of machine."""
    try:
        library = ctypes.CDLL(str(folder / library_name((folder / "_scan.c").read_bytes())))
    except OSError:
        return None
    known, outline, columns = ctypes.POINTER(Known), ctypes.POINTER(Outline), ctypes.POINTER(Columns)
    library.scan_known.argtypes = [known]
    library.scan_known.restype = None
    library.scan.argtypes = [ctypes.c_void_p, ctypes.c_int64, known, outline, columns]
    library.scan_batch.argtypes = [ctypes.c_void_p, ctypes.c_int64, columns, ctypes.POINTER(ArrowArray)]
    library.scan_compact.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p]
    library.scan_compact.restype = ctypes.c_int64
    return library


#: `scan` and the other functions, which are described in `_scan.c`; None where they are not to be had.
library: Final = load(Path(__file__).parent)


def is_compiled() -> bool:
    """Whether documents are read by the compiled scanner; else all of them are decoded, which takes longer."""
    return library is not None
