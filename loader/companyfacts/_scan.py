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
CONCEPT: Final = 3  # taxonomy, begin and end of the name
LIST: Final = 5  # concept, unit, facts, begin, end
DOUBT: Final = 3  # row, begin, end
CODES: Final = 3  # taxonomy, concept, unit
WORD: Final = 2  # of 64 bits

#: What may be wrong with a row, by its number, as a reason to set it aside.
FAULTS: Final = {1: "impossible_date", 2: "start_after_end"}

Fields = list[tuple[str, Any]]


class Outline(ctypes.Structure):
    """Where the parts of a document are; pointers to tables that have their rooms."""

    _fields_: ClassVar[Fields] = [
        *((name, ctypes.c_void_p) for name in ("taxonomies", "units", "unit_concepts", "concepts", "lists")),
        ("cik", ctypes.c_int64),
        *((name, ctypes.c_int32) for name in ("name_begin", "name_end")),
        *((name, ctypes.c_int32) for name in ("taxonomy_room", "unit_room", "concept_room", "list_room")),
        *((name, ctypes.c_int32) for name in ("taxonomy_count", "unit_count", "concept_count", "list_count")),
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
        *((name, ctypes.c_void_p) for name in ("taxonomy", "concept", "unit", "start", "end", "filed", "value", "accession")),
        *((name, ctypes.c_void_p) for name in ("year", "period", "form", "frame")),
        *((name, ctypes.c_void_p) for name in ("has_start", "has_end", "has_filed", "has_year", "has_period", "has_frame")),
        *((name, ctypes.c_void_p) for name in ("fault", "doubtful")),
        *((name, Dictionary) for name in ("periods", "forms", "frames")),
        *((name, ctypes.c_int64) for name in ("room", "doubtful_room", "rows", "not_wanted")),
        *((name, ctypes.c_int64) for name in ("starts", "ends", "fileds", "years", "period_count", "frame_count")),
        *((name, ctypes.c_int64) for name in ("faulty", "doubtful_count")),
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
    outline, columns = ctypes.POINTER(Outline), ctypes.POINTER(Columns)
    library.scan_outline.argtypes = [ctypes.c_char_p, ctypes.c_int64, outline]
    library.scan_compact.argtypes = [ctypes.c_char_p, ctypes.c_int64, ctypes.c_void_p]
    library.scan_compact.restype = ctypes.c_int64
    library.scan_facts.argtypes = [ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, columns]
    return library


#: `scan_outline`, `scan_facts` and `scan_compact`, which are described in `_scan.c`; None where they are not to be had.
library: Final = load(Path(__file__).parent)


def is_compiled() -> bool:
    """Whether documents are read by the compiled scanner; else all of them are decoded, which takes longer."""
    return library is not None
