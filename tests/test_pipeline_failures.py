"""What goes wrong costs the file it goes wrong with, is told in one line, and never hangs the run."""

from __future__ import annotations

import shutil
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from loader.companyfacts import Flattened, KnownConcepts, flatten
from loader.config import ExtractionConfig
from loader.database import last_run, run_tasks
from loader.database.content import content_hash
from loader.errors import DatabaseBusyError, DatabaseError, TransientReadError
from loader.pipeline import Listener, Observer, RunResult, Snapshot, readers, resume
from loader.pipeline.memory import MemoryPlan
from loader.sources import read
from loader.standardize import Draft, Rules, Statements, Workings, standardize, statements_of, workings
from tests.conftest import Demo
from tests.loading import Loading, locked


@pytest.fixture
def own(small: Demo, tmp_path: Path) -> Loading:
    """A copy of the small corpus that a test may change, and a database of its own."""
    return Loading(Path(shutil.copytree(small.directory, tmp_path / "corpus")), tmp_path / "x.db")


@pytest.fixture(scope="module")
def expected(small: Demo, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The content that a load without any trouble gives."""
    loading = Loading(small.directory, tmp_path_factory.mktemp("expected") / "x.db")
    load(loading)
    return content_hash(loading.db)


def load(
    loading: Loading,
    config: ExtractionConfig | None = None,
    *,
    observer: Observer | None = None,
    listener: Listener | None = None,
) -> RunResult:
    """Load four companies, Apple among them."""
    return loading.load(config, symbols=("AAPL", "MSFT", "GOOGL", "NVDA"), observer=observer, listener=listener)


def assert_only_apple_failed(result: RunResult, *words: str) -> None:
    """The other three companies are loaded, and the reason is one line with these words."""
    assert (result.status, result.completed) == ("completed_with_failures", 3)
    ((symbols, reason),) = [(failed.symbols, failed.reason) for failed in result.failed]
    assert symbols == ("AAPL",)
    assert "\n" not in reason
    for word in words:
        assert word in reason


def apple(loading: Loading) -> Path:
    """Apple's file, by its name, before there are mappings."""
    return loading.corpus / "companyfacts" / "CIK0009000001.json"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ("CIK0009000001.json", "not a companyfacts document")),
        (b'{"cik": 9000001, "entityName": "x", "facts": {', ("CIK0009000001.json", "not a companyfacts document")),
        (b'{"cik": 1, "entityName": "x", "facts": {}}', ("CIK0009000001.json",)),
    ],
    ids=["empty", "truncated", "another company"],
)
def test_a_bad_file_costs_that_file_only(own: Loading, content: bytes, words: tuple[str, ...]) -> None:
    """Every other company is loaded; the run says so at its end and in the database."""
    apple(own).write_bytes(content)
    assert_only_apple_failed(load(own), *words)
    run = last_run(own.db)
    assert run is not None
    assert (run.status, run.completed, run.failed) == ("completed_with_failures", 3, 1)


def test_what_was_loaded_of_a_company_stays_when_its_file_goes_bad(own: Loading) -> None:
    """Its rows stay as they were and are marked stale; a good file and `resume` mend it."""
    load(own)
    good, before = apple(own).read_bytes(), content_hash(own.db)
    rows = own.query("SELECT i.* FROM income_statements i JOIN stocks s ON s.id = stock_id WHERE symbol = 'AAPL' ORDER BY i.id")
    apple(own).write_bytes(good[:1000])
    assert_only_apple_failed(load(own), "CIK0009000001.json")
    assert rows == own.query(
        "SELECT i.* FROM income_statements i JOIN stocks s ON s.id = stock_id WHERE symbol = 'AAPL' ORDER BY i.id"
    )
    assert own.query("SELECT cik FROM loader_companies WHERE stale = 1") == [("9000001",)]
    apple(own).write_bytes(good)
    resumed = resume(own.db)
    assert (resumed.kept, resumed.unchanged, resumed.completed) == (0, 3, 4)
    assert content_hash(own.db) == before


def test_a_file_that_vanishes_in_mid_run_is_that_companys_failure(own: Loading) -> None:
    """It was there when the run was planned."""

    def vanish(event: str) -> None:
        if event == "run_created":
            apple(own).unlink()

    assert_only_apple_failed(load(own, listener=vanish), "CIK0009000001.json", "not there")


def test_an_error_that_can_pass_is_tried_again(own: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice an I/O error, then the bytes: the company is loaded, and the report counts the retries."""
    failures = iter([TransientReadError("the disk hiccups"), TransientReadError("again")])

    def flaky(path: str, *, deadline: float, room: memoryview) -> bytes | memoryview:
        error = next(failures, None) if path == str(apple(own)) else None
        if error is not None:
            raise error
        return read(path, deadline=deadline, room=room)

    monkeypatch.setattr(readers, "read", flaky)
    result = load(own)
    assert (result.status, result.retries) == ("completed", 2)
    assert {task.cik: task.attempts for task in run_tasks(own.db, 1)}["9000001"] == 3


def test_an_error_that_does_not_pass_is_given_up(own: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """After three attempts; an error that cannot pass is not tried again at all."""

    def broken(path: str, *, deadline: float, room: memoryview) -> bytes | memoryview:
        if path == str(apple(own)):
            raise TransientReadError(f"{path} cannot be read: Input/output error")
        return read(path, deadline=deadline, room=room)

    monkeypatch.setattr(readers, "read", broken)
    assert_only_apple_failed(load(own), "CIK0009000001.json", "Input/output error")
    assert {task.cik: task.attempts for task in run_tasks(own.db, 1)} == {
        task.cik: 3 if task.cik == "9000001" else 1 for task in run_tasks(own.db, 1)
    }


@pytest.mark.parametrize("times", [1, 3])
def test_a_read_that_never_comes_back_is_left_behind(
    own: Loading, expected: str, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """Another thread takes its place. One hanging read is tried again, three fail the company; a late result is dropped.

    Until it is late, it may still write to where it reads to: nobody else may have that.
    """
    monkeypatch.setattr(readers, "STUCK_AFTER", 0.05)
    come_back = threading.Event()
    hung: list[memoryview] = []
    lent_twice: list[str] = []

    def stuck(path: str, *, deadline: float, room: memoryview) -> bytes | memoryview:
        if not come_back.is_set() and any(room is one for one in hung):
            lent_twice.append(path)
        if path == str(apple(own)) and len(hung) < times:
            hung.append(room)
            come_back.wait(30)
        return read(path, deadline=deadline + 60, room=room)

    monkeypatch.setattr(readers, "read", stuck)
    # With one place among the readers and one read at a time, a stuck thread that kept either would stop everything.
    result = load(
        own,
        ExtractionConfig(max_workers=1, max_file_readers=1, file_read_timeout=0.2),
        listener=lambda event: come_back.set() if event == "before_commit" else None,
    )
    assert len(hung) == times
    assert lent_twice == []
    assert result.retries == min(times, 2)
    if times == 3:
        assert_only_apple_failed(result, "CIK0009000001.json", "within 0.2 s, 3 times")
    else:
        assert result.status == "completed"
        assert content_hash(own.db) == expected
    assert own.count("SELECT sum(batches) FROM extraction_runs") == 1


class AtOnce:
    """How many threads are between a beginning and an end, now and at most."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self._lock = threading.Lock()

    def begin(self) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def end(self) -> None:
        with self._lock:
            self.now -= 1


def test_at_most_max_file_readers_read_at_once(own: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many workers there are, and however slow storage is."""
    monkeypatch.setattr(readers, "_SLOW", 0.0)
    reading = AtOnce()

    def counted(path: str, *, deadline: float, room: memoryview) -> bytes | memoryview:
        reading.begin()
        time.sleep(0.01)
        try:
            return read(path, deadline=deadline, room=room)
        finally:
            reading.end()

    monkeypatch.setattr(readers, "read", counted)
    load(own, ExtractionConfig(max_workers=8, max_file_readers=2))
    assert reading.most == 2


@pytest.mark.parametrize("is_fast", [True, False])
def test_readers_take_turns_where_storage_is_fast(own: Loading, monkeypatch: pytest.MonkeyPatch, is_fast: bool) -> None:
    """Then one of them has a document at a time, and all in the same room; where it is slow, they read at the same time."""
    monkeypatch.setattr(readers, "_SLOW", 10.0 if is_fast else 0.001)
    monkeypatch.setattr(readers, "_PATIENCE", 10.0)
    in_memory = AtOnce()
    rooms: dict[int, memoryview] = {}

    def begun(path: str, *, deadline: float, room: memoryview) -> bytes | memoryview:
        in_memory.begin()
        rooms[id(room)] = room
        time.sleep(0.02)
        return read(path, deadline=deadline, room=room)

    def ended(data: bytes | memoryview, cik: int, known: KnownConcepts | None) -> Flattened:
        try:
            return flatten(data, cik, known)
        finally:
            in_memory.end()

    monkeypatch.setattr(readers, "read", begun)
    monkeypatch.setattr(readers, "flatten", ended)
    assert own.load(ExtractionConfig(max_workers=2)).status == "completed"
    assert in_memory.now == 0
    assert (in_memory.most == 1) == is_fast
    assert len(rooms) == in_memory.most


def test_a_reader_that_is_stuck_does_not_hold_up_the_others(own: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the turn, and is still reading when all other files have been read."""
    monkeypatch.setattr(readers, "_SLOW", 10.0)
    monkeypatch.setattr(readers, "_PATIENCE", 0.01)
    others = set((own.corpus / "companyfacts").iterdir()) - {apple(own)}
    all_read = threading.Event()
    came_back: list[bool] = []

    def slow(path: str, *, deadline: float, room: memoryview) -> bytes | memoryview:
        if path == str(apple(own)):
            came_back.append(all_read.wait(20))
        others.discard(Path(path))
        if not others:
            all_read.set()
        return read(path, deadline=deadline, room=room)

    monkeypatch.setattr(readers, "read", slow)
    assert own.load(ExtractionConfig(max_workers=3)).status == "completed"
    assert came_back == [True]


def test_a_file_too_large_for_the_memory_limit_fails_alone(own: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to change; the files that fit are loaded."""
    largest = max(file.stat().st_size for file in (own.corpus / "companyfacts").iterdir())
    monkeypatch.setattr("loader.pipeline.memory._READING_LEAST", 0)
    monkeypatch.setattr("loader.pipeline.memory._LEAST_READING", 6 * largest)
    monkeypatch.setattr("loader.pipeline.memory._LEAST_ROOM", 2)
    apple(own).write_bytes(apple(own).read_bytes() + b" " * (2 * largest))
    result = load(own, ExtractionConfig(max_memory_mb=256))
    assert_only_apple_failed(result, "CIK0009000001.json", "memory limit", "--max-memory-mb")


def test_values_that_cannot_be_added_up_fail_their_company_only(own: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite would keep NULL for what is no number, and an infinite one for a sum that overflows."""

    def overflowing(draft: Draft) -> Statements:
        made = statements_of(draft)
        is_broken = (pl.col("cik") == 9000001) & (pl.col("line") == "revenue")
        broken = pl.when(is_broken).then(pl.lit(float("inf"))).otherwise("value")
        object.__setattr__(made, "cells", made.cells.with_columns(value=broken))
        return made

    monkeypatch.setattr("loader.pipeline.assembler.statements_of", overflowing)
    assert_only_apple_failed(load(own), "CIK0009000001.json", "too large")
    assert own.count("SELECT count(*) FROM statement_items i JOIN stocks s ON s.id = i.stock_id WHERE s.symbol = 'AAPL'") == 0


@pytest.mark.parametrize("early", [True, False], ids=["in the first steps", "in the last step"])
def test_facts_that_the_rules_cannot_take_fail_their_company_only(
    own: Loading, expected: str, monkeypatch: pytest.MonkeyPatch, early: bool
) -> None:
    """The culprit is found among the companies of its batch; the others come out as they would have without it."""

    def refuse(facts: pl.DataFrame) -> None:
        if facts.get_column("cik").is_in([9000001]).any():
            raise pl.exceptions.ComputeError("cannot be joined")

    def picky_workings(facts: pl.DataFrame, rules: Rules) -> Workings:
        refuse(facts)
        return workings(facts, rules)

    def picky_last_step(draft: Draft) -> Statements:
        refuse(draft.companies)
        return statements_of(draft)

    def picky(facts: pl.DataFrame, rules: Rules) -> Statements:
        refuse(facts)
        return standardize(facts, rules)

    step, refusing = ("workings", picky_workings) if early else ("statements_of", picky_last_step)
    monkeypatch.setattr(f"loader.pipeline.assembler.{step}", refusing)
    monkeypatch.setattr("loader.pipeline.assembler.standardize", picky)
    assert_only_apple_failed(load(own), "CIK0009000001.json", "cannot be joined")
    monkeypatch.undo()
    resume(own.db)
    assert content_hash(own.db) == expected


@pytest.mark.parametrize(
    "place",
    ["loader.pipeline.readers.flatten", "loader.pipeline.assembler.workings", "loader.pipeline.assembler.statements_of"],
)
def test_a_bug_in_a_thread_ends_the_run_with_its_traceback(
    own: Loading, expected: str, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Nothing hangs and nothing is hidden: the exception comes out where the run was called, and the run is marked as failed."""

    def bug(*_: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(place, bug)
    with pytest.raises(RuntimeError, match="a bug of ours"):
        load(own)
    run = last_run(own.db)
    assert run is not None
    assert (run.status, run.error) == ("failed", "RuntimeError('a bug of ours')")
    monkeypatch.undo()
    assert resume(own.db).status == "completed"
    assert content_hash(own.db) == expected


def test_a_bug_in_the_last_step_ends_a_run_whose_readers_wait_for_its_memory(
    own: Loading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other batch can come that would notice it: there is room for the facts of one company."""

    def bug(draft: Draft) -> Statements:
        raise RuntimeError(f"a bug of ours, with {draft.companies.height} company")

    monkeypatch.setattr("loader.pipeline.assembler.ENOUGH_FACTS", 1)
    monkeypatch.setattr("loader.pipeline.assembler.statements_of", bug)
    monkeypatch.setattr("loader.pipeline.readers.facts_weight", lambda _: 1)
    monkeypatch.setattr("loader.pipeline.readers.facts_estimate", lambda _: 1)
    small = SimpleNamespace(of=lambda *given: replace(MemoryPlan.of(*given), facts=1))
    monkeypatch.setattr("loader.pipeline.loading.MemoryPlan", small)
    stop = threading.Event()
    hanging = threading.Timer(30, stop.set)
    hanging.start()
    with pytest.raises(RuntimeError, match="with 1 company"):
        own.load(ExtractionConfig(batch_size=1), stop=stop)
    hanging.cancel()
    assert not stop.is_set(), "it ended only when it was stopped"


def test_an_observer_that_fails_leaves_no_thread_and_no_transaction_behind(own: Loading) -> None:
    """A display that breaks, as a closed pipe does, ends the run like a bug."""

    def broken(snapshot: Snapshot) -> None:
        if snapshot.completed:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        load(own, ExtractionConfig(batch_size=1), observer=broken)
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith(("reader", "writer", "assembler"))]
    assert own.query("PRAGMA integrity_check") == [("ok",)]
    assert resume(own.db).status == "completed"


def test_a_database_error_fails_the_run_and_resume_goes_on(own: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that took too long: the run is marked as failed with the reason, what was committed stays."""
    monkeypatch.setattr("loader.pipeline.loading.STOP_GRACE", 30.0)
    seen: list[str] = []

    def slow(event: str) -> None:
        seen.append(event)
        if event == "deleted" and seen.count("deleted") == 2:
            time.sleep(1.2)

    with pytest.raises(DatabaseError, match="--transaction-timeout"):
        load(own, ExtractionConfig(batch_size=1, transaction_timeout=1.0), listener=slow)
    run = last_run(own.db)
    assert run is not None
    assert run.status == "failed"
    assert "--transaction-timeout" in (run.error or "")
    assert run.completed == 1
    monkeypatch.undo()
    assert resume(own.db).kept == 1


def test_another_writer_for_shorter_than_the_timeout_is_waited_for(own: Loading, expected: str) -> None:
    """The application writes its prices while the loader is at work."""
    with ExitStack() as stack:
        holder: list[str] = []

        def meanwhile(event: str) -> None:
            if event == "batch_assembled" and not holder:
                holder.append(event)
                stack.enter_context(locked(own.db, 0.7))

        assert load(own, ExtractionConfig(batch_size=2), listener=meanwhile).status == "completed"
    assert content_hash(own.db) == expected


def test_another_writer_for_longer_than_the_timeout_ends_the_run_and_resume_goes_on(own: Loading, expected: str) -> None:
    """One clear line; what was committed stays, and the run counts as interrupted once the lock is free."""
    with ExitStack() as stack:

        def meanwhile(event: str) -> None:
            if event == "committed":
                stack.enter_context(locked(own.db))

        with pytest.raises(DatabaseBusyError, match=r"locked by another program for 2\.5 s.*`loader resume`"):
            load(own, ExtractionConfig(batch_size=2, transaction_timeout=2.5), listener=meanwhile)
    result = resume(own.db)
    assert (result.status, result.kept) == ("completed", 2)
    assert content_hash(own.db) == expected
