"""One cell explained: its value or its absence, from the source."""

from __future__ import annotations

import re
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Final, cast

from loader.database.items import Cell, stored_value
from loader.errors import UsageError
from loader.explain.absence import absence
from loader.explain.history import vintages_of
from loader.explain.model import Explanation
from loader.explain.reread import Reread, read_again
from loader.explain.workbook import Place, Workbook
from loader.reference import Statement
from loader.reference.concepts import lines
from loader.standardize import workings
from loader.standardize.periods import TRAILING

#: Levels of formulas below the value that are shown.
DEPTH: Final = 2

_PERIODS: Final = ("Q1", "Q2", "Q3", "Q4", "FY", "TTM", "T")
_TTM_OF: Final = re.compile(r"TTM[- ]?Q([1-4])")


def explain(db: Path, symbol: str, line: str, *, year: int, period: str, as_of: date | None = None) -> Explanation:
    """Tell where the number in a cell comes from, or why there is none, by reading the source again.

    Args:
        db: the database; its vintage counts, and its as-of date unless another one is given.
        symbol: in any spelling.
        line: a column of the statements, or an auxiliary line of statement_items.
        year: the fiscal year as the company labels it.
        period: FY, Q1 to Q4, T, or TTM: the twelve months to the last quarter of that year that has them; TTM-Q2 for those to
            the second quarter.
        as_of: as it was known on this day; None for what the database was made with.

    Raises:
        UsageError: the symbol, the line or the period is unknown.
        InputError: the source is gone or unusable.
    """
    statement = _statement_of(line)
    wanted = _period(period)
    source = read_again(db, symbol, as_of=as_of)
    book = Workbook(workings(source.facts, source.rules))
    place = _find(book, line, year, wanted, source)
    end: date = book.places[place]["end_date"]
    value = book.value(line, place, DEPTH)
    stored = stored_value(db, source.stock.id, Cell(statement, line, wanted.partition("-")[0], end))
    remarks = source.remarks
    if source.of_the_database and not remarks and stored != (None if value is None else value.value):
        remarks = ("the stored value is another one although file and rules are the same: load the company again",)
    return Explanation(
        symbol=source.stock.symbol,
        company=source.company,
        cik=source.cik,
        files=source.files,
        statement=statement,
        line=line,
        period=wanted,
        year=year,
        start=None if statement == "balance" else book.places[place]["start_date"],
        end=end,
        vintage=source.rules.vintage,
        as_of=source.rules.as_of,
        value=value,
        considered=book.considered(line, place),
        vintages=vintages_of(book, line, place, source.rules.as_of),
        absence=absence(book, line, place, end) if value is None else None,
        stored=stored,
        compared=source.of_the_database,
        remarks=remarks,
    )


def _statement_of(line: str) -> Statement:
    known: dict[str, str] = dict(lines().select("line", "statement").iter_rows())
    if line not in known:
        close = get_close_matches(line.lower().replace(" ", "_").replace("-", "_"), known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else "the columns of the statements are lines"
        raise UsageError(f"no statement has a line {line!r}: {hint}")
    return cast("Statement", known[line])


def _period(text: str) -> str:
    name = text.strip().upper()
    if found := _TTM_OF.fullmatch(name):
        return f"TTM-Q{found[1]}"
    if name not in _PERIODS:
        close = get_close_matches(name, _PERIODS, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]}? It" if close else "it"
        raise UsageError(f"unknown period {text!r}: {hint} can be {', '.join(_PERIODS)}, or TTM-Q2 for the twelve months to a Q2")
    return name


def _find(book: Workbook, line: str, year: int, period: str, source: Reread) -> Place:
    """The place of a period of a fiscal year; of several, the one that has the line, then the last one."""
    statement = _statement_of(line)
    if statement == "balance" and period.startswith("TTM"):
        raise UsageError(f"{line} is of the balance sheet, which has days, no periods: give FY or Q1 to Q4")
    fits = [place for place, dates in book.places.items() if dates["year"] == year and _is(place, period, statement)]
    if not fits:
        labels = sorted({dates["year"] for place, dates in book.places.items() if _is(place, period, statement)})
        known = f"its years are {labels[0]} to {labels[-1]}" if labels else f"it has no {period} in any year"
        as_of = f" as of {source.rules.as_of}" if source.rules.as_of else ""
        raise UsageError(f"{source.stock.symbol} has no {period} of {year}{as_of}: {known}")
    return max(fits, key=lambda place: (book.row(line, place) is not None, book.places[place]["end_date"]))


def _is(place: Place, period: str, statement: Statement) -> bool:
    _, from_q, to_q = place
    if period == "T":
        return to_q == 0
    if period.startswith("TTM"):
        return from_q == TRAILING and period in ("TTM", f"TTM-Q{to_q}")
    if statement == "balance":
        return from_q == to_q == (4 if period == "FY" else int(period[1]))
    return (from_q, to_q) == ((1, 4) if period == "FY" else (int(period[1]),) * 2)
