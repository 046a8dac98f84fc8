"""All facts as Parquet: everything that the files hold, whole or not at all, and the same whatever happened on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import orjson
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loader.companyfacts import flatten
from loader.config import ExtractionConfig
from loader.database import last_run
from loader.database.content import content_hash
from loader.errors import InputError, InterruptedRunError, OutputError, RunLockedError, UsageError
from loader.export import FACTS, FactSet, Staging, _merge
from loader.export._parts import read_part
from loader.export._staging import check_place, is_set
from loader.pipeline import export_facts, resume
from loader.pipeline.lock import facts_lock
from tests.cli import loader
from tests.conftest import Demo
from tests.loading import Loading

_ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def loading(small: Demo, tmp_path: Path) -> Loading:
    """The small corpus, not to be changed, and a database of its own."""
    return Loading(small.directory, tmp_path / "x.db")


@pytest.fixture
def own(small: Demo, tmp_path: Path) -> Loading:
    """A copy of the small corpus that a test may change, and a database of its own."""
    return Loading(Path(shutil.copytree(small.directory, tmp_path / "corpus")), tmp_path / "x.db")


@pytest.fixture(scope="module")
def exported(small: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The set of the small corpus, which tests must not change."""
    loading = Loading(small.directory, tmp_path_factory.mktemp("exported") / "x.db")
    export(loading)
    return loading.facts


def export(loading: Loading, config: ExtractionConfig | None = None, **options: Any) -> FactSet:
    """Export the corpus to where the test wants it."""
    return export_facts(loading.request(), loading.facts, config, **options)


def content(folder: Path) -> dict[str, bytes]:
    """Every Parquet file of a set, byte for byte."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def beside(folder: Path) -> list[str]:
    """What the loader has left beside a set, but its locks."""
    return sorted(
        path.name for path in folder.parent.iterdir() if path.name.startswith(f".{folder.name}.") and path.suffix != ".lock"
    )


def ended(loading: Loading, how: str, when: str, *signals: str) -> subprocess.CompletedProcess[str]:
    """Run in a process of its own until the signals end it."""
    journal = loading.db.with_suffix(".journal")
    command = [sys.executable, "-m", "tests.interrupted_run", loading.corpus, loading.db, journal, how, when, *signals]
    return subprocess.run(list(map(str, command)), cwd=_ROOT, capture_output=True, text=True, check=False, timeout=60)


# -- what is in it ---------------------------------------------------------------------------------------------------------------


def test_every_fact_of_every_file_is_there_and_no_other(small: Demo, exported: Path) -> None:
    """Against the flattening of the same files: the same rows, in order over all files."""
    key = ["cik", "taxonomy", "concept", "unit", "end_date", "start_date", "filed", "accession"]
    wanted = pl.concat(
        pl.DataFrame(
            pl.from_arrow(flatten(path.read_bytes(), int(path.stem[3:])).batch.cast(pa.schema(_plain()))),
        )
        for path in sorted((small.directory / "companyfacts").iterdir())
    )
    accession = pl.col("accession").cast(pl.String).str.zfill(18)
    wanted = wanted.with_columns(
        accession=accession.str.slice(0, 10) + "-" + accession.str.slice(10, 2) + "-" + accession.str.slice(12)
    ).rename({"start": "start_date", "end": "end_date"})
    found = pl.read_parquet(exported / "facts" / "*.parquet")
    assert found.equals(wanted.sort(key, maintain_order=True))


def _plain() -> list[pa.Field]:
    names = {"start_date": "start", "end_date": "end"}
    return [pa.field(names.get(f.name, f.name), pa.int64() if f.name == "accession" else f.type, f.nullable) for f in FACTS]


def test_duckdb_and_polars_read_the_same_typed_columns(exported: Path) -> None:
    """With nothing but the path."""
    path = str(exported / "facts" / "*.parquet")
    with duckdb.connect() as connection:
        types = dict(row[:2] for row in connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall())
        rows, ciks, assets = connection.execute(
            "SELECT count(*), count(DISTINCT cik), sum(value) FILTER (concept = 'Assets') FROM read_parquet(?)", [path]
        ).fetchall()[0]
    assert types == {
        **dict.fromkeys(("taxonomy", "concept", "unit", "accession", "fp", "form", "frame"), "VARCHAR"),
        **dict.fromkeys(("start_date", "end_date", "filed"), "DATE"),
        "cik": "BIGINT",
        "fy": "SMALLINT",
        "value": "DOUBLE",
    }
    lazy = pl.scan_parquet(path)
    text = dict.fromkeys(("taxonomy", "concept", "unit", "accession", "fp", "form", "frame"), pl.String)
    dates = dict.fromkeys(("start_date", "end_date", "filed"), pl.Date)
    assert dict(lazy.collect_schema()) == {**text, **dates, "cik": pl.Int64, "fy": pl.Int16, "value": pl.Float64}
    own = lazy.select(
        pl.len(), pl.col("cik").n_unique(), pl.col("value").filter(pl.col("concept") == "Assets").sum().alias("assets")
    )
    assert own.collect().row(0) == (rows, ciks, pytest.approx(assets))
    assert ciks == 6


def test_the_parquet_has_only_what_every_reader_knows(exported: Path) -> None:
    """One schema in all files, plain logical types, zstd, and no schema of Arrow's beside it: Spark reads no other."""
    for path in exported.rglob("*.parquet"):
        parquet = pq.ParquetFile(path)
        assert parquet.metadata.metadata is None
        kinds = {str(parquet.schema.column(n).logical_type.type) for n in range(len(parquet.schema.names))}
        assert kinds <= {"STRING", "DATE", "INT", "NONE"}
        group = parquet.metadata.row_group(0)
        assert {group.column(n).compression for n in range(group.num_columns)} == {"ZSTD"}
        if path.parent.name == "facts":
            assert parquet.schema_arrow.equals(FACTS)
            order = [FACTS.names[column.column_index] for column in group.sorting_columns]
            assert order == ["cik", "taxonomy", "concept", "unit", "end_date", "start_date", "filed", "accession"]


def test_the_companies_are_listed_with_their_names_and_counts(loading: Loading) -> None:
    """A filer for each file, with the symbols that share it, and the file its facts are in."""
    made = export(loading)
    companies = pl.read_parquet(loading.facts / "companies.parquet")
    assert companies.get_column("cik").is_sorted()
    alphabet = companies.filter(pl.col("symbols") == "GOOG,GOOGL").row(0, named=True)
    assert "ynthetic" in alphabet["entity_name"]
    assert alphabet["company_cik"] == alphabet["cik"]
    facts = pl.read_parquet(loading.facts / alphabet["part"])
    assert facts.filter(pl.col("cik") == alphabet["cik"]).height == alphabet["facts"]
    assert (made.companies, made.facts) == (companies.height, companies.get_column("facts").sum())


def test_facts_read_are_facts_written_and_facts_set_aside(own: Loading) -> None:
    """By reason, in the result and in the manifest."""
    export(own)
    apple = own.corpus / "companyfacts" / "CIK0009000001.json"
    told = orjson.loads(apple.read_bytes())
    rows = next(iter(next(iter(told["facts"]["us-gaap"].values()))["units"].values()))
    rows[0]["val"], rows[1]["end"] = None, "2024-02-30"
    apple.write_bytes(orjson.dumps(told))
    made = export(own)
    assert made.set_aside == {"impossible_date": 1, "no_value": 1}
    assert made.facts_read == made.facts + 2 == sum(file.facts for file in made.files) + 2
    manifest = json.loads((own.facts / "manifest.json").read_text())
    assert (manifest["facts_read"], manifest["facts"], manifest["set_aside"]) == (made.facts_read, made.facts, made.set_aside)
    assert pl.scan_parquet(own.facts / "facts" / "*.parquet").select(pl.len()).collect().item() == made.facts


def test_a_company_that_fails_is_named_and_the_others_are_there(own: Loading) -> None:
    """With its reason, in the set's manifest too; the command exits with 4."""
    (own.corpus / "companyfacts" / "CIK0009000001.json").write_text("[]")
    source = ("--source", own.corpus / "companyfacts", "--tickers", own.corpus / "company_tickers_exchange.json")
    assert loader("stocks", "import", own.corpus / "stocks.csv", "--db", own.db, cwd=own.corpus).returncode == 0
    result = loader("export", "facts", "--to", own.facts, *source, "--db", own.db, cwd=own.corpus)
    assert result.returncode == 4, result.stderr
    assert "AAPL" in result.stdout
    assert "CIK0009000001.json" in result.stdout
    (failed,) = json.loads((own.facts / "manifest.json").read_text())["failed"]
    assert failed["symbols"] == ["AAPL"]
    assert pl.read_parquet(own.facts / "companies.parquet").height == 5


def test_where_no_file_can_be_read_the_set_before_stays(own: Loading) -> None:
    """Nothing would take the place of something."""
    export(own)
    before = content(own.facts)
    for path in (own.corpus / "companyfacts").iterdir():
        path.write_text("[]")
    with pytest.raises(InputError, match="no facts were exported"):
        export(own)
    assert content(own.facts) == before
    assert beside(own.facts) == []


# -- always the same -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "config",
    [ExtractionConfig(max_workers=1), ExtractionConfig(max_workers=10, threads=1), ExtractionConfig(max_memory_mb=256)],
    ids=["one worker", "ten workers", "little memory"],
)
def test_the_same_source_gives_the_same_bytes(loading: Loading, exported: Path, config: ExtractionConfig) -> None:
    """Whatever the workers, the threads and the memory."""
    export(loading, config)
    assert content(loading.facts) == content(exported)


def test_the_facts_of_a_load_are_those_of_an_export(loading: Loading, small: Demo, exported: Path) -> None:
    """In the same pass, byte for byte, and the statements are what they are without."""
    result = loading.load(ExtractionConfig(batch_size=2), facts=loading.facts)
    assert content(loading.facts) == content(exported)
    assert content_hash(loading.db) == content_hash(small.db)
    assert result.facts is not None
    assert result.facts.facts_read == result.facts_read == result.facts_used + sum(result.set_aside.values())
    assert any("all facts" in note for note in result.notes)
    assert beside(loading.facts) == []


def test_many_files_have_the_facts_in_one_order(loading: Loading, exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one has them; their names give the order."""
    monkeypatch.setattr(_merge, "GROUP_BYTES", 1_500_000)
    made = export(loading, ExtractionConfig(threads=2))
    assert len(made.files) > 2
    assert [file.name for file in made.files] == sorted(file.name for file in made.files)
    assert all(one.last_cik < other.first_cik for one, other in pairwise(made.files))
    assert pl.read_parquet(loading.facts / "facts" / "*.parquet").equals(pl.read_parquet(exported / "facts" / "*.parquet"))


def test_the_database_is_not_changed_and_need_not_be_there(small: Demo, tmp_path: Path, exported: Path) -> None:
    """The ticker file and the built-in list of members are enough."""
    request = Loading(small.directory, tmp_path / "y.db").request()
    request.db.unlink()
    made = export_facts(request, tmp_path / "set")
    assert not request.db.exists()
    assert made.companies >= 5
    loaded = Loading(small.directory, Path(shutil.copy(small.db, tmp_path / "small.db")))
    before = loaded.db.read_bytes()
    assert export(loaded).companies == 6
    assert loaded.db.read_bytes() == before
    assert content(loaded.facts) == content(exported)


# -- whole or not at all ---------------------------------------------------------------------------------------------------------


def test_a_second_export_replaces_the_first_as_a_whole(loading: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the larger one stays."""
    with monkeypatch.context() as patched:
        patched.setattr(_merge, "GROUP_BYTES", 1)
        export(loading)
    assert len(list((loading.facts / "facts").iterdir())) == 6
    export_facts(loading.request(symbols=("AAPL",)), loading.facts)
    assert sorted(str(path.relative_to(loading.facts)) for path in loading.facts.rglob("*") if path.is_file()) == [
        "companies.parquet",
        "facts/part-00000.parquet",
        "manifest.json",
    ]
    assert pl.read_parquet(loading.facts / "companies.parquet").get_column("symbols").to_list() == ["AAPL"]
    assert beside(loading.facts) == []


@pytest.mark.parametrize("name", ["notes.txt", "facts/mine.parquet", "part-00000.parquet"])
def test_a_folder_with_other_files_is_left_alone(loading: Loading, name: str) -> None:
    """It is refused before anything is read, and the file is named; in an earlier set too."""
    foreign = loading.facts / name
    foreign.parent.mkdir(parents=True)
    foreign.write_text("mine")
    with pytest.raises(UsageError, match=name):
        export(loading)
    with pytest.raises(UsageError, match=name):
        loading.load(facts=loading.facts)
    assert foreign.read_text() == "mine"
    assert loading.count("SELECT count(*) FROM extraction_runs") == 0


def test_a_file_or_a_mount_point_is_no_place_for_a_set(loading: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what would be one."""
    loading.facts.write_text("mine")
    with pytest.raises(UsageError, match="not a folder"):
        export(loading)
    loading.facts.unlink()
    loading.facts.mkdir()
    with monkeypatch.context() as patched:
        patched.setattr(os.path, "ismount", lambda _: True)
        with pytest.raises(UsageError, match="mount point"):
            export(loading)
    with pytest.raises(UsageError, match="mount point"):
        export_facts(loading.request(), Path("/"))
    monkeypatch.chdir(loading.facts)
    with pytest.raises(UsageError, match="working folder"):
        export_facts(loading.request(), Path())
    assert list(loading.facts.parent.glob(".*")) == []  # not even a lock


def test_files_that_come_during_an_export_are_not_lost(loading: Loading) -> None:
    """The folder is looked at again before the set takes its place."""
    export(loading)
    before = content(loading.facts)

    def put(event: str) -> None:
        if event == "file_read":
            (loading.facts / "mine.txt").write_text("mine")

    with pytest.raises(UsageError, match=r"mine\.txt"):
        export(loading, listener=put)
    assert content(loading.facts) == before
    assert (loading.facts / "mine.txt").read_text() == "mine"


def test_a_killed_export_leaves_what_was_there(loading: Loading, exported: Path) -> None:
    """No set, or the earlier one; the next export clears up and is whole."""
    result = ended(loading, "export", "file_read:3", "SIGKILL")
    assert result.returncode == -signal.SIGKILL, result.stderr
    assert not loading.facts.exists()
    assert not any(is_set(path) for path in loading.facts.parent.rglob("*") if path.is_dir())
    export(loading)
    assert content(loading.facts) == content(exported)
    assert ended(loading, "export", "file_read:5", "SIGKILL").returncode == -signal.SIGKILL
    assert content(loading.facts) == content(exported)
    export(loading)
    assert content(loading.facts) == content(exported)
    assert beside(loading.facts) == []


def test_a_signal_ends_an_export_with_130(loading: Loading, exported: Path) -> None:
    """In good order: nothing is left, and the set before is as it was."""
    shutil.copytree(exported, loading.facts)
    result = ended(loading, "export", "file_read:2", "SIGINT")
    assert result.returncode == 130
    assert result.stderr == "interrupted by SIGINT: nothing was exported; what was in the folder before is as it was\n"
    assert content(loading.facts) == content(exported)
    assert beside(loading.facts) == []


def test_a_stop_request_during_the_merge_ends_it(loading: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only while files are read."""
    stop = threading.Event()

    def stopping(*arguments: Any) -> pa.Table:
        stop.set()
        return read_part(*arguments)

    monkeypatch.setattr(_merge, "read_part", stopping)
    with pytest.raises(InterruptedRunError, match="stopped: nothing was exported"):
        export(loading, stop=stop)
    assert not loading.facts.exists()
    assert beside(loading.facts) == []


@pytest.mark.parametrize("complete", [True, False])
def test_a_death_between_two_sets_leaves_one_of_them(loading: Loading, exported: Path, complete: bool) -> None:
    """The new one where it was whole, else the old one; never both."""
    staging = Staging(loading.facts)
    old = loading.facts.with_name(f".{loading.facts.name}.before")
    new = staging.lock / "set"
    shutil.copytree(exported, old)
    shutil.copytree(exported, new)
    (new / "companies.parquet").write_bytes(b"the new one")
    if not complete:
        (new / "manifest.json").unlink()
    staging.open(resume=False)
    assert ((loading.facts / "companies.parquet").read_bytes() == b"the new one") == complete
    check_place(loading.facts)
    staging.close()
    assert beside(loading.facts) == []


def test_a_set_that_cannot_take_its_place_gives_it_back(
    loading: Loading, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The earlier one is there again."""
    shutil.copytree(exported, loading.facts)
    right = Path.replace

    def failing(path: Path, target: Path) -> Path:
        if path.name == "set":
            raise OSError(5, "the disk is broken")
        return right(path, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OutputError, match="Input/output error"):
        export(loading)
    assert content(loading.facts) == content(exported)
    assert beside(loading.facts) == []


def test_two_exports_to_one_folder_do_not_meet(loading: Loading) -> None:
    """The second is told about the first."""
    staging = Staging(loading.facts)
    with facts_lock(staging.lock, loading.facts), pytest.raises(RunLockedError, match="at work on"):
        export(loading)


# -- a disk that does not take it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["a part", "a file of the set"])
def test_a_full_disk_is_told_in_one_line(loading: Loading, exported: Path, which: str) -> None:
    """Whichever file meets it: exit code 5, and the set before stays."""
    shutil.copytree(exported, loading.facts)
    limit = 1_000 if which == "a part" else (exported / "facts" / "part-00000.parquet").stat().st_size - 1_000
    # A limit of the file size is what a test can have of a full disk. It holds from the first flattening on.
    program = (
        "import resource, sys; from loader.cli import main; from loader.pipeline import readers\n"
        "right = readers.flatten\n"
        "def limited(*given):\n"
        f"    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "    return right(*given)\n"
        "readers.flatten = limited\n"
        "main(sys.argv[1:])"
    )
    source = ("--source", loading.corpus / "companyfacts", "--db", loading.request().db)
    tickers = ("--tickers", loading.corpus / "company_tickers_exchange.json")
    command = [sys.executable, "-c", program, "export", "facts", "--to", loading.facts, *source, *tickers]
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, cwd=_ROOT, timeout=60)
    assert result.returncode == 5, result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "cannot be written (File too large)" in result.stderr
    assert (".arrow" in result.stderr) == (which == "a part")
    assert content(loading.facts) == content(exported)
    assert beside(loading.facts) == []


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_read(loading: Loading, tmp_path: Path) -> None:
    """With the remedy."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        export_facts(loading.request(), tmp_path / "file" / "set")


# -- with a load -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["file_read:1", "transaction_begun:2", "committed:2", "detached:1", "facts_exported:1"])
def test_a_killed_load_is_resumed_to_the_whole_set(loading: Loading, small: Demo, exported: Path, when: str) -> None:
    """With the companies that it had committed and those that come after, as an uninterrupted run has them."""
    result = ended(loading, "facts", when, "SIGKILL")
    assert result.returncode == -signal.SIGKILL, result.stderr
    assert loading.facts.exists() == (when == "facts_exported:1")
    done = loading.count("SELECT count(*) FROM extraction_tasks WHERE state = 'completed'")
    resumed = resume(loading.db)
    assert (resumed.completed, resumed.kept) == (6, done)
    assert content(loading.facts) == content(exported)
    assert content_hash(loading.db) == content_hash(small.db)
    assert beside(loading.facts) == []


def test_what_a_resumed_run_lacks_it_reads_again(loading: Loading, exported: Path) -> None:
    """Facts that are gone, or not whole, since the run was interrupted."""
    assert ended(loading, "facts", "committed:2", "SIGINT").returncode == 130
    done = loading.count("SELECT count(*) FROM extraction_tasks WHERE state = 'completed'")
    assert done >= 4
    parts = sorted((loading.facts.with_name(f".{loading.facts.name}.partial") / "parts").iterdir())
    assert len(parts) >= done
    committed = {
        f"CIK{int(str(cik)):010d}" for (cik,) in loading.query("SELECT cik FROM extraction_tasks WHERE state = 'completed'")
    }
    gone, cut = [part for part in parts if part.name[:13] in committed][:2]
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:-1000])
    assert resume(loading.db).kept == done - 2
    assert content(loading.facts) == content(exported)


def test_a_failed_company_is_not_in_the_set_until_it_is_resumed(own: Loading, exported: Path) -> None:
    """The set is there with the others; `resume` makes it whole."""
    apple = own.corpus / "companyfacts" / "CIK0009000001.json"
    right = apple.read_bytes()
    apple.write_bytes(right[:-1])
    result = own.load(facts=own.facts)
    assert result.facts is not None
    assert [failed.symbols for failed in result.facts.failed] == [("AAPL",)]
    assert result.facts.companies == 5
    apple.write_bytes(right)
    again = resume(own.db)
    assert again.facts is not None
    assert (again.facts.companies, again.facts.failed) == (6, ())
    assert content(own.facts) == content(exported)


def test_the_option_and_its_variable_reach_the_run_and_resume(demo: Demo, tmp_path: Path) -> None:
    """`extract --facts DIR`, and the setting is kept as a path that holds from everywhere."""
    source = ("--source", demo.directory / "companyfacts", "--tickers", demo.directory / "company_tickers_exchange.json")
    assert loader("stocks", "import", demo.directory / "stocks.csv", "--db", "x.db", cwd=tmp_path).returncode == 0
    result = loader("extract", *source, "--symbols", "AAPL", "--db", "x.db", "--facts", "here", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "all facts: " in result.stderr
    run = last_run(tmp_path / "x.db")
    assert run is not None
    assert run.settings["facts"] == str(tmp_path / "here")
    environment = {"LOADER_FACTS": "there", "LOADER_DB": "x.db"}
    assert loader("load", *source, "--symbols", "AAPL", cwd=tmp_path, env=environment).returncode in {0, 1}
    assert content(tmp_path / "here") == content(tmp_path / "there")


def test_the_command_prints_the_set_as_text_and_as_json(demo: Demo, tmp_path: Path) -> None:
    """What is in it, in numbers."""
    source = ("--source", demo.directory / "companyfacts", "--symbols", "AAPL,GOOG", "--db", demo.db)
    text = loader("export", "facts", "--to", "set", *source, cwd=tmp_path)
    assert text.returncode == 0, text.stderr
    assert "2 filers, 1 files" in text.stdout
    data = json.loads(loader("export", "facts", "--to", "set", *source, "--json", cwd=tmp_path).stdout)
    assert data["facts_read"] == data["facts"] + sum(Counter(data["set_aside"]).values())
    assert data["directory"] == str(tmp_path / "set")
