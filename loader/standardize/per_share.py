"""The fourth quarter of share counts and earnings per share, which do not add up over quarters (rule 5.3)."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference.concepts import line_codes
from loader.standardize.dates import PlaceDates
from loader.standardize.periods import PLACES_OF_A_YEAR, place_in_year, year_of
from loader.standardize.wide import Positions, Values, codes, named, rows_by_year

SHARES_BY_DAYS: Final = "(FY x days - 9M x days) / days of Q4"
SHARES_BY_QUARTERS: Final = "(FY x days - Q1 to Q3 x days) / days of Q4"
SHARES_OF_Q3: Final = "shares of Q3"
SHARES_OF_A_LOSS: Final = "shares_basic (a loss does not dilute)"
#: Earnings per share are net_income_common divided by these.
EPS: Final = {"eps_basic": "shares_basic", "eps_diluted": "shares_diluted"}
EPS_FORMULA: Final = "net_income_common / {}"

#: A fourth-quarter share count outside this band of the third quarter's is an artefact of rounding or restating, not of buying
#: back.
_PLAUSIBLE: Final = (0.5, 2.0)

_LINES: Final = (*EPS.values(), *EPS, "net_income_common")
_METHODS: Final = (SHARES_BY_DAYS, SHARES_BY_QUARTERS, SHARES_OF_Q3, SHARES_OF_A_LOSS, *map(EPS_FORMULA.format, EPS.values()))

#: The spans that fourth quarters are made of.
_YEAR: Final = (1, 4)
_NINE_MONTHS: Final = (1, 3)
_QUARTERS: Final = ((1, 1), (2, 2), (3, 3))
_FOURTH: Final = (4, 4)
_SPANS: Final = (_YEAR, _NINE_MONTHS, *_QUARTERS, _FOURTH)


class _Amounts(NamedTuple):
    """A line in one span of each fiscal year, as arrays by the number of the year: NaN where there is no value.

    `method` is a position among `_METHODS`, and has a meaning for derived ones only.
    """

    value: Values
    filed: NDArray[np.int32]
    accession: NDArray[np.int64]
    method: Positions


def fourth_quarters(values: pl.DataFrame, dates: PlaceDates) -> pl.DataFrame:
    """Derive the fourth quarter's average shares from averages and days, and its earnings per share from income and shares.

    Args:
        values: flows by place and line (place, line, value, filed, accession), year-to-date places included, splits adjusted.
        dates: knows the days of each span.

    Returns:
        The derived values: place, line, value, filed, accession, method.
    """
    years = _Years(values[np.flatnonzero(_is_used().take(codes(values.get_column("line"))))], dates)
    basic, diluted = (years.shares(line) for line in EPS.values())
    # In a quarter with a loss nothing dilutes: the diluted count is the basic one.
    all_basic = _or_else(years.at("shares_basic", _FOURTH), basic)
    lost = (years.at("net_income_common", _FOURTH).value < 0) & ~np.isnan(all_basic.value) & ~np.isnan(diluted.value)
    diluted = diluted._replace(
        value=np.where(lost, all_basic.value, diluted.value),
        method=np.where(lost, _METHODS.index(SHARES_OF_A_LOSS), diluted.method),
    )
    all_diluted = _or_else(years.at("shares_diluted", _FOURTH), diluted)
    derived = {
        "shares_basic": basic,
        "shares_diluted": diluted,
        "eps_basic": years.earnings("eps_basic", all_basic),
        "eps_diluted": years.earnings("eps_diluted", all_diluted),
    }
    there = [np.flatnonzero(~np.isnan(amounts.value)) for amounts in derived.values()]
    value, filed, accession, method = (
        np.concatenate([column[at] for column, at in zip(columns, there, strict=True)])
        for columns in zip(*derived.values(), strict=True)
    )
    line = np.repeat([line_codes()[name] for name in derived], [len(at) for at in there])
    return (
        named(line)
        .to_frame()
        .with_columns(
            place=place_in_year(np.concatenate(there) * PLACES_OF_A_YEAR, *_FOURTH),
            value=pl.Series(value),
            filed=pl.Series(filed).cast(pl.Date),
            accession=pl.Series(accession),
            method=pl.Series(_METHODS, dtype=pl.Categorical)[method],
        )
    )


@cache
def _is_used() -> NDArray[np.bool_]:
    """By the codes of the lines: whether earnings per share are made of it."""
    return np.array([name in _LINES for name in line_codes()])


class _Years:
    """The lines that earnings per share are made of, by line, span and fiscal year."""

    def __init__(self, values: pl.DataFrame, dates: PlaceDates) -> None:
        place = values.get_column("place").to_numpy()
        years = np.arange(year_of(place).max(initial=-1) + 1)
        self._days = dates.days(np.stack([place_in_year(years * PLACES_OF_A_YEAR, *span) for span in _SPANS]))
        self._at = rows_by_year(place, codes(values.get_column("line")), _LINES, _SPANS, len(years))
        # What is not there has the position -1: the last.
        self._value = np.append(values.get_column("value").to_numpy(), np.nan)
        self._filed = np.append(values.get_column("filed").cast(pl.Int32).to_numpy(), np.int32(0))
        self._accession = np.append(values.get_column("accession").to_numpy(), 0)

    def at(self, line: str, span: tuple[int, int]) -> _Amounts:
        """A line's values in one span."""
        at = self._at[_LINES.index(line), _SPANS.index(span)]
        return _Amounts(self._value[at], self._filed[at], self._accession[at], np.zeros(len(at), np.int64))

    def shares(self, line: str) -> _Amounts:
        """The average shares of the fourth quarters that do not state them."""
        year, nine_months, stated = (self.at(line, span) for span in (_YEAR, _NINE_MONTHS, _FOURTH))
        quarters = [self.at(line, span).value for span in _QUARTERS]
        days, days_9m, *days_of_quarters, _ = self._days
        whole = year.value * days
        with np.errstate(divide="ignore", invalid="ignore"):
            by_days = (whole - nine_months.value * days_9m) / (days - days_9m)
            of_quarters = sum(shares * length for shares, length in zip(quarters, days_of_quarters, strict=True))
            by_quarters = (whole - of_quarters) / (days - sum(days_of_quarters))
            plausible = [_is_between(by / quarters[-1], *_PLAUSIBLE) for by in (by_days, by_quarters)]
        value = np.select(plausible, [by_days, by_quarters], quarters[-1])
        method = np.select(plausible, [0, 1], 2)
        return year._replace(value=np.where(np.isnan(year.value) | ~np.isnan(stated.value), np.nan, value), method=method)

    def earnings(self, line: str, shares: _Amounts) -> _Amounts:
        """The earnings per share of the fourth quarters that do not state them."""
        income, stated = self.at("net_income_common", _FOURTH), self.at(line, _FOURTH)
        fits = np.isnan(stated.value) & (shares.value > 0)
        later = shares.filed > income.filed
        return _Amounts(
            np.divide(income.value, shares.value, out=np.full(len(fits), np.nan), where=fits),
            np.where(later, shares.filed, income.filed),
            np.where(later, shares.accession, income.accession),
            np.full(len(fits), _METHODS.index(EPS_FORMULA.format(EPS[line]))),
        )


def _or_else(one: _Amounts, other: _Amounts) -> _Amounts:
    """The other where the one has no value."""
    there = ~np.isnan(one.value)
    return _Amounts(
        np.where(there, one.value, other.value),
        np.where(there, one.filed, other.filed),
        np.where(there, one.accession, other.accession),
        np.where(there, one.method, other.method),
    )


def _is_between(values: Values, least: float, most: float) -> NDArray[np.bool_]:
    between: NDArray[np.bool_] = (values >= least) & (values <= most)
    return between
