"""Labels, dates and currency of the places, by the companies' calendars."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.standardize.lines import with_currency
from loader.standardize.periods import TRAILING, place_in_year, span_of, year_before, year_of
from loader.standardize.wide import Positions, Values, looked_up

Days = NDArray[np.datetime64]

_DAY: Final = np.timedelta64(1, "D")
_NO_DAY: Final = np.datetime64("NaT", "D")


class PlaceDates:
    """When places start and end; a span starts as filed, else the day after the quarter before it.

    Arrays and not frames: a place's number says where its year and its dates stand, so that there is nothing to join.

    Args:
        years: `fiscal_years`, in the order of their numbers.
        ends: `period_ends`.
        starts: `period_starts`.
        currency: cik, fy_start, currency.
    """

    def __init__(self, years: pl.DataFrame, ends: pl.DataFrame, starts: pl.DataFrame, currency: pl.DataFrame) -> None:
        self._years = with_currency(years.select("cik", "fy_start", "year", "fyear"), currency)
        self._ends = ends.get_column("place").to_numpy(), ends.get_column("period_end")
        self._starts = starts.get_column("place").to_numpy(), starts.get_column("period_start")

    def named(self, places: Positions) -> pl.DataFrame:
        """PLACE and place of some places, in their order."""
        from_q, to_q = span_of(places)
        return self._years.select("cik", "fy_start")[year_of(places)].with_columns(
            from_q=pl.Series(from_q).cast(pl.Int8), to_q=pl.Series(to_q).cast(pl.Int8), place=pl.Series(places)
        )

    def of(self, places: Positions) -> pl.DataFrame:
        """PLACE, place, year, fyear, currency, start_date and end_date of some places, in their order."""
        start = self._start(places)
        trailing = np.flatnonzero(span_of(places)[0] == TRAILING)
        start[trailing] = self._start_of_twelve_months(places[trailing])
        return self.named(places).with_columns(
            *self._years.select("year", "fyear", "currency")[year_of(places)].iter_columns(),
            start_date=pl.Series(start),
            end_date=pl.Series(self.ends(places)),
        )

    def ends(self, places: Positions) -> Days:
        """The last day of each place."""
        to_q = span_of(places)[1]
        return _found(self._ends, place_in_year(places, to_q, to_q))

    def days(self, places: Positions) -> Values:
        """How many days each place has, both ends counted; NaN where its start is not known."""
        length: Values = (self.ends(places) - self._start(places) + _DAY) / _DAY
        return length

    def _start(self, places: Positions) -> Days:
        from_q = span_of(places)[0]
        after_quarter: Days = _found(self._ends, place_in_year(places, from_q - 1, from_q - 1)) + _DAY
        return _first(_found(self._starts, places), np.where(from_q <= 1, self.year_starts(places), after_quarter))

    def _start_of_twelve_months(self, places: Positions) -> Days:
        """The quarter after the same quarter of the year before, as it starts; a window that ends with a year is that year."""
        to_q = span_of(places)[1]
        before = year_before(places)
        next_start = _found(self._starts, place_in_year(before, to_q + 1, to_q + 1))
        start = np.where(self._follows(places), _first(next_start, self.ends(before) + _DAY), _NO_DAY)
        start = np.where(to_q == 4, self.year_starts(places), start)
        unknown = np.flatnonzero(np.isnat(start))
        start[unknown] = pl.Series(self.ends(places[unknown])).dt.offset_by("-1y").dt.offset_by("1d").to_numpy()
        return start

    def ciks(self, places: Positions) -> NDArray[np.int64]:
        """The company of each place."""
        ciks: NDArray[np.int64] = self._years.get_column("cik").to_numpy()[year_of(places)]
        return ciks

    def year_starts(self, places: Positions) -> Days:
        """The first day of the fiscal year of each place."""
        starts: Days = self._years.get_column("fy_start").to_numpy()[year_of(places)]
        return starts

    def _follows(self, places: Positions) -> NDArray[np.bool_]:
        """Whether the year before is one of the same company."""
        cik = self._years.get_column("cik").to_numpy()
        follows: NDArray[np.bool_] = np.diff(cik, prepend=-1)[year_of(places)] == 0
        return follows


def _found(dates: tuple[Positions, pl.Series], places: Positions) -> Days:
    """The date of each place, by the places that have one; NaT where there is none."""
    keys, days = dates
    # What is not found has the position -1: the last.
    found: Days = np.append(days.to_numpy(), _NO_DAY)[looked_up(keys, places)]
    return found


def _first(one: Days, other: Days) -> Days:
    """The other where the one is not known."""
    return np.where(np.isnat(one), other, one)
