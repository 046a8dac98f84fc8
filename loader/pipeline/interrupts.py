"""Ctrl-C and SIGTERM as a number that the supervising loop looks at."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """How many signals came.

    A plain number, because a handler runs between two steps of the main thread: the lock inside a `threading.Event` that this
    thread is just using would never become free for it.
    """

    def __init__(self) -> None:
        self.count = 0
        self.name = ""

    def listen(self) -> None:
        """Let the signals come here, where this is a process's main thread.

        To be called again when a library was imported since: Polars takes SIGINT for itself then, and where it has a query at
        work, which here is in any thread, ends that instead.
        """
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                signal.signal(number, self.handle)

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """The signal handler."""
        self.count += 1
        self.name = signal.Signals(number).name


@dataclass(frozen=True, slots=True)
class StopRequests:
    """Whether a run is to stop: a signal came, or its caller has set the event."""

    interrupts: Interrupts
    event: threading.Event

    @property
    def count(self) -> int:
        """How often the run was asked to stop."""
        return self.interrupts.count + self.event.is_set()

    @property
    def why(self) -> str:
        """What stopped the run."""
        return f"interrupted by {self.interrupts.name}" if self.interrupts.name else "stopped"


@contextmanager
def counted_signals() -> Iterator[Interrupts]:
    """Count SIGINT and SIGTERM instead of dying of them; earlier handlers come back at the end.

    Only a process's main thread can do that. In another thread nothing is counted, and whoever runs the loader there stops it
    by its `stop` event.
    """
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = [(number, signal.getsignal(number)) for number in _SIGNALS]
    try:
        interrupts.listen()
        yield interrupts
    finally:
        for number, handler in before:
            # None is a handler that was not set from Python: it cannot be put back, the default is nearest.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
