"""Explanations and statements as text for a terminal of 100 columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from loader.explain.model import Absence, Explanation, Part, StatedFact, Value, Vintage
from loader.explain.table import Column, StatementTable
from loader.reference import LINES, Statement
from loader.reference.captions import caption
from loader.reference.concepts import lines
from loader.standardize.per_share import SHARES_BY_DAYS, SHARES_BY_QUARTERS

WIDTH: Final = 100

_STATEMENTS: Final[dict[Statement, str]] = {
    "income": "income statement",
    "balance": "balance sheet",
    "cashflow": "cash-flow statement",
}
_MISSING: Final = "\N{EN DASH}"
_MILLION: Final = 1e6
#: Below this, millions without a decimal say too little.
_SMALL: Final = 1e9


def explanation_text(explained: Explanation) -> str:
    """An explanation for a person who doubts the number."""
    value = explained.value
    name = f"{explained.symbol}{f' ({explained.company})' if explained.company else ''}"
    span = f"{explained.start} to {explained.end}" if explained.start else f"at {explained.end}"
    what = f"{_STATEMENTS[explained.statement]}, {explained.period.replace('-', ' to ')} {explained.year}"
    text = [f"{name}: {caption(explained.line)}, {what} ({span})"]
    text.append(_headline(value))
    text.append("")
    if value is not None:
        text += ["  " + line for line in _origin(value)]
    if explained.absence is not None:
        text += _absence_lines(explained.absence)
    if explained.considered:
        text += ["", f"What else {'states this line' if value else 'could state it'}, and why it is not taken:"]
        for rival in explained.considered:
            text += [
                f"  {rival.concept}: {_number(rival.value)} ({rival.method}; {rival.filing.form} of {rival.filing.filed})",
                f"    {rival.reason}",
            ]
    if explained.vintages:
        text += ["", "Filings that state this fact, oldest first:", *_vintage_lines(explained.vintages)]
    text += ["", *_closing(explained)]
    return "\n".join(text)


def _headline(value: Value | None) -> str:
    if value is None:
        return "no value (NULL)"
    how = "as reported" if value.fact is not None else f"derived: {value.method}"
    if value.fact is not None and value.fact.repair is not None:
        how = f"reported as {_number(value.fact.raw_value or 0.0)}, put right: {value.fact.repair}"
    return f"{_number(value.value)} {value.unit}, {how}"


def _origin(value: Value) -> list[str]:
    if value.fact is not None:
        return _fact_lines(value.fact)
    if value.parts:
        return [line for part in value.parts for line in _part_lines(part, by_days=_goes_by_days(value))]
    return [f"of what {value.line} was made of, no more is known than the formula: {value.method}"]


def _fact_lines(fact: StatedFact) -> list[str]:
    span = f"{fact.start} to {fact.end}" if fact.start else f"at {fact.end}"
    return [
        f"{fact.concept}, {span}",
        f"{fact.filing.form} {fact.filing.accession}, filed {fact.filing.filed}",
    ]


def _part_lines(part: Part, *, by_days: bool) -> list[str]:
    """A term on one line, where it is from on the next, and below, indented, what it is made of itself."""
    value = part.value
    days = f" over {(value.end - value.start).days + 1} days" if by_days and value.start else ""
    text = [f"{part.sign} {_number(value.value)}  {value.line}, {value.period} {value.year}{days}"]
    if value.fact is not None:
        fact = value.fact
        span = f"{fact.start} to {fact.end}" if fact.start else f"{fact.end}"
        text.append(f"    {fact.concept.partition(':')[2]}, {span}")
        text.append(f"    {fact.filing.form} {fact.filing.accession}, filed {fact.filing.filed}")
        if fact.repair is not None:
            text.append(f"    filed as {_number(fact.raw_value or 0.0)}, put right: {fact.repair}")
        return text
    text.append(f"    {value.method}")
    for inner in value.parts:
        text += [f"    {line}" for line in _part_lines(inner, by_days=_goes_by_days(value))]
    return text


def _goes_by_days(value: Value) -> bool:
    return value.method in (SHARES_BY_DAYS, SHARES_BY_QUARTERS)


def _vintage_lines(vintages: Sequence[Vintage]) -> list[str]:
    adjusted = any(one.value != one.on_todays_basis for one in vintages)
    rows = [
        (
            ">" if one.chosen else " ",
            str(one.filing.filed),
            one.filing.form,
            one.filing.accession,
            _number(one.value),
            *([_number(one.on_todays_basis)] if adjusted else []),
            one.change,
        )
        for one in vintages
    ]
    heads = (" ", "filed", "form", "accession", "as filed", *(["as used"] if adjusted else []), "")
    numbers = {4, 5} if adjusted else {4}
    widths = [max(len(row[i]) for row in (heads, *rows)) for i in range(len(heads))]
    return [
        "  ".join(
            cell.rjust(width) if i in numbers else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (heads, *rows)
    ]


def _absence_lines(absence: Absence) -> list[str]:
    there = [one for one in absence.concepts if one.facts]
    text = []
    if not there:
        text.append("The file has none of the concepts that state this line: the company does not report it, or reports it")
        text.append("under a concept of its own or by segments, which companyfacts leaves out.")
    else:
        text.append("Concepts that state this line, and what the file has of them:")
    for one in there:
        text.append(f"  {one.concept}: {one.facts} facts, for periods that end {one.first_end} to {one.last_end}")
        text.append(f"    {one.note or 'none for this period'}")
    silent = [one.concept.partition(":")[2] for one in absence.concepts if not one.facts]
    if silent:
        text += _wrapped("  not in the file: ", silent)
    if absence.formulas:
        text += ["", f"Formulas that give it (the company's template is {absence.template}):"]
        text += [f"  {one.formula}: {one.lacks}" for one in absence.formulas]
    return text


def _closing(explained: Explanation) -> list[str]:
    kind = "first-reported values" if explained.vintage == "original" else "the last word of the periodic reports"
    as_of = f", as known on {explained.as_of}" if explained.as_of else ""
    stored = "NULL" if explained.stored is None else _number(explained.stored)
    text = [f"{kind[0].upper()}{kind[1:]}{as_of}; read again from {', '.join(explained.files)}"]
    if not explained.compared:
        text.append(f"The database, which is not as of that day, holds {stored}.")
    elif explained.stored == (explained.value.value if explained.value else None):
        text.append("The database holds the same value." if explained.value else "The database holds none either.")
    else:
        text.append(f"The database holds another value: {stored}.")
    text += [f"Note: {remark}." for remark in explained.remarks]
    return text


def _wrapped(first: str, words: Iterable[str]) -> list[str]:
    text, line = [], first
    for word in words:
        if len(line) + len(word) + 1 > WIDTH:
            text.append(line.rstrip())
            line = "    "
        line += f"{word}, "
    return [*text, line.rstrip(", ")]


def _number(value: float) -> str:
    """In full: whole numbers without decimals, others with up to six."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.6f}".rstrip("0")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The cells of a statement as text, with what was left out."""

    rows: list[tuple[str, list[str]]]
    absent: list[str]


def table_text(table: StatementTable, periods: int) -> tuple[str, int]:
    """A statement side by side, the newest period at the right.

    Args:
        table: the statement, oldest period first.
        periods: how many of the newest to show.

    Returns:
        The text, and how many periods it has: fewer than asked for where they do not fit in `WIDTH` columns.
    """
    columns = table.columns[-periods:]
    while True:
        heads = [_head(column, columns) for column in columns]
        sheet = _sheet(table.statement, columns)
        captions = max(len(name) for name, _ in sheet.rows) if sheet.rows else 0
        widths = [
            max(*(len(line) for line in head), *(len(cells[i]) for _, cells in sheet.rows), 0) for i, head in enumerate(heads)
        ]
        if captions + sum(width + 2 for width in widths) <= WIDTH or len(columns) == 1:
            break
        columns = columns[1:]
    text = [_title(table, columns)]
    rows = [("", [head[line] for head in heads]) for line in range(len(heads[0]))]
    rows += [("─" * captions, ["─" * width for width in widths]), *sheet.rows]
    text += [
        name.ljust(captions) + "".join(f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        for name, cells in rows
    ]
    if sheet.absent:
        text += ["", *_wrapped("Not there in any of these periods: ", sheet.absent)]
    text += ["", *_filings(columns)]
    return "\n".join(text), len(columns)


def _title(table: StatementTable, columns: Sequence[Column]) -> str:
    currencies = sorted({column.currency for column in columns if column.currency})
    unit = f"millions of {' and '.join(currencies)}" if currencies else "millions"
    rest = ", shares in millions" if table.statement == "balance" else ""
    if table.statement == "income":
        rest = ", shares in millions, per-share values in full"
    as_of = f", as known on {table.as_of}" if table.as_of else ""
    return f"{table.symbol} ({table.company}): {_STATEMENTS[table.statement]}{as_of}\nin {unit}{rest}\n"


def _head(column: Column, columns: Sequence[Column]) -> tuple[str, ...]:
    head = (f"{column.period} {column.year}", str(column.end))
    mixed = len({other.currency for other in columns}) > 1
    return (*head, column.currency or "") if mixed else head


def _sheet(statement: Statement, columns: Sequence[Column]) -> _Sheet:
    kinds: dict[str, str] = dict(lines().select("line", "unit").iter_rows())
    money = [abs(value) for column in columns for line, value in column.values.items() if value and kinds[line] == "money"]
    decimals = 0 if max(money, default=0.0) >= _SMALL else 1
    in_words: dict[str, Callable[[float], str]] = {
        "money": lambda value: f"{value / _MILLION:,.{decimals}f}",
        "shares": lambda value: f"{value / _MILLION:,.1f}",
        "per_share": lambda value: f"{value:,.2f}",
    }
    sheet = _Sheet([], [])
    for line in LINES[statement]:
        values = [column.values[line] for column in columns]
        if all(value is None for value in values):
            sheet.absent.append(caption(line).lower() if not caption(line).startswith("EPS") else caption(line))
        else:
            write = in_words[kinds[line]]
            sheet.rows.append((caption(line), [_MISSING if value is None else _no_minus_zero(write(value)) for value in values]))
    return sheet


def _no_minus_zero(text: str) -> str:
    return text.lstrip("-") if not text.strip("-0.") else text


def _filings(columns: Sequence[Column]) -> list[str]:
    return [
        f"{f'{column.period} {column.year}':<9} {column.filing.form:<6} {column.filing.accession}, filed {column.filing.filed}"
        for column in columns
    ]
