"""The live state of a run: a small JSON file beside the database, for `loader status` in another terminal.

Advisory only. The truth about a run is in the database; this file says how it is getting on between two commits.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from loader.pipeline.lock import is_locked
from loader.pipeline.progress import Snapshot


@dataclass(frozen=True, slots=True)
class LiveState:
    """What the file says.

    Attributes:
        pid: the process that wrote it.
        updated_at: when, as ISO text in UTC.
        alive: whether a loader is at work on the database now; if not, the rest is how far the last one came.
        snapshot: the run at that moment, as plain data.
    """

    pid: int
    updated_at: str
    alive: bool
    snapshot: dict[str, object]


def state_path(db: Path) -> Path:
    """The state file of a database."""
    db = db.resolve()
    return db.with_name(f"{db.name}.status.json")


def write_state(db: Path, snapshot: Snapshot) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    path = state_path(db)
    content = {"pid": os.getpid(), "updated_at": datetime.now(UTC).isoformat(timespec="seconds"), "snapshot": asdict(snapshot)}
    temporary = path.with_name(f"{path.name}.new")
    try:
        temporary.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
        temporary.replace(path)
    except OSError:
        return  # a full disk stops the database, which says so; a display that lags behind stops nothing


def read_state(db: Path) -> LiveState | None:
    """The state of the run in progress or the last one; None where there was none."""
    try:
        content = orjson.loads(state_path(db).read_bytes())
        return LiveState(int(content["pid"]), str(content["updated_at"]), is_locked(db), dict(content["snapshot"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # no run yet, or not a file of ours
