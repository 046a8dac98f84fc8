"""Where the SQL files are: beside the package in a checkout, inside it when it is installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def sql_directory() -> Path:
    """The folder with `schema/` and `validation/`."""
    package = Path(__file__).parent
    installed = package / "sql"
    return installed if installed.is_dir() else package.parent / "sql"
