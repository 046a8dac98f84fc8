"""A refresh reads and writes what has changed, leaves the rest alone, and ends with what a load of everything ends with."""

from __future__ import annotations

import importlib
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from loader._program import digest_of
from loader.cli.display import render_snapshot
from loader.cli.progress import progress_line
from loader.config import ExtractionConfig
from loader.database import EarlierLoad, Held, content_there, last_run, run_tasks
from loader.database.connection import writing
from loader.database.content import content_hash
from loader.errors import InterruptedRunError
from loader.pipeline import ExtractRequest, RunResult, Snapshot, Task, TaskFile, extract, plan, readers, resume
from loader.pipeline.refresh import SETTLED_AFTER, recipe, unchanged
from loader.reference import STATEMENT_TABLES
from loader.report import complete, run_checks
from loader.sources import read
from loader.standardize import Rules
from tests.archives import zip_folder
from tests.cli import environment
from tests.conftest import Call, Demo
from tests.documents import document, encode
from tests.loading import Loading, settled

APPLE = "CIK0009000001.json"


@pytest.fixture(scope="module")
def loaded(small: Demo, tmp_path_factory: pytest.TempPathFactory) -> Loading:
    """A copy of the small corpus, loaded; tests take copies of both."""
    folder = tmp_path_factory.mktemp("loaded")
    made = Loading(Path(shutil.copytree(small.directory, folder / "corpus")), folder / "x.db")
    made.load()
    return made


@pytest.fixture
def own(loaded: Loading, tmp_path: Path) -> Loading:
    """A loaded database that a test may change; its corpus it may not."""
    return Loading(loaded.corpus, Path(shutil.copy(loaded.db, tmp_path / "x.db")))


@pytest.fixture
def with_corpus(small: Demo, tmp_path: Path) -> Loading:
    """A corpus that a test may change, loaded."""
    made = Loading(Path(shutil.copytree(small.directory, tmp_path / "corpus")), tmp_path / "x.db")
    made.load()
    return made


def loaded_anew(loading: Loading) -> str:
    """The content that a load of the corpus into a new database gives."""
    fresh = Loading(loading.corpus, loading.db.with_name("fresh.db"))
    fresh.load()
    return content_hash(fresh.db)


def change(file: Path) -> None:
    """Another company name, of the same length."""
    data = file.read_bytes()
    file.write_bytes(data.replace(b"Synthetic", b"Synthetik", 1))
    settle(file)


def settle(file: Path) -> None:
    """Let the file be an hour old."""
    before = file.stat().st_mtime_ns - 3600 * 10**9
    os.utime(file, ns=(before, before))


def assert_accounted(result: RunResult) -> None:
    """Every fact of every completed company is used or set aside, whichever run has read it."""
    assert result.facts_read == result.facts_used + sum(result.set_aside.values()) > 0


def counts(result: RunResult) -> tuple[int, int, int]:
    """Companies that ended well, that were left alone, and that failed."""
    return result.completed, result.unchanged, len(result.failed)


# -- what is left alone ----------------------------------------------------------------------------------------------------------


def test_a_run_that_finds_nothing_to_do_touches_nothing_and_reports_everything(own: Loading, small: Demo) -> None:
    """No file is read and no row is written again; companies and facts are all accounted for."""
    first = last_run(own.db)
    assert first is not None
    assert first.report is not None
    ids = own.query("SELECT id, stock_id, period, end_date FROM income_statements ORDER BY id")
    result = own.load()
    assert (result.status, counts(result), result.kept) == ("completed", (6, 6, 0), 0)
    assert (result.bytes_read, result.batches, dict(result.rows)) == (0, 0, {})
    for figure in ("facts_read", "facts_used", "set_aside"):
        assert getattr(result, figure) == first.report[figure]
    assert_accounted(result)
    assert own.query("SELECT id, stock_id, period, end_date FROM income_statements ORDER BY id") == ids
    assert own.query("SELECT DISTINCT run_id FROM loader_companies") == [(1,)]
    assert {(task.state, task.unchanged_since, task.attempts) for task in run_tasks(own.db, 2)} == {("completed", 1, 0)}
    run = last_run(own.db)
    assert run is not None
    assert (run.companies, run.completed, run.unchanged, run.failed, run.batches) == (6, 6, 6, 0, 0)
    assert content_hash(own.db) == content_hash(small.db)
    # Not by way of the second run, which loaded nothing.
    assert counts(own.load()) == (6, 6, 0)
    assert {task.unchanged_since for task in run_tasks(own.db, 3)} == {1}


def test_a_run_that_finds_nothing_to_do_imports_nothing_that_only_loading_needs(own: Loading) -> None:
    """Polars, DuckDB and Arrow take longer to import than such a run has to do."""
    program = (
        "import sys, loader.cli\n"
        "try: loader.cli.main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print(sorted({'polars', 'numpy', 'pyarrow', 'duckdb', 'stamina'} & sys.modules.keys()), file=sys.stderr)"
    )
    source, tickers = own.corpus / "companyfacts", own.corpus / "company_tickers_exchange.json"
    options = ["extract", "--db", str(own.db), "--source", str(source), "--tickers", str(tickers)]
    result = subprocess.run(
        [sys.executable, "-c", program, *options], capture_output=True, text=True, check=True, env=environment()
    )
    assert "6 of them unchanged and left alone, 0 loaded" in result.stdout
    assert result.stderr.splitlines()[-1] == "[]"


def test_only_the_company_whose_file_changed_is_loaded(with_corpus: Loading) -> None:
    """Of three that are asked for; to the content that a load of everything gives."""
    file = with_corpus.corpus / "companyfacts" / APPLE
    change(file)
    result = with_corpus.load(symbols=("AAPL", "MSFT", "GOOGL"))
    assert counts(result) == (3, 2, 0)
    assert result.bytes_read == file.stat().st_size
    assert with_corpus.query("SELECT cik FROM loader_companies WHERE run_id = 2") == [("9000001",)]
    assert_accounted(result)
    assert content_hash(with_corpus.db) == loaded_anew(with_corpus)
    assert counts(with_corpus.load()) == (6, 6, 0)


def test_a_file_that_was_only_touched_is_read_again(with_corpus: Loading, small: Demo) -> None:
    """Its content is the same, but nothing says so."""
    settle(with_corpus.corpus / "companyfacts" / APPLE)
    assert counts(with_corpus.load()) == (6, 5, 0)
    assert content_hash(with_corpus.db) == content_hash(small.db)


def test_a_file_that_was_just_written_when_it_was_read_is_read_again(small: Demo, tmp_path: Path) -> None:
    """It could have been written once more, with the same size, before the clock of its file system went on."""
    loading = Loading(Path(shutil.copytree(small.directory, tmp_path / "corpus")), tmp_path / "x.db")
    # Later than any run of this test begins, however slow the machine is.
    soon = time.time_ns() + 3600 * 10**9
    os.utime(loading.corpus / "companyfacts" / APPLE, ns=(soon, soon))
    loading.load()
    assert counts(loading.load()) == (6, 5, 0)


def test_only_the_changed_members_of_an_archive_that_was_rebuilt_are_unpacked(
    small: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SEC packs all of them anew every night; the directory of the archive tells the contents apart."""
    loading = Loading(Path(shutil.copytree(small.directory, tmp_path / "corpus")), tmp_path / "x.db")
    folder, archive = loading.corpus / "companyfacts", tmp_path / "companyfacts.zip"
    request = replace(loading.request(), source=str(zip_folder(folder, archive)))
    extract(request)
    change(folder / APPLE)
    archive.unlink()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for file in sorted(folder.iterdir(), reverse=True):
            packed.write(file, file.name)
    opened: list[str] = []

    def watched(path: str, *, deadline: float, room: memoryview) -> bytes | memoryview:
        opened.append(path)
        return read(path, deadline=deadline, room=room)

    monkeypatch.setattr(readers, "read", watched)
    result = extract(request)
    assert (counts(result), opened) == ((6, 5, 0), [f"{archive}/{APPLE}"])
    assert content_hash(loading.db) == loaded_anew(loading)


def test_a_company_without_statements_is_left_alone_too(tmp_path: Path) -> None:
    """A fund has no rows, and none of them is missing."""
    folder = tmp_path / "companyfacts"
    folder.mkdir()
    (folder / "CIK0000000011.json").write_bytes(encode(document({}, cik=11, entityName="Some Fund")))
    settled(tmp_path)
    tickers = tmp_path / "tickers.json"
    tickers.write_text('{"fields": ["cik", "name", "ticker", "exchange"], "data": [[11, "Some Fund", "FUND", null]]}')
    request = ExtractRequest(tmp_path / "x.db", str(folder), tickers=tickers, all_filers=True)
    assert counts(extract(request)) == (1, 0, 0)
    assert counts(extract(request)) == (1, 1, 0)


# -- what is not -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", STATEMENT_TABLES.values())
def test_a_company_of_which_rows_were_deleted_is_loaded_again(own: Loading, small: Demo, table: str) -> None:
    """By the application, one row of one of the stocks that share the company."""
    with writing(own.db) as connection:
        connection.execute(
            f"DELETE FROM {table} WHERE id = (SELECT max(t.id) FROM {table} AS t JOIN stocks AS s ON s.id = t.stock_id "
            "WHERE s.symbol = 'GOOG')"
        )
    assert content_hash(own.db) != content_hash(small.db)
    assert counts(own.load()) == (6, 5, 0)
    assert content_hash(own.db) == content_hash(small.db)


def test_rows_that_came_from_elsewhere_are_replaced(own: Loading, small: Demo) -> None:
    """A company's statements are the loader's alone."""
    with writing(own.db) as connection:
        connection.execute(
            "INSERT INTO balance_sheets (stock_id, period, end_date) "
            "SELECT id, 'FY', '1999-12-31' FROM stocks WHERE symbol = 'AAPL'"
        )
    assert counts(own.load()) == (6, 5, 0)
    assert content_hash(own.db) == content_hash(small.db)


def test_a_new_stock_of_a_company_gets_its_statements(own: Loading) -> None:
    """The company is loaded again, for all of its stocks."""
    with writing(own.db) as connection:
        connection.execute("INSERT INTO stocks (id, symbol, company_name, is_sp500) VALUES (900, 'AAPL.B', 'Apple', 1)")
        connection.execute(
            "INSERT INTO cik_mappings_sp500 (cik, stock_id, symbol, company_name, edgar_file_path) "
            "SELECT cik, 900, 'AAPL.B', company_name, edgar_file_path FROM cik_mappings_sp500 WHERE symbol = 'AAPL'"
        )
    # As the mappings are: the ticker file does not know the new stock.
    result = extract(ExtractRequest(own.db, synthetic=True))
    assert counts(result) == (6, 5, 0)
    assert own.query(
        "SELECT s.symbol, count(*) FROM income_statements AS i JOIN stocks AS s ON s.id = i.stock_id "
        "WHERE s.symbol LIKE 'AAPL%' GROUP BY 1 ORDER BY 1"
    ) == [("AAPL", rows := own.count("SELECT max(income_rows) FROM loader_loaded WHERE stock_id = 900")), ("AAPL.B", rows)]
    assert counts(extract(ExtractRequest(own.db, synthetic=True))) == (6, 6, 0)


def test_a_stock_that_was_of_another_company_meanwhile_gets_its_own_statements_back(own: Loading, small: Demo) -> None:
    """The files of both are as they were, and the number of rows may be the same."""
    mapping = own.query("SELECT cik, edgar_file_path FROM cik_mappings_sp500 WHERE symbol = 'AAPL'")[0]
    other = own.query("SELECT cik, edgar_file_path FROM cik_mappings_sp500 WHERE symbol = 'MSFT'")[0]

    def map_apple_to(to: tuple[object, ...]) -> None:
        with writing(own.db) as connection:
            connection.execute("UPDATE cik_mappings_sp500 SET cik = ?, edgar_file_path = ? WHERE symbol = 'AAPL'", to)

    map_apple_to(other)
    assert counts(extract(ExtractRequest(own.db, synthetic=True))) == (5, 4, 0)
    map_apple_to(mapping)
    assert counts(extract(ExtractRequest(own.db, synthetic=True))) == (6, 4, 0)
    assert content_hash(own.db) == content_hash(small.db)


def test_other_rules_load_everything_again(own: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """And are written down with every company."""
    for module in ("pipeline.run", "pipeline.plan", "database.writer"):
        monkeypatch.setattr(importlib.import_module(f"loader.{module}"), "RULES_VERSION", 99)
    assert plan(own.request()).unchanged == frozenset()
    assert counts(own.load()) == (6, 0, 0)
    assert own.query("SELECT DISTINCT rules_version FROM loader_companies") == [(99,)]


def test_another_program_loads_everything_again(own: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its rules call themselves."""
    monkeypatch.setattr("loader.pipeline.refresh.PROGRAM", "another")
    assert counts(own.load()) == (6, 0, 0)
    assert counts(own.load()) == (6, 6, 0)


def test_what_an_earlier_version_loaded_is_loaded_again(own: Loading) -> None:
    """It did not write down what this one asks for. Its database is brought up to date, and stocks keep their numbers."""
    numbers = own.query("SELECT stock_id FROM loader_loaded")
    with writing(own.db) as connection:
        for column in ("basis", "unchanged_since"):
            connection.execute(f"ALTER TABLE extraction_tasks DROP COLUMN {column}")
        connection.execute("ALTER TABLE extraction_runs DROP COLUMN unchanged")
        for column in ("cik", "income_rows", "balance_rows", "cash_flow_rows"):
            connection.execute(f"ALTER TABLE loader_loaded DROP COLUMN {column}")
    run = last_run(own.db)
    assert run is not None
    assert (run.completed, run.unchanged) == (6, 0)
    assert content_there(own.db) == Held({}, {})
    assert plan(own.request()).unchanged == frozenset()
    assert counts(own.load()) == (6, 0, 0)
    assert counts(own.load()) == (6, 6, 0)
    assert own.query("SELECT stock_id FROM loader_loaded") == numbers


def test_everything_is_loaded_again_when_it_is_wanted(own: Loading, small: Demo) -> None:
    """With `rewrite`, and the next run without it finds all of it unchanged."""
    assert counts(own.load(rewrite=True)) == (6, 0, 0)
    assert own.query("SELECT DISTINCT run_id FROM loader_companies") == [(2,)]
    assert content_hash(own.db) == content_hash(small.db)
    assert {task.unchanged_since for task in run_tasks(own.db, own.load().run_id)} == {2}


def test_all_facts_are_read_from_all_files(own: Loading) -> None:
    """The set is made anew as a whole; without it the run after is a refresh again."""
    result = own.load(facts=own.facts)
    assert counts(result) == (6, 0, 0)
    assert result.facts is not None
    assert result.facts.companies == 6
    assert plan(own.request(facts=own.facts)).unchanged == frozenset()
    assert counts(own.load()) == (6, 6, 0)


# -- what failed -----------------------------------------------------------------------------------------------------------------


def test_a_company_whose_file_went_bad_and_is_whole_again_is_loaded(with_corpus: Loading, small: Demo) -> None:
    """It failed in between, and its rows were stale."""
    file = with_corpus.corpus / "companyfacts" / APPLE
    good = file.read_bytes()
    file.write_bytes(good[:1000])
    assert counts(with_corpus.load()) == (5, 5, 1)
    assert with_corpus.query("SELECT cik FROM loader_companies WHERE stale = 1") == [("9000001",)]
    file.write_bytes(good)
    settle(file)
    assert counts(with_corpus.load()) == (6, 5, 0)
    assert with_corpus.count("SELECT count(*) FROM loader_companies WHERE stale = 1") == 0
    assert content_hash(with_corpus.db) == content_hash(small.db)


def test_a_company_that_failed_is_tried_again_every_time(small: Demo, tmp_path: Path) -> None:
    """By `extract` as by `resume`, even if its file is the same."""
    loading = Loading(Path(shutil.copytree(small.directory, tmp_path / "corpus")), tmp_path / "x.db")
    file = loading.corpus / "companyfacts" / APPLE
    good = file.read_bytes()
    file.write_bytes(b"{}")
    settle(file)
    assert counts(loading.load()) == (5, 0, 1)
    again = loading.load()
    assert (again.status, counts(again)) == ("completed_with_failures", (5, 5, 1))
    file.write_bytes(good)
    settle(file)
    result = resume(loading.db)
    assert (result.run_id, counts(result), result.kept) == (2, (6, 5, 0), 0)
    assert content_hash(loading.db) == content_hash(small.db)


# -- resumed ---------------------------------------------------------------------------------------------------------------------


def interrupted(loading: Loading, *, rewrite: bool) -> None:
    """Stop a run after its first company."""
    stop, stopping = threading.Event(), threading.Event()

    def committed(event: str) -> None:
        if event == "committed":
            stop.set()
            stopping.wait(30)

    with pytest.raises(InterruptedRunError):
        loading.load(
            ExtractionConfig(batch_size=1),
            rewrite=rewrite,
            stop=stop,
            listener=committed,
            observer=lambda snapshot: stopping.set() if snapshot.phase == "stopping" else None,
        )


def test_an_interrupted_refresh_is_resumed(with_corpus: Loading) -> None:
    """With what it had loaded, what it had left alone, and what is to be done; and what changed meanwhile is done as well."""
    files = sorted((with_corpus.corpus / "companyfacts").iterdir())
    for file in files[:4]:
        change(file)
    interrupted(with_corpus, rewrite=False)
    run = last_run(with_corpus.db)
    assert run is not None
    assert (run.status, run.completed, run.unchanged) == ("interrupted", 3, 2)
    change(files[5])
    result = resume(with_corpus.db)
    assert (result.kept, counts(result)) == (1, (6, 1, 0))
    assert_accounted(result)
    assert content_hash(with_corpus.db) == loaded_anew(with_corpus)


def test_a_resumed_rewrite_does_the_rest_and_leaves_nothing_alone(own: Loading, small: Demo) -> None:
    """What it has done stays done, and what an earlier run did does not count."""
    interrupted(own, rewrite=True)
    result = resume(own.db)
    assert (result.kept, counts(result)) == (1, (6, 0, 0))
    assert own.query("SELECT DISTINCT run_id FROM loader_companies") == [(2,)]
    assert content_hash(own.db) == content_hash(small.db)


# -- what is compared ------------------------------------------------------------------------------------------------------------

START = datetime(2024, 11, 1, 12, tzinfo=UTC)
FILE = TaskFile(2, "/x/CIK0000000002.json", 10, "new", modified=int((START - timedelta(hours=1)).timestamp() * 1e9))
OLD = TaskFile(1, "/x/CIK0000000001.json", 10, "old", until=date(2020, 1, 1))
TASK = Task(2, ("A", "B"), frozenset({7, 8}), (FILE, OLD), 5)


def held(**changes: object) -> Held:
    """A database in which the company of `TASK` is as it would come out."""
    load = EarlierLoad(3, START, "new old", TASK.basis("r"))
    return Held({2: replace(load, **changes)}, {7: 2, 8: 2})  # type: ignore[arg-type]


def test_a_company_is_unchanged_when_all_of_it_is_the_same() -> None:
    """It comes with the run that loaded it."""
    assert unchanged([TASK], "r", held()) == {2: 3}


@pytest.mark.parametrize(
    "task",
    [
        replace(TASK, files=(replace(FILE, fingerprint="newer"), OLD)),
        replace(TASK, files=(FILE, replace(OLD, fingerprint=None))),
        replace(TASK, files=(FILE, replace(OLD, until=date(2021, 1, 1)))),
        replace(TASK, files=(FILE, replace(OLD, cik=4))),
        replace(TASK, files=(FILE,)),
        replace(TASK, stock_ids=frozenset({7})),
        replace(TASK, stock_ids=frozenset({7, 8, 9})),
        replace(TASK, symbols=("A", "C")),
        replace(TASK, cik=1),
    ],
    ids=["file", "no file", "succession", "predecessor", "fewer files", "fewer stocks", "more stocks", "symbol", "company"],
)
def test_a_company_is_not_unchanged_when_something_of_it_is_other(task: Task) -> None:
    """Whatever it is."""
    assert unchanged([task], "r", held()) == {}


@pytest.mark.parametrize(
    "there",
    [
        Held({}, {7: 2, 8: 2}),
        Held(held().loads, {7: 2}),
        Held(held().loads, {7: 2, 8: 1}),
        held(basis="other"),
        held(fingerprint="new older"),
    ],
    ids=["never loaded", "rows gone", "rows of another company", "basis", "file"],
)
def test_a_company_is_not_unchanged_when_the_database_holds_something_else(there: Held) -> None:
    """Whatever it is."""
    assert unchanged([TASK], "r", there) == {}


def test_the_rules_the_vintage_and_the_date_are_part_of_what_is_compared() -> None:
    """And the program, whose digest is in it."""
    recipes = {
        recipe(Rules(), 3),
        recipe(Rules(), 4),
        recipe(Rules(vintage="original"), 3),
        recipe(Rules(as_of=date(2020, 6, 30)), 3),
    }
    assert len({TASK.basis(each) for each in recipes}) == 4


@pytest.mark.parametrize(
    ("written", "settled_then"),
    [(-SETTLED_AFTER, True), (timedelta(seconds=0.001) - SETTLED_AFTER, False), (timedelta(hours=1), False)],
    ids=["long before", "just before", "by a clock that is ahead"],
)
def test_the_clock_of_a_file_is_trusted_some_time_after_it_was_written(written: timedelta, settled_then: bool) -> None:
    """Counted from the start of the run, before which nothing was read."""
    modified = int((START + written).timestamp() * 1e9)
    task = replace(TASK, files=(replace(FILE, modified=modified), OLD))
    assert (unchanged([task], "r", held()) == {2: 3}) is settled_then


@pytest.mark.parametrize(
    ("edit", "differs"),
    [
        (lambda folder: (folder / "rules.py").write_text("x = 2"), True),
        (lambda folder: (folder / "deep" / "concepts.csv").write_text("b"), True),
        (lambda folder: (folder / "new.sql").write_text(""), True),
        (lambda folder: (folder / "rules.py").rename(folder / "others.py"), True),
        (lambda folder: (folder / "rules.pyc").write_text("compiled"), False),
    ],
    ids=["module", "table", "new file", "renamed", "no source"],
)
def test_the_digest_of_the_program_is_of_its_modules_and_tables(
    tmp_path: Path, edit: Callable[[Path], object], differs: bool
) -> None:
    """Wherever it is installed."""

    def made(folder: Path) -> Path:
        (folder / "deep").mkdir(parents=True)
        (folder / "rules.py").write_text("x = 1")
        (folder / "deep" / "concepts.csv").write_text("a")
        return folder

    one, another = made(tmp_path / "one"), made(tmp_path / "another")
    assert digest_of({"room": one}) == digest_of({"room": another})
    edit(another)
    assert (digest_of({"room": one}) != digest_of({"room": another})) is differs


# -- what is told ----------------------------------------------------------------------------------------------------------------


def test_the_observer_sees_what_is_left_alone_as_done(own: Loading) -> None:
    """And not as work of this run."""
    seen: list[Snapshot] = []
    own.load(observer=seen.append)
    last = seen[-1]
    assert (last.phase, last.total, last.completed, last.unchanged, last.failed) == ("done", 6, 6, 6, 0)
    assert last.rate_per_minute == 0
    assert "6 of 6 companies, 6 of them unchanged, 0 failed" in progress_line(last)
    console = Console(width=100, file=io.StringIO())
    console.print(render_snapshot(last))
    assert isinstance(console.file, io.StringIO)
    assert "6 unchanged" in console.file.getvalue()
    assert "unchanged" not in progress_line(replace(last, unchanged=0))


def test_a_refresh_is_reported_and_validated_as_a_run(with_corpus: Loading) -> None:
    """Companies left alone are not counted as loaded, and the checks are of the whole content."""
    settle(with_corpus.corpus / "companyfacts" / APPLE)
    report = complete(with_corpus.db, with_corpus.load(), run_checks(with_corpus.db))
    assert (report.completed, report.unchanged, report.loaded, report.facts_unexplained) == (6, 5, 1, 0)
    assert report.companies_per_minute == pytest.approx(60 / report.seconds)
    assert not [check.name for check in report.checks if check.is_error]
    assert report.coverage.with_all_three == report.coverage.members == 7


def test_the_commands_tell_how_many_companies_were_left_alone(own: Loading, call: Call) -> None:
    """As text and as JSON, before, during and after the run; and all of it exits with 0."""
    source = ("--db", own.db, "--source", own.corpus / "companyfacts", "--tickers", own.corpus / "company_tickers_exchange.json")
    planned = call("extract", "--dry-run", *source)
    assert planned.returncode == 0
    assert "would load 0 companies" in planned.stderr
    assert "6 are unchanged and would be left alone" in planned.stderr
    data = json.loads(call("extract", "--dry-run", "--json", *source).stdout)
    assert (data["companies"], data["unchanged"], data["bytes"], data["tasks"]) == (6, 6, 0, [])
    result = call("extract", *source)
    assert (result.returncode, "6 of them unchanged and left alone, 0 loaded" in result.stdout) == (0, True)
    assert "Speed" not in result.stdout
    assert call("status", "--db", own.db).stdout.startswith("run 2 completed: 6 of 6 companies, 6 of them unchanged, 0 failed")
    assert json.loads(call("status", "--db", own.db, "--json").stdout)["last_run"]["unchanged"] == 6
    report = json.loads(call("report", "--db", own.db, "--json").stdout)
    assert (report["completed"], report["unchanged"], report["loaded"]) == (6, 6, 0)
    call("report", "--db", own.db, "--html", "report.html")
    assert "6 of them unchanged and left alone, 0 loaded" in Path("report.html").read_text(encoding="utf-8")
    whole = call("load", *source, "--json")
    assert whole.returncode == 0, whole.stderr
    assert json.loads(whole.stdout)["unchanged"] == 6
    assert len(json.loads(whole.stdout)["checks"]) == len(run_checks(own.db))


@pytest.mark.parametrize("way", ["option", "variable"])
def test_the_option_and_its_variable_load_everything_again(
    own: Loading, call: Call, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """`--rewrite`; the run keeps it for `resume`."""
    if way == "variable":
        monkeypatch.setenv("LOADER_REWRITE", "1")
    result = call("extract", "--db", own.db, "--json", *(["--rewrite"] if way == "option" else []))
    report = json.loads(result.stdout)
    assert (result.returncode, report["unchanged"], report["loaded"]) == (0, 0, 6)
    run = last_run(own.db)
    assert run is not None
    assert run.settings["rewrite"] is True
