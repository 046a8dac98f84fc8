"""hatch_build: the scanner is compiled where there is a compiler, and the package is installed without it where there is none."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hatchling.bridge.app import Application

from hatch_build import OPTIONS, ScannerBuildHook, compile_scanner
from loader.companyfacts import _scan
from tests.cli import environment

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "loader" / "companyfacts"
SOURCE = FOLDER / "_scan.c"

with_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with nothing but the source, where a checkout has it."""
    root = tmp_path / "checkout"
    folder = root / "loader" / "companyfacts"
    folder.mkdir(parents=True)
    shutil.copy(SOURCE, folder)
    return root


@pytest.fixture
def no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No program can be found."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))


@pytest.fixture
def build(checkout: Path, tmp_path: Path) -> Callable[[str], dict[str, Any]]:
    """Runs the hook as hatchling does before it collects a wheel's files; gives what it tells hatchling."""

    def run(version: str) -> dict[str, Any]:
        data: dict[str, Any] = {"force_include": {}, "pure_python": True}
        hook: Any = ScannerBuildHook
        # It looks at nothing but its folder and whom to tell.
        made = hook(str(checkout), {}, None, None, str(tmp_path), "wheel", Application())
        made.initialize(version, data)
        found = {place: Path(library).exists() for library, place in data["force_include"].items()}
        made.finalize(version, data, "")
        return {**data, "force_include": found}

    return run


@with_compiler
def test_the_source_has_nothing_to_warn_of(tmp_path: Path) -> None:
    strict = ["-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror"]
    command = ["cc", *OPTIONS, *strict, "-o", str(tmp_path / "scan.so"), str(SOURCE)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


@with_compiler
def test_a_library_is_loaded_only_beside_the_source_it_was_made_of(checkout: Path) -> None:
    folder = checkout / "loader" / "companyfacts"
    assert _scan.load(folder) is None
    library, why_not = compile_scanner(folder / "_scan.c", folder)
    assert library is not None, why_not
    assert _scan.load(folder) is not None
    with (folder / "_scan.c").open("a") as source:
        source.write("/* newer */\n")
    assert _scan.load(folder) is None


def test_what_is_no_library_of_this_machine_is_not_loaded(checkout: Path) -> None:
    folder = checkout / "loader" / "companyfacts"
    (folder / _scan.library_name(SOURCE.read_bytes())).write_bytes(b"\x7fELF for some other processor")
    assert _scan.load(folder) is None


@with_compiler
def test_a_wheel_gets_the_library_and_the_name_of_its_platform(build: Callable[[str], dict[str, Any]]) -> None:
    made = build("standard")
    assert made["force_include"] == {f"loader/companyfacts/{_scan.library_name(SOURCE.read_bytes())}": True}
    assert made["pure_python"] is False
    assert made["tag"].startswith("py3-none-")
    assert made["tag"] != "py3-none-any"


@with_compiler
def test_an_editable_installation_has_the_newest_library_in_the_checkout(
    build: Callable[[str], dict[str, Any]], checkout: Path
) -> None:
    folder = checkout / "loader" / "companyfacts"
    (folder / "_scan.0123456789abcdef.so").touch()
    assert build("editable")["force_include"] == {}
    assert [path.name for path in folder.iterdir() if path.name != "_scan.c"] == [_scan.library_name(SOURCE.read_bytes())]


@with_compiler
def test_a_source_that_does_not_compile_is_left_out_with_the_compilers_words(checkout: Path, tmp_path: Path) -> None:
    source = checkout / "loader" / "companyfacts" / "_scan.c"
    source.write_text("int scan_outline(\n")
    library, why_not = compile_scanner(source, tmp_path)
    assert library is None
    assert "error: " in why_not


@pytest.mark.usefixtures("no_compiler")
@pytest.mark.parametrize("version", ["standard", "editable"])
def test_without_a_compiler_the_package_is_built_and_says_what_is_missing(
    version: str, build: Callable[[str], dict[str, Any]], capfd: pytest.CaptureFixture[str]
) -> None:
    made = build(version)
    assert (made["force_include"], made["pure_python"], made.get("tag")) == ({}, True, None)
    said = "".join(capfd.readouterr())
    assert "without its compiled scanner" in said
    assert "cc: No such file or directory" in said


@pytest.mark.usefixtures("no_compiler")
def test_a_wheel_without_the_library_runs_anywhere(tmp_path: Path) -> None:
    """With all of the package but what was compiled, be there one in this checkout."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, env=environment())
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "loader/companyfacts/_scan.c" in names
    assert [name for name in names if name.endswith(".so")] == []


@with_compiler
def test_a_source_archive_has_all_that_a_wheel_is_made_of(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)  # a wheel of the archive
    (wheel,) = tmp_path.glob("*.whl")
    libraries = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".so")]
    assert libraries == [f"loader/companyfacts/{_scan.library_name(SOURCE.read_bytes())}"]
