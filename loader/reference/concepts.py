"""Typed readers of the reference tables: lines, the concepts that can give them, the formulas that can derive them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: What the numbers of a line are counted in. Money and per-share lines also need the currency to fit.
UNIT_KINDS: Final = ("money", "per_share", "shares")

#: The type of columns that name a statement.
STATEMENT_TYPE: Final = pl.Enum(["balance", "cashflow", "income"])

#: The industry templates, and the type of columns that name one.
TEMPLATES: Final = ("bank", "diversified", "industrial", "insurance", "reit", "utility")
TEMPLATE_TYPE: Final = pl.Enum(TEMPLATES)

_LINE_SCHEMA: Final[dict[str, pl.DataType]] = {
    "line": pl.String(),
    "statement": pl.String(),
    "unit": pl.String(),
    "additive": pl.Int8(),
    "column": pl.Int8(),
    "nonnegative": pl.Int8(),
    "largest": pl.Int8(),
}
_CONCEPT_SCHEMA: Final[dict[str, pl.DataType]] = {
    "line": pl.String(),
    "rank": pl.UInt16(),
    "tier": pl.UInt16(),
    "concept": pl.String(),
    "templates": pl.String(),
}
_TERM: Final = re.compile(r"([+-]?)\s*([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Formula:
    """A linear formula over lines of one period: `line` = sum of sign x term, every term needed.

    Attributes:
        line: the line that it derives where the filing does not report it.
        text: the formula as it is shown to people, for example ``revenue - cost_of_revenue``.
        terms: pairs of sign (+1, -1) and line.
        templates: the industry templates that it holds for; empty for all.
        unless: lines that forbid it where the fiscal year states one of them (other than zero): net income is no stand-in for the
            income with noncontrolling interests where there are some.
    """

    line: str
    text: str
    terms: tuple[tuple[int, str], ...]
    templates: tuple[str, ...]
    unless: tuple[str, ...]


def _terms(text: str) -> tuple[tuple[int, str], ...]:
    return tuple((-1 if sign == "-" else 1, term) for sign, term in _TERM.findall(text))


def _read(name: str, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    data = files("loader.reference").joinpath(name).read_bytes()
    return pl.read_csv(BytesIO(data), schema=schema)


@cache
def lines() -> pl.DataFrame:
    """All lines: line_id, line (`line_type`), statement, unit (money, per_share, shares), additive, column, nonnegative, largest.

    `column` marks the lines of the contract, which are columns of the tables; the others are auxiliary.
    `largest` marks lines whose concepts of one tier can be a part of each other: of one filing, the largest is the whole.
    """
    frame = _read("lines.csv", _LINE_SCHEMA)
    return (
        frame.with_columns(pl.col("additive", "column", "nonnegative", "largest").cast(pl.Boolean))
        .with_row_index("line_id")
        .cast({"line_id": pl.UInt16, "line": line_type(), "statement": STATEMENT_TYPE, "unit": pl.Enum(UNIT_KINDS)})
    )


@cache
def line_type() -> pl.Enum:
    """The type of columns that name a line: small numbers, sorted as the names are."""
    return pl.Enum(_read("lines.csv", _LINE_SCHEMA).get_column("line").sort())


@cache
def lines_by_code() -> pl.DataFrame:
    """`lines`, each in the row of its code (`line_codes`)."""
    return lines().sort("line")


@cache
def line_codes() -> dict[str, int]:
    """What stands for each line in columns of `line_type`: its position among the names."""
    return {name: code for code, name in enumerate(line_type().categories)}


@cache
def concept_ranks() -> pl.DataFrame:
    """Which concepts can give which line: line_id, concept_id, rank, tier, templates (null for all).

    Concepts of one tier name the same whole line: the newest filing decides between them, then the rank. A lower tier is
    always preferred to a higher one.
    """
    frame = _read("concepts.csv", _CONCEPT_SCHEMA).cast({"line": line_type()})
    return (
        frame.join(concepts().select("concept", "concept_id"), on="concept", maintain_order="left")
        .join(lines().select("line", "line_id"), on="line", maintain_order="left")
        .select("line_id", "concept_id", "rank", "tier", pl.col("templates").str.split(" "))
    )


@cache
def concepts_of_templates() -> pl.DataFrame:
    """Which concepts can give which line in which industry.

    concept_id, template, line_id, line, statement, line_unit, rank, tier, largest.
    """
    ranks = concept_ranks().with_columns(pl.col("templates").fill_null(list(TEMPLATES)))
    return (
        ranks.explode("templates")
        .select("concept_id", "line_id", "rank", "tier", template=pl.col("templates").cast(TEMPLATE_TYPE))
        .join(lines().select("line_id", "line", "statement", "largest", line_unit="unit"), on="line_id", maintain_order="left")
    )


@cache
def concepts() -> pl.DataFrame:
    """Every concept that a line can use: concept_id, concept, unit, additive, nonnegative, statement, instant."""
    frame = _read("concepts.csv", _CONCEPT_SCHEMA).cast({"line": line_type()})
    return (
        frame.join(lines(), on="line", maintain_order="left")
        .select("concept", "unit", "additive", "nonnegative", "statement", instant=pl.col("statement") == "balance")
        .unique(subset="concept", keep="first", maintain_order=True)
        .with_row_index("concept_id")
        .cast({"concept_id": pl.UInt16})
    )


@cache
def by_concept(name: str) -> NDArray[Any]:
    """A column of `concepts` as an array, by their ids: categories as their codes."""
    return concepts().get_column(name).to_physical().to_numpy()


@cache
def concepts_of(*names: str) -> pl.Series:
    """The ids of all concepts that can give one of these lines, in order and each once."""
    return pl.Series("concept_id", np.flatnonzero(_concept_flags(*names)).astype(np.uint16))


@cache
def _concept_flags(*names: str) -> NDArray[np.bool_]:
    # Arrays: some sixty sets of lines are asked for, and each as a query of frames would take most of a millisecond.
    line, concept = _ids_of_ranks()
    flags = np.zeros(concepts().height, np.bool_)
    flags[concept[np.isin(line, [_line_ids()[name] for name in names])]] = True
    return flags


@cache
def _ids_of_ranks() -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """line_id and concept_id of `concept_ranks`."""
    ranks = concept_ranks()
    return ranks.get_column("line_id").to_numpy(), ranks.get_column("concept_id").to_numpy()


@cache
def _line_ids() -> dict[str, int]:
    return dict(lines().select("line", "line_id").iter_rows())


def can_give(concept_id: NDArray[np.uint16], *names: str) -> NDArray[np.bool_]:
    """Whether each of these concepts can give one of the lines: a look-up, at a tenth of what it costs to search their ids."""
    # Numbers of other types than 64-bit integers are taken at a third of what they cost as an index.
    return _concept_flags(*names).take(concept_id)


def counted_in(concept_id: NDArray[np.uint16], unit_kind: str) -> NDArray[np.bool_]:
    """Whether each of these concepts is counted in a kind of unit (`UNIT_KINDS`)."""
    is_of_kind: NDArray[np.bool_] = (by_concept("unit") == UNIT_KINDS.index(unit_kind)).take(concept_id)
    return is_of_kind


def of_lines(concept_id: pl.Series, *names: str) -> pl.Series:
    """The same, as a column."""
    return pl.Series(can_give(concept_id.to_numpy(), *names))


def among(concept_id: pl.Series, wanted: pl.Series) -> NDArray[np.bool_]:
    """Whether each of these concepts is one of the wanted ones, which may be named any number of times."""
    flags = np.zeros(concepts().height, np.bool_)
    flags[wanted.to_numpy()] = True
    is_wanted: NDArray[np.bool_] = flags.take(concept_id.to_numpy())
    return is_wanted


@cache
def concept_ids(*names: str) -> pl.Series:
    """The ids of some concepts, by their names."""
    return concepts().filter(pl.col("concept").is_in(names)).get_column("concept_id")


@cache
def formulas() -> tuple[Formula, ...]:
    """The formulas in order of preference within each line."""
    frame = _read("formulas.csv", {"line": pl.String(), "formula": pl.String(), "templates": pl.String(), "unless": pl.String()})
    return tuple(
        Formula(
            line,
            text,
            _terms(text),
            tuple((templates or "").split()),
            tuple((unless or "").split()),
        )
        for line, text, templates, unless in frame.iter_rows()
    )


@cache
def formula_terms() -> pl.DataFrame:
    """The terms of the formulas: line, method (the formula as text), term; one row a term."""
    rows = [(formula.line, formula.text, term) for formula in formulas() for _, term in formula.terms]
    schema = {"line": line_type(), "method": pl.Categorical(), "term": line_type()}
    return pl.DataFrame(rows, schema=schema, orient="row").unique(maintain_order=True)


@cache
def industries() -> pl.DataFrame:
    """The signals of each industry template: template, statement, line."""
    return _read("industries.csv", {"template": pl.String(), "statement": pl.String(), "line": pl.String()})


@dataclass(frozen=True, slots=True)
class Check:
    """An identity that stated values should keep: `line` = sum of sign x term, give or take any sum of the optional lines.

    Attributes:
        name: its short name, K1 to K8.
        statement: where it applies.
        line: the left side.
        terms: the right side, pairs of sign and line.
        optional: lines that belong to the right side where the filing has them.
    """

    name: str
    statement: str
    line: str
    terms: tuple[tuple[int, str], ...]
    optional: tuple[str, ...]


@cache
def checks() -> tuple[Check, ...]:
    """The identities, in the order of their names."""
    frame = _read("checks.csv", dict.fromkeys(("check", "statement", "line", "formula", "optional"), pl.String()))
    return tuple(
        Check(
            name,
            statement,
            line,
            _terms(text),
            tuple((optional or "").split()),
        )
        for name, statement, line, text, optional in frame.iter_rows()
    )


@cache
def core_lines() -> pl.DataFrame:
    """The lines that a statement of a template should have: line, templates (list)."""
    return _read("core_lines.csv", {"line": pl.String(), "templates": pl.String()}).with_columns(
        pl.col("line").cast(line_type()), pl.col("templates").str.split(" ")
    )
