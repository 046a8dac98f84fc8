"""What standardising costs a company, at different batch sizes, and where the time goes: `python -m bench.standardize`.

The facts are flattened before; what is measured is facts in, statements out, in one process.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from bench import corpus, machine
from bench.measure import in_turns
from bench.statistics import spread
from loader.companyfacts import flatten
from loader.standardize import standardize, statement_concepts, statement_frame


def bench(
    *,
    companies: Annotated[int, typer.Option(min=1, help="How many companies.")] = 500,
    batch_sizes: Annotated[str, typer.Option(help="Companies in one call, separated by commas.")] = "50,500",
    rounds: Annotated[int, typer.Option(min=1, help="How often each is measured.")] = 3,
    directory: Annotated[Path, typer.Option(help="Where the corpora are kept.")] = corpus.DIRECTORY,
) -> None:
    """Measure, and print milliseconds for a company, wall and CPU, then the share of each step."""
    listed = corpus.index(directory, companies, real=corpus.real_files(), say=partial(typer.echo, err=True))
    frames = [_facts(company) for company in listed]
    for line in machine.sentences(machine.describe()):
        typer.echo(line)
    facts = sum(frame.height for frame in frames) / companies
    typer.echo(f"{companies} companies, {facts:,.0f} statement facts each, {rounds} rounds; median (least to most)")
    actions = {}
    for size in map(int, batch_sizes.split(",")):
        batches = [pl.concat(frames[first : first + size]) for first in range(0, companies, size)]
        standardize(batches[0])
        actions[f"batches of {size:>4}"] = partial(_timed, batches)
    for name, taken in in_turns(actions, rounds).items():
        wall, cpu = (_told(seconds, companies) for seconds in zip(*taken, strict=True))
        typer.echo(f"  {name}: {wall} ms wall, {cpu} ms CPU a company")
    for step, share in _steps(pl.concat(frames[:50])).most_common(12):
        typer.echo(f"  {share:6.1%}  {step}")


def _facts(company: corpus.Company) -> pl.DataFrame:
    return statement_frame([flatten(company.path.read_bytes(), company.cik, statement_concepts()).batch])


def _timed(batches: list[pl.DataFrame]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    for batch in batches:
        standardize(batch)
    return time.perf_counter() - wall, time.process_time() - cpu


def _told(seconds: Sequence[float], companies: int) -> str:
    of = spread([1000 * each / companies for each in seconds])
    return f"{of.median:6.1f} ({of.least:.1f} to {of.most:.1f})"


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
    typer.run(bench)
