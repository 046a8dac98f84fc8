"""Lines that the filing does not state but that follow from those it does, by formulas kept as reference data.

A formula never replaces a value, never assumes a missing term to be zero, and is applied until nothing more follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference.concepts import TEMPLATES, Formula, formulas, line_codes
from loader.standardize.dates import PlaceDates
from loader.standardize.periods import year_of
from loader.standardize.wide import Positions, Values, codes, named, numbered_by_table

#: Formulas feed each other (a revenue gives a gross profit); no chain of ours is longer than this.
_MAX_PASSES: Final = 10
#: Years whose statements also tell whether a line exists: so many before and after.
_BESIDE: Final = (1, 2)
#: Two amounts of one filing that differ by less are the same, rounded.
_SAME: Final = 0.001
#: Derived lines that have a bound: the revenue may not fall below zero, that is, not exceed it with its sign turned.
_UPPER_BOUNDS: Final = {"revenue": (-1, None), "gross_profit": (1, "revenue")}


def derived_lines(values: pl.DataFrame, dates: PlaceDates, templates: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Apply the formulas to a fixed point.

    A derived revenue is not negative and a derived gross profit not larger than the revenue (rule 5.5): what a formula would
    give against that, from values of different makes, is rejected.

    Args:
        values: one row for each line and place: place, line, value, filed, accession.
        dates: knows the company of each place.
        templates: cik, template, in the order of the companies.

    Returns:
        The derived values only: place, line, value, filed and accession (of the term that was filed last), method (the
        formula); and place and line of what was rejected.
    """
    grid = _Grid(values, dates, templates)
    # A formula is tried again only when one of its terms has come to new values since.
    due = [True] * len(formulas())
    found: list[tuple[int, Positions]] = []
    for _ in range(_MAX_PASSES):
        if not any(due):
            break
        for n, formula in enumerate(formulas()):
            if not due[n]:
                continue
            due[n] = False
            filled = grid.apply(formula)
            if len(filled):
                found.append((n, filled))
                due = [was or formula.line in terms for was, terms in zip(due, _terms(), strict=True)]
    return grid.derived(found), grid.rejected([formula for formula in formulas() if _is_bounded(formula)])


class _Grid:
    """Values as arrays, one for each line with an element for each place, which formulas fill where they are empty.

    Arrays and not frames: what is done to them is so little that a frame's expressions would take many times as long. Beside each
    value stands its source, a row of the stated values: its own, or that of the term that was filed last; -1 where there is none.

    Args:
        values, dates, templates: as for `derived_lines`.
    """

    def __init__(self, values: pl.DataFrame, dates: PlaceDates, templates: pl.DataFrame) -> None:
        self._place, at = numbered_by_table(values.get_column("place").to_numpy())
        height = len(self._place)
        self._cik = dates.ciks(self._place)
        cell = codes(values.get_column("line")) * height + at
        self._filed = values.get_column("filed").cast(pl.Int32).to_numpy()
        self._accession = values.get_column("accession").to_numpy()
        self._value = np.zeros((len(line_codes()), height))
        self._value.reshape(-1)[cell] = values.get_column("value").to_numpy()
        self._source = np.full(self._value.shape, -1, np.int32)
        self._source.reshape(-1)[cell] = np.arange(len(cell))
        self._line = line_codes()
        self._stated = self._stated_in_year(year_of(self._place))
        company = np.searchsorted(templates.get_column("cik").to_numpy(), self._cik)
        template = codes(templates.get_column("template"))[company]
        self._of_template = {
            kinds: np.isin(template, [TEMPLATES.index(kind) for kind in kinds])
            for kinds in {formula.templates for formula in formulas()}
            if kinds
        }

    def _stated_in_year(self, year: Positions) -> dict[str, NDArray[np.bool_]]:
        """For each line that can forbid a formula: the places whose fiscal year, or a year near it, states it, not as zero.

        The others count because an old year is often known by a few comparatives only, which do not show all that there was: a
        statement of equity goes back two years further than the balance sheets beside it.
        """
        if not len(year):
            return dict.fromkeys(_forbidding(), np.zeros(0, np.bool_))
        first = np.flatnonzero(np.diff(year, prepend=-1))
        forbidding = [self._line[line] for line in _forbidding()]
        is_stated = (self._source[forbidding] >= 0) & (self._value[forbidding] != 0)
        own = np.logical_or.reduceat(is_stated, first, axis=1)
        cik = self._cik[first]
        near = own.copy()
        for years in _BESIDE:
            same = cik[years:] == cik[:-years]
            near[:, years:] |= own[:, :-years] & same
            near[:, :-years] |= own[:, years:] & same
        return dict(zip(_forbidding(), np.repeat(near, np.diff(first, append=len(year)), axis=1), strict=True))

    def apply(self, formula: Formula) -> Positions:
        """Fill one formula's line where it fits, and say in which rows of the places that is."""
        at, results = self._results(formula)
        if not len(at):
            return at
        fits = ~self._against_reason(formula, at, results)
        at, results = at[fits], results[fits]
        first, *others = (self._line[term] for _, term in formula.terms)
        source = self._source[first][at]
        for other in others:
            of_other = self._source[other][at]
            source = np.where(self._filed[of_other] > self._filed[source], of_other, source)
        own = self._line[formula.line]
        self._value[own][at], self._source[own][at] = results, source
        return at

    def derived(self, found: Sequence[tuple[int, Positions]]) -> pl.DataFrame:
        """What formulas have filled, by the number of each and the rows where it did: as `derived_lines` has it."""
        formula = np.repeat(np.array([n for n, _ in found], np.int64), [len(at) for _, at in found])
        at = np.concatenate([np.zeros(0, np.int64), *(at for _, at in found)])
        line = np.array([self._line[one.line] for one in formulas()])[formula]
        source = self._source[line, at]
        return (
            named(line)
            .to_frame()
            .with_columns(
                place=self._place[at],
                value=pl.Series(self._value[line, at]),
                filed=pl.Series(self._filed[source]).cast(pl.Date),
                accession=pl.Series(self._accession[source]),
                method=pl.Series([one.text for one in formulas()], dtype=pl.Categorical)[formula],
            )
        )

    def rejected(self, bounded: Sequence[Formula]) -> pl.DataFrame:
        """Place and line of what formulas give against reason, each once."""
        found = []
        for formula in bounded:
            at, results = self._results(formula)
            found.append(at[self._against_reason(formula, at, results)])
        line = np.repeat([self._line[formula.line] for formula in bounded], [len(at) for at in found])
        return pl.DataFrame({"place": self._place[np.concatenate(found)], "line": named(line)}).unique()

    def _results(self, formula: Formula) -> tuple[Positions, Values]:
        """Where a formula's line is empty, all its terms are there, and nothing forbids it; and what it gives there."""
        fits = self._source[self._line[formula.line]] < 0
        for _, term in formula.terms:
            fits &= self._source[self._line[term]] >= 0
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
            same: NDArray[np.bool_] = (self._source[line][at] >= 0) & (np.abs(results - pretax) <= _SAME * np.abs(pretax))
            return same
        if formula.line not in _UPPER_BOUNDS:
            return np.zeros(len(at), np.bool_)
        sign, bound = _UPPER_BOUNDS[formula.line]
        if bound is None:
            return sign * results > 0
        line = self._line[bound]
        beyond: NDArray[np.bool_] = (self._source[line][at] >= 0) & (sign * results > self._value[line][at])
        return beyond


def _of_all_costs(formula: Formula) -> bool:
    return formula.line == "operating_income" and any(term == "total_costs_and_expenses" for _, term in formula.terms)


def _is_bounded(formula: Formula) -> bool:
    return formula.line in _UPPER_BOUNDS or _of_all_costs(formula)


@cache
def _forbidding() -> tuple[str, ...]:
    """The lines that can forbid a formula."""
    return tuple(sorted({line for formula in formulas() for line in formula.unless}))


@cache
def _terms() -> tuple[frozenset[str], ...]:
    """The lines that each formula is made of."""
    return tuple(frozenset(term for _, term in formula.terms) for formula in formulas())
