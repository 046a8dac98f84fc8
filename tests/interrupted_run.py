"""A run that ends itself at a named boundary or after a time.

    python -m tests.interrupted_run FOLDER DB JOURNAL HOW WHEN [SIGNAL ...]

HOW is `extract`, `rewrite` (an extraction of what has not changed too), `resume`, `facts` (an extraction with all facts) or
`export` (these alone). WHEN is `event:N` for the N-th time that the run tells of the event, or `+SECONDS` after its first task
could begin. Each event is written to JOURNAL as it comes, so that its last line is the phase in which the process ended.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from loader.config import ExtractionConfig
from loader.errors import LoaderError
from loader.pipeline import export_facts, extract, resume
from loader.pipeline.interrupts import Interrupts
from tests.loading import Loading

#: In the journal, what was sent after the event in the line before.
SIGNALLED = "signalled"
#: Six companies in batches of two make three transactions.
CONFIG = ExtractionConfig(batch_size=2, max_workers=4)


class Ender:
    """Writes the journal, and sends this process the signals when their time has come."""

    def __init__(self, journal: Path, when: str, signals: list[signal.Signals]) -> None:
        self._journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._signals = signals
        self._delay = float(when) if when.startswith("+") else None
        self._event, _, number = ("", "", "1") if self._delay is not None else when.partition(":")
        self._number = int(number)
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._begun = time.monotonic()

    def tell(self, event: str) -> None:
        """The run's listener."""
        with self._lock:
            self._seen[event] += 1
            number = self._seen[event]
        if event == "run_created":
            self._begun = time.monotonic()
            if self._delay is not None:
                threading.Timer(self._delay, self._end).start()
        os.write(self._journal, f"{time.monotonic() - self._begun:.4f} {event}\n".encode())
        if event == self._event and number == self._number:
            self._end()

    def _end(self) -> None:
        os.write(self._journal, f"{time.monotonic() - self._begun:.4f} {SIGNALLED}\n".encode())
        # A signal is taken by the main thread, when that comes to it. A small run can be over by then, and another signal of the
        # same name would be one with it.
        for number, one in enumerate(self._signals, 1):
            os.kill(os.getpid(), one)
            while isinstance(interrupts := _interrupts(), Interrupts) and interrupts.count < number:
                time.sleep(0.001)


def _interrupts() -> object:
    """What counts the signals, while a run does that."""
    return getattr(signal.getsignal(signal.SIGINT), "__self__", None)


def main() -> int:
    """Run, and exit as the command line would."""
    folder, db, journal, how, when, *names = sys.argv[1:]
    ender = Ender(Path(journal), when, [signal.Signals[name] for name in names])
    loading = Loading(Path(folder), Path(db))
    try:
        if how == "resume":
            resume(loading.db, listener=ender.tell)
        elif how == "export":
            export_facts(loading.request(), loading.facts, CONFIG, listener=ender.tell)
        else:
            request = loading.request(facts=loading.facts if how == "facts" else None, rewrite=how == "rewrite")
            extract(request, CONFIG, listener=ender.tell)
    except LoaderError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
