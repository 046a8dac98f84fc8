"""Lines that the filing does not state but that follow from those it does, by formulas kept as reference data.

A formula never replaces a value, never assumes a missing term to be zero, and is applied until nothing more follows.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference.concepts import Formula, formulas, line_type
from loader.standardize.periods import PLACE

Positions = NDArray[np.int64]
Values = NDArray[np.float64]

#: What a derived value has of its own, and of the term that was filed last.
_CARRIED: Final = ("value", "filed", "accession")
#: Formulas feed each other (a revenue gives a gross profit); no chain of ours is longer than this.
_MAX_PASSES: Final = 10
#: Years whose statements also tell whether a line exists: two before and two after.
_BESIDE: Final = (-2, -1, 1, 2)
#: Two amounts of one filing that differ by less are the same, rounded.
_SAME: Final = 0.001
#: Derived lines that have a bound: the revenue may not fall below zero, that is, not exceed it with its sign turned.
_UPPER_BOUNDS: Final = {"revenue": (-1, None), "gross_profit": (1, "revenue")}


def derived_lines(values: pl.DataFrame, templates: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Apply the formulas to a fixed point.

    A derived revenue is not negative and a derived gross profit not larger than the revenue (rule 5.5): what a formula would
    give against that, from values of different makes, is rejected.

    Args:
        values: one row for each line and place: cik, fy_start, from_q, to_q, place, line, value, filed, accession.
        templates: cik, template.

    Returns:
        The derived values only: the place, line, value, filed and accession (of the term that was filed last), method (the
        formula); and place and line of what was rejected.
    """
    grid = _Grid(values, templates)
    found: list[pl.DataFrame] = []
    # A formula is tried again only when one of its terms has come to new values since.
    due = [True] * len(formulas())
    for _ in range(_MAX_PASSES):
        if not any(due):
            break
        for n, formula in enumerate(formulas()):
            if not due[n]:
                continue
            due[n] = False
            new = grid.apply(formula)
            if new is not None:
                found.append(new)
                due = [
                    was or formula.line in {term for _, term in other.terms} for was, other in zip(due, formulas(), strict=True)
                ]
    rejected = pl.concat([grid.rejected(formula) for formula in formulas() if _is_bounded(formula)]).unique()
    if not found:
        return values.clear().select(*PLACE, "place", "line", *_CARRIED, method=pl.lit(None, pl.String)), rejected
    derived = pl.concat(found)
    places = grid.places.select(pl.all().gather(derived.get_column("at")))
    return places.with_columns(derived.drop("at").iter_columns()), rejected


class _Grid:
    """Values as arrays, one for each line with an element for each place, which formulas fill where they are empty.

    Arrays and not frames: what is done to them is so little that a frame's expressions would take many times as long.

    Args:
        values: as for `derived_lines`.
        templates: cik, template.
    """

    def __init__(self, values: pl.DataFrame, templates: pl.DataFrame) -> None:
        ordered = values.sort("place")
        at = ordered.get_column("place").rle_id().to_numpy()
        self.places = ordered.select(*PLACE, "place").unique("place", keep="first", maintain_order=True)
        height = self.places.height
        cell = ordered.get_column("line").to_physical().to_numpy().astype(np.int64) * height + at
        self._there, self._value, self._filed, self._accession = (
            _by_line(cell, column, height)
            for column in (np.ones(len(cell), np.bool_), *(ordered.get_column(n).to_physical().to_numpy() for n in _CARRIED))
        )
        self._line = {name: code for code, name in enumerate(line_type().categories)}
        stated = self.places.join(_stated_in_year(values), on=["cik", "fy_start"], how="left", maintain_order="left")
        self._stated = {line: stated.get_column(f"stated_{line}").to_numpy() for line in _forbidding()}
        template = self.places.join(templates, on="cik", how="left", maintain_order="left").get_column("template")
        self._of_template = {
            kinds: template.is_in(kinds).to_numpy() for kinds in {formula.templates for formula in formulas()} if kinds
        }

    def apply(self, formula: Formula) -> pl.DataFrame | None:
        """Fill one formula's line where it fits.

        Returns:
            What was filled: at (the row of the place), value, filed, accession, line, method; None if it fits nowhere.
        """
        at, results = self._results(formula)
        fits = ~self._against_reason(formula, at, results)
        at, results = at[fits], results[fits]
        if not len(at):
            return None
        first, *others = (self._line[term] for _, term in formula.terms)
        filed, accession = self._filed[first][at], self._accession[first][at]
        for other in others:
            newer = self._filed[other][at] > filed
            filed = np.where(newer, self._filed[other][at], filed)
            accession = np.where(newer, self._accession[other][at], accession)
        own = self._line[formula.line]
        self._there[own][at] = True
        self._value[own][at], self._filed[own][at], self._accession[own][at] = results, filed, accession
        return pl.DataFrame({"at": at, "value": results, "filed": filed, "accession": accession}).with_columns(
            pl.col("filed").cast(pl.Date), line=pl.lit(formula.line, line_type()), method=pl.lit(formula.text)
        )

    def rejected(self, formula: Formula) -> pl.DataFrame:
        """Place and line of what a formula gives against reason."""
        at, results = self._results(formula)
        rejected = at[self._against_reason(formula, at, results)]
        return self.places.select(pl.col("place").gather(rejected), line=pl.lit(formula.line, line_type()))

    def _results(self, formula: Formula) -> tuple[Positions, Values]:
        """Where a formula's line is empty, all its terms are there, and nothing forbids it; and what it gives there."""
        fits = ~self._there[self._line[formula.line]]
        for _, term in formula.terms:
            fits &= self._there[self._line[term]]
        for line in formula.unless:
            fits &= ~self._stated[line]
        if formula.templates:
            fits &= self._of_template[formula.templates]
        at = np.flatnonzero(fits)
        terms = [sign * self._value[self._line[term]][at] for sign, term in formula.terms]
        return at, sum(terms[1:], terms[0])

    def _against_reason(self, formula: Formula, at: Positions, results: Values) -> NDArray[np.bool_]:
        """Whether results are beyond their line's bound, or another line under its name."""
        if _of_all_costs(formula):
            # Costs that leave no more than the income before tax include interest: what they leave is no operating income (I3).
            line = self._line["pretax_income"]
            pretax = self._value[line][at]
            same: NDArray[np.bool_] = self._there[line][at] & (np.abs(results - pretax) <= _SAME * np.abs(pretax))
            return same
        if formula.line not in _UPPER_BOUNDS:
            return np.zeros(len(at), np.bool_)
        sign, bound = _UPPER_BOUNDS[formula.line]
        if bound is None:
            return sign * results > 0
        line = self._line[bound]
        beyond: NDArray[np.bool_] = self._there[line][at] & (sign * results > self._value[line][at])
        return beyond


def _of_all_costs(formula: Formula) -> bool:
    return formula.line == "operating_income" and any(term == "total_costs_and_expenses" for _, term in formula.terms)


def _is_bounded(formula: Formula) -> bool:
    return formula.line in _UPPER_BOUNDS or _of_all_costs(formula)


def _by_line(cell: Positions, column: NDArray[Any], height: int) -> NDArray[Any]:
    """A column's elements in the rows of their lines, zero elsewhere."""
    grid = np.zeros((len(line_type().categories), height), column.dtype)
    grid.reshape(-1)[cell] = column
    return grid


@cache
def _forbidding() -> tuple[str, ...]:
    """The lines that can forbid a formula."""
    return tuple(sorted({line for formula in formulas() for line in formula.unless}))


def _stated_in_year(values: pl.DataFrame) -> pl.DataFrame:
    """For each fiscal year and each line that can forbid a formula: whether it or a year near it states the line, not as zero.

    The others count because an old year is often known by a few comparatives only, which do not show all that there was: a
    statement of equity goes back two years further than the balance sheets beside it.
    """
    own = values.group_by("cik", "fy_start").agg(
        ((pl.col("line") == line) & (pl.col("value") != 0)).any().alias(f"stated_{line}") for line in _forbidding()
    )
    return own.sort("cik", "fy_start").with_columns(
        pl.max_horizontal(name, *(pl.col(name).shift(years).over("cik") for years in _BESIDE)).alias(name)
        for name in (f"stated_{line}" for line in _forbidding())
    )
