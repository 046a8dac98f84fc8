"""Parts: the facts of one file each, kept between reading and merging."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
from pyarrow import ipc

from loader.companyfacts import Flattened
from loader.export._columns import ENCODED, sorted_facts
from loader.export._files import replacing

#: Of a part's columns and counts: a part of another version is made again.
PART_VERSION: Final = 1
_KEY: Final = b"loader"
#: A third of the time of zstd, for a file that is read once.
_COMPRESSION: Final = "lz4"


@dataclass(frozen=True, slots=True)
class Part:
    """What is known of one file's facts.

    Attributes:
        cik: the filer.
        entity_name: as its document has it.
        facts_read: facts in the document: always `facts` plus the sum of `set_aside`.
        facts: rows of the part.
        set_aside: reason -> facts that no column can hold.
        version: of the part's form.
    """

    cik: int
    entity_name: str | None
    facts_read: int
    facts: int
    set_aside: Mapping[str, int]
    version: int = PART_VERSION


def part_path(folder: Path, cik: int, fingerprint: str) -> Path:
    """Where the part of a file in that state is."""
    # A fingerprint is text of the source's making: only its digest is sure to be a file's name.
    return folder / f"CIK{cik:010d}-{hashlib.sha256(fingerprint.encode()).hexdigest()[:16]}.arrow"


def write_part(folder: Path, cik: int, fingerprint: str, flattened: Flattened) -> None:
    """Keep the facts of a file, all of them.

    Raises:
        OutputError: the disk does not take it.
    """
    if flattened.not_wanted:
        raise AssertionError("a part has the facts of all concepts")
    part = Part(cik, flattened.entity_name, flattened.facts_read, flattened.batch.num_rows, dict(flattened.set_aside))
    facts = sorted_facts(flattened.batch)
    schema = ENCODED.with_metadata({_KEY: msgspec.json.encode(part)})
    with (
        replacing(part_path(folder, cik, fingerprint)) as path,
        ipc.new_file(path, schema, options=ipc.IpcWriteOptions(compression=_COMPRESSION)) as writer,
    ):
        writer.write_batch(facts)


def find_part(folder: Path, cik: int, fingerprint: str, *, verify: bool) -> Part | None:
    """The part of a file in that state, if there is a whole one of this version.

    Args:
        folder: of the parts.
        cik: the filer.
        fingerprint: of the file's state.
        verify: read all of it. A power cut can have left a part of an earlier process with its name and without its content.
    """
    try:
        with pa.OSFile(str(part_path(folder, cik, fingerprint))) as file:
            reader = ipc.open_file(file)
            part = msgspec.json.decode((reader.schema.metadata or {}).get(_KEY, b""), type=Part)
            if verify:
                reader.read_all().validate(full=True)
    except (OSError, pa.ArrowInvalid, msgspec.MsgspecError):
        return None
    return part if part.version == PART_VERSION and part.cik == cik else None


def read_part(folder: Path, cik: int, fingerprint: str) -> pa.Table:
    """The facts of a part that `find_part` has found, in their order."""
    with pa.OSFile(str(part_path(folder, cik, fingerprint))) as file:
        return ipc.open_file(file).read_all()
