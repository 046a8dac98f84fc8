"""Files that are whole or not there, and the one error for a disk that does not take them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from loader.errors import OutputError


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn an error of the operating system into ours, with its cause and what to do.

    Raises:
        OutputError: something at or below the path could not be written.
    """
    try:
        yield
    except OSError as error:
        # Arrow gives the number of the error and wraps its text.
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(
            f"{path} cannot be written ({reason}): make room there, or give another folder for the facts"
        ) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name to write to; it gets the path's name when the block has ended well, and is taken away otherwise."""
    temporary = path.with_name(f"{path.name}.new")
    with told(path):
        try:
            yield temporary
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise


def flush(path: Path) -> None:
    """Make sure that a file's content, or a folder's names, would survive a power cut."""
    with told(path):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
