"""Decoded facts to Arrow columns, and the rows that cannot be used set aside.

Dates, accessions and forms repeat: a file of 25,000 facts has some 70 accessions and 200 dates. They are dictionary-encoded by
Arrow, and only the distinct texts are looked at in Python.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET

from loader.companyfacts._document import INT16_MAX, INT16_MIN, Document, Row

# A document may have any number of taxonomies; 32 bits are what Polars and Arrow use for dictionaries by themselves.
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())

#: Columns of a record batch of facts, in this order. `start` is null for an instant. `accession` is the 18 digits of
#: '0000320193-24-000123' as a number. `fy` and `fp` describe the filing and not the fact, `frame` marks the last-filed fact of a
#: calendar bucket: attributes only, and null where the document has none (or a year that no smallint holds).
FACT_SCHEMA = pa.schema(
    [
        pa.field("cik", pa.int64(), nullable=False),
        pa.field("taxonomy", _DICTIONARY, nullable=False),
        pa.field("concept", _DICTIONARY, nullable=False),
        pa.field("unit", _DICTIONARY, nullable=False),
        pa.field("start", pa.date32()),
        pa.field("end", pa.date32(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("accession", pa.int64(), nullable=False),
        pa.field("fy", pa.int16()),
        pa.field("fp", _DICTIONARY),
        pa.field("form", _DICTIONARY, nullable=False),
        pa.field("filed", pa.date32(), nullable=False),
        pa.field("frame", _DICTIONARY),
    ]
)

_FIRST_YEAR, _LAST_YEAR = 1900, 2100

#: Why a row is set aside; of several reasons the first in this order counts.
SET_ASIDE_REASONS: Mapping[str, str] = {
    "no_value": "val is null or missing",
    "no_end_date": "end is null or missing",
    "impossible_date": f"a date is not a day of the years {_FIRST_YEAR} to {_LAST_YEAR}, written YYYY-MM-DD",
    "start_after_end": "the period ends before it starts",
    "no_accession": "accn is null or missing",
    "malformed_accession": "accn is not of the form 0000320193-24-000123",
    "no_form": "form is null, missing or empty",
    "no_filed_date": "filed is null or missing",
}

_EPOCH = date(1970, 1, 1).toordinal()
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_ACCESSION = re.compile(r"([0-9]{10})-([0-9]{2})-([0-9]{6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A document's facts as lists, one for each field of a row, in document order; None where it is null or missing.

    Attributes:
        rows: number of facts.
        keys: keys present in all of them.
        fields: field name -> values.
        names: 'taxonomy', 'concept' and 'unit' -> the distinct names, and for each row the index of its name, as int32.
    """

    rows: int
    keys: int
    fields: dict[str, list[Any]]
    names: dict[str, tuple[list[str], array[int]]]


def gather(document: Document) -> Gathered:
    """Take the facts out of the document's tree."""
    rows: list[Row] = []
    indices: dict[str, array[int]] = {name: array("i") for name in ("taxonomy", "concept", "unit")}
    taxonomies: dict[str, int] = {}
    concepts: dict[str, int] = {}
    units: dict[str, int] = {}
    for taxonomy, by_concept in document.facts.items():
        taxonomy_at = array("i", (taxonomies.setdefault(taxonomy, len(taxonomies)),))
        for name, concept in by_concept.items():
            concept_at = array("i", (concepts.setdefault(name, len(concepts)),))
            for unit, facts in concept.units.items():
                unit_at = array("i", (units.setdefault(unit, len(units)),))
                rows += facts
                indices["taxonomy"] += taxonomy_at * len(facts)
                indices["concept"] += concept_at * len(facts)
                indices["unit"] += unit_at * len(facts)
    fields: dict[str, list[Any]] = {
        # Written out: a comprehension with a fixed attribute name is twice as fast as attrgetter.
        "start": [row.start for row in rows],
        "end": [row.end for row in rows],
        "val": [row.val for row in rows],
        "accn": [row.accn for row in rows],
        "fy": [row.fy for row in rows],
        "fp": [row.fp for row in rows],
        "form": [row.form for row in rows],
        "filed": [row.filed for row in rows],
        "frame": [row.frame for row in rows],
    }
    keys = len(rows) * len(fields)
    for name, values in fields.items():
        absent = values.count(UNSET)
        if absent:
            keys -= absent
            fields[name] = [None if value is UNSET else value for value in values]
    names = {"taxonomy": list(taxonomies), "concept": list(concepts), "unit": list(units)}
    return Gathered(len(rows), keys, fields, {name: (texts, indices[name]) for name, texts in names.items()})


def to_batch(gathered: Gathered, cik: int) -> tuple[pa.RecordBatch, dict[str, int]]:
    """Build the record batch of the usable rows.

    Args:
        gathered: the document's facts.
        cik: the company, the same for all rows.

    Returns:
        The batch, and for each reason how many rows were set aside for it.
    """
    fields = gathered.fields
    texts = {name: pa.array(fields[name], pa.string()) for name in ("start", "end", "accn", "filed")}
    value = pa.array(fields["val"], pa.float64())
    start, end, filed = (_translated(texts[name], _day, pa.int32()).view(pa.date32()) for name in ("start", "end", "filed"))
    accession = _translated(texts["accn"], _accession_number, pa.int64())
    form = pa.array(fields["form"], _DICTIONARY)
    columns = [
        pa.repeat(pa.scalar(cik, pa.int64()), gathered.rows),
        *(_named(gathered.names[name]) for name in ("taxonomy", "concept", "unit")),
        start,
        end,
        value,
        accession,
        _years(fields["fy"]),
        pa.array(fields["fp"], _DICTIONARY),
        form,
        filed,
        pa.array(fields["frame"], _DICTIONARY),
    ]
    faults = [
        ("no_value", _nulls(value)),
        ("no_end_date", _nulls(texts["end"])),
        ("impossible_date", _untranslated(texts["start"], start)),
        ("impossible_date", _untranslated(texts["end"], end)),
        ("impossible_date", _untranslated(texts["filed"], filed)),
        ("start_after_end", _mask(pc.greater(start, end))),
        ("no_accession", _nulls(texts["accn"])),
        ("malformed_accession", _untranslated(texts["accn"], accession)),
        ("no_form", _nulls(form)),
        ("no_form", _empties(form)),
        ("no_filed_date", _nulls(texts["filed"])),
    ]
    usable, set_aside = _set_aside(faults)
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


def _translated(texts: pa.StringArray, translate: Callable[[str], int | None], to: pa.DataType) -> pa.Array:
    """Translate each distinct text once; null where the text is null or has no translation."""
    encoded = texts.dictionary_encode()
    numbers = pa.array([translate(text) for text in encoded.dictionary.to_pylist()], to)
    return numbers.take(encoded.indices)


def _day(text: str) -> int | None:
    """Days since 1970-01-01; None if the text is no real day written YYYY-MM-DD, or one that no filing can be about."""
    if not _DATE.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:  # such as 2024-02-30
        return None
    return day.toordinal() - _EPOCH if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def _accession_number(text: str) -> int | None:
    match = _ACCESSION.fullmatch(text)
    return int("".join(match.groups())) if match else None


def _named(name: tuple[list[str], array[int]]) -> pa.DictionaryArray:
    texts, indices = name
    codes = pa.Array.from_buffers(pa.int32(), len(indices), [None, pa.py_buffer(indices)])
    return pa.DictionaryArray.from_arrays(codes, pa.array(texts, pa.string()))


def _years(values: list[int | None]) -> pa.Int16Array:
    try:
        return pa.array(values, pa.int16())
    except (pa.ArrowInvalid, OverflowError):  # a year that no smallint holds: the row stands, its attribute does not
        return pa.array([v if v is not None and INT16_MIN <= v <= INT16_MAX else None for v in values], pa.int16())


def _nulls(column: pa.Array) -> pa.BooleanArray | None:
    return column.is_null() if column.null_count else None


def _untranslated(texts: pa.StringArray, numbers: pa.Array) -> pa.BooleanArray | None:
    """Where there was a text but it could not be translated."""
    return pc.and_(texts.is_valid(), numbers.is_null()) if numbers.null_count > texts.null_count else None


def _empties(column: pa.DictionaryArray) -> pa.BooleanArray | None:
    texts = column.dictionary.to_pylist()
    return _mask(pc.equal(column.indices, texts.index(""))) if "" in texts else None


def _mask(comparison: pa.BooleanArray) -> pa.BooleanArray:
    """A comparison in which null counts as false."""
    return pc.fill_null(comparison, False) if comparison.null_count else comparison
