"""Every error that a user of the loader can meet.

    LoaderError
    ├── UsageError                  exit 2   an option, a symbol list or a setting that makes no sense
    ├── InputError                  exit 3   no input, or input that cannot be used
    │   ├── DocumentError                    a file that is not a companyfacts document (costs that file, not the run)
    │   ├── ReadError                        a file that could not be read
    │   │   └── TransientReadError           ... for a cause that can pass: retried
    │   │       └── ReadTimeoutError         ... not within the time that a read may take
    │   └── MissingFileError                 a file that is not there (any more)
    ├── DatabaseError               exit 5   the database cannot be used
    │   ├── DatabaseBusyError                another writer held it for longer than the transaction timeout
    │   ├── RunLockedError                   another loader is at work on it
    │   └── SchemaError                      its tables cannot be fitted to the contract
    ├── OutputError                 exit 5   the folder for exported facts cannot be written
    └── InterruptedRunError         exit 130 a signal ended the run, in good order

Each message is one line that says what, where and what to do. `transient` tells whether trying again can help.
"""

from __future__ import annotations

from typing import ClassVar

EXIT_DONE = 0
EXIT_CHECK_FAILED = 1
EXIT_USAGE = 2
EXIT_NO_INPUT = 3
EXIT_SOME_FAILED = 4
EXIT_DATABASE = 5
EXIT_INTERRUPTED = 130


class LoaderError(Exception):
    """Root of all errors that the loader raises on purpose."""

    exit_code: ClassVar[int] = EXIT_CHECK_FAILED
    transient: ClassVar[bool] = False


class UsageError(LoaderError):
    """An option, a symbol list or a setting that makes no sense."""

    exit_code = EXIT_USAGE


class InputError(LoaderError):
    """There is no input, or it cannot be used."""

    exit_code = EXIT_NO_INPUT


class DocumentError(InputError):
    """The bytes are not a companyfacts document.

    Args:
        reason: what is wrong, without the file's name.
        place: where in the document (a JSON path or a byte offset), if it can be told.
    """

    def __init__(self, reason: str, place: str | None = None) -> None:
        super().__init__(f"not a companyfacts document: {reason}" + (f", at {place}" if place else ""))
        self.reason = reason
        self.place = place


class ReadError(InputError):
    """A file could not be read, for a cause that will not pass by itself."""


class TransientReadError(ReadError):
    """A file could not be read, for a cause that can pass: an I/O error."""

    transient = True


class ReadTimeoutError(TransientReadError):
    """A file did not come within the time that a read may take."""


class MissingFileError(InputError):
    """A file is not where the mapping says it is."""


class DatabaseError(LoaderError):
    """The database cannot be used."""

    exit_code = EXIT_DATABASE


class DatabaseBusyError(DatabaseError):
    """Another writer held the database for longer than the transaction timeout."""

    transient = True


class RunLockedError(DatabaseError):
    """Another loader is at work on the same database."""


class SchemaError(DatabaseError):
    """The database's tables cannot be fitted to the contract."""


class OutputError(LoaderError):
    """The folder for exported facts cannot be written: no room, no permission, no such disk."""

    exit_code = EXIT_DATABASE


class InterruptedRunError(LoaderError):
    """A signal ended the run; what it had committed stays."""

    exit_code = EXIT_INTERRUPTED
