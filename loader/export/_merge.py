"""Parts to Parquet files, in the order of CIKs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from loader.export._columns import ENCODED, ORDER
from loader.export._files import flush, replacing
from loader.export._parts import Part, read_part
from loader.export._set import ExportedFile, Filer

#: A file holds the facts of about so many bytes of JSON, which is some 10 MB: 8 files for the 500 companies of an index, 70 for
#: all 19,000 filers. Enough for every core to have its own, few enough to be listed and opened at once.
GROUP_BYTES: Final = 256 * 2**20

#: Rows of a row group at the most. A row group is of one company, or of several small ones whole, so its least and greatest CIK
#: tell which; a large company has two or three, each of a range of concepts. With real files, 24,000 facts each, the Parquet is
#: 10 % larger than with one group for each; groups of half or a quarter of the size would make it 28 % or 63 % larger.
ROW_GROUP: Final = 16_384

#: Columns of the table of companies. `company_cik` is the present filer of the company: its own CIK, or that of its successor.
#: `symbols` has commas between. `facts_read` is what the document has, `facts` what of it is in `part`.
COMPANIES: Final = pa.schema(
    [
        pa.field("cik", pa.int64(), nullable=False),
        pa.field("entity_name", pa.string()),
        pa.field("company_cik", pa.int64(), nullable=False),
        pa.field("symbols", pa.string(), nullable=False),
        pa.field("facts_read", pa.int64(), nullable=False),
        pa.field("facts", pa.int64(), nullable=False),
        pa.field("part", pa.string(), nullable=False),
    ]
)

# From level three on, more time hardly buys a smaller file (level 9: twice the time for 4 %). Without Arrow's own schema a text
# is a text to every reader, and not a dictionary or a categorical to some.
_PARQUET: Final = {"compression": "zstd", "compression_level": 3, "store_schema": False}


@dataclass(frozen=True, slots=True)
class Source:
    """A part that is going to be merged."""

    filer: Filer
    fingerprint: str
    part: Part


def cut(filers: Iterable[Filer], group_bytes: int) -> list[list[Filer]]:
    """Filers in the order of CIKs, cut into groups of at most so many bytes, or of one filer that has more."""
    groups: list[list[Filer]] = []
    room = 0
    for filer in sorted(filers, key=lambda filer: filer.cik):
        if not groups or filer.size > room:
            groups.append([])
            room = group_bytes
        groups[-1].append(filer)
        room -= filer.size
    return groups


def merge(parts: Path, sources: Sequence[Source], folder: Path, name: str, stopped: Callable[[], bool]) -> ExportedFile | None:
    """Write the facts of these filers, which are in order, into one Parquet file; None when it was stopped meanwhile.

    Raises:
        OutputError: the disk does not take it.
    """
    path = folder / name
    with replacing(path) as temporary:
        with pq.ParquetWriter(temporary, ENCODED, sorting_columns=_sorting(), **_PARQUET) as writer:
            for group in _row_groups(parts, sources):
                if stopped():
                    break
                writer.write_table(group, row_group_size=_evenly(group.num_rows))
        flush(temporary)
    if stopped():
        return None
    facts = sum(source.part.facts for source in sources)
    written = pq.read_metadata(path).num_rows
    if written != facts:
        raise AssertionError(f"{path} has {written} facts instead of {facts}")
    return ExportedFile(
        name=name,
        first_cik=sources[0].filer.cik,
        last_cik=sources[-1].filer.cik,
        companies=len(sources),
        facts=facts,
        bytes=path.stat().st_size,
    )


def write_companies(rows: Iterable[tuple[Source, str]], path: Path) -> None:
    """Write the table of companies, in the order of CIKs.

    Args:
        rows: the filers, each with the name of the file that has its facts.
        path: where the table is written.
    """
    records = [
        {
            "cik": source.filer.cik,
            "entity_name": source.part.entity_name,
            "company_cik": source.filer.company_cik,
            "symbols": ",".join(source.filer.symbols),
            "facts_read": source.part.facts_read,
            "facts": source.part.facts,
            "part": name,
        }
        for source, name in rows
    ]
    with replacing(path) as temporary:
        pq.write_table(pa.Table.from_pylist(records, schema=COMPANIES), temporary, **_PARQUET)
        flush(temporary)


def _row_groups(parts: Path, sources: Iterable[Source]) -> Iterator[pa.Table]:
    """Tables of one company each, or of several small ones that fit into one row group."""
    pending: list[pa.Table] = []
    rows = 0
    for source in sources:
        table = read_part(parts, source.filer.cik, source.fingerprint).replace_schema_metadata(None)
        if table.num_rows == 0:
            continue
        if pending and rows + table.num_rows > ROW_GROUP:
            yield _together(pending)
            pending, rows = [], 0
        pending.append(table)
        rows += table.num_rows
    if pending:
        yield _together(pending)


def _together(tables: list[pa.Table]) -> pa.Table:
    """One table with one dictionary for each column: only then are its codes written as they are."""
    return tables[0] if len(tables) == 1 else pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def _evenly(rows: int) -> int:
    """The size of row groups that share these rows evenly."""
    return max(1, -(-rows // max(1, -(-rows // ROW_GROUP))))


def _sorting() -> list[pq.SortingColumn]:
    return list(pq.SortingColumn.from_ordering(ENCODED, [(name, "ascending") for name in ORDER], null_placement="at_start"))
