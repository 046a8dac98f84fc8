"""What standardising costs a company, at different batch sizes, and where the time goes: `python -m bench.standardize`.

The facts are flattened before; what is measured is facts in, statements out, in one process.
"""

from __future__ import annotations

import cProfile
import os
import platform
import pstats
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from loader.companyfacts import flatten
from loader.demo import build_corpus
from loader.standardize import standardize, statement_facts


def bench(
    *,
    companies: Annotated[int, typer.Option(min=1, help="How many synthetic companies.")] = 500,
    batch_sizes: Annotated[str, typer.Option(help="Companies in one call, separated by commas.")] = "50,500",
    rounds: Annotated[int, typer.Option(min=1, help="How often each is measured.")] = 3,
    source: Annotated[Path | None, typer.Option(help="A folder of companyfacts files instead of synthetic ones.")] = None,
) -> None:
    """Measure, and print milliseconds for a company, wall and CPU, then the share of each step."""
    with tempfile.TemporaryDirectory(prefix="loader-bench-") as scratch:
        folder = source or build_corpus(Path(scratch), companies=companies).companyfacts
        files = sorted(folder.glob("CIK*.json"))
        read = [_facts(file) for file in files]
    # Fewer files than companies: the same facts under other CIKs.
    frames = [read[n % len(read)].with_columns(pl.col("cik") + n // len(read) * 10**10) for n in range(companies)]
    facts = sum(frame.height for frame in frames) / companies
    typer.echo(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, Polars {pl.__version__}")
    typer.echo(f"{companies} companies, {facts:,.0f} statement facts each, {rounds} rounds; median (least to most)")
    for size in map(int, batch_sizes.split(",")):
        batches = [pl.concat(frames[first : first + size]) for first in range(0, companies, size)]
        standardize(batches[0])
        walls, cpus = zip(*(_timed(batches) for _ in range(rounds)), strict=True)
        typer.echo(f"  batches of {size:>4}: {_spread(walls, companies)} ms wall, {_spread(cpus, companies)} ms CPU a company")
    for step, seconds in _steps(pl.concat(frames[:50])).most_common(12):
        typer.echo(f"  {seconds:6.1%}  {step}")


def _facts(file: Path) -> pl.DataFrame:
    batch = flatten(file.read_bytes(), int(file.stem[3:])).batch
    return statement_facts([batch])[0]


def _timed(batches: list[pl.DataFrame]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    for batch in batches:
        standardize(batch)
    return time.perf_counter() - wall, time.process_time() - cpu


def _spread(seconds: tuple[float, ...], companies: int) -> str:
    least, middle, most = (1000 * f(seconds) / companies for f in (min, statistics.median, max))
    return f"{middle:6.1f} ({least:.1f} to {most:.1f})"


def _steps(batch: pl.DataFrame) -> Counter[str]:
    """The share of each function that the standardiser calls itself, by a profile of one batch."""
    profile = cProfile.Profile()
    profile.runcall(standardize, batch)
    rows = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # missing in the type stubs
    room = f"{os.sep}loader{os.sep}standardize{os.sep}"
    total = max(row[3] for key, row in rows.items() if key[2] == "standardize")
    steps: Counter[str] = Counter()
    for (file, _, name), (_, _, _, cumulative, callers) in rows.items():
        if room in file and "standardizer" not in file and any("standardizer" in caller[0] for caller in callers):
            steps[f"{Path(file).stem}.{name}"] += cumulative / total
    return steps


if __name__ == "__main__":
    sys.exit(typer.run(bench))
