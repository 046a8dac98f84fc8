"""The writer: a batch is in the database as a whole or not at all."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Literal

import polars as pl
import pytest

from loader.companyfacts import flatten
from loader.database import (
    Mapping,
    TaskRow,
    create_run,
    ensure_schema,
    import_stocks_csv,
    last_run,
    list_mappings,
    refresh_mappings,
    run_tasks,
)
from loader.database.extension import connect
from loader.database.literal import quoted
from loader.database.provenance import accession_text
from loader.database.schema import VIEWS
from loader.database.writer import TaskOutcome, WriteBatch, Writer, WriteStoppedError
from loader.errors import DatabaseBusyError, DatabaseError
from loader.sources import open_source
from loader.standardize import Statements, standardize, statement_facts
from tests.conftest import Demo
from tests.loading import Loading, locked

_TABLES = (
    "income_statements",
    "balance_sheets",
    "cash_flow_statements",
    "statement_items",
    "statement_gaps",
    "statement_quality",
)


@pytest.fixture(scope="module")
def statements(small: Demo) -> dict[int, Statements]:
    """The statements of two companies of the demo, one of which has two symbols."""
    return {cik: _statements(small.directory, cik) for cik in (9000001, 9000003)}


def _statements(corpus: Path, cik: int) -> Statements:
    data = (corpus / "companyfacts" / f"CIK{cik:010d}.json").read_bytes()
    facts, _ = statement_facts([flatten(data, cik).batch])
    return standardize(facts)


@pytest.fixture
def loading(small: Demo, tmp_path: Path) -> Loading:
    """A database with stocks, mappings and a run, and nothing loaded."""
    made = Loading(small.directory, tmp_path / "x.db")
    ensure_schema(made.db)
    import_stocks_csv(made.db, small.directory / "stocks.csv")
    refresh_mappings(made.db, small.directory / "company_tickers_exchange.json", open_source(small.directory / "companyfacts"))
    rows = {int(m.cik): TaskRow(m.cik, (m.symbol,), 5, m.edgar_file_path, 1, "f") for m in list_mappings(made.db)}
    create_run(made.db, {}, "here", list(rows.values()))
    return made


def writer(
    loading: Loading, timeout: float = 30.0, listener: Callable[[str], None] = lambda _: None, **options: object
) -> Writer:
    """A writer for run 1 of a database in which the companies of the demo may be loaded."""
    given = {"loaded": set(), "staged": {}, **options}
    return Writer(loading.db, 1, memory_mb=256, transaction_timeout=timeout, listener=listener, **given)  # type: ignore[arg-type]


def outcome(mappings: list[Mapping], cik: int, reason: str | None = None) -> TaskOutcome:
    """A company that is done, or that failed for a reason."""
    stocks = frozenset(m.stock_id for m in mappings if int(m.cik) == cik)
    state: Literal["completed", "failed"] = "completed" if reason is None else "failed"
    return TaskOutcome(cik, (cik,), stocks, state, 1, "path", reason, facts_read=7, facts_used=4, set_aside={"b": 2, "a": 1})


def batch(loading: Loading, statements: Statements, cik: int) -> WriteBatch:
    """One company as a batch."""
    return WriteBatch(statements, [outcome(list_mappings(loading.db), cik)])


def rows(loading: Loading) -> dict[str, int]:
    """Rows by table."""
    return {table: loading.count(f"SELECT count(*) FROM {table}") for table in _TABLES}


def test_a_batch_is_written_for_every_stock_of_the_company(loading: Loading, statements: dict[int, Statements]) -> None:
    """GOOG and GOOGL each get all rows; the counts, the task, the company and the checkpoint are in the same transaction."""
    prepared = batch(loading, statements[9000003], 9000003)
    with writer(loading) as one:
        written = one.write(prepared)
    made = statements[9000003]
    assert written == {
        "income_statements": 2 * made.income.height,
        "balance_sheets": 2 * made.balance.height,
        "cash_flow_statements": 2 * made.cashflow.height,
        "statement_items": 2 * made.cells.height,
        "statement_gaps": 2 * made.unfilled.height,
        "statement_quality": 2 * made.quality.height,
    }
    assert rows(loading) == written
    symbols = loading.query("SELECT DISTINCT s.symbol FROM income_statements i JOIN stocks s ON s.id = i.stock_id ORDER BY 1")
    assert symbols == [("GOOG",), ("GOOGL",)]
    task = next(task for task in run_tasks(loading.db, 1) if task.cik == "9000003")
    assert (task.state, task.facts_read, task.facts_used, dict(task.set_aside)) == ("completed", 7, 4, {"a": 1, "b": 2})
    assert task.rows_written == sum(written.values())
    run = last_run(loading.db)
    assert run is not None
    assert (run.completed, run.failed, run.batches) == (1, 0, 1)


def test_values_dates_and_accession_numbers_arrive_as_they_were(loading: Loading, statements: dict[int, Statements]) -> None:
    """Every cell of the frames is in the tables, and every item in the view with its text again."""
    made = statements[9000001]
    prepared = batch(loading, made, 9000001)
    with writer(loading) as one:
        one.write(prepared)
    columns = [
        "period",
        "year",
        "fyear",
        "start_date",
        "end_date",
        "currency",
        "revenue",
        "eps_diluted",
        "accession",
        "form",
        "filed",
    ]
    expected = made.income.with_columns(
        pl.col("start_date", "end_date", "filed").dt.to_string("%Y-%m-%d"), accession=accession_text(pl.col("accession"))
    ).select(columns)
    found = loading.query(f"SELECT {', '.join(columns)} FROM income_statements")
    assert sorted(found, key=repr) == sorted(expected.rows(), key=repr)
    columns = [
        "statement",
        "line",
        "period",
        "year",
        "end_date",
        "value",
        "raw_value",
        "unit",
        "concept",
        "accession",
        "form",
        "filed",
    ]
    items = made.items.with_columns(
        pl.col("end_date", "filed").dt.to_string("%Y-%m-%d"), accession=accession_text(pl.col("accession"))
    ).select(*columns, "method")
    view = loading.query(f"SELECT {', '.join(columns)}, method FROM statement_items")
    assert sorted(view, key=repr) == sorted(items.rows(), key=repr)


def test_the_views_say_the_same_to_duckdb(loading: Loading, statements: dict[int, Statements]) -> None:
    """Analysts attach the file to DuckDB, which reads the definitions of views as its own SQL."""
    with writer(loading) as one:
        one.write(batch(loading, statements[9000001], 9000001))
    for view in VIEWS:
        expected = loading.query(f"SELECT * FROM {view}")
        with closing(connect(1, 256)) as connection:
            connection.execute(f"ATTACH {quoted(str(loading.db))} AS edgar (TYPE sqlite)")
            found = connection.execute(f"SELECT * FROM edgar.{view}").fetchall()
        assert sorted(found, key=repr) == sorted(expected, key=repr)


def test_writing_a_company_again_replaces_its_rows(loading: Loading, statements: dict[int, Statements]) -> None:
    """Within a run and from an earlier run: rows out, rows in, nothing twice."""
    first = batch(loading, statements[9000001], 9000001)
    with writer(loading) as one:
        written = one.write(first)
        one.write(first)
    stocks = first.outcomes[0].stock_ids
    with writer(loading, loaded=stocks) as again:
        again.write(first)
    assert rows(loading) == dict(written)
    assert loading.query("SELECT DISTINCT run_id FROM loader_companies") == [(1,)]


def test_contradicting_files_each_keep_their_own_filing(loading: Loading, statements: dict[int, Statements]) -> None:
    """Two companies that give one accession number different dates get their own, whichever is written first."""
    ours, theirs = statements[9000001], statements[9000003]
    number = ours.cells.get_column("accession").drop_nulls()[0]
    amended = pl.DataFrame({"cik": [9000003], "accession": [number], "form": ["10-K/A"]})
    clash = replace(theirs, cells=theirs.cells.with_columns(accession=pl.lit(number, pl.Int64)), filings=amended)
    first, second = batch(loading, ours, 9000001), batch(loading, clash, 9000003)
    with writer(loading) as one:
        one.write(first)
        one.write(second)
    forms = loading.query(
        "SELECT DISTINCT m.cik, i.form FROM statement_items i JOIN cik_mappings_sp500 m USING (stock_id) WHERE i.accession = ?",
        pl.DataFrame({"a": [number]}).select(accession_text(pl.col("a"))).item(),
    )
    assert [form for cik, form in forms if cik == "9000003"] == ["10-K/A"]
    assert "10-K/A" not in [form for cik, form in forms if cik == "9000001"]


def test_a_batch_that_breaks_a_key_leaves_nothing_and_the_next_one_is_written(
    loading: Loading, statements: dict[int, Statements]
) -> None:
    """After an error in the last of its inserts nothing of a batch is there, not even a new concept's id."""
    good = statements[9000001]
    twice = replace(good, cashflow=pl.concat([good.cashflow, good.cashflow.head(1)]))
    first, second = batch(loading, twice, 9000001), batch(loading, good, 9000001)
    with writer(loading) as one:
        with pytest.raises(DatabaseError, match="UNIQUE constraint failed: cash_flow_statements"):
            one.write(first)
        one.write(second)
    assert rows(loading)["cash_flow_statements"] == good.cashflow.height
    assert loading.query("SELECT completed, batches FROM extraction_runs") == [(1, 1)]
    assert loading.count("SELECT count(*) FROM statement_items") == good.cells.height


def test_a_failed_company_keeps_its_rows_and_they_are_marked_stale(loading: Loading, statements: dict[int, Statements]) -> None:
    """What was loaded before stays as it is; the reason is with the task and with the company."""
    good = batch(loading, statements[9000001], 9000001)
    torn = WriteBatch(None, [outcome(list_mappings(loading.db), 9000001, "the file is torn")])
    with writer(loading) as one:
        written = one.write(good)
        one.write(torn)
    assert rows(loading) == dict(written)
    assert loading.query("SELECT stale, stale_reason FROM loader_companies") == [(1, "the file is torn")]
    assert loading.query("SELECT state, reason FROM extraction_tasks WHERE cik = '9000001'") == [("failed", "the file is torn")]


def test_a_mapping_that_changed_during_the_run_is_noticed(loading: Loading, statements: dict[int, Statements]) -> None:
    """An inner join would silently drop the rows of a stock that is no longer mapped."""
    prepared = batch(loading, statements[9000003], 9000003)
    code = f"""
import sqlite3
connection = sqlite3.connect({str(loading.db)!r})
connection.execute("DELETE FROM cik_mappings_sp500 WHERE symbol = 'GOOG'")
connection.commit()
"""
    with writer(loading) as one:
        subprocess.run([sys.executable, "-c", code], check=True)
        with pytest.raises(DatabaseError, match="mapping of CIK 9000003 changed"):
            one.write(prepared)
    assert set(rows(loading).values()) == {0}


def test_a_database_locked_for_a_moment_is_waited_for(loading: Loading, statements: dict[int, Statements]) -> None:
    """The whole batch is tried again until the lock is free."""
    prepared = batch(loading, statements[9000001], 9000001)
    with writer(loading) as one, locked(loading.db, 0.7):
        written = one.write(prepared)
    assert rows(loading) == dict(written)


def test_a_database_locked_for_longer_than_the_timeout_is_busy(loading: Loading, statements: dict[int, Statements]) -> None:
    """One clear line, nothing written, and the writer can be used again."""
    prepared = batch(loading, statements[9000001], 9000001)
    with writer(loading, timeout=0.4) as one:
        with locked(loading.db), pytest.raises(DatabaseBusyError, match=r"locked by another program for 0\.4 s"):
            one.write(prepared)
        one._timeout = 30
        one.write(prepared)
    assert loading.query("SELECT batches FROM extraction_runs") == [(1,)]


def test_a_transaction_that_takes_too_long_is_rolled_back(loading: Loading, statements: dict[int, Statements]) -> None:
    """The timeout holds for the work as well; the message says what to change."""
    prepared = batch(loading, statements[9000001], 9000001)
    slow = {"deleted": 0.5}
    with (
        writer(loading, timeout=0.2, listener=lambda event: time.sleep(slow.get(event, 0))) as one,
        pytest.raises(DatabaseError, match=r"not written within 0.2 s .* --transaction-timeout"),
    ):
        one.write(prepared)
    assert set(rows(loading).values()) == {0}
    assert loading.query("SELECT batches FROM extraction_runs") == [(0,)]


def test_stopping_rolls_the_batch_in_hand_back(loading: Loading, statements: dict[int, Statements]) -> None:
    """A second Ctrl-C in the middle of the inserts: nothing of the batch is kept."""
    prepared = batch(loading, statements[9000001], 9000001)
    made: list[Writer] = []
    with writer(loading, listener=lambda event: made[0].stop() if event == "inserted_balance_sheets" else None) as one:
        made.append(one)
        with pytest.raises(WriteStoppedError):
            one.write(prepared)
    assert set(rows(loading).values()) == {0}


def test_a_database_that_is_gone_is_an_error_in_one_line(tmp_path: Path) -> None:
    """Attaching is lazy in DuckDB; the writer looks at once."""
    (tmp_path / "x.db").write_bytes(b"no database" * 100)
    with pytest.raises(DatabaseError, match=r"x\.db cannot be attached"):
        Writer(tmp_path / "x.db", 1, loaded=(), staged={}, memory_mb=64, transaction_timeout=1)
