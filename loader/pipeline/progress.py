"""What a run tells while it goes on: counters, time by stage, and a picture of the moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

Phase = Literal["preparing", "loading", "stopping", "finishing", "done"]
Stage = Literal["read", "flatten", "standardize", "write"]

#: Told of each boundary between steps, by name, in the thread that crosses it.
Listener = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class WorkerView:
    """One reader, as the progress display shows it."""

    worker_id: int
    processed: int
    current: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A run at one moment.

    Attributes:
        run_id: its row in `extraction_runs`; None before there is one.
        phase: what the run is doing.
        total: companies of the run.
        completed: companies committed, those of an earlier part of a resumed run and those that were left alone included.
        failed: companies that failed and whose failure is committed.
        active_workers: readers that have a company in hand.
        elapsed: seconds since the run, or its resumption, began.
        rate_per_minute: companies finished per minute since then.
        queue_depth: batches waiting for the writer.
        workers: the readers.
        unchanged: of the completed, those that were left alone.
    """

    run_id: int | None
    phase: Phase
    total: int
    completed: int
    failed: int
    active_workers: int
    elapsed: float
    rate_per_minute: float
    queue_depth: int
    workers: tuple[WorkerView, ...]
    unchanged: int = 0


class Progress:
    """Counters that all threads of a run add to."""

    def __init__(self, listener: Listener | None = None) -> None:
        self._lock = threading.Lock()
        self._listener = listener
        self._started = time.monotonic()
        self._stages: dict[Stage, float] = {"read": 0.0, "flatten": 0.0, "standardize": 0.0, "write": 0.0}
        self._processed: dict[int, int] = {}
        self._current: dict[int, str | None] = {}
        self._before = 0
        self.run_id: int | None = None
        self.phase: Phase = "preparing"
        self.total = 0
        self.completed = 0
        self.unchanged = 0
        self.failed = 0
        self.batches = 0
        self.retries = 0
        self.queue_depth = 0
        self.deepest_queue = 0
        self.bytes_read = 0
        self.rows: dict[str, int] = {}
        self.peak_resident = 0

    def tell(self, event: str) -> None:
        """Pass an event on."""
        if self._listener is not None:
            self._listener(event)

    def begin(self, run_id: int | None, total: int, completed: int = 0, unchanged: int = 0) -> None:
        """The run has its tasks, of which so many are done already; `unchanged` of these were left alone. An export has no id."""
        with self._lock:
            self.run_id, self.total, self.completed, self._before = run_id, total, completed, completed
            self.unchanged = unchanged
            self.phase = "loading"

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Count the time of a block as work of a stage."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - begun
            with self._lock:
                self._stages[name] += spent

    @property
    def stages(self) -> Mapping[Stage, float]:
        """Seconds by stage, summed over all threads."""
        with self._lock:
            return dict(self._stages)

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started

    def working(self, worker: int, on: str | None) -> None:
        """A reader has a company in hand, or (None) has none."""
        with self._lock:
            self._current[worker] = on
            self._processed.setdefault(worker, 0)

    def processed(self, worker: int, size: int) -> None:
        """A reader is done with a company of `size` bytes."""
        with self._lock:
            self._current[worker] = None
            self._processed[worker] = self._processed.get(worker, 0) + 1
            self.bytes_read += size

    def retried(self) -> None:
        """A file is read once more."""
        with self._lock:
            self.retries += 1

    def queued(self, batches: int) -> None:
        """So many batches wait for the writer."""
        with self._lock:
            self.queue_depth = batches
            self.deepest_queue = max(self.deepest_queue, batches)

    def committed(self, completed: int, failed: int, rows: Mapping[str, int]) -> None:
        """A batch is in the database."""
        with self._lock:
            self.batches += 1
            self.completed += completed
            self.failed += failed
            for table, count in rows.items():
                self.rows[table] = self.rows.get(table, 0) + count

    def snapshot(self) -> Snapshot:
        """The run now."""
        elapsed = self.elapsed
        with self._lock:
            workers = tuple(WorkerView(n, self._processed.get(n, 0), current) for n, current in sorted(self._current.items()))
            finished = self.completed + self.failed - self._before
            return Snapshot(
                run_id=self.run_id,
                phase=self.phase,
                total=self.total,
                completed=self.completed,
                failed=self.failed,
                active_workers=sum(worker.current is not None for worker in workers),
                elapsed=elapsed,
                rate_per_minute=finished / elapsed * 60 if elapsed > 0 else 0.0,
                queue_depth=self.queue_depth,
                workers=workers,
                unchanged=self.unchanged,
            )
