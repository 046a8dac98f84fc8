"""Periods come from dates: fiscal years, quarters, transition periods and their labels (rules 2.1 to 2.5)."""

from __future__ import annotations

import polars as pl
import pytest

from loader.standardize import standardize
from tests.facts import Fact, frame, interim, year


def _income(*facts: Fact) -> dict[tuple[str, str], dict[str, object]]:
    rows = standardize(frame(*facts)).income.to_dicts()
    return {(row["period"], str(row["end_date"])): row for row in rows}


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        pytest.param(
            ["2021-01-01", "2021-04-01", "2021-07-01"], ["2021-03-31", "2021-06-30", "2021-09-30", "2021-12-31"], id="calendar"
        ),
        pytest.param(
            ["2020-09-27", "2020-12-27", "2021-03-28"], ["2020-12-26", "2021-03-27", "2021-06-26", "2021-09-25"], id="52 weeks"
        ),
        pytest.param(
            ["2020-08-31", "2020-11-23", "2021-02-15"], ["2020-11-22", "2021-02-14", "2021-05-09", "2021-08-29"], id="12-12-12-16"
        ),
        pytest.param(
            ["2020-02-02", "2020-05-24", "2020-08-16"], ["2020-05-23", "2020-08-15", "2020-11-07", "2021-01-30"], id="16-12-12-12"
        ),
        pytest.param(
            ["2023-01-29", "2023-04-30", "2023-07-30"], ["2023-04-29", "2023-07-29", "2023-10-28", "2024-02-03"], id="53 weeks"
        ),
    ],
)
def test_quarters_of_every_calendar_get_their_number_from_their_dates(starts: list[str], ends: list[str]) -> None:
    facts = [year("Revenues", starts[0], ends[3], 1000)]
    facts += [interim("Revenues", start, end, 100, fy=1999) for start, end in zip(starts, ends, strict=False)]
    found = _income(*facts)
    assert [found[f"Q{number}", ends[number - 1]]["revenue"] for number in (1, 2, 3)] == [100, 100, 100]
    assert found["Q4", ends[3]]["revenue"] == 700
    assert found["FY", ends[3]]["revenue"] == 1000


def test_the_label_is_the_companys_own_and_the_uniform_year_is_the_calendars() -> None:
    """One company calls the year that ended in January 2024 fiscal 2024, another fiscal 2023."""
    by_end = _income(year("Revenues", "2023-01-30", "2024-01-28", 1, fy=2024))["FY", "2024-01-28"]
    by_start = _income(year("Revenues", "2023-01-30", "2024-01-28", 1, fy=2023))["FY", "2024-01-28"]
    assert (by_end["year"], by_end["fyear"]) == (2024, 2023)
    assert (by_start["year"], by_start["fyear"]) == (2023, 2023)


def test_a_year_that_ends_in_the_first_days_of_january_belongs_to_the_year_before() -> None:
    found = _income(
        year("Revenues", "2013-12-30", "2014-12-28", 1, fy=2014),
        year("Revenues", "2014-12-29", "2016-01-03", 2, fy=2015),
        year("Revenues", "2016-01-04", "2017-01-01", 3, fy=2016),
    )
    labels = [
        (row["year"], row["fyear"]) for (period, _), row in sorted(found.items(), key=lambda item: item[0][1]) if period == "FY"
    ]
    assert labels == [(2014, 2014), (2015, 2015), (2016, 2016)]


def test_comparatives_are_not_taken_for_the_year_of_the_filing() -> None:
    """All three years of a report carry its fy; each belongs to its own dates."""
    years = ("2018", "2019", "2020")
    found = _income(
        *(year("Revenues", f"{y}-01-01", f"{y}-12-31", int(y) - 2000, filed="2021-02-20", fy=2020) for y in years),
    )
    assert {row["year"]: row["revenue"] for (period, _), row in found.items() if period == "FY"} == {2018: 18, 2019: 19, 2020: 20}


def test_a_changed_year_end_leaves_a_transition_period_that_no_quarter_or_trailing_year_crosses() -> None:
    found = _income(
        year("Revenues", "2014-01-01", "2014-12-31", 400, fy=2014),
        Fact("Revenues", "2015-01-01", "2015-06-30", 210, "2015-08-20", "10-KT", 2015),
        interim("Revenues", "2015-07-01", "2015-09-30", 110, fy=2016),
        year("Revenues", "2015-07-01", "2016-06-30", 440, fy=2016),
    )
    assert found["T", "2015-06-30"]["revenue"] == 210
    assert found["Q1", "2015-09-30"]["revenue"] == 110
    assert ("TTM", "2015-09-30") not in found
    assert ("Q4", "2015-06-30") not in found


def test_the_year_in_progress_has_its_quarters_before_its_annual_report() -> None:
    found = _income(
        year("Revenues", "2022-01-01", "2022-12-31", 400, fy=2022),
        interim("Revenues", "2023-01-01", "2023-03-31", 120),
    )
    row = found["Q1", "2023-03-31"]
    assert (row["revenue"], row["year"]) == (120, 2023)


def test_a_single_first_report_shows_its_fiscal_year_by_its_cash_flow() -> None:
    statements = standardize(
        frame(
            interim("NetCashProvidedByUsedInOperatingActivities", "2023-02-01", "2023-04-30", 5),
            interim("Revenues", "2023-02-01", "2023-04-30", 50),
        ),
    )
    assert statements.income.select("period", "revenue").rows() == [("Q1", 50.0)]


def test_spans_that_are_no_period_are_set_aside_with_their_reason() -> None:
    statements = standardize(
        frame(
            year("Revenues", "2020-01-01", "2020-12-31", 400),
            year("Revenues", "2016-12-08", "2020-12-31", 9999),
            year("Revenues", "1968-05-01", "2020-12-31", 99999),  # since the company's inception
            Fact("Assets", None, "2020-05-17", 7, "2021-03-01"),
        ),
    )
    assert statements.balance.is_empty()
    reasons = dict(statements.usage.select("reason", "facts").iter_rows())
    assert reasons == {"used": 1, "odd_period": 2, "not_a_period_end": 1}


def test_a_year_end_balance_sheet_stands_as_the_year_and_as_its_fourth_quarter() -> None:
    statements = standardize(
        frame(year("Revenues", "2020-01-01", "2020-12-31", 4), Fact("Assets", None, "2020-12-31", 70, "2021-03-01"))
    )
    assert statements.balance.select("period", "total_assets").sort("period").rows() == [("FY", 70.0), ("Q4", 70.0)]
    assert statements.items.filter(pl.col("line") == "total_assets").get_column("period").sort().to_list() == ["FY", "Q4"]


def test_without_annual_reports_the_year_in_progress_is_the_one_that_counts() -> None:
    """One more fact of the year before (a note compares it) does not move the calendar: 52-week years end on other days."""
    flow = "NetCashProvidedByUsedInOperatingActivities"
    before, now = ("2024-01-29", "2024-10-27"), ("2025-02-03", "2025-11-02")
    facts = [interim(name, *span, 5, filed="2025-12-01", fy=2025) for name in (flow, "NetIncomeLoss") for span in (before, now)]
    companies = standardize(frame(*facts, interim("OtherNonoperatingIncome", *before, 1, filed="2025-12-01", fy=2025))).companies
    assert companies.get_column("fiscal_year_end").to_list() == ["0202"]
