"""Keeps all facts of the companies of a run beside what is loaded of them, for `--facts` and for `loader export facts`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from loader.export import FactSet, FailedFiler, Filer
from loader.pipeline.lock import facts_lock
from loader.pipeline.tasks import Task, TaskFile

if TYPE_CHECKING:
    from loader.companyfacts import Flattened
    from loader.export import Staging


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file as it was read: the state it had then, and all its facts."""

    file: TaskFile
    fingerprint: str
    flattened: Flattened


@contextmanager
def staged(directory: Path | None, *, resume: bool) -> Iterator[Staging | None]:
    """Hold the folder in which a set of facts is made; None where none is asked for.

    Args:
        directory: where the set is going to be.
        resume: go on with what an interrupted run has kept.

    Raises:
        UsageError: the folder is not one for a set.
        RunLockedError: another loader makes a set there.
        OutputError: it cannot be written.
    """
    if directory is None:
        yield None
        return
    from loader.export import Staging  # noqa: PLC0415  # with Parquet, of which most runs write none

    staging = Staging(directory)
    with facts_lock(staging.lock, directory):
        yield staging.open(resume=resume)


class FactKeeper:
    """Told by the readers what they have read. A company is in the set whole, with all its files, or not at all.

    What it is told of a company is on the disk before the company goes on to a batch. So of all companies that a run has
    committed, the facts are there, and a resumed run has those that it keeps.

    Args:
        staging: where the set is made.
        tasks: of the run, all of them.
        done: CIKs of the companies whose facts an earlier part of the run has kept.
        alone: nothing else is made of what is read, so the readers need not look for what statements can use.
    """

    def __init__(self, staging: Staging, tasks: Sequence[Task], done: Collection[int] = (), *, alone: bool = False) -> None:
        self.alone = alone
        self._staging = staging
        self._tasks = tasks
        self._lock = threading.Lock()
        self._failed: dict[int, str] = {}
        self._fingerprints = {
            file.cik: file.fingerprint
            for task in tasks
            if task.cik in done
            for file in task.files
            if file.fingerprint is not None
        }

    def keep(self, files: Sequence[ReadFile]) -> None:
        """All files of a company have been read."""
        for read in files:
            self._staging.keep(read.file.cik, read.fingerprint, read.flattened)
        with self._lock:
            self._fingerprints.update({read.file.cik: read.fingerprint for read in files})

    def failed(self, task: Task, reason: str) -> None:
        """A file of a company could not be read."""
        with self._lock:
            self._failed[task.cik] = reason

    @property
    def is_empty(self) -> bool:
        """Whether nothing was kept."""
        return not self._fingerprints

    def publish(self, *, source: str, threads: int, stopped: Callable[[], bool]) -> FactSet | None:
        """Let the set take its place; None when it was stopped before. As `Staging.publish`."""
        return self._staging.publish(
            (Filer(file.cik, task.cik, task.symbols, file.size) for task in self._tasks for file in task.files),
            self._fingerprints,
            [FailedFiler(task.symbols, self._failed[task.cik]) for task in self._tasks if task.cik in self._failed],
            source=source,
            threads=threads,
            stopped=stopped,
        )

    def close(self) -> None:
        """What was kept is not needed any more."""
        self._staging.close()
