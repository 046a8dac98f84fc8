"""An open archive, shared by all readers: its directory is read once, its members are read side by side."""

from __future__ import annotations

import os
import stat as stat_module
import threading
import time
import weakref
from typing import Final

from isal import isal_zlib

from loader.errors import MissingFileError, ReadError, ReadTimeoutError, TransientReadError
from loader.sources._directory import (
    DEFLATED,
    ELSEWHERE32,
    ENCRYPTED,
    LOCAL,
    LOCAL_SIGNATURE,
    OVERLAPS,
    Member,
    pread,
    read_directory,
    sizes64,
)
from loader.sources._entry import CHUNK_BYTES, FileEntry, file_name

_SUFFIX: Final = ".zip"
#: The document's sizes and sum are behind its data; in its own header they may be 0.
_SIZES_BEHIND: Final = 0x0008
#: So much comes out of one call: a large company's document in one piece, and a bomb's first of many.
_PIECE_BYTES: Final = 16 * 2**20
#: What inflating raises; the package's types say that this is an instance.
_UNSOUND: Final[type[Exception]] = isal_zlib.error  # type: ignore[assignment]
#: Archives that stay open: one is the rule, and two while one replaces the other.
_MOST_OPEN: Final = 2

#: What tells a file from one that has replaced it or was written over it: device, inode, size, time of modification.
_State = tuple[int, int, int, int]


class Archive:
    """An archive as it was when its directory was read.

    Any number of threads may read members at once: each reads from its own offset (`pread`), and inflating does not hold the
    interpreter's lock. The file is closed when nobody uses the object any more, so an archive that another one replaces stays
    readable for those who are at it.

    Attributes:
        location: its absolute path.
        state: of the file.
        members: its companyfacts files, by CIK.
    """

    def __init__(self, location: str) -> None:
        # O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
        self._descriptor = os.open(location, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._descriptor)
        self.location = location
        self.state = _state(os.fstat(self._descriptor), location)
        #: Why it is of no use; it is kept with its state, so that the next of 19,000 members need not find out again.
        self.fault: ReadError | None = None
        self.members: dict[int, Member] = {}
        try:
            self.members = read_directory(self._descriptor, self.state[2], location)
        except ReadError as error:
            self.fault = error

    @property
    def is_changed(self) -> bool:
        """Whether the file was written to since its directory was read."""
        return _state(os.fstat(self._descriptor), self.location) != self.state

    def entry(self, cik: int) -> FileEntry:
        """A member as a file of the source.

        Raises:
            MissingFileError: there is none of this company.
        """
        member = self._member(cik)
        path = f"{self.location}/{file_name(cik)}"
        if member.fault is not None:
            return FileEntry(cik, path, 0, "", fault=f"{path} {member.fault}; it is left alone")
        # From the content, so that an archive that was made anew is not taken for news.
        return FileEntry(cik, path, member.size, f"{member.size}-crc{member.crc:08x}", member.day, member.packed)

    def read(self, cik: int, *, deadline: float) -> bytes:
        """Read a member: all of it, with the size and the CRC-32 that the directory says.

        Raises:
            MissingFileError: there is no such member.
            ReadTimeoutError: it did not come by the deadline, which is on the clock of `time.monotonic`.
            TransientReadError: the archive was written to meanwhile.
            ReadError: the member cannot be trusted, or is damaged.
            OSError: reading failed.
        """
        entry = self.entry(cik)
        if entry.fault is not None:
            raise ReadError(entry.fault)
        try:
            data = _document(self._descriptor, self._member(cik), entry.path, deadline)
        except _DamagedError as damage:
            if self.is_changed:
                raise _changed(entry.path) from damage
            raise ReadError(f"{entry.path} {damage}: the archive is damaged or was made to mislead; get it again") from damage
        if self.is_changed:
            raise _changed(entry.path)
        return data

    def _member(self, cik: int) -> Member:
        member = self.members.get(cik)
        if member is None:
            raise MissingFileError(
                f"{self.location} has no {file_name(cik)} (any more): run `loader mappings refresh` with the source that has it"
            )
        return member


class _DamagedError(Exception):
    """A member's bytes are not what its directory says; the text is the end of a sentence about it."""


_known: dict[str, Archive] = {}
_lock = threading.Lock()


def open_archive(location: str) -> Archive:
    """The archive that is at a path now. As long as the file stays the same, so does the object.

    Raises:
        ReadError: the file is no archive of use.
        OSError: it cannot be opened.
    """
    state = _state(os.stat(location), location)  # noqa: PTH116 (text in, text out, as in the rest of this room)
    with _lock:  # the directory is read once, by whoever comes first
        archive = _known.get(location)
        if archive is None or archive.state != state:
            _known.pop(location, None)
            archive = _known[location] = Archive(location)
            while len(_known) > _MOST_OPEN:
                del _known[next(iter(_known))]
    if archive.fault is not None:
        raise ReadError(str(archive.fault))  # a new one: an error that several threads raise would gather all their tracebacks
    return archive


def archive_of(path: str) -> str | None:
    """The archive that a path leads into, as /data/companyfacts.zip of /data/companyfacts.zip/CIK0000320193.json.

    None for a file in a folder, whatever the folder's name.
    """
    folder = os.path.dirname(path)  # noqa: PTH120
    return folder if folder.lower().endswith(_SUFFIX) and is_archive(folder) else None


def is_archive(location: str) -> bool:
    """Whether a regular file that is named like an archive is there."""
    return location.lower().endswith(_SUFFIX) and os.path.isfile(location)  # noqa: PTH113


def _state(status: os.stat_result, location: str) -> _State:
    if not stat_module.S_ISREG(status.st_mode):
        raise ReadError(f"{location} is not a regular file")
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _changed(path: str) -> TransientReadError:
    return TransientReadError(f"{path}: the archive changed while it was read")


def _document(descriptor: int, member: Member, path: str, deadline: float) -> bytes:
    start = _data_offset(descriptor, member)
    chunks: list[bytes] = []
    got = 0
    while got < member.packed:
        _check_deadline(deadline, path, got, member.packed)
        chunk = os.pread(descriptor, min(CHUNK_BYTES, member.packed - got), start + got)
        if not chunk:
            raise _DamagedError("ends before its last byte")
        chunks.append(chunk)
        got += len(chunk)
    packed = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    del chunks
    if member.method == DEFLATED:
        document = _inflated(packed, member.size, path, deadline)
    else:
        _check_deadline(deadline, path, got, member.packed)
        document = packed
    if len(document) != member.size:
        raise _DamagedError(f"has {len(document)} bytes instead of {member.size}")
    if isal_zlib.crc32(document) != member.crc:
        raise _DamagedError("does not have the CRC-32 that the directory says")
    return document


def _data_offset(descriptor: int, member: Member) -> int:
    """Where the member's data begin, if its own header says the same as the directory."""
    fixed = pread(descriptor, LOCAL.size + len(member.name), member.offset)
    if len(fixed) < LOCAL.size + len(member.name) or not fixed.startswith(LOCAL_SIGNATURE):
        raise _DamagedError("is not where the directory says")
    _, _, flags, method, _, _, crc, packed, size, name_size, extra_size = LOCAL.unpack_from(fixed)
    start: int = member.offset + LOCAL.size + name_size + extra_size
    if name_size != len(member.name) or fixed[LOCAL.size :] != member.name or method != member.method or flags & ENCRYPTED:
        raise _DamagedError("has a header of its own that differs from the directory")
    if start + member.packed > member.limit:
        raise _DamagedError(OVERLAPS)
    extra = pread(descriptor, extra_size, start - extra_size) if ELSEWHERE32 in {size, packed} else b""
    wide = sizes64(extra, (size, packed))
    told = None if wide is None else (crc, *wide)
    if told != (member.crc, member.size, member.packed) and not (flags & _SIZES_BEHIND and told == (0, 0, 0)):
        raise _DamagedError("has a header of its own that differs from the directory")
    return start


def _inflated(packed: bytes, size: int, path: str, deadline: float) -> bytes:
    """The document, of which no more comes out than the directory says and one byte."""
    inflater = isal_zlib.decompressobj(-15)
    pieces: list[bytes] = []
    total = 0
    try:
        while not inflater.eof:
            _check_deadline(deadline, path, len(packed), len(packed))
            piece = inflater.decompress(packed, min(_PIECE_BYTES, size + 1 - total))
            packed = inflater.unconsumed_tail
            total += len(piece)
            if total > size:
                raise _DamagedError(f"unpacks to more than the {size} bytes that the directory says")
            if not piece and not packed and not inflater.eof:
                raise _DamagedError("ends in the middle of its packed data")
            pieces.append(piece)
    except _UNSOUND as error:
        raise _DamagedError(f"cannot be unpacked ({error})") from error
    if inflater.unused_data or packed:
        raise _DamagedError("has more packed data than belong to it")
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _check_deadline(deadline: float, path: str, got: int, packed: int) -> None:
    if time.monotonic() >= deadline:
        raise ReadTimeoutError(f"{path} did not come in time: {got} of {packed} packed bytes were read")
