"""What the benchmark ran on, and what else was going on there."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psutil

_LIBRARIES: Final = ("polars", "duckdb", "pyarrow", "orjson", "msgspec")
_ROOT: Final = Path(__file__).parents[1]


def describe() -> dict[str, Any]:
    """Processor, memory, versions, and the load average before anything was measured."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "available_gb": round(psutil.virtual_memory().available / 1e9, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "loader": version("loader"),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "revision": _revision(),
        "load_before": [round(load, 2) for load in os.getloadavg()],
    }


def sentences(machine: dict[str, Any]) -> list[str]:
    """The same in lines for people, with a word where the figures should not be trusted."""
    revision = f" ({machine['revision']})" if machine["revision"] else ""
    told = [
        f"{machine['cores']} cores ({machine['cpu']}), {machine['memory_gb']:g} GB, {machine['system']}",
        f"Python {machine['python']}, loader {machine['loader']}{revision}, "
        + ", ".join(f"{name} {number}" for name, number in machine["libraries"].items()),
    ]
    load = machine["load_before"][0]
    told.append(f"load average before: {load:g}" + (", something else is running here" if load > 0.5 else ""))
    return told


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # no Linux
        return platform.processor() or "unknown processor"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor")


def _revision() -> str | None:
    """The commit that is measured, with a plus sign where files differ from it; None outside of a checkout."""
    command = ["git", "-C", str(_ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        return None
    return done.stdout.strip() or None
