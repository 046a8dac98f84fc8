"""The benchmark measures what it says: its arithmetic, its corpora, and a run of it at toy size."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
import typer

from bench import corpus, experiments, report
from bench.__main__ import bench
from bench.measure import Run, in_turns
from bench.statistics import marginal, median_interval, ratios, spread
from tests.cli import environment

ROOT = Path(__file__).parents[1]


def silent(_: str) -> None:
    """Nobody wants to know."""


def digests(companies: tuple[corpus.Company, ...]) -> dict[str, str]:
    """The bytes of every file, in few letters."""
    return {company.path.name: hashlib.sha256(company.path.read_bytes()).hexdigest() for company in companies}


def document(cik: str, name: str = "Any, Inc.") -> bytes:
    """A pretty-printed file with two filings of one concept, and one of another."""
    rows = [
        {"end": "2022-12-31", "val": 1, "accn": "0000000007-23-000001", "filed": "2023-02-01"},
        {"end": "2023-12-31", "val": 2, "accn": "0000000007-24-000001", "filed": "2024-02-01"},
    ]
    facts = {"us-gaap": {"Assets": {"units": {"USD": rows}}, "Goodwill": {"units": {"USD": rows[:1]}}}}
    text = json.dumps({"cik": 0, "entityName": name, "facts": facts}, indent=2)
    return text.replace('"cik": 0', f'"cik": {cik}').encode()


def test_a_spread_is_median_least_and_most() -> None:
    """An even number of figures has its median between two of them."""
    of = spread([4.0, 1.0, 2.0, 10.0])
    assert (of.median, of.least, of.most) == (3.0, 1.0, 10.0)


def test_ratios_are_taken_within_a_round() -> None:
    """A machine that was half as fast in one round changes no ratio, while it changes the ratio of medians."""
    assert ratios([1.0, 4.0, 3.0], [2.0, 8.0, 6.0]) == [0.5, 0.5, 0.5]
    with pytest.raises(ValueError, match="longer"):
        ratios([1.0], [1.0, 2.0])


def test_the_interval_of_a_median_is_that_of_the_binomial_distribution() -> None:
    """Of nine values, the median of a resample is at most the second with a probability of 3 %, at most the first with 0.1 %."""
    assert median_interval([9, 8, 7, 6, 5, 4, 3, 2, 1]) == (2, 8)
    assert median_interval([0.7] * 9) == (0.7, 0.7)
    assert median_interval([0.9, 1.1], seed=3) == median_interval([0.9, 1.1], seed=3)


def test_marginal_cost_has_no_start() -> None:
    """What a run costs whatever its size is not in it."""
    assert marginal((100, 2 + 50), (500, 2 + 250)) == 0.5
    with pytest.raises(ValueError, match="no growth"):
        marginal((100, 1), (100, 2))


def test_turns_alternate_who_comes_first() -> None:
    """Every second round runs backwards."""
    order: list[str] = []
    names = ("a", "b", "c")
    taken = in_turns({name: lambda name=name: order.append(name) or len(order) for name in names}, 3)  # type: ignore[misc,func-returns-value]
    assert "".join(order) == "abccbaabc"
    assert taken == {"a": [1, 6, 7], "b": [2, 5, 8], "c": [3, 4, 9]}


@pytest.mark.parametrize(("spelled", "other"), [("320193", "9500001"), ('"0000320193"', '"0009500001"')])
def test_a_copy_differs_in_number_and_name_alone(spelled: str, other: str) -> None:
    """The number is spelled as before, and accession numbers stay."""
    name = 'A "quoted" name\u00a0'
    expected = document(other, "Benchmark 9500001")
    assert corpus.renumber(document(spelled, name), 9_500_001) == expected


def test_a_small_filer_has_its_newest_filings() -> None:
    """A concept without facts in these is not there, and of the concepts one in so many."""
    thin = orjson.loads(corpus.thinned(document("7"), 1, 1))
    assert list(thin["facts"]["us-gaap"]) == ["Assets"]
    assert [row["val"] for row in thin["facts"]["us-gaap"]["Assets"]["units"]["USD"]] == [2]
    assert list(orjson.loads(corpus.thinned(document("7"), 2, 2))["facts"]["us-gaap"]) == ["Assets"]


def test_corpora_are_the_same_bytes_for_one_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Synthetic files, copies of real ones in turns with them, and small filers, from a ladder that is quickly built."""
    monkeypatch.setattr(corpus, "_RUNGS", (20_000, 200_000))
    monkeypatch.setattr(corpus, "_COMPANIES_A_RUNG", 2)
    real = tmp_path / "CIK0000000007.json"
    real.write_bytes(document("7"))

    def built(home: str, seed: int) -> tuple[dict[str, str], dict[str, str]]:
        index = corpus.index(tmp_path / home, 4, megabytes=0.1, real=[real], seed=seed, say=silent)
        assert [company.real for company in index] == [False, True, False, True]
        return digests(index), digests(corpus.filers(tmp_path / home, 5, real=[real], seed=seed, say=silent))

    assert built("one", 1) == built("another", 1)
    index, filers = built("one", 1)
    other_index, other_filers = built("one", 2)
    assert index != other_index
    assert filers != other_filers
    assert not index.keys() & filers.keys()


def test_a_corpus_is_built_once_and_mended_when_it_is_not_whole(tmp_path: Path) -> None:
    """Neither a missing nor a cut file is measured."""
    said: list[str] = []

    def build() -> tuple[corpus.Company, ...]:
        return corpus.index(tmp_path, 2, megabytes=0.1, say=said.append)

    first = build()
    before = digests(first)
    assert build() == first
    assert len(said) == 1
    first[0].path.write_bytes(b"{}")
    assert digests(build()) == before
    first[1].path.unlink()
    assert digests(build()) == before
    assert len(said) == 3


def run_of(megabytes: float, *, start: float) -> Run:
    """A run that costs half a second a megabyte, and what it costs to start."""
    seconds = start + megabytes / 2
    return Run(seconds, 2 * seconds, 300.0, round(megabytes * 1e6), round(megabytes * 1e3), 5.0, {"read": 1.0, "write": 3.0})


@pytest.fixture
def instead_of_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that cost what is known beforehand."""

    def extract(sample: corpus.Sample, db: Path, *options: object, source: Path | None = None) -> Run:  # noqa: ARG001
        has_all = db.exists() and "--rewrite" not in options
        db.touch()
        return replace(run_of(0, start=0.5), bytes_read=0, rows=0) if has_all else run_of(sample.megabytes, start=2.0)

    def prepare(_: corpus.Sample, db: Path) -> Path:
        db.unlink(missing_ok=True)
        return db

    def yardstick(sample: corpus.Sample) -> Run:
        return run_of(sample.megabytes, start=0.0)

    def loader(*_: object) -> str:
        return "no option of interest"

    for function in (extract, prepare, yardstick, loader):
        monkeypatch.setattr(experiments, function.__name__, function)


def files(folder: Path, sizes: list[int], *, first: int) -> list[corpus.Company]:
    """Companies with files of these sizes."""
    made = []
    for cik, size in enumerate(sizes, start=first):
        path = folder / f"CIK{cik:010d}.json"
        path.write_bytes(b" " * size)
        made.append(corpus.Company(path, f"B{cik}", size, real=False))
    return made


@pytest.mark.usefixtures("instead_of_measuring")
def test_linear_cost_gives_a_marginal_ratio_of_one(tmp_path: Path) -> None:
    """In both ways of choosing the few, and into a new and a full database."""
    index, tail = files(tmp_path, [9000, 8000, 7000], first=1), files(tmp_path, [1000, 2000, 3000, 4000, 5000], first=50)
    found = experiments.filers(tmp_path, index, tail, 2, silent, steps=(1, 2))
    assert [(row["few"], row["database"]) for row in found["marginal"]] == [
        ("index first", "new"),
        ("index first", "full"),
        ("same mix", "new"),
        ("same mix", "full"),
    ]
    for row in found["marginal"]:
        assert row["seconds_a_megabyte"]["few"]["median"] == pytest.approx(0.5)
        assert row["seconds_a_megabyte"]["ratio"]["median"] == pytest.approx(1.0)
        assert row["cpu_seconds_a_megabyte"]["all"]["median"] == pytest.approx(1.0)
        # A row for every 1,000 bytes.
        assert row["seconds_a_row"]["few"]["median"] == pytest.approx(0.0005)
    *_, full, unchanged = found["sizes"]
    assert (full["database"], full["companies"], full["megabytes"]) == ("full", 8, pytest.approx(0.039))
    assert (unchanged["database"], unchanged["companies"], unchanged["megabytes"]) == ("unchanged", 8, 0)
    assert unchanged["seconds"]["median"] == 0.5
    results = {"machine": machine_of_nobody(), "corpus": {"told": "a corpus"}, "filers": found}
    assert "all 8" in report.text(results)


@pytest.mark.usefixtures("instead_of_measuring")
def test_the_tuning_table_holds_the_defaults_against_the_others(tmp_path: Path) -> None:
    """One option at a time; the default is measured once for all of them."""
    index = files(tmp_path, [1_000_000, 1_000_000], first=1)
    with experiments.subject(tmp_path, index) as it:
        found = experiments.tuning(it, 3, silent)
    defaults = {row["option"]: row["value"] for row in found["rows"] if row["default"]}
    half_the_cores = max(1, (os.cpu_count() or 1) // 2)
    assert defaults == {"--workers": 10, "--threads": half_the_cores, "--batch-size": 50, "--max-memory-mb": 2048}
    assert {row["ratio"]["median"] for row in found["rows"]} == {3.0}
    assert {row["against_defaults"]["most"] for row in found["rows"]} == {1.0}
    text = report.text({"machine": machine_of_nobody(), "corpus": {"told": "a corpus"}, "tuning": found})
    assert re.search(r"--batch-size +10 ", text)
    assert "2,048*" in text


def machine_of_nobody() -> dict[str, object]:
    """A machine with nothing else to do."""
    return {
        "cpu": "a processor",
        "cores": 2,
        "memory_gb": 8.0,
        "system": "Linux",
        "python": "3.11",
        "loader": "0.1.0",
        "revision": None,
        "libraries": {},
        "load_before": [0.0, 0.0, 0.0],
    }


def run_bench(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """As `just bench` does, with nothing of the real data."""
    env = environment({"PYTHONPATH": str(ROOT), "LOADER_SHARED_DATA": str(cwd)})
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def test_a_run_at_toy_size_gives_tables_json_and_a_picture(tmp_path: Path) -> None:
    """Everything that a run of real size gives, but for what takes an option; shown again it is the same."""
    toy = ["--companies", "3", "--megabytes", "0.3", "--sizes", "2,3", "--rounds", "1", "--pairs", "1", "--workers", "1,2"]
    first = run_bench(tmp_path, *toy, "--json", "results.json", "--picture", "speed.svg")
    assert first.returncode == 0, first.stderr
    results = json.loads((tmp_path / "results.json").read_bytes())
    assert results.keys() == {"machine", "corpus", "whole", "companies", "workers"}
    assert results["machine"].keys() >= {"cpu", "cores", "memory_gb", "python", "libraries", "revision", "load_before"}
    assert (results["corpus"]["companies"], results["corpus"]["real"]) == (3, 0)
    whole = results["whole"]
    measured = {case["name"] for case in whole["cases"]}
    assert measured | {case["name"] for case in whole["left_out"]} == {"new database", "full database", "unchanged", "from a zip"}
    for case in whole["cases"]:
        reads = case["name"] != "unchanged"
        assert case.keys() >= {"ratio", "cpu_ratio", "seconds", "cpu_seconds", "peak_mb", "rows", "database_mb", "megabytes"}
        assert case["ratio"]["median"] == pytest.approx(case["seconds"]["median"] / whole["yardstick"]["seconds"]["median"])
        assert case["megabytes"] == pytest.approx(results["corpus"]["megabytes"] if reads else 0)
        # More than Python, with its engines if it reads, and less than a machine: of the loader, and not of what started it.
        assert (100 if reads else 20) < case["peak_mb"]["median"] < 2048
        assert (case["rows"] > 1000) is reads
    for database in ("new", "full"):
        assert sum(stage["share"]["median"] for stage in whole["stages"] if stage["database"] == database) == pytest.approx(1.0)
    assert [size["companies"] for size in results["companies"]] == [2, 3]
    assert [(results["workers"]["workers"], row["workers"], len(row["interval"])) for row in results["workers"]["against"]] == [
        (2, 1, 2)
    ]
    assert "loader extract against orjson.loads" in (tmp_path / "speed.svg").read_text(encoding="utf-8")
    assert max(map(len, first.stdout.splitlines())) <= 100
    assert not list((tmp_path / "data" / "bench").glob("run-*"))
    again = run_bench(tmp_path, "--from", "results.json", "--picture", "speed.png")
    assert again.stdout == first.stdout
    assert (tmp_path / "speed.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--picture", "speed.jpg"], "a picture is one of .svg, .png"),
        (["--workers", "1,no"], "'1,no': give whole numbers from 1"),
        (["--workers", "4"], "pairs need two numbers of workers"),
        (["--companies", "3", "--filers", "10"], "more than --companies, and of these 500 at least"),
        (["--from", "nowhere.json"], "nowhere.json"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_built(arguments: list[str], told: str, tmp_path: Path) -> None:
    """In one line."""
    result = run_bench(tmp_path, *arguments)
    assert result.returncode != 0
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_every_option_of_the_benchmark_is_in_the_readme() -> None:
    """By its name."""
    app = typer.Typer(add_completion=False)
    app.command()(bench)
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## How fast it is")[2].partition("\n## ")[0]
    for parameter in typer.main.get_command(app).params:
        assert f"`{parameter.opts[0]}" in section, parameter.opts[0]
