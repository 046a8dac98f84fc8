"""`just load` works on a machine that has nothing but the repository, and never passes invented figures off as real ones."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import environment

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the justfile, and a `loader` on the path that only tells how it was called."""
    shutil.copy(ROOT / "justfile", tmp_path)
    stub = tmp_path / "bin" / "loader"
    stub.parent.mkdir()
    stub.write_text('#!/bin/sh\necho "loader $*"\n')
    stub.chmod(0o755)
    return tmp_path


def just(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a recipe with the stub."""
    path = f"{folder / 'bin'}:{Path(sys.executable).parent}:/usr/bin:/bin"
    env = environment({"PATH": path, **variables})
    return subprocess.run(["just", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=True)


def test_without_data_it_says_so_and_runs_the_demo(folder: Path) -> None:
    """In plain words, on stderr."""
    result = just(folder, "load")
    assert result.stdout == "loader demo\n"
    assert "no EDGAR data" in result.stderr
    assert "invented companies" in result.stderr


@pytest.mark.parametrize("data", ["data/companyfacts/", "data/companyfacts.zip", "data/edgar.db"])
def test_with_data_it_loads_that(data: str, folder: Path) -> None:
    """A database that was loaded from elsewhere counts: its mappings name the files."""
    path = folder / data
    path.parent.mkdir()
    path.mkdir() if data.endswith("/") else path.touch()
    assert just(folder, "load").stdout == "loader load\n"


def test_options_and_variables_are_passed_on(folder: Path) -> None:
    """What one asks for is not answered with the demo."""
    assert just(folder, "load", "--symbols", "AAPL,MSFT").stdout == "loader load --symbols AAPL,MSFT\n"
    assert just(folder, "load", LOADER_SOURCE="elsewhere").stdout == "loader load\n"
    assert just(folder, "extract", "--source", "a b").stdout == "loader extract --source a b\n"


def test_validate_and_report_look_at_what_is_there(folder: Path) -> None:
    """The real database where there is one, else the demo's; LOADER_DB before both."""
    assert just(folder, "validate").stdout == "loader validate --db data/demo.db\n"
    (folder / "data").mkdir()
    (folder / "data" / "edgar.db").touch()
    assert just(folder, "report", "--json").stdout == "loader report --db data/edgar.db --json\n"
    assert just(folder, "validate", LOADER_DB="x.db").stdout == "loader validate --db x.db\n"


def test_without_a_recipe_the_recipes_are_listed(folder: Path) -> None:
    """Each with what it is for."""
    listed = just(folder).stdout
    for recipe in ("load", "demo", "extract", "validate", "report", "test", "lint", "fix", "bench", "notebooks"):
        assert any(line.split()[:1] == [recipe] and "#" in line for line in listed.splitlines()), recipe
