"""The small tables that give ids to values that repeat: lines, units, concepts, methods, repairs, reasons, and combinations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson
import polars as pl

from loader.database.literal import quoted

if TYPE_CHECKING:
    import duckdb  # what plans a run needs the names of tables and not DuckDB, which takes 30 ms to import

#: What many values share: a row of `loader_series` for each combination, by the ids of what it is made of.
SERIES: Final = "series_id"
SERIES_IDS: Final = ("line_id", "unit_id", "concept_id", "method_id", "repair_id")


#: A value, by the columns of its table but the id.
Key = tuple[Any, ...]


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
        self._schema: dict[str, type[pl.DataType]] = {**schema, "id": pl.Int64}
        self._required = [self.keys.index(name) for name in (self.keys if required is None else required)]
        self._known: dict[Key, int] = {}
        self._new: dict[Key, int] = {}

    def resolve(self, values: Iterable[Key]) -> None:
        """Give ids to those of these values that have none yet."""
        wanted = [value for value in set(values) - self._known.keys() if all(value[part] is not None for part in self._required)]
        wanted.sort(key=lambda value: [(part is None, part) for part in value])
        first = max(self._known.values(), default=0) + 1
        self._new = {value: number for number, value in enumerate(wanted, first)}

    def ids(self, values: Iterable[Key]) -> list[int | None]:
        """The id of each value, in their order; None where it has none."""
        known, new = self._known.get, self._new.get
        return [known(value) or new(value) for value in values]

    def rows(self) -> pl.DataFrame:
        """The new rows of the table."""
        rows = [(*value, number) for value, number in self._new.items()]
        return pl.DataFrame(rows, schema=self._schema, orient="row")

    def know(self, rows: Iterable[Sequence[Any]]) -> None:
        """The table has these rows; the id is the last of each."""
        self._known = {tuple(value): number for *value, number in rows}

    def keep(self) -> None:
        """The new rows are committed."""
        self._known |= self._new
        self.forget()

    def forget(self) -> None:
        """The new rows are not in the database."""
        self._new = {}


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
        f"SELECT json_group_array(json_array({', '.join(one.keys)}, id)) FROM {one.table}" for one in every.values()
    )
    texts = connection.execute(f"SELECT * FROM sqlite_query('edgar', {quoted(query)})").fetchall()
    for one, (text,) in zip(every.values(), texts, strict=True):
        one.know(orjson.loads(text))
