"""Trailing twelve months: the sum of four quarters that follow each other without a gap (rule 5.6).

A window that ends with a fiscal year is that year, so both rows agree to the dollar. Shares are averaged by days, earnings per
share are income divided by those shares; a missing quarter, or a transition period in between, leaves no row.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from loader.reference.concepts import line_type, lines
from loader.standardize.calendars import BOUNDARY_SLACK_DAYS
from loader.standardize.periods import PLACE, place_in_year
from loader.standardize.wide import scattered

#: `from_q` of a trailing-twelve-months place; `to_q` is the quarter it ends with.
TRAILING: Final = -1

SUM_OF_QUARTERS: Final = "sum of the last four quarters"
OF_YEAR: Final = "the fiscal year"
TO_DATE: Final = "FY + year to date - prior year to date"
MEAN_OF_QUARTERS: Final = "mean of the last four quarters by days"
EPS: Final = {"eps_basic": "net_income_common / shares_basic", "eps_diluted": "net_income_common / shares_diluted"}

#: Days between the ends of quarters that follow each other: 12 to 18 weeks.
_BETWEEN_ENDS: Final = (77, 126)


def trailing_twelve_months(values: pl.DataFrame, ends: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Derive the trailing twelve months at the end of each quarter.

    Args:
        values: flows by place and line, year-to-date places included: PLACE, place, line, value, filed, accession.
        ends: cik, fy_start, to_q, period_end.
        days: place (its number), days.

    Returns:
        PLACE (from_q = `TRAILING`), place, line, value, filed, accession, method; fourth quarters repeat their year.
    """
    year = (pl.col("from_q") == 1) & (pl.col("to_q") == 4)
    of_year = values.filter(year).with_columns(method=pl.lit(OF_YEAR))
    quarter = (pl.col("from_q") == pl.col("to_q")) & (pl.col("to_q") > 0)
    sums = _sums(values.filter(quarter), ends, days).join(of_year, on=["cik", "fy_start", "to_q", "line"], how="anti")
    bridges = _bridges(values).join(sums, on=["cik", "fy_start", "to_q", "line"], how="anti")
    columns = ["cik", "fy_start", "to_q", "place", "line", "value", "filed", "accession", "method"]
    # Dividends per share are decimal fractions: their sum carries binary noise.
    rounded = pl.when(pl.col("line") == "dividends_per_share").then(pl.col("value").round(6)).otherwise("value")
    added = pl.concat([sums.select(columns), bridges.select(columns)]).with_columns(value=rounded)
    found = pl.concat([of_year.select(columns), added])
    return found.with_columns(
        from_q=pl.lit(TRAILING, pl.Int8), place=place_in_year(pl.col("place"), TRAILING, pl.col("to_q"))
    ).select(*PLACE, *columns[3:])


def _sums(quarters: pl.DataFrame, ends: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    additive = lines().filter(pl.col("additive")).get_column("line")
    shares = ["shares_basic", "shares_diluted"]
    names = [*additive, *shares]
    ordered = quarters.filter(pl.col("line").is_in(names)).sort("place").with_columns(at=pl.col("place").rle_id())
    places = ordered.select(*PLACE, "place").unique("place", keep="first", maintain_order=True)
    last = quarters.sort("place", "filed", "accession").unique("place", keep="last").select("place", "filed", "accession")
    wide = (
        places.with_columns(scattered(ordered, "at", "value", names, places.height).values())
        .join(ends, on=["cik", "fy_start", "to_q"])
        .join(days, on="place")
        .join(last, on="place")
        .sort("cik", "period_end")
    )
    between = (pl.col("period_end") - pl.col("period_end").shift(1)).dt.total_days().over("cik")
    # The quarter must also start where the one before ended: no transition period in between, however short.
    meets = (between - pl.col("days")).abs() <= BOUNDARY_SLACK_DAYS
    follows = (between.is_between(*_BETWEEN_ENDS) & meets).fill_null(value=False)
    unbroken = follows & follows.shift(1).over("cik") & follows.shift(2).over("cik")
    summed = wide.with_columns(
        *(_last_four(pl.col(name)).alias(name) for name in additive),
        *((_last_four(pl.col(name) * pl.col("days")) / _last_four(pl.col("days"))).alias(name) for name in shares),
    ).filter(unbroken)
    eps = [
        pl.when(pl.col(count) > 0).then(pl.col("net_income_common") / pl.col(count)).alias(name)
        for name, count in zip(EPS, shares, strict=True)
    ]
    return (
        summed.with_columns(eps)
        .unpivot(
            on=[*names, *EPS],
            index=["cik", "fy_start", "to_q", "place", "filed", "accession"],
            variable_name="line",
            value_name="value",
        )
        .filter(pl.col("value").is_not_null())
        .with_columns(
            pl.col("line").cast(line_type()),
            method=pl.col("line").replace_strict(
                {**dict.fromkeys(shares, MEAN_OF_QUARTERS), **EPS}, default=SUM_OF_QUARTERS, return_dtype=pl.String
            ),
        )
    )


def _last_four(values: pl.Expr) -> pl.Expr:
    """The sum of this and the three rows before it: added afresh each time, since a rolling sum keeps rounding errors.

    It runs over the bounds of companies; what it gives there is no unbroken row of quarters and is dropped.
    """
    return values + values.shift(1) + values.shift(2) + values.shift(3)


def _bridges(values: pl.DataFrame) -> pl.DataFrame:
    """Last year, plus this year to date, less last year to date, where a quarter in between is not known."""
    additive = lines().filter(pl.col("additive")).get_column("line")
    flows = values.filter(pl.col("line").is_in(additive.implode()))
    to_date = flows.filter((pl.col("from_q") == 1) & (pl.col("to_q") < 4))
    years = flows.filter((pl.col("from_q") == 1) & (pl.col("to_q") == 4))
    starts = (
        values.select("cik", "fy_start")
        .unique()
        .sort("cik", "fy_start")
        .with_columns(last_year=pl.col("fy_start").shift(1).over("cik"))
    )
    # The year before must end where this one starts: no transition period in between.
    starts = starts.filter((pl.col("fy_start") - pl.col("last_year")).dt.total_days().is_between(355, 380))
    return (
        to_date.join(starts, on=["cik", "fy_start"])
        .join(years.select("cik", "line", last_year="fy_start", value_year="value"), on=["cik", "line", "last_year"])
        .join(
            to_date.select("cik", "line", "to_q", last_year="fy_start", value_prior="value"),
            on=["cik", "line", "to_q", "last_year"],
        )
        .with_columns(value=pl.col("value_year") + pl.col("value") - pl.col("value_prior"), method=pl.lit(TO_DATE))
    )
