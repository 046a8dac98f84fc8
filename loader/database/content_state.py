"""What the content of the database is, and which of it is still as it was written."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from loader.database.connection import connected, reading, writing
from loader.errors import UsageError

#: Columns of `loader_loaded` with the number of rows that a stock was given, by statement table: a later run sees by them what
#: has gone since.
ROW_COUNTS: Final = {
    "income_statements": "income_rows",
    "balance_sheets": "balance_rows",
    "cash_flow_statements": "cash_flow_rows",
}


@dataclass(frozen=True, slots=True)
class Content:
    """What a database holds, as `loader_meta` says it.

    Attributes:
        vintage: `latest` or `original`.
        as_of: ISO date, or the empty text for no limit.
        synthetic: the companies are invented.
    """

    vintage: str
    as_of: str
    synthetic: bool

    def __str__(self) -> str:
        kind = "synthetic companies" if self.synthetic else "real companies"
        return f"{kind}, {self.vintage} values" + (f" as of {self.as_of}" if self.as_of else "")


@dataclass(frozen=True, slots=True)
class LoadedCompany:
    """A company's content: the run and the rules that made it, and the state of its files then."""

    run_id: int
    fingerprint: str | None
    rules_version: int
    stale: bool


def claim_content(db: Path, wanted: Content, *, rules_version: int, source: str, source_date: date | None) -> None:
    """Write down what the content is going to be, and where it comes from; refused where it is something else already.

    Raises:
        UsageError: the database holds companies of another vintage, as-of date or kind.
    """
    with writing(db) as connection:
        meta = dict(connection.execute("SELECT key, value FROM loader_meta"))
        occupied = connection.execute("SELECT EXISTS (SELECT 1 FROM loader_companies)").fetchone()[0]
        held = Content(meta.get("vintage") or "latest", meta.get("as_of") or "", meta.get("synthetic") == "1")
        if occupied and held != wanted:
            raise UsageError(
                f"{db} holds {held}; this run would load {wanted}: "
                "give another --db, or the options that the database was made with"
            )
        told = {
            "vintage": wanted.vintage,
            "as_of": wanted.as_of,
            "synthetic": str(int(wanted.synthetic)),
            "rules_version": str(rules_version),
            "source": source,
        }
        if source_date is None:
            connection.execute("DELETE FROM loader_meta WHERE key = 'source_date'")
        else:
            told["source_date"] = source_date.isoformat()
        connection.executemany("INSERT OR REPLACE INTO loader_meta (key, value) VALUES (?, ?)", told.items())


def content_held(db: Path) -> Content | None:
    """What the database holds; None where no run has begun yet."""
    with reading(db) as connection:
        meta = dict(connection.execute("SELECT key, value FROM loader_meta"))
    if "vintage" not in meta:
        return None
    return Content(meta["vintage"], meta.get("as_of") or "", meta.get("synthetic") == "1")


def mark_dead_runs(db: Path) -> None:
    """Runs that still say "running" while nobody holds the lock were killed. Only for the holder of the lock."""
    with writing(db) as connection:
        connection.execute("UPDATE extraction_runs SET status = 'interrupted' WHERE status = 'running'")


def loaded_companies(db: Path) -> dict[int, LoadedCompany]:
    """What is loaded of each company, by CIK."""
    with reading(db) as connection:
        rows = connection.execute("SELECT cik, run_id, fingerprint, rules_version, stale FROM loader_companies")
        return {
            int(cik): LoadedCompany(run_id, fingerprint, rules, bool(stale)) for cik, run_id, fingerprint, rules, stale in rows
        }


@dataclass(frozen=True, slots=True)
class EarlierLoad:
    """The load that a company's rows are from.

    Attributes:
        run_id: the run that did it.
        run_started: when that began, or, taken up again, had first begun: no file was read before.
        fingerprint: of the files as they were read.
        basis: `TaskRow.basis` of then.
    """

    run_id: int
    run_started: datetime
    fingerprint: str
    basis: str


@dataclass(frozen=True, slots=True)
class Held:
    """What a database holds, for comparison with what a run would load.

    Attributes:
        loads: of each company that is not stale, by CIK, the load that its rows are from.
        owners: of each stock whose rows are all there, by its id, the company that they are of. A stock of which rows have gone,
            or have come from elsewhere, is not in it.
    """

    loads: Mapping[int, EarlierLoad]
    owners: Mapping[int, int]


def content_there(db: Path) -> Held:
    """What is loaded and still there as it was written: nothing in a database that no loader of this version has written to."""
    with reading(db) as connection:
        # A dry run does not bring an older database up to date, so the columns need not be there.
        if not _has_columns(connection, "extraction_tasks", "unchanged_since") or not _has_columns(
            connection, "loader_loaded", *ROW_COUNTS.values()
        ):
            return Held({}, {})
        loads = connection.execute(
            """
            SELECT c.cik, r.id, r.started_at, t.fingerprint, t.basis
            FROM loader_companies AS c
            JOIN extraction_tasks AS t ON t.run_id = c.run_id AND t.cik = c.cik
            JOIN extraction_runs AS r ON r.id = t.run_id
            WHERE c.stale = 0 AND t.state = 'completed' AND t.unchanged_since IS NULL AND t.fingerprint = c.fingerprint
                AND t.basis IS NOT NULL"""
        )
        held = {
            int(cik): EarlierLoad(run_id, datetime.fromisoformat(started), fingerprint, basis)
            for cik, run_id, started, fingerprint, basis in loads
        }
        # One walk through an index for all stocks.
        counts = {
            column: dict(connection.execute(f"SELECT stock_id, count(*) FROM {table} GROUP BY stock_id"))
            for table, column in ROW_COUNTS.items()
        }
        written = connection.execute(f"SELECT stock_id, cik, {', '.join(counts)} FROM loader_loaded WHERE cik IS NOT NULL")
        owners = {
            stock_id: int(cik)
            for stock_id, cik, *rows in written
            if all(count.get(stock_id, 0) == number for count, number in zip(counts.values(), rows, strict=True))
        }
    return Held(held, owners)


def _has_columns(connection: sqlite3.Connection, table: str, *columns: str) -> bool:
    there = {name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))}
    return there.issuperset(columns)


def fold_wal(db: Path) -> None:
    """Move what the write-ahead log holds into the database file, as far as readers allow, and cut the log."""
    # A reader with a long transaction may hold the log: then it stays, and is folded later by whoever closes the database last.
    with connected(db, "write", timeout=1.0) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def copy_reference(db: Path, copy: Path) -> None:
    """Copy what a database has of stocks, mappings, tickers and successions into an empty one that has the schema."""
    wanted = {
        "stocks": ("id", "symbol", "company_name", "sector", "is_sp500"),
        "cik_mappings_sp500": ("cik", "stock_id", "symbol", "company_name", "edgar_file_path"),
        "loader_tickers": ("cik", "symbol", "company_name", "exchange"),
        "loader_successions": ("old_cik", "new_cik", "valid_from", "source"),
        "loader_meta": ("key", "value"),
    }
    rows: dict[str, tuple[list[str], list[tuple[object, ...]]]] = {}
    with reading(db) as connection:
        for table, columns in wanted.items():
            there = {name.lower() for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))}
            # Names and paths may be null or absent in an application's table; here they are only printed.
            texts = {name: f"coalesce({name}, '')" if name in there else "''" for name in ("company_name", "edgar_file_path")}
            common = [column for column in columns if column in there or (there and column in texts)]
            if common:
                read = [texts.get(column, column) for column in common]
                rows[table] = (common, connection.execute(f"SELECT {', '.join(read)} FROM {table}").fetchall())
    with writing(copy) as connection:
        for table, (columns_there, content) in rows.items():
            connection.executemany(
                f"INSERT OR REPLACE INTO {table} ({', '.join(columns_there)}) VALUES ({', '.join('?' * len(columns_there))})",
                content,
            )
