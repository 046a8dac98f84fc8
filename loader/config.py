"""The settings of an extraction: names and defaults of the original, checked once, frozen afterwards."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields

from loader.errors import UsageError

#: The interpreter with Polars, DuckDB and Arrow imported takes about 150 MiB before the first file is read.
MIN_MEMORY_MB = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionConfig:
    """How a run uses the machine. None of it changes what is loaded.

    Attributes:
        max_workers: reader threads.
        max_file_readers: how many of them may read from storage at the same moment.
        batch_size: companies in one batch, which is one transaction (see `companies_per_transaction`).
        transaction_timeout: seconds that a transaction may take, waiting for another writer included.
        max_memory_mb: resident memory of the process, in MiB, that a run stays under.
        file_read_timeout: seconds that reading one file may take.
        progress_interval: seconds between progress lines where there is no terminal, and between state-file updates.
        checkpoint_interval: a transaction, which is a checkpoint, holds at most this many companies.
        threads: batches that are standardised at the same time, and threads that sort exported facts; None means one batch for
            two cores, and a sorting thread for each.
    """

    max_workers: int = 10
    max_file_readers: int = 10
    batch_size: int = 50
    transaction_timeout: float = 30.0
    max_memory_mb: int = 2048
    file_read_timeout: float = 30.0
    progress_interval: float = 10.0
    checkpoint_interval: int = 100
    threads: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.name == "threads":
                continue
            least = MIN_MEMORY_MB if field.name == "max_memory_mb" else 1 if isinstance(field.default, int | None) else 0.001
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < float("inf"):
                raise UsageError(f"{field.name} is {value!r}: give a number of at least {least}")

    @property
    def companies_per_transaction(self) -> int:
        """At most this many companies are committed together."""
        return min(self.batch_size, self.checkpoint_interval)

    @property
    def standardizing_threads(self) -> int:
        """Batches that are standardised at the same time, beside readers and the writer, which have the other cores.

        All share the interpreter's lock: on two cores two at a time took 6 % less time than one, with 9 % more processor time.
        """
        return self.threads or max(1, (os.cpu_count() or 1) // 2)

    @property
    def sorting_threads(self) -> int:
        """Threads that sort exported facts, when all else is done."""
        return self.threads or os.cpu_count() or 1
