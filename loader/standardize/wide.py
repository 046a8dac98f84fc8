"""From one row a value to one row a place with a column for each line.

The values are scattered into one long column of which each line's column is a slice. A pivot, which looks every row and column
up by hashing, takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl


def scattered(values: pl.DataFrame, row: str, value: str, names: Iterable[str], height: int) -> dict[str, pl.Series]:
    """The columns of some lines.

    Args:
        values: `row` (numbers from 0 to `height` - 1), `line` (an Enum) and the value; not two for the same row and line.
        row: the column with the number of the row.
        value: the column with the value.
        names: the lines that are wanted.
        height: how many rows there are.

    Returns:
        For each name a column of `height` values, null where there is none.

    Raises:
        TypeError: `line` is no Enum.
        ValueError: there are two values for one row and line.
    """
    names = list(names)
    places = _places(values, row, names, height)
    there = values.select(value, place=places).filter(pl.col("place").is_not_null() & pl.col(value).is_not_null())
    flat = pl.repeat(None, height * len(names), dtype=values.schema[value], eager=True)
    flat = flat.scatter(there.get_column("place"), there.get_column(value))
    if flat.len() - flat.null_count() != there.height:
        message = "two values for one line of one row"
        raise ValueError(message)
    return {name: flat.slice(position * height, height).alias(name) for position, name in enumerate(names)}


def missing(values: pl.DataFrame, row: str, names: Sequence[str], height: int) -> pl.DataFrame:
    """The cells of some lines that have no value: `row`, `line`, in the order of the lines and rows.

    Args:
        values: as for `scattered`; there are no nulls among the values.
        row: the column with the number of the row.
        names: the lines that are wanted.
        height: how many rows there are.
    """
    line = values.schema["line"]
    places = _places(values, row, names, height).drop_nulls()
    flat = pl.repeat(value=True, n=height * len(names), dtype=pl.Boolean, eager=True)
    empty = flat.scatter(places, values=False).arg_true().alias(row) if height else pl.Series(row, [], dtype=pl.UInt32)
    return pl.DataFrame({row: empty % max(height, 1), "line": pl.Series(names, dtype=line).gather(empty // max(height, 1))})


def _places(values: pl.DataFrame, row: str, names: Sequence[str], height: int) -> pl.Series:
    """Where each value stands in the long column; null for lines that are not wanted."""
    known = values.schema["line"]
    if not isinstance(known, pl.Enum):
        message = f"lines must be of the type Enum, not {known}"
        raise TypeError(message)
    positions = {name: position for position, name in enumerate(names)}
    firsts = pl.Series([positions.get(name) for name in known.categories], dtype=pl.UInt32) * height
    return firsts.gather(values.get_column("line").to_physical()) + values.get_column(row).cast(pl.UInt32)
