"""The completion report as data: what a run did, measured in that run, beside what the project promised."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from loader.report.validation import CheckResult

#: What the original architecture promised for a run over the index.
TARGET_COMPANIES_PER_MINUTE: Final = 100.0
TARGET_SECONDS_FOR_500: Final = 600.0
TARGET_PEAK_MB: Final = 2048.0
TARGET_MB_PER_WORKER: Final = 50.0
TARGET_DATABASE_MB: Final = 500.0
TARGET_ERROR_RATE: Final = 0.01
TARGET_COMPLETENESS: Final = 0.90
#: With fewer companies than one batch has by default, the start of the program is most of the time, and the speed says nothing.
FEWEST_FOR_SPEED: Final = 50

_MB: Final = 1024 * 1024
#: One file name, or several with "or" between.
_FILE_NAMES: Final = re.compile(r"CIK\d{10}\.json(?: or CIK\d{10}\.json)*")


@dataclass(frozen=True, slots=True)
class Failure:
    """A company that could not be loaded."""

    symbols: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnmappedSymbol:
    """A member of the index for which there was nothing to load."""

    symbol: str
    company_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Members of the index: all, with a mapping, with rows in any statement table, with rows in all three."""

    members: int
    mapped: int
    with_statements: int
    with_all_three: int


@dataclass(frozen=True, slots=True)
class CoreLine:
    """Cells of one core line in annual and quarterly statements, and how many are filled."""

    statement: str
    line: str
    cells: int
    filled: int


@dataclass(frozen=True, slots=True)
class Goal:
    """A measured figure beside what was promised: `met` is None where the run is too small to tell."""

    name: str
    measured: float
    unit: str
    promised: str
    met: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionReport:
    """A run, measured.

    Attributes:
        run_id: in extraction_runs.
        status: how it ended.
        database: its path.
        source: where the files were.
        synthetic: the companies are invented.
        vintage: `latest` or `original`.
        as_of: ISO date, or None.
        started_at: ISO, UTC.
        settings: of the run, by name.
        companies: asked for.
        completed: of these.
        kept: of the completed, those that an earlier part of a resumed run had loaded.
        unchanged: of the completed, those that an earlier run had loaded and that were left alone: nothing had changed.
        failures: the others, with their reasons.
        unmapped: members of the index without a mapping.
        notes: what was changed or settled in preparation, one line each.
        seconds: wall time, of the run alone.
        peak_memory_mb: largest resident memory of the process, in MiB.
        start_memory_mb: resident memory of the process when the run began, its libraries included.
        workers: reader threads.
        bytes_read: of the source.
        database_bytes_before: size of the database, its write-ahead log included.
        database_bytes_after: the same at the end.
        facts_read: rows in the files of the completed companies; of an unchanged one as it was counted when it was loaded.
        facts_used: of these, in a statement.
        set_aside: the others, by reason.
        rows: rows written, by table.
        batches: transactions committed.
        retries: reads that were tried again.
        stages: seconds spent in each stage, added up over threads, which overlap.
        worker_utilisation: share of the workers' time in which they had a file.
        io_wait: share of the workers' time in which they waited for the source.
        deepest_queue: the most batches that waited for the writer at once.
        coverage: of the index, in the database as it is after the run.
        core_lines: their completeness, in the database as it is after the run.
        checks: what the validation found; empty when it was not run.
    """

    run_id: int
    status: str
    database: str
    source: str
    synthetic: bool
    vintage: str
    as_of: str | None
    started_at: str
    settings: dict[str, str | int | float | bool | None]
    companies: int
    completed: int
    kept: int
    failures: list[Failure]
    unmapped: list[UnmappedSymbol]
    notes: list[str]
    seconds: float
    peak_memory_mb: float
    start_memory_mb: float
    workers: int
    bytes_read: int
    database_bytes_before: int
    database_bytes_after: int
    facts_read: int
    facts_used: int
    set_aside: dict[str, int]
    rows: dict[str, int]
    batches: int
    retries: int
    stages: dict[str, float]
    worker_utilisation: float
    io_wait: float
    deepest_queue: int
    coverage: Coverage
    core_lines: list[CoreLine]
    checks: list[CheckResult] = field(default_factory=list)
    unchanged: int = 0  # the report of an earlier version has no such figure

    @property
    def loaded(self) -> int:
        """Companies that this part of the run loaded."""
        return self.completed - self.kept - self.unchanged

    @property
    def companies_per_minute(self) -> float:
        """Companies that ended in this part of the run, loaded or failed, a minute."""
        return (self.loaded + len(self.failures)) * 60 / self.seconds if self.seconds else 0.0

    @property
    def error_rate(self) -> float:
        """Share of the companies that failed."""
        return len(self.failures) / self.companies if self.companies else 0.0

    @property
    def memory_per_worker_mb(self) -> float:
        """What the run needed above what the process had when it began, for each worker."""
        return max(self.peak_memory_mb - self.start_memory_mb, 0.0) / max(self.workers, 1)

    @property
    def database_growth_mb(self) -> float:
        """MiB by which the database grew."""
        return (self.database_bytes_after - self.database_bytes_before) / _MB

    @property
    def completeness(self) -> float | None:
        """Share of the core lines' cells that are filled; None where there are no cells."""
        cells = sum(line.cells for line in self.core_lines)
        return sum(line.filled for line in self.core_lines) / cells if cells else None

    @property
    def facts_unexplained(self) -> int:
        """Facts read that are neither used nor set aside: 0, or something is wrong."""
        return self.facts_read - self.facts_used - sum(self.set_aside.values())

    @property
    def unmapped_reasons(self) -> dict[str, int]:
        """How many symbols are unmapped for each reason, the most frequent first; reasons that name a file are one."""
        return dict(Counter(_FILE_NAMES.sub("CIK##########.json", symbol.reason) for symbol in self.unmapped).most_common())

    @property
    def goals(self) -> list[Goal]:
        """The promised figures with the measured ones."""
        rate = self.companies_per_minute
        completeness = self.completeness
        for_500 = 500 * 60 / rate if rate else 0.0
        tells_speed = self.loaded + len(self.failures) >= FEWEST_FOR_SPEED
        fast = rate > TARGET_COMPANIES_PER_MINUTE if tells_speed else None
        in_time = for_500 < TARGET_SECONDS_FOR_500 if tells_speed else None
        speed = [
            Goal("Speed", rate, "companies/minute", f"over {TARGET_COMPANIES_PER_MINUTE:g}", fast),
            Goal("Time for 500", for_500, "s", f"under {TARGET_SECONDS_FOR_500:g} s", in_time),
        ]
        goals = [
            # A run that found nothing to do has no speed.
            *(speed if rate else ()),
            Goal(
                "Peak memory", self.peak_memory_mb, "MiB", f"under {TARGET_PEAK_MB:g} MiB", self.peak_memory_mb < TARGET_PEAK_MB
            ),
            Goal(
                "Memory a worker",
                self.memory_per_worker_mb,
                "MiB",
                f"about {TARGET_MB_PER_WORKER:g} MiB",
                None if self.loaded < self.workers else self.memory_per_worker_mb <= TARGET_MB_PER_WORKER,
            ),
            Goal("Database growth", self.database_growth_mb, "MiB", f"about {TARGET_DATABASE_MB:g} MiB for the index", None),
            Goal(
                "Error rate",
                100 * self.error_rate,
                "%",
                f"under {100 * TARGET_ERROR_RATE:g} %",
                self.error_rate < TARGET_ERROR_RATE,
            ),
        ]
        if completeness is not None:
            goals.append(
                Goal(
                    "Core lines filled",
                    100 * completeness,
                    "%",
                    f"over {100 * TARGET_COMPLETENESS:g} %",
                    completeness > TARGET_COMPLETENESS,
                )
            )
        return goals
