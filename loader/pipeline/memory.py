"""How much may be in memory at once: a budget of bytes that a file is admitted to before it is read."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import pyarrow as pa

from loader.pipeline.resident import MIB, resident_bytes


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
        #: No new lease while another is out. Set when the process takes more than the weights foresaw.
        self.paused = False
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
                while self._waiting[0] is not ticket or not self._has_room(size):
                    if stop.is_set():
                        return None
                    self._changed.wait(timeout=0.1)
                self._free -= size
                self._reading += 1
                return Lease(self, size)
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def _has_room(self, size: int) -> bool:
        return self._free == self.limit or (self._free >= size and not self.paused)

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
        reading: bytes for files that are being read and flattened.
        facts: bytes for what was flattened, and what became of it, until it is committed.
        batch: what is standardised at the same time may take this much.
        readers: threads that the bytes for reading can feed; each keeps for itself what its largest document took.
        duckdb_mb: DuckDB's own limit, in MiB.
    """

    reading: int
    facts: int
    batch: int
    readers: int
    duckdb_mb: int

    @classmethod
    def of(cls, max_memory_mb: int, resident: int, file_sizes: Sequence[int]) -> Self:
        """Share out what `max_memory_mb` leaves over the `resident` bytes that the process takes already.

        Args:
            max_memory_mb: the limit, in MiB.
            resident: what the process takes before its first file.
            file_sizes: of the files that are going to be read, with what they take packed.
        """
        room = max(max_memory_mb * MIB - resident - _ENGINES, _LEAST_ROOM)
        # Nine files in ten are not larger than this one; for the rest there is the budget.
        typical = sorted(file_sizes)[len(file_sizes) * 9 // 10] if file_sizes else 0
        reading = max(room // 2, _LEAST_READING)
        return cls(
            reading=reading,
            facts=room // 4,
            batch=room // 4,
            readers=max(1, reading // reading_weight(typical)),
            duckdb_mb=max(_DUCKDB_LEAST, room // 4) // MIB,
        )


# Measured on Linux with glibc and two cores, by VmHWM of the process, on 60 real files of 1.3 to 4.7 MB, ten workers: a limit of
# 256 MiB, of which the engines alone take 175, gave a peak of 220, 384 gave 261, 512 gave 291 and 2048 gave 461 (500 files: 655).
# The weights behind it:
# what the engines' thread pools and caches take once each of them has worked, over what importing them takes; and what that
# takes, where it is still to be done: readers begin before it,
_ENGINES: Final = 110 * MIB
_IMPORTED: Final = {"polars": 30 * MIB, "duckdb": 30 * MIB}
# the smallest room with which a run moves at all, where the limit leaves less,
_LEAST_ROOM: Final = 48 * MIB
_LEAST_READING: Final = 36 * MIB
_DUCKDB_LEAST: Final = 32 * MIB
# a document of 18 MB takes 3.4 times, one of 45 MB 4.2 times its bytes beside them to decode and flatten (a small one 4 MB),
_READING_WEIGHT: Final = 6
_READING_LEAST: Final = 4 * MIB
# standardising takes 18 times the facts of statement concepts, of which one has 48 bytes (50 companies: 17 MB, 311 MB at the
# peak; since then it has come down to 12 times), and what is in that state at a time shares what there is for it;
_STANDARDIZING_WEIGHT: Final = 20 * 48
# before it a fact waits as 62 bytes of Arrow, and after it what became of it waits as rows.
_FACT_WEIGHT: Final = 160


def resident_with_engines() -> int:
    """Bytes of memory that the process takes, with those that importing the engines is going to take."""
    return resident_bytes() + sum(size for engine, size in _IMPORTED.items() if engine not in sys.modules)


def reading_weight(size: int) -> int:
    """The memory that reading and flattening a file of this size takes."""
    return size * _READING_WEIGHT + _READING_LEAST


def facts_estimate(size: int) -> int:
    """The memory that a file's facts will take, before they are known: at most one of statement concepts in 400 bytes."""
    return facts_weight(size // 400)


def facts_weight(facts: int) -> int:
    """The memory that so many facts of statement concepts take while they wait, and their statements until they are committed."""
    return facts * _FACT_WEIGHT


def standardizing_weight(facts: int) -> int:
    """The memory that so many facts take while they are standardised."""
    return facts * _STANDARDIZING_WEIGHT


def give_back() -> None:
    """Return memory that is free inside the allocators to the operating system.

    Each reader's thread has an arena of its own in glibc, which keeps what one large document once took.
    """
    pa.default_memory_pool().release_unused()
    if _MALLOC_TRIM is not None:
        _MALLOC_TRIM(0)


#: Only glibc has it.
_MALLOC_TRIM: Final = getattr(ctypes.CDLL(None), "malloc_trim", None)


#: Shares of the memory limit: from the first on, unused memory is given back; from the second on, no further file is taken.
TRIM_FROM: Final = 0.8
PAUSE_FROM: Final = 0.95
#: Giving back walks through all free memory: not more often than this, in seconds.
TRIM_INTERVAL: Final = 1.0


class MemoryWatch:
    """Looks at the process's memory while a run goes on."""

    def __init__(self, max_memory_mb: int) -> None:
        self._limit = max_memory_mb * MIB
        self._trim_again = 0.0

    def is_tight(self) -> bool:
        """Whether the process is close to its memory limit, even after it has given back what it can."""
        if resident_bytes() >= self._limit * TRIM_FROM and time.monotonic() >= self._trim_again:
            give_back()
            self._trim_again = time.monotonic() + TRIM_INTERVAL
        return resident_bytes() >= self._limit * PAUSE_FROM
