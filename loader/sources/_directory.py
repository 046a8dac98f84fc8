"""The central directory of a zip archive: what it says of its members, and which of them it makes impossible to trust.

Only what the directory itself tells is judged here; `_archive` compares it with each member's own header and bytes. Zip64, data
descriptors, a comment at the end and bytes before the archive are as the format allows them.
"""

from __future__ import annotations

import itertools
import os
import re
import stat as stat_module
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from loader.errors import ReadError
from loader.sources._entry import MAX_FILE_BYTES, TOO_LARGE

STORED: Final = 0
DEFLATED: Final = 8
#: Flags that mean encryption of one kind or another: of the data, the strong one, that of the directory.
ENCRYPTED: Final = 0x0001 | 0x0040 | 0x2000
#: Flag of a patch to another file instead of a file.
_PATCH: Final = 0x0020

#: The SEC's 19,000 members take 1.5 MB of directory. Forty times that is a trap.
MAX_DIRECTORY_BYTES: Final = 64 * 2**20

_END: Final = struct.Struct("<4s4H2LH")
_END_SIGNATURE: Final = b"PK\x05\x06"
_LOCATOR: Final = struct.Struct("<4sLQL")
_LOCATOR_SIGNATURE: Final = b"PK\x06\x07"
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_END64_SIGNATURE: Final = b"PK\x06\x06"
_RECORD: Final = struct.Struct("<4s6H3L5H2L")
_RECORD_SIGNATURE: Final = b"PK\x01\x02"
LOCAL: Final = struct.Struct("<4s5H3L2H")
LOCAL_SIGNATURE: Final = b"PK\x03\x04"

_LONGEST_COMMENT: Final = 0xFFFF
#: In a field of 16 or 32 bits: the value is elsewhere, in its 64-bit form.
_ELSEWHERE16: Final = 0xFFFF
ELSEWHERE32: Final = 0xFFFFFFFF
_FIELD64: Final = 0x0001
_DOS_FOLDER: Final = 0x10

_NAME: Final = re.compile(rb"CIK([0-9]{10})\.json")
_NAME_WITH_PATH: Final = re.compile(rb".*[/\\:]CIK([0-9]{10})\.json", re.DOTALL)
_AGAIN: Final = "get it again"


@dataclass(frozen=True, slots=True)
class Member:
    """A companyfacts file in an archive.

    Attributes:
        name: as the directory has it, in bytes.
        flags: of the member, as the format numbers them.
        method: of compression.
        crc: CRC-32 of the document.
        packed: bytes in the archive.
        size: bytes of the document.
        offset: where its own header begins, from the beginning of the file.
        day: on which it was written; None where that is no day.
        limit: where the next header or the directory begins: nothing of the member may lie there.
        fault: why it cannot be read, as the end of a sentence about it; None if the directory tells of no reason.
    """

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    day: date | None = None
    limit: int = 0
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class _End:
    """Where the directory is: its first byte in the file, its size, its records, and how far all its offsets are off."""

    start: int
    size: int
    records: int
    shift: int


def read_directory(descriptor: int, file_size: int, location: str) -> dict[int, Member]:
    """Read the central directory of an archive.

    Args:
        descriptor: the open file.
        file_size: its size in bytes.
        location: its path, for messages.

    Returns:
        The companyfacts files, by CIK and in the order of CIKs.

    Raises:
        ReadError: it is no zip archive, is cut off or damaged, or has its files in folders.
        OSError: reading failed.
    """
    end = _find_directory(descriptor, file_size, location)
    found: dict[int, Member] = {}
    misplaced: dict[int, Member] = {}
    offsets: list[int] = []
    for record, name, member in _records(pread(descriptor, end.size, end.start), end, location):
        offsets.append(member.offset)
        match = _NAME.fullmatch(name)
        if match is not None:
            cik = int(match.group(1))
            fault = _fault(record, member, end.start) if cik not in found else "is in the archive more than once"
            found[cik] = replace(member, day=_day(record[6]), fault=fault)
        elif (match := _NAME_WITH_PATH.fullmatch(name)) is not None:
            misplaced[int(match.group(1))] = replace(member, fault=f"has a path in its name there ({name.decode('cp437')!r})")
    if misplaced and not found:
        raise ReadError(
            f"{location} has its files in a folder, such as {next(iter(misplaced.values())).name.decode('cp437')!r}: "
            "zip the files themselves, or unpack it and give the folder"
        )
    members = _bounded({**misplaced, **found}, offsets, end.start)
    return dict(sorted(members.items()))


def pread(descriptor: int, size: int, offset: int) -> bytes:
    """Bytes of a file from an offset on; fewer only where the file ends."""
    data = os.pread(descriptor, size, offset)
    while len(data) < size and (more := os.pread(descriptor, size - len(data), offset + len(data))):
        data += more
    return data


def sizes64(extra: bytes, values: tuple[int, ...]) -> tuple[int, ...] | None:
    """The values of which some stand elsewhere, that is in the 64-bit field of the extra data; None if that lacks one."""
    if ELSEWHERE32 not in values:
        return values
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        at += 4
        if kind == _FIELD64 and at + length <= len(extra):
            field = extra[at : at + length]
            full = []
            for value in values:
                if value == ELSEWHERE32:
                    if len(field) < 8:
                        return None
                    value, field = int.from_bytes(field[:8], "little"), field[8:]  # noqa: PLW2901 (the same value, in full)
                full.append(value)
            return tuple(full)
        at += length
    return None


def _find_directory(descriptor: int, file_size: int, location: str) -> _End:
    tail_size = min(file_size, _LONGEST_COMMENT + _END.size)
    tail = pread(descriptor, tail_size, file_size - tail_size)
    at = len(tail) - _END.size
    while (at := tail.rfind(_END_SIGNATURE, 0, at + len(_END_SIGNATURE))) >= 0:
        # A signature inside the comment is none: the comment behind the real one reaches exactly to the file's end.
        if at + _END.size <= len(tail) and at + _END.size + _END.unpack_from(tail, at)[-1] == len(tail):
            break
        at -= 1
    else:
        if pread(descriptor, 4, 0) == LOCAL_SIGNATURE:
            raise ReadError(f"{location} is a zip archive that is cut off, without its directory at the end: {_AGAIN}")
        raise ReadError(f"{location} is no zip archive: give the SEC's companyfacts.zip, or a folder")
    position = file_size - tail_size + at
    _, disk, first_disk, here, records, size, offset, _ = _END.unpack_from(tail, at)
    located = pread(descriptor, _LOCATOR.size, position - _LOCATOR.size) if position >= _LOCATOR.size else b""
    if located.startswith(_LOCATOR_SIGNATURE):
        narrow = (disk, first_disk, here, records, size, offset)
        position, wide = _find_end64(descriptor, located, position, location)
        if any(n not in {w, _ELSEWHERE16 if i < 4 else ELSEWHERE32} for i, (n, w) in enumerate(zip(narrow, wide, strict=True))):
            raise _damaged(location, "its two ends contradict each other")
        disk, first_disk, here, records, size, offset = wide
    if disk or first_disk or here != records:
        raise ReadError(f"{location} is one part of a divided archive: give the whole")
    start = position - size
    if start < 0 or start < offset:
        raise _damaged(location, "its directory would lie outside the file")
    if size > MAX_DIRECTORY_BYTES:
        raise _damaged(location, f"its directory has {size >> 20} MiB, far more than that of companyfacts.zip")
    return _End(start, size, records, start - offset)


def _find_end64(descriptor: int, located: bytes, position: int, location: str) -> tuple[int, tuple[int, ...]]:
    """Where the 64-bit end is, and what it says: disk, first disk, records on this disk, records, size, offset."""
    # The locator counts from the archive's beginning, which is not the file's where there are bytes before it.
    for at in (_LOCATOR.unpack(located)[2], position - _LOCATOR.size - _END64.size):
        if 0 <= at <= position - _LOCATOR.size - _END64.size:
            data = pread(descriptor, _END64.size, at)
            if len(data) == _END64.size and data.startswith(_END64_SIGNATURE):
                return at, _END64.unpack(data)[4:]
    raise _damaged(location, "its 64-bit end is not where it should be")


def _records(data: bytes, end: _End, location: str) -> Iterator[tuple[tuple[int, ...], bytes, Member]]:
    at = count = 0
    while at + _RECORD.size <= len(data) and data.startswith(_RECORD_SIGNATURE, at):
        record = _RECORD.unpack_from(data, at)
        _, _, _, flags, method, _, _, crc, packed, size, name_size, extra_size, comment_size, *_, offset = record
        at += _RECORD.size
        name = data[at : at + name_size]
        wide = sizes64(data[at + name_size : at + name_size + extra_size], (size, packed, offset))
        at += name_size + extra_size + comment_size
        if at > len(data) or wide is None:
            break
        count += 1
        size, packed, offset = wide
        yield record, name, Member(name, flags, method, crc, packed, size, offset + end.shift)
    if at != len(data) or count != end.records:
        raise _damaged(location, f"its directory has {count} readable members where it should have {end.records}")


def _fault(record: tuple[int, ...], member: Member, directory: int) -> str | None:
    mode, attributes = record[15] >> 16, record[15]
    if member.flags & ENCRYPTED:
        return "is encrypted"
    if stat_module.S_IFMT(mode) not in {0, stat_module.S_IFREG} or attributes & _DOS_FOLDER:
        return "is a link, a folder or something else that is not a regular file"
    if member.method not in {STORED, DEFLATED} or member.flags & _PATCH:
        return f"is packed by method {member.method}, which is neither deflate nor none"
    if max(member.size, member.packed) > MAX_FILE_BYTES:
        return TOO_LARGE
    if not 0 <= member.offset < directory:
        return "would lie outside the archive"
    return None


def _bounded(members: dict[int, Member], offsets: list[int], directory: int) -> dict[int, Member]:
    """Each member with its limit. What reaches over the next one's beginning is a fault: a bomb folds members into each other."""
    offsets.sort()
    following = dict(zip(offsets, [*offsets[1:], directory], strict=False))
    shared = {offset for offset, next_offset in itertools.pairwise(offsets) if offset == next_offset}
    bounded = {}
    for cik, member in members.items():
        limit = min(following[member.offset], directory)
        overlaps = member.offset in shared or member.offset + LOCAL.size + len(member.name) + member.packed > limit
        bounded[cik] = replace(member, limit=limit, fault=member.fault or (OVERLAPS if overlaps else None))
    return bounded


#: The fault of a member that reaches into the next one, or into the directory.
OVERLAPS: Final = "overlaps with what follows it in the archive"


def _day(dos: int) -> date | None:
    """The day of a date as MS-DOS packs it; None where that is no day."""
    try:
        return date((dos >> 9) + 1980, dos >> 5 & 15, dos & 31)
    except ValueError:
        return None


def _damaged(location: str, what: str) -> ReadError:
    return ReadError(f"{location} is damaged: {what}; {_AGAIN}")
