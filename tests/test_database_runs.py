"""Run state."""

from __future__ import annotations

from pathlib import Path

import pytest

from loader.database import TaskRow, create_run, ensure_schema, finish_run, last_run, previously_loaded, run_tasks
from loader.database.connection import writing


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "new.db"
    ensure_schema(path)
    return path


_TASKS = (
    TaskRow("320193", ("AAPL",), 10, "/x/CIK0000320193.json", 5, "5-1"),
    TaskRow("1652044", ("GOOG", "GOOGL"), 5, "/x/CIK0001652044.json", 0, None),
)


def test_a_run_is_made_with_its_tasks_in_the_order_of_the_queue(db: Path) -> None:
    assert last_run(db) is None
    run_id = create_run(db, {"workers": 10, "as_of": None}, "/x", _TASKS)
    run = last_run(db)
    assert run is not None
    assert (run.id, run.status, run.finished_at, run.settings, run.source) == (
        run_id,
        "running",
        None,
        {"workers": 10, "as_of": None},
        "/x",
    )
    assert (run.companies, run.completed, run.failed, run.batches, run.report) == (2, 0, 0, 0, None)
    tasks = run_tasks(db, run_id)
    assert [TaskRow(t.cik, t.symbols, t.priority, t.file_path, t.file_size, t.fingerprint) for t in tasks] == list(_TASKS)
    assert {(t.state, t.attempts, t.reason) for t in tasks} == {("pending", 0, None)}


def test_how_a_run_ended_is_counted_from_its_tasks(db: Path) -> None:
    create_run(db, {}, "/x", _TASKS)
    run_id = create_run(db, {}, "/y", _TASKS)
    with writing(db) as connection:
        connection.execute(
            "UPDATE extraction_tasks SET state = 'completed', facts_read = 3, facts_used = 2, set_aside = '{\"no_form\": 1}', "
            "rows_written = 9, finished_at = 'now', entity_name = 'Apple' WHERE run_id = ? AND cik = '320193'",
            (run_id,),
        )
        connection.execute(
            "UPDATE extraction_tasks SET state = 'failed', reason = 'gone' WHERE run_id = ? AND cik <> '320193'", (run_id,)
        )
    finish_run(db, run_id, "completed_with_failures", error="one failed", report={"a": [1]})
    run = last_run(db)
    assert run is not None
    assert (run.id, run.status, run.completed, run.failed) == (run_id, "completed_with_failures", 1, 1)
    assert (run.error, run.report) == ("one failed", {"a": [1]})
    assert run.finished_at is not None
    assert run.finished_at >= run.started_at
    done, failed = run_tasks(db, run_id)
    assert (done.facts_read, done.facts_used, dict(done.set_aside), done.rows_written) == (3, 2, {"no_form": 1}, 9)
    assert (failed.state, failed.reason) == ("failed", "gone")


def test_stocks_with_rows_in_any_table_are_known(db: Path) -> None:
    assert previously_loaded(db) == set()
    with writing(db) as connection:
        connection.execute("INSERT INTO loader_loaded (stock_id) VALUES (-4), (7), (900)")
        connection.execute(
            "INSERT INTO balance_sheets (stock_id, period, end_date) VALUES (8, 'FY', '2020-12-31'), (7, 'FY', 'x')"
        )
        connection.execute("INSERT INTO cash_flow_statements (stock_id, period, end_date) VALUES (0, 'FY', '2020-12-31')")
    assert previously_loaded(db) == {-4, 0, 7, 8, 900}
