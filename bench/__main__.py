"""Compares the whole `loader extract` with a yardstick: `orjson.loads` of the same files, one after the other in one thread.

Both run in turns, each in a process of its own, on files that are in the page cache. The ratio is the result: seconds on a shared
machine mean little by themselves.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

_YARDSTICK = """
import sys, time
from pathlib import Path
import orjson
files = sorted(Path(sys.argv[1]).glob("CIK*.json"))
begun = time.perf_counter()
for file in files:
    orjson.loads(file.read_bytes())
print(time.perf_counter() - begun)
"""


def bench(
    *,
    companies: Annotated[int, typer.Option(min=1, help="How many synthetic companies.")] = 50,
    megabytes: Annotated[float, typer.Option(min=0.1, help="About how large each file is; the SEC's are up to 4 MB.")] = 4.0,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is measured.")] = 3,
    workers: Annotated[int, typer.Option(min=1, help="Reader threads.")] = 10,
    directory: Annotated[Path | None, typer.Option(help="Keep the corpus here; a temporary folder otherwise.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure, and print the ratio."""
    # Imported here, so that --help is quick.
    from loader.demo import build_corpus  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="loader-bench-") as scratch:
        folder = directory or Path(scratch) / "corpus"
        typer.echo(f"building {companies} companies of about {megabytes:g} MB …", err=True)
        corpus = build_corpus(folder, companies=companies, target_bytes=int(megabytes * 1e6))
        prepared = Path(scratch) / "prepared.db"
        _loader("stocks", "import", corpus.stocks_csv, "--db", prepared)
        for file in corpus.companyfacts.iterdir():
            file.read_bytes()  # into the page cache
        source = ("--source", corpus.companyfacts, "--tickers", corpus.tickers)
        pairs = []
        for number in range(rounds):
            yardstick = float(_run([sys.executable, "-c", _YARDSTICK, str(corpus.companyfacts)]))
            db = Path(scratch) / f"{number}.db"
            shutil.copy(prepared, db)
            begun = time.perf_counter()
            output = _loader("extract", "--db", db, *source, "--workers", workers, "--json")
            seconds = time.perf_counter() - begun
            report = json.loads(output)
            pairs.append((yardstick, seconds, report))
            typer.echo(f"round {number + 1}: yardstick {yardstick:.2f} s, extract {seconds:.2f} s", err=True)
            db.unlink()
    ratios = sorted(seconds / yardstick for yardstick, seconds, _ in pairs)
    result = {
        "companies": companies,
        "megabytes": round(corpus.bytes / 1e6, 1),
        "rounds": rounds,
        "workers": workers,
        "yardstick_seconds": statistics.median(yardstick for yardstick, _, _ in pairs),
        "extract_seconds": statistics.median(seconds for _, seconds, _ in pairs),
        "ratio": statistics.median(ratios),
        "ratio_lowest": ratios[0],
        "ratio_highest": ratios[-1],
        "peak_memory_mb": max(report["peak_memory_mb"] for *_, report in pairs),
        "stages": pairs[-1][2]["stages"],
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
    }
    if as_json:
        typer.echo(json.dumps(result, indent=2))
        return
    typer.echo(
        f"{result['companies']} companies, {result['megabytes']} MB, {workers} workers, {result['machine']}\n"
        f"orjson.loads, one thread  {result['yardstick_seconds']:8.2f} s\n"
        f"loader extract            {result['extract_seconds']:8.2f} s   peak {result['peak_memory_mb']:.0f} MiB\n"
        f"ratio                     {result['ratio']:8.2f}     {ratios[0]:.2f} to {ratios[-1]:.2f} over {rounds} rounds\n"
        f"stages, over all threads  {', '.join(f'{name} {spent:.1f} s' for name, spent in result['stages'].items())}",
    )


def _loader(*arguments: object) -> str:
    return _run([sys.executable, "-m", "loader", *map(str, arguments)])


def _run(command: list[str]) -> str:
    # The files of the library come from this interpreter, wherever it runs; nothing here comes from outside.
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603


if __name__ == "__main__":
    typer.run(bench)
