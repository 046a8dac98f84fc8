"""The SEC's companyfacts.zip, or another archive of the same kind, read in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from loader.errors import InputError
from loader.sources._archive import Archive, open_archive
from loader.sources._entry import FileEntry


@dataclass(frozen=True, slots=True)
class ZipSource:
    """The companyfacts files at the top of a zip archive.

    A member has the path of a file in a folder of the archive's name, /data/companyfacts.zip/CIK0000320193.json. Members with
    other names are left alone. One with a file's name that cannot be trusted is an entry with a fault, so that the company
    fails with that reason instead of seeming absent.

    Attributes:
        location: the archive's absolute path.
    """

    location: str

    def entries(self) -> dict[int, FileEntry]:
        """All companyfacts files in the archive, by CIK and in the order of CIKs; its directory is read once.

        Raises:
            InputError: the archive is not there any more, or is of no use.
        """
        archive = self._archive()
        return {cik: archive.entry(cik) for cik in archive.members}

    def holds_any(self, wanted: Callable[[int], bool]) -> bool:
        """Whether there is a member of a CIK that `wanted` is true of.

        Raises:
            InputError: as `entries`.
        """
        return any(map(wanted, self._archive().members))

    def _archive(self) -> Archive:
        try:
            return open_archive(self.location)
        except OSError as error:
            reason = f"the archive {self.location} cannot be read ({error.strerror}): check that it is there and may be read"
            raise InputError(reason) from error
