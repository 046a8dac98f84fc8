"""What a record batch of facts has, and why a row of a document can be missing in it."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

# A document may have any number of taxonomies; 32 bits are what Polars and Arrow use for dictionaries by themselves.
DICTIONARY = pa.dictionary(pa.int32(), pa.string())

#: Columns of a record batch of facts, in this order. `start` is null for an instant. `accession` is the 18 digits of
#: '0000320193-24-000123' as a number. `fy` and `fp` describe the filing and not the fact, `frame` marks the last-filed fact of a
#: calendar bucket: attributes only, and null where the document has none (or a year that no smallint holds).
FACT_SCHEMA = pa.schema(
    [
        pa.field("cik", pa.int64(), nullable=False),
        pa.field("taxonomy", DICTIONARY, nullable=False),
        pa.field("concept", DICTIONARY, nullable=False),
        pa.field("unit", DICTIONARY, nullable=False),
        pa.field("start", pa.date32()),
        pa.field("end", pa.date32(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("accession", pa.int64(), nullable=False),
        pa.field("fy", pa.int16()),
        pa.field("fp", DICTIONARY),
        pa.field("form", DICTIONARY, nullable=False),
        pa.field("filed", pa.date32(), nullable=False),
        pa.field("frame", DICTIONARY),
    ]
)

FIRST_YEAR, LAST_YEAR = 1900, 2100

#: Why a row is set aside; of several reasons the first in this order counts.
SET_ASIDE_REASONS: Mapping[str, str] = {
    "no_value": "val is null or missing",
    "no_end_date": "end is null or missing",
    "impossible_date": f"a date is not a day of the years {FIRST_YEAR} to {LAST_YEAR}, written YYYY-MM-DD",
    "start_after_end": "the period ends before it starts",
    "no_accession": "accn is null or missing",
    "malformed_accession": "accn is not of the form 0000320193-24-000123",
    "no_form": "form is null, missing or empty",
    "no_filed_date": "filed is null or missing",
}
