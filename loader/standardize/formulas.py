"""Lines that the filing does not state but that follow from those it does, by formulas kept as reference data.

A formula never replaces a value, never assumes a missing term to be zero, and is applied until nothing more follows.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from loader.reference.concepts import Formula, formulas, line_type
from loader.standardize.periods import PLACE
from loader.standardize.wide import scattered

#: Formulas feed each other (a revenue gives a gross profit); no chain of ours is longer than this.
_MAX_PASSES: Final = 10
#: Years whose statements also tell whether a line exists: two before and two after.
_BESIDE: Final = (-2, -1, 1, 2)


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
    wide = _wide(values, templates)
    found: list[pl.DataFrame] = []
    # A formula is tried again only when one of its terms has come to new values since.
    gives = wide.select(_fits(formula).any().alias(str(n)) for n, formula in enumerate(formulas())).row(0)
    due = [bool(one) for one in gives]
    for _ in range(_MAX_PASSES):
        if not any(due):
            break
        for n, formula in enumerate(formulas()):
            if not due[n]:
                continue
            due[n] = False
            wide, new = _apply(wide, formula)
            if new.height:
                found.append(new)
                due = [
                    was or formula.line in {term for _, term in other.terms} for was, other in zip(due, formulas(), strict=True)
                ]
    empty = values.clear().select(*PLACE, "place", "line", "value", "filed", "accession", method=pl.lit(None, pl.String))
    rejected = [
        wide.lazy().filter(_could(formula) & _against_reason(formula)).select("place", line=pl.lit(formula.line, line_type()))
        for formula in formulas()
        if formula.line in _UPPER_BOUNDS or _of_all_costs(formula)
    ]
    return pl.concat([empty, *found]), pl.concat(pl.collect_all(rejected)).unique()


#: Two amounts of one filing that differ by less are the same, rounded.
_SAME: Final = 0.001
#: Derived lines that have a bound: the revenue may not fall below zero, that is, not exceed it with its sign turned.
_UPPER_BOUNDS: Final = {"revenue": (-1, None), "gross_profit": (1, "revenue")}


def _wide(values: pl.DataFrame, templates: pl.DataFrame) -> pl.DataFrame:
    """One row a place: its template, what forbids formulas, and value_, filed_ and accession_ of each line in a formula."""
    ordered = values.sort("place").with_columns(at=pl.col("place").rle_id())
    places = ordered.select(*PLACE, "place").unique("place", keep="first", maintain_order=True)
    names = {name for formula in formulas() for name in (formula.line, *(term for _, term in formula.terms))}
    columns = [
        column.alias(f"{kind}_{name}")
        for kind in ("value", "filed", "accession")
        for name, column in scattered(ordered, "at", kind, sorted(names), places.height).items()
    ]
    return (
        places.join(templates, on="cik", how="left", maintain_order="left")
        .join(_stated_in_year(values), on=["cik", "fy_start"], how="left", maintain_order="left")
        .with_columns(columns)
    )


def _stated_in_year(values: pl.DataFrame) -> pl.DataFrame:
    """For each fiscal year and each line that can forbid a formula: whether it or a year near it states the line, not as zero.

    The others count because an old year is often known by a few comparatives only, which do not show all that there was: a
    statement of equity goes back two years further than the balance sheets beside it.
    """
    forbidding = sorted({line for formula in formulas() for line in formula.unless})
    own = values.group_by("cik", "fy_start").agg(
        ((pl.col("line") == line) & (pl.col("value") != 0)).any().alias(f"stated_{line}") for line in forbidding
    )
    return own.sort("cik", "fy_start").with_columns(
        pl.max_horizontal(name, *(pl.col(name).shift(years).over("cik") for years in _BESIDE)).alias(name)
        for name in (f"stated_{line}" for line in forbidding)
    )


def _result(formula: Formula) -> pl.Expr:
    return pl.sum_horizontal(sign * pl.col(f"value_{term}") for sign, term in formula.terms)


def _against_reason(formula: Formula) -> pl.Expr:
    """Where a formula's result is beyond its line's bound, or another line under its name."""
    if _of_all_costs(formula):
        # Costs that leave no more than the income before tax include interest: what they leave is no operating income (I3).
        pretax = pl.col("value_pretax_income")
        return ((_result(formula) - pretax).abs() <= _SAME * pretax.abs()).fill_null(value=False)
    if formula.line not in _UPPER_BOUNDS:
        return pl.lit(value=False)
    sign, line = _UPPER_BOUNDS[formula.line]
    bound = pl.lit(0.0) if line is None else pl.col(f"value_{line}")
    return (sign * _result(formula) > bound).fill_null(value=False)


def _of_all_costs(formula: Formula) -> bool:
    return formula.line == "operating_income" and any(term == "total_costs_and_expenses" for _, term in formula.terms)


def _fits(formula: Formula) -> pl.Expr:
    """Where a formula gives its line."""
    return _could(formula) & ~_against_reason(formula)


def _could(formula: Formula) -> pl.Expr:
    """Where a formula's line is null, all its terms are there, and nothing forbids it."""
    fits = pl.col(f"value_{formula.line}").is_null()
    fits &= pl.all_horizontal(pl.col(f"value_{term}").is_not_null() for _, term in formula.terms)
    for line in formula.unless:
        fits &= ~pl.col(f"stated_{line}")
    if formula.templates:
        fits &= pl.col("template").is_in(formula.templates)
    return fits


def _apply(wide: pl.DataFrame, formula: Formula) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fill one formula's line where it fits; also return what was filled."""
    result = _result(formula)
    filed, accession = (pl.col(f"{kind}_{formula.terms[0][1]}") for kind in ("filed", "accession"))
    for _, term in formula.terms[1:]:
        newer = pl.col(f"filed_{term}") > filed
        accession = pl.when(newer).then(f"accession_{term}").otherwise(accession)
        filed = pl.when(newer).then(f"filed_{term}").otherwise(filed)
    new = (
        wide.lazy()
        .filter(_fits(formula))
        .select(
            *PLACE,
            "place",
            line=pl.lit(formula.line, line_type()),
            value=result,
            filed=filed,
            accession=accession,
            method=pl.lit(formula.text),
        )
        .collect()
    )
    if new.height:
        fits = _fits(formula)
        columns = {"value": result, "filed": filed, "accession": accession}
        wide = wide.with_columns(
            pl.when(fits).then(new_value).otherwise(f"{kind}_{formula.line}").alias(f"{kind}_{formula.line}")
            for kind, new_value in columns.items()
        )
    return wide, new
