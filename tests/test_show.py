"""`loader show`: a statement side by side, readable at 100 columns."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Literal

import polars as pl
import pytest

from loader.database import list_stocks, read_statements
from loader.errors import InputError, UsageError
from loader.explain import StatementTable, statement_table
from loader.explain.model import Filing
from loader.explain.table import Column
from loader.explain.text import table_text
from loader.reference import INCOME_LINES, STATEMENT_TABLES
from tests.accuracy import AAPL, load
from tests.conftest import Call, Demo

DASH = "\N{EN DASH}"


def column(year: int, **values: float | None) -> Column:
    """A fiscal year of income with these values and no others."""
    source = Filing(f"0000000001-{year % 100:02d}-000001", "10-K", date(year + 1, 2, 1))
    cells = {**dict.fromkeys(INCOME_LINES), **values}
    return Column("FY", year, date(year, 1, 1), date(year, 12, 31), "USD", source, cells)


def sheet(*columns: Column) -> list[str]:
    text, _ = table_text(StatementTable("X", "X Corp", "income", None, columns), 5)
    return text.split("\n")


def row(lines: list[str], caption: str) -> list[str]:
    """The cells of a row."""
    (line,) = [line for line in lines if line.startswith(caption + " ")]
    return line[len(caption) :].split()


def test_money_is_in_millions_per_share_in_cents_and_what_is_missing_a_dash() -> None:
    lines = sheet(
        column(2023, revenue=1_234_567_000_000, net_income=-4_500_000, eps_basic=-0.02, shares_basic=15_744_231_000),
        column(2024, revenue=2_000_000_000, eps_basic=6.1, shares_basic=0.0),
    )
    assert "in millions of USD, shares in millions, per-share values in full" in lines
    assert row(lines, "Revenue") == ["1,234,567", "2,000"]
    assert row(lines, "Net income") == ["-4", DASH]
    assert row(lines, "EPS, basic") == ["-0.02", "6.10"]
    assert row(lines, "Shares, basic (average)") == ["15,744.2", "0.0"]


def test_a_small_company_is_shown_with_a_decimal() -> None:
    assert row(sheet(column(2024, revenue=12_345_000)), "Revenue") == ["12.3"]


def test_lines_without_any_value_are_named_below_the_table() -> None:
    lines = sheet(column(2024, revenue=1e9))
    assert not any(line.startswith(("Goodwill", "EPS")) for line in lines)
    assert any("EPS, diluted" in line for line in lines)


def test_periods_run_from_left_to_right_and_only_those_that_fit_are_shown() -> None:
    columns = tuple(column(year, revenue=1e12, net_income=1e11) for year in range(2000, 2024))
    text, shown = table_text(StatementTable("X", "X Corp", "income", None, columns), 24)
    lines = text.split("\n")
    assert max(map(len, lines)) <= 100
    assert 5 <= shown < 24
    (heads,) = [line for line in lines if line.lstrip().startswith("FY")][:1]
    assert [int(word) for word in heads.split()[1::2]] == list(range(2024 - shown, 2024))


@pytest.mark.parametrize("period", ["annual", "quarterly"])
def test_every_statement_of_the_demo_fits_in_100_columns(demo: Demo, period: Literal["annual", "quarterly"]) -> None:
    for stock in list_stocks(demo.db):
        for statement in STATEMENT_TABLES:
            text, shown = table_text(statement_table(demo.db, stock.symbol, statement, period=period), 8)
            assert shown >= 5
            assert max(map(len, text.split("\n"))) <= 100


def test_the_command_prints_five_years_with_their_filings(demo: Demo, call: Call) -> None:
    ended = call("show", "aapl", "balance", "--db", demo.db)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count("FY 20") == 10
    assert ended.stdout.count("10-K") == 5


def test_the_json_has_the_values_in_full(demo: Demo, call: Call) -> None:
    data = json.loads(call("show", "AAPL", "cashflow", "--periods", 2, "--json", "--db", demo.db).stdout)
    stored = read_statements(demo.db, "AAPL", "cashflow", "annual").tail(2)
    assert [one["values"]["operating_cash_flow"] for one in data["columns"]] == stored["operating_cash_flow"].to_list()
    assert [one["filing"]["accession"] for one in data["columns"]] == stored["accession"].to_list()


def test_as_of_the_last_day_the_source_shows_what_the_database_holds(demo: Demo) -> None:
    for statement in ("income", "balance", "cashflow"):
        stored = statement_table(demo.db, "MSFT", statement, period="quarterly")
        again = statement_table(demo.db, "MSFT", statement, period="quarterly", as_of=date(2100, 1, 1))
        assert again.columns == stored.columns


def test_as_of_an_earlier_day_shows_nothing_that_was_filed_later(demo: Demo) -> None:
    day = date(2022, 6, 30)
    table = statement_table(demo.db, "MSFT", "income", as_of=day)
    assert table.as_of == day
    assert max(column.filing.filed for column in table.columns) <= day
    assert len(table.columns) < len(statement_table(demo.db, "MSFT", "income").columns)


def test_before_the_first_filing_there_is_nothing_to_show(demo: Demo, call: Call) -> None:
    ended = call("show", "AAPL", "--as-of", "1990-01-01", "--db", demo.db)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "1990-01-01" in ended.stderr
    with pytest.raises(InputError):
        statement_table(demo.db, "AAPL", as_of=date(1990, 1, 1))


def test_a_balance_sheet_of_twelve_months_is_refused(demo: Demo) -> None:
    with pytest.raises(UsageError, match="of a day"):
        statement_table(demo.db, "AAPL", "balance", period="ttm")


def test_an_unknown_symbol_is_a_usage_error(demo: Demo, call: Call) -> None:
    ended = call("show", "APPL", "--db", demo.db)
    assert ended.returncode == 2
    assert "did you mean AAPL" in ended.stderr


def test_apples_income_as_of_2009_has_the_year_before_its_restatement(shared_data: Path, tmp_path: Path) -> None:
    name = f"CIK{AAPL:010d}.json"
    (tmp_path / name).write_bytes((shared_data / "companyfacts" / name).read_bytes())
    db = load(tmp_path, tmp_path / "real.db")
    before = statement_table(db, f"C{AAPL}", as_of=date(2009, 12, 31)).columns[-1]
    after = statement_table(db, f"C{AAPL}", as_of=date(2010, 2, 1)).columns[-1]
    assert (before.year, before.values["net_income"]) == (2009, 5_704_000_000)
    assert (after.year, after.values["net_income"]) == (2009, 8_235_000_000)
    shown = pl.Series([one.year for one in statement_table(db, f"C{AAPL}").columns])
    assert shown.is_sorted()
