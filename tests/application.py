"""An application's database as the loader may find it: its own tables and habits, and some tables under the loader's names."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

_SCHEMA = """
PRAGMA user_version = 42;
PRAGMA application_id = 777;

CREATE TABLE stocks (
    id INTEGER PRIMARY KEY,
    symbol VARCHAR(12) NOT NULL UNIQUE,
    company_name VARCHAR(200),
    is_sp500 BOOLEAN DEFAULT FALSE,
    exchange TEXT NOT NULL DEFAULT 'NYSE', -- where it trades
    pe_ratio REAL CHECK (pe_ratio IS NULL OR pe_ratio > 0),
    status TEXT
);
CREATE INDEX idx_stocks_status ON stocks (status);
CREATE TABLE audit (what TEXT, at INTEGER);
CREATE TRIGGER stocks_audit AFTER INSERT ON stocks BEGIN INSERT INTO audit VALUES (new.symbol, 1); END;

CREATE TABLE daily_prices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stock_id INTEGER NOT NULL REFERENCES stocks (id) ON DELETE CASCADE,
    day TEXT NOT NULL,
    close REAL,
    UNIQUE (stock_id, day)
);
CREATE INDEX idx_prices_day ON daily_prices (day DESC);
CREATE VIEW latest_prices AS
    SELECT s.symbol, p.close, strftime('%W', p.day) AS week FROM daily_prices AS p INDEXED BY idx_prices_day
    JOIN stocks AS s ON s.id = p.stock_id WHERE p.day GLOB '2024-*' AND p.close NOTNULL;

-- Named like the loader's view.
CREATE TABLE statement_items (id INTEGER PRIMARY KEY, label TEXT, weight REAL) ;

-- Half of the loader's tables, with fewer columns, in the original's shape.
CREATE TABLE cik_mappings_sp500 (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cik TEXT NOT NULL UNIQUE,
    stock_id INTEGER NOT NULL,
    symbol TEXT NOT NULL,
    company_name TEXT NOT NULL,
    edgar_file_path TEXT NOT NULL,
    checked_by TEXT DEFAULT 'nobody', -- the application's own
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (stock_id) REFERENCES stocks(id)
);
CREATE INDEX idx_cik ON cik_mappings_sp500 (cik);
CREATE TRIGGER mapping_audit AFTER DELETE ON cik_mappings_sp500 BEGIN INSERT INTO audit VALUES (old.symbol, 2); END;

CREATE TABLE income_statements (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stock_id INTEGER NOT NULL,
    period TEXT NOT NULL,
    year INTEGER NOT NULL,
    end_date TEXT,
    revenue INTEGER,
    net_income REAL,
    note TEXT DEFAULT (lower(hex(randomblob(2)))),
    imported_at TEXT DEFAULT (datetime('now')),
    UNIQUE (stock_id, period, year)
);
CREATE INDEX idx_income_year ON income_statements (year);

CREATE TABLE balance_sheets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stock_id INTEGER NOT NULL,
    period TEXT,
    year INTEGER,
    end_date DATE,
    total_assets DECIMAL(20, 2)
);

CREATE TABLE extraction_runs (id INTEGER PRIMARY KEY, started_at TEXT NOT NULL, status TEXT NOT NULL);
"""

_ROWS = """
INSERT INTO stocks VALUES
    (901, 'AAPL', 'Apple Inc.', 'true', 'NASDAQ', 31.5, 'ok'),
    (17, 'GOOG', 'Alphabet Inc. (Class C)', 'TRUE', 'NASDAQ', NULL, NULL),
    (18, 'GOOGL', 'Alphabet Inc. (Class A)', 1, 'NASDAQ', NULL, NULL),
    (500, 'BRK-B', 'Berkshire Hathaway', '1', 'NYSE', 20.0, 'watch'),
    (3, 'AIR', NULL, 'false', 'NYSE', NULL, 'old');
INSERT INTO daily_prices (stock_id, day, close) VALUES
    (901, '2024-06-28', 210.62), (901, '2024-07-01', 216.75), (500, '2024-06-28', NULL);
INSERT INTO statement_items VALUES (1, 'mine', 0.5), (2, NULL, -1);
INSERT INTO cik_mappings_sp500 (id, cik, stock_id, symbol, company_name, edgar_file_path, checked_by, created_at) VALUES
    (70, '0000320193', 901, 'AAPL', 'Apple Inc.', '/old/CIK0000320193.json', 'anna', '2020-01-01 00:00:00'),
    (71, '1652044', 18, 'GOOGL', 'Alphabet Inc. (Class A)', '/old/CIK0001652044.json', 'bob', '2020-01-02 00:00:00');
INSERT INTO income_statements (id, stock_id, period, year, end_date, revenue, net_income, note, imported_at) VALUES
    (5, 3, 'FY', 2020, '2020-05-31', 2072, 4.4, 'a', '2021-01-01'), (9, 3, 'FY', 2021, NULL, 1651, NULL, 'b', '2021-01-01');
INSERT INTO balance_sheets VALUES (4, 3, 'FY', 2020, '2020-05-31', 2079.0);
INSERT INTO extraction_runs VALUES (8, '2020-01-01', 'done');
DELETE FROM audit;
"""

#: The application's tables; `stocks` is its own as well, but the loader may add columns to it.
OWN_TABLES = ("audit", "daily_prices", "statement_items")
STOCK_COLUMNS = ("id", "symbol", "company_name", "is_sp500", "exchange", "pe_ratio", "status")
#: What belongs to a table of the contract, and is the application's all the same.
OWN_OBJECTS = (
    "stocks_audit",
    "idx_stocks_status",
    "idx_prices_day",
    "latest_prices",
    "idx_cik",
    "mapping_audit",
    "idx_income_year",
)


def make_application(path: Path) -> None:
    """Write the application's database."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_SCHEMA + _ROWS)


def own_state(path: Path) -> dict[str, Any]:
    """All that is the application's own: definitions, rows with their types, and the numbers in the file's header."""
    with closing(sqlite3.connect(path)) as connection:
        state: dict[str, Any] = {
            pragma: connection.execute(f"PRAGMA {pragma}").fetchone()[0]
            for pragma in ("user_version", "application_id", "encoding", "page_size", "auto_vacuum")
        }
        for name in (*OWN_TABLES, *OWN_OBJECTS):
            state[f"definition of {name}"] = connection.execute(
                "SELECT sql FROM sqlite_master WHERE name = ?", (name,)
            ).fetchone()
        for table in OWN_TABLES:
            state[f"rows of {table}"] = _typed_rows(connection, table, ("rowid", *_columns(connection, table)))
        state["rows of stocks"] = _typed_rows(connection, "stocks", STOCK_COLUMNS)
        state["columns of stocks"] = connection.execute("PRAGMA table_info(stocks)").fetchall()[: len(STOCK_COLUMNS)]
        # Rows of a stock that is no member, in tables that the loader shares, and what the application added to them.
        state["income of others"] = _typed_rows(
            connection,
            "income_statements",
            ("id", "stock_id", "period", "year", "end_date", "net_income", "note", "imported_at"),
            "stock_id = 3",
        )
        state["balance of others"] = _typed_rows(
            connection, "balance_sheets", ("id", "stock_id", "period", "year", "end_date"), "stock_id = 3"
        )
        state["mapping ids"] = _typed_rows(
            connection, "cik_mappings_sp500", ("id", "stock_id", "symbol", "checked_by", "created_at"), "id < 72"
        )
        state["old runs"] = _typed_rows(connection, "extraction_runs", ("id", "started_at", "status"), "id = 8")
        return state


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _typed_rows(connection: sqlite3.Connection, table: str, columns: Iterable[str], where: str = "1") -> list[tuple[Any, ...]]:
    chosen = ", ".join(f"{column}, typeof({column})" for column in columns)
    return connection.execute(f"SELECT {chosen} FROM {table} WHERE {where} ORDER BY rowid").fetchall()
