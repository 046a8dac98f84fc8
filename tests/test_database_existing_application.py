"""A database that belongs to an application is fitted and used, and nothing of its own changes but the journal mode."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from loader.database import (
    copy_reference,
    ensure_schema,
    import_stocks_csv,
    list_mappings,
    list_stocks,
    refresh_mappings,
    staging_tables,
)
from loader.database.extension import connect
from loader.database.literal import quoted as literal
from loader.reference import LINES, STATEMENT_TABLES
from loader.sources import open_source
from tests.application import make_application, own_state

_CSV = """symbol,company_name,sector
AAPL,Apple Inc.,Information Technology
GOOG,Alphabet Inc. (Class C),Communication Services
GOOGL,Alphabet Inc. (Class A),Communication Services
BRK.B,Berkshire Hathaway,Financials
"""
_TICKERS = """{"fields": ["cik", "name", "ticker", "exchange"], "data": [
    [320193, "Apple Inc.", "AAPL", "Nasdaq"], [1652044, "Alphabet Inc.", "GOOGL", "Nasdaq"],
    [1652044, "Alphabet Inc.", "GOOG", "Nasdaq"], [1067983, "BERKSHIRE HATHAWAY INC", "BRK-B", "NYSE"]]}
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    path = tmp_path / "app.db"
    make_application(path)
    return path


def _import_stocks(db: Path) -> None:
    csv = db.with_name("members.csv")
    csv.write_text(_CSV)
    import_stocks_csv(db, csv)


def _refresh_mappings(db: Path) -> None:
    tickers, folder = db.with_name("tickers.json"), db.with_name("companyfacts")
    tickers.write_text(_TICKERS)
    folder.mkdir()
    for cik in (320193, 1652044):
        (folder / f"CIK{cik:010d}.json").write_text("{}")
    refresh_mappings(db, tickers, open_source(folder))


#: The steps of a run, in their order; each is followed by a comparison of all that is the application's.
_STEPS: tuple[Callable[[Path], object], ...] = (ensure_schema, _import_stocks, _refresh_mappings, ensure_schema)


def test_nothing_of_the_applications_own_changes(app: Path) -> None:
    before = own_state(app)
    for step in _STEPS:
        step(app)
        assert own_state(app) == before, step
    with closing(sqlite3.connect(app)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT symbol, close FROM latest_prices ORDER BY close").fetchall() == [
            ("AAPL", 210.62),
            ("AAPL", 216.75),
        ]


def test_what_was_done_is_announced_and_the_second_time_nothing_is(app: Path) -> None:
    report = ensure_schema(app)
    announced = "\n".join(report.changed)
    for part in (
        "journal mode changed from delete to wal",
        "cik_mappings_sp500 rebuilt with its rows and ids: UNIQUE (cik) removed",
        "UNIQUE (stock_id, period, year) removed",
        "revenue INTEGER made REAL",
        "balance_sheets: key added: stock_id, period, end_date",
        "stocks: columns added: sector",
        "the loader's view is loader_statement_items",
    ):
        assert part in announced
    assert "cash_flow_statements" in report.created
    assert "loader_statement_items" in report.created
    again = ensure_schema(app)
    assert (again.created, again.changed) == ([], [])


def test_text_true_in_a_boolean_column_counts_as_a_member(app: Path) -> None:
    ensure_schema(app)
    assert {stock.symbol for stock in list_stocks(app) if stock.is_sp500} == {"AAPL", "GOOG", "GOOGL", "BRK-B"}


def test_both_classes_are_mapped_where_cik_was_unique_and_rows_keep_their_ids(app: Path) -> None:
    ensure_schema(app)
    _refresh_mappings(app)
    assert [(m.cik, m.symbol, m.stock_id) for m in list_mappings(app)] == [
        ("320193", "AAPL", 901),
        ("1652044", "GOOG", 17),
        ("1652044", "GOOGL", 18),
    ]
    with closing(sqlite3.connect(app)) as connection:
        rows = connection.execute("SELECT id, cik, edgar_file_path LIKE '/old%' FROM cik_mappings_sp500 ORDER BY id").fetchall()
    # The next id is one that was never given before.
    assert rows == [(70, "320193", 0), (71, "1652044", 0), (72, "1652044", 0)]


def test_every_column_of_the_contract_is_there_afterwards(app: Path) -> None:
    ensure_schema(app)
    with closing(sqlite3.connect(app)) as connection:
        for statement, table in STATEMENT_TABLES.items():
            types = {name: declared for _, name, declared, *_ in connection.execute(f"PRAGMA table_info({table})")}
            assert set(LINES[statement]) < set(types)
            assert all(types[line] == "REAL" for line in LINES[statement] if (table, line) != ("balance_sheets", "total_assets"))


def test_values_written_through_duckdb_arrive_unrounded_and_with_the_applications_defaults(app: Path) -> None:
    ensure_schema(app)
    # DuckDB would fail on the defaults of this table, which call functions of SQLite.
    staging = staging_tables(app)
    assert staging == {"income_statements": "loader_staging_income_statements"}
    names = "stock_id, period, year, end_date, revenue"
    duck = connect(threads=1, memory_mb=256)
    try:
        duck.execute(f"ATTACH {literal(str(app))} AS app (TYPE sqlite)")
        duck.execute("BEGIN")
        duck.execute(
            f"INSERT INTO app.{staging['income_statements']} ({names}) "
            "VALUES (901, 'FY', 2024, '2024-09-28', 1.75), (901, 'T', 2024, '2024-12-28', NULL)",
        )
        move = f"INSERT INTO income_statements ({names}) SELECT {names} FROM {staging['income_statements']} RETURNING 1"
        duck.execute(f"SELECT * FROM sqlite_query('app', {literal(move)})").fetchall()
        duck.execute(
            "INSERT INTO app.balance_sheets (stock_id, period, end_date, total_assets) VALUES (901, 'FY', '2024-09-28', 2.25)"
        )
        duck.execute("COMMIT")
    finally:
        duck.close()
    with closing(sqlite3.connect(app)) as connection:
        assert connection.execute(
            "SELECT revenue, typeof(revenue), end_date, length(note), imported_at > '2024' "
            "FROM income_statements WHERE stock_id = 901 ORDER BY id",
        ).fetchall() == [(1.75, "real", "2024-09-28", 4, 1), (None, "null", "2024-12-28", 4, 1)]
        assert connection.execute("SELECT total_assets, end_date FROM balance_sheets WHERE stock_id = 901").fetchall() == [
            (2.25, "2024-09-28"),
        ]


def test_what_a_dry_run_needs_can_be_copied_before_anything_is_fitted(tmp_path: Path) -> None:
    app, copy = tmp_path / "app.db", tmp_path / "copy.db"
    with closing(sqlite3.connect(app)) as connection:
        connection.executescript(
            """CREATE TABLE stocks (id INTEGER PRIMARY KEY, symbol TEXT, is_sp500 BOOLEAN);
            INSERT INTO stocks VALUES (7, 'AAPL', 'true'), (8, 'AIR', NULL);
            CREATE TABLE cik_mappings_sp500 (cik TEXT UNIQUE, stock_id INTEGER, symbol TEXT);
            INSERT INTO cik_mappings_sp500 VALUES ('320193', 7, 'AAPL');""",
        )
    before = app.read_bytes()
    ensure_schema(copy)
    copy_reference(app, copy)
    assert app.read_bytes() == before
    assert [(stock.id, stock.symbol, stock.is_sp500) for stock in list_stocks(copy)] == [(7, "AAPL", True), (8, "AIR", False)]
    assert [(m.cik, m.stock_id) for m in list_mappings(copy)] == [("320193", 7)]
