"""The database: its schema, stocks, mappings and run state through sqlite3, and its batches through DuckDB.

The functions re-exported here open the file through Python's `sqlite3` and close it before they return; none may run while
the writer has it attached in this process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loader._lazy import at_first_use
from loader.database.content_state import (
    Content,
    EarlierLoad,
    Held,
    LoadedCompany,
    claim_content,
    content_held,
    content_there,
    copy_reference,
    fold_wal,
    loaded_companies,
    mark_dead_runs,
)
from loader.database.filers import name_filers
from loader.database.mappings import (
    Mapping,
    MappingReport,
    Unmapped,
    list_mappings,
    list_successions,
    refresh_mappings,
    unmapped_symbols,
)
from loader.database.runs import (
    Run,
    RunTask,
    TaskRow,
    create_run,
    finish_run,
    last_run,
    previously_loaded,
    reopen_run,
    run_tasks,
)
from loader.database.schema import SCHEMA_VERSION, SchemaReport, ensure_schema
from loader.database.staging import staging_tables
from loader.database.stocks import Stock, StockImport, has_members, import_default_stocks, import_stocks_csv, list_stocks
from loader.database.symbols import symbol_key

if TYPE_CHECKING:
    from loader.database.content import content_hash
    from loader.database.read import read_statements
else:
    # What needs Polars, without which a run plans and a run that has nothing to load does.
    __getattr__ = at_first_use(__name__, {"content_hash": "content", "read_statements": "read"})

__all__ = [
    "SCHEMA_VERSION",
    "Content",
    "EarlierLoad",
    "Held",
    "LoadedCompany",
    "Mapping",
    "MappingReport",
    "Run",
    "RunTask",
    "SchemaReport",
    "Stock",
    "StockImport",
    "TaskRow",
    "Unmapped",
    "claim_content",
    "content_hash",
    "content_held",
    "content_there",
    "copy_reference",
    "create_run",
    "ensure_schema",
    "finish_run",
    "fold_wal",
    "has_members",
    "import_default_stocks",
    "import_stocks_csv",
    "last_run",
    "list_mappings",
    "list_stocks",
    "list_successions",
    "loaded_companies",
    "mark_dead_runs",
    "name_filers",
    "previously_loaded",
    "read_statements",
    "refresh_mappings",
    "reopen_run",
    "run_tasks",
    "staging_tables",
    "symbol_key",
    "unmapped_symbols",
]
