"""From one row a value to one row a place with a column for each line.

The values are scattered into one long column of which each line's column is a slice. A pivot, which looks every row and column
up by hashing, takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Iterable

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
    dtype = values.schema[value]
    known = values.get_column("line").dtype
    if not isinstance(known, pl.Enum):
        message = f"lines must be of the type Enum, not {known}"
        raise TypeError(message)
    names = list(names)
    codes = {name: code for code, name in enumerate(known.categories)}
    there = values.filter(pl.col(value).is_not_null())
    places = there.select(place=pl.col("line").to_physical().cast(pl.UInt32) * height + pl.col(row)).to_series()
    flat = pl.repeat(None, height * len(codes), dtype=dtype, eager=True).scatter(places, there.get_column(value))
    if flat.len() - flat.null_count() != there.height:
        message = "two values for one line of one row"
        raise ValueError(message)
    return {name: flat.slice(codes[name] * height, height).alias(name) for name in names}
