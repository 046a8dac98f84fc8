"""What the engines take from the environment is there before they are imported."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from loader.database import create_run, ensure_schema

_PROGRAM = """
import os, sys
from pathlib import Path
from loader.cli.engines import prepare_engines, prepare_engines_as_before
if sys.argv[1] == "as before":
    prepare_engines_as_before(Path(sys.argv[2]))
else:
    prepare_engines(None if sys.argv[1] == "None" else int(sys.argv[1]), int(sys.argv[2]))
assert "polars" not in sys.modules, "too late"
settings = os.environ.get("_RJEM_MALLOC_CONF", "")  # Polars takes it, and takes it away
kept = "nothing" if "narenas:1" in settings else "for ten seconds" if "dirty_decay_ms:10000" in settings else "as ever"
import polars, pyarrow
print(polars.thread_pool_size(), kept, pyarrow.default_memory_pool().backend_name)
"""

_FAULTS = """
import resource, sys
from loader.cli.engines import prepare_engines
prepare_engines(None, int(sys.argv[1]))
import numpy

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    numpy.ones(3 << 19, numpy.int8)  # less than a huge page
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults()
print("fresh" if faults() > 200 else "the same")
"""

_POOL = "jemalloc" if sys.platform == "linux" else pa.default_memory_pool().backend_name


def _engines(*arguments: str) -> str:
    # Polars has set its own in this process, and a setting of the user's is left alone.
    own = ("_RJEM_MALLOC_CONF", "POLARS_MAX_THREADS", "ARROW_DEFAULT_MEMORY_POOL")
    clean = {name: value for name, value in os.environ.items() if name not in own}
    program = [sys.executable, "-c", _PROGRAM, *arguments]
    done = subprocess.run(program, capture_output=True, text=True, check=False, env=clean)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("threads", "memory", "expected"),
    [
        ("3", "2048", f"3 for ten seconds {_POOL}"),
        ("3", "1000", f"3 as ever {_POOL}"),
        ("None", "256", "1 nothing system"),
        ("2", "256", "2 nothing system"),
    ],
)
def test_the_engines_have_the_threads_that_were_asked_for_and_hoard_nothing_where_memory_is_tight(
    threads: str, memory: str, expected: str
) -> None:
    assert _engines(threads, memory) == expected


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators have no such settings")
@pytest.mark.parametrize(("memory", "pages"), [("2048", "the same"), ("256", "fresh")])
def test_memory_that_an_array_leaves_is_kept_for_the_next_one_where_there_is_enough(memory: str, pages: str) -> None:
    done = subprocess.run([sys.executable, "-c", _FAULTS, memory], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == pages


def test_a_resumed_run_has_the_threads_and_the_memory_of_the_one_it_continues(tmp_path: Path) -> None:
    db = tmp_path / "x.db"
    ensure_schema(db)
    create_run(db, {"threads": 3, "max_memory_mb": 300}, "a test", [])
    assert _engines("as before", str(db)) == "3 nothing system"


def test_a_database_that_cannot_be_read_is_left_to_the_command(tmp_path: Path) -> None:
    broken = tmp_path / "x.db"
    broken.write_bytes(b"no database")
    for db in (tmp_path / "none.db", broken):
        assert _engines("as before", str(db)).endswith(f"for ten seconds {_POOL}")
