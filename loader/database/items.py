"""Single values out of the database, with their names as `statement_items` has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from loader.database.connection import quoted, reading
from loader.reference import Statement

_DEFAULT_VIEW = "statement_items"


@dataclass(frozen=True, slots=True)
class Cell:
    """A place for a value.

    Attributes:
        statement: which one the line is in.
        line: a column of the statement, or an auxiliary line.
        period: FY, Q1 to Q4, TTM or T.
        end: last day of the period.
    """

    statement: Statement
    line: str
    period: str
    end: date


def stored_value(db: Path, stock_id: int, cell: Cell) -> float | None:
    """The value that the database holds in a cell of a stock's statements; None where it is empty."""
    with reading(db) as connection:
        named = connection.execute("SELECT value FROM loader_meta WHERE key = 'statement_items_view'").fetchone()
        view = named[0] if named and named[0] else _DEFAULT_VIEW
        row = connection.execute(
            f"SELECT value FROM {quoted(view)} WHERE stock_id = ? AND statement = ? AND line = ? AND period = ? AND end_date = ?",
            (stock_id, cell.statement, cell.line, cell.period, cell.end.isoformat()),
        ).fetchone()
    return None if row is None or row[0] is None else float(row[0])
