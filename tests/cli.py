"""Runs the command line as users do: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without settings of the loader, and with `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOADER_")}
    return {**kept, "COLUMNS": "100", **(extra or {})}


def loader(*arguments: object, cwd: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `loader` to its end."""
    command = [sys.executable, "-m", "loader", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=environment(env), capture_output=True, text=True, check=False, timeout=120)


def start(*arguments: object, cwd: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start `loader`, to be waited for."""
    command = [sys.executable, "-m", "loader", *map(str, arguments)]
    return subprocess.Popen(command, cwd=cwd, env=environment(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
