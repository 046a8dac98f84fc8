"""How much memory the process takes."""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Final

import psutil

MIB: Final = 1 << 20


def resident_bytes() -> int:
    """Bytes of memory that the process takes now."""
    return int(psutil.Process().memory_info().rss)


def peak_bytes() -> int:
    """The most that the process ever took.

    Linux counts it from the program's start; `ru_maxrss` there would include the parent's.
    """
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # no such file outside Linux
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
