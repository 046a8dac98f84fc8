"""What the content of the database is, which of it is still right, and runs that are taken up again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from loader.database.connection import connected, reading, writing
from loader.database.runs import TaskRow
from loader.errors import UsageError


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


def reopen_run(db: Path, run_id: int, tasks: Sequence[TaskRow], keep: Collection[str], source: str) -> None:
    """Take up a run again: the tasks of the CIKs in `keep` stay as they are, all others are made anew and are pending."""
    with writing(db) as connection:
        there = {cik for (cik,) in connection.execute("SELECT cik FROM extraction_tasks WHERE run_id = ?", (run_id,))}
        connection.executemany(
            "DELETE FROM extraction_tasks WHERE run_id = ? AND cik = ?", [(run_id, cik) for cik in there - set(keep)]
        )
        connection.executemany(
            "INSERT INTO extraction_tasks (run_id, cik, symbols, priority, state, attempts, file_path, file_size, fingerprint) "
            "VALUES (?, ?, ?, ?, 'pending', 0, ?, ?, ?)",
            [
                (run_id, t.cik, ",".join(t.symbols), t.priority, t.file_path, t.file_size, t.fingerprint)
                for t in tasks
                if t.cik not in keep
            ],
        )
        connection.execute(
            "UPDATE extraction_runs SET status = 'running', finished_at = NULL, error = NULL, source = ?, companies = ?, "
            "completed = ?, failed = 0 "
            "WHERE id = ?",
            (source, len(tasks), len(keep), run_id),
        )


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
