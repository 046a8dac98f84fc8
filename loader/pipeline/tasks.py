"""Tasks: one for each company, with all its files and all the stocks that share it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from loader.database import Mapping as CikMapping
from loader.reference.successions import Succession
from loader.sources import FileEntry

#: Loaded first, so that a look at the database during a run finds something.
FIRST_SYMBOLS: Final = ("AAPL", "MSFT", "GOOGL", "AMZN", "NVDA")
HIGH_PRIORITY: Final = 10
NORMAL_PRIORITY: Final = 5


@dataclass(frozen=True, slots=True)
class TaskFile:
    """One file of a company.

    Attributes:
        cik: the registrant whose facts it holds.
        path: where it is, as the mapping says.
        size: in bytes, when the run was planned; 0 when it was not there.
        fingerprint: of its state when the run was planned; None when it was not there.
        packed: bytes in the archive that it is in; 0 for a file in a folder.
        until: the day that a successor registered: what the predecessor files from then on is about itself alone. None for the
            present filer.
        modified: when it was written, in nanoseconds since 1970; None where its fingerprint is of its content.
    """

    cik: int
    path: str
    size: int
    fingerprint: str | None
    packed: int = 0
    until: date | None = None
    modified: int | None = None

    @property
    def weight(self) -> int:
        """Bytes that are in memory when it has been read."""
        return self.size + self.packed


@dataclass(frozen=True, slots=True)
class Task:
    """One company to load.

    Attributes:
        cik: its present CIK: the end of its chain of successions.
        symbols: of all stocks that share it, sorted.
        stock_ids: their ids.
        files: one for each of its CIKs, the current one first.
        priority: higher goes first.
    """

    cik: int
    symbols: tuple[str, ...]
    stock_ids: frozenset[int]
    files: tuple[TaskFile, ...]
    priority: int

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)

    @property
    def fingerprint(self) -> str | None:
        """Of all its files together; None when one was not there."""
        return join_fingerprints([file.fingerprint for file in self.files])

    def basis(self, recipe: str) -> str:
        """Digest of all that decides the company's statements beside the content of its files.

        Args:
            recipe: what makes them, the same for all companies of a run.
        """
        files = [(file.cik, file.until and file.until.isoformat()) for file in self.files]
        return hashlib.sha256(repr((recipe, files, self.symbols, sorted(self.stock_ids))).encode()).hexdigest()[:32]

    @property
    def paths(self) -> str:
        """Where its files are, one on a line."""
        return "\n".join(file.path for file in self.files)


def join_fingerprints(parts: Iterable[str | None]) -> str | None:
    """One text for the states of several files; None when one of them is not known."""
    known = list(parts)
    return None if None in known else " ".join(part for part in known if part is not None)


def group_tasks(mappings: Iterable[CikMapping], states: Mapping[str, FileEntry], successions: Iterable[Succession]) -> list[Task]:
    """Tasks in the order of loading: stocks that share a CIK, and CIKs that share a stock, are one company.

    Args:
        mappings: rows of the mapping table.
        states: each file that is there, by its path.
        successions: which filer follows which.
    """
    followed = {succession.old_cik: succession for succession in successions}
    rows = sorted(mappings, key=lambda row: (int(row.cik), row.stock_id))
    company: dict[int, int] = {}  # CIK -> another CIK of the same company, or itself
    by_stock: dict[int, set[int]] = {}
    for row in rows:
        by_stock.setdefault(row.stock_id, set()).add(int(row.cik))

    def current(cik: int) -> int:
        while (later := company.get(cik, cik)) != cik:
            cik = later
        return cik

    for ciks in by_stock.values():
        latest = max(current(cik) for cik in ciks)
        for cik in ciks:
            company[current(cik)] = latest
    members: dict[int, list[CikMapping]] = {}
    for row in rows:
        members.setdefault(current(int(row.cik)), []).append(row)
    tasks = [_task(group, states, followed) for group in members.values()]
    return sorted(tasks, key=_order)


def _task(rows: Iterable[CikMapping], states: Mapping[str, FileEntry], followed: Mapping[int, Succession]) -> Task:
    rows = list(rows)
    symbols = tuple(sorted({row.symbol for row in rows}))
    paths = {int(row.cik): row.edgar_file_path for row in rows}
    # Nobody follows the present filer. Where no succession is known, the later registration has the higher number.
    order = sorted(paths, key=lambda cik: (cik in followed, -cik))
    files = []
    for file_cik in order:
        path = paths[file_cik]
        until = followed[file_cik].valid_from if file_cik in followed and len(paths) > 1 else None
        there = states.get(path)
        if there is None:
            files.append(TaskFile(file_cik, path, 0, None, until=until))
        else:
            files.append(
                TaskFile(file_cik, path, there.size, there.fingerprint, there.packed, until=until, modified=there.modified)
            )
    first = any(symbol in FIRST_SYMBOLS for symbol in symbols)
    priority = HIGH_PRIORITY if first else NORMAL_PRIORITY
    return Task(order[0], symbols, frozenset(row.stock_id for row in rows), tuple(files), priority)


def _order(task: Task) -> tuple[int, int, tuple[str, ...], int]:
    named = [FIRST_SYMBOLS.index(symbol) for symbol in task.symbols if symbol in FIRST_SYMBOLS]
    return (-task.priority, min(named, default=len(FIRST_SYMBOLS)), task.symbols, task.cik)
