"""Polars takes the size of its thread pool from the environment, once, when it is imported: so it is set before."""

from __future__ import annotations

import os
from pathlib import Path


def limit_polars(threads: int | None) -> None:
    """Give Polars this many threads; None leaves it its default, one for each core."""
    if threads is not None:
        os.environ["POLARS_MAX_THREADS"] = str(threads)


def limit_polars_as_before(db: Path) -> None:
    """Give Polars as many threads as the last run of this database had."""
    from loader.database import last_run

    run = last_run(db)
    threads = run.settings.get("threads") if run else None
    limit_polars(threads if isinstance(threads, int) else None)
