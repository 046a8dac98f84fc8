"""What is compared with what. Every experiment gives plain data, as it goes into the JSON.

Times are in seconds, memory in MiB, sizes of the corpus in units of 1,000,000 bytes; a figure of several rounds is a
dictionary of median, least and most.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from bench import corpus
from bench.corpus import Company, Sample, Say
from bench.measure import BenchmarkError, Run, extract, in_turns, loader, prepare, yardstick
from bench.statistics import RESAMPLES, marginal, median_interval, ratios, spread
from loader.config import ExtractionConfig

#: Values to try for each option; the loader's default is always among them.
TUNED: Final = {
    "--workers": (1, 2, 4, 10, 20),
    "--threads": (1, 2, 4),
    "--batch-size": (10, 25, 50, 100, 200),
    "--max-memory-mb": (384, 512, 1024, 2048, 4096),
}
#: The marginal cost from the first to the second number of companies is compared with that from there to all of them.
FILER_STEPS: Final = (100, 500)

#: What was written less than two seconds before it was read, the loader reads again; a third, because its clock has whole ones.
SETTLED: Final = 3.0

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to measure.

    Attributes:
        rounds: how often.
        sizes: numbers of companies for the scaling curve; those above the corpus are left out.
        workers: the last number is compared with each of the others.
        pairs: how often each; 0 leaves it out.
        tuning: whether to try other values of the options.
        seed: of the intervals.
    """

    rounds: int
    sizes: Sequence[int]
    workers: Sequence[int]
    pairs: int
    tuning: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        if self.pairs and len(self.workers) < 2:
            raise BenchmarkError("pairs need two numbers of workers at least")


@dataclass(frozen=True, slots=True)
class Subject:
    """A sample with a database that is filled again and again, and what can be measured on it."""

    sample: Sample
    scratch: Path
    options: tuple[str, ...] = ()

    @property
    def _full(self) -> Path:
        return self.scratch / "full.db"

    @property
    def _refreshed(self) -> Path:
        return self.scratch / "refreshed.db"

    def yardstick(self) -> Run:
        """`orjson.loads` of the files."""
        return yardstick(self.sample)

    def new(self, *options: object, source: Path | None = None) -> Run:
        """Into a new database, which is the full one from then on."""
        db = prepare(self.sample, self.scratch / "new.db")
        run = extract(self.sample, db, *self.options, *options, source=source)
        db.replace(self._full)
        return run

    def full(self) -> Run:
        """Again, into the full one: every row is deleted and written anew."""
        if not self._full.exists():
            self.new()
        return extract(self.sample, self._full, *self.options, "--rewrite")

    def unchanged(self) -> Run:
        """A refresh that finds nothing to do, of a database that only this one reads from this folder."""
        if not self._refreshed.exists():
            newest = max(company.path.stat().st_mtime for company in self.sample.companies)
            time.sleep(max(0.0, newest + SETTLED - time.time()))
            extract(self.sample, prepare(self.sample, self._refreshed), *self.options)
        run = extract(self.sample, self._refreshed, *self.options)
        if run.bytes_read:
            raise BenchmarkError(f"{run.bytes_read:,} bytes were read where no file had changed: nothing to compare")
        return run


@contextmanager
def subject(scratch: Path, companies: Sequence[Company]) -> Iterator[Subject]:
    """A subject of these companies, in a folder of its own that goes when it is done; the files are in the page cache."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        corpus.warm(companies)
        yield Subject(corpus.sample(Path(folder) / "sample", companies), Path(folder))


def everything(
    plan: Plan, scratch: Path, index: Sequence[Company], tail: Sequence[Company], say: Say
) -> Iterator[tuple[str, Any]]:
    """All experiments that the plan asks for, by name, each as soon as it is done: the later ones take hours.

    Args:
        plan: what to measure, and how often.
        scratch: a folder for databases and samples, on the corpora's disk.
        index: the companies of real size.
        tail: the small ones; none where every filer is not to be measured.
        say: told what is going on.
    """
    with ExitStack() as stack:
        counts = [count for count in plan.sizes if count <= len(index)]
        subjects = {count: stack.enter_context(subject(scratch, index[:count])) for count in dict.fromkeys([*counts, len(index)])}
        all_of_it = subjects[len(index)]
        yield "whole", whole(all_of_it, plan.rounds, say)
        if counts:
            yield "companies", by_companies({count: subjects[count] for count in counts}, plan.rounds, say)
        if plan.pairs:
            yield "workers", by_workers(all_of_it, plan.workers, plan.pairs, plan.seed, say)
        if plan.tuning:
            yield "tuning", tuning(all_of_it, plan.rounds, say)
        if tail:
            yield "filers", filers(scratch, index, tail, plan.rounds, say)


def whole(it: Subject, rounds: int, say: Say) -> Figures:
    """The yardstick, the whole extraction into a new and into a full database, a refresh without news, and from a zip."""
    actions = {"yardstick": it.yardstick, "new database": it.new, "full database": it.full, "unchanged": it.unchanged}
    refused = _zip_refused(it)
    if refused is None:
        packed = corpus.archive(it.sample.companies, it.sample.companies[0].path.parents[1] / "companyfacts.zip", say)
        packed.read_bytes()
        actions["from a zip"] = partial(it.new, source=packed)
    runs = in_turns(actions, rounds, say)
    yard = runs.pop("yardstick")
    found: Figures = {
        "companies": len(it.sample.companies),
        "rounds": rounds,
        "yardstick": _absolute(yard),
        "cases": [{"name": name, **_compared(taken, yard)} for name, taken in runs.items()],
        "left_out": [] if refused is None else [{"name": "from a zip", "reason": refused}],
        "stages": [
            {"database": name.split()[0], **each} for name in ("new database", "full database") for each in _stages(runs[name])
        ],
    }
    if refused is None:
        found["zip_against_folder"] = asdict(spread(ratios(_seconds(runs["from a zip"]), _seconds(runs["new database"]))))
    return found


def by_companies(subjects: dict[int, Subject], rounds: int, say: Say) -> list[Figures]:
    """How it grows: the same, into a new database, for each number of companies."""
    actions: dict[str, Callable[[], Run]] = {}
    for count, it in subjects.items():
        actions |= {f"yardstick of {count} companies": it.yardstick, f"{count} companies": it.new}
    runs = in_turns(actions, rounds, say)
    return [
        {"companies": count, **_compared(runs[f"{count} companies"], runs[f"yardstick of {count} companies"])}
        for count in subjects
    ]


def by_workers(it: Subject, workers: Sequence[int], pairs: int, seed: int, say: Say) -> Figures:
    """The last number of workers against each of the others, in pairs that take turns in who comes first."""
    *others, ours = workers
    against = []
    for other in others:
        actions = {str(count): partial(it.new, "--workers", count) for count in (ours, other)}
        runs = in_turns(actions, pairs, lambda told, other=other: say(f"{ours} against {other} workers, {told}"))  # type: ignore[misc]
        taken = ratios(_seconds(runs[str(ours)]), _seconds(runs[str(other)]))
        low, high = median_interval(taken, seed=seed)
        against.append(
            {
                "workers": other,
                "ratio": asdict(spread(taken)),
                "interval": [low, high],
                "seconds": asdict(spread(_seconds(runs[str(other)]))),
                "seconds_ours": asdict(spread(_seconds(runs[str(ours)]))),
                "peak_mb": asdict(spread([run.peak_mb for run in runs[str(other)]])),
                "peak_mb_ours": asdict(spread([run.peak_mb for run in runs[str(ours)]])),
            }
        )
    companies = len(it.sample.companies)
    return {"workers": ours, "companies": companies, "pairs": pairs, "resamples": RESAMPLES, "seed": seed, "against": against}


def tuning(it: Subject, rounds: int, say: Say) -> Figures:
    """One option at a time, the others at their defaults, all in turns with the yardstick."""
    defaults = _defaults()
    tried = {option: sorted({*values, defaults[option]}) for option, values in TUNED.items()}
    actions: dict[str, Callable[[], Run]] = {"yardstick": it.yardstick, "defaults": it.new}
    for option, values in tried.items():
        actions |= {f"{option} {value}": partial(it.new, option, value) for value in values if value != defaults[option]}
    runs = in_turns(actions, rounds, say)
    yard = runs["yardstick"]
    rows = []
    for option, values in tried.items():
        for value in values:
            default = value == defaults[option]
            taken = runs["defaults" if default else f"{option} {value}"]
            against = asdict(spread(ratios(_seconds(taken), _seconds(runs["defaults"]))))
            rows.append(
                {"option": option, "value": value, "default": default, "against_defaults": against, **_compared(taken, yard)}
            )
    return {"companies": len(it.sample.companies), "rounds": rounds, "rows": rows}


def filers(
    scratch: Path,
    companies: Sequence[Company],
    tail: Sequence[Company],
    rounds: int,
    say: Say,
    *,
    steps: tuple[int, int] = FILER_STEPS,
) -> Figures:
    """Whether cost stays linear: what one more megabyte costs from 500 companies to all filers, against from 100 to 500.

    Two ways of choosing the few: the companies of the index, which are large and come first; and samples of all, with their mix
    of sizes. The first also carries what a file costs whatever its size.

    Args:
        scratch: on the corpus's disk.
        companies: the index.
        tail: the small files.
        rounds: of each.
        say: told what is going on.
        steps: the few and the many; there are at least as many companies.
    """
    every = [*companies, *tail]
    by_option = "--all-filers" in loader("extract", "--help")
    ladders: dict[str, list[Sequence[Company]]] = {
        "index first": [companies[:step] for step in steps],
        "same mix": [_same_mix(every, step) for step in steps],
    }
    samples = {f"{name}, {len(few)}": few for name, ladder in ladders.items() for few in ladder} | {"all": every}
    actions: dict[str, Callable[[], Run]] = {}
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        for number, (name, taken) in enumerate(samples.items()):
            home = Path(folder) / str(number)
            # With the option, the list of members is the index, and who is not in it comes by the option alone.
            members = min(len(taken), len(companies)) if by_option else None
            it = Subject(corpus.sample(home / "sample", taken, members=members), home, ("--all-filers",) if by_option else ())
            corpus.warm(taken)
            actions |= {
                f"yardstick, {name}": it.yardstick,
                f"new, {name}": it.new,
                f"full, {name}": it.full,
                f"unchanged, {name}": it.unchanged,
            }
        runs = in_turns(actions, rounds, say)
    return {
        "all_filers": by_option,
        "distribution": f"log-normal, median {corpus.MEDIAN_FILER:,} bytes, sigma {corpus.SIGMA_FILER:g}, beside the index",
        "companies": len(every),
        "steps": list(steps),
        "rounds": rounds,
        "sizes": [
            {
                "name": name,
                "companies": len(taken),
                "database": database,
                **_compared(runs[f"{database}, {name}"], runs[f"yardstick, {name}"]),
            }
            for name, taken in samples.items()
            for database in ("new", "full", "unchanged")
        ],
        "marginal": [
            {"few": few, "database": database, **_marginal([f"{few}, {step}" for step in steps] + ["all"], runs, database)}
            for few in ladders
            for database in ("new", "full")
        ],
    }


def _marginal(names: Sequence[str], runs: dict[str, list[Run]], database: str) -> Figures:
    """The slope of the last step and of the one before it, round by round: of time over megabytes, and over rows written.

    Small files hold more statements a megabyte than large ones, so the slope over rows tells how much of a difference that is.
    """
    found: Figures = {}
    for over, size in (("megabyte", "bytes_read"), ("row", "rows")):
        unit = 1e6 if size == "bytes_read" else 1
        for figure in ("seconds", "cpu_seconds"):
            points = [
                [(getattr(run, size) / unit, getattr(run, figure)) for run in runs[f"{database}, {name}"]] for name in names
            ]
            steps = [[marginal(first, second) for first, second in pairwise(line)] for line in zip(*points, strict=True)]
            few, rest = [before for before, _ in steps], [last for _, last in steps]
            found[f"{figure}_a_{over}"] = {
                "few": asdict(spread(few)),
                "all": asdict(spread(rest)),
                # Where the few take so little time that noise turns the slope over, no ratio means anything.
                "ratio": asdict(spread(ratios(rest, few))) if min(few) > 0 else None,
            }
    return found


def _same_mix(companies: Sequence[Company], count: int) -> list[Company]:
    """So many of them, at equal distances in the order of size."""
    ordered = sorted(companies, key=lambda company: (company.bytes, company.cik))
    return [ordered[int((place + 0.5) * len(ordered) / count)] for place in range(count)]


def _zip_refused(it: Subject) -> str | None:
    """Why the loader does not read a zip, tried with one of a single company; None where it does."""
    with tempfile.TemporaryDirectory(dir=it.scratch) as folder:
        first = it.sample.companies[:1]
        one = corpus.sample(Path(folder) / "sample", first)
        packed = corpus.archive(first, Path(folder) / "one.zip", lambda _: None)
        # The folder would do as well, were it there: a loader that finds the file beside the zip has not read the zip.
        shutil.rmtree(one.folder)
        try:
            extract(one, prepare(one, Path(folder) / "one.db"), *it.options, source=packed)
        except BenchmarkError as error:
            return str(error).replace(str(packed), packed.name)
    return None


def _defaults() -> dict[str, int]:
    settings = ExtractionConfig()
    return {
        "--workers": settings.max_workers,
        "--threads": settings.standardizing_threads,
        "--batch-size": settings.batch_size,
        "--max-memory-mb": settings.max_memory_mb,
    }


def _seconds(runs: Sequence[Run]) -> list[float]:
    return [run.seconds for run in runs]


def _absolute(runs: Sequence[Run]) -> Figures:
    """Figures of several runs of the same thing, by themselves."""
    return {
        **{name: asdict(spread([getattr(run, name) for run in runs])) for name in ("seconds", "cpu_seconds", "peak_mb")},
        "megabytes": runs[-1].bytes_read / 1e6,
        "rows": runs[-1].rows,
        "database_mb": runs[-1].database_mb,
    }


def _compared(runs: Sequence[Run], yard: Sequence[Run]) -> Figures:
    """The same, and against the yardstick of the same rounds."""
    cpu = ratios([run.cpu_seconds for run in runs], [run.cpu_seconds for run in yard])
    return {
        "ratio": asdict(spread(ratios(_seconds(runs), _seconds(yard)))),
        "cpu_ratio": asdict(spread(cpu)),
        "yardstick_seconds": asdict(spread(_seconds(yard))),
        **_absolute(runs),
    }


def _stages(runs: Sequence[Run]) -> list[Figures]:
    """Seconds of each stage, and its share of the seconds of all stages, run by run."""
    totals = [sum(run.stages.values()) for run in runs]
    return [
        {
            "name": name,
            "seconds": asdict(spread([run.stages[name] for run in runs])),
            "share": asdict(spread(ratios([run.stages[name] for run in runs], totals))),
        }
        for name in runs[-1].stages
    ]
