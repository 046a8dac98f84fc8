"""One process, measured from outside; and several of them, in turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from bench.corpus import Sample
from loader.errors import LoaderError

_T = TypeVar("_T")
_MB: Final = 2**20
_LAUNCHER: Final = Path(__file__).with_name("launch.py")
#: The yardstick. Its time is that of its loop: starting Python is not counted here, while it is in the loader's.
_YARDSTICK: Final = """
import json, sys, time
from pathlib import Path
import orjson
files = sorted(Path(sys.argv[1]).glob("CIK*.json"))
wall, cpu, size = time.perf_counter(), time.process_time(), 0
for file in files:
    data = file.read_bytes()
    size += len(data)
    orjson.loads(data)
print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu, size]))
"""


class BenchmarkError(LoaderError):
    """What was to be measured did not do its work, or an option makes no sense."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    Attributes:
        seconds: wall time.
        cpu_seconds: of user and system, over all threads.
        peak_mb: the most memory that the process had, in MiB, as the kernel counted it.
        bytes_read: of the companyfacts files.
        rows: written into the database, over all tables.
        database_mb: size of the database at the end, in MiB.
        stages: seconds by stage, as the loader reports them, added up over threads that overlap.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    bytes_read: int
    rows: int = 0
    database_mb: float = 0.0
    stages: Mapping[str, float] = field(default_factory=dict)


def yardstick(sample: Sample) -> Run:
    """`orjson.loads` of every file of the sample, one after the other in one thread."""
    usage, output = _measured([sys.executable, "-c", _YARDSTICK, str(sample.folder)])
    seconds, cpu_seconds, size = json.loads(output)
    return Run(seconds, cpu_seconds, usage["peak_mb"], size)


def prepare(sample: Sample, db: Path) -> Path:
    """A new database that knows the sample's companies and has no statements yet."""
    for suffix in ("", "-wal", "-shm"):
        db.with_name(db.name + suffix).unlink(missing_ok=True)
    loader("stocks", "import", sample.stocks, "--db", db)
    return db


def extract(sample: Sample, db: Path, *options: object, source: Path | None = None) -> Run:
    """The whole of `loader extract`, the start of its process included.

    Raises:
        BenchmarkError: it failed, or not every company is in the database.
    """
    command = ["extract", "--db", db, "--source", source or sample.folder, "--tickers", sample.tickers, "--json", *options]
    usage, output = _measured([sys.executable, "-m", "loader", *map(str, command)])
    report = json.loads(output)
    if report["completed"] != len(sample.companies):
        raise BenchmarkError(
            f"{report['completed']} of {len(sample.companies)} companies are in the database: nothing to compare"
        )
    return Run(
        usage["seconds"],
        usage["cpu_seconds"],
        usage["peak_mb"],
        report["bytes_read"],
        sum(report["rows"].values()),
        report["database_bytes_after"] / _MB,
        report["stages"],
    )


def loader(*arguments: object) -> str:
    """Run a command of the loader that is not measured; what it prints.

    Raises:
        BenchmarkError: it failed.
    """
    return _measured([sys.executable, "-m", "loader", *map(str, arguments)])[1]


def in_turns(
    actions: Mapping[str, Callable[[], _T]], rounds: int, say: Callable[[str], None] = lambda _: None
) -> dict[str, list[_T]]:
    """Every action once a round, so that all meet the same weather; every second round backwards: none is always first."""
    taken: dict[str, list[_T]] = {name: [] for name in actions}
    for number in range(rounds):
        for name in list(actions)[:: -1 if number % 2 else 1]:
            say(f"round {number + 1} of {rounds}: {name}")
            taken[name].append(actions[name]())
    return taken


def _measured(command: Sequence[str]) -> tuple[dict[str, float], str]:
    """What a command cost, and its standard output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOADER_")}
    with tempfile.NamedTemporaryFile(prefix="loader-bench-", suffix=".json") as usage:
        launched = [sys.executable, "-I", "-S", str(_LAUNCHER), usage.name, *command]
        # The interpreter is this one, and nothing of the command comes from outside.
        done = subprocess.run(launched, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise BenchmarkError(f"{command[3]}: {reason}")
        return json.loads(Path(usage.name).read_bytes()), done.stdout
