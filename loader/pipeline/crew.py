"""The threads of a run: one order to stop for all of them, and the first fault that one of them could not handle."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Crew:
    """What the threads of a run share.

    Attributes:
        stop: set when no thread may begin anything further.
        crash: what a thread did not handle itself; to be raised again in the supervising thread.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.crash: BaseException | None = None
        self._lock = threading.Lock()

    def guard(self, work: Callable[[], None]) -> None:
        """Run a thread's work; whatever it does not handle itself ends the run."""
        try:
            work()
        except BaseException as error:  # noqa: BLE001 (handed over, not handled)
            with self._lock:
                self.crash = self.crash or error
            self.stop.set()
