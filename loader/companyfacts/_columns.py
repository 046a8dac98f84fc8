"""Decoded facts to Arrow columns, and the rows that cannot be used set aside.

Dates, accessions and forms repeat: a file of 25,000 facts has some 70 accessions and 200 dates. They are dictionary-encoded by
Arrow, and only the distinct texts are looked at in Python.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET

from loader.companyfacts._document import INT16_MAX, INT16_MIN, ROW_FIELDS, Document, Row
from loader.companyfacts._schema import DICTIONARY, FACT_SCHEMA, FIRST_YEAR, LAST_YEAR

_EPOCH = date(1970, 1, 1).toordinal()
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_ACCESSION = re.compile(r"([0-9]{10})-([0-9]{2})-([0-9]{6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A document's facts as Arrow columns, as the document has them, in its order.

    Attributes:
        rows: number of facts.
        not_wanted: number of facts that were passed over, their concept not being wanted.
        names: taxonomy, concept and unit of each fact, encoded.
        start, end, filed: dates; null where there is none, or no day that can be meant.
        value: `val`.
        accession: the number as an integer; null where there is none, or none of that form.
        year: `fy`.
        period: `fp`, encoded.
        form: encoded.
        frame: encoded.
        faults: why rows cannot be used, in the order in which the reasons count, and where; None for nowhere.
    """

    rows: int
    not_wanted: int
    names: tuple[pa.DictionaryArray, pa.DictionaryArray, pa.DictionaryArray]
    start: pa.Date32Array
    end: pa.Date32Array
    value: pa.DoubleArray
    accession: pa.Int64Array
    year: pa.Int16Array
    period: pa.DictionaryArray
    form: pa.DictionaryArray
    filed: pa.Date32Array
    frame: pa.DictionaryArray
    faults: list[tuple[str, pa.BooleanArray | None]]


def gather(document: Document, wanted: Container[tuple[str, str]] | None) -> tuple[Gathered, int]:
    """Take the facts of wanted concepts (None: of all) out of the document's tree.

    Returns:
        The facts; and how many keys are present in all facts of an ordinary document, those passed over included.
    """
    rows: list[Row] = []
    others: list[Row] = []
    taxonomies, concepts, units = _Names(), _Names(), _Names()
    for taxonomy, by_concept in document.facts.items():
        for name, concept in by_concept.items():
            if wanted is not None and (taxonomy, name) not in wanted:
                for facts in concept.units.values():
                    others += facts
                continue
            for unit, facts in concept.units.items():
                rows += facts
                taxonomies.add(taxonomy, len(facts))
                concepts.add(name, len(facts))
                units.add(unit, len(facts))
    # Written out: a comprehension with a fixed attribute name is twice as fast as attrgetter.
    columns = {
        "start": _sparse([row.start for row in rows]),
        "end": _column([row.end for row in rows], DICTIONARY),
        "accn": _column([row.accn for row in rows], DICTIONARY),
        "fp": _column([row.fp for row in rows], DICTIONARY),
        "form": _column([row.form for row in rows], DICTIONARY),
        "filed": _column([row.filed for row in rows], DICTIONARY),
        "frame": _sparse([row.frame for row in rows]),
    }
    value, with_value = _column([row.val for row in rows], pa.float64())
    year, with_year = _column([row.fy for row in rows], pa.int16())
    keys = with_value + with_year + sum(present for _, present in columns.values()) + _keys(others)
    texts = {name: column for name, (column, _) in columns.items()}
    start, end, filed = (_translated(texts[name], day_of, pa.int32()).view(pa.date32()) for name in ("start", "end", "filed"))
    accession = _translated(texts["accn"], _accession_number, pa.int64())
    gathered = Gathered(
        rows=len(rows),
        not_wanted=len(others),
        names=(taxonomies.column(), concepts.column(), units.column()),
        start=start,
        end=end,
        value=value,
        accession=accession,
        year=year,
        period=texts["fp"],
        form=texts["form"],
        filed=filed,
        frame=texts["frame"],
        faults=[
            ("no_value", _nulls(value)),
            ("no_end_date", _nulls(texts["end"])),
            ("impossible_date", _untranslated(texts["start"], start)),
            ("impossible_date", _untranslated(texts["end"], end)),
            ("impossible_date", _untranslated(texts["filed"], filed)),
            ("start_after_end", _mask(pc.greater(start, end))),
            ("no_accession", _nulls(texts["accn"])),
            ("malformed_accession", _untranslated(texts["accn"], accession)),
            ("no_form", _nulls(texts["form"])),
            ("no_form", _empties(texts["form"])),
            ("no_filed_date", _nulls(texts["filed"])),
        ],
    )
    return gathered, keys


def _keys(rows: list[Row]) -> int:
    """Keys present in rows of an ordinary document."""
    missing = [row.start is UNSET for row in rows].count(True) + [row.frame is UNSET for row in rows].count(True)
    return len(rows) * ROW_FIELDS - missing


class _Names:
    """The names of runs of rows, encoded while the tree is walked."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._indices = array("i")

    def add(self, name: str, rows: int) -> None:
        self._indices += array("i", (self._codes.setdefault(name, len(self._codes)),)) * rows

    def column(self) -> pa.DictionaryArray:
        indices = pa.Array.from_buffers(pa.int32(), len(self._indices), [None, pa.py_buffer(self._indices)])
        return pa.DictionaryArray.from_arrays(indices, pa.array(list(self._codes), pa.string()))


def _sparse(texts: list[Any]) -> tuple[pa.Array, int]:
    """`_column` for a text that many rows lack."""
    return pa.array([None if text is UNSET else text for text in texts], DICTIONARY), len(texts) - texts.count(UNSET)


def _column(values: list[Any], to: pa.DataType) -> tuple[pa.Array, int]:
    """A field of all rows as a column, and in how many rows it is present (as null, too)."""
    try:
        return pa.array(values, to), len(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        # Arrow does not know UNSET, and a year of any size may come from a document that has been examined: the row stands then,
        # without its year. To try first is cheaper than to compare every value with UNSET: these fields are nearly always there.
        present = [value for value in values if value is not UNSET]
        if to == pa.int16():
            fitting = [v if isinstance(v, int) and INT16_MIN <= v <= INT16_MAX else None for v in values]
        else:
            fitting = [None if value is UNSET else value for value in values]
        return pa.array(fitting, to), len(present)


def to_batch(gathered: Gathered, cik: int) -> tuple[pa.RecordBatch, dict[str, int]]:
    """Build the record batch of the usable rows.

    Args:
        gathered: the document's facts.
        cik: the company, the same for all rows.

    Returns:
        The batch, and for each reason how many rows were set aside for it.
    """
    columns = [
        pa.repeat(pa.scalar(cik, pa.int64()), gathered.rows),
        *gathered.names,
        gathered.start,
        gathered.end,
        gathered.value,
        gathered.accession,
        gathered.year,
        gathered.period,
        gathered.form,
        gathered.filed,
        gathered.frame,
    ]
    usable, set_aside = _set_aside(gathered.faults)
    # Rows are dropped before the batch gets its schema, which promises that what a statement needs is never null.
    kept = columns if usable is None else [column.filter(usable) for column in columns]
    return pa.RecordBatch.from_arrays(kept, schema=FACT_SCHEMA), set_aside


def _set_aside(faults: list[tuple[str, pa.BooleanArray | None]]) -> tuple[pa.BooleanArray | None, dict[str, int]]:
    """The mask of usable rows (None: all of them), and each faulty row counted under its first fault."""
    usable: pa.BooleanArray | None = None
    counts: dict[str, int] = {}
    for reason, mask in faults:
        if mask is None:
            continue
        found = (mask if usable is None else pc.and_(mask, usable)).true_count
        if not found:
            continue
        counts[reason] = counts.get(reason, 0) + found
        usable = pc.invert(mask) if usable is None else pc.and_not(usable, mask)
    return usable, counts


def _translated(texts: pa.DictionaryArray, translate: Callable[[str], int | None], to: pa.DataType) -> pa.Array:
    """Translate each distinct text once; null where the text is null or has no translation."""
    numbers = pa.array([translate(text) for text in texts.dictionary.to_pylist()], to)
    return numbers.take(texts.indices)


def day_of(text: str) -> int | None:
    """Days since 1970-01-01; None if the text is no real day written YYYY-MM-DD, or one that no filing can be about."""
    if not _DATE.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:  # such as 2024-02-30
        return None
    return day.toordinal() - _EPOCH if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _accession_number(text: str) -> int | None:
    match = _ACCESSION.fullmatch(text)
    return int("".join(match.groups())) if match else None


def _nulls(column: pa.Array) -> pa.BooleanArray | None:
    return column.is_null() if column.null_count else None


def _untranslated(texts: pa.DictionaryArray, numbers: pa.Array) -> pa.BooleanArray | None:
    """Where there was a text but it could not be translated."""
    return pc.and_(texts.is_valid(), numbers.is_null()) if numbers.null_count > texts.null_count else None


def _empties(column: pa.DictionaryArray) -> pa.BooleanArray | None:
    texts = column.dictionary.to_pylist()
    return _mask(pc.equal(column.indices, texts.index(""))) if "" in texts else None


def _mask(comparison: pa.BooleanArray) -> pa.BooleanArray:
    """A comparison in which null counts as false."""
    return pc.fill_null(comparison, False) if comparison.null_count else comparison
