"""Trailing twelve months: the sum of four quarters that follow each other without a gap (rule 5.6).

A window that ends with a fiscal year is that year, so both rows agree to the dollar. Shares are averaged by days, earnings per
share are income divided by those shares; a missing quarter, or a transition period in between, leaves no row.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference.concepts import line_codes, lines
from loader.standardize.calendars import BOUNDARY_SLACK_DAYS
from loader.standardize.dates import PlaceDates
from loader.standardize.per_share import EPS, EPS_FORMULA
from loader.standardize.periods import PLACES_OF_A_YEAR, TRAILING, place_in_year, span_of, within_year, year_of
from loader.standardize.wide import Positions, Values, codes, named, numbered_by_table, occurring, rows_by_year

SUM_OF_QUARTERS: Final = "sum of the last four quarters"
OF_YEAR: Final = "the fiscal year"
TO_DATE: Final = "FY + year to date - prior year to date"
MEAN_OF_QUARTERS: Final = "mean of the last four quarters by days"

#: Days between the ends of quarters that follow each other: 12 to 18 weeks.
_BETWEEN_ENDS: Final = (77, 126)
#: Days from the start of a fiscal year to that of the next.
_YEAR_DAYS: Final = (355, 380)

_QUARTERS: Final = ((1, 1), (2, 2), (3, 3), (4, 4))
_TO_DATE: Final = ((1, 1), (1, 2), (1, 3))
_YEAR: Final = (1, 4)
_SPANS: Final = tuple(dict.fromkeys((*_QUARTERS, *_TO_DATE, _YEAR)))

_METHODS: Final = (SUM_OF_QUARTERS, OF_YEAR, TO_DATE, MEAN_OF_QUARTERS, *map(EPS_FORMULA.format, EPS.values()))


def trailing_twelve_months(values: pl.DataFrame, dates: PlaceDates) -> pl.DataFrame:
    """Derive the trailing twelve months at the end of each quarter.

    Args:
        values: flows by place and line, year-to-date places included: place, line, value, filed, accession.
        dates: knows the ends of quarters and the days of spans.

    Returns:
        place (from_q = `TRAILING`), line, value, filed, accession, method; fourth quarters repeat their year.
    """
    flows = _Flows(values, dates)
    sums = flows.sums()
    added = [sums, flows.bridges(sums)]
    for one in added:
        # Dividends per share are decimal fractions: their sum carries binary noise.
        fractions = one.line == line_codes()["dividends_per_share"]
        one.value[fractions] = np.round(one.value[fractions], 6)
    place, line, value, filed, accession, method = (
        np.concatenate(columns) for columns in zip(flows.of_years(), *added, strict=True)
    )
    return (
        named(line)
        .to_frame()
        .with_columns(
            place=place_in_year(place, TRAILING, span_of(place)[1]),
            value=pl.Series(value),
            filed=pl.Series(filed).cast(pl.Date),
            accession=pl.Series(accession),
            method=pl.Series(_METHODS, dtype=pl.Categorical)[method],
        )
    )


class _Trailing(NamedTuple):
    """Values of twelve months as arrays: the place that they end with, the code of the line, and a position among `_METHODS`."""

    place: Positions
    line: Positions
    value: Values
    filed: NDArray[np.int32]
    accession: NDArray[np.int64]
    method: Positions


class _Flows:
    """Flows by line, span and fiscal year: all lines of all companies are summed at once."""

    def __init__(self, values: pl.DataFrame, dates: PlaceDates) -> None:
        self._dates = dates
        self._place = values.get_column("place").to_numpy()
        self._line = codes(values.get_column("line"))
        # What is not there has the position -1: the last.
        self._value = np.append(values.get_column("value").to_numpy(), np.nan)
        self._filed = values.get_column("filed").cast(pl.Int32).to_numpy()
        self._accession = values.get_column("accession").to_numpy()
        rows = rows_by_year(self._place, self._line, _summed(), _SPANS, year_of(self._place).max(initial=-1) + 1)
        # The quarters come first, and the year last.
        self._quarters, self._year = rows[:, : len(_QUARTERS)], rows[:, -1]
        self._to_date = rows[:, [_SPANS.index(span) for span in _TO_DATE]]

    def of_years(self) -> _Trailing:
        """The fiscal years as they are."""
        at = np.flatnonzero(within_year(self._place) == place_in_year(0, *_YEAR))
        method = np.full(len(at), _METHODS.index(OF_YEAR))
        return _Trailing(self._place[at], self._line[at], self._value[at], self._filed[at], self._accession[at], method)

    def sums(self) -> _Trailing:
        """Four quarters that follow each other, where the last is not that of a year which is stated."""
        from_q, to_q = span_of(self._place)
        of_quarter = np.flatnonzero((from_q == to_q) & (to_q > 0))
        # The quarters that have any flow, in the order of time.
        places, at = numbered_by_table(self._place[of_quarter])
        year, quarter = year_of(places), span_of(places)[1] - 1
        days = self._dates.days(places)
        amounts = self._value[self._quarters[:, quarter, year]]
        line = {name: n for n, name in enumerate(_summed())}
        methods = np.full(len(line), _METHODS.index(SUM_OF_QUARTERS))
        with np.errstate(invalid="ignore", divide="ignore"):
            summed = _last_four(amounts)
            for eps, shares in EPS.items():
                mean = _last_four(amounts[line[shares]] * days) / _last_four(days)
                summed[line[shares]] = mean
                summed[line[eps]] = np.where(mean > 0, summed[line["net_income_common"]] / mean, np.nan)
                methods[line[shares]] = _METHODS.index(MEAN_OF_QUARTERS)
                methods[line[eps]] = _METHODS.index(EPS_FORMULA.format(shares))
        is_stated = (quarter == 3) & (self._year[:, year] >= 0)
        there = ~np.isnan(summed)
        there &= self._unbroken(places, days) & ~is_stated
        row, end = np.divmod(np.flatnonzero(there), max(len(places), 1))
        code = np.array([line_codes()[name] for name in _summed()])
        filed, accession = _last_filings(at, self._filed[of_quarter], self._accession[of_quarter], len(places))
        return _Trailing(places[end], code[row], summed[row, end], filed[end], accession[end], methods[row])

    def bridges(self, sums: _Trailing) -> _Trailing:
        """Last year, plus this year to date, less last year to date, where a quarter in between is not known: there is no sum."""
        years = occurring(year_of(self._place))
        places = years * PLACES_OF_A_YEAR
        cik, start = self._dates.ciks(places), self._dates.year_starts(places)
        # The year before must end where this one starts: no transition period in between.
        between = (start[1:] - start[:-1]) / np.timedelta64(1, "D")
        follows = (cik[1:] == cik[:-1]) & (between >= _YEAR_DAYS[0]) & (between <= _YEAR_DAYS[1])
        now, before = years[1:][follows], years[:-1][follows]
        additive = slice(len(_additive()))
        summed = rows_by_year(sums.place, sums.line, _additive(), _QUARTERS[: len(_TO_DATE)], self._year.shape[-1])
        this, prior = (self._to_date[additive][:, :, year] for year in (now, before))
        whole = np.broadcast_to(self._year[additive][:, None, before], this.shape)
        fits = (this >= 0) & (prior >= 0) & (whole >= 0) & (summed[:, :, now] < 0)
        this, prior, whole = this[fits], prior[fits], whole[fits]
        value = self._value[whole] + self._value[this] - self._value[prior]
        method = np.full(len(this), _METHODS.index(TO_DATE))
        return _Trailing(self._place[this], self._line[this], value, self._filed[this], self._accession[this], method)

    def _unbroken(self, places: Positions, days: Values) -> NDArray[np.bool_]:
        """Whether a quarter and the three before it follow each other."""
        cik = self._dates.ciks(places)
        ends = self._dates.ends(places)
        between = (ends[1:] - ends[:-1]) / np.timedelta64(1, "D")
        # The quarter must also start where the one before ended: no transition period in between, however short.
        meets = np.abs(between - days[1:]) <= BOUNDARY_SLACK_DAYS
        in_time = (between >= _BETWEEN_ENDS[0]) & (between <= _BETWEEN_ENDS[1])
        # Three before the first, so that each has three before it.
        follows = np.concatenate([np.zeros(3, np.bool_), (cik[1:] == cik[:-1]) & in_time & meets])
        unbroken: NDArray[np.bool_] = follows[2:] & follows[1:-1] & follows[:-2]
        return unbroken


def _last_filings(
    at: Positions, filed: NDArray[np.int32], accession: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Of each of some quarters the day and the number of the last filing, of the values that stand in it."""
    last_filed = np.full(count, np.iinfo(filed.dtype).min, filed.dtype)
    np.maximum.at(last_filed, at, filed)
    last = filed == last_filed[at]
    last_accession = np.zeros(count, accession.dtype)
    np.maximum.at(last_accession, at[last], accession[last])
    return last_filed, last_accession


def _last_four(values: NDArray[Any]) -> NDArray[np.float64]:
    """The sum of each and the three before it: added afresh each time, since a rolling sum keeps rounding errors.

    It runs over the bounds of companies; what it gives there is no unbroken row of quarters and is dropped.
    """
    padded = np.concatenate([np.full((*values.shape[:-1], 3), np.nan), values], axis=-1)
    first, second, third, fourth = (padded[..., 3 - back : padded.shape[-1] - back] for back in range(4))
    summed: NDArray[np.float64] = first + second + third + fourth
    return summed


@cache
def _summed() -> tuple[str, ...]:
    """The lines that are summed or averaged."""
    return (*_additive(), *EPS, *EPS.values())


@cache
def _additive() -> tuple[str, ...]:
    return tuple(lines().filter(pl.col("additive")).get_column("line"))
