"""Shows a run while it goes on: a live display on a terminal, a line now and then where there is none."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from loader.pipeline import Snapshot


class Observer(Protocol):
    """Is told of a run's state, again and again."""

    def __call__(self, snapshot: Snapshot, /) -> None:
        """Show this state."""
        ...


@contextmanager
def observed(interval: float) -> Iterator[Observer]:
    """An observer that shows a run on stderr.

    Args:
        interval: seconds between lines where stderr is no terminal.
    """
    if not sys.stderr.isatty():
        yield _Lines(interval)
        return
    from loader.cli.display import displayed

    with displayed() as observer:
        yield observer


def progress_line(snapshot: Snapshot) -> str:
    """A run's state in one line."""
    parts = [
        f"{snapshot.completed + snapshot.failed} of {snapshot.total} companies",
        *([f"{snapshot.unchanged} of them unchanged"] if snapshot.unchanged else []),
        f"{snapshot.failed} failed",
        f"{snapshot.rate_per_minute:.0f} a minute",
        f"{clock(snapshot.elapsed)} elapsed",
        f"{snapshot.active_workers} workers reading",
    ]
    return f"{snapshot.phase}: {', '.join(parts)}"


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class _Lines:
    """Prints a line at most every `interval` seconds."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._next = time.monotonic() + interval

    def __call__(self, snapshot: Snapshot, /) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + self._interval
            print(progress_line(snapshot), file=sys.stderr, flush=True)  # noqa: T201  # this is the terminal's edge
