"""Why a cell is empty: which concepts and formulas could fill it, and what the file has of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import polars as pl

from loader.explain.model import Absence, FormulaGap, Presence
from loader.explain.workbook import Place, Workbook
from loader.reference.concepts import concept_ranks, formulas, lines
from loader.standardize.calendars import BOUNDARY_SLACK_DAYS
from loader.standardize.forms import STATEMENT_FORMS

_SLACK: Final = pl.duration(days=BOUNDARY_SLACK_DAYS)


def absence(book: Workbook, line: str, place: Place, end: date) -> Absence:
    """What stands in the way of a value.

    Args:
        book: the company's workings.
        line: that has no value.
        place: where.
        end: last day of the period.
    """
    line_id = lines().filter(pl.col("line") == line).get_column("line_id")[0]
    ranked = concept_ranks().filter(pl.col("line_id") == line_id).sort("tier", "rank")
    concepts = tuple(
        _presence(book, concept_id, templates, end)
        for concept_id, templates in ranked.select("concept_id", "templates").iter_rows()
    )
    gaps = tuple(
        FormulaGap(formula.text, _lacks(book, formula.terms, formula.templates, formula.unless, place))
        for formula in formulas()
        if formula.line == line
    )
    return Absence(book.template, concepts, gaps)


def _presence(book: Workbook, concept_id: int, templates: list[str] | None, end: date) -> Presence:
    facts = book.facts.filter(pl.col("concept_id") == concept_id)
    ends = facts.get_column("end")
    first, last = ends.min(), ends.max()
    here = facts.filter((pl.col("end") - pl.lit(end)).abs() <= _SLACK)
    note = None
    if templates is not None and book.template not in templates:
        note = f"not this line for the template {book.template}"
    elif here.height:
        note = _why_unused(here)
    return Presence(
        concept=book.concept(concept_id),
        facts=facts.height,
        first_end=first if isinstance(first, date) else None,
        last_end=last if isinstance(last, date) else None,
        note=note,
    )


def _why_unused(here: pl.DataFrame) -> str:
    """Facts for the very end of the period that still do not fill the cell: in other forms, or for other spans."""
    named = here.select(
        form=pl.col("form").cast(pl.String),
        days=(pl.col("end") - pl.col("start")).dt.total_days() + 1,
        unit=pl.col("unit").cast(pl.String),
    )
    of_statements = named.filter(pl.col("form").is_in(STATEMENT_FORMS))
    if of_statements.is_empty():
        return f"stated for this end only in forms that carry no statements: {_joined(named.get_column('form'))}"
    spans = of_statements.get_column("days").drop_nulls().unique().sort()
    units = _joined(of_statements.get_column("unit"))
    if spans.is_empty():
        return f"stated for this day in {units}, but not as a value that fits"
    return f"stated for spans to this end of {', '.join(map(str, spans))} days, in {units}; none of them gives this period"


def _lacks(
    book: Workbook, terms: tuple[tuple[int, str], ...], templates: tuple[str, ...], unless: tuple[str, ...], place: Place
) -> str:
    if templates and book.template not in templates:
        return f"holds for {_joined(templates)}, this company is {book.template}"
    missing = [term for _, term in terms if book.row(term, place) is None]
    if missing:
        return f"no {' and no '.join(missing)}"
    forbidding = [line for line in unless if _is_stated(book, line, place[0])]
    return f"the year states {_joined(forbidding)}" if forbidding else "not applied: a guard rejected the result"


def _is_stated(book: Workbook, line: str, fy_start: date) -> bool:
    rows = [book.row(line, at) for at in book.places if at[0] == fy_start]
    return any(row is not None and row["value"] != 0 for row in rows)


def _joined(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
