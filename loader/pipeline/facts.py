"""`loader export facts`: all facts of the companies asked for, without a database to load them into."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loader.config import ExtractionConfig
from loader.errors import InterruptedRunError
from loader.export import FactSet
from loader.pipeline.crew import Crew
from loader.pipeline.interrupts import StopRequests, counted_signals
from loader.pipeline.keeper import FactKeeper, staged
from loader.pipeline.loading import JOIN_GRACE
from loader.pipeline.memory import ByteBudget, MemoryPlan, MemoryWatch
from loader.pipeline.plan import ExtractRequest, Plan, plan
from loader.pipeline.progress import Listener, Progress
from loader.pipeline.readers import TICK, Readers
from loader.pipeline.resident import resident_bytes
from loader.pipeline.tasks import Task
from loader.pipeline.watch import Observer
from loader.pipeline.work import Collected, TaskQueue


def export_facts(
    request: ExtractRequest,
    directory: Path,
    config: ExtractionConfig | None = None,
    observer: Observer | None = None,
    stop: threading.Event | None = None,
    *,
    listener: Listener | None = None,
) -> FactSet:
    """Write every fact of every company asked for as Parquet; see `loader.export` for the folder's content.

    The database is read for its stocks and mappings, and not changed; vintage and as-of date of the request have no meaning here,
    as all facts of all filings are exported. A set that is in the folder is replaced as a whole at the end, and stays as it is
    when there is no good end.

    Args:
        request: which companies, and where their files are.
        directory: where the set is going to be; new, empty, or an earlier set.
        config: how to use the machine. Batches and transactions have no meaning here.
        observer: told in the calling thread, about ten times a second, how the export is getting on.
        stop: ends the export when it is set, like a signal.
        listener: told of each boundary between steps by its name, in the thread that crosses it.

    Raises:
        InterruptedRunError: a signal or `stop` ended it; nothing was exported.
        InputError: there is nothing to export, or no file of it could be read.
        UsageError: a symbol is not known, or the folder has files that are not of an export.
        OutputError: the folder cannot be written.
    """
    config = config or ExtractionConfig()
    with counted_signals() as interrupts, staged(directory, resume=False) as staging:
        if staging is None:
            raise AssertionError("a folder was given")
        try:
            planned = plan(request)
            stops = StopRequests(interrupts, stop or threading.Event())
            export = _Export(planned, FactKeeper(staging, planned.tasks, alone=True), config, stops, Progress(listener), observer)
            return export.run()
        finally:
            staging.close()


@dataclass(slots=True)
class _Export:
    """One export, from its first file to the set."""

    plan: Plan
    keeper: FactKeeper
    config: ExtractionConfig
    stops: StopRequests
    progress: Progress
    observer: Observer | None
    crew: Crew = field(default_factory=Crew)

    def run(self) -> FactSet:
        self.stops.interrupts.listen()
        self._read(self.plan.tasks)
        self.progress.phase = "finishing"
        self._show()
        made = self.keeper.publish(
            source=self.plan.source, threads=self.config.sorting_threads, stopped=lambda: bool(self.stops.count)
        )
        if made is None:
            raise self._interrupted()
        self.progress.phase = "done"
        self.progress.tell("finished")
        self._show()
        return made

    def _show(self) -> None:
        if self.observer is not None:
            self.observer(self.progress.snapshot())

    def _interrupted(self) -> InterruptedRunError:
        return InterruptedRunError(f"{self.stops.why}: nothing was exported; what was in the folder before is as it was")

    def _read(self, tasks: Sequence[Task]) -> None:
        config, progress = self.config, self.progress
        memory = MemoryPlan.of(config.max_memory_mb, resident_bytes(), [file.size for task in tasks for file in task.files])
        watch = MemoryWatch(config.max_memory_mb)
        facts = ByteBudget(memory.facts)
        handover: queue.Queue[Collected] = queue.Queue(maxsize=config.max_workers)
        readers = Readers(
            TaskQueue(tasks),
            handover,
            ByteBudget(memory.reading),
            facts,
            threads=min(config.max_workers, memory.readers),
            config=config,
            progress=progress,
            stop=self.crew.stop,
            guard=self.crew.guard,
            keeper=self.keeper,
        )
        progress.begin(None, len(tasks))
        readers.start()
        look_again = 0.0
        try:
            while progress.completed + progress.failed < progress.total and not self.crew.stop.is_set():
                with contextlib.suppress(queue.Empty):
                    collected = handover.get(timeout=TICK)
                    if collected.lease is not None:
                        collected.lease.release()
                    failed = collected.reason is not None
                    progress.committed(int(not failed), int(failed), {})
                if self.stops.count:
                    self.crew.stop.set()
                now = time.monotonic()
                if now >= look_again:
                    look_again = now + TICK
                    readers.watch()
                    facts.paused = watch.is_tight()
                    self._show()
        finally:
            self.crew.stop.set()
            readers.join(JOIN_GRACE)
        if self.crew.crash is not None:
            raise self.crew.crash
        if self.stops.count:
            raise self._interrupted()
