"""The validation queries: each one passes on a sound database and finds what it is there to find."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from loader.database import ensure_schema
from loader.database.provenance_tables import PROVENANCE_TABLES
from loader.reference import LINES, STATEMENT_TABLES, Statement
from loader.report import Check, CheckResult, read_checks, run_checks

CHECKS = {check.name: check for check in read_checks()}

YEAR = 2024
QUARTERS = {"Q1": ("2023-10-01", "2023-12-30"), "Q2": ("2023-12-31", "2024-03-30"), "Q3": ("2024-03-31", "2024-06-29"),
            "Q4": ("2024-06-30", "2024-09-28")}  # fmt: skip
PERIODS = {**QUARTERS, "FY": ("2023-10-01", "2024-09-28")}

#: Apple's benchmark cells by period; every other cell of the sound database is made up.
APPLE = {
    "Q3": {
        "revenue": 85777e6, "gross_profit": 39678e6, "operating_income": 25352e6, "net_income": 21448e6,
        "eps_diluted": 1.40, "eps_basic": 1.40,
        "shares_basic": 15287521e3, "shares_diluted": 15348175e3, "total_assets": 331612e6, "total_liabilities": 264904e6,
        "total_equity": 66708e6, "cash_and_equivalents": 25565e6, "operating_cash_flow": 28858e6, "capital_expenditures": 2151e6,
    },
    "FY": {"revenue": 391035e6},
}  # fmt: skip


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A database with one company, Apple, and one fiscal year of which everything adds up."""
    db = tmp_path / "sound.db"
    ensure_schema(db)
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("INSERT INTO loader_meta VALUES ('synthetic', '0')")
        connection.execute("INSERT INTO stocks (id, symbol, company_name, is_sp500) VALUES (1, 'AAPL', 'Apple Inc.', 1)")
        connection.execute(
            "INSERT INTO cik_mappings_sp500 (cik, stock_id, symbol, company_name, edgar_file_path) "
            "VALUES ('320193', 1, 'AAPL', 'Apple Inc.', '/data/CIK0000320193.json')",
        )
        connection.execute(
            "INSERT INTO loader_companies (cik, entity_name, template) VALUES ('320193', 'Apple Inc.', 'industrial')"
        )
        connection.execute("INSERT INTO loader_methods (id, method) VALUES (1, 'reported')")
        statement: Statement
        for statement in ("income", "balance", "cashflow"):
            for period in PERIODS:
                _insert_row(connection, statement, period)
    return db


def _insert_row(connection: sqlite3.Connection, statement: Statement, period: str) -> None:
    start, end = PERIODS[period]
    values = {line: _value(line, period) for line in LINES[statement]}
    row: dict[str, object] = {
        "stock_id": 1, "period": period, "year": YEAR, "fyear": YEAR, "end_date": end, "currency": "USD", **values,
        "accession": "0000320193-24-000123", "form": "10-K", "filed": "2024-11-01",
    }  # fmt: skip
    if statement != "balance":
        row["start_date"] = start
    table, marks = STATEMENT_TABLES[statement], ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
    total = float(sum(place * value for place, value in enumerate(values.values(), 1)))
    connection.execute(
        f"INSERT INTO {PROVENANCE_TABLES[statement]} (stock_id, period, year, end_date, control_total) VALUES (1, ?, ?, ?, ?)",
        (period, YEAR, end, total),
    )
    for line in values:
        _insert_source(connection, statement, line, period)


def _insert_source(connection: sqlite3.Connection, statement: Statement, line: str, period: str) -> None:
    connection.execute("INSERT OR IGNORE INTO loader_lines (statement, line) VALUES (?, ?)", (statement, line))
    connection.execute(
        "INSERT OR IGNORE INTO loader_series (id, line_id, method_id) "
        "SELECT id, id, 1 FROM loader_lines WHERE statement = ? AND line = ?",
        (statement, line),
    )
    connection.execute(
        f"UPDATE {PROVENANCE_TABLES[statement]} SET {line} = (SELECT id FROM loader_lines WHERE statement = ? AND line = ?) "
        "WHERE period = ?",
        (statement, line, period),
    )


def _value(line: str, period: str) -> float:
    """Flows of 40 million in a quarter, with a fourth that makes the year the sum; a balance sheet that balances."""
    if line in LINES["balance"]:
        same = {
            "total_equity_incl_nci": APPLE["Q3"]["total_equity"],
            "noncontrolling_interest": 0.0,
            "shares_outstanding": _value("shares_basic", period),
        }
        return {**APPLE["Q3"], **same}.get(line, 7e6)
    if line == "net_income_common":
        return _value("net_income", period)
    if line in ("shares_basic", "shares_diluted") and period != "Q3":
        return _value("net_income", period) / 2.0
    if line.startswith(("eps", "shares_b", "shares_d", "dividends_per")):
        return APPLE.get(period, {}).get(line, 2.0)
    third = APPLE["Q3"].get(line, 40e6)
    year = APPLE["FY"].get(line, 160e6 + third)
    return {"Q3": third, "Q4": year - 80e6 - third, "FY": year}.get(period, 40e6)


def _find(db: Path, name: str) -> CheckResult:
    (result,) = run_checks(db, [CHECKS[name]])
    return result


def _change(*statements: str) -> Callable[[sqlite3.Connection], None]:
    def change(connection: sqlite3.Connection) -> None:
        for statement in statements:
            connection.execute(statement)

    return change


def _duplicate_key(connection: sqlite3.Connection) -> None:
    """As an application's own table without the key would allow it."""
    connection.execute("ALTER TABLE income_statements RENAME TO original")
    connection.execute("CREATE TABLE income_statements AS SELECT * FROM original")
    connection.execute("INSERT INTO income_statements SELECT * FROM original WHERE period = 'Q1'")


def _insert_gaps(connection: sqlite3.Connection, line: str, periods: tuple[str, ...], reason: str) -> None:
    """Say that a line of the income statement is empty."""
    connection.execute("INSERT OR IGNORE INTO loader_reasons (reason) VALUES (?)", (reason,))
    connection.executemany(
        f"UPDATE loader_income_provenance SET {line} = -(SELECT id FROM loader_reasons WHERE reason = ?) WHERE period = ?",
        [(reason, period) for period in periods],
    )


def _four_empty_lines(connection: sqlite3.Connection) -> None:
    for line in ("revenue", "net_income", "pretax_income", "income_tax"):
        _insert_gaps(connection, line, tuple(PERIODS), "not_reported_by_this_filer")


#: For each check, changes to the sound database of which it must find each.
VIOLATIONS: dict[str, list[Callable[[sqlite3.Connection], None]]] = {
    "apple_benchmark": [
        _change("UPDATE income_statements SET revenue = revenue + 1e6 WHERE period = 'Q3'"),
        _change("UPDATE balance_sheets SET total_equity = NULL WHERE period = 'Q3'"),
        _change("DELETE FROM cash_flow_statements WHERE period = 'Q3'"),
        _change("UPDATE income_statements SET revenue = 394328000000 WHERE period = 'FY'"),
        _change("UPDATE income_statements SET eps_diluted = 1.41 WHERE period = 'Q3'"),
    ],
    "balance_identity": [
        _change("UPDATE balance_sheets SET total_liabilities = total_liabilities * 1.01 WHERE period = 'Q2'"),
        _change("UPDATE balance_sheets SET total_equity_incl_nci = NULL, noncontrolling_interest = 1e9 WHERE period = 'FY'"),
    ],
    "concept_changes": [
        _change("UPDATE loader_income_provenance SET passed = 2, failed = 2, failed_checks = 'K4 K13' WHERE period = 'FY'"),
        _change("UPDATE loader_cash_flow_provenance SET failed = 1, failed_checks = 'K13' WHERE period = 'FY'"),
    ],
    "core_completeness": [
        _four_empty_lines,
    ],
    "dates_sane": [
        _change("UPDATE income_statements SET end_date = '2024-02-30' WHERE period = 'Q2'"),
        _change("UPDATE balance_sheets SET end_date = '20240629' WHERE period = 'Q3'"),
        _change("UPDATE income_statements SET start_date = '2024-07-01' WHERE period = 'Q3'"),
        _change("UPDATE income_statements SET start_date = '2024-01-31' WHERE period = 'Q3'"),
        _change("UPDATE cash_flow_statements SET start_date = '2023-12-30' WHERE period = 'FY'"),
        _change("UPDATE balance_sheets SET filed = '2024-06-01' WHERE period = 'Q3'"),
        _change("UPDATE balance_sheets SET filed = '2999-01-01' WHERE period = 'Q3'"),
        _change("UPDATE income_statements SET year = 2021 WHERE period = 'Q3'"),
        _change("UPDATE income_statements SET fyear = 2023 WHERE period = 'FY'"),
        _change("UPDATE income_statements SET period = 'H1' WHERE period = 'Q2'"),
    ],
    "earnings_per_share": [
        _change("UPDATE income_statements SET shares_diluted = shares_diluted * 4 WHERE period = 'Q3'"),
        _change("UPDATE income_statements SET eps_basic = eps_basic * 7 WHERE period = 'FY'"),
    ],
    "facts_accounted": [
        _change(
            "INSERT INTO extraction_tasks (run_id, cik, symbols, priority, state, facts_read, facts_used, set_aside) "
            """VALUES (1, '320193', 'AAPL', 1, 'completed', 10, 6, '{"odd_period": 3}')"""
        ),
        _change(
            "INSERT INTO extraction_tasks (run_id, cik, symbols, priority, state, facts_read, facts_used) "
            "VALUES (1, '320193', 'AAPL', 1, 'completed', 10, 9)"
        ),
    ],
    "foreign_keys": [
        _change("DELETE FROM stocks"),
        _change("UPDATE balance_sheets SET stock_id = 99 WHERE period = 'Q1'"),
    ],
    "identities": [
        _change(
            "UPDATE loader_balance_provenance SET passed = 2, failed = 1, vacuous = 0, failed_checks = 'K2' WHERE period = 'Q3'"
        ),
    ],
    "keys_unique": [_duplicate_key],
    "labels_unique": [_change("UPDATE balance_sheets SET period = 'Q1' WHERE period = 'Q2'")],
    "mappings_complete": [
        _change("UPDATE cik_mappings_sp500 SET cik = '0000320193'"),
        _change("UPDATE cik_mappings_sp500 SET cik = 'CIK320193'"),
        _change("UPDATE cik_mappings_sp500 SET edgar_file_path = ' '"),
        _change("UPDATE cik_mappings_sp500 SET company_name = ''"),
        _change("UPDATE cik_mappings_sp500 SET symbol = 'MSFT'"),
        _change("DELETE FROM stocks"),
    ],
    "members_mapped": [_change("DELETE FROM cik_mappings_sp500")],
    "no_orphans": [
        _change("DELETE FROM stocks"),
        _change("UPDATE loader_income_provenance SET stock_id = 99 WHERE id = 1"),
        _change("UPDATE loader_balance_provenance SET goodwill = goodwill + 1048576 WHERE id = 1"),
        _change("INSERT INTO loader_raw_values (stock_id, line_id, period, end_date, raw_value) VALUES (1, 999, 'FY', '', 1)"),
        _change("DELETE FROM loader_methods"),
        _change("DELETE FROM loader_lines WHERE line = 'revenue'"),
        _change("INSERT INTO extraction_tasks (run_id, cik, symbols, priority) VALUES (7, '1', 'A', 5)"),
    ],
    "provenance": [
        _change("UPDATE income_statements SET revenue = revenue + 1 WHERE period = 'Q1'"),
        _change("UPDATE income_statements SET eps_basic = eps_basic + 0.01 WHERE period = 'Q1'"),
        _change("UPDATE income_statements SET revenue = net_income, net_income = revenue WHERE period = 'Q3'"),
        _change("UPDATE balance_sheets SET goodwill = NULL WHERE period = 'FY'"),
        _change("UPDATE loader_income_provenance SET revenue = NULL WHERE period = 'Q2'"),
        _change("UPDATE loader_income_provenance SET revenue = net_income WHERE period = 'Q2'"),
        _change("UPDATE loader_balance_provenance SET net_debt_value = 1 WHERE period = 'FY'"),
        _change("UPDATE loader_cash_flow_provenance SET end_date = '2024-06-30' WHERE period = 'Q3'"),
        _change("DELETE FROM loader_series WHERE id = 1"),
        _change("DELETE FROM cash_flow_statements WHERE period = 'Q2'"),
        _change("DELETE FROM loader_balance_provenance"),
    ],
    "quarters_sum_to_year": [
        _change("UPDATE income_statements SET net_income = net_income + 1e9 WHERE period = 'Q4'"),
        _change("UPDATE cash_flow_statements SET dividends_paid = -dividends_paid WHERE period = 'FY'"),
    ],
    "share_counts": [_change("UPDATE balance_sheets SET shares_outstanding = 1000 WHERE period = 'Q3'")],
    "signs": [
        _change("UPDATE cash_flow_statements SET dividends_paid = -dividends_paid WHERE period = 'FY'"),
        _change("UPDATE balance_sheets SET goodwill = -goodwill WHERE period = 'FY'"),
    ],
    "stale_companies": [_change("UPDATE loader_companies SET stale = 1, stale_reason = 'truncated'")],
    "statement_coverage": [
        _change("DELETE FROM balance_sheets"),
        _change("DELETE FROM cash_flow_statements WHERE period = 'FY'"),
    ],
    "subtotals": [
        _change("UPDATE balance_sheets SET current_assets = total_assets * 1.01 WHERE period = 'Q3'"),
        _change("UPDATE balance_sheets SET long_term_debt = total_liabilities + 1e9 WHERE period = 'Q1'"),
    ],
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_passes_on_a_new_database(name: str, tmp_path: Path) -> None:
    """No check takes an empty database for a faulty one."""
    db = tmp_path / "new.db"
    ensure_schema(db)
    result = _find(db, name)
    assert (result.status, result.rows) == ("passed", ())


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_passes_on_a_sound_database(name: str, sound: Path) -> None:
    """No check finds fault where everything adds up."""
    result = _find(sound, name)
    assert (result.status, result.rows) == ("passed", ())


def test_every_check_has_violations_to_find() -> None:
    """A check for which nothing is seeded may find nothing at all."""
    assert VIOLATIONS.keys() == CHECKS.keys()


@pytest.mark.parametrize(
    ("name", "change"),
    [pytest.param(name, change, id=f"{name}-{n}") for name, changes in VIOLATIONS.items() for n, change in enumerate(changes)],
)
def test_a_check_finds_what_it_is_there_for(name: str, change: Callable[[sqlite3.Connection], None], sound: Path) -> None:
    """Each seeded fault makes its check fail, with rows that tell where."""
    with closing(sqlite3.connect(sound)) as connection, connection:
        change(connection)
    result = _find(sound, name)
    assert result.status == "failed"
    assert result.count >= len(result.rows) >= 1
    assert result.is_error == (CHECKS[name].severity == "error")


def test_temporary_equity_is_part_of_the_balance(sound: Path) -> None:
    """Equity between liabilities and equity explains a difference; it is an auxiliary line."""
    with closing(sqlite3.connect(sound)) as connection, connection:
        connection.execute("UPDATE balance_sheets SET total_assets = total_assets + 5e9 WHERE period = 'Q3'")
    assert _find(sound, "balance_identity").count == 1
    with closing(sqlite3.connect(sound)) as connection, connection:
        connection.execute("UPDATE loader_balance_provenance SET temporary_equity_value = 5e9 WHERE period = 'Q3'")
    assert _find(sound, "balance_identity").status == "passed"


def test_differences_of_rounding_are_no_fault(sound: Path) -> None:
    """Values in millions may be off by one million for each term."""
    with closing(sqlite3.connect(sound)) as connection, connection:
        connection.execute(
            "UPDATE balance_sheets SET total_assets = 100e6, total_liabilities = 61e6, total_equity_incl_nci = 40e6"
        )
        connection.execute(
            "UPDATE income_statements SET research_and_development = research_and_development + 4e6 WHERE period = 'FY'"
        )
    assert _find(sound, "balance_identity").status == "passed"
    assert _find(sound, "quarters_sum_to_year").status == "passed"


def test_golden_values_of_real_companies_do_not_apply_to_invented_ones(sound: Path) -> None:
    """The benchmark is skipped, and neither passed nor failed."""
    with closing(sqlite3.connect(sound)) as connection, connection:
        connection.execute("UPDATE loader_meta SET value = '1' WHERE key = 'synthetic'")
        connection.execute("UPDATE income_statements SET revenue = 1")
    result = _find(sound, "apple_benchmark")
    assert (result.status, result.is_error) == ("skipped", False)


def test_the_benchmark_waits_for_its_period(sound: Path) -> None:
    """A database that ends before the quarter, such as one as of an earlier day, is not blamed for its absence."""
    with closing(sqlite3.connect(sound)) as connection, connection:
        for table in STATEMENT_TABLES.values():
            connection.execute(f"DELETE FROM {table} WHERE end_date > '2024-03-30'")
    assert _find(sound, "apple_benchmark").status == "passed"


def test_rows_of_stocks_that_the_loader_never_loaded_need_no_provenance(sound: Path) -> None:
    """An application may keep statements of its own in the same tables."""
    with closing(sqlite3.connect(sound)) as connection, connection:
        connection.execute("INSERT INTO stocks (id, symbol, company_name) VALUES (2, 'OWN', 'Own Ltd')")
        connection.execute(
            "INSERT INTO income_statements (stock_id, period, end_date, revenue) VALUES (2, 'FY', '2020-12-31', 5)"
        )
    assert _find(sound, "provenance").status == "passed"


def test_a_check_that_takes_too_long_is_stopped_and_counts_as_not_passed(sound: Path) -> None:
    """A query without end costs its time limit, not the whole validation."""
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    result, after = run_checks(
        sound, [Check("endless", "It ends.", "error", False, endless), CHECKS["keys_unique"]], time_limit=0.05
    )
    assert (result.status, result.is_error) == ("unfinished", True)
    assert after.status == "passed"


def test_a_result_counts_all_rows_and_keeps_the_first(sound: Path) -> None:
    """A check that finds millions of rows does not fill the memory."""
    many = Check("many", "Few.", "info", False, "SELECT value FROM statement_items")
    (result,) = run_checks(sound, [many], row_limit=3)
    assert (result.count, len(result.rows)) == (sum(len(lines) for lines in LINES.values()) * len(PERIODS), 3)


def test_a_query_is_one_statement_that_changes_nothing() -> None:
    """People run the files by hand: each is a single SELECT."""
    for name, check in CHECKS.items():
        body = "\n".join(line for line in check.sql.splitlines() if not line.startswith("--"))
        assert body.lstrip().startswith(("WITH", "SELECT")), name
        assert body.rstrip().endswith(";"), name
        assert body.count(";") == 1, name


def test_core_lines_are_counted_by_industry_and_empty_cells_by_their_reason(sound: Path) -> None:
    """A gap of a line that the industry does not have is none; what later filings repeat of old periods is not counted at all."""
    with closing(sqlite3.connect(sound)) as connection, connection:
        before = dict(connection.execute("SELECT line, cells || ' ' || filled FROM loader_core_completeness"))
        for line, reason in (("revenue", "rejected_by_a_guard"), ("pretax_income", "only_comparatives_of_later_filings")):
            _insert_gaps(connection, line, ("Q1",), reason)
        _insert_gaps(connection, "premiums_earned", ("Q1",), "not_applicable_to_the_template")
        after = dict(connection.execute("SELECT line, cells || ' ' || filled FROM loader_core_completeness"))
    assert (before["revenue"], after["revenue"]) == ("5 5", "5 4")
    assert (before["pretax_income"], after["pretax_income"]) == ("5 5", "4 4")
    assert "premiums_earned" not in after
