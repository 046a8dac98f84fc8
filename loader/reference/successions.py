"""Companies whose history lies under more than one CIK, because a successor registered anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from io import BytesIO

import polars as pl

_SCHEMA: dict[str, pl.DataType] = {
    "old_cik": pl.Int64(),
    "new_cik": pl.Int64(),
    "valid_from": pl.Date(),
    "name": pl.String(),
    "source": pl.String(),
}


@dataclass(frozen=True, slots=True)
class Succession:
    """One filer follows another.

    Attributes:
        old_cik: the predecessor, whose facts stop.
        new_cik: the successor.
        valid_from: the day the successor registered.
        source: how this is known.
    """

    old_cik: int
    new_cik: int
    valid_from: date
    source: str


@cache
def known_successions() -> tuple[Succession, ...]:
    """The successions that the package knows of."""
    return parse_successions(files("loader.reference").joinpath("cik_successions.csv").read_bytes())


def parse_successions(data: bytes) -> tuple[Succession, ...]:
    """Read a table of successions: CSV with the header old_cik,new_cik,valid_from,name,source.

    Raises:
        polars.exceptions.PolarsError: it is no such table.
    """
    frame = pl.read_csv(BytesIO(data), schema=_SCHEMA)
    rows = frame.drop_nulls(["old_cik", "new_cik", "valid_from"]).iter_rows(named=True)
    return tuple(Succession(row["old_cik"], row["new_cik"], row["valid_from"], row["source"] or "") for row in rows)


def chain(cik: int, successions: Iterable[Succession]) -> tuple[int, ...]:
    """All CIKs of the company that `cik` belongs to: the given one first, the others in ascending order."""
    links: dict[int, set[int]] = {}
    for succession in successions:
        links.setdefault(succession.old_cik, set()).add(succession.new_cik)
        links.setdefault(succession.new_cik, set()).add(succession.old_cik)
    found, open_ends = {cik}, [cik]
    while open_ends:
        for other in links.get(open_ends.pop(), ()):
            if other not in found:
                found.add(other)
                open_ends.append(other)
    return (cik, *sorted(found - {cik}))
