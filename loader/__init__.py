"""SEC EDGAR company facts into income statements, balance sheets and cash flows in SQLite.

The names here are the public interface; they are imported when they are first used, so that `import loader` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loader.config import ExtractionConfig
    from loader.database import (
        content_hash,
        ensure_schema,
        import_default_stocks,
        import_stocks_csv,
        read_statements,
        refresh_mappings,
    )
    from loader.errors import (
        DatabaseBusyError,
        DatabaseError,
        DocumentError,
        InputError,
        InterruptedRunError,
        LoaderError,
        MissingFileError,
        OutputError,
        ReadError,
        ReadTimeoutError,
        RunLockedError,
        SchemaError,
        TransientReadError,
        UsageError,
    )
    from loader.export import FactSet
    from loader.pipeline import ExtractRequest, RunResult, Snapshot, export_facts, extract, plan, resume
    from loader.report import CheckResult, CompletionReport, complete, read_report, run_checks
    from loader.sources import open_source
    from loader.standardize import Rules, Statements, standardize

    __version__: str

__all__ = [
    "CheckResult",
    "CompletionReport",
    "DatabaseBusyError",
    "DatabaseError",
    "DocumentError",
    "ExtractRequest",
    "ExtractionConfig",
    "FactSet",
    "InputError",
    "InterruptedRunError",
    "LoaderError",
    "MissingFileError",
    "OutputError",
    "ReadError",
    "ReadTimeoutError",
    "Rules",
    "RunLockedError",
    "RunResult",
    "SchemaError",
    "Snapshot",
    "Statements",
    "TransientReadError",
    "UsageError",
    "__version__",
    "complete",
    "content_hash",
    "ensure_schema",
    "export_facts",
    "extract",
    "import_default_stocks",
    "import_stocks_csv",
    "open_source",
    "plan",
    "read_report",
    "read_statements",
    "refresh_mappings",
    "resume",
    "run_checks",
    "standardize",
]

_ROOMS = {
    "config": ("ExtractionConfig",),
    "database": (
        "content_hash",
        "ensure_schema",
        "import_default_stocks",
        "import_stocks_csv",
        "read_statements",
        "refresh_mappings",
    ),
    "export": ("FactSet",),
    "pipeline": ("ExtractRequest", "RunResult", "Snapshot", "export_facts", "extract", "plan", "resume"),
    "report": ("CheckResult", "CompletionReport", "complete", "read_report", "run_checks"),
    "sources": ("open_source",),
    "standardize": ("Rules", "Statements", "standardize"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415  # quick to import, but not free

        return version("loader")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # A name that is not in the table is one of the error classes.
    return getattr(import_module(f"loader.{_ROOM_OF.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return __all__
