"""The queue of tasks, and what the readers make of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from loader.pipeline.memory import Lease
from loader.pipeline.tasks import Task


@dataclass(frozen=True, slots=True)
class Ticket:
    """A task on its way: its place in the run's order, and how often its files were read without success."""

    order: int
    task: Task
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Collected:
    """A task after reading: facts, or the reason why there are none.

    Attributes:
        ticket: the task, with the attempts that it took.
        lease: its part of the memory budget; None for a failed task.
        facts: of all its files, under its current CIK, a batch for each file; none for a failed task.
        reason: one line, for a failed task.
        entity_name: as its first file has it.
        size: bytes read.
        fingerprint: of the files as they were read.
        facts_read: facts in its files.
        set_aside: facts that are not in `facts`, by reason.
    """

    ticket: Ticket
    lease: Lease | None = None
    facts: Sequence[pa.RecordBatch] = ()
    reason: str | None = None
    entity_name: str | None = None
    size: int = 0
    fingerprint: str | None = None
    facts_read: int = 0
    set_aside: Mapping[str, int] = field(default_factory=dict)


class TaskQueue:
    """Tasks in order; a task whose reader got stuck comes to the front again."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._tickets = deque(Ticket(order, task) for order, task in enumerate(tasks))
        self._lock = threading.Lock()

    def take(self) -> Ticket | None:
        """The next task, or None when there is none now."""
        with self._lock:
            return self._tickets.popleft() if self._tickets else None

    def again(self, ticket: Ticket) -> None:
        """Put a task back."""
        with self._lock:
            self._tickets.appendleft(ticket)
