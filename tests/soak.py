"""Ends runs at every phase, resumes them, and compares what they loaded: `python -m tests.soak [--kills 50] [--companies 24]`.

SIGKILL at instants spread evenly between the first task and the end, and at each boundary between two steps, in the first
transaction and in the last one; SIGINT and SIGTERM, once and twice, in the same way. Each is followed by `resume`. It passes when
every database is sound (`PRAGMA integrity_check`) after the kill and after the resumption, held whole batches in between, and has
the content of an uninterrupted run, hash for hash. Every second database was full before the run began, so that rows were being
replaced.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from loader.database import last_run
from loader.database.content import content_hash
from loader.demo import build_corpus
from tests.interrupted_run import SIGNALLED

_ROOT = Path(__file__).resolve().parents[1]
_TABLES = ("income_statements", "balance_sheets", "cash_flow_statements", "loader_income_provenance", "loader_balance_provenance")
#: Boundaries between steps, in their order; those before `run_created` leave no run to be resumed.
BOUNDARIES = (
    "planned",
    "run_created",
    "file_read",
    "batch_assembled",
    "transaction_begun",
    "deleted",
    "inserted_income_statements",
    "inserted_balance_sheets",
    "inserted_cash_flow_statements",
    "inserted_loader_income_provenance",
    "inserted_loader_balance_provenance",
    "inserted_loader_cash_flow_provenance",
    "inserted_loader_other_filings",
    "inserted_loader_raw_values",
    "inserted",
    "before_commit",
    "committed",
)
LAST_BOUNDARIES = ("detached", "finished")


@dataclass(frozen=True)
class Trial:
    """One interruption: when, and by which signals."""

    when: str
    signals: tuple[str, ...]


def trials(kills: int, seconds: float, batches: int) -> Iterator[Trial]:
    """All interruptions of a soak, for a run that takes so long in so many batches."""
    for number in range(kills):
        yield Trial(f"+{seconds * (number + 0.5) / kills:.3f}", ("SIGKILL",))
    for boundary in BOUNDARIES:
        yield Trial(f"{boundary}:1", ("SIGKILL",))
        if boundary not in BOUNDARIES[:2]:
            yield Trial(f"{boundary}:{batches}", ("SIGKILL",))
    for boundary in LAST_BOUNDARIES:
        yield Trial(f"{boundary}:1", ("SIGKILL",))
    gentle = max(2, kills // 10)
    for name in ("SIGINT", "SIGTERM"):
        for number in range(gentle):
            yield Trial(f"+{seconds * (number + 0.5) / gentle:.3f}", (name,))
        for boundary in ("run_created", "transaction_begun", "inserted_balance_sheets", "before_commit"):
            yield Trial(f"{boundary}:1", (name,))
            yield Trial(f"{boundary}:1", (name, name))


class Soak:
    """A corpus, what an uninterrupted run makes of it, and a folder for the databases."""

    def __init__(self, folder: Path, companies: int) -> None:
        self._folder = folder
        self._corpus = folder / "corpus"
        build_corpus(self._corpus, companies=companies, seed=7, processes=1)
        self._journal = folder / "journal"
        self._full = folder / "full.db"
        # Twice, because the first run warms the caches: the instants must not lie behind the end of the later ones.
        self.seconds = float("inf")
        for _ in range(2):
            self._run(self._full, "rewrite", Trial("never:1", ()))
            events = [line.split() for line in self._journal.read_text().splitlines()]
            self.seconds = min(self.seconds, max(float(second) for second, event in events if event == "committed"))
            self.batches = sum(event == "committed" for _, event in events)
        self.expected = content_hash(self._full)

    def _run(self, db: Path, how: str, trial: Trial) -> int:
        self._journal.unlink(missing_ok=True)
        command = [
            sys.executable,
            "-m",
            "tests.interrupted_run",
            self._corpus,
            db,
            self._journal,
            how,
            trial.when,
            *trial.signals,
        ]
        return subprocess.run(list(map(str, command)), cwd=_ROOT, capture_output=True, check=False, timeout=300).returncode

    def attempt(self, trial: Trial, *, full: bool) -> tuple[str, str]:
        """Interrupt a run and finish it; the phase that was hit, and what went wrong (nothing, if all is well)."""
        db = self._folder / "x.db"
        for file in self._folder.glob("x.db*"):
            file.unlink()
        if full:
            shutil.copy(self._full, db)
        code = self._run(db, "rewrite", trial)
        lines = self._journal.read_text().splitlines() if self._journal.exists() else []
        events = [line.split()[1] for line in lines]
        if SIGNALLED in events:
            events = events[: events.index(SIGNALLED)]
        phase = events[-1] if events else "(before the first boundary)"
        # 0: the run was quicker than the instant. Once it has finished, a signal is the process's own again.
        allowed = {0, -signal.SIGKILL if "SIGKILL" in trial.signals else 130}
        if code not in allowed and phase != "finished":
            return phase, f"exit code {code}"
        trouble = _unsound(db, full=full)
        begun = last_run(db)
        # What a kill before the run's row was made leaves behind is the state before it, with nothing to resume.
        how = "rewrite" if begun is None or (full and begun.id == 2) else "resume"
        if not trouble and not (how == "resume" and begun is not None and begun.status == "completed"):
            code = self._run(db, how, Trial("never:1", ()))
            trouble = f"exit code {code} when it was resumed" if code else _unsound(db, full=full)
        if not trouble and content_hash(db) != self.expected:
            trouble = "other content"
        return phase, trouble


def _unsound(db: Path, *, full: bool) -> str:
    """What is wrong with a database after a run ended in it, however it ended."""
    with closing(sqlite3.connect(db)) as connection:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            return f"integrity_check: {verdict}"
        if full:  # then every company has rows at every moment
            wanted = {cik for (cik,) in connection.execute("SELECT cik FROM cik_mappings_sp500")}
        else:
            wanted = {cik for (cik,) in connection.execute("SELECT cik FROM extraction_tasks WHERE state = 'completed'")}
        for table in _TABLES:
            query = f"SELECT DISTINCT m.cik FROM {table} t JOIN cik_mappings_sp500 m USING (stock_id)"
            if {cik for (cik,) in connection.execute(query)} != wanted:
                return f"{table} does not hold whole batches"
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the soak and print what was hit."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument(
        "--kills", type=int, default=50, help="SIGKILLs spread over the run; boundaries and other signals come on top"
    )
    parser.add_argument("--companies", type=int, default=24)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="loader-soak-") as name:
        soak = Soak(Path(name), options.companies)
        hit: Counter[tuple[str, str]] = Counter()
        troubles: list[str] = []
        planned = list(trials(options.kills, soak.seconds, soak.batches))
        _say(f"{len(planned)} interruptions of a run of {soak.seconds:.1f} s in {soak.batches} batches, {os.cpu_count()} cores")
        for number, trial in enumerate(planned):
            phase, trouble = soak.attempt(trial, full=number % 2 == 1)
            hit["+".join(trial.signals), phase] += 1
            if trouble:
                troubles.append(f"{trial.when} by {'+'.join(trial.signals)}, in {phase}: {trouble}")
                _say(troubles[-1])
        signals = sorted({signals for signals, _ in hit})
        _say("\n" + "last boundary before it".ljust(32) + "".join(one.rjust(16) for one in signals))
        for phase in ("(before the first boundary)", *BOUNDARIES, *LAST_BOUNDARIES):
            if any(hit[one, phase] for one in signals):
                _say(phase.ljust(32) + "".join(str(hit[one, phase] or "").rjust(16) for one in signals))
        _say(f"\n{len(planned)} interruptions, {len(troubles)} with something wrong afterwards")
    return 1 if troubles else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
