"""The generator's calendars are those of real filers: ends, lengths and labels of fiscal years."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from loader.demo.calendars import STYLES, build_calendar


@pytest.mark.parametrize(
    ("style", "end", "label", "fyear"),
    [
        ("calendar year", date(2024, 12, 31), 2024, 2024),
        ("June", date(2024, 6, 30), 2024, 2024),
        ("May", date(2024, 5, 31), 2024, 2023),
        ("last Saturday of September", date(2024, 9, 28), 2024, 2024),
        # in the first days of January: the year before, in the company's own words and in the uniform year
        ("Saturday nearest 31 December", date(2022, 1, 1), 2021, 2021),
        ("last Sunday of January, named for its end", date(2024, 1, 28), 2024, 2023),
        ("Sunday nearest 31 January, named for its start", date(2025, 2, 2), 2024, 2024),
        ("Sunday nearest 31 August, 12-12-12-16 weeks", date(2023, 9, 3), 2023, 2023),
        ("last Saturday of December, 12-12-12-16 weeks", date(2022, 12, 31), 2022, 2022),
        ("Saturday nearest 31 January, 16-12-12-12 weeks", date(2024, 2, 3), 2023, 2023),
    ],
)
def test_a_fiscal_year_ends_and_is_named_as_real_filers_do_it(style: str, end: date, label: int, fyear: int) -> None:
    calendar = build_calendar(style, 2025, 12, 6)
    years = {calendar.ends[year.last]: year for year in calendar.years}
    assert (years[end].label, years[end].fyear) == (label, fyear)


@pytest.mark.parametrize("style", list(STYLES))
def test_quarters_follow_each_other_without_gaps_and_make_up_the_years(style: str) -> None:
    calendar = build_calendar(style, 2025, 15, 7)
    for place in range(1, len(calendar.ends)):
        assert calendar.starts[place] == calendar.ends[place - 1] + timedelta(days=1)
    for year, following in zip(calendar.years, calendar.years[1:], strict=False):
        assert following.first == year.last + 1
    whole = [year for year in calendar.years if not year.transition]
    assert len({year.label for year in whole}) == len(whole)
    for year in whole:
        assert calendar.days(year.first, year.last) in (364, 365, 366, 371)


def test_a_long_year_has_its_extra_week_in_one_quarter() -> None:
    calendar = build_calendar("Sunday nearest 31 August, 12-12-12-16 weeks", 2025, 12, 6)
    lengths = {year.label: [calendar.days(q, q) // 7 for q in range(year.first, year.last + 1)] for year in calendar.years}
    assert lengths[2022] == [12, 12, 12, 16]
    assert lengths[2023] == [12, 12, 12, 17]


@pytest.mark.parametrize(
    ("style", "ends"),
    [
        ("December, later June", ["2020-12-31", "2021-06-30", "2022-06-30"]),
        ("June, later December", ["2021-06-30", "2021-12-31", "2022-12-31"]),
        ("December, later September", ["2020-12-31", "2021-09-30", "2022-09-30"]),
        ("September, later December", ["2021-09-30", "2021-12-31", "2022-12-31"]),
        ("November, later December", ["2021-11-30", "2021-12-31", "2022-12-31"]),
    ],
)
def test_a_changed_year_end_has_a_transition_period_between(style: str, ends: list[str]) -> None:
    calendar = build_calendar(style, 2025, 10, 5)
    around = calendar.years[4:7]
    assert [calendar.ends[year.last].isoformat() for year in around] == ends
    assert [year.transition for year in around] == [False, True, False]
    assert around[2].label == around[0].label + (2 if style.startswith("December") else 1)
