"""The fourth quarter of share counts and earnings per share, which do not add up over quarters (rule 5.3)."""

from __future__ import annotations

from typing import Final

import polars as pl

from loader.reference.concepts import line_type
from loader.standardize.periods import PLACE, place_in_year

SHARES_BY_DAYS: Final = "(FY x days - 9M x days) / days of Q4"
SHARES_BY_QUARTERS: Final = "(FY x days - Q1 to Q3 x days) / days of Q4"
SHARES_OF_Q3: Final = "shares of Q3"
EPS_FORMULA: Final = "net_income_common / {}"

#: A fourth-quarter share count outside this band of the third quarter's is an artefact of rounding or restating, not of buying
#: back.
_PLAUSIBLE: Final = (0.5, 2.0)
_YEAR: Final = ["cik", "fy_start"]


def fourth_quarters(values: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Derive the fourth quarter's average shares from averages and days, and its earnings per share from income and shares.

    Args:
        values: values by place and line (place, line, value, filed, accession), year-to-date places included, splits adjusted.
        days: place (its number), days: the length of each span.

    Returns:
        The derived values: place, line, value, filed, accession, method.
    """
    shares = pl.concat([_shares(values, days, "shares_basic"), _shares(values, days, "shares_diluted")])
    shares = _diluted_of_losses(values, shares)
    known = pl.concat(
        [
            values.select(*PLACE, "place", "line", "value", "filed", "accession"),
            shares.select(*PLACE, "place", "line", "value", "filed", "accession"),
        ]
    )
    return pl.concat([shares, _eps(known, "eps_basic", "shares_basic"), _eps(known, "eps_diluted", "shares_diluted")])


def _at(values: pl.DataFrame, line: str, from_q: int, to_q: int) -> pl.DataFrame:
    here = (pl.col("line") == line) & (pl.col("from_q") == from_q) & (pl.col("to_q") == to_q)
    return values.filter(here).select(
        *_YEAR, "place", "value", "filed", "accession", *(["days"] if "days" in values.columns else [])
    )


def _shares(values: pl.DataFrame, days: pl.DataFrame, line: str) -> pl.DataFrame:
    timed = values.filter(pl.col("line") == line).join(days, on="place")
    year, nine_months = _at(timed, line, 1, 4), _at(timed, line, 1, 3)
    first, second, third = (_at(timed, line, quarter, quarter) for quarter in (1, 2, 3))
    missing = year.join(_at(timed, line, 4, 4), on=_YEAR, how="anti")
    wide = (
        missing.join(nine_months, on=_YEAR, how="left", suffix="_9m")
        .join(first, on=_YEAR, how="left", suffix="_1")
        .join(second, on=_YEAR, how="left", suffix="_2")
        .join(third, on=_YEAR, how="left", suffix="_3")
    )
    of_quarters = pl.sum_horizontal(pl.col(f"value_{q}") * pl.col(f"days_{q}") for q in (1, 2, 3))
    days_of_quarters = pl.col("days_1") + pl.col("days_2") + pl.col("days_3")
    all_quarters = pl.all_horizontal(pl.col(f"value_{q}").is_not_null() for q in (1, 2, 3))
    whole = pl.col("value") * pl.col("days")
    by_days = (whole - pl.col("value_9m") * pl.col("days_9m")) / (pl.col("days") - pl.col("days_9m"))
    by_quarters = pl.when(all_quarters).then((whole - of_quarters) / (pl.col("days") - days_of_quarters))
    plausible = [(by / pl.col("value_3")).is_between(*_PLAUSIBLE).fill_null(value=False) for by in (by_days, by_quarters)]
    return (
        wide.with_columns(
            result=pl.when(plausible[0]).then(by_days).when(plausible[1]).then(by_quarters).otherwise("value_3"),
            method=pl.when(plausible[0])
            .then(pl.lit(SHARES_BY_DAYS))
            .when(plausible[1])
            .then(pl.lit(SHARES_BY_QUARTERS))
            .otherwise(pl.lit(SHARES_OF_Q3)),
        )
        .filter(pl.col("result").is_not_null())
        .select(*_fourth(), line=pl.lit(line, line_type()), value="result", filed="filed", accession="accession", method="method")
    )


def _fourth() -> list[pl.Expr]:
    quarter = pl.lit(4, pl.Int8)
    place = place_in_year(pl.col("place"), 4, 4).alias("place")
    return [pl.col("cik"), pl.col("fy_start"), quarter.alias("from_q"), quarter.alias("to_q"), place]


def _diluted_of_losses(values: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """In a quarter with a loss nothing dilutes: the diluted count is the basic one."""
    losses = _at(values, "net_income_common", 4, 4).filter(pl.col("value") < 0).select(_YEAR)
    basic = pl.concat([_at(values, "shares_basic", 4, 4), _at(shares, "shares_basic", 4, 4)]).select(*_YEAR, basic="value")
    lost = losses.join(basic, on=_YEAR)
    diluted = pl.col("line") == "shares_diluted"
    return (
        shares.join(lost, on=_YEAR, how="left")
        .with_columns(
            value=pl.when(diluted & pl.col("basic").is_not_null()).then("basic").otherwise("value"),
            method=pl.when(diluted & pl.col("basic").is_not_null())
            .then(pl.lit("shares_basic (a loss does not dilute)"))
            .otherwise("method"),
        )
        .drop("basic")
    )


def _eps(values: pl.DataFrame, line: str, shares: str) -> pl.DataFrame:
    income = _at(values, "net_income_common", 4, 4)
    count = _at(values, shares, 4, 4).filter(pl.col("value") > 0)
    later = pl.col("filed_shares") > pl.col("filed")
    return (
        income.join(count, on=_YEAR, suffix="_shares")
        .join(_at(values, line, 4, 4), on=_YEAR, how="anti")
        .select(
            *_fourth(),
            line=pl.lit(line, line_type()),
            value=pl.col("value") / pl.col("value_shares"),
            filed=pl.when(later).then("filed_shares").otherwise("filed"),
            accession=pl.when(later).then("accession_shares").otherwise("accession"),
            method=pl.lit(EPS_FORMULA.format(shares)),
        )
    )
