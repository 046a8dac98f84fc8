"""The vintages of a fact: every filing that stated it, and whether it said something new."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import polars as pl

from loader.explain.model import Vintage
from loader.explain.workbook import Place, Row, Workbook, filing
from loader.standardize.calendars import BOUNDARY_SLACK_DAYS
from loader.standardize.forms import STATEMENT_FORMS
from loader.standardize.standardizer import REPORTED

#: No report is presented in coarser units than millions, however many zeros a number ends with; none per share than in cents.
_COARSEST: Final = {"money": 6, "shares": 6, "per_share": -2}


def same_but_for_rounding(one: float, other: float, kind: str, *, scales: tuple[float, float] = (1.0, 1.0)) -> bool:
    """Whether two statements of a number differ by rounding only (rule 3.2): equal when rounded to the coarser unit.

    Args:
        one: a number.
        other: the same number, stated elsewhere.
        kind: money, shares or per_share.
        scales: what each was multiplied by after it was filed; its unit grew by the same.
    """
    units = [10.0 ** _last_digit(value / scale, kind) * scale for value, scale in zip((one, other), scales, strict=True)]
    # A half is rounded up by one filer and down by another; the margin is for binary fractions.
    return abs(one - other) <= max(units) / 2 * (1 + 1e-9)


def _last_digit(value: float, kind: str) -> int:
    """The power of ten of the last digit that is stated."""
    digits = Decimal(repr(value)).normalize().as_tuple()
    exponent = digits.exponent if isinstance(digits.exponent, int) else 0
    return _COARSEST[kind] if value == 0 else min(exponent, _COARSEST[kind])


def vintages_of(book: Workbook, line: str, place: Place, as_of: date | None) -> tuple[Vintage, ...]:
    """Every filing (by a day) that stated the fact which gives a line, oldest first; none where the line is derived or empty."""
    value = book.row(line, place)
    if value is None or value["method"] != REPORTED:
        return ()
    row, kind = value["row"], value["line_unit"]
    chosen = book.fact_row(row)
    slack = timedelta(days=BOUNDARY_SLACK_DAYS)
    near = (pl.col("end") - chosen["end"]).abs() <= slack
    near &= pl.col("start").is_null() if chosen["start"] is None else (pl.col("start") - chosen["start"]).abs() <= slack
    same = book.facts.filter(
        (pl.col("concept_id") == chosen["concept_id"]) & (pl.col("unit").cast(pl.String) == chosen["unit"]) & near
    )
    if as_of is not None:
        same = same.filter(pl.col("filed") <= as_of)
    found: list[Vintage] = []
    before: tuple[Row, float, float] | None = None
    for fact in same.sort("filed", "accession", "start", "end", "value").with_columns(pl.col("form").cast(pl.String)).to_dicts():
        repaired = book.repaired(fact["row"])
        as_used: float = repaired["value"] if repaired else fact["value"]
        if repaired is None and before is not None and fact["value"] == before[0]["value"]:
            # What a better form overrules was not repaired; the same amount is the same all the same.
            as_used = before[1]
        scale = as_used / fact["value"] if fact["value"] else 1.0
        if fact["form"] not in STATEMENT_FORMS:
            change = "not looked at: this form carries no statements"
        elif before is None:
            change = "first stated"
        else:
            change = _change(before[1], as_used, kind, (before[2], scale), fact["value"] == before[0]["value"])
        if fact["form"] in STATEMENT_FORMS:
            if repaired is None and change != "first stated":
                change += "; a report of a better kind states it too"
            before = (fact, as_used, scale)
        found.append(
            Vintage(
                filing=filing(fact["accession"], fact["form"], fact["filed"]),
                value=fact["value"],
                on_todays_basis=as_used,
                change=change,
                chosen=fact["row"] == row,
            )
        )
    return tuple(found)


def _change(before: float, now: float, kind: str, scales: tuple[float, float], as_filed: bool) -> str:
    if now == before:
        return "the same" if as_filed else "the same on another basis"
    if same_but_for_rounding(before, now, kind, scales=scales):
        return "the same, rounded otherwise" if scales[0] == scales[1] else "the same after a split, rounded"
    return "restated"
