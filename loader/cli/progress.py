"""Shows a run while it goes on: a live display on a terminal, a line now and then where there is none."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from loader.pipeline import Snapshot

#: Redraws of the live display, a second: enough to look alive, too few to cost anything.
_REDRAWS = 8


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
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(interval)
        return
    with Live(console=console, refresh_per_second=_REDRAWS, transient=True) as live:
        yield lambda snapshot: live.update(render_snapshot(snapshot))


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


def render_snapshot(snapshot: Snapshot) -> Group:
    """A run's state as a few lines: how far, how fast, and what each worker reads."""
    done = snapshot.completed + snapshot.failed
    bar = Table.grid(padding=(0, 2, 0, 0))
    bar.add_row(
        Text(snapshot.phase, style="bold"),
        ProgressBar(total=max(snapshot.total, 1), completed=done, width=30),
        f"{done:,} of {snapshot.total:,} companies",
        *([Text(f"{snapshot.unchanged:,} unchanged", style="dim")] if snapshot.unchanged else []),
        Text(f"{snapshot.failed:,} failed", style="red" if snapshot.failed else "dim"),
        f"{snapshot.rate_per_minute:,.0f}/min",
        clock(snapshot.elapsed),
    )
    workers = Table.grid(padding=(0, 3, 0, 0))
    cells = [
        Text.assemble(
            (f"{worker.worker_id:>2} ", "dim"), f"{worker.current or 'idle':<14.14}", (f"{worker.processed:>6,}", "dim")
        )
        for worker in snapshot.workers
    ]
    for start in range(0, len(cells), 3):
        workers.add_row(*cells[start : start + 3])
    return Group(bar, workers)


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
