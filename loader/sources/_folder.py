"""A folder of CIK##########.json files."""

from __future__ import annotations

import os
import stat as stat_module
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from loader.errors import InputError
from loader.sources._entry import FileEntry, cik_of, day_of, fingerprint, link_target


@dataclass(frozen=True, slots=True)
class FolderSource:
    """The companyfacts files that lie directly in a folder.

    Other names, sub-folders, devices and pipes are left alone, and so is a symbolic link that leads out of the folder. A link to
    something else inside the folder counts as a file of the link's name.

    Attributes:
        location: the folder's absolute path.
    """

    location: str

    def entries(self) -> dict[int, FileEntry]:
        """All companyfacts files in the folder, by CIK and in the order of CIKs, in one scan.

        Raises:
            InputError: the folder is not there any more, or may not be read.
        """
        found = {entry.cik: entry for cik, item in self._named() if (entry := _entry(cik, item)) is not None}
        return dict(sorted(found.items()))

    def holds_any(self, wanted: Callable[[int], bool]) -> bool:
        """Whether there is a companyfacts file in the folder of a CIK that `wanted` is true of; no other is looked at.

        Raises:
            InputError: as `entries`.
        """
        return any(wanted(cik) and _entry(cik, item) is not None for cik, item in self._named())

    def _named(self) -> Iterator[tuple[int, os.DirEntry[str]]]:
        """What has a companyfacts file's name, with the CIK in it."""
        try:
            with os.scandir(self.location) as scan:
                for item in scan:
                    cik = cik_of(item.name)
                    if cik is not None:
                        yield cik, item
        except OSError as error:
            reason = f"the folder {self.location} cannot be listed ({error.strerror}): check that it is there and may be read"
            raise InputError(reason) from error


def _entry(cik: int, item: os.DirEntry[str]) -> FileEntry | None:
    """The entry of an item with a companyfacts file's name; None if it is anything else or has just vanished."""
    try:
        if item.is_symlink() and link_target(item.path) is None:
            return None
        status = item.stat()
    except OSError:  # it vanished since the scan began, or is a link to nothing: there is no file of this name
        return None
    if not stat_module.S_ISREG(status.st_mode):
        return None
    return FileEntry(cik, item.path, status.st_size, fingerprint(status), day_of(status), modified=status.st_mtime_ns)
