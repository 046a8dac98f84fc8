"""Reading statements back, and the content that two equal loads share."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from loader.database import content_hash, create_run, ensure_schema, read_statements
from loader.database.connection import writing
from loader.database.content import content
from loader.errors import UsageError
from loader.reference import LINES, Statement

_STOCKS = [(1, "AAPL", "Apple"), (2, "BRK.B", "Berkshire"), (3, "BF.B", "Brown-Forman")]
_ROWS = [
    (1, "FY", 2024, "2023-10-01", "2024-09-28", 391_035_000_000.0),
    (1, "Q4", 2024, "2024-06-30", "2024-09-28", 94_930_000_000.0),
    (1, "Q3", 2024, "2024-03-31", "2024-06-29", 85_777_000_000.0),
    (1, "TTM", 2024, "2023-07-02", "2024-06-29", None),
    (2, "FY", 2023, "2023-01-01", "2023-12-31", 0.1),
]


def _make(path: Path, *, seed: int | None = None) -> Path:
    """The same content, for each seed under other ids and in another order."""
    ensure_schema(path)
    order = random.Random(seed)  # noqa: S311 (a repeatable order, no secret)
    shift = 0 if seed is None else seed * 1000

    def shuffled(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
        return rows if seed is None else order.sample(rows, len(rows))

    with writing(path) as connection:
        connection.executemany("INSERT INTO stocks (id, symbol, company_name, is_sp500) VALUES (? + ?, ?, ?, 1)",
                               [(shift, *row) for row in shuffled([*_STOCKS])])  # fmt: skip
        connection.executemany(
            "INSERT INTO income_statements (stock_id, period, year, fyear, start_date, end_date, currency, revenue) "
            "VALUES (? + ?, ?, ?, 2024, ?, ?, 'USD', ?)",
            [(shift, *row) for row in shuffled([*_ROWS])],
        )
        connection.executemany(
            "INSERT INTO cik_mappings_sp500 (cik, stock_id, symbol, company_name, edgar_file_path) VALUES (?, ? + ?, ?, ?, ?)",
            [(str(row[0]), shift, row[0], row[1], row[2], f"/{seed}") for row in shuffled([*_STOCKS])],
        )
        connection.execute(
            "INSERT INTO loader_companies (cik, entity_name, run_id, fingerprint) VALUES ('1', 'Apple', ?, ?)", (shift, seed)
        )
        names: dict[str, list[tuple[object, ...]]] = {
            "loader_lines (statement, line)": [("income", "revenue"), ("income", "ebitda")],
            "loader_concepts (concept)": [("us-gaap:Revenues",), ("us-gaap:NetIncomeLoss",)],
            "loader_methods (method)": [("reported",), ("FY - 9M",)],
            "loader_repairs (repair)": [("scale",), ("sign",)],
        }
        for table, rows in names.items():
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", shuffled(rows))
        connection.execute(
            """INSERT INTO loader_series (line_id, concept_id, method_id, repair_id)
            SELECT l.id, c.id, m.id, r.id FROM loader_lines l, loader_concepts c, loader_methods m, loader_repairs r"""
        )
        sources: list[tuple[object, ...]] = [(1, "FY", "2024-09-28", "reported"), (1, "Q4", "2024-09-28", "FY - 9M")]
        series = """(SELECT x.id FROM loader_series x
            JOIN loader_lines l ON l.id = x.line_id JOIN loader_methods m ON m.id = x.method_id
            JOIN loader_concepts c ON c.id = x.concept_id JOIN loader_repairs r ON r.id = x.repair_id
            WHERE l.line = '{}' AND m.method = ? AND c.concept = 'us-gaap:Revenues' AND r.repair = 'scale')"""
        connection.executemany(
            f"""INSERT INTO loader_income_provenance (stock_id, period, end_date, revenue, ebitda, ebitda_value)
            VALUES (? + ?, ?, ?, {series.format("revenue")}, {series.format("ebitda")}, -0.1)""",
            [(shift, *source, source[-1]) for source in shuffled(sources)],
        )
        connection.execute(
            """INSERT INTO loader_raw_values (stock_id, line_id, period, end_date, raw_value)
            SELECT ? + 1, id, 'FY', '2024-09-28', 7.5 FROM loader_lines WHERE line = 'revenue'""",
            (shift,),
        )
    return path


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return _make(tmp_path / "new.db")


def test_statements_come_typed_and_oldest_first(db: Path) -> None:
    frame = read_statements(db, "AAPL", "income")
    assert frame.select("period", "start_date", "end_date", "revenue").rows() == [
        ("Q3", date(2024, 3, 31), date(2024, 6, 29), 85_777_000_000.0),
        ("TTM", date(2023, 7, 2), date(2024, 6, 29), None),
        ("FY", date(2023, 10, 1), date(2024, 9, 28), 391_035_000_000.0),
        ("Q4", date(2024, 6, 30), date(2024, 9, 28), 94_930_000_000.0),
    ]
    assert frame.schema["filed"] == pl.Date
    assert frame.schema["year"] == pl.Int64
    assert all(frame.schema[line] == pl.Float64 for line in LINES["income"])


@pytest.mark.parametrize("statement", ["income", "balance", "cashflow"])
def test_a_company_without_rows_gives_an_empty_frame_with_the_same_columns(db: Path, statement: Statement) -> None:
    frame = read_statements(db, "BF.B", statement)
    assert frame.height == 0
    assert set(LINES[statement]) < set(frame.columns)
    assert ("start_date" in frame.columns) == (statement != "balance")
    assert frame.schema["end_date"] == pl.Date


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("annual", ["FY"]),
        ("quarterly", ["Q3", "Q4"]),
        ("ttm", ["TTM"]),
        ("TTM", ["TTM"]),
        ("q3", ["Q3"]),
        ("T", []),
        ("FY", ["FY"]),
    ],
)
def test_periods_can_be_chosen_by_name_or_label(db: Path, period: str, expected: list[str]) -> None:
    assert read_statements(db, "AAPL", "income", period)["period"].to_list() == expected


def test_a_symbol_is_found_in_any_spelling_and_an_unknown_one_names_like_ones(db: Path) -> None:
    assert read_statements(db, "brk-b", "income")["revenue"].to_list() == [0.1]
    with pytest.raises(UsageError, match=r"no stock has the symbol 'APPL': did you mean AAPL\?"):
        read_statements(db, "APPL", "income")
    with pytest.raises(UsageError, match="no stock has the symbol '123456': see `loader stocks list`"):
        read_statements(db, "123456", "income")


def test_an_unknown_statement_or_period_names_the_right_ones(db: Path) -> None:
    with pytest.raises(UsageError, match="give one of income, balance, cashflow"):
        read_statements(db, "AAPL", "profit")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="give annual, quarterly, ttm, or one of Q1"):
        read_statements(db, "AAPL", "income", "H1")


def test_content_does_not_depend_on_ids_order_paths_or_runs(db: Path, tmp_path: Path) -> None:
    expected = content_hash(db)
    for seed in (1, 2):
        other = _make(tmp_path / f"{seed}.db", seed=seed)
        create_run(other, {}, "elsewhere", [])
        assert list(content(other)) == list(content(db))
        assert content_hash(other) == expected
    assert len(expected) == 64


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE stocks SET sector = 'Energy' WHERE id = 1",
        "UPDATE stocks SET is_sp500 = 0 WHERE id = 1",
        "UPDATE cik_mappings_sp500 SET cik = '9' WHERE stock_id = 1",
        "UPDATE income_statements SET revenue = revenue * (1 + 1e-15) WHERE stock_id = 1 AND period = 'FY'",
        "UPDATE income_statements SET revenue = 0 WHERE revenue IS NULL",
        "UPDATE income_statements SET filed = '2024-11-01' WHERE stock_id = 1",
        "DELETE FROM income_statements WHERE stock_id = 2",
        "INSERT INTO balance_sheets (stock_id, period, end_date) VALUES (77, 'FY', '2020-12-31')",
        "UPDATE loader_raw_values SET raw_value = 1 WHERE stock_id = 1",
        "UPDATE loader_income_provenance SET ebitda_value = -0.10000000000000002 WHERE period = 'Q4'",
        "UPDATE loader_income_provenance SET failed = 1, passed = 0, vacuous = 0 WHERE period = 'Q4'",
        "UPDATE loader_methods SET method = 'guess' WHERE method = 'reported'",
        "UPDATE loader_companies SET stale = 1",
        "INSERT INTO loader_meta VALUES ('as_of', '2020-01-01')",
    ],
)
def test_a_change_in_any_part_of_the_content_changes_the_hash(db: Path, change: str) -> None:
    before = content_hash(db)
    with writing(db) as connection:
        assert connection.execute(change).rowcount > 0
    assert content_hash(db) != before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cik_mappings_sp500 SET edgar_file_path = 'x', created_at = 'y'",
        "UPDATE loader_companies SET run_id = 5, fingerprint = 'z'",
        "INSERT OR REPLACE INTO loader_meta VALUES ('source', '/else')",
        "INSERT INTO loader_tickers VALUES (1, 'A', 'A', NULL)",
    ],
)
def test_what_is_not_content_does_not_change_the_hash(db: Path, change: str) -> None:
    before = content_hash(db)
    with writing(db) as connection:
        assert connection.execute(change).rowcount > 0
    assert content_hash(db) == before
