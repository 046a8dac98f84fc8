"""The run: every company ends as completed or failed, and the content does not depend on how the machine was used."""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import sys
import threading
import time
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from loader.config import ExtractionConfig
from loader.database import last_run, run_tasks
from loader.database.content import content_hash
from loader.errors import InputError, InterruptedRunError, RunLockedError, UsageError
from loader.pipeline import ExtractRequest, Snapshot, extract, plan, resume
from loader.pipeline.tasks import group_tasks
from loader.standardize import Draft, Rules, Statements, Workings, statements_of, workings
from tests.conftest import Demo
from tests.loading import Loading


@pytest.fixture
def loading(small: Demo, tmp_path: Path) -> Loading:
    """The small corpus, not to be changed, and a database of its own."""
    return Loading(small.directory, tmp_path / "x.db")


@pytest.fixture
def own(small: Demo, tmp_path: Path) -> Loading:
    """A copy of the small corpus that a test may change, and a database of its own."""
    return Loading(Path(shutil.copytree(small.directory, tmp_path / "corpus")), tmp_path / "x.db")


@pytest.mark.parametrize(
    "config",
    [
        ExtractionConfig(max_workers=1, batch_size=1),
        ExtractionConfig(max_workers=4, batch_size=4, max_file_readers=1),
        ExtractionConfig(max_workers=10, checkpoint_interval=2, threads=1),
        ExtractionConfig(max_workers=10, max_memory_mb=256),
    ],
    ids=["one worker", "four workers", "ten workers", "little memory"],
)
def test_the_content_does_not_depend_on_workers_batches_or_memory(
    loading: Loading, small: Demo, config: ExtractionConfig
) -> None:
    """Identical, hash for hash, to what another process loaded with the defaults."""
    result = loading.load(config)
    assert (result.status, result.completed, result.failed) == ("completed", 6, ())
    assert content_hash(loading.db) == content_hash(small.db)


def test_the_content_does_not_depend_on_the_compiled_scanner(
    loading: Loading, small: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it the run says why it took longer, as long as there was something to read."""
    monkeypatch.setattr("loader.companyfacts._scan.library", None)
    told = [note for note in loading.load(ExtractionConfig()).notes if "C compiler" in note]
    assert len(told) == 1
    assert content_hash(loading.db) == content_hash(small.db)
    assert not [note for note in loading.load(ExtractionConfig()).notes if "C compiler" in note]


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_as_many_batches_are_standardised_at_once_as_there_are_threads(
    loading: Loading, small: Demo, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    """Each waits for the others to be there; in the order in which they are made they are written."""
    going: set[int] = set()
    most: list[int] = []
    together = threading.Barrier(threads)

    def waiting(facts: pl.DataFrame, rules: Rules) -> Workings:
        going.add(threading.get_ident())
        most.append(len(going))
        together.wait(timeout=60)
        work = workings(facts, rules)
        going.remove(threading.get_ident())
        return work

    monkeypatch.setattr("loader.pipeline.assembler.ENOUGH_FACTS", 1)
    monkeypatch.setattr("loader.pipeline.assembler.workings", waiting)
    assert loading.load(ExtractionConfig(threads=threads, batch_size=1)).batches == 6
    assert max(most) == threads
    assert content_hash(loading.db) == content_hash(small.db)


def test_the_last_step_of_a_batch_is_done_while_the_next_one_is_made(
    loading: Loading, small: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one's waits for the second to have begun, the second one's for the third."""
    begun = threading.Semaphore(0)
    waited: list[bool] = []

    def beginning(facts: pl.DataFrame, rules: Rules) -> Workings:
        begun.release()
        return workings(facts, rules)

    def last(draft: Draft) -> Statements:
        if len(waited) < 2:
            waited.append(all(begun.acquire(timeout=10) for _ in range(2 - len(waited))))
        return statements_of(draft)

    monkeypatch.setattr("loader.pipeline.assembler.ENOUGH_FACTS", 1)
    monkeypatch.setattr("loader.pipeline.assembler.workings", beginning)
    monkeypatch.setattr("loader.pipeline.assembler.statements_of", last)
    assert loading.load(ExtractionConfig(threads=1, batch_size=2)).batches == 3
    assert waited == [True, True]
    assert content_hash(loading.db) == content_hash(small.db)


def test_batches_are_made_one_after_the_other_where_memory_is_tight(loading: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the end of the last step."""
    steps: list[str] = []

    def first(facts: pl.DataFrame, rules: Rules) -> Workings:
        steps.append("first")
        return workings(facts, rules)

    def last(draft: Draft) -> Statements:
        time.sleep(0.2)  # time enough for the next one to begin, if it could
        steps.append("last")
        return statements_of(draft)

    monkeypatch.setattr("loader.pipeline.assembler.ENOUGH_FACTS", 1)
    monkeypatch.setattr("loader.pipeline.assembler.workings", first)
    monkeypatch.setattr("loader.pipeline.assembler.statements_of", last)
    assert loading.load(ExtractionConfig(batch_size=2, max_memory_mb=256)).batches == 3
    assert steps == ["first", "last"] * 3


def test_the_content_does_not_depend_on_the_order_of_files(
    loading: Loading, small: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read from the last to the first."""
    planning = importlib.import_module("loader.pipeline.plan")
    monkeypatch.setattr(planning, "group_tasks", lambda *given: group_tasks(*given)[::-1])
    assert loading.load(ExtractionConfig(max_workers=1, batch_size=3)).completed == 6
    first = loading.query("SELECT symbols FROM extraction_tasks ORDER BY id LIMIT 1")
    assert first != [("AAPL",)]
    assert content_hash(loading.db) == content_hash(small.db)


@pytest.mark.parametrize(
    ("bounds", "together"),
    [((1, 10), [2, 2, 2]), ((10**9, 10), [6]), ((10**9, 2), [4, 2])],
    ids=["large companies", "small companies", "many small companies"],
)
def test_batches_of_small_companies_are_standardised_together(
    loading: Loading, small: Demo, monkeypatch: pytest.MonkeyPatch, bounds: tuple[int, int], together: list[int]
) -> None:
    """And each of them is a transaction of its own."""
    sizes: list[int] = []

    def counting(facts: pl.DataFrame, rules: Rules) -> Workings:
        sizes.append(facts.get_column("cik").n_unique())
        return workings(facts, rules)

    enough_facts, most_batches = bounds
    monkeypatch.setattr("loader.pipeline.assembler.ENOUGH_FACTS", enough_facts)
    monkeypatch.setattr("loader.pipeline.assembler._MOST_BATCHES", most_batches)
    monkeypatch.setattr("loader.pipeline.assembler.workings", counting)
    assert loading.load(ExtractionConfig(batch_size=2, threads=1)).batches == 3
    assert sizes == together
    assert content_hash(loading.db) == content_hash(small.db)


def test_a_transaction_holds_at_most_batch_size_and_checkpoint_interval_companies(loading: Loading) -> None:
    """Both options have their effect."""
    assert loading.load(ExtractionConfig(batch_size=4)).batches == 2
    assert loading.load(ExtractionConfig(batch_size=50, checkpoint_interval=2), rewrite=True).batches == 3


def test_loading_again_changes_nothing(loading: Loading, small: Demo) -> None:
    """The same input gives the same content, and no row twice."""
    first = loading.load()
    rows = {table: loading.count(f"SELECT count(*) FROM {table}") for table in first.rows}
    second = loading.load(ExtractionConfig(batch_size=5), rewrite=True)
    assert rows == dict(first.rows) == dict(second.rows)
    assert content_hash(loading.db) == content_hash(small.db)
    assert loading.query("PRAGMA integrity_check") == [("ok",)]


def test_every_fact_read_is_used_or_set_aside_for_a_reason(loading: Loading) -> None:
    """In the result, and for each company in its task."""
    result = loading.load()
    assert result.facts_used > 0
    assert result.facts_read == result.facts_used + sum(result.set_aside.values())
    for task in run_tasks(loading.db, result.run_id):
        assert task.facts_read == (task.facts_used or 0) + sum(task.set_aside.values())


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has a priority of its own on Linux alone")
def test_the_writer_alone_gives_way_to_other_threads(loading: Loading) -> None:
    """The standardiser is what all wait for; the calling thread is as it was afterwards."""
    seen = {}

    def listener(event: str) -> None:
        seen[event] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert loading.load(listener=listener).completed == 6
    assert seen["committed"] == min(before + 5, 19)
    assert {seen["file_read"], seen["batch_assembled"], seen["finished"]} == {before}


def test_the_result_is_measured_and_kept(loading: Loading) -> None:
    """What report shows is of this run, and is in the database afterwards."""
    result = loading.load(ExtractionConfig(max_workers=3, batch_size=2))
    assert result.bytes_read == sum(file.stat().st_size for file in (loading.corpus / "companyfacts").iterdir())
    assert result.database_bytes_after > result.database_bytes_before
    assert result.peak_memory_mb >= result.start_memory_mb > 0
    assert set(result.stages) == {"read", "flatten", "standardize", "write"}
    assert all(seconds > 0 for seconds in result.stages.values())
    assert 0 < result.worker_utilisation <= 1
    assert (result.workers, result.batches, result.retries) == (3, 3, 0)
    run = last_run(loading.db)
    assert run is not None
    assert run.status == "completed"
    assert run.report is not None
    assert run.report["facts_read"] == result.facts_read
    # The log is folded into the file, so that the file alone is the database.
    log = loading.db.with_name("x.db-wal")
    assert not log.exists() or log.stat().st_size == 0


def test_the_observer_sees_the_run_move_and_end(loading: Loading) -> None:
    """Snapshots come in the calling thread, from the first task to the last commit."""
    seen: list[tuple[str, Snapshot]] = []
    loading.load(
        ExtractionConfig(max_workers=2, batch_size=3),
        observer=lambda snapshot: seen.append((threading.current_thread().name, snapshot)),
    )
    assert {name for name, _ in seen} == {threading.current_thread().name}
    last = seen[-1][1]
    assert (last.phase, last.total, last.completed, last.failed, last.active_workers) == ("done", 6, 6, 0, 0)
    assert sum(worker.processed for worker in last.workers) == 6
    assert "loading" in {snapshot.phase for _, snapshot in seen}
    assert [s.completed for _, s in seen] == sorted(s.completed for _, s in seen)


def test_chosen_symbols_load_their_companies_with_all_their_symbols(loading: Loading) -> None:
    """GOOG is chosen by any spelling and case of it, and GOOGL has the same file."""
    result = loading.load(symbols=("goog", "AAPL"))
    assert result.companies == 2
    symbols = loading.query("SELECT DISTINCT s.symbol FROM income_statements i JOIN stocks s ON s.id = i.stock_id ORDER BY 1")
    assert symbols == [("AAPL",), ("GOOG",), ("GOOGL",)]


def test_an_unknown_symbol_is_a_usage_error(loading: Loading) -> None:
    """It is named, and nothing is loaded."""
    with pytest.raises(UsageError, match="NOSUCH"):
        loading.load(symbols=("AAPL", "NOSUCH"))
    assert loading.count("SELECT count(*) FROM extraction_runs") == 0


def test_a_dry_run_lists_the_tasks_and_changes_nothing(loading: Loading, small: Demo) -> None:
    """Not a byte of the database, and none is made where there is none."""
    nowhere = ExtractRequest(
        db=loading.db,
        source=str(small.directory / "companyfacts"),
        tickers=small.directory / "company_tickers_exchange.json",
    )
    planned = plan(nowhere)
    assert len(planned.tasks) == 6
    assert planned.bytes == sum(file.stat().st_size for file in (small.directory / "companyfacts").iterdir())
    assert not loading.db.exists()
    request = loading.request()
    before = hashlib.sha256(loading.db.read_bytes()).hexdigest()
    assert [task.symbols for task in plan(request).tasks] == [task.symbols for task in planned.tasks]
    assert plan(request).unmapped == ()
    assert hashlib.sha256(loading.db.read_bytes()).hexdigest() == before


def test_another_vintage_or_date_is_refused_and_the_one_that_is_there_is_named(loading: Loading) -> None:
    """A database holds one of them, and does not mix."""
    rules = Rules(as_of=date(2020, 6, 30))
    loading.load(rules=rules)
    before = content_hash(loading.db)
    with pytest.raises(
        UsageError, match="latest values as of 2020-06-30; this run would load synthetic companies, latest values"
    ):
        loading.load()
    with pytest.raises(UsageError, match="original values"):
        loading.load(rules=Rules(vintage="original"))
    assert content_hash(loading.db) == before
    assert loading.load(rules=rules).status == "completed"


def test_real_and_synthetic_companies_are_not_mixed(loading: Loading) -> None:
    """What is invented never gets into a real database."""
    request = loading.request(symbols=("AAPL",))
    extract(request)
    real = ExtractRequest(db=loading.db, source=request.source, tickers=request.tickers)
    with pytest.raises(UsageError, match="holds synthetic companies"):
        extract(real)


def test_a_second_run_meets_the_lock_and_the_first_one_does_not_notice(loading: Loading) -> None:
    """Whatever the first is doing."""
    met: list[bool] = []

    def second(event: str) -> None:
        if event == "transaction_begun":
            with pytest.raises(RunLockedError, match="another loader"):
                extract(loading_request)
            met.append(True)

    loading_request = loading.request()
    assert loading.load(listener=second).completed == 6
    assert met == [True]


def test_a_stop_request_ends_the_run_between_batches_and_resume_continues_with_its_settings(
    loading: Loading, small: Demo
) -> None:
    """As a signal does, for callers that are not the main thread."""
    stop = threading.Event()
    config = ExtractionConfig(max_workers=2, batch_size=2)
    with pytest.raises(InterruptedRunError, match=r"stopped: \d of 6 companies are done; `loader resume`"):
        loading.load(config, stop=stop, listener=lambda event: stop.set() if event == "committed" else None)
    run = last_run(loading.db)
    assert run is not None
    # A batch that had been begun when the request was seen is finished.
    assert (run.status, run.completed % 2) == ("interrupted", 0)
    assert 2 <= run.completed < 6
    result = resume(loading.db)
    assert (result.run_id, result.kept, result.completed, result.workers) == (run.id, run.completed, 6, 2)
    assert result.batches == (6 - run.completed) // 2
    assert result.facts_read == result.facts_used + sum(result.set_aside.values())
    assert content_hash(loading.db) == content_hash(small.db)
    with pytest.raises(UsageError, match="run 1 is complete"):
        resume(loading.db)


def test_resume_redoes_what_changed_since(own: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was written again, and everything when the rules are others."""
    stop = threading.Event()

    def interrupt() -> int:
        stop.clear()
        with pytest.raises(InterruptedRunError):
            own.load(
                ExtractionConfig(max_workers=1, batch_size=2),
                rewrite=True,
                stop=stop,
                listener=lambda event: stop.set() if event == "committed" else None,
            )
        return own.count("SELECT completed FROM extraction_runs ORDER BY id DESC LIMIT 1")

    done = interrupt()
    apple = own.file("AAPL")
    apple.write_bytes(apple.read_bytes() + b"\n")
    assert resume(own.db).kept == done - 1
    assert interrupt() > 0
    monkeypatch.setattr("loader.pipeline.run.RULES_VERSION", 99)
    monkeypatch.setattr("loader.database.writer.RULES_VERSION", 99)
    assert resume(own.db).kept == 0
    assert own.query("SELECT DISTINCT rules_version FROM loader_companies") == [(99,)]


def test_there_is_nothing_to_resume_before_the_first_run(loading: Loading) -> None:
    """It says what to do instead."""
    loading.request()
    with pytest.raises(UsageError, match="no run was begun; use `loader extract`"):
        resume(loading.db)


def test_no_source_and_no_mappings_is_no_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to put where."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"data/companyfacts/.*--source"):
        extract(ExtractRequest(db=tmp_path / "x.db"))


def test_the_next_batch_is_read_while_one_is_made(loading: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers do not stand still while a batch is standardised: the whole next one comes together meanwhile."""
    monkeypatch.setattr("loader.pipeline.assembler.ENOUGH_FACTS", 1)
    read = threading.Semaphore(0)
    reached: list[bool] = []

    def listener(event: str) -> None:
        if event == "file_read":
            read.release()
        elif event == "batch_assembled" and not reached:
            # Two of the batch in hand, two of the next one, and one that its reader cannot hand over yet.
            reached.append(all(read.acquire(timeout=10) for _ in range(5)))

    assert loading.load(ExtractionConfig(max_workers=1, batch_size=2), listener=listener).completed == 6
    assert reached == [True]
