"""Loads small corpora through the library, as the command line does."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from loader.config import ExtractionConfig
from loader.database import ensure_schema, import_stocks_csv
from loader.pipeline import ExtractRequest, Listener, Observer, RunResult, extract
from loader.standardize import Rules


@dataclass(frozen=True)
class Loading:
    """A corpus and a database to load it into."""

    corpus: Path
    db: Path

    @property
    def facts(self) -> Path:
        """Where a test exports all facts to."""
        return self.db.with_suffix(".facts")

    def request(
        self,
        symbols: tuple[str, ...] | None = None,
        rules: Rules | None = None,
        facts: Path | None = None,
        *,
        rewrite: bool = False,
    ) -> ExtractRequest:
        """The request that `loader demo` makes."""
        if not self.db.exists():
            ensure_schema(self.db)
            import_stocks_csv(self.db, self.corpus / "stocks.csv")
        return ExtractRequest(
            db=self.db,
            source=str(self.corpus / "companyfacts"),
            symbols=symbols,
            rules=rules or Rules(),
            tickers=self.corpus / "company_tickers_exchange.json",
            synthetic=True,
            facts=facts,
            rewrite=rewrite,
        )

    def load(
        self,
        config: ExtractionConfig | None = None,
        *,
        symbols: tuple[str, ...] | None = None,
        rules: Rules | None = None,
        facts: Path | None = None,
        rewrite: bool = False,
        observer: Observer | None = None,
        stop: threading.Event | None = None,
        listener: Listener | None = None,
    ) -> RunResult:
        """Load the corpus to the end."""
        return extract(self.request(symbols, rules, facts, rewrite=rewrite), config, observer, stop, listener)

    def file(self, symbol: str) -> Path:
        """The companyfacts file of a symbol; the mappings must be there."""
        rows = self.query("SELECT edgar_file_path FROM cik_mappings_sp500 WHERE symbol = ?", symbol)
        return Path(str(rows[0][0]))

    def query(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        """Rows of the database, which no writer may have open in this process."""
        with closing(sqlite3.connect(self.db)) as connection:
            return connection.execute(sql, parameters).fetchall()

    def count(self, sql: str, *parameters: object) -> int:
        """The one number that a query gives."""
        ((number,),) = self.query(sql, *parameters)
        assert isinstance(number, int)
        return number


def settled(corpus: Path) -> Path:
    """A corpus whose files were written an hour ago. Of those that were just written, the loader leaves none alone."""
    for file in (corpus / "companyfacts").iterdir():
        before = file.stat().st_mtime_ns - 3600 * 10**9
        os.utime(file, ns=(before, before))
    return corpus


@contextmanager
def locked(db: Path, seconds: float | None = None) -> Iterator[None]:
    """Another process holds the write lock, for so long or to the end of the block."""
    code = f"""
import sqlite3, sys, time
c = sqlite3.connect({str(db)!r}, isolation_level=None)
c.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
{"sys.stdin.read()" if seconds is None else f"time.sleep({seconds})"}
c.execute("ROLLBACK")
"""
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        holder.stdout.readline()
        yield
        holder.stdin.close()
