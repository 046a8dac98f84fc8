"""Companies whose history lies under more than one CIK, because a successor registered anew."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Final

#: The columns that a table of successions must have, besides a name for its readers.
_COLUMNS: Final = {"old_cik", "new_cik", "valid_from", "source"}


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

    A row without both CIKs and the day says nothing and is passed over.

    Raises:
        ValueError: it is no such table.
    """
    rows = csv.DictReader(StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    try:
        if not set(rows.fieldnames or ()) >= _COLUMNS:
            raise ValueError("its header has other columns")
        return tuple(filter(None, (_succession(row, rows.line_num) for row in rows)))
    except csv.Error as error:
        raise ValueError(f"line {rows.line_num}: {error}") from error


def _succession(row: Mapping[str | None, str | None], line: int) -> Succession | None:
    # A longer row has more under None, and what a shorter one lacks is None.
    if None in row or None in row.values():
        raise ValueError(f"line {line} has other columns than the header")
    old_cik, new_cik, valid_from = row["old_cik"], row["new_cik"], row["valid_from"]
    if not (old_cik and new_cik and valid_from):
        return None
    try:
        day = datetime.strptime(valid_from, "%Y-%m-%d").date()  # noqa: DTZ007  # a day, of no time zone
    except ValueError as error:
        raise ValueError(f"line {line}: {valid_from!r} is no day, written YYYY-MM-DD") from error
    return Succession(_cik(old_cik, line), _cik(new_cik, line), day, row["source"] or "")


def _cik(text: str, line: int) -> int:
    if re.fullmatch("[0-9]{1,10}", text.strip()) is None:
        raise ValueError(f"line {line}: {text!r} is no CIK")
    return int(text)


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
