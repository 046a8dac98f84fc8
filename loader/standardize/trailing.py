"""Trailing twelve months: the sum of four quarters that follow each other without a gap (rule 5.6).

A window that ends with a fiscal year is that year, so both rows agree to the dollar. Shares are averaged by days, earnings per
share are income divided by those shares; a missing quarter, or a transition period in between, leaves no row.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference.concepts import line_type, lines
from loader.standardize.calendars import BOUNDARY_SLACK_DAYS
from loader.standardize.periods import PLACE, place_in_year

#: `from_q` of a trailing-twelve-months place; `to_q` is the quarter it ends with.
TRAILING: Final = -1

SUM_OF_QUARTERS: Final = "sum of the last four quarters"
OF_YEAR: Final = "the fiscal year"
TO_DATE: Final = "FY + year to date - prior year to date"
MEAN_OF_QUARTERS: Final = "mean of the last four quarters by days"
#: Earnings per share are net_income_common divided by these.
EPS: Final = {"eps_basic": "shares_basic", "eps_diluted": "shares_diluted"}

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
    bridges = _bridges(values, sums)
    columns = ["cik", "fy_start", "to_q", "place", "line", "value", "filed", "accession", "method"]
    # Dividends per share are decimal fractions: their sum carries binary noise.
    rounded = pl.when(pl.col("line") == "dividends_per_share").then(pl.col("value").round(6)).otherwise("value")
    added = pl.concat([sums.select(columns), bridges.select(columns)]).with_columns(value=rounded)
    found = pl.concat([of_year.select(columns), added])
    return found.with_columns(
        from_q=pl.lit(TRAILING, pl.Int8), place=place_in_year(pl.col("place"), TRAILING, pl.col("to_q"))
    ).select(*PLACE, *columns[3:])


def _sums(quarters: pl.DataFrame, ends: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    additive = lines().filter(pl.col("additive")).get_column("line").to_list()
    ordered = quarters.filter(pl.col("line").is_in([*additive, *EPS.values()]))
    last = quarters.sort("place", "filed", "accession").unique("place", keep="last", maintain_order=True)
    rows = (
        last.select("cik", "fy_start", "to_q", "place", "filed", "accession")
        .join(ends, on=["cik", "fy_start", "to_q"])
        .join(days, on="place")
        .sort("cik", "period_end")
        .with_row_index("at")
    )
    between = (pl.col("period_end") - pl.col("period_end").shift(1)).dt.total_days().over("cik")
    # The quarter must also start where the one before ended: no transition period in between, however short.
    meets = (between - pl.col("days")).abs() <= BOUNDARY_SLACK_DAYS
    follows = (between.is_between(*_BETWEEN_ENDS) & meets).fill_null(value=False)
    unbroken = follows & follows.shift(1).over("cik") & follows.shift(2).over("cik")
    whole = rows.select(unbroken.fill_null(value=False)).to_series().to_numpy()
    length = rows.get_column("days").to_numpy()
    # A line a row here and a quarter a column: all lines are summed at once.
    cells = ordered.join(rows.select("place", "at"), on="place").select(
        pl.col("line").to_physical().cast(pl.Int64), "at", "value"
    )
    names = line_type().categories.to_list()
    of_quarter = np.full((len(names), rows.height), np.nan)
    of_quarter[cells.get_column("line").to_numpy(), cells.get_column("at").to_numpy()] = cells.get_column("value").to_numpy()
    codes = {name: code for code, name in enumerate(names)}
    with np.errstate(invalid="ignore", divide="ignore"):
        summed = _last_four(of_quarter)
        for eps, shares in EPS.items():
            mean = _last_four(of_quarter[codes[shares]] * length) / _last_four(length)
            summed[codes[shares]] = mean
            summed[codes[eps]] = np.where(mean > 0, summed[codes["net_income_common"]] / mean, np.nan)
    line, at = np.nonzero(~np.isnan(summed) & whole)
    methods = dict.fromkeys(names, SUM_OF_QUARTERS) | dict.fromkeys(EPS.values(), MEAN_OF_QUARTERS)
    methods |= {eps: f"net_income_common / {shares}" for eps, shares in EPS.items()}
    return rows.select(pl.col("cik", "fy_start", "to_q", "place", "filed", "accession").gather(at)).with_columns(
        line=pl.Series(names, dtype=line_type()).gather(line),
        value=pl.Series(summed[line, at]),
        method=pl.Series(list(methods.values())).gather(line),
    )


def _last_four(values: NDArray[Any]) -> NDArray[np.float64]:
    """The sum of each and the three before it: added afresh each time, since a rolling sum keeps rounding errors.

    It runs over the bounds of companies; what it gives there is no unbroken row of quarters and is dropped.
    """
    padded = np.concatenate([np.full((*values.shape[:-1], 3), np.nan), values], axis=-1)
    first, second, third, fourth = (padded[..., 3 - back : padded.shape[-1] - back] for back in range(4))
    summed: NDArray[np.float64] = first + second + third + fourth
    return summed


def _bridges(values: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
    """Last year, plus this year to date, less last year to date, where there is no sum, as a quarter in between is not known."""
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
        to_date.join(sums, on=["cik", "fy_start", "to_q", "line"], how="anti")
        .join(starts, on=["cik", "fy_start"])
        .join(years.select("cik", "line", last_year="fy_start", value_year="value"), on=["cik", "line", "last_year"])
        .join(
            to_date.select("cik", "line", "to_q", last_year="fy_start", value_prior="value"),
            on=["cik", "line", "to_q", "last_year"],
        )
        .with_columns(value=pl.col("value_year") + pl.col("value") - pl.col("value_prior"), method=pl.lit(TO_DATE))
    )
