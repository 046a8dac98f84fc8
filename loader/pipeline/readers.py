"""The readers: threads that turn a company's files into the facts that statements can use."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from loader.companyfacts import Flattened, flatten
from loader.config import ExtractionConfig
from loader.errors import LoaderError, ReadError, TransientReadError
from loader.pipeline.keeper import FactKeeper, ReadFile
from loader.pipeline.memory import ByteBudget, Lease, facts_estimate, facts_weight, reading_weight
from loader.pipeline.predecessors import AFTER_SUCCESSION, company_facts
from loader.pipeline.progress import Progress
from loader.pipeline.tasks import TaskFile, join_fingerprints
from loader.pipeline.work import Collected, TaskQueue, Ticket
from loader.sources import read, stat
from loader.standardize.known import NOT_A_STATEMENT_CONCEPT, statement_batch, statement_concepts

if TYPE_CHECKING:
    import stamina

#: How often a company's files are read before a cause that can pass counts as one that does not.
READ_ATTEMPTS: Final = 3
#: A read that is still going on so long after its deadline will never look at the deadline: it is stuck in one system call.
STUCK_AFTER: Final = 1.0
#: How often a waiting thread looks whether the run is to stop, in seconds.
TICK: Final = 0.1
#: Storage that takes longer for a file, in seconds, is read by all readers at the same time. Until then one after the other is
#: enough: to standardise a file's facts takes two or three times as long.
_SLOW: Final = 0.005
#: How many of the last files count for that. One alone may have had to wait for a processor.
_LAST_FILES: Final = 16
#: A file that is smaller is read into memory that is used again. A large company's has 4 or 5 MB. What no file has ever filled of
#: it takes no memory.
_ROOM_BYTES: Final = 2**23
#: How long a reader waits for those before it, in seconds. Then one of them is stuck, and storage counts as slow.
_PATIENCE: Final = 0.5

# Retries are counted in the report; without this, Python would print stamina's notices to stderr where nobody has set up logging.
logging.getLogger("stamina").addHandler(logging.NullHandler())


class _Attempt:
    """One read in progress. Either its reader ends it or the supervisor gives it up, never both."""

    def __init__(self, ticket: Ticket, file: TaskFile, lease: Lease, seconds: float) -> None:
        self.ticket = ticket
        self.file = file
        self.lease = lease
        self.seconds = seconds
        self.deadline = time.monotonic() + seconds


class _AbandonedError(Exception):
    """The supervisor has given this read up; the thread that was stuck in it has nothing more to do."""


class _StoppedError(Exception):
    """The run is to stop, and this company was not read."""


class _Slot:
    """One of the readers' places; the thread in it changes when one gets stuck."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.lock = threading.Lock()
        self.attempt: _Attempt | None = None


class _FirstAttempt:
    """Keeps an error that can pass, for the next attempts to begin with; any other comes out."""

    num: Final = 1

    def __init__(self, may_pass: Callable[[Exception], bool]) -> None:
        self._may_pass = may_pass
        self.error: Exception | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None) -> bool:
        if not isinstance(error, Exception) or not self._may_pass(error):
            return False
        self.error = error
        return True


def _never(_error: Exception) -> bool:
    return False


class Readers:
    """A fixed number of reader threads over one queue of tasks.

    Args:
        tasks: what to read.
        handover: where the results go; bounded, so that readers wait when the rest is behind.
        room: memory for files that are being read and flattened.
        facts: memory for facts until they are committed.
        threads: how many readers.
        config: how many of them may read at once, and how long a read may take.
        progress: counters.
        stop: set when no further task may be begun.
        guard: runs a thread's work and reports what it could not handle.
        keeper: is given all facts of each company; without one, only those of statement concepts are made.
    """

    def __init__(
        self,
        tasks: TaskQueue,
        handover: queue.Queue[Collected],
        room: ByteBudget,
        facts: ByteBudget,
        *,
        threads: int,
        config: ExtractionConfig,
        progress: Progress,
        stop: threading.Event,
        guard: Callable[[Callable[[], None]], None],
        keeper: FactKeeper | None = None,
    ) -> None:
        self._tasks = tasks
        self._handover = handover
        self._room = room
        self._facts = facts
        self._timeout = config.file_read_timeout
        self._progress = progress
        self._stop = stop
        self._guard = guard
        self._keeper = keeper
        self._reading = threading.Semaphore(config.max_file_readers)
        self._flattening = threading.Lock()
        # Not a lock, of which ten threads made a reader's work a tenth dearer.
        self._turn = threading.Semaphore(1)
        self._seconds_of_a_file = 0.0
        self._rooms: list[memoryview] = []
        self._slots = [_Slot(number) for number in range(1, threads + 1)]
        #: Threads that were left behind in a read.
        self.abandoned: list[threading.Thread] = []
        self._in_slot: dict[int, threading.Thread] = {}

    def start(self) -> None:
        """Start the threads. They are daemons: one that is stuck in a read must not hold up the end of the program."""
        for slot in self._slots:
            self._start(slot)

    def watch(self) -> None:
        """Give up stuck reads: the task is tried again or fails, and a fresh thread takes the place. For the supervisor."""
        now = time.monotonic()
        for slot in self._slots:
            with slot.lock:
                attempt = slot.attempt
                if attempt is None or now < attempt.deadline + STUCK_AFTER:
                    continue
                slot.attempt = None
            self._reading.release()
            self._progress.working(slot.number, None)
            self.abandoned.append(self._in_slot[slot.number])
            ticket = replace(attempt.ticket, attempts=attempt.ticket.attempts + 1)
            if ticket.attempts < READ_ATTEMPTS:
                self._progress.retried()
                attempt.lease.release()
                self._tasks.again(ticket)
                self._start(slot)
            else:
                reason = f"{attempt.file.path} could not be read within {attempt.seconds:g} s, {ticket.attempts} times"
                attempt.lease.release()
                self._start(slot, Collected(ticket, reason=reason))

    def join(self, seconds: float) -> None:
        """Wait for the threads that are not stuck, all together at most so long."""
        deadline = time.monotonic() + seconds
        for thread in self._in_slot.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def _start(self, slot: _Slot, first: Collected | None = None) -> None:
        def work() -> None:
            if first is not None:
                self._hand_over(slot, first)
            self._work(slot)

        thread = threading.Thread(target=self._guard, args=(work,), name=f"reader-{slot.number}", daemon=True)
        self._in_slot[slot.number] = thread
        thread.start()

    def _work(self, slot: _Slot) -> None:
        while not self._stop.is_set():
            ticket = self._tasks.take()
            if ticket is None:
                return
            self._progress.working(slot.number, ",".join(ticket.task.symbols))
            try:
                collected = self._collect(slot, ticket)
            except _AbandonedError:
                return
            if collected is not None:
                self._hand_over(slot, collected)

    def _hand_over(self, slot: _Slot, collected: Collected) -> None:
        self._progress.processed(slot.number, collected.size)
        if self._keeper is not None and collected.reason is not None:
            self._keeper.failed(collected.ticket.task, collected.reason)
        while not self._stop.is_set():
            try:
                self._handover.put(collected, timeout=TICK)
            except queue.Full:
                continue
            return

    def _collect(self, slot: _Slot, ticket: Ticket) -> Collected | None:
        """Read all files of a company; None when the run is to stop meanwhile."""
        try:
            size = sum(self._admissible(file.path, file.weight) for file in ticket.task.files)
        except ReadError as error:
            return Collected(ticket, reason=str(error))
        # Never more than there is: facts that are denser than foreseen only make their batch small.
        lease = self._facts.lease(min(facts_estimate(size), self._facts.limit), self._stop)
        if lease is None:
            return None
        try:
            return self._read_files(slot, ticket, lease)
        except _AbandonedError:
            raise  # the supervisor has released the lease
        except _StoppedError:
            lease.release()
            return None
        except BaseException:
            lease.release()
            raise

    def _admissible(self, path: str, size: int) -> int:
        """The size, if a file of this size can be read at all."""
        if reading_weight(size) > self._room.limit:
            raise ReadError(f"{path} has {size >> 20} MiB, too much to be read within the memory limit: raise --max-memory-mb")
        return size

    def _read_files(self, slot: _Slot, ticket: Ticket, lease: Lease) -> Collected:
        batches: list[pa.RecordBatch] = []
        all_facts: list[ReadFile] = []
        fingerprints: list[str] = []
        names: list[str | None] = []
        set_aside: Counter[str] = Counter()
        size = facts_read = 0
        reading = ticket
        for file in ticket.task.files:
            try:
                with self._in_turn(), self._room_for_a_file() as room:
                    for attempt in self._attempts(READ_ATTEMPTS - ticket.attempts):
                        with attempt:
                            if attempt.num > 1:
                                self._progress.retried()
                            reading = replace(ticket, attempts=max(reading.attempts, ticket.attempts + attempt.num))
                            data, fingerprint = self._read(
                                slot, replace(ticket, attempts=ticket.attempts + attempt.num - 1), file, lease, room
                            )
                    size += len(data)
                    # One at a time, beside what standardises and writes: two took as long, with more memory and more turns.
                    with self._flattening, self._progress.stage("flatten"):
                        flattened = flatten(data, file.cik, None if self._keeper else statement_concepts())
                        del data
                        facts, others = self._for_statements(flattened)
            except LoaderError as error:
                lease.release()
                return Collected(reading, reason=_reason(error, file.path), size=size)
            facts, late = company_facts(facts, file, ticket.task.cik)
            if late:
                set_aside[AFTER_SUCCESSION] += late
            batches.append(facts)
            if self._keeper is not None:
                all_facts.append(ReadFile(file, fingerprint, flattened))
            fingerprints.append(fingerprint)
            names.append(flattened.entity_name)
            facts_read += flattened.facts_read
            set_aside.update(flattened.set_aside)
            if others:
                set_aside[NOT_A_STATEMENT_CONCEPT] += others
            self._progress.tell("file_read")
        if self._keeper is not None:
            with self._progress.stage("flatten"):
                self._keeper.keep(all_facts)
                all_facts.clear()
        lease.settle(facts_weight(sum(batch.num_rows for batch in batches)))
        return Collected(
            ticket=reading,
            lease=lease,
            facts=batches,
            entity_name=names[0],
            size=size,
            fingerprint=join_fingerprints(fingerprints),
            facts_read=facts_read,
            set_aside=dict(set_aside),
        )

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Where storage is fast, readers are at work one after the other.

        Else each of them would have a document, of which nothing is in the processor's cache any more when it is flattened: ten
        readers took a third more processor time than one.
        """
        taken = False
        if self._seconds_of_a_file < _SLOW:
            taken = self._turn.acquire(timeout=_PATIENCE)
            if not taken:
                self._seconds_of_a_file = _PATIENCE
        try:
            yield
        finally:
            if taken:
                self._turn.release()

    @contextmanager
    def _room_for_a_file(self) -> Iterator[memoryview]:
        """Where this thread alone may read a file into: there are as many rooms as files are read and flattened at once.

        Of a reader that is stuck nobody has the room until it comes back.
        """
        try:
            room = self._rooms.pop()
        except IndexError:
            room = np.empty(_ROOM_BYTES, np.uint8).data
        try:
            yield room
        finally:
            self._rooms.append(room)

    def _for_statements(self, flattened: Flattened) -> tuple[pa.RecordBatch, int]:
        """The facts that statements can use, and how many others the file has; none where only the keeper wants any."""
        if self._keeper is None:
            return flattened.batch, flattened.not_wanted
        if self._keeper.alone:
            return statement_batch(flattened.batch.slice(0, 0)), 0
        facts = statement_batch(flattened.batch)
        return facts, flattened.batch.num_rows - facts.num_rows

    def _attempts(self, attempts: int) -> Iterator[_FirstAttempt | stamina.Attempt]:
        first = _FirstAttempt(self._may_pass if attempts > 1 else _never)
        yield first
        if first.error is None:
            return
        # Few runs have anything to retry, and it takes longer to import than ten files to read.
        import stamina  # noqa: PLC0415

        # Waits are short: a stopping run does not wait for them, and what has not passed after a second or two is left to the
        # next run.
        for attempt in stamina.retry_context(
            on=self._may_pass, attempts=attempts, timeout=None, wait_initial=0.1, wait_max=1.0, wait_jitter=0.1
        ):
            if attempt.num > 1:
                yield attempt
                continue
            with attempt:
                raise first.error

    def _may_pass(self, error: Exception) -> bool:
        return isinstance(error, LoaderError) and error.transient and not self._stop.is_set()

    def _read(
        self, slot: _Slot, ticket: Ticket, file: TaskFile, lease: Lease, room: memoryview
    ) -> tuple[bytes | memoryview, str]:
        """Read a file once, under the supervisor's eye: its bytes and the fingerprint of their state."""
        self._reading.acquire()
        attempt = _Attempt(ticket, file, lease, self._timeout)
        with slot.lock:
            slot.attempt = attempt
        began = time.monotonic()
        try:
            with self._progress.stage("read"):
                before = stat(file.path)
                if before.size + before.packed > file.weight:
                    self._admissible(file.path, before.size + before.packed)
                data = read(file.path, deadline=attempt.deadline, room=room)
                after = stat(file.path)
            # Readers that do this at the same time may lose one of the two: it is an average.
            self._seconds_of_a_file += (time.monotonic() - began - self._seconds_of_a_file) / _LAST_FILES
        finally:
            with slot.lock:
                given_up = slot.attempt is not attempt
                if not given_up:
                    slot.attempt = None
            if given_up:
                # Whatever came of it, even an error: the task is in other hands.
                raise _AbandonedError
            self._reading.release()
        if before.fingerprint != after.fingerprint:
            raise TransientReadError(f"{file.path} changed while it was read")
        return data, after.fingerprint


def _reason(error: LoaderError, path: str) -> str:
    """One line that names the file."""
    text = " ".join(str(error).split())
    return text if path in text else f"{Path(path).name}: {text}"
