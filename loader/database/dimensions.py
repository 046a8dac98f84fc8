"""The small tables that give ids to values that repeat: lines, units, concepts, methods, repairs, reasons, and combinations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import duckdb
import orjson
import polars as pl

from loader.database.extension import quoted

#: What many values share: a row of `loader_series` for each combination, by the ids of what it is made of.
SERIES: Final = "series_id"
SERIES_IDS: Final = ("line_id", "unit_id", "concept_id", "method_id", "repair_id")


class Dimension:
    """One of them, with a copy in memory.

    The copy takes in new rows only after their transaction is committed, so that it never knows an id that a rollback took back.

    Args:
        table: its name in the database.
        schema: its columns but the id.
        required: those of them without which a value has no id; all but where a part of the value may be missing.
    """

    def __init__(self, table: str, schema: Mapping[str, type[pl.DataType]], required: Sequence[str] | None = None) -> None:
        self.table = table
        self.keys = tuple(schema)
        self._required = list(self.keys if required is None else required)
        self.known = pl.DataFrame(schema={**schema, "id": pl.Int64})
        self.new = self.known.clear()

    def resolve(self, *frames: pl.DataFrame) -> None:
        """Give ids to the values in these frames that have none yet."""
        rows = pl.concat([frame.select(self.keys) for frame in frames]).unique().drop_nulls(self._required)
        wanted = rows.join(self.known, on=self.keys, how="anti", nulls_equal=True)
        first = int(self.known.get_column("id").max() or 0) + 1  # type: ignore[arg-type]  # an Int64 column's maximum
        self.new = wanted.sort(self.keys, nulls_last=True).with_columns(id=pl.int_range(first, first + pl.len(), dtype=pl.Int64))

    def ids(self, rows: pl.DataFrame) -> pl.Series:
        """The id of each row's value, in the order of the rows; null where it has none."""
        ids = pl.concat([self.known, self.new])
        keys = rows.select(self.keys)
        return keys.join(ids, on=self.keys, how="left", nulls_equal=True, validate="m:1", maintain_order="left").get_column("id")

    def keep(self) -> None:
        """The new rows are committed."""
        self.known = pl.concat([self.known, self.new])
        self.forget()

    def forget(self) -> None:
        """The new rows are not in the database."""
        self.new = self.known.clear()


def dimensions() -> dict[str, Dimension]:
    """All of them, by the column that refers to them, in the order in which they are resolved."""
    return {
        "line_id": Dimension("loader_lines", {"statement": pl.String, "line": pl.String}),
        "unit_id": Dimension("loader_units", {"unit": pl.String}),
        "concept_id": Dimension("loader_concepts", {"concept": pl.String}),
        "method_id": Dimension("loader_methods", {"method": pl.String}),
        "repair_id": Dimension("loader_repairs", {"repair": pl.String}),
        "reason_id": Dimension("loader_reasons", {"reason": pl.String}),
        # Last, because it is made of ids of the others.
        SERIES: Dimension("loader_series", dict.fromkeys(SERIES_IDS, pl.Int64), required=("line_id", "method_id")),
    }


def load(connection: duckdb.DuckDBPyConnection, every: Mapping[str, Dimension]) -> None:
    """Read what the attached database has of all of them: in one query, because each one costs more than its few hundred rows."""
    query = " UNION ALL ".join(
        f"SELECT json_group_array(json_array({', '.join(one.known.columns)})) FROM {one.table}" for one in every.values()
    )
    texts = connection.execute(f"SELECT * FROM sqlite_query('edgar', {quoted(query)})").fetchall()
    for one, (text,) in zip(every.values(), texts, strict=True):
        one.known = pl.DataFrame(orjson.loads(text), schema=one.known.schema, orient="row")
