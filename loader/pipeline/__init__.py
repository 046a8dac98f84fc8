"""The run: tasks from the mappings, ten readers, batches, one writer, and what happens when something goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loader._lazy import at_first_use
from loader.pipeline.live import LiveState, read_state
from loader.pipeline.lock import is_locked
from loader.pipeline.plan import DEFAULT_TICKERS, ExtractRequest, Plan, plan
from loader.pipeline.progress import Listener, Phase, Snapshot, Stage, WorkerView
from loader.pipeline.result import FailedCompany, RunResult
from loader.pipeline.run import extract, resume
from loader.pipeline.tasks import Task, TaskFile
from loader.pipeline.watch import Observer

if TYPE_CHECKING:
    from loader.pipeline.facts import export_facts
else:
    # It takes the readers with it, which a run that leaves every company alone does without.
    __getattr__ = at_first_use(__name__, {"export_facts": "facts"})

__all__ = [
    "DEFAULT_TICKERS",
    "ExtractRequest",
    "FailedCompany",
    "Listener",
    "LiveState",
    "Observer",
    "Phase",
    "Plan",
    "RunResult",
    "Snapshot",
    "Stage",
    "Task",
    "TaskFile",
    "WorkerView",
    "export_facts",
    "extract",
    "is_locked",
    "plan",
    "read_state",
    "resume",
]
