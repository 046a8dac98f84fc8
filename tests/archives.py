"""Zip archives made by hand, byte by byte, so that they can be wrong in every way."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LOCAL, RECORD, END, END64, LOCATOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"


@dataclass(frozen=True)
class Packed:
    """A member; what is None is as it should be.

    `local` replaces fields of its own header (`name`, `flags`, `method`, `crc`, `packed`, `size`), `central` those of its
    record in the directory (these, and `offset`).
    """

    name: bytes
    content: bytes = b"{}"
    method: int = 8
    flags: int = 0
    attributes: int = 0o100644 << 16
    wide: bool = False
    data: bytes | None = None
    behind: bytes = b""
    local: Mapping[str, int | bytes] = field(default_factory=dict)
    central: Mapping[str, int | bytes] = field(default_factory=dict)


def deflated(content: bytes) -> bytes:
    """As zip archives have it: without a header."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def archive(
    members: Iterable[Packed], *, before: bytes = b"", comment: bytes = b"", wide: bool = False, counted: int | None = None
) -> bytes:
    """An archive of these members.

    Args:
        members: in this order.
        before: bytes in front of it, of which its offsets know nothing.
        comment: at its end.
        wide: with the 64-bit end.
        counted: how many members it claims to have.
    """
    body, directory, count = b"", b"", 0
    for member in members:
        offset, count = len(body), count + 1
        packed = member.data if member.data is not None else deflated(member.content) if member.method else member.content
        fields: dict[str, int | bytes] = {
            "name": member.name,
            "flags": member.flags,
            "method": member.method,
            "crc": zlib.crc32(member.content),
            "packed": len(packed),
            "size": len(member.content),
        }
        body += _local({**fields, **member.local}, member.wide) + packed + member.behind
        directory += _record({**fields, "offset": offset, **member.central}, member.attributes, member.wide)
    count = count if counted is None else counted
    end = b""
    if wide:
        end += END64 + struct.pack("<Q2H2L4Q", 44, 45, 45, 0, 0, count, count, len(directory), len(body))
        end += LOCATOR + struct.pack("<LQL", 0, len(body) + len(directory), 1)
    narrow = (0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF) if wide else (count, count, len(directory), len(body))
    return before + body + directory + end + END + struct.pack("<4H2LH", 0, 0, *narrow, len(comment)) + comment


def _local(fields: Mapping[str, int | bytes], wide: bool) -> bytes:
    name, sizes = fields["name"], (fields["size"], fields["packed"])
    assert isinstance(name, bytes)
    extra = struct.pack("<2H2Q", 1, 16, *sizes) if wide else b""
    packed, size = (0xFFFFFFFF, 0xFFFFFFFF) if wide else sizes[::-1]
    fixed = struct.pack(
        "<5H3L2H", 20, fields["flags"], fields["method"], 0, 0, fields["crc"], packed, size, len(name), len(extra)
    )
    return LOCAL + fixed + name + extra


def _record(fields: Mapping[str, int | bytes], attributes: int, wide: bool) -> bytes:
    name = fields["name"]
    assert isinstance(name, bytes)
    extra = struct.pack("<2H3Q", 1, 24, fields["size"], fields["packed"], fields["offset"]) if wide else b""
    packed, size, offset = (0xFFFFFFFF,) * 3 if wide else (fields["packed"], fields["size"], fields["offset"])
    day = (2024 - 1980) << 9 | 11 << 5 | 1
    numbers = (0x0314, 20, fields["flags"], fields["method"], 0, day, fields["crc"], packed, size)
    return RECORD + struct.pack("<6H3L5H2L", *numbers, len(name), len(extra), 0, 0, 0, attributes, offset) + name + extra


def zip_folder(folder: Path, target: Path, *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """The files of a folder, packed as anybody would."""
    with zipfile.ZipFile(target, "w", method, compresslevel=6) as archived:
        for file in sorted(folder.iterdir()):
            archived.write(file, file.name)
    return target
