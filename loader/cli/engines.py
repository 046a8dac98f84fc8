"""Settings that the engines take from the environment, once, when they are imported: so they are made before."""

from __future__ import annotations

import atexit
import ctypes
import gc
import json
import os
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from loader.config import ExtractionConfig

#: Below this many MiB the engines' own pools decide: with one pool each, and pages given back at once, a run of 4 MB files
#: peaked at 264 MiB instead of 292 under a limit of 256 (two cores).
_TIGHT_MB: Final = 384
#: From here on Polars keeps freed pages for ten seconds instead of half a second: the next batch asks for as many again a second
#: later. Of 500 companies a quarter of the kernel's time was for fresh ones; the peak is 4 % higher.
_AMPLE_MB: Final = 1024
#: glibc's name for the number of its arenas, of which it otherwise makes one for each thread.
_M_ARENA_MAX: Final = -8
#: glibc's name for the size from which on a block is taken from the system by itself, and so given back at once.
_M_MMAP_THRESHOLD: Final = -3
#: In bytes. Of its own glibc would raise it to the largest block that it has seen: a run under a limit of 256 MiB took 5 more.
_BLOCK: Final = 2**16
#: glibc's name for the free bytes at the end of an arena from which on they are given back.
_M_TRIM_THRESHOLD: Final = -1
#: In bytes: the most that glibc takes for the one, and for the other as much as a piece of an arena has. An array of the
#: standardiser has some MB: what one leaves is kept for the next, which saves a third of all fresh pages, and 2 % of the time.
_ARRAY: Final = 2**25
_ARENA: Final = 2**26

#: Python looks for unreachable cycles after so many new objects; a document's names and columns are none, and looking among them
#: every 700 objects, the default, takes 3 % of a run's processor time.
_OBJECTS_BEFORE_COLLECTION: Final = 100_000


def prepare_engines(threads: int | None, max_memory_mb: int) -> None:
    """Give Polars this many threads, None for one for each core; let the engines hoard nothing where memory is tight."""
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    # Python's last act is to look for cycles among all that the engines' modules are made of, for nothing: the memory goes back
    # to the system anyway. What is frozen it passes by, which ends the program 65 ms earlier.
    atexit.register(gc.freeze)
    # Numpy's library for linear algebra, which is not used, starts threads that turn round for a while waiting for work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if max_memory_mb < _TIGHT_MB:
        os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0")
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
        threads = threads or 1
        _set_malloc({_M_ARENA_MAX: 1, _M_MMAP_THRESHOLD: _BLOCK})
    else:
        if sys.platform == "linux":
            # Arrow's own choice, mimalloc, keeps more for each of many threads: 500 companies took 90 MiB more, and no less time.
            # Not every build for other systems has this one.
            os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
        if max_memory_mb >= _AMPLE_MB:
            os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:10000")
            _set_malloc({_M_MMAP_THRESHOLD: _ARRAY, _M_TRIM_THRESHOLD: _ARENA})
    if threads is not None:
        os.environ["POLARS_MAX_THREADS"] = str(threads)


def _set_malloc(options: Mapping[int, int]) -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # only glibc has it
    if mallopt is not None:
        for option, value in options.items():
            mallopt(option, value)


def prepare_engines_as_before(db: Path) -> None:
    """The same, as the last run of this database had it."""
    settings = _last_settings(db)
    threads, memory = settings.get("threads"), settings.get("max_memory_mb")
    prepare_engines(
        threads if isinstance(threads, int) else None, memory if isinstance(memory, int) else ExtractionConfig().max_memory_mb
    )


def _last_settings(db: Path) -> dict[str, object]:
    """Settings of the last run; none where they cannot be read, which the command itself will say better.

    Read here, and not through loader.database: that imports Polars.
    """
    if not db.is_file():
        return {}
    try:
        with closing(sqlite3.connect(f"{db.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT settings FROM extraction_runs ORDER BY id DESC LIMIT 1").fetchone()
    except sqlite3.Error:
        return {}
    settings = json.loads(row[0]) if row and row[0] else {}
    return settings if isinstance(settings, dict) else {}
