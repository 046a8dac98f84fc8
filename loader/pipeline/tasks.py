"""Tasks: one for each company, with all its files and all the stocks that share it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from loader.database import Mapping as CikMapping

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
    """

    cik: int
    path: str
    size: int
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class Task:
    """One company to load.

    Attributes:
        cik: its current CIK: the highest, because a successor registers after its predecessor.
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

    @property
    def paths(self) -> str:
        """Where its files are, one on a line."""
        return "\n".join(file.path for file in self.files)


def join_fingerprints(parts: Iterable[str | None]) -> str | None:
    """One text for the states of several files; None when one of them is not known."""
    known = list(parts)
    return None if None in known else " ".join(part for part in known if part is not None)


def group_tasks(mappings: Iterable[CikMapping], states: Mapping[str, tuple[int, str]]) -> list[Task]:
    """Tasks in the order of loading: stocks that share a CIK, and CIKs that share a stock, are one company.

    Args:
        mappings: rows of the mapping table.
        states: size and fingerprint of each file that is there, by its path.
    """
    rows = sorted(mappings, key=lambda row: (int(row.cik), row.stock_id))
    company: dict[int, int] = {}  # CIK -> the highest CIK known to be the same company
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
    tasks = [_task(cik, group, states) for cik, group in members.items()]
    return sorted(tasks, key=_order)


def _task(cik: int, rows: Iterable[CikMapping], states: Mapping[str, tuple[int, str]]) -> Task:
    rows = list(rows)
    symbols = tuple(sorted({row.symbol for row in rows}))
    paths = {int(row.cik): row.edgar_file_path for row in rows}
    files = []
    for file_cik in sorted(paths, reverse=True):
        size, fingerprint = states.get(paths[file_cik], (0, None))
        files.append(TaskFile(file_cik, paths[file_cik], size, fingerprint))
    first = any(symbol in FIRST_SYMBOLS for symbol in symbols)
    return Task(cik, symbols, frozenset(row.stock_id for row in rows), tuple(files), HIGH_PRIORITY if first else NORMAL_PRIORITY)


def _order(task: Task) -> tuple[int, int, tuple[str, ...], int]:
    named = [FIRST_SYMBOLS.index(symbol) for symbol in task.symbols if symbol in FIRST_SYMBOLS]
    return (-task.priority, min(named, default=len(FIRST_SYMBOLS)), task.symbols, task.cik)
