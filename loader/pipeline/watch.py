"""What the supervising thread of a run looks at and tells."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loader.errors import InterruptedRunError
from loader.pipeline.interrupts import StopRequests
from loader.pipeline.live import write_state
from loader.pipeline.progress import Progress, Snapshot
from loader.pipeline.resident import resident_bytes

Observer = Callable[[Snapshot], None]


@dataclass(slots=True)
class Watch:
    """What the supervising thread looks at and tells."""

    db: Path
    stops: StopRequests
    progress: Progress
    observer: Observer | None
    _saved_at: float = float("-inf")
    _saved_batches: int = 0

    def crossed(self, event: str) -> None:
        """A step of the preparation is done: say so, and do not go on if the run is to stop."""
        self.progress.tell(event)
        self.show(interval=0)
        if self.stops.count:
            raise InterruptedRunError(f"{self.stops.why}: nothing was loaded yet")

    def show(self, interval: float) -> None:
        """Tell the observer, and renew the state file when it is older than `interval` seconds or a batch behind."""
        progress = self.progress
        progress.peak_resident = max(progress.peak_resident, resident_bytes())
        snapshot = progress.snapshot()
        if self.observer is not None:
            self.observer(snapshot)
        now = time.monotonic()
        if now >= self._saved_at + interval or progress.batches != self._saved_batches:
            self._saved_at, self._saved_batches = now, progress.batches
            write_state(self.db, snapshot)
