"""The command line's exit codes, and what it says: one or two lines on stderr, what to do included."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli import environment, loader, start
from tests.conftest import Call, Demo


def said(result: subprocess.CompletedProcess[str]) -> str:
    """What the command said on stderr, which is short and no traceback."""
    assert "Traceback" not in result.stderr
    assert 1 <= len(result.stderr.strip().splitlines()) <= 2, result.stderr
    return result.stderr


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["nonsense"], "nonsense"),
        (["extract", "--no-such-option"], "--no-such-option"),
        (["extract", "--workers", "many"], "--workers"),
        (["extract", "--workers", "0"], "--workers"),
        (["extract", "--max-memory-mb", "255"], "256"),
        (["extract", "--timeout", "nan"], "timeout"),
        (["extract", "--timeout", "inf"], "timeout"),
        (["extract", "--vintage", "newest"], "latest"),
        (["extract", "--as-of", "31.12.2024"], "2024-12-31"),
        (["extract", "--symbols", " , "], "AAPL,MSFT"),
        (["demo", "--companies", "0"], "--companies"),
        (["stocks", "import"], "CSV"),
    ],
)
def test_a_command_that_makes_no_sense_exits_with_2(arguments: list[str], what: str, call: Call) -> None:
    """The line names the option or the value, and what is right."""
    result = call(*arguments)
    assert result.returncode == 2
    assert what in said(result)


def test_a_bad_value_in_the_environment_gets_one_clear_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment variables are checked like options, and named."""
    monkeypatch.setenv("LOADER_BATCH_SIZE", "fifty")
    result = call("extract")
    assert result.returncode == 2
    assert "LOADER_BATCH_SIZE" in said(result)


def test_an_unknown_symbol_exits_with_2(call: Call, demo_db: Path) -> None:
    """A misspelt symbol is not a company without data."""
    result = call("extract", "--symbols", "AAPL,NOSUCH", "--db", demo_db)
    assert result.returncode == 2
    assert "NOSUCH" in said(result)


def test_a_load_without_data_exits_with_3_and_says_what_to_put_where(tmp_path: Path, call: Call) -> None:
    """A nightly job must not succeed on nothing."""
    result = call("load")
    assert result.returncode == 3
    for part in (
        "data/companyfacts/",
        "companyfacts.zip",
        "company_tickers_exchange.json",
        "https://www.sec.gov/",
        "loader demo",
    ):
        assert part in said(result)
    assert not (tmp_path / "data").exists()


def test_a_load_without_tickers_exits_with_3_and_says_what_to_put_where(demo: Demo, call: Call) -> None:
    """Symbols cannot be mapped without the ticker file."""
    result = call("load", "--source", demo.directory / "companyfacts")
    assert result.returncode == 3
    assert "data/company_tickers_exchange.json" in said(result)


def test_a_source_that_is_not_there_exits_with_3(call: Call) -> None:
    """The line names it."""
    result = call("extract", "--source", "nowhere")
    assert result.returncode == 3
    assert "nowhere" in said(result)


@pytest.mark.parametrize("command", ["report", "status"])
def test_a_database_without_a_run_exits_with_3(command: str, demo: Demo, call: Call) -> None:
    """There is nothing to report yet."""
    assert call("stocks", "import", demo.directory / "stocks.csv", "--db", "new.db").returncode == 0
    result = call(command, "--db", "new.db")
    assert result.returncode == 3
    assert "nothing was loaded" in said(result)


@pytest.mark.parametrize("command", [["validate"], ["report"], ["status"], ["resume"], ["stocks", "list"], ["mappings", "list"]])
def test_a_database_that_is_not_there_exits_with_5(command: list[str], tmp_path: Path, call: Call) -> None:
    """Looking at a database does not make one."""
    result = call(*command, "--db", "absent.db")
    assert result.returncode == 5
    assert "absent.db" in said(result)
    assert not (tmp_path / "absent.db").exists()


def test_a_file_that_is_no_database_exits_with_5(tmp_path: Path, call: Call) -> None:
    """It is not touched."""
    (tmp_path / "text.db").write_text("This is a letter, not a database. " * 100)
    before = (tmp_path / "text.db").read_bytes()
    for command in (["validate"], ["demo", "--companies", "1"]):
        result = call(*command, "--db", "text.db")
        assert result.returncode == 5, command
        assert "text.db" in said(result)
    assert (tmp_path / "text.db").read_bytes() == before


def test_a_failed_company_exits_with_4_and_is_named_with_its_reason(demo: Demo, tmp_path: Path) -> None:
    """The others are loaded."""
    source = tmp_path / "companyfacts"
    shutil.copytree(demo.directory / "companyfacts", source)
    broken = min(source.iterdir())
    broken.write_bytes(broken.read_bytes()[:1000])
    loader("stocks", "import", demo.directory / "stocks.csv", "--db", "x.db", cwd=tmp_path)
    tickers = demo.directory / "company_tickers_exchange.json"
    result = loader("load", "--source", source, "--tickers", tickers, "--db", "x.db", cwd=tmp_path)
    assert result.returncode == 4
    assert "11 of 12 companies" in result.stdout
    assert "not a companyfacts document" in result.stdout
    assert loader("status", "--db", "x.db", cwd=tmp_path).returncode == 0


def test_a_failed_check_of_severity_error_exits_with_1(demo_db: Path, call: Call) -> None:
    """And a warning does not."""
    assert call("validate", "--db", demo_db).returncode == 0
    with closing(sqlite3.connect(demo_db)) as connection, connection:
        connection.execute("UPDATE income_statements SET revenue = revenue + 1 WHERE id = 1")
    result = call("validate", "--db", demo_db)
    assert result.returncode == 1
    assert "provenance" in result.stdout


def test_ctrl_c_exits_with_130_and_resume_finishes(demo: Demo, tmp_path: Path) -> None:
    """The first Ctrl-C ends the run in good order, and says how to go on."""
    db = tmp_path / "x.db"
    loader("stocks", "import", demo.directory / "stocks.csv", "--db", db, cwd=tmp_path)
    source = ["--source", demo.directory / "companyfacts", "--tickers", demo.directory / "company_tickers_exchange.json"]
    process = start("extract", "--db", db, *source, "--progress-interval", "0.01", "--batch-size", "1", cwd=tmp_path)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("loading: "):
            process.send_signal(signal.SIGINT)
            break
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130, rest
    assert "Traceback" not in rest
    assert "loader resume" in rest
    status = loader("status", "--db", db, cwd=tmp_path)
    assert "interrupted" in status.stdout
    assert loader("resume", "--db", db, cwd=tmp_path).returncode == 0
    assert "12 of 12" in loader("status", "--db", db, cwd=tmp_path).stdout


def test_debug_shows_where_an_error_was_raised(tmp_path: Path) -> None:
    """It is a global option."""
    result = loader("--debug", "validate", "--db", "absent.db", cwd=tmp_path)
    assert result.returncode != 0
    assert "Traceback" in result.stderr
    assert "absent.db" in result.stderr


def test_a_reader_that_goes_away_is_no_error(demo_db: Path, tmp_path: Path) -> None:
    """`loader stocks list | head` ends quietly."""
    program = f"{sys.executable} -m loader stocks list --db {demo_db} | true; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", program], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_result_is_on_stdout_and_remarks_are_on_stderr(demo_db: Path, call: Call) -> None:
    """A script reads the one without the other."""
    result = call("extract", "--dry-run", "--db", demo_db)
    assert result.returncode == 0
    assert result.stdout.startswith("symbols")
    assert "would load 12 companies" in result.stderr
