"""What a source is, and how the one that a user names is opened."""

from __future__ import annotations

import os
import stat as stat_module
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol, Self

from loader.errors import InputError
from loader.sources._archive import is_archive
from loader.sources._entry import FileEntry
from loader.sources._folder import FolderSource
from loader.sources._zip import ZipSource

_WHAT_TO_DO = "give the SEC's companyfacts.zip, or a folder of its files"


class Source(Protocol):
    """A place that holds companyfacts files."""

    @property
    def location(self) -> str:
        """Where it is, as an absolute path."""
        ...

    def entries(self) -> dict[int, FileEntry]:
        """All companyfacts files in it, by CIK, in one look."""
        ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A source as one look found it, for those who need the same answer several times."""

    location: str
    files: dict[int, FileEntry]

    @classmethod
    def of(cls, source: Source) -> Self:
        """Look at a source.

        Raises:
            InputError: it cannot be looked at.
        """
        return cls(source.location, source.entries())

    def entries(self) -> dict[int, FileEntry]:
        """What there was, by CIK."""
        return self.files

    @property
    def day(self) -> date | None:
        """On which the newest file was written; None if there is none, or none tells."""
        return max((entry.day for entry in self.files.values() if entry.day is not None), default=None)


def open_source(location: str | Path) -> FolderSource | ZipSource:
    """Open the source at a path.

    Raises:
        InputError: there is none, or it is of a kind that cannot be read.
    """
    path = Path(os.path.abspath(location))  # noqa: PTH100 (Path.absolute keeps '..', and resolve() follows links)
    try:
        str(path).encode()  # the mapping keeps it as text
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"no companyfacts source at {path}: {_WHAT_TO_DO}") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in it, or no text
        raise InputError(f"the source {path} cannot be opened ({_reason(error)}): {_WHAT_TO_DO}") from error
    if stat_module.S_ISDIR(mode):
        return FolderSource(str(path))
    if is_archive(str(path)):
        source = ZipSource(str(path))
        source.entries()  # what is no archive is refused here, before anything else is done
        return source
    raise InputError(f"{path} is neither a folder nor a .zip archive: {_WHAT_TO_DO}")


def locate_source(directory: Path = Path("data")) -> Path | None:
    """Find the source that `auto` stands for: `companyfacts/`, or else `companyfacts.zip`; None if neither is there."""
    folder, archive = directory / "companyfacts", directory / "companyfacts.zip"
    if folder.is_dir():
        return folder
    return archive if archive.is_file() else None


def _reason(error: OSError | ValueError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
