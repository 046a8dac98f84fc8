"""Compares the whole `loader extract` with a yardstick, and with itself in other modes: `python -m bench`.

The yardstick is `orjson.loads` of the same files, one after the other in one thread. Everything runs in turns, each in a
process of its own, on files that are in the page cache. The ratio is the result: seconds on a shared machine mean little by
themselves.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bench import corpus, experiments, machine, picture, report
from bench.experiments import Plan
from bench.measure import BenchmarkError
from loader.errors import EXIT_NO_INPUT, EXIT_USAGE, LoaderError


def bench(
    *,
    companies: Annotated[int, typer.Option(min=1, help="How many companies.")] = 500,
    megabytes: Annotated[
        float, typer.Option(min=0.1, help="About how large a synthetic file is; the SEC's are up to 5 MB.")
    ] = 4.0,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="Synthetic companies alone, even where the real files are there.")
    ] = False,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is measured.")] = 5,
    sizes: Annotated[str, typer.Option(help="Numbers of companies for the scaling curve; '' leaves it out.")] = "50,100,200,500",
    workers: Annotated[str, typer.Option(help="Numbers of workers: the last one against each of the others.")] = "1,2,4,10",
    pairs: Annotated[int, typer.Option(min=0, help="Pairs of runs for each of these; 0 leaves it out.")] = 9,
    tuning: Annotated[
        bool, typer.Option("--tuning", help="Try other values of workers, threads, batch size and memory limit.")
    ] = False,
    filers: Annotated[int, typer.Option(min=0, help="Load so many companies of mixed sizes too: 19000 for every filer.")] = 0,
    seed: Annotated[int, typer.Option(help="Of the synthetic figures, the sizes and the intervals.")] = 1,
    directory: Annotated[
        Path, typer.Option(help="Where the corpora are kept, and the databases while it runs.")
    ] = corpus.DIRECTORY,
    to_json: Annotated[Path | None, typer.Option("--json", help="Write all figures into this file.")] = None,
    to_picture: Annotated[Path | None, typer.Option("--picture", help="Draw them: FILE.svg or FILE.png.")] = None,
    again: Annotated[Path | None, typer.Option("--from", help="Measure nothing: show what --json has written.")] = None,
) -> None:
    """Measure, and print tables."""
    try:
        if to_picture is not None and to_picture.suffix not in picture.FORMATS:
            raise BenchmarkError(f"{to_picture}: a picture is one of {', '.join(picture.FORMATS)}")
        if filers and not experiments.FILER_STEPS[-1] <= companies < filers:
            least = experiments.FILER_STEPS[-1]
            raise BenchmarkError(f"--filers {filers}: more than --companies, and of these {least} at least")
        plan = Plan(rounds=rounds, sizes=_numbers(sizes), workers=_numbers(workers), pairs=pairs, tuning=tuning, seed=seed)
        if again is not None:
            results = json.loads(again.read_bytes())
        else:
            results = {"machine": machine.describe()}
            directory.mkdir(parents=True, exist_ok=True)
            real = () if synthetic else corpus.real_files()
            index = corpus.index(directory, companies, megabytes=megabytes, real=real, seed=seed, say=_say)
            tail = corpus.filers(directory, filers - companies, real=real, seed=seed, say=_say) if filers else ()
            results["corpus"] = _described(index, seed)
            with tempfile.TemporaryDirectory(prefix="run-", dir=directory) as scratch:
                for name, figures in experiments.everything(plan, Path(scratch), index, tail, _say):
                    results[name] = figures
                    # Hours of measuring are not lost to what comes later.
                    _keep(results, to_json)
    except (LoaderError, OSError) as error:
        typer.echo(f"bench: {error}", err=True)
        raise typer.Exit(EXIT_USAGE if isinstance(error, BenchmarkError) else EXIT_NO_INPUT) from None
    typer.echo(report.text(results), nl=False)
    if to_picture is not None:
        picture.draw(results, to_picture)
        _say(f"drawn: {to_picture}")


def _keep(results: experiments.Figures, path: Path | None) -> None:
    if path is not None:
        path.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def _described(companies: tuple[corpus.Company, ...], seed: int) -> experiments.Figures:
    size = sum(company.bytes for company in companies) / 1e6
    real = sum(company.real for company in companies)
    mix = f"{real:,} copies of real files, {len(companies) - real:,} synthetic, seed {seed}"
    told = f"{len(companies):,} companies, {size:,.0f} MB: {mix}"
    return {"companies": len(companies), "megabytes": size, "real": real, "seed": seed, "told": told}


def _numbers(text: str) -> list[int]:
    try:
        numbers = [int(each) for each in text.split(",") if each.strip()]
    except ValueError:
        numbers = [0]
    if any(number < 1 for number in numbers):
        raise BenchmarkError(f"{text!r}: give whole numbers from 1, separated by commas")
    return numbers


def _say(told: str) -> None:
    typer.echo(told, err=True)


if __name__ == "__main__":
    typer.run(bench)
