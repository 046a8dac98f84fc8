"""The one place that opens SQLite through Python, owns its transactions, and turns its errors into the loader's.

Nothing here may run while DuckDB has the same file attached in this process: two copies of SQLite in a process lose each
other's locks.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal, TypeVar

from loader.errors import DatabaseBusyError, DatabaseError, SchemaError

#: Seconds that a statement waits for another writer, where the caller does not say: the default of transaction_timeout.
DEFAULT_TIMEOUT = 30.0

T = TypeVar("T")
Access = Literal["read", "write", "create"]


@contextmanager
def connected(path: Path, access: Access, *, timeout: float = DEFAULT_TIMEOUT) -> Iterator[sqlite3.Connection]:
    """A connection without an open transaction, closed at the end; SQLite's errors in the block become the loader's.

    Args:
        path: the database file.
        access: `read` and `write` want the file to exist; `create` makes it, and the folders above it.
        timeout: seconds that each statement waits for another writer.
    """
    _check_path(path, create=access == "create")
    # A connection opened as read-only would leave its -wal and -shm files behind in WAL mode; query_only reads as safely.
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if access == 'create' else 'rw'}"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)) as connection:
            if access == "read":
                connection.execute("PRAGMA query_only = ON")
            yield connection
    except sqlite3.Error as error:
        raise database_error(path, error, timeout) from error


@contextmanager
def transaction(connection: sqlite3.Connection, *, write: bool = True) -> Iterator[sqlite3.Connection]:
    """One transaction: committed at the end of the block, rolled back when anything is raised in it."""
    connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:  # Ctrl-C too: nothing of a block that did not end may stay
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def reading(path: Path, *, timeout: float = DEFAULT_TIMEOUT) -> Iterator[sqlite3.Connection]:
    """A connection with one consistent view of an existing database."""
    with connected(path, "read", timeout=timeout) as connection, transaction(connection, write=False):
        yield connection


@contextmanager
def writing(path: Path, *, timeout: float = DEFAULT_TIMEOUT) -> Iterator[sqlite3.Connection]:
    """A connection in one write transaction on an existing database; it waits up to `timeout` seconds for another writer."""
    with connected(path, "write", timeout=timeout) as connection, transaction(connection):
        yield connection


def retry_while_busy(action: Callable[[], T], timeout: float) -> T:
    """Repeat an action that SQLite refuses at once, without its own waiting, while the database is busy."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() >= deadline:
                raise
        time.sleep(0.05)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection's lock is the cause."""
    return _primary_code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def quoted(name: str) -> str:
    """A table or column name as SQL text."""
    return '"' + name.replace('"', '""') + '"'


def database_error(path: Path, error: sqlite3.Error, timeout: float = DEFAULT_TIMEOUT) -> DatabaseError:
    """The loader's error for one of SQLite's: what happened, where, and what to do."""
    text = str(error)
    if is_busy(error):
        return DatabaseBusyError(
            f"{path}: another writer held the database for longer than {timeout:g} s; try again when it has ended, "
            "or give a longer --transaction-timeout",
        )
    if isinstance(error, sqlite3.IntegrityError):
        return SchemaError(f"{path}: the database refuses a row ({text}); give that column a default, or use another --db")
    if text.startswith(("no such table", "no such column")):
        return SchemaError(f"{path}: not a database of the loader yet ({text}); run `loader extract` on it first")
    message = _MESSAGES.get(_primary_code(error))
    if message is not None:
        return DatabaseError(f"{path}: {message}")
    return DatabaseError(f"{path}: SQLite says: {text}; check the file with `PRAGMA integrity_check`, or give another --db")


_MESSAGES = {
    sqlite3.SQLITE_NOTADB: "not a SQLite database; give another --db",
    sqlite3.SQLITE_CORRUPT: "the database is damaged; restore it from a backup, or remove it and load again",
    sqlite3.SQLITE_READONLY: "the database cannot be written; check the permissions of the file and of its folder",
    sqlite3.SQLITE_PERM: "the database may not be opened; check the permissions of the file and of its folder",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened; check the permissions of the file and of its folder",
    sqlite3.SQLITE_IOERR: "reading or writing the database failed; check the disk",
    sqlite3.SQLITE_FULL: "the disk is full; free some space, or give another --db",
}


def _primary_code(error: sqlite3.Error) -> int:
    """SQLite's error code without its extension; 0 where Python raised the error by itself."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def _check_path(path: Path, *, create: bool) -> None:
    """Refuse what SQLite would report poorly or, for a pipe, wait for."""
    try:
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise DatabaseError(f"{path}: this is a folder; give the path of a file as --db")
        if path.exists():
            if not path.is_file():
                raise DatabaseError(f"{path}: not a regular file; give another --db")
        elif not create:
            raise DatabaseError(
                f"{path}: there is no such database; run `loader extract` or `loader load` first, or give another --db"
            )
    except (FileExistsError, NotADirectoryError) as error:
        raise DatabaseError(f"{path}: a part of its path is a file, not a folder; give another --db") from error
    except OSError as error:
        raise DatabaseError(f"{path}: its folder cannot be used ({error.strerror}); give another --db") from error
