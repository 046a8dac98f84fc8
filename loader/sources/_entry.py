"""One file of a source, and how its name tells the company."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

#: A large company's document has 4 or 5 MB. What has twenty-five times that is something else; and as flattening takes up to six
#: times a document's size, it would not fit into memory beside the rest.
MAX_FILE_BYTES: Final = 128 * 2**20
#: What is said of a file that is larger.
TOO_LARGE: Final = f"has more than {MAX_FILE_BYTES // 2**20} MiB, far more than a companyfacts document"

#: Nearly every document comes in one piece, which need not be put together from others; on a slow disk the deadline is looked at
#: between the pieces of a large one.
CHUNK_BYTES: Final = 2**23

_EPOCH: Final = date(1970, 1, 1)
_DAY_NS: Final = 86_400 * 10**9

_NAME = re.compile(r"CIK([0-9]{10})\.json", re.ASCII)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A companyfacts file.

    Attributes:
        cik: the company, as the file's name has it.
        path: the absolute path, which is the text in `edgar_file_path`.
        size: bytes of the document.
        fingerprint: changes when the content does; for a file in a folder, its size and the times of its last change, for a
            member of an archive its size and CRC-32.
        day: on which it was written: in UTC in a folder, in the time zone of its maker in an archive; None where that is no day.
        packed: bytes that it takes in an archive, which are in memory beside the document for a moment; 0 for a file in a folder.
        fault: why it cannot be read, as a whole sentence; None where nothing is known against it.
        modified: when it was written, in nanoseconds since 1970; None where the fingerprint is of the content, and no clock is
            needed to trust it.
    """

    cik: int
    path: str
    size: int
    fingerprint: str
    day: date | None = None
    packed: int = 0
    fault: str | None = None
    modified: int | None = None


def file_name(cik: int) -> str:
    """The name under which a company's file is in every source: 320193 -> 'CIK0000320193.json'."""
    return f"CIK{cik:010d}.json"


def cik_of(name: str) -> int | None:
    """The company of a file of this name; None if the name is not of a companyfacts file."""
    match = _NAME.fullmatch(name)
    return int(match.group(1)) if match else None


def fingerprint(status: os.stat_result) -> str:
    """Size, and the times of the last change of content and of anything: what a rewritten or replaced file changes."""
    # A copy can bring the first of the times along (cp -p, rsync -t, unzip); the second one no program can set.
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"


def day_of(status: os.stat_result) -> date:
    """The day, in UTC, on which a file was written."""
    return _EPOCH + timedelta(days=status.st_mtime_ns // _DAY_NS)


def link_target(path: str) -> str | None:
    """The file that a symbolic link ends at, if that is inside the link's own folder; None if the link leads out of it.

    Raises:
        OSError: the link leads nowhere, or round in a circle.
    """
    folder = os.path.realpath(os.path.dirname(path))  # noqa: PTH120 (text in, text out: no Path for each of 19,000 names)
    target = os.path.realpath(path, strict=True)
    return target if os.path.commonpath((folder, target)) == folder else None
