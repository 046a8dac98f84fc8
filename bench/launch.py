"""Runs a command and writes what it cost: `python -I -S launch.py RESULT COMMAND...`.

A process of its own, because the kernel counts the memory of whoever starts a process as that process's own peak: this one
has next to none. It imports nothing but the standard library, and little of that.
"""

import json
import os
import signal
import sys
import time

#: macOS counts in bytes, Linux in KiB.
_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> int:
    """Wait for the command, and end with its exit code."""
    result, *command = sys.argv[1:]
    # Ctrl-C is the command's to answer; this one waits until it has ended in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    begun = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, setsigdef=[signal.SIGINT])
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - begun
    measured = {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss * _UNIT / 2**20,
    }
    with open(result, "w", encoding="utf-8") as file:  # noqa: PTH123  # pathlib alone costs more than the rest of this file
        json.dump(measured, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
