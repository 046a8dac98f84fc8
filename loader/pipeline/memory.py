"""How much may be in memory at once: a budget of bytes that a file is admitted to before it is read."""

from __future__ import annotations

import resource
import sys
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import psutil

MIB: Final = 1 << 20


class ByteBudget:
    """Bytes that companies in work may take together.

    A company takes a lease before its files are read, settles it for what its facts really take when they are flattened, and
    gives it back when they are committed. Leases are granted in the order of asking, so that a large file is not overtaken for
    ever.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._free = limit
        self._reading = 0
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    def lease(self, size: int, stop: threading.Event) -> Lease | None:
        """Wait for `size` bytes; None when `stop` was set meanwhile.

        Raises:
            ValueError: it is more than the whole budget, so waiting would never end.
        """
        if size > self.limit:
            raise ValueError(f"{size} bytes will never fit into a budget of {self.limit}")
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                while self._waiting[0] is not ticket or self._free < size:
                    if stop.is_set():
                        return None
                    self._changed.wait(timeout=0.1)
                self._free -= size
                self._reading += 1
                return Lease(self, size)
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    @property
    def stalled(self) -> bool:
        """Readers wait, and none of them is at work: only a commit can help, so what has been collected must go to the writer."""
        with self._changed:
            return bool(self._waiting) and self._reading == 0

    def change(self, freed: int, *, read: bool) -> None:
        """Take back (or, if negative, give out) bytes of a lease; `read` when its reading has ended by that."""
        with self._changed:
            self._free += freed
            self._reading -= read
            self._changed.notify_all()


class Lease:
    """A company's part of the budget."""

    def __init__(self, budget: ByteBudget, size: int) -> None:
        self._budget = budget
        self._lock = threading.Lock()
        self._reading = True
        self.size = size

    def widen(self, size: int) -> None:
        """Reading takes more than was planned, because the file has grown: later leases wait for it. Does nothing for less."""
        with self._lock:
            if self._reading and size > self.size:
                self._budget.change(self.size - size, read=False)
                self.size = size

    def settle(self, size: int) -> None:
        """The files are read: hold `size` bytes from here on. If it is more than was asked for, later leases wait."""
        with self._lock:
            self._budget.change(self.size - size, read=self._reading)
            self._reading, self.size = False, size

    def release(self) -> None:
        """Give everything back. A second time does nothing."""
        self.settle(0)


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """How `max_memory_mb` is shared out.

    Attributes:
        budget: bytes for companies in work, in the weights below.
        batch: a batch is closed when its companies weigh this much.
        duckdb_mb: DuckDB's own limit, in MiB.
    """

    budget: int
    batch: int
    duckdb_mb: int

    @classmethod
    def of(cls, max_memory_mb: int, resident: int) -> Self:
        """Share out what `max_memory_mb` leaves over the `resident` bytes that the process takes already."""
        room = max(max_memory_mb * MIB - resident, _LEAST_ROOM)
        duckdb = max(_DUCKDB_LEAST, room // 5)
        budget = int((room - duckdb) * _USABLE)
        return cls(budget=budget, batch=max(budget // 3, 1), duckdb_mb=duckdb // MIB)


#: Room to work in, even where the process already takes more than its limit: the smallest with which a run can move at all.
_LEAST_ROOM: Final = 64 * MIB
_DUCKDB_LEAST: Final = 32 * MIB
_USABLE: Final = 0.8

#: Peak bytes for a byte of a file while it is decoded.
READING_WEIGHT: Final = 8
#: Peak bytes for a byte of flattened facts until they are committed: the concatenated copy, the standardiser's intermediate
#: frames, the statements.
FACTS_WEIGHT: Final = 6


def resident_bytes() -> int:
    """Bytes of memory that the process takes now."""
    return int(psutil.Process().memory_info().rss)


def peak_bytes() -> int:
    """The most that the process ever took.

    Linux counts it from the program's start; `ru_maxrss` there would include the parent's.
    """
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # no such file outside Linux
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
