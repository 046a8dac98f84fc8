"""Every option of a run, and its environment variable, arrives where it acts; what it does there is tested with the pipeline."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from loader.config import ExtractionConfig
from loader.database import last_run, list_stocks, read_statements
from tests.cli import loader
from tests.conftest import Call, Demo

#: Option, environment variable, a value that is not the default, and the setting of the run in which it arrives.
SETTINGS: list[tuple[str, str, str, str, Any]] = [
    ("--workers", "LOADER_WORKERS", "3", "max_workers", 3),
    ("--max-file-readers", "LOADER_MAX_FILE_READERS", "2", "max_file_readers", 2),
    ("--batch-size", "LOADER_BATCH_SIZE", "4", "batch_size", 4),
    ("--timeout", "LOADER_TIMEOUT", "12.5", "file_read_timeout", 12.5),
    ("--transaction-timeout", "LOADER_TRANSACTION_TIMEOUT", "25", "transaction_timeout", 25.0),
    ("--progress-interval", "LOADER_PROGRESS_INTERVAL", "0.01", "progress_interval", 0.01),
    ("--checkpoint-interval", "LOADER_CHECKPOINT_INTERVAL", "5", "checkpoint_interval", 5),
    ("--max-memory-mb", "LOADER_MAX_MEMORY_MB", "1024", "max_memory_mb", 1024),
    ("--threads", "LOADER_THREADS", "1", "threads", 1),
    ("--as-of", "LOADER_AS_OF", "2023-12-31", "as_of", "2023-12-31"),
    ("--vintage", "LOADER_VINTAGE", "original", "vintage", "original"),
    ("--symbols", "LOADER_SYMBOLS", "aapl, MSFT", "symbols", "AAPL,MSFT"),
]


def _prepared(demo: Demo, tmp_path: Path) -> Path:
    """A new database with the demo's stocks and mappings, and nothing loaded."""
    db = tmp_path / "new.db"
    assert loader("stocks", "import", demo.directory / "stocks.csv", "--db", db, cwd=tmp_path).returncode == 0
    tickers = demo.directory / "company_tickers_exchange.json"
    refreshed = loader(
        "mappings", "refresh", "--tickers", tickers, "--source", demo.directory / "companyfacts", "--db", db, cwd=tmp_path
    )
    assert refreshed.stdout.startswith("13 mappings, 0 members without one")
    return db


@pytest.mark.parametrize("way", ["options", "environment"])
def test_every_setting_arrives_in_the_run(way: str, demo: Demo, tmp_path: Path) -> None:
    """By option and by environment variable; the run keeps them, and `resume` starts with them."""
    db = _prepared(demo, tmp_path)
    if way == "options":
        options = [part for option, _, value, _, _ in SETTINGS for part in (option, value)]
        result = loader("extract", "--db", db, *options, cwd=tmp_path)
    else:
        result = loader("extract", cwd=tmp_path, env={"LOADER_DB": str(db)} | {name: value for _, name, value, _, _ in SETTINGS})
    assert result.returncode == 0, result.stderr
    run = last_run(db)
    assert run is not None
    assert {setting: run.settings[setting] for *_, setting, _ in SETTINGS} == {setting: value for *_, setting, value in SETTINGS}
    assert run.companies == 2
    assert str(read_statements(db, "AAPL", "income")["filed"].max()) <= "2023-12-31"
    # The interval is short and stderr is no terminal, so there are progress lines.
    assert "2 of 2 companies" in result.stderr


def test_the_settings_of_a_run_have_the_defaults_of_the_configuration(demo: Demo) -> None:
    """The command line has no defaults of its own."""
    run = last_run(demo.db)
    assert run is not None
    defaults = asdict(ExtractionConfig())
    assert {name: run.settings[name] for name in defaults} == defaults


def test_a_dry_run_lists_tasks_and_unmapped_symbols_and_changes_nothing(demo: Demo, tmp_path: Path, call: Call) -> None:
    """Neither a new database nor a changed one."""
    files = tmp_path / "companyfacts"
    files.mkdir()
    source = sorted((demo.directory / "companyfacts").iterdir())
    for file in source[:3]:
        (files / file.name).write_bytes(file.read_bytes())
    tickers = demo.directory / "company_tickers_exchange.json"
    result = call("extract", "--dry-run", "--json", "--source", files, "--tickers", tickers, "--db", "none.db")
    plan = json.loads(result.stdout)
    assert (result.returncode, plan["companies"]) == (0, 3)
    assert plan["bytes"] == sum(file.stat().st_size for file in source[:3])
    assert {one["reason"] for one in plan["unmapped"]} >= {"not in the ticker file"}
    assert not (tmp_path / "none.db").exists()
    text = call("extract", "--dry-run", "--source", files, "--tickers", tickers, "--db", "none.db").stdout
    assert "CIK0009000001.json" in text
    assert "not mapped" in text


def test_a_given_source_brings_the_mappings_up_to_date(demo: Demo, demo_db: Path, tmp_path: Path) -> None:
    """Paths follow the files to where they are now."""
    moved = tmp_path / "moved"
    moved.mkdir()
    for file in (demo.directory / "companyfacts").iterdir():
        (moved / file.name).write_bytes(file.read_bytes())
    result = loader("extract", "--symbols", "AAPL", "--source", moved, "--db", demo_db, "--json", cwd=tmp_path)
    assert json.loads(result.stdout)["status"] == "completed"
    with closing(sqlite3.connect(demo_db)) as connection:
        paths = connection.execute("SELECT DISTINCT edgar_file_path FROM cik_mappings_sp500").fetchall()
    assert all(path.startswith(str(moved)) for (path,) in paths)


def test_the_whole_job_finds_data_where_it_belongs(demo: Demo, tmp_path: Path) -> None:
    """`loader load` in a folder with data/companyfacts and the ticker file: stocks, mappings, content, validation, report."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "companyfacts").symlink_to(demo.directory / "companyfacts")
    (data / "company_tickers_exchange.json").symlink_to(demo.directory / "company_tickers_exchange.json")
    result = loader("load", "--json", cwd=tmp_path)
    report = json.loads(result.stdout)
    assert (result.returncode, report["status"], report["completed"]) == (0, "completed", 12)
    assert report["synthetic"] is True
    assert report["coverage"]["members"] == len(list_stocks(data / "edgar.db"))
    assert {check["status"] for check in report["checks"]} >= {"passed", "skipped"}


def test_the_whole_job_takes_an_applications_database(demo: Demo, tmp_path: Path) -> None:
    """One that has stocks and nothing of the loader's: they keep their ids."""
    db = tmp_path / "application.db"
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("CREATE TABLE stocks (id INTEGER PRIMARY KEY, symbol TEXT, company_name TEXT, is_sp500 BOOLEAN)")
        connection.execute("INSERT INTO stocks VALUES (77, 'MSFT', 'Microsoft', 1)")
    assert loader("load", "--db", db, cwd=tmp_path).returncode == 3
    source = ["--source", demo.directory / "companyfacts", "--tickers", demo.directory / "company_tickers_exchange.json"]
    result = loader("load", *source, "--db", db, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "journal mode changed" in result.stderr
    with closing(sqlite3.connect(db)) as connection:
        assert connection.execute("SELECT DISTINCT stock_id FROM income_statements").fetchall() == [(77,)]


def test_stocks_and_mappings_are_listed(demo_db: Path, call: Call) -> None:
    """As a table for people, as JSON for scripts."""
    stocks = call("stocks", "list", "--db", demo_db).stdout.splitlines()
    assert stocks[0].split() == ["symbol", "member", "sector", "company"]
    assert any(line.startswith("AAPL") and "ynthetic" in line for line in stocks)
    assert {stock["symbol"] for stock in json.loads(call("stocks", "list", "--db", demo_db, "--json").stdout)} >= {"AAPL", "MSFT"}
    mappings = json.loads(call("mappings", "list", "--db", demo_db, "--json").stdout)
    assert mappings["unmapped"] == []
    with closing(sqlite3.connect(demo_db)) as connection, connection:
        connection.execute("DELETE FROM cik_mappings_sp500 WHERE symbol = 'AAPL'")
    listed = call("mappings", "list", "--db", demo_db).stdout
    assert "not mapped: no file CIK0009000001.json" in listed


def test_the_demo_never_writes_into_the_real_database(tmp_path: Path, call: Call) -> None:
    """Neither under the default name nor under another one that holds real companies, nor into an application's database."""
    assert call("demo", "--db", "data/edgar.db", "--companies", "1").returncode == 2
    assert not (tmp_path / "data").exists()
    with closing(sqlite3.connect("application.db")) as connection, connection:
        connection.execute("CREATE TABLE stocks (id INTEGER PRIMARY KEY, symbol TEXT, company_name TEXT, is_sp500 BOOLEAN)")
    before = Path("application.db").read_bytes()
    assert call("demo", "--db", "application.db", "--companies", "1").returncode == 2
    assert Path("application.db").read_bytes() == before


def test_real_companies_are_not_loaded_into_the_demo(shared_data: Path, demo_db: Path, tmp_path: Path) -> None:
    """Nor the other way round: the content is of one kind."""
    tickers = next((shared_data / "reference").glob("company_tickers_exchange_*.json"))
    source = ["--source", shared_data / "companyfacts", "--tickers", tickers]
    result = loader("extract", *source, "--db", demo_db, cwd=tmp_path)
    assert result.returncode == 2
    assert "synthetic" in result.stderr
    real = tmp_path / "real.db"
    assert loader("extract", *source, "--symbols", "AAPL", "--db", real, cwd=tmp_path).returncode == 0
    result = loader("demo", "--companies", "1", "--db", real, "--directory", "d", cwd=tmp_path)
    assert result.returncode == 2
    assert "not made by the demo" in result.stderr


def test_python_dash_m_and_version(call: Call) -> None:
    """`loader --version` prints the version of the package."""
    result = call("--version")
    assert (result.returncode, result.stdout) == (0, "loader 0.1.0\n")
