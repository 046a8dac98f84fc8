"""What this program is: a digest of all that makes rows of bytes.

A refresh leaves a company alone only if the same program made its rows. The number of the rules' version would do for that if
it were raised with every change that matters; a digest cannot be forgotten. Another edition of the program that gives the same
rows costs one load of everything.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Final

from loader._sql import sql_directory

#: The rooms between a source's bytes and a database's rows, with their tables of knowledge.
_ROOMS: Final = ("companyfacts", "database", "pipeline", "reference", "sources", "standardize")
_KINDS: Final = {".py", ".c", ".csv", ".sql"}


def digest_of(folders: dict[str, Path]) -> str:
    """Digest of the files in some folders.

    Args:
        folders: by a name that does not depend on where the program is installed.
    """
    digest = hashlib.sha256()
    for name, folder in sorted(folders.items()):
        for file in sorted(path for path in folder.rglob("*") if path.suffix in _KINDS):
            content = file.read_bytes()
            digest.update(f"{name}/{file.relative_to(folder).as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()[:32]


#: Read when the program starts: an update during a long session is another program than the one that runs. Polars and
#: numpy make the values, so another version of one of them is another program too.
PROGRAM: Final = (
    digest_of({**{room: Path(__file__).parent / room for room in _ROOMS}, "schema": sql_directory() / "schema"})
    + f" polars {version('polars')} numpy {version('numpy')}"
)
