"""After any interruption the database holds whole batches, and resuming gives what an uninterrupted run gives."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from loader.database import last_run, run_tasks
from loader.database.content import content_hash
from loader.database.provenance_tables import PROVENANCE_TABLES
from loader.pipeline import resume
from loader.reference import STATEMENT_TABLES
from tests.conftest import Demo
from tests.loading import Loading

_ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def loading(small: Demo, tmp_path: Path) -> Loading:
    """The small corpus and a database of its own."""
    return Loading(small.directory, tmp_path / "x.db")


def interrupted(loading: Loading, when: str, *signals: str) -> subprocess.CompletedProcess[str]:
    """Run in a process of its own until the signals end it."""
    journal = loading.db.with_suffix(".journal")
    command = [sys.executable, "-m", "tests.interrupted_run", loading.corpus, loading.db, journal, "extract", when, *signals]
    return subprocess.run(list(map(str, command)), cwd=_ROOT, capture_output=True, text=True, check=False, timeout=60)


def assert_whole_batches(loading: Loading) -> int:
    """The file is sound, and exactly the companies whose task is done have rows; their number."""
    assert loading.query("PRAGMA integrity_check") == [("ok",)]
    done = {row[0] for row in loading.query("SELECT cik FROM extraction_tasks WHERE state = 'completed'")}
    for table in (*STATEMENT_TABLES.values(), *PROVENANCE_TABLES.values()):
        with_rows = loading.query(f"SELECT DISTINCT m.cik FROM {table} t JOIN cik_mappings_sp500 m USING (stock_id)")
        assert {row[0] for row in with_rows} == done
    assert {row[0] for row in loading.query("SELECT cik FROM loader_companies")} == done
    assert loading.query("SELECT completed FROM extraction_runs") == [(len(done),)]
    return len(done)


@pytest.mark.parametrize(
    ("when", "done"),
    [
        ("file_read:1", 0),
        ("transaction_begun:1", 0),
        ("inserted_balance_sheets:2", 2),
        ("before_commit:3", 4),
        ("committed:3", 6),
    ],
)
def test_a_killed_run_leaves_whole_batches_and_is_resumed_to_the_same_content(
    loading: Loading, small: Demo, when: str, done: int
) -> None:
    """SIGKILL before, in and after a transaction: what was committed stays, nothing else does, and `resume` does the rest."""
    result = interrupted(loading, when, "SIGKILL")
    assert result.returncode == -signal.SIGKILL, result.stderr
    assert assert_whole_batches(loading) == done
    resumed = resume(loading.db)
    assert (resumed.status, resumed.completed, resumed.kept) == ("completed", 6, done)
    assert loading.query("PRAGMA integrity_check") == [("ok",)]
    assert content_hash(loading.db) == content_hash(small.db)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_in_the_middle_of_an_insert_ends_the_run_after_the_batch(loading: Loading, small: Demo, name: str) -> None:
    """The batch in hand is finished, the run says that it was interrupted and how to go on, and exits with 130."""
    result = interrupted(loading, "inserted_income_statements:2", name)
    assert result.returncode == 130
    assert result.stderr == f"interrupted by {name}: 4 of 6 companies are done; `loader resume` does the others\n"
    assert assert_whole_batches(loading) == 4
    run = last_run(loading.db)
    assert run is not None
    assert (run.status, run.completed) == ("interrupted", 4)
    assert resume(loading.db).kept == 4
    assert content_hash(loading.db) == content_hash(small.db)


def test_a_second_signal_rolls_the_batch_back(loading: Loading, small: Demo) -> None:
    """Who presses Ctrl-C twice does not want to wait: nothing of the batch is kept."""
    result = interrupted(loading, "inserted_income_statements:2", "SIGINT", "SIGTERM")
    assert result.returncode == 130
    assert assert_whole_batches(loading) in {2, 4}  # 4: the batch was committed before the supervisor looked
    assert [task.state for task in run_tasks(loading.db, 1)].count("failed") == 0
    resume(loading.db)
    assert content_hash(loading.db) == content_hash(small.db)
