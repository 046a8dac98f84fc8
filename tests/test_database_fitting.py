"""Tables that stand there under the contract's names: what is kept, what is changed, what is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.database import SchemaReport, ensure_schema, list_stocks, staging_tables
from loader.database.ddl import parse_table, tokens
from loader.errors import SchemaError

_INCOME = "stock_id INTEGER, period TEXT, year INTEGER, end_date TEXT"


def _fit(path: Path, script: str) -> SchemaReport:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return ensure_schema(path)


def _query(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("definition", "change"),
    [
        (f"id INTEGER PRIMARY KEY, {_INCOME}, UNIQUE (stock_id, period, year)", "UNIQUE (stock_id, period, year) removed"),
        (f"id INTEGER PRIMARY KEY, {_INCOME} CONSTRAINT one UNIQUE ON CONFLICT REPLACE", "UNIQUE (end_date) removed"),
        (f"{_INCOME}, PRIMARY KEY (stock_id, period, year)", "PRIMARY KEY (stock_id, period, year) removed"),
        (f"{_INCOME}, PRIMARY KEY (stock_id, period, end_date)", "id made an INTEGER PRIMARY KEY"),
        (f"id INT PRIMARY KEY, {_INCOME}", "id made an INTEGER PRIMARY KEY"),
        (f"id INTEGER, {_INCOME}, PRIMARY KEY (id, year)", "id made an INTEGER PRIMARY KEY"),
        (f"id INTEGER PRIMARY KEY, {_INCOME}, revenue BIGINT", "revenue BIGINT made REAL"),
        (f"id INTEGER PRIMARY KEY, {_INCOME}, revenue", "revenue without a type made REAL"),
        (f"id INTEGER PRIMARY KEY, {_INCOME}, revenue TEXT NOT NULL DEFAULT '0'", "revenue may be NULL"),
        (f"id INTEGER PRIMARY KEY, {_INCOME}, filed DATETIME", "filed DATETIME made TEXT"),
        (f"id INTEGER PRIMARY KEY, {_INCOME}, currency STRING", "currency STRING made TEXT"),
    ],
)
def test_a_key_or_type_in_the_way_is_taken_out_and_rows_keep_their_ids(tmp_path: Path, definition: str, change: str) -> None:
    path = tmp_path / "app.db"
    columns = f"{'id' if definition.startswith('id') else 'rowid'}, stock_id, period, year, end_date, mine"
    script = f"""
        CREATE TABLE income_statements (mine TEXT COLLATE NOCASE CHECK (mine <> ')'), {definition});
        INSERT INTO income_statements ({columns}) VALUES (40, 1, 'FY', 2020, '2020-12-31', 'a');
        INSERT INTO income_statements ({columns}) VALUES (7, 1, 'Q4', 2021, '2021-12-31', 'b');
    """
    report = _fit(path, script)
    assert any(change in line for line in report.changed), report.changed
    rows = "SELECT id, stock_id, period, year, end_date, mine FROM income_statements ORDER BY id"
    assert _query(path, rows) == [(7, 1, "Q4", 2021, "2021-12-31", "b"), (40, 1, "FY", 2020, "2020-12-31", "a")]
    with closing(sqlite3.connect(path)) as connection:
        # What the loader writes fits, and what the application demanded of its own column still holds.
        new = "INSERT INTO income_statements (stock_id, period, year, end_date, revenue) VALUES"
        connection.execute(f"{new} (1, 'T', 2020, '2020-06-30', 1.5), (1, 'FY', 2020, '2020-06-30', NULL)")
        assert connection.execute("SELECT revenue FROM income_statements WHERE period = 'T'").fetchone() == (1.5,)
        assert connection.execute("SELECT count(*) FROM income_statements WHERE mine = 'A'").fetchone() == (1,)
        for values in ("'FY', '2020-12-31', NULL", "'Q1', '2020-12-31', ')'"):
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(f"INSERT INTO income_statements (stock_id, period, end_date, mine) VALUES (1, {values})")
    assert ensure_schema(path).changed == []


def test_a_table_without_rowid_becomes_an_ordinary_one(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    _fit(
        path,
        f"""CREATE TABLE income_statements (id INTEGER NOT NULL, {_INCOME}, PRIMARY KEY (stock_id, period, year)) WITHOUT ROWID;
        INSERT INTO income_statements VALUES (31, 1, 'FY', 2020, '2020-12-31'), (30, 1, 'Q1', 2020, '2020-03-31');""",
    )
    assert _query(path, "SELECT id, period FROM income_statements ORDER BY rowid") == [(30, "Q1"), (31, "FY")]


def test_a_strict_table_stays_strict(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    script = "CREATE TABLE cik_mappings_sp500 (id INTEGER PRIMARY KEY, cik TEXT UNIQUE, stock_id INTEGER, symbol TEXT) STRICT"
    _fit(path, script)
    assert str(_query(path, "SELECT sql FROM sqlite_master WHERE name = 'cik_mappings_sp500'")[0][0]).endswith(") STRICT")


def test_indexes_and_triggers_of_a_rebuilt_table_are_recreated_and_unique_indexes_in_the_way_made_plain(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    report = _fit(
        path,
        f"""CREATE TABLE log (x);
        CREATE TABLE income_statements (id INTEGER PRIMARY KEY, {_INCOME}, mine, UNIQUE (stock_id, year));
        CREATE UNIQUE INDEX by_year ON income_statements (stock_id, year DESC) WHERE year > 0;
        CREATE UNIQUE INDEX fine ON income_statements (stock_id, period, end_date, year);
        CREATE INDEX expression ON income_statements (lower(mine));
        CREATE TRIGGER watch AFTER INSERT ON income_statements BEGIN INSERT INTO log VALUES (new.id); END;""",
    )
    assert (
        "income_statements: the index by_year is no longer unique, because it would refuse rows of the loader" in report.changed
    )
    sql = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'income_statements' AND type <> 'table' AND sql NOTNULL"
    assert {str(name): text for name, text in _query(path, sql)} == {
        "by_year": "CREATE INDEX by_year ON income_statements (stock_id, year DESC) WHERE year > 0",
        "fine": "CREATE UNIQUE INDEX fine ON income_statements (stock_id, period, end_date, year)",
        "expression": "CREATE INDEX expression ON income_statements (lower(mine))",
        "watch": "CREATE TRIGGER watch AFTER INSERT ON income_statements BEGIN INSERT INTO log VALUES (new.id); END",
    }
    assert _query(path, "SELECT * FROM log") == []


def test_ids_that_were_given_once_are_not_given_again_after_a_rebuild(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    _fit(
        path,
        """CREATE TABLE cik_mappings_sp500 (id INTEGER PRIMARY KEY AUTOINCREMENT, cik TEXT UNIQUE, stock_id INTEGER, symbol TEXT);
        INSERT INTO cik_mappings_sp500 (id, cik, stock_id) VALUES (3, '1', 1), (99, '2', 2);
        DELETE FROM cik_mappings_sp500 WHERE id = 99;""",
    )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO cik_mappings_sp500 (cik, stock_id) VALUES ('1', 2)")
        assert connection.execute("SELECT max(id) FROM cik_mappings_sp500").fetchone() == (100,)


def test_a_view_on_a_rebuilt_table_and_one_that_is_broken_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    _fit(
        path,
        f"""CREATE TABLE income_statements (id INTEGER PRIMARY KEY, {_INCOME}, UNIQUE (stock_id, year));
        CREATE VIEW mine AS SELECT year FROM income_statements;
        CREATE VIEW broken AS SELECT * FROM a_table_that_was_dropped;
        INSERT INTO income_statements (year) VALUES (2020);""",
    )
    assert _query(path, "SELECT * FROM mine") == [(2020,)]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("CREATE VIEW income_statements AS SELECT 1", "income_statements is a view"),
        ("CREATE VIRTUAL TABLE balance_sheets USING fts5 (x)", "balance_sheets is a virtual table"),
        ("CREATE TABLE income_statements (symbol TEXT, year INTEGER)", "income_statements has no column stock_id"),
        ("CREATE TABLE stocks (ticker TEXT)", "stocks has no column id"),
        ("CREATE TABLE stocks (id INTEGER PRIMARY KEY, ticker TEXT)", "stocks has no column symbol"),
        (
            "CREATE TABLE stocks (id INTEGER PRIMARY KEY, symbol); INSERT INTO stocks VALUES (1, 'A'), (2, 'DUP'), (3, 'DUP')",
            "stocks has 2 rows with the symbol 'DUP'",
        ),
        (
            "CREATE TABLE stocks (id TEXT PRIMARY KEY, symbol TEXT); INSERT INTO stocks VALUES ('u-1', 'A')",
            "stocks has the id 'u-1'",
        ),
        (
            "CREATE TABLE stocks (id INTEGER, symbol TEXT); INSERT INTO stocks VALUES (1, 'A'), (1, 'B')",
            "stocks has 2 rows with the id 1",
        ),
        (
            f"CREATE TABLE income_statements (id INTEGER PRIMARY KEY, {_INCOME}, kind TEXT NOT NULL)",
            "NOT NULL constraint failed: income_statements.kind",
        ),
        (
            "CREATE TABLE income_statements (id INTEGER PRIMARY KEY, stock_id INTEGER, period CHECK (period IN ('FY', 'Q1')))",
            "income_statements refuses rows of the loader",
        ),
        (
            f"""CREATE TABLE income_statements (id INTEGER PRIMARY KEY, {_INCOME});
            CREATE TRIGGER no BEFORE INSERT ON income_statements BEGIN SELECT raise(ROLLBACK, 'closed'); END""",
            "refuses rows of the loader .closed.",
        ),
        (
            f"CREATE TABLE income_statements (id TEXT PRIMARY KEY, {_INCOME}); INSERT INTO income_statements (id) VALUES ('x')",
            "the table income_statements cannot be fitted",
        ),
        (
            f"""CREATE TABLE income_statements (id INTEGER PRIMARY KEY, {_INCOME});
            INSERT INTO income_statements VALUES (1, 5, 'FY', 1, '2020-12-31'), (2, 5, 'FY', 2, '2020-12-31')""",
            "several rows with stock_id 5, period 'FY', end_date '2020-12-31'",
        ),
        (
            """CREATE TABLE cik_mappings_sp500 (id INTEGER PRIMARY KEY, cik TEXT UNIQUE, stock_id INTEGER);
            CREATE TABLE notes (cik TEXT REFERENCES cik_mappings_sp500 (cik))""",
            "the table notes refers to it",
        ),
        (
            "CREATE TABLE statement_items (x); CREATE TABLE loader_statement_items (x)",
            "both statement_items and loader_statement_items",
        ),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_one_line_and_stays_as_it_was(tmp_path: Path, script: str, message: str) -> None:
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    before = path.read_bytes()
    with pytest.raises(SchemaError, match=message) as caught:
        ensure_schema(path)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before


def test_stocks_without_our_columns_get_them_and_keep_what_they_have(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    report = _fit(
        path,
        """CREATE TABLE stocks (id INTEGER, symbol TEXT, PRIMARY KEY (symbol)) WITHOUT ROWID;
        INSERT INTO stocks VALUES (5, 'A'), (9, 'B')""",
    )
    assert "stocks: columns added: company_name, sector, is_sp500" in report.changed
    assert [(stock.id, stock.symbol, stock.company_name, stock.is_sp500) for stock in list_stocks(path)] == [
        (5, "A", "A", False),
        (9, "B", "B", False),
    ]


@pytest.mark.parametrize(
    ("default", "staged"),
    [("5", False), ("-1.5e3", False), ("'it''s'", False), ("NULL", False), ("CURRENT_TIMESTAMP", False), ("TRUE", False),
     ("(datetime('now'))", True), ('"text"', True), ("(1 + 1)", True)],
)  # fmt: skip
def test_a_table_with_defaults_that_only_sqlite_knows_gets_a_staging_table(tmp_path: Path, default: str, staged: bool) -> None:
    path = tmp_path / "app.db"
    _fit(path, f"CREATE TABLE balance_sheets (id INTEGER PRIMARY KEY, stock_id INTEGER, mine DEFAULT {default})")
    assert staging_tables(path) == ({"balance_sheets": "loader_staging_balance_sheets"} if staged else {})
    assert ensure_schema(path).created == []


def test_a_definition_survives_being_cut_and_joined() -> None:
    sql = """CREATE TABLE "odd ""name"" (" (
        a INTEGER PRIMARY KEY DESC, -- one, (two
        [b c] TEXT DEFAULT 'x, y) --' /* UNIQUE */ CONSTRAINT k UNIQUE ON CONFLICT IGNORE CHECK (length([b c]) IN (1, 2)),
        `d` NUMERIC(10, 2) GENERATED ALWAYS AS (a + 1) STORED,
        CONSTRAINT u UNIQUE ("a", d COLLATE NOCASE DESC), -- last
        FOREIGN KEY (a) REFERENCES t (x, y)
    ) WITHOUT ROWID, STRICT"""
    table = parse_table(sql)
    assert table is not None
    assert [part.column for part in table.parts] == ["a", "b c", "d", None, None]
    assert [part.key_columns() for part in table.parts[:4]] == [("a",), ("b c",), ("d",), ("a", "d")]
    declared = [part.declared_keys() for part in table.parts]
    assert [[kind for kind, _ in keys] for keys in declared] == [["PRIMARY"], ["UNIQUE"], [], ["UNIQUE"], []]
    assert table.without_rowid
    assert table.strict
    ((_, (start, end)),) = declared[1]
    rest = table.parts[1].without(start, end).text
    assert " ".join(rest.split()) == "-- one, (two [b c] TEXT DEFAULT 'x, y) --' /* UNIQUE */ CHECK (length([b c]) IN (1, 2))"


@given(st.text(alphabet="ab ,()'\"`[]-/*\n", max_size=40))
def test_tokens_joined_are_the_text_again(text: str) -> None:
    assert "".join(token.text for token in tokens(text)) == text
