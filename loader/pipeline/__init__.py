"""The run: tasks from the mappings, ten readers, batches, one writer, and what happens when something goes wrong."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

    def __getattr__(name: str) -> Any:
        # Imported when it is first used: it takes the readers with it, which a run that leaves every company alone does without.
        if name != "export_facts":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return import_module("loader.pipeline.facts").export_facts


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
