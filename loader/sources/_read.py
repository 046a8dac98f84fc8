"""Reading one file within a deadline, and looking at it without reading it."""

from __future__ import annotations

import errno
import os
import stat as stat_module
import time

from loader.errors import InputError, MissingFileError, ReadError, ReadTimeoutError, TransientReadError
from loader.sources._archive import archive_of, open_archive
from loader.sources._entry import CHUNK_BYTES, MAX_FILE_BYTES, TOO_LARGE, FileEntry, cik_of, day_of, fingerprint, link_target

_MISSING = {errno.ENOENT, errno.ENOTDIR}
# What a disk, a network file system or a machine short of resources gives, and what can be over a moment later.
_TRANSIENT = {
    errno.EIO,
    errno.EAGAIN,
    errno.EBUSY,
    errno.ESTALE,
    errno.ETIMEDOUT,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOBUFS,
    errno.ECONNRESET,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ENETUNREACH,
}


def read(path: str, *, deadline: float, room: memoryview | None = None) -> bytes | memoryview:
    """Read a file that a source has named.

    The deadline is looked at between chunks; one chunk that never comes (a dead network file system) is for the caller to leave
    behind. A file that changes while it is read is not taken.

    Args:
        path: `FileEntry.path`.
        deadline: the moment, on the clock of `time.monotonic`, by which the last byte must be there.
        room: bytes to read into, if the file is smaller. What is returned is in there then. It saves the operating system
            emptying new memory for each file, which takes as long as to fill it. A member of an archive is unpacked elsewhere.

    Raises:
        MissingFileError: it is not there any more.
        ReadTimeoutError: it did not come in time.
        TransientReadError: reading failed for a cause that can pass.
        ReadError: it is not a regular file, is out of the folder, is too large, is damaged or may not be read.
    """
    try:
        archive = _archive_of(path)
        if archive is not None:
            return open_archive(archive).read(_cik(path), deadline=deadline)
        descriptor = _open(path)
        try:
            return _read_all(descriptor, path, deadline, room)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _named(error, path) from error


def stat(path: str) -> FileEntry:
    """Look at a file that a source has named, without reading it.

    Raises:
        MissingFileError: it is not there any more.
        TransientReadError: looking failed for a cause that can pass.
        ReadError: it is nothing that a source names (another name, not a regular file, a link out of the folder), or a member of
            an archive that cannot be trusted.
    """
    cik = _cik(path)
    try:
        archive = _archive_of(path)
        if archive is not None:
            entry = open_archive(archive).entry(cik)
            if entry.fault is not None:
                raise ReadError(entry.fault)
            return entry
        status = os.lstat(path)
        if stat_module.S_ISLNK(status.st_mode):
            status = os.lstat(_target(path))
    except OSError as error:
        raise _named(error, path) from error
    _check_regular(status, path)
    return FileEntry(cik, path, status.st_size, fingerprint(status), day_of(status), modified=status.st_mtime_ns)


def _cik(path: str) -> int:
    cik = cik_of(os.path.basename(path))  # noqa: PTH119 (text in, text out, as in the rest of this room)
    if cik is None:
        raise ReadError(f"{path} is not named like a companyfacts file (CIK##########.json)")
    return cik


def _archive_of(path: str) -> str | None:
    if "\0" in path:
        raise MissingFileError(f"no file can be at {path!r}")
    return archive_of(path)


def _open(path: str) -> int:
    # O_NONBLOCK: opening a pipe must not wait for somebody to write into it. O_NOFOLLOW: what was checked is what is opened.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags)
    except OSError:
        if not os.path.islink(path):  # noqa: PTH114
            raise
        return os.open(_target(path), flags)


def _target(link: str) -> str:
    """The file itself, which a link inside the folder leads to."""
    target = link_target(link)
    if target is None:
        raise ReadError(f"{link} is a link that leads out of its folder; it is left alone")
    return target


def _empty_room(size: int) -> memoryview:
    """Memory that nobody has emptied: the system does that when it is first used."""
    import numpy as np  # noqa: PLC0415  # a source can be looked at without it

    return np.empty(size, np.uint8).data


def _read_all(descriptor: int, path: str, deadline: float, room: memoryview | None) -> memoryview:
    before = os.fstat(descriptor)
    _check_regular(before, path)
    # For one byte more than there was, to notice one.
    wanted = before.st_size + 1
    place = room[:wanted] if room is not None and wanted <= len(room) else _empty_room(wanted)
    size = 0
    while size < wanted:
        if time.monotonic() >= deadline:
            raise ReadTimeoutError(f"{path} did not come in time: {size} of {before.st_size} bytes were read")
        got = os.readv(descriptor, [place[size : size + CHUNK_BYTES]])
        if got == 0:
            break
        size += got
    if size != before.st_size or fingerprint(os.fstat(descriptor)) != fingerprint(before):
        raise TransientReadError(f"{path} changed while it was read")
    return place[:size]


def _check_regular(status: os.stat_result, path: str) -> None:
    if not stat_module.S_ISREG(status.st_mode):
        raise ReadError(f"{path} is not a regular file")
    if status.st_size > MAX_FILE_BYTES:
        raise _too_large(path)


def _too_large(path: str) -> ReadError:
    return ReadError(f"{path} {TOO_LARGE}")


def _named(error: OSError, path: str) -> InputError:
    """The loader's error for one of the operating system."""
    if error.errno in _MISSING:
        return MissingFileError(f"{path} is not there (any more): run `loader mappings refresh` with the source that has it")
    kind = TransientReadError if error.errno in _TRANSIENT else ReadError
    return kind(f"{path} cannot be read: {error.strerror or error}")
