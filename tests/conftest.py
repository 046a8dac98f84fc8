"""Fixtures for all tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes is no promise, and on a busy machine no fact either.
settings.register_profile("loader", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("loader")

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


@pytest.fixture
def demo_db(demo: Demo, tmp_path: Path) -> Path:
    """A copy of the demo's database, for a test to change."""
    return Path(shutil.copy(demo.db, tmp_path / "demo.db"))
