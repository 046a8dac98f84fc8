"""One loader for one database: a lock file that the operating system frees when its holder dies."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from loader.errors import DatabaseError, OutputError, RunLockedError

#: Who only looks whether the lock is held, holds it for an instant: that must not turn a loader away. In seconds.
_PATIENCE: Final = 0.5


def lock_path(db: Path) -> Path:
    """The lock file of a database; the same one through whatever link the database is reached."""
    db = db.resolve()
    return db.with_name(f"{db.name}.lock")


@contextmanager
def run_lock(db: Path) -> Iterator[None]:
    """Hold the database against other loaders; not against other programs, whom SQLite's own lock keeps in turn.

    Raises:
        RunLockedError: another loader holds it.
        DatabaseError: the lock file cannot be written.
    """
    path = lock_path(db)
    try:
        with _held(path, f"{db}: wait for it, or watch it with `loader status`"):
            yield
    except _UnwritableError as error:
        raise DatabaseError(f"{path} cannot be written ({error}): give a --db in a folder that can be") from error


@contextmanager
def facts_lock(staging: Path, directory: Path) -> Iterator[None]:
    """Hold the folder in which a set of facts is made against other loaders.

    Raises:
        RunLockedError: another loader holds it.
        OutputError: the lock file cannot be written.
    """
    path = lock_path(staging)
    try:
        with _held(path, f"{directory}: wait for it, or give another folder for the facts"):
            yield
    except _UnwritableError as error:
        raise OutputError(f"{path} cannot be written ({error}): give a folder for the facts in one that can be") from error


class _UnwritableError(Exception):
    """The lock file cannot be written, for this reason."""


@contextmanager
def _held(path: Path, at_work_on: str) -> Iterator[None]:
    # The lock stays a file after its release: taking it away would let two loaders lock two files of one name.
    lock = FileLock(path, timeout=_PATIENCE, thread_local=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise RunLockedError(f"another loader{_holder(path)} is at work on {at_work_on}") from error
    except OSError as error:
        raise _UnwritableError(error.strerror) from error
    try:
        path.write_text(json.dumps({"pid": os.getpid(), "started": datetime.now(UTC).isoformat(timespec="seconds")}))
        yield
    finally:
        lock.release()


def is_locked(db: Path) -> bool:
    """Whether a loader is at work on the database now."""
    path = lock_path(db)
    if not path.is_file():
        return False
    lock = FileLock(path, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text())
        return f" (process {holder['pid']}, since {holder['started']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""  # it is just being written; who holds the lock is a courtesy
