"""Finding what belongs together by small numbers gives what a join gives."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.reference.concepts import line_codes
from loader.standardize.dates import PlaceDates
from loader.standardize.periods import PLACES_OF_A_YEAR, TRAILING, place_in_year
from loader.standardize.wide import looked_up, matched, nullable, numbered_by_table, rows_by_line, rows_by_year

KEYS = st.lists(st.integers(0, 12), max_size=20).map(lambda keys: np.array(keys, np.int64))


@given(KEYS.map(np.unique), st.lists(st.integers(-5, 20)).map(lambda keys: np.array(keys, np.int64)))
def test_what_is_looked_up_stands_among_the_keys_or_nowhere(keys: np.ndarray, wanted: np.ndarray) -> None:
    assert looked_up(keys, wanted).tolist() == [keys.tolist().index(one) if one in keys else -1 for one in wanted]


@given(KEYS, KEYS)
def test_all_pairs_of_equal_keys_are_matched_in_the_order_of_the_wanted_ones(keys: np.ndarray, wanted: np.ndarray) -> None:
    pairs = [(k, w) for w, one in enumerate(wanted) for k, key in enumerate(keys) if key == one]
    assert list(zip(*(side.tolist() for side in matched(keys, wanted)), strict=True)) == pairs


@given(KEYS)
def test_what_occurs_is_numbered_in_its_order(keys: np.ndarray) -> None:
    distinct, number = numbered_by_table(keys)
    assert distinct.tolist() == sorted(set(keys.tolist()))
    assert distinct[number].tolist() == keys.tolist()


def test_values_find_the_column_of_their_line() -> None:
    revenue, cash = (line_codes()[name] for name in ("revenue", "cash_and_equivalents"))
    found = rows_by_line(
        np.array([cash, revenue, revenue]),
        np.array([1, 0, 2]),
        {"revenue": 3, "cash_and_equivalents": 2, "goodwill": 1},
    )
    assert {name: column.tolist() for name, column in found.items()} == {
        "revenue": [1, -1, 2],
        "cash_and_equivalents": [-1, 0],
        "goodwill": [-1],
    }


def test_two_values_for_one_line_of_one_row_are_refused() -> None:
    revenue = line_codes()["revenue"]
    with pytest.raises(ValueError, match="two values for one line of one row"):
        rows_by_line(np.array([revenue, revenue]), np.array([0, 0]), {"revenue": 1})


def test_values_find_their_line_span_and_year() -> None:
    places = [place_in_year(year * PLACES_OF_A_YEAR, *span) for year, span in ((0, (1, 4)), (2, (1, 1)), (1, (1, 2)))]
    revenue = line_codes()["revenue"]
    found = rows_by_year(np.array(places), np.full(3, revenue), ["goodwill", "revenue"], [(1, 1), (1, 4)], 3)
    assert found.tolist() == [[[-1, -1, -1], [-1, -1, -1]], [[-1, -1, 1], [0, -1, -1]]]


def test_what_is_missing_is_null() -> None:
    columns = nullable({"revenue": np.array([1.0, np.nan]), "goodwill": np.array([np.nan, 2.0])})
    assert pl.DataFrame(columns).to_dict(as_series=False) == {"revenue": [1.0, None], "goodwill": [None, 2.0]}


@pytest.fixture
def dates() -> PlaceDates:
    """A company's first known year, which ends on a leap day, two quarters of its next, and one of another company."""
    years = pl.DataFrame(
        {
            "cik": [1, 1, 2],
            "fy_start": [date(2019, 3, 1), date(2020, 3, 1), date(2020, 3, 1)],
            "year": [2019, 2020, 2020],
            "fyear": [2019, 2020, 2020],
        }
    )
    quarters = ((0, 1), (0, 4), (1, 1), (1, 2), (2, 1))
    ends = pl.DataFrame(
        {
            "place": [place_in_year(year * PLACES_OF_A_YEAR, to_q, to_q) for year, to_q in quarters],
            "period_end": [date(2019, 5, 31), date(2020, 2, 29), date(2020, 5, 31), date(2020, 8, 31), date(2020, 5, 31)],
        }
    )
    starts = pl.DataFrame({"place": [place_in_year(PLACES_OF_A_YEAR, 1, 1)], "period_start": [date(2020, 3, 2)]})
    return PlaceDates(
        years, ends, starts, pl.DataFrame({"cik": [1, 2], "fy_start": [date(2020, 3, 1)] * 2, "currency": ["USD"] * 2})
    )


@pytest.mark.parametrize(
    ("year", "span", "start", "end"),
    [
        pytest.param(1, (1, 1), date(2020, 3, 2), date(2020, 5, 31), id="a-span-starts-as-filed"),
        pytest.param(0, (1, 4), date(2019, 3, 1), date(2020, 2, 29), id="else-with-its-year"),
        pytest.param(1, (2, 2), date(2020, 6, 1), date(2020, 8, 31), id="else-after-the-quarter-before"),
        pytest.param(0, (4, 4), None, date(2020, 2, 29), id="not-known"),
        pytest.param(0, (TRAILING, 4), date(2019, 3, 1), date(2020, 2, 29), id="twelve-months-of-a-year"),
        pytest.param(1, (TRAILING, 1), date(2019, 6, 1), date(2020, 5, 31), id="twelve-months-after-the-same-quarter"),
        pytest.param(1, (TRAILING, 2), date(2019, 9, 1), date(2020, 8, 31), id="twelve-months-by-the-calendar"),
        pytest.param(2, (TRAILING, 1), date(2019, 6, 1), date(2020, 5, 31), id="twelve-months-of-another-company"),
    ],
)
def test_places_have_their_dates(dates: PlaceDates, year: int, span: tuple[int, int], start: date | None, end: date) -> None:
    place = np.array([place_in_year(year * PLACES_OF_A_YEAR, *span)])
    row = dates.of(place).row(0, named=True)
    assert (row["from_q"], row["to_q"], row["currency"]) == (*span, "USD")
    assert (row["start_date"], row["end_date"]) == (start, end)


def test_days_count_both_ends_and_are_missing_where_the_start_is_not_known(dates: PlaceDates) -> None:
    places = np.array([place_in_year(0, 1, 4), place_in_year(0, 4, 4)])
    assert dates.days(places).tolist() == pytest.approx([366, np.nan], nan_ok=True)
