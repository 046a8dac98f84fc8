"""The one writer of the target database: whole batches, each in one transaction, through DuckDB's sqlite extension.

Rules that keep a batch whole (measured; each was seen to matter):

- The writer never runs on the main thread: a signal there can end an INSERT in the middle, and a later COMMIT then keeps the
  half.
- Any exception in a batch leads to ROLLBACK, never to COMMIT: after a failed statement COMMIT reports no error.
- The checkpoint row is written first. It takes SQLite's write lock at once; when another program holds it, the whole batch is
  tried again.
- Row counts are computed before, from the frames, compared with what each INSERT reports, and read again after COMMIT.
- Rows are found by key through `sqlite_query`, which runs inside the same transaction and uses SQLite's indexes. DuckDB's own
  DELETE and UPDATE scan the whole table, which is quadratic over a run. Many rows go in through `INSERT ... SELECT`, sorted.
- `sqlite_query` runs only what returns rows, and many returned rows cost more than what was done to them: the rows of the
  loader's own tables are deleted by the trigger on `loader_loaded`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

import duckdb
import numpy as np
import polars as pl

from loader.database.content_state import ROW_COUNTS
from loader.database.dimensions import Dimension, dimensions, load
from loader.database.extension import connect
from loader.database.literal import quoted
from loader.database.provenance import accession_text, provenance
from loader.errors import DatabaseBusyError, DatabaseError
from loader.frames import in_this_thread
from loader.reference.statements import LINES, STATEMENT_TABLES, Statement
from loader.standardize import RULES_VERSION, Statements

#: How SQLite itself waits for the lock before it says "busy": short, so that a stop request is seen between two attempts.
_BUSY_TIMEOUT_MS: Final = 250
#: Between two attempts to take the write lock, in seconds.
_BUSY_PAUSE: Final = 0.05

#: Deleting a stock's row here deletes its items, gaps and quality with it.
_LOADED: Final = "loader_loaded"

#: Of the batch's CIKs, with their companies, the stocks that the mapping table gives them. Each as text and as a number, since an
#: application's own table may have either; SQLite then finds them by its index, where the extension would scan the whole table.
_MAPPED: Final = """SELECT DISTINCT json_extract(f.value, '$[0]') || ' ' || CAST(m.stock_id AS INTEGER)
    FROM json_each(?) AS f CROSS JOIN cik_mappings_sp500 AS m
    WHERE m.cik IN (json_extract(f.value, '$[1]'), CAST(json_extract(f.value, '$[1]') AS TEXT))"""


class WriteStoppedError(DatabaseError):
    """The batch was rolled back because the run was told to stop at once."""


class _Interrupted(Exception):  # noqa: N818  # never leaves this module: it tells an interrupted transaction from a failed one
    """The transaction was cut off on purpose."""


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """How one company ended: what its row in `extraction_tasks` says.

    Attributes:
        cik: the company's current CIK, which its facts carry.
        file_ciks: the CIKs of its files, the current one among them; the mapping is joined by these.
        stock_ids: the stocks that share the company when the run was planned.
        state: completed or failed.
        reason: one line, for a failed company.
        attempts: how often its files were read.
        file_path: where its files are, separated by newlines when there are several.
        file_size: bytes of its files.
        fingerprint: of its files as they were read.
        entity_name: as the newest file has it.
        facts_read: facts in its files.
        facts_used: facts of which a statement shows something.
        set_aside: the other facts, counted by reason.
    """

    cik: int
    file_ciks: tuple[int, ...]
    stock_ids: frozenset[int]
    state: Literal["completed", "failed"]
    attempts: int
    file_path: str
    reason: str | None = None
    file_size: int = 0
    fingerprint: str | None = None
    entity_name: str | None = None
    facts_read: int = 0
    facts_used: int = 0
    set_aside: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WriteBatch:
    """What one transaction holds.

    Attributes:
        statements: the statements of the completed companies; None when all failed.
        outcomes: one for each company of the batch.
    """

    statements: Statements | None
    outcomes: Sequence[TaskOutcome]


class _Deadline:
    """Interrupts the connection at a deadline or on request, and only while a batch is open for it.

    `connection.interrupt()` does nothing between two statements, so what was asked for is also kept here and looked at before
    each one.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._open = False
        self.expired = False
        self.stopped = False

    def fire(self, *, stop: bool) -> None:
        with self._lock:
            self.stopped = self.stopped or stop
            if self._open:
                self.expired = self.expired or not stop
                self._connection.interrupt()

    def open(self) -> None:
        with self._lock:
            self._open, self.expired = True, False

    def close(self) -> None:
        with self._lock:
            self._open = False

    def check(self) -> None:
        if self.expired or self.stopped:
            raise _Interrupted


class Writer:
    """Writes batches into one attached database. Use it in one thread; only `stop` may be called from others.

    Args:
        db: the SQLite file, whose schema is in place.
        run_id: the row of `extraction_runs` that the batches belong to.
        loaded: ids of the stocks that have rows already: only theirs are deleted.
        staged: for each table that DuckDB cannot insert into, its staging table (see `staging_tables`).
        memory_mb: MiB that DuckDB may use.
        transaction_timeout: seconds that a batch may take, waiting for another writer included.
        listener: told of each step's boundary by name.
    """

    def __init__(
        self,
        db: Path,
        run_id: int,
        *,
        loaded: Iterable[int],
        staged: Mapping[str, str],
        memory_mb: int,
        transaction_timeout: float,
        listener: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self._db = db
        self._run_id = run_id
        self._timeout = transaction_timeout
        self._listener = listener
        self._loaded = set(loaded)
        self._staged = staged
        self._dimensions = dimensions()
        # SQLite takes one row after the other: a second thread would only be waited for.
        self._connection = connect(1, memory_mb)
        self._deadline = _Deadline(self._connection)
        try:
            self._attach()
        except duckdb.Error as error:
            self._connection.close()
            raise DatabaseError(f"{db} cannot be attached: {_first_line(error)}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Detach and close. From here on `sqlite3` may open the file again."""
        self._connection.close()

    def stop(self) -> None:
        """End the batch in hand at once: it is rolled back, and `write` raises `WriteStoppedError`. For other threads."""
        self._deadline.fire(stop=True)

    def write(self, batch: WriteBatch) -> Mapping[str, int]:
        """Write one batch in one transaction and return the number of rows in it, by table.

        Raises:
            DatabaseBusyError: another program held the write lock until the transaction timeout.
            WriteStoppedError: `stop` was called.
            DatabaseError: anything else; the batch is rolled back.
        """
        prepared = _Prepared.of(batch, self._dimensions)
        give_up = time.monotonic() + self._timeout
        timer = threading.Timer(self._timeout, self._deadline.fire, kwargs={"stop": False})
        timer.daemon = True
        self._deadline.open()
        timer.start()
        try:
            while not self._attempt(prepared):
                if self._deadline.stopped:
                    raise WriteStoppedError("the batch was rolled back")
                if time.monotonic() >= give_up:
                    raise self._busy()
                time.sleep(_BUSY_PAUSE)
        finally:
            timer.cancel()
            self._deadline.close()
            for dimension in self._dimensions.values():
                dimension.forget()
        self._loaded.update(prepared.replaced)
        self._listener("committed")
        return prepared.counts

    # -- one attempt ------------------------------------------------------------------------------------------------------------

    def _attempt(self, batch: _Prepared) -> bool:
        """Try the whole batch once; False when the database is busy."""
        batch.number = 0
        try:
            self._connection.execute("BEGIN TRANSACTION")
            try:
                self._fill(batch)
                self._deadline.check()
                # From here on the outcome is SQLite's to decide: an interrupt now could not be told from a commit.
                self._deadline.close()
                self._listener("before_commit")
                self._connection.execute("COMMIT")
            except BaseException:
                self._rollback()
                raise
            for dimension in self._dimensions.values():
                dimension.keep()
            self._verify(batch)
        except (_Interrupted, duckdb.InterruptException) as error:
            if self._deadline.stopped:
                raise WriteStoppedError("the batch was rolled back") from error
            raise (self._overdue(batch) if batch.number else self._busy()) from error
        except duckdb.Error as error:
            if "locked" in str(error) or "busy" in str(error):
                self._deadline.open()
                return False
            raise DatabaseError(
                f"a batch of {len(batch.outcomes)} companies was not written to {self._db}: {_first_line(error)}"
            ) from error
        return True

    def _fill(self, batch: _Prepared) -> None:
        completed = sum(outcome.state == "completed" for outcome in batch.outcomes)
        # First of all the checkpoint row: small, and it takes the write lock.
        touched = self._sqlite(
            "UPDATE extraction_runs SET completed = completed + ?, failed = failed + ?, batches = batches + 1 "
            "WHERE id = ? RETURNING batches",
            completed,
            len(batch.outcomes) - completed,
            self._run_id,
        )
        if len(touched) != 1:
            raise DatabaseError(f"run {self._run_id} is no longer in {self._db}: start a new one")
        batch.number = int(touched[0])
        self._listener("transaction_begun")
        self._check_mapping(batch)
        stale = json.dumps(sorted(self._loaded & batch.replaced))
        for table in (*STATEMENT_TABLES.values(), _LOADED) if stale != "[]" else ():
            self._sqlite_count(f"DELETE FROM {table} WHERE stock_id IN (SELECT value FROM json_each(?)) RETURNING 1", stale)
        self._listener("deleted")
        for dimension in self._dimensions.values():
            rows = dimension.rows()
            if rows.height:
                self._insert(dimension.table, rows)
        for table, frame in batch.frames.items():
            self._insert(table, frame)
            self._listener(f"inserted_{table}")
        self._save_outcomes(batch)
        self._listener("inserted")

    def _check_mapping(self, batch: _Prepared) -> None:
        """The mapping of the batch's companies must still be the one that the tasks were planned from: its rows go by it."""
        pairs = {(int(cik), int(stock)) for cik, stock in map(str.split, self._sqlite(_MAPPED, json.dumps(batch.files)))}
        if pairs != batch.pairs:
            changed = sorted({cik for cik, _ in pairs ^ batch.pairs})
            raise DatabaseError(f"the mapping of CIK {', '.join(map(str, changed))} changed during the run: run `loader resume`")

    def _insert(self, table: str, frame: pl.DataFrame) -> None:
        self._deadline.check()
        names = ", ".join(map(_name, frame.columns))
        staging = self._staged.get(table)
        # DuckDB finds this variable by its name in the statement, and reads the stream itself. Given the frame, or anything that
        # only offers a stream, it would have pyarrow scan it, which takes a millisecond more for each statement.
        stream = frame.__arrow_c_stream__()  # noqa: F841
        inserted = self._connection.execute(f"INSERT INTO edgar.{staging or table} ({names}) SELECT {names} FROM stream")
        (rows,) = inserted.fetchone() or (0,)
        if staging is not None:
            rows = self._sqlite_count(f"INSERT INTO {table} ({names}) SELECT {names} FROM {staging} ORDER BY rowid RETURNING 1")
            self._sqlite_count(f"DELETE FROM {staging} RETURNING 1")
        if rows != frame.height:
            raise DatabaseError(
                f"{table}: {rows} rows were inserted where {frame.height} were expected; nothing of the batch was kept"
            )

    def _save_outcomes(self, batch: _Prepared) -> None:
        tasks = self._sqlite(_UPDATE_TASKS, json.dumps(batch.task_rows), self._run_id)
        if len(tasks) != len(batch.outcomes):
            raise DatabaseError(
                f"run {self._run_id}: {len(tasks)} of {len(batch.outcomes)} tasks could be marked; nothing of the batch was kept"
            )
        if batch.company_rows:
            self._sqlite(_UPSERT_COMPANIES, json.dumps(batch.company_rows), self._run_id)
        if batch.stale_rows:
            self._sqlite(_MARK_STALE, json.dumps(batch.stale_rows))

    def _verify(self, batch: _Prepared) -> None:
        """Read after COMMIT: it has been seen to return without an error where nothing was written."""
        own = "WHERE stock_id IN (SELECT value FROM json_each(?1))"
        counts = ["'batches', (SELECT batches FROM extraction_runs WHERE id = ?2)"]
        counts += [f"'{table}', (SELECT count(*) FROM {table} {own})" for table in batch.frames]
        # One statement, because each opens the database anew.
        query = f"SELECT json_object({', '.join(counts)})"
        found = json.loads(self._sqlite(query, json.dumps(sorted(batch.replaced)), self._run_id)[0])
        wanted = {**{table: frame.height for table, frame in batch.frames.items()}, "batches": batch.number}
        differing = [f"{name}: {found[name]} instead of {wanted[name]}" for name in wanted if found[name] != wanted[name]]
        if differing:
            raise DatabaseError(
                f"{self._db} did not keep a batch as it was committed ({', '.join(differing)}): run `loader extract` again"
            )

    # -- small things -----------------------------------------------------------------------------------------------------------

    def _attach(self) -> None:
        # The path cannot be a bound parameter. The schema and the journal mode are in place, so nothing is created here.
        self._connection.execute(f"ATTACH {quoted(str(self._db))} AS edgar (TYPE sqlite, BUSY_TIMEOUT {_BUSY_TIMEOUT_MS})")
        load(self._connection, self._dimensions)

    def _sqlite(self, sql: str, *parameters: str | int) -> list[str]:
        """Run one statement in SQLite itself, in the open transaction; the first column of its rows, which come as text."""
        return [row[0] for row in self._sqlite_rows("*", sql, parameters)]

    def _sqlite_count(self, sql: str, *parameters: str | int) -> int:
        """The same for a statement that returns many rows, of which only the number matters."""
        ((count,),) = self._sqlite_rows("count(*)", sql, parameters)
        return int(count)

    def _sqlite_rows(self, wanted: str, sql: str, parameters: Sequence[str | int]) -> list[tuple[Any, ...]]:
        self._deadline.check()
        # Only 64-bit integers pass, and DuckDB takes a small one for a 32-bit one.
        marks = ", ".join("?" if isinstance(parameter, str) else "?::BIGINT" for parameter in parameters)
        row = f", params = row({marks})" if parameters else ""
        return self._connection.execute(f"SELECT {wanted} FROM sqlite_query('edgar', {quoted(sql)}{row})", parameters).fetchall()

    def _rollback(self) -> None:
        # Some failures end the transaction by themselves; what matters is that none is open afterwards.
        try:
            self._connection.execute("ROLLBACK")
        except duckdb.TransactionException:
            return

    def _busy(self) -> DatabaseBusyError:
        return DatabaseBusyError(
            f"{self._db} was locked by another program for {self._timeout:g} s: "
            "close it or raise --transaction-timeout, then run `loader resume`",
        )

    def _overdue(self, batch: _Prepared) -> DatabaseError:
        return DatabaseError(
            f"a batch of {len(batch.outcomes)} companies was not written within {self._timeout:g} s and was rolled back: "
            "raise --transaction-timeout or lower --batch-size, then run `loader resume`",
        )


@dataclass(slots=True)
class _Prepared:
    """A batch as frames and rows that are ready to be inserted, with the counts that the database must report."""

    outcomes: Sequence[TaskOutcome]
    #: Each completed company with each CIK of its files.
    files: list[tuple[int, int]]
    #: The rows that each table gets.
    frames: dict[str, pl.DataFrame]
    #: What the rows say: statements by table, items, gaps and judged statements by view.
    counts: dict[str, int]
    pairs: set[tuple[int, int]]
    replaced: set[int]
    #: What the rows of `extraction_tasks` get, by CIK.
    task_rows: dict[str, dict[str, object]]
    company_rows: list[dict[str, object]]
    stale_rows: list[dict[str, object]]
    #: What `extraction_runs.batches` is with this batch; 0 until the write lock is held.
    number: int = 0

    @classmethod
    @in_this_thread
    def of(cls, batch: WriteBatch, dimensions: Mapping[str, Dimension]) -> Self:
        completed = [outcome for outcome in batch.outcomes if outcome.state == "completed"]
        stocks = {outcome.cik: len(outcome.stock_ids) for outcome in completed}
        frames: dict[str, pl.DataFrame] = {}
        said: dict[str, pl.DataFrame] = {}
        companies: dict[int, Mapping[str, object]] = {}
        if batch.statements is not None:
            parts: dict[Statement, pl.DataFrame] = {
                "income": batch.statements.income,
                "balance": batch.statements.balance,
                "cashflow": batch.statements.cashflow,
            }
            texts = _accession_texts(parts.values())
            frames = {STATEMENT_TABLES[name]: _statement_rows(name, frame, texts) for name, frame in parts.items()}
            said = dict(frames)
            frames |= provenance(batch.statements, dimensions)
            said |= {
                "statement_items": batch.statements.cells,
                "statement_gaps": batch.statements.unfilled,
                "statement_quality": batch.statements.quality,
            }
            companies = {row["cik"]: row for row in batch.statements.companies.iter_rows(named=True)}
        rows = {name: dict(frame.get_column("cik").value_counts().iter_rows()) for name, frame in said.items()}
        counts: dict[str, int] = {}
        written: dict[int, int] = {}
        for name, of_one in rows.items():
            if not of_one.keys() <= stocks.keys():
                stranger = min(of_one.keys() - stocks.keys())
                raise ValueError(f"statements hold CIK {stranger}, which is not a completed company of the batch")
            counts[name] = sum(number * stocks[cik] for cik, number in of_one.items())
            for cik, number in of_one.items():
                written[cik] = written.get(cik, 0) + number * stocks[cik]
        pairs = sorted((outcome.cik, stock) for outcome in completed for stock in outcome.stock_ids)
        mapped = pl.DataFrame(pairs, schema={"cik": pl.Int64, "stock_id": pl.Int64}, orient="row")
        one_each = all(number == 1 for number in stocks.values())
        frames = {table: _of_stocks(frame, mapped, one_each=one_each) for table, frame in frames.items()}
        if frames:
            frames = {_LOADED: _loaded_rows(pairs, rows), **frames}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(
            outcomes=batch.outcomes,
            files=[(outcome.cik, file_cik) for outcome in completed for file_cik in outcome.file_ciks],
            frames=frames,
            counts=counts,
            pairs=set(pairs),
            replaced={stock for outcome in completed for stock in outcome.stock_ids},
            task_rows={str(outcome.cik): _task_row(outcome, written.get(outcome.cik, 0), now) for outcome in batch.outcomes},
            company_rows=[_company_row(outcome, companies.get(outcome.cik, {})) for outcome in completed],
            stale_rows=[
                {"cik": str(outcome.cik), "reason": outcome.reason} for outcome in batch.outcomes if outcome.state == "failed"
            ],
        )


def _of_stocks(frame: pl.DataFrame, mapped: pl.DataFrame, *, one_each: bool) -> pl.DataFrame:
    """The rows of companies as rows of their stocks, each in the order of its keys, which SQLite appends to its indexes.

    To join and sort in the INSERT would take as long as the rest of it.
    """
    if one_each:
        # As in most batches. A join would copy what is there.
        mapped_ciks, ciks = mapped.get_column("cik").to_numpy(), frame.get_column("cik").to_numpy()
        at = np.searchsorted(mapped_ciks, ciks)
        if not np.array_equal(mapped_ciks.take(at, mode="clip"), ciks):
            message = "rows of a company that is not a completed one of the batch"
            raise ValueError(message)
        stocks = np.take(mapped.get_column("stock_id").to_numpy(), at)
        return pl.DataFrame([pl.Series("stock_id", stocks), *(column for column in frame if column.name != "cik")])
    return frame.join(mapped, on="cik", maintain_order="left").select("stock_id", pl.exclude("cik", "stock_id"))


def _accession_texts(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The accession numbers of these frames as they are written: accession, text."""
    numbers = pl.concat([frame.select("accession") for frame in frames]).unique()
    return numbers.with_columns(text=accession_text(pl.col("accession")))


def _statement_rows(statement: Statement, frame: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """One statement's frame with the columns of its table. DuckDB writes dates as ISO text."""
    start = [] if statement == "balance" else ["start_date"]
    return frame.join(texts, on="accession", how="left", maintain_order="left").select(
        "cik",
        "period",
        "year",
        "fyear",
        *start,
        "end_date",
        "currency",
        *LINES[statement],
        pl.col("text").alias("accession"),
        "form",
        "filed",
    )


def _loaded_rows(pairs: Iterable[tuple[int, int]], rows: Mapping[str, Mapping[int, int]]) -> pl.DataFrame:
    """Each stock with its company, and the number of its rows in each statement table.

    Args:
        pairs: CIK and stock.
        rows: by table and CIK.
    """
    loaded = sorted((stock, str(cik), *(rows[table].get(cik, 0) for table in ROW_COUNTS)) for cik, stock in pairs)
    schema = {"stock_id": pl.Int64, "cik": pl.String, **dict.fromkeys(ROW_COUNTS.values(), pl.Int64)}
    return pl.DataFrame(loaded, schema=schema, orient="row")


def _task_row(outcome: TaskOutcome, rows: int, now: str) -> dict[str, object]:
    return {
        "state": outcome.state,
        "reason": outcome.reason,
        "attempts": outcome.attempts,
        "file_path": outcome.file_path,
        "file_size": outcome.file_size,
        "fingerprint": outcome.fingerprint,
        "entity_name": outcome.entity_name,
        "facts_read": outcome.facts_read,
        "facts_used": outcome.facts_used,
        "set_aside": json.dumps(dict(sorted(outcome.set_aside.items()))),
        "rows_written": rows,
        "finished_at": now,
    }


def _company_row(outcome: TaskOutcome, company: Mapping[str, object]) -> dict[str, object]:
    return {
        "cik": str(outcome.cik),
        "entity_name": outcome.entity_name,
        "currency": company.get("currency"),
        "fiscal_year_end": company.get("fiscal_year_end"),
        "template": company.get("template"),
        "fingerprint": outcome.fingerprint,
        "rules_version": RULES_VERSION,
        "facts_read": outcome.facts_read,
        "facts_used": outcome.facts_used,
    }


def _extracted(columns: Iterable[str]) -> str:
    return ", ".join(f"json_extract(j.value, '$.{column}')" for column in columns)


_TASK_COLUMNS: Final = (
    "state",
    "reason",
    "attempts",
    "file_path",
    "file_size",
    "fingerprint",
    "entity_name",
    "facts_read",
    "facts_used",
    "set_aside",
    "rows_written",
    "finished_at",
)
_COMPANY_COLUMNS: Final = (
    "cik",
    "entity_name",
    "currency",
    "fiscal_year_end",
    "template",
    "fingerprint",
    "rules_version",
    "facts_read",
    "facts_used",
)
# Each task takes its own part of the JSON. A join (UPDATE ... FROM) goes through all of it once for every task of the run in the
# SQLite that the extension carries, whatever it is told: a second for each batch of a run of 19,000.
_UPDATE_TASKS: Final = f"""
    UPDATE extraction_tasks SET ({", ".join(_TASK_COLUMNS)}) = (
        SELECT {_extracted(_TASK_COLUMNS)} FROM (SELECT json_extract(?1, '$."' || extraction_tasks.cik || '"') AS value) AS j
    )
    WHERE run_id = ?2 AND cik IN (SELECT key FROM json_each(?1)) RETURNING 1"""
# "WHERE true" keeps SQLite's parser from reading ON CONFLICT as a join condition.
_UPSERT_COMPANIES: Final = f"""
    INSERT INTO loader_companies ({", ".join(_COMPANY_COLUMNS)}, run_id, stale, stale_reason)
    SELECT {_extracted(_COMPANY_COLUMNS)}, ?2, 0, NULL FROM json_each(?1) j WHERE true
    ON CONFLICT (cik) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in _COMPANY_COLUMNS)},
        run_id = excluded.run_id, stale = 0, stale_reason = NULL
    RETURNING 1"""
_MARK_STALE: Final = """
    UPDATE loader_companies SET stale = 1, stale_reason = json_extract(j.value, '$.reason')
    FROM json_each(?) j WHERE loader_companies.cik = json_extract(j.value, '$.cik') RETURNING 1"""


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
