"""A DuckDB connection that can write SQLite, without the network.

The `duckdb` wheel does not carry the sqlite extension. Its own wheel does, as a signed binary for exactly one DuckDB
version, and is loaded by the path of its file. `INSTALL sqlite` (which downloads) is the fallback for platforms that the wheel
has no binary for.
"""

from __future__ import annotations

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import duckdb

from loader.database.literal import quoted
from loader.errors import DatabaseError

_WHEEL = "duckdb_extension_sqlite_scanner"
_BINARY = "sqlite_scanner.duckdb_extension"


def extension_file() -> Path | None:
    """The extension's binary for the running DuckDB version, or None where its wheel has none."""
    spec = find_spec(_WHEEL)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder) / "extensions" / f"v{duckdb.__version__}" / _BINARY
        if file.is_file():
            return file
    return None


def connect(threads: int, memory_mb: int) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB with the sqlite extension loaded.

    Args:
        threads: DuckDB's own threads; more than there are cores makes it slower.
        memory_mb: MiB that DuckDB may hold before it spills to the temporary directory.

    Raises:
        DatabaseError: neither the wheel nor the network has the extension.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": str(threads),
            "memory_limit": f"{memory_mb}MiB",
            # Made only when something spills, and removed when the connection closes.
            "temp_directory": str(Path(tempfile.gettempdir()) / f"loader-spill-{os.getpid()}"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
    file = extension_file()
    try:
        if file is None:
            connection.execute("INSTALL sqlite")
            connection.execute("LOAD sqlite")
        else:
            connection.execute(f"LOAD {quoted(str(file))}")
        # Its statements move rows from a frame to a table as they are, which leaves nothing to optimize.
        connection.execute("PRAGMA disable_optimizer")
    except duckdb.Error as error:
        connection.close()
        cause = str(error).splitlines()[0]
        raise DatabaseError(
            f"DuckDB {duckdb.__version__} cannot load its sqlite extension ({cause}): "
            f"install duckdb-extension-sqlite-scanner=={duckdb.__version__}, or let the machine reach extensions.duckdb.org once",
        ) from error
    return connection
