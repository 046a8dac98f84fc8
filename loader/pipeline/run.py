"""The run: preparation, threads under supervision, and a good end in every case.

    main thread    supervises: signals, deadlines of reads, progress, state file; never reads and never writes rows
    readers        files -> facts of statement concepts           (readers.py; with --facts, all facts beside: keeper.py)
    assembler      facts of many companies -> statements           (assembler.py)
    writer         one batch, one transaction                      (writing.py, database/writer.py)

All threads but the main one are daemons. Nothing that matters is in their hands at the end: what is committed is in the
database, and what is not is rolled back.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from loader.companyfacts import is_compiled
from loader.config import ExtractionConfig
from loader.database import (
    Content,
    claim_content,
    content_there,
    create_run,
    finish_run,
    fold_wal,
    last_run,
    mark_dead_runs,
    name_filers,
    previously_loaded,
    reopen_run,
    run_tasks,
    staging_tables,
)
from loader.database.writer import Writer
from loader.errors import DatabaseBusyError, DatabaseError, InterruptedRunError, LoaderError, UsageError
from loader.export import FactSet, Staging
from loader.pipeline.assembler import ENOUGH_FACTS, Assembled, Assembler
from loader.pipeline.crew import Crew
from loader.pipeline.interrupts import StopRequests, counted_signals
from loader.pipeline.keeper import FactKeeper, staged
from loader.pipeline.live import write_state
from loader.pipeline.lock import run_lock
from loader.pipeline.memory import MIB, ByteBudget, MemoryPlan, MemoryWatch, peak_bytes, resident_bytes, standardizing_weight
from loader.pipeline.plan import ExtractRequest, Plan, prepare
from loader.pipeline.progress import Listener, Progress, Snapshot
from loader.pipeline.readers import TICK, Readers
from loader.pipeline.refresh import recipe, unchanged
from loader.pipeline.result import FailedCompany, RunResult
from loader.pipeline.tasks import Task
from loader.pipeline.work import Collected, TaskQueue
from loader.pipeline.writing import Committer
from loader.standardize import RULES_VERSION

Observer = Callable[[Snapshot], None]

#: How long a stopping run lets the batch in hand go on before it is rolled back, in seconds.
STOP_GRACE: Final = 5.0
#: How long a batch may take to roll back before the run leaves its thread behind; SQLite then recovers the file when it is
#: opened next.
ROLLBACK_GRACE: Final = 10.0
#: How long threads that are not in the middle of a transaction are waited for at the end.
JOIN_GRACE: Final = 5.0
#: How long the end of a failed run waits for another writer: its row is a courtesy, the next run finds out by itself.
FAILED_TIMEOUT: Final = 1.0


def extract(
    request: ExtractRequest,
    config: ExtractionConfig | None = None,
    observer: Observer | None = None,
    stop: threading.Event | None = None,
    listener: Listener | None = None,
) -> RunResult:
    """Load the statements of every company asked for; one that would come out as it is in the database is left alone.

    In the main thread, SIGINT and SIGTERM end the run in good order; a second one at once.

    Args:
        request: what to load, and into which database.
        config: how to use the machine.
        observer: told in the calling thread, about ten times a second, how the run is getting on.
        stop: ends the run in good order when it is set, like a signal.
        listener: told of each boundary between steps by its name, in the thread that crosses it.

    Raises:
        InterruptedRunError: a signal or `stop` ended the run.
        LoaderError: what else can go wrong; what was committed before stays, and `resume` continues.
    """
    config = config or ExtractionConfig()
    with _supervised(request.db, observer, stop, listener) as watch, staged(request.facts, resume=False) as staging:
        plan = prepare(request, request.db, timeout=config.transaction_timeout)
        mark_dead_runs(request.db)
        watch.crossed("planned")
        _claim(request, plan)
        made_by = recipe(request.rules, RULES_VERSION)
        same = unchanged(plan.tasks, made_by, content_there(request.db)) if request.leaves_alone else {}
        settings = {**request.settings(), **asdict(config)}
        run_id = create_run(request.db, settings, plan.source, plan.rows(made_by), _by_text(same))
        watch.progress.tell("run_created")
        keeper = None if staging is None else FactKeeper(staging, plan.tasks)
        return _Session(run_id, plan, request, config, watch, keeper=keeper).run(kept=(), unchanged=same)


def resume(
    db: Path,
    observer: Observer | None = None,
    stop: threading.Event | None = None,
    listener: Listener | None = None,
) -> RunResult:
    """Continue the last run, with its own settings, where it was interrupted, failed, or had companies that failed.

    Companies that it had loaded are kept, unless their files, their mapping, their rows or the rules have changed since. The
    others are loaded, or left alone as by `extract`.

    Args:
        db: the database.
        observer: as for `extract`.
        stop: as for `extract`.
        listener: as for `extract`.

    Raises:
        UsageError: there is nothing to continue.
        LoaderError: as for `extract`.
    """
    with _supervised(db, observer, stop, listener) as watch:
        run = last_run(db)
        if run is None:
            raise UsageError(f"nothing to resume in {db}: no run was begun; use `loader extract`")
        if run.status == "completed":
            raise UsageError(f"nothing to resume in {db}: run {run.id} is complete; use `loader extract` to load again")
        request = ExtractRequest.from_settings(db, run.settings)
        config = ExtractionConfig(**{field.name: run.settings[field.name] for field in fields(ExtractionConfig)})
        with staged(request.facts, resume=True) as staging:
            plan = prepare(request, db, timeout=config.transaction_timeout)
            mark_dead_runs(db)
            watch.crossed("planned")
            _claim(request, plan)
            made_by = recipe(request.rules, RULES_VERSION)
            there = unchanged(plan.tasks, made_by, content_there(db))
            own = [task for task in plan.tasks if there.get(task.cik) == run.id]
            kept = {task.cik for task in own if staging is None or _has_facts(staging, task)}
            same = {cik: by for cik, by in there.items() if by != run.id} if request.leaves_alone else {}
            rows, kept_text = plan.rows(made_by), {str(cik) for cik in kept}
            reopen_run(db, run.id, plan.source, rows, kept=kept_text, unchanged=_by_text(same))
            watch.progress.tell("run_created")
            keeper = None if staging is None else FactKeeper(staging, plan.tasks, kept)
            return _Session(run.id, plan, request, config, watch, keeper=keeper).run(kept=kept, unchanged=same)


def _claim(request: ExtractRequest, plan: Plan) -> None:
    as_of = request.rules.as_of
    wanted = Content(request.rules.vintage, as_of.isoformat() if as_of else "", request.synthetic)
    claim_content(request.db, wanted, rules_version=RULES_VERSION, source=plan.source, source_date=plan.source_date)


def _has_facts(staging: Staging, task: Task) -> bool:
    """Whether an earlier part of the run has kept all facts of a company."""
    return all(staging.has_kept(file.cik, file.fingerprint or "") for file in task.files)


def _by_text(runs: Mapping[int, int]) -> dict[str, int]:
    """Runs by CIK as the database spells it."""
    return {str(cik): run_id for cik, run_id in runs.items()}


@contextmanager
def _supervised(
    db: Path,
    observer: Observer | None,
    stop: threading.Event | None,
    listener: Listener | None,
) -> Iterator[_Watch]:
    with counted_signals() as interrupts, run_lock(db):
        yield _Watch(db, StopRequests(interrupts, stop or threading.Event()), Progress(listener), observer)


@dataclass(slots=True)
class _Watch:
    """What the supervising thread looks at and tells."""

    db: Path
    stops: StopRequests
    progress: Progress
    observer: Observer | None
    _saved_at: float = float("-inf")
    _saved_batches: int = 0

    def crossed(self, event: str) -> None:
        """A step of the preparation is done: say so, and do not go on if the run is to stop."""
        self.progress.tell(event)
        self.show(interval=0)
        if self.stops.count:
            raise InterruptedRunError(f"{self.stops.why}: nothing was loaded yet")

    def show(self, interval: float) -> None:
        """Tell the observer, and renew the state file when it is older than `interval` seconds or a batch behind."""
        progress = self.progress
        progress.peak_resident = max(progress.peak_resident, resident_bytes())
        snapshot = progress.snapshot()
        if self.observer is not None:
            self.observer(snapshot)
        now = time.monotonic()
        if now >= self._saved_at + interval or progress.batches != self._saved_batches:
            self._saved_at, self._saved_batches = now, progress.batches
            write_state(self.db, snapshot)


class _Session:
    """One run, or one resumption of it, from its first task to its last."""

    def __init__(
        self,
        run_id: int,
        plan: Plan,
        request: ExtractRequest,
        config: ExtractionConfig,
        watch: _Watch,
        *,
        keeper: FactKeeper | None,
    ) -> None:
        self._db = watch.db
        self._run_id = run_id
        self._plan = plan
        self._rules = request.rules
        self._config = config
        self._watch = watch
        self._keeper = keeper
        self._progress = watch.progress
        self._crew = Crew()
        self._detached = True
        self._workers = config.max_workers
        self._memory = MemoryWatch(config.max_memory_mb)
        self._bytes_before = _database_bytes(watch.db)
        self._resident_before = resident_bytes()
        self._peak_before = peak_bytes()

    def run(self, *, kept: Collection[int], unchanged: Collection[int]) -> RunResult:
        """Load the plan's companies, and write down how it ended.

        Args:
            kept: CIKs of those that an earlier part of the run has loaded.
            unchanged: CIKs of those that are left alone.
        """
        tasks = [task for task in self._plan.tasks if task.cik not in kept and task.cik not in unchanged]
        self._progress.begin(self._run_id, len(self._plan.tasks), len(kept) + len(unchanged), len(unchanged))
        try:
            if tasks:
                self._load(tasks)
            return self._finish(len(kept))
        except InterruptedRunError as error:
            self._end_badly("interrupted", str(error))
            raise
        except BaseException as error:
            self._end_badly("failed", str(error) if isinstance(error, LoaderError) else repr(error))
            raise

    # -- the threads ------------------------------------------------------------------------------------------------------------

    def _load(self, tasks: Sequence[Task]) -> None:
        config, progress, stop = self._config, self._progress, self._crew.stop
        weights = [file.weight for task in tasks for file in task.files]
        memory = MemoryPlan.of(config.max_memory_mb, self._resident_before, weights)
        self._workers = min(config.max_workers, memory.readers)
        room, facts = ByteBudget(memory.reading), ByteBudget(memory.facts)
        # They share the memory: not more than have room for as many facts as a call of the standardiser is worth.
        threads = max(1, min(config.standardizing_threads, memory.batch // standardizing_weight(ENOUGH_FACTS)))
        # The assembler takes from it at once, until what it has waits for the batches before it.
        handover: queue.Queue[Collected] = queue.Queue(maxsize=self._workers)
        # What was made together may wait while others are written and made: more would only take memory.
        batches: queue.Queue[Sequence[Assembled] | None] = queue.Queue(maxsize=1)
        loaded, staged = previously_loaded(self._db), staging_tables(self._db)

        def connect() -> Writer:
            return Writer(
                self._db,
                self._run_id,
                loaded=loaded,
                staged=staged,
                memory_mb=memory.duckdb_mb,
                transaction_timeout=config.transaction_timeout,
                listener=progress.tell,
            )

        readers = Readers(
            TaskQueue(tasks),
            handover,
            room,
            facts,
            threads=self._workers,
            config=config,
            progress=progress,
            stop=stop,
            guard=self._crew.guard,
            keeper=self._keeper,
        )
        assembler = Assembler(
            handover,
            batches,
            total=len(tasks),
            companies=config.companies_per_transaction,
            weight=memory.batch // threads,
            rules=self._rules,
            threads=threads,
            budget=facts,
            progress=progress,
            stop=stop,
        )
        # Not only when the supervisor has seen that the run is to stop: a small batch is written in less time than that takes.
        committer = Committer(batches, connect, progress, lambda: stop.is_set() or self._watch.stops.count > 0)
        writing = threading.Thread(target=self._crew.guard, args=(committer.run,), name="writer", daemon=True)
        assembling = threading.Thread(target=self._crew.guard, args=(assembler.run,), name="assembler", daemon=True)
        # From here until the writer's thread has ended, nothing in this process may open the database through sqlite3.
        self._detached = False
        try:
            writing.start()
            assembling.start()
            readers.start()
            self._supervise(writing, readers, committer, facts)
        finally:
            # Also when the observer raised: no thread goes on by itself, and no transaction is left open.
            stop.set()
            if writing.is_alive():
                committer.stop_now()
                writing.join(ROLLBACK_GRACE)
            self._detached = not writing.is_alive()
            readers.join(JOIN_GRACE)
            assembling.join(JOIN_GRACE)
        self._progress.tell("detached")
        if self._crew.crash is not None:
            raise self._crew.crash
        done = progress.completed + progress.failed
        if done < progress.total:
            raise InterruptedRunError(
                f"{self._watch.stops.why}: {done} of {progress.total} companies are done; `loader resume` does the others",
            )

    def _supervise(self, writing: threading.Thread, readers: Readers, committer: Committer, facts: ByteBudget) -> None:
        roll_back_at = give_up_at = float("inf")
        while writing.is_alive():
            writing.join(TICK)
            now = time.monotonic()
            if (self._watch.stops.count or self._crew.crash is not None) and not self._crew.stop.is_set():
                self._crew.stop.set()
            if self._crew.stop.is_set() and self._progress.phase != "stopping":
                self._progress.phase = "stopping"
                roll_back_at = now + STOP_GRACE
            if now >= roll_back_at or self._watch.stops.interrupts.count > 1:
                committer.stop_now()
                roll_back_at, give_up_at = float("inf"), min(give_up_at, now + ROLLBACK_GRACE)
            if now >= give_up_at:
                return
            readers.watch()
            facts.paused = self._memory.is_tight()
            self._watch.show(self._config.progress_interval)

    # -- the end ----------------------------------------------------------------------------------------------------------------

    def _finish(self, kept: int) -> RunResult:
        self._progress.phase = "finishing"
        self._watch.show(interval=0)
        name_filers(self._db, timeout=self._config.transaction_timeout)
        with contextlib.suppress(DatabaseBusyError):  # then SQLite folds it when the database is closed next
            fold_wal(self._db)
        result = self._result(kept, self._exported())
        finish_run(self._db, self._run_id, result.status, report=_plain(result), timeout=self._config.transaction_timeout)
        if self._keeper is not None:
            # Not before: a run that dies between the set and its last row is resumed with what it has kept.
            self._keeper.close()
        self._progress.phase = "done"
        self._progress.tell("finished")
        self._watch.show(interval=0)
        return result

    def _exported(self) -> FactSet | None:
        """The set of all facts, if it was asked for and there are any."""
        if self._keeper is None or self._keeper.is_empty:
            return None
        exported = self._keeper.publish(
            source=self._plan.source, threads=self._config.sorting_threads, stopped=lambda: bool(self._watch.stops.count)
        )
        if exported is None:
            raise InterruptedRunError(
                f"{self._watch.stops.why}: all companies are done, but their facts are not exported; `loader resume` does that",
            )
        self._progress.tell("facts_exported")
        return exported

    def _end_badly(self, status: str, error: str) -> None:
        if self._detached:
            # If that is not possible either, the next loader sees that nobody holds the lock and marks the run as interrupted.
            with contextlib.suppress(DatabaseError):
                finish_run(
                    self._db, self._run_id, "interrupted" if status == "interrupted" else "failed", error, timeout=FAILED_TIMEOUT
                )
        self._progress.phase = "done"
        write_state(self._db, self._progress.snapshot())

    def _result(self, kept: int, exported: FactSet | None) -> RunResult:
        progress = self._progress
        rows = run_tasks(self._db, self._run_id)
        completed = [row for row in rows if row.state == "completed"]
        failed = tuple(FailedCompany(row.symbols, row.reason or "no reason was noted") for row in rows if row.state == "failed")
        set_aside: Counter[str] = Counter()
        for row in completed:
            set_aside.update(row.set_aside)
        seconds, stages = progress.elapsed, progress.stages
        workers_time = seconds * self._workers
        peak = peak_bytes()
        return RunResult(
            run_id=self._run_id,
            status="completed_with_failures" if failed else "completed",
            source=self._plan.source,
            companies=len(rows),
            completed=len(completed),
            kept=kept,
            unchanged=sum(row.unchanged_since is not None for row in completed),
            failed=failed,
            unmapped=self._plan.unmapped,
            notes=(*self._plan.notes, *self._notes(exported)),
            seconds=seconds,
            start_memory_mb=self._resident_before / MIB,
            # A process that was larger before this run, as a notebook can be, has only samples to go by.
            peak_memory_mb=(peak if peak > self._peak_before else progress.peak_resident) / MIB,
            workers=self._workers,
            bytes_read=progress.bytes_read,
            facts_read=sum(row.facts_read or 0 for row in completed),
            facts_used=sum(row.facts_used or 0 for row in completed),
            set_aside=dict(sorted(set_aside.items())),
            rows=dict(progress.rows),
            batches=progress.batches,
            retries=progress.retries,
            stages=stages,
            worker_utilisation=min(1.0, (stages["read"] + stages["flatten"]) / workers_time) if workers_time else 0.0,
            io_wait=min(1.0, stages["read"] / workers_time) if workers_time else 0.0,
            deepest_queue=progress.deepest_queue,
            database_bytes_before=self._bytes_before,
            database_bytes_after=_database_bytes(self._db),
            facts=exported,
        )

    def _notes(self, exported: FactSet | None) -> list[str]:
        notes = []
        if self._progress.bytes_read and not is_compiled():
            notes.append("reading took longer without the compiled scanner: install loader again where there is a C compiler")
        if exported is not None:
            notes += exported.notes
        elif self._keeper is not None:
            notes.append("all facts: no file could be read, so nothing was exported")
        return notes


def _plain(result: RunResult) -> dict[str, Any]:
    return asdict(result)


def _database_bytes(db: Path) -> int:
    return sum(path.stat().st_size for path in (db, db.with_name(f"{db.name}-wal")) if path.exists())
