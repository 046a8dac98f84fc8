"""Lines that the filing does not state but that follow from those it does, by formulas kept as reference data.

A formula never replaces a value, never assumes a missing term to be zero, and is applied until nothing more follows.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from loader.reference.concepts import Formula, formulas

#: Formulas feed each other (a revenue gives a gross profit); no chain of ours is longer than this.
_MAX_PASSES: Final = 10
#: Years whose statements also tell whether a line exists: two before and two after.
_BESIDE: Final = (-2, -1, 1, 2)


def derived_lines(values: pl.DataFrame, key: list[str], templates: pl.DataFrame) -> pl.DataFrame:
    """Apply the formulas to a fixed point.

    Args:
        values: one row for each line and place: the columns of `key`, line, value, filed, accession.
        key: the columns that name a place, cik and fy_start among them.
        templates: cik, template.

    Returns:
        The derived values only: the columns of `key`, line, value, filed and accession (of the term that was filed last),
        method (the formula).
    """
    if values.is_empty():
        return values.select(*key, "line", "value", "filed", "accession", method=pl.lit(None, pl.String))
    wide = values.with_columns(known_from=pl.struct("filed", "accession")).pivot(
        on="line",
        index=key,
        values=["value", "known_from"],
        aggregate_function=None,
        maintain_order=True,
    )
    wide = wide.join(templates, on="cik", how="left", maintain_order="left")
    wide = wide.join(_stated_in_year(values), on=["cik", "fy_start"], how="left", maintain_order="left")
    for line in {name for formula in formulas() for name in (formula.line, *(term for _, term in formula.terms))}:
        if f"value_{line}" not in wide.columns:
            wide = wide.with_columns(
                pl.lit(None, pl.Float64).alias(f"value_{line}"),
                pl.lit(None, pl.Struct({"filed": pl.Date, "accession": pl.Int64})).alias(f"known_from_{line}"),
            )
    found: list[pl.DataFrame] = []
    for _ in range(_MAX_PASSES):
        before = len(found)
        for formula in formulas():
            wide, new = _apply(wide, formula, key)
            if new.height:
                found.append(new)
        if len(found) == before:
            break
    empty = values.clear().select(*key, "line", "value", "filed", "accession", method=pl.lit(None, pl.String))
    return pl.concat([empty, *found])


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


def _apply(wide: pl.DataFrame, formula: Formula, key: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fill one formula's line where it is null and all terms are there; also return what was filled."""
    value, known = f"value_{formula.line}", f"known_from_{formula.line}"
    fits = pl.col(value).is_null() & pl.all_horizontal(pl.col(f"value_{term}").is_not_null() for _, term in formula.terms)
    for line in formula.unless:
        fits &= ~pl.col(f"stated_{line}")
    if formula.templates:
        fits &= pl.col("template").is_in(formula.templates)
    result = pl.sum_horizontal(sign * pl.col(f"value_{term}") for sign, term in formula.terms)
    latest = pl.col(f"known_from_{formula.terms[0][1]}")
    for _, term in formula.terms[1:]:
        other = pl.col(f"known_from_{term}")
        newer = other.struct.field("filed") > latest.struct.field("filed")
        latest = pl.when(newer).then(other).otherwise(latest)
    filled = wide.filter(fits)
    if filled.is_empty():
        return wide, filled
    new = filled.select(
        *key,
        line=pl.lit(formula.line),
        value=result,
        filed=latest.struct.field("filed"),
        accession=latest.struct.field("accession"),
        method=pl.lit(formula.text),
    )
    wide = wide.with_columns(
        pl.when(fits).then(result).otherwise(value).alias(value),
        pl.when(fits).then(latest).otherwise(known).alias(known),
    )
    return wide, new
