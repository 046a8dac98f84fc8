"""What is behind the readers: the assembler and the writer, each in its thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from loader.config import ExtractionConfig
from loader.database import previously_loaded, staging_tables
from loader.database.writer import Writer
from loader.pipeline.assembler import ENOUGH_FACTS, Assembled, Assembler
from loader.pipeline.crew import Crew
from loader.pipeline.memory import ByteBudget, MemoryPlan, standardizing_weight
from loader.pipeline.progress import Progress
from loader.pipeline.work import Collected
from loader.pipeline.writing import Committer
from loader.standardize import Rules


class BehindReaders:
    """The threads from what the readers hand over to rows in the database.

    Args:
        db: the database; nothing else in this process may open it through sqlite3 while `is_writing`.
        run_id: the run.
        handover: from the readers.
        facts: the memory for facts, of which the companies hold leases.
        total: companies to expect.
        rules: for the standardiser.
        config: how to use the machine.
        memory: how it is shared out.
        progress: counters.
        crew: of all threads of the run.
        stopping: whether no further batch may be begun.
    """

    def __init__(
        self,
        db: Path,
        run_id: int,
        handover: queue.Queue[Collected],
        facts: ByteBudget,
        *,
        total: int,
        rules: Rules,
        config: ExtractionConfig,
        memory: MemoryPlan,
        progress: Progress,
        crew: Crew,
        stopping: Callable[[], bool],
    ) -> None:
        # They share the memory: not more than have room for as many facts as a call of the standardiser is worth.
        calls = memory.batch // standardizing_weight(ENOUGH_FACTS)
        threads = max(1, min(config.standardizing_threads, calls))
        # What was made together may wait while others are written and made: more would only take memory.
        batches: queue.Queue[Sequence[Assembled] | None] = queue.Queue(maxsize=1)
        loaded, staged = previously_loaded(db), staging_tables(db)

        def connect() -> Writer:
            return Writer(
                db,
                run_id,
                loaded=loaded,
                staged=staged,
                memory_mb=memory.duckdb_mb,
                transaction_timeout=config.transaction_timeout,
                listener=progress.tell,
            )

        assembler = Assembler(
            handover,
            batches,
            total=total,
            companies=config.companies_per_transaction,
            weight=memory.batch // threads,
            rules=rules,
            threads=threads,
            # With less, 60 real files took 4 MiB more, and were over the limit with all facts beside.
            is_overlapping=calls > 0,
            budget=facts,
            progress=progress,
            stop=crew.stop,
        )
        self._committer = Committer(batches, connect, progress, stopping)
        self._writing = threading.Thread(target=crew.guard, args=(self._committer.run,), name="writer", daemon=True)
        self._assembling = threading.Thread(target=crew.guard, args=(assembler.run,), name="assembler", daemon=True)

    def start(self) -> None:
        """Start the threads. They are daemons, as all threads of a run but the main one."""
        self._writing.start()
        self._assembling.start()

    @property
    def is_writing(self) -> bool:
        """Whether the writer may have the database open."""
        return self._writing.is_alive()

    def wait(self, seconds: float) -> None:
        """Wait for the writer to come to its end, at most so long."""
        self._writing.join(seconds)

    def roll_back(self) -> None:
        """Roll the batch in hand back at once."""
        self._committer.stop_now()

    def stop_writing(self, seconds: float) -> None:
        """Roll back what is still being written, and wait for that at most so long."""
        if self._writing.is_alive():
            self._committer.stop_now()
            self._writing.join(seconds)

    def join(self, seconds: float) -> None:
        """Wait for the assembler, at most so long."""
        if self._assembling.is_alive():
            self._assembling.join(seconds)
