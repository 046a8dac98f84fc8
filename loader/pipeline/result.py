"""What a run did, measured in that run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from loader.database import Unmapped
from loader.database.runs import RunStatus
from loader.export import FactSet
from loader.pipeline.progress import Stage


@dataclass(frozen=True, slots=True)
class FailedCompany:
    """A company that could not be loaded, and why in one line."""

    symbols: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """A run that came to its end.

    Attributes:
        run_id: in `extraction_runs`.
        status: `completed` or `completed_with_failures`.
        source: where the files were.
        companies: asked for.
        completed: of these.
        kept: of the completed, those that an earlier part of a resumed run had loaded and that had not changed.
        unchanged: of the completed, those that an earlier run had loaded and that were left alone: they would come out the same.
        failed: the others.
        unmapped: members of the index for which there was no file.
        notes: what was changed or settled in preparation, one line each.
        seconds: wall time of the run, or of its resumption.
        start_memory_mb: resident memory of the process when the run began, in MiB.
        peak_memory_mb: the most of it during the run.
        workers: reader threads; fewer than were asked for where the memory limit cannot feed them.
        bytes_read: of the source.
        facts_read: facts in the files of the completed companies; of an unchanged one as it was counted when it was loaded.
        facts_used: of these, in a statement.
        set_aside: the others, by reason.
        rows: rows written, by table.
        batches: transactions committed.
        retries: reads that were tried again.
        stages: seconds by stage, summed over threads, which overlap.
        worker_utilisation: share of the workers' time in which they read or flattened a file.
        io_wait: share of the workers' time in which they waited for the source.
        deepest_queue: the most batches that waited for the writer at once.
        database_bytes_before: the database with its write-ahead log.
        database_bytes_after: the same at the end.
        facts: the set of all facts; None where none was asked for, or no file could be read.
    """

    run_id: int
    status: RunStatus
    source: str
    companies: int
    completed: int
    kept: int
    failed: tuple[FailedCompany, ...]
    unmapped: tuple[Unmapped, ...]
    notes: tuple[str, ...]
    seconds: float
    start_memory_mb: float
    peak_memory_mb: float
    workers: int
    bytes_read: int
    facts_read: int
    facts_used: int
    set_aside: Mapping[str, int]
    rows: Mapping[str, int]
    batches: int
    retries: int
    stages: Mapping[Stage, float]
    worker_utilisation: float
    io_wait: float
    deepest_queue: int
    database_bytes_before: int
    database_bytes_after: int
    facts: FactSet | None = None
    unchanged: int = 0  # the measurements of a run of an earlier version have no such figure
