"""The schema of a new database, and what may stand where one is to be made."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from loader._sql import sql_directory
from loader.database import SCHEMA_VERSION, ensure_schema, has_members, list_stocks
from loader.database.connection import database_error, writing
from loader.database.provenance_tables import PROVENANCE_TABLES
from loader.errors import DatabaseBusyError, DatabaseError, SchemaError
from loader.reference import LINES, STATEMENT_TABLES
from loader.reference.plain import auxiliary_lines

_FILES = sorted((sql_directory() / "schema").glob("*.sql"))


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "new.db"
    ensure_schema(path)
    return path


def _dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_each_schema_file_states_its_purpose_and_makes_what_it_is_named_for(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith("-- ")
    assert text.splitlines()[0].endswith(".")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(text)
        made = connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
    assert made == [(file.stem,)]


@pytest.mark.parametrize(("statement", "table"), STATEMENT_TABLES.items())
def test_statement_tables_have_the_contracts_columns_in_their_order(db: Path, statement: str, table: str) -> None:
    start = [] if statement == "balance" else ["start_date"]
    lines = LINES[statement]  # type: ignore[index]
    with closing(sqlite3.connect(db)) as connection:
        columns = [(row[1], row[2]) for row in connection.execute(f"PRAGMA table_info({table})")]
    assert [name for name, _ in columns] == [
        "id", "stock_id", "period", "year", "fyear", *start, "end_date", "currency", *lines, "accession", "form", "filed",
    ]  # fmt: skip
    assert all(declared == "REAL" for name, declared in columns if name in lines)


def test_a_new_database_has_larger_pages_and_an_older_one_keeps_its_own(tmp_path: Path) -> None:
    new, old = tmp_path / "new.db", tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript("PRAGMA page_size = 4096; CREATE TABLE mine (x)")
    for path, size in ((new, 8192), (old, 4096)):
        ensure_schema(path)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA page_size").fetchone() == (size,)
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_new_database_is_in_wal_mode_and_says_so_only_where_another_mode_was_there(tmp_path: Path) -> None:
    new, old = tmp_path / "deep" / "folders" / "new.db", tmp_path / "old.db"
    assert ensure_schema(new).changed == []
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    assert ensure_schema(old).changed == ["journal mode changed from delete to wal, so that others can read during a load"]
    for path in (new, old):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_second_time_nothing_is_done(db: Path) -> None:
    before = _dump(db)
    report = ensure_schema(db)
    assert (report.created, report.changed) == ([], [])
    assert _dump(db) == before


def test_user_version_stays_the_applications(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    ensure_schema(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (99,)


def test_an_older_schema_is_brought_up_to_date_and_a_newer_one_refused(db: Path) -> None:
    with writing(db) as connection:
        connection.execute("DROP VIEW loader_core_completeness")
        connection.execute("ALTER TABLE loader_companies DROP COLUMN template")
        connection.execute("DROP TABLE loader_tickers")
        connection.execute("DROP VIEW statement_items")
        connection.execute("CREATE VIEW statement_items AS SELECT 1 AS old")
        connection.execute("UPDATE loader_meta SET value = '0' WHERE key = 'schema_version'")
    report = ensure_schema(db)
    assert report.created == ["loader_tickers", "loader_core_completeness"]
    assert report.changed == [
        "loader_companies: columns added: template",
        f"view statement_items replaced by that of schema version {SCHEMA_VERSION}",
    ]
    for version in (str(SCHEMA_VERSION + 1), "one"):
        with writing(db) as connection:
            connection.execute("UPDATE loader_meta SET value = ? WHERE key = 'schema_version'", (version,))
        before = _dump(db)
        with pytest.raises(SchemaError, match=r"newer loader|no loader writes") as caught:
            ensure_schema(db)
        assert "\n" not in str(caught.value)
        assert _dump(db) == before


def test_the_view_of_single_values_shows_names_dates_and_accessions(db: Path) -> None:
    with writing(db) as connection:
        for line in enumerate(("revenue", "ebitda", "net_income"), 1):
            connection.execute("INSERT INTO loader_lines VALUES (?, 'income', ?)", line)
        connection.execute("INSERT INTO loader_methods VALUES (1, 'reported'), (2, 'Q4 = FY - 9M')")
        connection.execute("INSERT INTO loader_units VALUES (1, 'USD')")
        connection.execute("INSERT INTO loader_concepts VALUES (1, 'us-gaap:Revenues')")
        connection.execute("INSERT INTO loader_repairs VALUES (1, 'scale')")
        connection.execute("INSERT INTO loader_reasons VALUES (1, 'not_reported_by_this_filer')")
        connection.execute("INSERT INTO loader_series VALUES (1, 1, 1, 1, 1, 1), (2, 2, NULL, NULL, 2, NULL)")
        connection.execute("INSERT INTO loader_other_filings VALUES (1, 7, 1, '0000320193-23-000077', '10-Q', '2023-08-04')")
        connection.execute("INSERT INTO loader_raw_values VALUES (1, 7, 1, 'Q1', '2024-06-29', 1500.0)")
        connection.execute(
            "INSERT INTO income_statements (stock_id, period, end_date, revenue, accession, form, filed) "
            "VALUES (7, 'Q1', '2024-06-29', 1.5, '0000320193-24-000123', '10-Q', '2024-08-02')"
        )
        connection.execute(
            "INSERT INTO loader_income_provenance (stock_id, period, year, end_date, revenue, ebitda, ebitda_value, net_income) "
            "VALUES (7, 'Q1', 2024, '2024-06-29', 1, 1048576 + 2, 2.5, -1), (7, 'Q2', NULL, '1969-12-31', NULL, 2, 3.5, NULL)"
        )
        gaps = connection.execute("SELECT * FROM statement_gaps").fetchall()
        rows = connection.execute("SELECT * FROM statement_items ORDER BY value").fetchall()
        columns = [row[1] for row in connection.execute("PRAGMA table_info(statement_items)")]
    assert rows == [
        (7, "income", "revenue", "Q1", 2024, "2024-06-29", 1.5, 1500.0, "USD", "us-gaap:Revenues", "0000320193-24-000123", "10-Q",
         "2024-08-02", "reported"),
        (7, "income", "ebitda", "Q1", 2024, "2024-06-29", 2.5, None, None, None, "0000320193-23-000077", "10-Q", "2023-08-04",
         "Q4 = FY - 9M"),
        (7, "income", "ebitda", "Q2", None, "1969-12-31", 3.5, None, None, None, None, None, None, "Q4 = FY - 9M"),
    ]  # fmt: skip
    assert gaps == [(7, "income", "net_income", "Q1", 2024, "2024-06-29", "not_reported_by_this_filer")]
    assert (
        ",".join(columns)
        == "stock_id,statement,line,period,year,end_date,value,raw_value,unit,concept,accession,form,filed,method"
    )


#: What schemas 1 and 2 had and this one has not, with two companies in it: an auxiliary line, a repair, a gap, a judgement.
_OLDER = """
    DROP TRIGGER loader_loaded_deleted;
    DROP TABLE loader_income_provenance; DROP TABLE loader_balance_provenance; DROP TABLE loader_cash_flow_provenance;
    DROP TABLE loader_other_filings; DROP TABLE loader_raw_values;
    CREATE TABLE loader_periods (id INTEGER PRIMARY KEY, period TEXT NOT NULL, UNIQUE (period));
    CREATE TABLE loader_filings (id INTEGER PRIMARY KEY, accession INTEGER NOT NULL, form TEXT NOT NULL, filed TEXT NOT NULL);
    CREATE TABLE loader_gaps (id INTEGER PRIMARY KEY, stock_id INTEGER NOT NULL, line_id INTEGER NOT NULL,
        period_id INTEGER NOT NULL, year INTEGER, end_day INTEGER NOT NULL, reason_id INTEGER NOT NULL);
    CREATE TABLE loader_quality (id INTEGER PRIMARY KEY, stock_id INTEGER NOT NULL, statement TEXT NOT NULL, period TEXT NOT NULL,
        year INTEGER, end_date TEXT NOT NULL, passed INTEGER NOT NULL, failed INTEGER NOT NULL, vacuous INTEGER NOT NULL,
        failed_checks TEXT);
    INSERT INTO loader_lines VALUES (1, 'income', 'revenue'), (2, 'income', 'net_income'), (3, 'balance', 'net_debt'),
        (4, 'balance', 'total_assets');
    INSERT INTO loader_periods VALUES (1, 'Q1');
    INSERT INTO loader_methods VALUES (1, 'reported');
    INSERT INTO loader_units VALUES (1, 'USD');
    INSERT INTO loader_concepts VALUES (1, 'us-gaap:Revenues');
    INSERT INTO loader_repairs VALUES (1, 'scale');
    INSERT INTO loader_reasons VALUES (1, 'not_reported_by_this_filer');
    INSERT INTO loader_filings VALUES (1, 32019324000123, '10-Q', '2024-08-02'), (2, 32019323000077, '10-Q', '2023-08-04');
    INSERT INTO income_statements (stock_id, period, year, end_date, revenue, net_income, accession, form, filed)
        VALUES (7, 'Q1', 2024, '2024-06-29', 3.5, -2.5, '0000320193-24-000123', '10-Q', '2024-08-02'),
        (9, 'Q1', 2024, '2024-06-29', 1.5, NULL, NULL, NULL, NULL), (9, 'Q1', 2023, '2023-06-30', 4.5, NULL, NULL, NULL, NULL);
    INSERT INTO loader_gaps VALUES (1, 9, 2, 1, 2024, 19903, 1);
    INSERT INTO loader_quality VALUES (1, 7, 'income', 'Q1', 2024, '2024-06-29', 1, 1, 0, 'K7');
"""
_OLDER_ITEMS = {
    1: """
        DROP TABLE loader_series; DROP TABLE loader_loaded;
        CREATE TABLE loader_items (id INTEGER PRIMARY KEY, stock_id INTEGER NOT NULL, line_id INTEGER NOT NULL,
            period_id INTEGER NOT NULL, year INTEGER, end_day INTEGER NOT NULL, value REAL NOT NULL, raw_value REAL,
            unit_id INTEGER, concept_id INTEGER, filing_id INTEGER, method_id INTEGER NOT NULL, repair_id INTEGER);
        INSERT INTO loader_items VALUES (1, 9, 1, 1, 2024, 19903, 1.5, 1500.0, 1, NULL, NULL, 1, 1),
            (2, 7, 2, 1, 2024, 19903, -2.5, NULL, 1, NULL, 2, 1, NULL),
            (3, 7, 1, 1, 2024, 19903, 3.5, NULL, 1, 1, 1, 1, NULL),
            (4, 7, 3, 1, 2024, 19903, 6.5, NULL, 1, NULL, 2, 1, NULL),
            (5, 9, 1, 1, 2023, 19538, 4.5, NULL, NULL, NULL, NULL, 1, NULL);
    """,
    2: """
        CREATE TABLE loader_items (id INTEGER PRIMARY KEY, stock_id INTEGER NOT NULL, series_id INTEGER NOT NULL,
            period_id INTEGER NOT NULL, year INTEGER, end_day INTEGER NOT NULL, value REAL NOT NULL, raw_value REAL,
            filing_id INTEGER);
        INSERT INTO loader_series VALUES (1, 1, 1, NULL, 1, 1), (2, 2, 1, NULL, 1, NULL), (3, 1, 1, 1, 1, NULL),
            (4, 3, 1, NULL, 1, NULL), (5, 1, NULL, NULL, 1, NULL);
        INSERT INTO loader_items VALUES (1, 9, 1, 1, 2024, 19903, 1.5, 1500.0, NULL), (2, 7, 2, 1, 2024, 19903, -2.5, NULL, 2),
            (3, 7, 3, 1, 2024, 19903, 3.5, NULL, 1), (4, 7, 4, 1, 2024, 19903, 6.5, NULL, 2),
            (5, 9, 5, 1, 2023, 19538, 4.5, NULL, NULL);
        INSERT INTO loader_loaded (stock_id) VALUES (7), (9);
    """,
}


@pytest.mark.parametrize("version", _OLDER_ITEMS)
def test_an_older_database_says_the_same_after_its_migration(db: Path, version: int) -> None:
    """Every value with its source, every gap and every judgement; and a stock's go with it."""
    shown = "SELECT * FROM statement_items ORDER BY stock_id, line, value"
    with closing(sqlite3.connect(db)) as connection:
        connection.executescript(_OLDER + _OLDER_ITEMS[version])
        connection.execute("UPDATE loader_meta SET value = ? WHERE key = 'schema_version'", (str(version),))
        connection.commit()
    ensure_schema(db)
    with writing(db) as connection:
        rows = connection.execute(shown).fetchall()
        repairs = connection.execute("SELECT stock_id, line, repair, raw_value, value FROM statement_repairs").fetchall()
        gaps = connection.execute("SELECT * FROM statement_gaps").fetchall()
        quality = connection.execute("SELECT * FROM statement_quality").fetchall()
        total = connection.execute("SELECT control_total FROM loader_income_provenance WHERE stock_id = 7").fetchall()
        connection.execute("DELETE FROM loader_loaded WHERE stock_id = 9")
        left = connection.execute(shown).fetchall()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    own, other = ("0000320193-24-000123", "10-Q", "2024-08-02"), ("0000320193-23-000077", "10-Q", "2023-08-04")
    assert rows == [
        (7, "balance", "net_debt", "Q1", 2024, "2024-06-29", 6.5, None, "USD", None, *other, "reported"),
        (7, "income", "net_income", "Q1", 2024, "2024-06-29", -2.5, None, "USD", None, *other, "reported"),
        (7, "income", "revenue", "Q1", 2024, "2024-06-29", 3.5, None, "USD", "us-gaap:Revenues", *own, "reported"),
        (9, "income", "revenue", "Q1", 2024, "2024-06-29", 1.5, 1500.0, "USD", None, None, None, None, "reported"),
        (9, "income", "revenue", "Q1", 2023, "2023-06-30", 4.5, None, None, None, None, None, None, "reported"),
    ]
    assert repairs == [(9, "revenue", "scale", 1500.0, 1.5)]
    assert gaps == [(9, "income", "net_income", "Q1", 2024, "2024-06-29", "not_reported_by_this_filer")]
    assert quality == [(7, "income", "Q1", 2024, "2024-06-29", 1, 1, 0, "K7")]
    assert total == [(3.5 - 2.5 * 11,)]
    assert left == rows[:3]
    assert not tables & {"loader_items", "loader_gaps", "loader_quality", "loader_periods", "loader_filings", "loader_moved"}
    assert ensure_schema(db).changed == []


def test_every_line_has_its_columns_and_its_place_in_the_views() -> None:
    """A line that is added to the reference must be added to its provenance table and to the views too."""
    schema = sql_directory() / "schema"
    items, repairs, gaps = ((schema / f"statement_{view}.sql").read_text() for view in ("items", "repairs", "gaps"))
    checks = (sql_directory() / "validation" / "provenance.sql").read_text()
    for statement, table in PROVENANCE_TABLES.items():
        definition = (schema / f"{table}.sql").read_text()
        for line in auxiliary_lines(statement):
            assert f"    {line} INTEGER, {line}_value REAL,\n" in definition
        for line in (*LINES[statement], *auxiliary_lines(statement)):
            value = f"p.{line}_value" if line in auxiliary_lines(statement) else f"t.{line}"
            assert f"    {line} INTEGER," in definition
            for view in (items, repairs):
                assert f"WHEN '{line}' THEN p.{line}\n" in view
                assert f"WHEN '{line}' THEN {value}\n" in view
            assert f"(({value} IS NOT NULL) <> " in checks
        for place, line in enumerate(LINES[statement], 1):
            assert f"WHEN '{line}' THEN p.{line}\n" in gaps
            assert f" {place}.0 * coalesce(t.{line}, 0)" in checks


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    ensure_schema(path)
    assert not has_members(path)


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _corrupt(path: Path) -> Path:
    ensure_schema(path)
    content = path.read_bytes()
    return _write(path, content[:120] + b"\xff" * (len(content) - 120))


def _fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder, "this is a folder"),
        (lambda folder: _write(folder / "file", b"x") / "below.db", "a part of its path is a file"),
        (lambda folder: _write(folder / "file", b"x") / "far" / "below.db", "a part of its path is a file"),
        (lambda folder: _write(folder / "text.db", b"hello, this is no database " * 100), "not a SQLite database"),
        (lambda folder: _corrupt(folder / "bad.db"), "the database is damaged"),
        (lambda folder: _fifo(folder / "pipe.db"), "not a regular file"),
        (lambda _: Path("/proc/loader/x.db"), "its folder cannot be used"),
    ],
    ids=["folder", "below a file", "far below a file", "not a database", "corrupt", "pipe", "no folder can be made"],
)
def test_what_is_no_database_is_refused_in_one_line_that_says_what_to_do(tmp_path: Path, make: object, message: str) -> None:
    path = make(tmp_path)  # type: ignore[operator]
    with pytest.raises(DatabaseError, match=message) as caught:
        ensure_schema(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_reading_a_database_that_is_not_there_says_so_and_makes_none(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="there is no such database"):
        list_stocks(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_reading_an_applications_database_without_our_tables_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    with pytest.raises(SchemaError, match=r"no such table: stocks.*run `loader extract`"):
        list_stocks(path)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach and write, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)
        Path(name).chmod(0o777)


@contextmanager
def _without_privileges() -> Iterator[None]:
    """Run as a user to whom permissions apply."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        if not os.access(sql_directory() / "schema" / "stocks.sql", os.R_OK, effective_ids=True):
            pytest.skip("the checkout is not readable for a user without privileges")
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o777), (0o666, 0o555)], ids=["file", "folder"])
def test_an_existing_database_without_write_permission_is_refused(open_folder: Path, file_mode: int, folder_mode: int) -> None:
    path = open_folder / "app.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    path.chmod(file_mode)
    open_folder.chmod(folder_mode)
    with _without_privileges(), pytest.raises(DatabaseError, match="check the permissions") as caught:
        ensure_schema(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["new.db", "folder/new.db"])
def test_a_new_database_in_a_folder_without_write_permission_is_refused(open_folder: Path, name: str) -> None:
    open_folder.chmod(0o555)
    with _without_privileges(), pytest.raises(DatabaseError, match=r"check the permissions|its folder cannot be used") as caught:
        ensure_schema(open_folder / name)
    assert "\n" not in str(caught.value)


def test_a_database_locked_for_longer_than_the_timeout_is_busy_and_for_shorter_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path, check_same_thread=False, isolation_level=None)) as other:
        other.execute("CREATE TABLE mine (x)")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError, match=r"longer than 0\.2 s.*--transaction-timeout"):
            ensure_schema(path, timeout=0.2)
        assert other.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)
        release = threading.Timer(0.3, other.execute, ("COMMIT",))
        release.start()
        report = ensure_schema(path, timeout=20)
        release.join()
        assert "stocks" in report.created


def test_a_reader_that_keeps_wal_from_being_set_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    ensure_schema(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with closing(sqlite3.connect(path, check_same_thread=False, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM stocks").fetchall()
        with pytest.raises(DatabaseBusyError):
            ensure_schema(path, timeout=0.2)
        release = threading.Timer(0.3, reader.execute, ("COMMIT",))
        release.start()
        assert ensure_schema(path, timeout=20).changed[0].startswith("journal mode changed")
        release.join()


def test_a_block_that_fails_leaves_nothing_behind(db: Path) -> None:
    def fail_in_the_middle() -> None:
        with writing(db) as connection:
            connection.execute("INSERT INTO stocks (symbol, company_name) VALUES ('X', 'X')")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_in_the_middle()
    assert list_stocks(db) == []


@pytest.mark.parametrize("name", ["with space.db", "percent%20#?.db", "ünï.db"])
def test_any_file_name_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    ensure_schema(tmp_path / name)
    assert (tmp_path / name).is_file()


def test_every_error_of_sqlite_becomes_one_line_of_ours() -> None:
    names = [name for name in dir(sqlite3) if name.startswith("SQLITE_") and isinstance(getattr(sqlite3, name), int)]
    for name in names:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = getattr(sqlite3, name)
        message = str(database_error(Path("x.db"), error))
        assert message.startswith("x.db: ")
        assert "\n" not in message
