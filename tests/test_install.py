"""Installed from a wheel, with no checkout near, everything works as from the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from loader.report import read_checks
from tests.cli import environment

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the tools that are installed here: nothing is downloaded."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_the_package_and_its_sql_and_nothing_else(wheel: Path) -> None:
    """SQL, data files and the type marker are inside; tests and notebooks are not."""
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in names} == {"loader"}
    for kind in ("schema", "validation", "report"):
        expected = {f"loader/sql/{kind}/{path.name}" for path in (ROOT / "sql" / kind).glob("*.sql")}
        assert expected
        assert expected <= names
    assert "loader/py.typed" in names
    assert {f"loader/reference/{path.name}" for path in (ROOT / "loader" / "reference").glob("*.csv")} <= names
    assert "loader/companyfacts/_scan.c" in names


def test_the_installed_command_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Demo, validation and report from an empty folder, with the library and the SQL that the wheel brought."""
    site, work = tmp_path / "site", tmp_path / "work"
    work.mkdir()
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-index",
        "--no-compile",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    env = environment({"PYTHONPATH": str(site)})

    def run(*command: str) -> str:
        return subprocess.run(command, cwd=work, env=env, check=True, capture_output=True, text=True).stdout

    where = "import loader, loader._sql; print(loader.__file__); print(loader._sql.sql_directory())"
    assert run(sys.executable, "-c", where).splitlines() == [str(site / "loader" / "__init__.py"), str(site / "loader" / "sql")]
    # A wheel for one platform has the compiled scanner in it, and what is installed from it uses that.
    compiled = "from loader.companyfacts import _scan; print(_scan.library is not None)"
    assert run(sys.executable, "-c", compiled) == f"{not wheel.name.endswith('-any.whl')}\n"
    command = str(site / "bin" / "loader")
    assert run(command, "--version") == "loader 0.1.0\n"
    assert "3 of 3 companies" in run(command, "demo", "--companies", "3")
    assert f"{len(read_checks())} checks" in run(command, "validate", "--db", "data/demo.db")
    assert "3 of 3 companies" in run(command, "report", "--db", "data/demo.db")
