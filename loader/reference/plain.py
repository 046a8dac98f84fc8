"""What of the reference tables is needed before anything is standardised, read without Polars, which takes longer to import."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from loader.reference.statements import Statement


def table(name: str) -> list[dict[str, str]]:
    """The rows of a reference table, by column."""
    text = files("loader.reference").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def concept_numbers() -> dict[tuple[str, str], int]:
    """Every concept that a line can use, by taxonomy and name, with its `concept_id`: its place among all, by first mention."""
    numbers: dict[tuple[str, str], int] = {}
    for row in table("concepts.csv"):
        taxonomy, _, name = row["concept"].partition(":")
        numbers.setdefault((taxonomy, name), len(numbers))
    return numbers


@cache
def core_lines_by_template() -> frozenset[tuple[str, str, str]]:
    """The lines that a statement of an industry template should have: template, statement, line."""
    statement_of = {row["line"]: row["statement"] for row in table("lines.csv")}
    return frozenset(
        (template, statement_of[row["line"]], row["line"])
        for row in table("core_lines.csv")
        for template in row["templates"].split()
    )


@cache
def auxiliary_lines(statement: Statement) -> list[str]:
    """The lines of a statement that are no columns of its table, in the order of their columns."""
    return sorted(row["line"] for row in table("lines.csv") if row["statement"] == statement and row["column"] == "0")
