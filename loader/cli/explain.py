"""`loader explain` and `loader show`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec

from loader.cli.output import emit, emit_json, remark
from loader.explain import explain, statement_table
from loader.explain.table import Frequency
from loader.explain.text import explanation_text, table_text
from loader.reference import Statement


def explain_cell(db: Path, symbol: str, line: str, *, year: int, period: str, as_of: date | None, as_json: bool) -> None:
    """Print where a value comes from."""
    explained = explain(db, symbol, line, year=year, period=period, as_of=as_of)
    if as_json:
        emit_json(msgspec.to_builtins(explained))
    else:
        emit(explanation_text(explained))


def show_statement(
    db: Path, symbol: str, statement: Statement, *, frequency: Frequency, as_of: date | None, periods: int, as_json: bool
) -> None:
    """Print a statement side by side over its newest periods."""
    table = statement_table(db, symbol, statement, period=frequency, as_of=as_of)
    if as_json:
        data = msgspec.to_builtins(table)
        emit_json({**data, "columns": data["columns"][-periods:]})
        return
    text, shown = table_text(table, periods)
    emit(text)
    if shown < min(periods, len(table.columns)):
        remark(f"the newest {shown} of {periods} periods fit on a line; --json has them all")
