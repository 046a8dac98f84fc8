"""`loader status` tells how a run is getting on, from another process and while it goes on."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.cli import loader, start
from tests.conftest import Call, Demo


def test_another_process_watches_a_run_until_it_ends(demo: Demo, tmp_path: Path) -> None:
    """The watcher sees the run in progress, what the workers do, and the end."""
    db = tmp_path / "x.db"
    loader("stocks", "import", demo.directory / "stocks.csv", "--db", db, cwd=tmp_path)
    source = ["--source", demo.directory / "companyfacts", "--tickers", demo.directory / "company_tickers_exchange.json"]
    run = start(
        "extract", "--db", db, *source, "--workers", "2", "--batch-size", "1", "--progress-interval", "0.05", cwd=tmp_path
    )
    state = tmp_path / "x.db.status.json"
    while not (state.exists() and json.loads(state.read_bytes())["snapshot"]["phase"] == "loading"):
        assert run.poll() is None
        time.sleep(0.01)
    # Another writer holds the run up, so that the watcher surely meets it; readers it does not hold up.
    with closing(sqlite3.connect(db, timeout=20)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        watch = start("status", "--watch", "--db", db, cwd=tmp_path)
        assert watch.stdout is not None
        first = watch.stdout.readline()
        seen = json.loads(loader("status", "--json", "--db", db, cwd=tmp_path).stdout)
        connection.rollback()
    assert run.wait(60) == 0
    assert watch.wait(60) == 0
    rest = watch.stdout.read().splitlines()
    run.communicate()
    watch.communicate()
    assert first.startswith("loading: ")
    assert "of 12 companies" in first
    assert any(line.startswith("  worker 1: ") for line in rest)
    assert rest[-1].startswith("run 1 completed: 12 of 12 companies, 0 failed")
    assert seen["running"] is True
    assert seen["progress"]["total"] == 12
    assert [worker["worker_id"] for worker in seen["progress"]["workers"]] == [1, 2]


def test_without_a_run_in_progress_the_last_one_is_shown(demo_db: Path, call: Call) -> None:
    """`--watch` then ends at once."""
    for options in ([], ["--watch"]):
        result = call("status", "--db", demo_db, *options)
        assert (result.returncode, result.stdout.split(",")[0]) == (0, "run 1 completed: 12 of 12 companies")
    last = json.loads(call("status", "--db", demo_db, "--json").stdout)
    assert (last["running"], last["progress"], last["last_run"]["status"]) == (False, None, "completed")


def test_a_run_whose_process_is_gone_is_shown_as_interrupted(demo_db: Path, call: Call) -> None:
    """What the database says of a killed run is out of date; the lock tells."""
    with closing(sqlite3.connect(demo_db)) as connection, connection:
        connection.execute("UPDATE extraction_runs SET status = 'running', finished_at = NULL")
    result = call("status", "--db", demo_db)
    assert result.stdout.startswith("run 1 interrupted")
    assert "loader resume" in result.stdout
    assert json.loads(call("status", "--db", demo_db, "--json").stdout)["last_run"]["status"] == "interrupted"
