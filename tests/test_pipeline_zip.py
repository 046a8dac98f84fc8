"""A run on a zip archive gives what a run on the folder gives, and goes wrong as gently."""

from __future__ import annotations

import os
import shutil
import struct
import threading
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from loader.config import ExtractionConfig
from loader.database import list_mappings
from loader.database.content import content_hash
from loader.errors import InputError
from loader.explain import explain, statement_table
from loader.pipeline import ExtractRequest, RunResult, extract, plan, resume
from loader.pipeline.memory import MemoryPlan, reading_weight
from tests.archives import zip_folder
from tests.cli import loader
from tests.conftest import Demo
from tests.loading import Loading

APPLE = "CIK0009000001.json"


@pytest.fixture(scope="module")
def packed(small: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small corpus in an archive."""
    return zip_folder(small.directory / "companyfacts", tmp_path_factory.mktemp("packed") / "companyfacts.zip")


@pytest.fixture
def own(packed: Path, tmp_path: Path) -> Path:
    """A copy of the archive that a test may change."""
    return Path(shutil.copy(packed, tmp_path / "companyfacts.zip"))


def request(small: Demo, source: Path, db: Path) -> ExtractRequest:
    return replace(Loading(small.directory, db).request(), source=str(source))


def load(small: Demo, source: Path, db: Path, config: ExtractionConfig | None = None) -> RunResult:
    return extract(request(small, source, db), config)


@pytest.mark.parametrize("workers", [1, 10])
def test_the_content_is_that_of_the_folder_hash_for_hash(small: Demo, packed: Path, tmp_path: Path, workers: int) -> None:
    """Whatever the number of workers; the source and its date are written down."""
    db = tmp_path / "zip.db"
    result = load(small, packed, db, ExtractionConfig(max_workers=workers, batch_size=2))
    assert (result.status, result.completed, result.failed) == ("completed", 6, ())
    assert content_hash(db) == content_hash(small.db)
    loading = Loading(small.directory, db)
    with zipfile.ZipFile(packed) as archived:
        newest = max(member.date_time for member in archived.infolist())
    assert loading.query("SELECT value FROM loader_meta WHERE key IN ('source', 'source_date') ORDER BY key") == [
        (str(packed),),
        ("{:04d}-{:02d}-{:02d}".format(*newest),),
    ]
    assert {mapping.edgar_file_path for mapping in list_mappings(db)} == {
        f"{packed}/{name}" for name in zipfile.ZipFile(packed).namelist()
    }
    # Bytes read are those of the documents: the same as from the folder.
    assert result.bytes_read == sum(file.stat().st_size for file in (small.directory / "companyfacts").iterdir())


def test_the_same_archive_made_anew_changes_nothing_and_is_not_loaded_again_by_resume(
    small: Demo, own: Path, tmp_path: Path
) -> None:
    """Its members' states are their contents, not the archive's time."""
    db = tmp_path / "x.db"
    broken = _damage(own)
    assert load(small, own, db).status == "completed_with_failures"
    own.unlink()
    zip_folder(small.directory / "companyfacts", own, method=zipfile.ZIP_STORED)
    result = resume(db)
    assert (result.status, result.kept, result.completed) == ("completed", 5, 6)
    assert content_hash(db) == content_hash(small.db)
    assert broken == f"{own}/{APPLE}"


def test_a_damaged_member_costs_that_company_only(small: Demo, own: Path, tmp_path: Path) -> None:
    """With one line that names it."""
    path = _damage(own)
    result = load(small, own, tmp_path / "x.db")
    assert (result.status, result.completed) == ("completed_with_failures", 5)
    ((symbols, reason),) = [(failed.symbols, failed.reason) for failed in result.failed]
    assert symbols == ("AAPL",)
    assert path in reason
    assert "\n" not in reason


def test_a_member_that_the_directory_condemns_fails_with_its_reason(small: Demo, own: Path, tmp_path: Path) -> None:
    """It is mapped all the same."""
    with zipfile.ZipFile(own, "a") as archived, pytest.warns(UserWarning, match="Duplicate name"):
        archived.writestr(APPLE, b"{}")
    result = load(small, own, tmp_path / "x.db")
    assert [(failed.symbols, "more than once" in failed.reason) for failed in result.failed] == [(("AAPL",), True)]
    assert result.completed == 5


def test_an_archive_that_is_replaced_during_the_run_is_read_on(small: Demo, own: Path, tmp_path: Path) -> None:
    """By the rules for folders: what is read is what is there then."""
    db = tmp_path / "x.db"
    again = zip_folder(small.directory / "companyfacts", tmp_path / "again.zip", method=zipfile.ZIP_STORED)

    def replacing(event: str) -> None:
        if event == "run_created":
            again.replace(own)

    result = extract(request(small, own, db), listener=replacing)
    assert (result.status, result.completed) == ("completed", 6)
    assert content_hash(db) == content_hash(small.db)


def test_an_archive_that_vanishes_during_the_run_fails_its_companies_with_a_reason(
    small: Demo, own: Path, tmp_path: Path
) -> None:
    """And the run ends."""

    def removing(event: str) -> None:
        if event == "run_created":
            own.unlink()

    result = extract(request(small, own, tmp_path / "x.db"), listener=removing)
    assert result.completed == 0
    assert all("is not there (any more)" in failed.reason for failed in result.failed)


def test_explain_and_show_read_the_member_again_and_say_when_the_archive_is_gone(small: Demo, own: Path, tmp_path: Path) -> None:
    """As with a folder."""
    db = tmp_path / "x.db"
    load(small, own, db)
    explained = explain(db, "AAPL", "revenue", year=2023, period="FY")
    assert f"{own}/{APPLE}" in explained.files
    assert not explained.remarks
    columns = statement_table(db, "AAPL", "income", period="annual").columns
    then = statement_table(db, "AAPL", "income", period="annual", as_of=date(2024, 1, 1)).columns
    assert 0 < len(then) < len(columns)
    own.unlink()
    with pytest.raises(InputError, match="that is gone"):
        explain(db, "AAPL", "revenue", year=2023, period="FY")


def test_a_plan_counts_what_a_member_takes_packed_beside_its_document(small: Demo, packed: Path, tmp_path: Path) -> None:
    """The memory budget is of both."""
    planned = plan(request(small, packed, tmp_path / "x.db"))
    with zipfile.ZipFile(packed) as archived:
        members = {member.filename: member for member in archived.infolist()}
    for task in planned.tasks:
        for file in task.files:
            member = members[Path(file.path).name]
            assert (file.size, file.packed, file.weight) == (
                member.file_size,
                member.compress_size,
                member.file_size + member.compress_size,
            )


def test_a_member_whose_packed_bytes_do_not_fit_beside_its_document_fails_with_that_reason(
    small: Demo, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The room that is asked for is that of both."""
    with zipfile.ZipFile(own) as archived:
        largest = max(archived.infolist(), key=lambda member: member.file_size)
    # Room for every document by itself.
    room = MemoryPlan(reading_weight(largest.file_size), 10**9, 10**9, 10, 64)
    monkeypatch.setattr(MemoryPlan, "of", lambda *_: room)
    result = load(small, own, tmp_path / "x.db")
    assert [failed.reason for failed in result.failed if largest.filename in failed.reason and "--max-memory-mb" in failed.reason]


def test_the_timeout_holds_for_members(small: Demo, packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A storage that does not answer costs the company, not the run: it is tried again, given up, and said to be late."""
    system_read, apple = os.pread, zipfile.ZipFile(packed).getinfo(APPLE)
    answer = threading.Event()

    def hanging(descriptor: int, size: int, offset: int) -> bytes:
        if offset == apple.header_offset:
            answer.wait(30)
        return system_read(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", hanging)
    result = load(small, packed, tmp_path / "x.db", ExtractionConfig(file_read_timeout=0.1))
    answer.set()
    assert result.completed == 5
    assert [(failed.symbols, "could not be read within 0.1 s" in failed.reason) for failed in result.failed] == [
        (("AAPL",), True)
    ]


def _damage(archive: Path) -> str:
    """Change bytes in the middle of Apple's packed data; its path."""
    with zipfile.ZipFile(archive) as archived:
        member = archived.getinfo(APPLE)
    with archive.open("r+b") as file:
        file.seek(member.header_offset + 30 + len(APPLE) + member.compress_size // 2)
        file.write(b"\xff" * 16)
    return f"{archive}/{APPLE}"


# ---------------------------------------------------------------------------------------------------------------------------
# On the command line


def test_the_commands_work_with_nothing_but_the_archive_in_data(demo: Demo, tmp_path: Path) -> None:
    """`load`, `mappings refresh`, `extract`, `explain`, `show` and `resume`, with --source or by themselves."""
    data = tmp_path / "data"
    data.mkdir()
    archive = zip_folder(demo.directory / "companyfacts", data / "companyfacts.zip")
    shutil.copy(demo.directory / "company_tickers_exchange.json", data)
    loader("stocks", "import", demo.directory / "stocks.csv", cwd=tmp_path)
    assert "13 mappings" in loader("mappings", "refresh", "--source", archive, cwd=tmp_path).stdout
    loaded = loader("load", cwd=tmp_path)
    assert loaded.returncode == 0, loaded.stderr
    assert "12 of 12 companies" in loaded.stdout
    assert str(archive) in loaded.stdout.replace("\n", "")
    assert content_hash(data / "edgar.db") == content_hash(demo.db)
    working: tuple[tuple[object, ...], ...] = (
        ("extract", "--source", archive, "--symbols", "AAPL"),
        ("extract", "--dry-run", "--source", archive),
        ("explain", "AAPL", "net_income", "--year", "2023", "--period", "FY"),
        ("show", "AAPL", "--as-of", "2024-01-01"),
    )
    for command in working:
        result = loader(*command, cwd=tmp_path)
        assert result.returncode == 0, (command, result.stderr)
    archive.unlink()
    unable: tuple[tuple[object, ...], ...] = (
        ("load", "--source", archive),
        ("mappings", "refresh", "--source", archive),
        ("explain", "AAPL", "net_income", "--year", "2023", "--period", "FY"),
        ("show", "AAPL", "--as-of", "2024-01-01"),
    )
    for command in unable:
        result = loader(*command, cwd=tmp_path)
        assert result.returncode == 3, (command, result.stderr)
        assert str(archive) in result.stderr


def test_what_is_no_archive_exits_with_3_and_changes_nothing(tmp_path: Path) -> None:
    """Before the database is touched."""
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04" + struct.pack("<100x"))
    result = loader("extract", "--source", "x.zip", "--db", "x.db", cwd=tmp_path)
    assert result.returncode == 3
    assert "cut off" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "x.db").exists()
