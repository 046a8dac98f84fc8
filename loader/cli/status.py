"""`loader status`: the run in progress from its state file, the last run from the database."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.live import Live

from loader.cli.display import render_snapshot
from loader.cli.output import emit, emit_json
from loader.cli.progress import progress_line
from loader.database import Run, last_run
from loader.errors import InputError
from loader.pipeline import LiveState, Snapshot, read_state

#: Between two looks, in seconds. The state file is renewed at least as often as batches are committed.
LOOK_EVERY = 0.5


def show(db: Path, *, watch: bool, as_json: bool) -> None:
    """Print the state once, or go on until the run in progress ends."""
    if watch and not as_json and sys.stdout.isatty():
        _watch_live(db)
    elif watch:
        _watch_lines(db, as_json=as_json)
    _print(db, _state(db), as_json=as_json)


def _watch_live(db: Path) -> None:
    with Live(console=Console(), transient=True) as live:
        while (state := _state(db)) is not None and state.alive:
            live.update(render_snapshot(_snapshot(state)))
            time.sleep(LOOK_EVERY)


def _watch_lines(db: Path, *, as_json: bool) -> None:
    before = None
    while (state := _state(db)) is not None and state.alive:
        if state.snapshot != before:
            before = state.snapshot
            _print(db, state, as_json=as_json)
        time.sleep(LOOK_EVERY)


def _state(db: Path) -> LiveState | None:
    return read_state(db)


def _snapshot(state: LiveState) -> Snapshot:
    return msgspec.convert(state.snapshot, Snapshot)


def _print(db: Path, state: LiveState | None, *, as_json: bool) -> None:
    running = state is not None and state.alive
    run = None if running else _last_run(db)
    if not running and run is None:
        raise InputError(f"{db}: nothing was loaded into it yet; `loader load` or `loader extract` does that")
    if as_json:
        emit_json(
            {
                "database": str(db),
                "running": running,
                "updated_at": state.updated_at if state else None,
                "progress": state.snapshot if state and running else None,
                "last_run": None if run is None else _plain(run),
            },
        )
    elif state is not None and running:
        emit(progress_line(_snapshot(state)))
        for worker in _snapshot(state).workers:
            emit(f"  worker {worker.worker_id}: {worker.processed} processed, {worker.current or 'idle'}")
    elif run is not None:
        emit("\n".join(_lines(run)))


def _last_run(db: Path) -> Run | None:
    run = last_run(db)
    # Nobody holds the lock: the process that wrote "running" is gone.
    return replace(run, status="interrupted") if run is not None and run.status == "running" else run


def _lines(run: Run) -> list[str]:
    lines = [
        f"run {run.id} {run.status.replace('_', ' ')}: {run.completed} of {run.companies} companies, "
        + (f"{run.unchanged} of them unchanged, " if run.unchanged else "")
        + f"{run.failed} failed, started {run.started_at}"
        + (f", finished {run.finished_at}" if run.finished_at else ""),
    ]
    if run.error:
        lines.append(run.error)
    if run.status in {"interrupted", "failed"}:
        lines.append("`loader resume` continues it")
    elif run.status == "completed_with_failures":
        lines.append("`loader report` tells why; `loader resume` tries the failed ones again")
    return lines


def _plain(run: Run) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(run)
    return {name: value for name, value in data.items() if name not in {"report", "settings"}}
