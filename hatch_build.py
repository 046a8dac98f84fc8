"""Compiles the scanner of companyfacts documents when the package is installed, if there is a C compiler.

Without one the package is installed all the same, and says so: the loader then decodes each document, and takes longer.
"""

from __future__ import annotations

import hashlib
import shlex
import subprocess
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging import tags

FOLDER = Path("loader", "companyfacts")
SOURCE = "_scan.c"
# Nothing that only this machine's processor has: a wheel is for others, too.
OPTIONS = ("-std=c11", "-O2", "-fPIC", "-shared")


class ScannerBuildHook(BuildHookInterface[Any]):
    """For a wheel the library is made aside and put into it; for an editable installation it is made in the checkout."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the files are collected."""
        folder = Path(self.root) / FOLDER
        self._scratch = TemporaryDirectory()
        library, why_not = compile_scanner(folder / SOURCE, Path(self._scratch.name))
        if version == "editable":
            for old in folder.glob("_scan.*.so"):
                old.unlink()
        if library is None:
            self.app.display_warning(f"loader is installed without its compiled scanner and will take longer: {why_not}")
        elif version == "editable":
            # Moved in one step: another process may load it at any time.
            place = folder / library.name
            partial = place.with_suffix(".part")
            partial.write_bytes(library.read_bytes())
            partial.replace(place)
        else:
            build_data["force_include"][str(library)] = str(FOLDER / library.name)
            build_data["pure_python"] = False
            # Any Python, since it does not use Python's interface. The plain name of the platform, as hatchling has it, because
            # nobody has checked the library against those with "manylinux" in them.
            platform = next(tag for tag in tags.platform_tags() if not tag.startswith(("manylinux", "musllinux")))
            build_data["tag"] = f"py3-none-{platform}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  # hatchling's names
        """Remove what was compiled aside."""
        self._scratch.cleanup()


def compile_scanner(source: Path, folder: Path) -> tuple[Path | None, str]:
    """Compile the scanner with the compiler that made Python, or with `cc`.

    Args:
        source: the C file.
        folder: where the library is written, under a name that has the source's hash in it.

    Returns:
        The library, or None and why there is none.
    """
    library = folder / library_name(source.read_bytes())
    reasons = []
    for compiler in dict.fromkeys((sysconfig.get_config_var("CC") or "cc", "cc")):
        command = [*shlex.split(compiler), *OPTIONS, "-o", str(library), str(source)]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # Python's own compiler
        except OSError as error:
            reasons.append(f"{compiler}: {error.strerror}")
        except subprocess.CalledProcessError as error:
            reasons.append(f"{compiler}: {error.stderr.strip()}")
        else:
            return library, ""
    return None, "; ".join(reasons)


def library_name(source: bytes) -> str:
    """The name of the library that is compiled from this source; `loader/companyfacts/_scan.py` looks for the same."""
    return f"_scan.{hashlib.sha256(source).hexdigest()[:16]}.so"
