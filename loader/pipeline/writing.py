"""The writer's thread: takes batches one after the other and commits them."""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from loader.database.writer import Writer, WriteStoppedError
from loader.pipeline.assembler import Assembled
from loader.pipeline.progress import Progress
from loader.pipeline.readers import TICK

#: How much the writer gives way to what else wants a processor. It has half as much to do as the standardiser, which all wait for
#: in the end: on two cores that saves 3 % of the time. With more, another busy program would leave it so little that all would
#: wait for the writer instead.
_NICENESS: Final = 5


class Committer:
    """Owns the one writing connection, in a thread of its own.

    Args:
        batches: from the assembler, some at a time; None ends the work.
        connect: opens the writer; called in the thread.
        progress: counters.
        stopping: whether no further batch may be begun. The batch in hand is finished, unless `stop_now` is called.
    """

    def __init__(
        self,
        batches: queue.Queue[Sequence[Assembled] | None],
        connect: Callable[[], Writer],
        progress: Progress,
        stopping: Callable[[], bool],
    ) -> None:
        self._batches = batches
        self._connect = connect
        self._progress = progress
        self._stopping = stopping
        self._lock = threading.Lock()
        self._writer: Writer | None = None
        self._now = False

    def run(self) -> None:
        """Work until the last batch is committed, or the run is to stop."""
        _give_way()
        with self._connect() as writer:
            with self._lock:
                self._writer = writer
                if self._now:
                    writer.stop()
            try:
                for assembled in self._assembled():
                    self._write(writer, assembled)
            except WriteStoppedError:
                self._progress.tell("rolled_back")
            finally:
                with self._lock:
                    self._writer = None

    def stop_now(self) -> None:
        """Roll the batch in hand back at once. For other threads."""
        with self._lock:
            self._now = True
            if self._writer is not None:
                self._writer.stop()

    def _assembled(self) -> Iterator[Assembled]:
        while not self._stopping():
            try:
                batches = self._batches.get(timeout=TICK)
            except queue.Empty:
                continue
            self._progress.queued(self._batches.qsize())
            if batches is None:
                return
            for assembled in batches:
                yield assembled
                if self._stopping():
                    return

    def _write(self, writer: Writer, assembled: Assembled) -> None:
        with self._progress.stage("write"):
            rows = writer.write(assembled.batch)
        completed = sum(outcome.state == "completed" for outcome in assembled.batch.outcomes)
        self._progress.committed(completed, len(assembled.batch.outcomes) - completed, rows)
        for lease in assembled.leases:
            lease.release()


def _give_way() -> None:
    """Let the other threads of the process go first, where a thread has a priority of its own."""
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    with contextlib.suppress(PermissionError):  # a sandbox may forbid even that
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _NICENESS)
