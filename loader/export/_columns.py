"""The facts of one file as the columns of an export, in its order."""

from __future__ import annotations

from typing import Final

import polars as pl
import pyarrow as pa

#: Columns of the exported facts, in this order, as a reader of the Parquet sees them; the names are those of the database, where
#: it has such a column. `start_date` is null for an instant. `accession` is the text that the SEC and the database use: each
#: repeats a few hundred times, so it takes no more room than a number would, and it joins with everything. `fy` and `fp` describe
#: the filing and not the fact.
FACTS: Final = pa.schema(
    [
        pa.field("cik", pa.int64(), nullable=False),
        pa.field("taxonomy", pa.string(), nullable=False),
        pa.field("concept", pa.string(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("start_date", pa.date32()),
        pa.field("end_date", pa.date32(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("accession", pa.string(), nullable=False),
        pa.field("fy", pa.int16()),
        pa.field("fp", pa.string()),
        pa.field("form", pa.string(), nullable=False),
        pa.field("filed", pa.date32(), nullable=False),
        pa.field("frame", pa.string()),
    ]
)

#: The rows are sorted by these, texts by their code points, null first; rows that are alike in them keep the document's order.
ORDER: Final = ("cik", "taxonomy", "concept", "unit", "end_date", "start_date", "filed", "accession")

_DICTIONARY: Final = pa.dictionary(pa.int32(), pa.string())

#: The same in memory: texts repeat, so they are kept once for each company.
ENCODED: Final = pa.schema(
    [pa.field(field.name, _DICTIONARY if field.type == pa.string() else field.type, field.nullable) for field in FACTS]
)

_NAMES: Final = ("taxonomy", "concept", "unit")
_DATED: Final = ("end", "start", "filed", "accession")


def sorted_facts(facts: pa.RecordBatch) -> pa.RecordBatch:
    """The facts of one filer with the columns `ENCODED`, sorted by `ORDER`.

    Args:
        facts: with the schema `loader.companyfacts.FACT_SCHEMA`, all of one CIK.
    """
    keys = pl.DataFrame(
        {name: pl.Series(_ranks(facts.column(name))) for name in _NAMES}
        | {name: pl.Series(facts.column(name)) for name in _DATED}
    )
    order = keys.select(pl.arg_sort_by(*_NAMES, *_DATED, maintain_order=True)).to_series().to_arrow()
    columns = facts.set_column(facts.schema.get_field_index("accession"), "accession", _accessions(facts.column("accession")))
    return pa.RecordBatch.from_arrays(columns.take(order).columns, schema=ENCODED)


def _ranks(texts: pa.DictionaryArray) -> pa.Array:
    """The place of each text among its column's distinct texts: integers are sorted much faster."""
    distinct = texts.dictionary.to_pylist()
    rank = {text: place for place, text in enumerate(sorted(distinct))}
    return pa.array([rank[text] for text in distinct], pa.int32()).take(texts.indices)


def _accessions(numbers: pa.Array) -> pa.DictionaryArray:
    """320193_24_000123 -> '0000320193-24-000123'."""
    encoded = numbers.dictionary_encode()
    texts = [
        f"{number // 10**8:010d}-{number // 10**6 % 100:02d}-{number % 10**6:06d}" for number in encoded.dictionary.to_pylist()
    ]
    return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(texts, pa.string()))
