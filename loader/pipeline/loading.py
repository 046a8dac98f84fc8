"""The threads of a run: readers, assembler and writer, and the supervision of them.

Apart from the run, because what they need takes a third of a second to import, and a run that leaves every company alone does
without. The readers begin with a third of it: Polars and DuckDB are imported while they read the first companies.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from loader.companyfacts import is_compiled
from loader.config import ExtractionConfig
from loader.errors import InterruptedRunError
from loader.pipeline.crew import Crew
from loader.pipeline.keeper import FactKeeper
from loader.pipeline.memory import ByteBudget, MemoryPlan, MemoryWatch, resident_with_engines
from loader.pipeline.readers import TICK, Readers
from loader.pipeline.resident import resident_bytes
from loader.pipeline.tasks import Task
from loader.pipeline.watch import Watch
from loader.pipeline.work import Collected, TaskQueue
from loader.standardize import Rules

if TYPE_CHECKING:
    from loader.pipeline.behind import BehindReaders

#: How long a stopping run lets the batch in hand go on before it is rolled back, in seconds.
STOP_GRACE: Final = 5.0
#: How long a batch may take to roll back before the run leaves its thread behind; SQLite then recovers the file when it is
#: opened next.
ROLLBACK_GRACE: Final = 10.0
#: How long threads that are not in the middle of a transaction are waited for at the end.
JOIN_GRACE: Final = 5.0


class Loading:
    """The loading of the companies of a run.

    Args:
        run_id: the run.
        rules: vintage and as-of date.
        config: how to use the machine.
        watch: of the run.
        keeper: told of all that is read; None where nothing but statements is wanted.

    Attributes:
        detached: no thread has the database open.
        workers: reader threads; fewer than were asked for where the memory limit cannot feed them.
        resident_before: bytes that the process took when its libraries were there.
    """

    def __init__(self, run_id: int, rules: Rules, config: ExtractionConfig, watch: Watch, *, keeper: FactKeeper | None) -> None:
        self.detached = True
        self.workers = config.max_workers
        self.resident_before = resident_bytes()
        self._db = watch.db
        self._run_id = run_id
        self._rules = rules
        self._config = config
        self._watch = watch
        self._keeper = keeper
        self._progress = watch.progress
        self._crew = Crew()
        self._memory = MemoryWatch(config.max_memory_mb)

    @property
    def notes(self) -> list[str]:
        """What made it slower than it need be, one line each."""
        if self._progress.bytes_read and not is_compiled():
            return ["reading took longer without the compiled scanner: install loader again where there is a C compiler"]
        return []

    def run(self, tasks: Sequence[Task]) -> None:
        """Load these companies.

        Raises:
            InterruptedRunError: it was stopped before all of them were done.
        """
        config, progress, crew = self._config, self._progress, self._crew
        weights = [file.weight for task in tasks for file in task.files]
        memory = MemoryPlan.of(config.max_memory_mb, resident_with_engines(), weights)
        self.workers = min(config.max_workers, memory.readers)
        room, facts = ByteBudget(memory.reading), ByteBudget(memory.facts)
        # The assembler takes from it at once, until what it has waits for the batches before it. A batch has room, for the time
        # until there is an assembler.
        handover: queue.Queue[Collected] = queue.Queue(maxsize=max(self.workers, config.companies_per_transaction))
        readers = Readers(
            TaskQueue(tasks),
            handover,
            room,
            facts,
            threads=self.workers,
            config=config,
            progress=progress,
            stop=crew.stop,
            guard=crew.guard,
            keeper=self._keeper,
        )
        behind: BehindReaders | None = None
        try:
            readers.start()
            # Polars and DuckDB, while the readers read the first companies.
            from loader.pipeline.behind import BehindReaders  # noqa: PLC0415

            self._watch.stops.interrupts.listen()
            self.resident_before = resident_bytes()
            behind = BehindReaders(
                self._db,
                self._run_id,
                handover,
                facts,
                total=len(tasks),
                rules=self._rules,
                config=config,
                memory=memory,
                progress=progress,
                crew=crew,
                # Not only when the supervisor has seen that the run is to stop: a small batch is written in less time than that.
                stopping=lambda: crew.stop.is_set() or self._watch.stops.count > 0,
            )
            # From here until the writer's thread has ended, nothing in this process may open the database through sqlite3.
            self.detached = False
            behind.start()
            self._supervise(behind, readers, facts)
        finally:
            # Also when the observer raised: no thread goes on by itself, and no transaction is left open.
            crew.stop.set()
            if behind is not None:
                behind.stop_writing(ROLLBACK_GRACE)
                self.detached = not behind.is_writing
            readers.join(JOIN_GRACE)
            if behind is not None:
                behind.join(JOIN_GRACE)
        progress.tell("detached")
        if crew.crash is not None:
            raise crew.crash
        done = progress.completed + progress.failed
        if done < progress.total:
            raise InterruptedRunError(
                f"{self._watch.stops.why}: {done} of {progress.total} companies are done; `loader resume` does the others",
            )

    def _supervise(self, behind: BehindReaders, readers: Readers, facts: ByteBudget) -> None:
        roll_back_at = give_up_at = float("inf")
        while behind.is_writing:
            behind.wait(TICK)
            now = time.monotonic()
            if (self._watch.stops.count or self._crew.crash is not None) and not self._crew.stop.is_set():
                self._crew.stop.set()
            if self._crew.stop.is_set() and self._progress.phase != "stopping":
                self._progress.phase = "stopping"
                roll_back_at = now + STOP_GRACE
            if now >= roll_back_at or self._watch.stops.interrupts.count > 1:
                behind.roll_back()
                roll_back_at, give_up_at = float("inf"), min(give_up_at, now + ROLLBACK_GRACE)
            if now >= give_up_at:
                return
            readers.watch()
            facts.paused = self._memory.is_tight()
            self._watch.show(self._config.progress_interval)
