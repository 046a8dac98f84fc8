"""Fixtures for all tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from loader.cli import main
from loader.demo import build_corpus
from tests.loading import Loading, settled

# How long an example takes is no promise, and on a busy machine no fact either.
settings.register_profile("loader", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("loader")

#: A command that ends: its exit code, and what it printed.
Call = Callable[..., subprocess.CompletedProcess[str]]

_BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real SEC data, which is never part of the repository; the test is skipped where it is absent."""
    path = Path(os.environ.get("LOADER_SHARED_DATA") or _BESIDE_THE_CHECKOUT)
    if not (path / "companyfacts").is_dir():
        pytest.skip(f"no real data at {path}: set LOADER_SHARED_DATA to the folder that holds companyfacts/")
    return path


@dataclass(frozen=True)
class Demo:
    """What `loader demo` made: a folder with the corpus and its database, which tests must not change."""

    directory: Path
    db: Path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Twelve synthetic companies, built and loaded by the command that users run."""
    folder = tmp_path_factory.mktemp("demo")
    made = Demo(folder / "corpus", folder / "demo.db")
    command = ["demo", "--companies", "12", "--db", str(made.db), "--directory", str(made.directory)]
    subprocess.run([sys.executable, "-m", "loader", *command], check=True, capture_output=True, cwd=folder)
    return made


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Six synthetic companies, for tests that load them again and again; the first five come first in the queue."""
    folder = tmp_path_factory.mktemp("small")
    made = Loading(folder / "corpus", folder / "small.db")
    build_corpus(made.corpus, companies=6, processes=1)
    settled(made.corpus)
    made.load()
    return Demo(made.corpus, made.db)


@pytest.fixture
def demo_db(demo: Demo, tmp_path: Path) -> Path:
    """A copy of the demo's database, for a test to change."""
    return Path(shutil.copy(demo.db, tmp_path / "demo.db"))


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command in this process and in an empty folder: quicker than `tests.cli.loader`, for commands that do not load."""
    for name in [name for name in os.environ if name.startswith("LOADER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [str(argument) for argument in arguments]
        with pytest.raises(SystemExit) as exit_:
            main(command)
        printed = capsys.readouterr()
        assert isinstance(exit_.value.code, int)
        return subprocess.CompletedProcess(command, exit_.value.code, printed.out, printed.err)

    return run
