"""The live display of a run on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from loader.cli.progress import Observer, clock

if TYPE_CHECKING:
    from loader.pipeline import Snapshot

#: Redraws, a second: enough to look alive, too few to cost anything.
_REDRAWS = 8


@contextmanager
def displayed() -> Iterator[Observer]:
    """An observer that shows a run on stderr, which is a terminal."""
    with Live(console=Console(stderr=True), refresh_per_second=_REDRAWS, transient=True) as live:
        yield lambda snapshot: live.update(render_snapshot(snapshot))


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
