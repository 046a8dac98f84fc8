"""The run: tasks from the mappings, ten readers, batches, one writer, and what happens when something goes wrong."""

from loader.pipeline.facts import export_facts
from loader.pipeline.live import LiveState, read_state
from loader.pipeline.lock import is_locked
from loader.pipeline.plan import DEFAULT_TICKERS, ExtractRequest, Plan, plan
from loader.pipeline.progress import Listener, Phase, Snapshot, Stage, WorkerView
from loader.pipeline.result import FailedCompany, RunResult
from loader.pipeline.run import Observer, extract, resume
from loader.pipeline.tasks import Task, TaskFile

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
