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
import threading
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
    reopen_run,
    run_tasks,
)
from loader.errors import DatabaseBusyError, DatabaseError, InterruptedRunError, LoaderError, UsageError
from loader.export import FactSet
from loader.pipeline.interrupts import StopRequests, counted_signals
from loader.pipeline.keeper import FactKeeper, staged
from loader.pipeline.live import write_state
from loader.pipeline.lock import run_lock
from loader.pipeline.plan import ExtractRequest, Plan, prepare
from loader.pipeline.progress import Listener, Progress
from loader.pipeline.refresh import recipe, unchanged
from loader.pipeline.resident import MIB, peak_bytes, resident_bytes
from loader.pipeline.result import FailedCompany, RunResult
from loader.pipeline.tasks import Task
from loader.pipeline.watch import Observer, Watch
from loader.standardize import RULES_VERSION

if TYPE_CHECKING:
    from loader.export import Staging
    from loader.pipeline.loading import Loading

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
        watch.stops.interrupts.listen()
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
            watch.stops.interrupts.listen()
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
) -> Iterator[Watch]:
    with counted_signals() as interrupts, run_lock(db):
        yield Watch(db, StopRequests(interrupts, stop or threading.Event()), Progress(listener), observer)


class _Session:
    """One run, or one resumption of it, from its first task to its last."""

    def __init__(
        self,
        run_id: int,
        plan: Plan,
        request: ExtractRequest,
        config: ExtractionConfig,
        watch: Watch,
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
        self._loading: Loading | None = None
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

    def _load(self, tasks: Sequence[Task]) -> None:
        # Arrow and the scanner are imported now, when there is something to load.
        from loader.pipeline.loading import Loading  # noqa: PLC0415

        self._loading = loading = Loading(self._run_id, self._rules, self._config, self._watch, keeper=self._keeper)
        loading.run(tasks)

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
        if self._loading is None or self._loading.detached:
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
        workers = self._config.max_workers if self._loading is None else self._loading.workers
        workers_time = seconds * workers
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
            start_memory_mb=(self._resident_before if self._loading is None else self._loading.resident_before) / MIB,
            # A process that was larger before this run, as a notebook can be, has only samples to go by.
            peak_memory_mb=(peak if peak > self._peak_before else progress.peak_resident) / MIB,
            workers=workers,
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
        notes = [] if self._loading is None else self._loading.notes
        if exported is not None:
            notes += exported.notes
        elif self._keeper is not None:
            notes.append("all facts: no file could be read, so nothing was exported")
        return notes


def _plain(result: RunResult) -> dict[str, Any]:
    return asdict(result)


def _database_bytes(db: Path) -> int:
    return sum(path.stat().st_size for path in (db, db.with_name(f"{db.name}-wal")) if path.exists())
