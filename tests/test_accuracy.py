"""The measurements of `just accuracy` work on a few facts, so that no change in the standardiser breaks them unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.accuracy import fourth_quarters, report_completeness, report_fourth_quarters, report_identities
from tests.facts import Fact, frame, interim, year

_YEAR = ("2020-01-01", "2020-12-31")
_NINE_MONTHS = ("2020-01-01", "2020-09-30")
_FOURTH = ("2020-10-01", "2020-12-31")


def _revenue(reported: float) -> list[Fact]:
    return [
        year("Revenues", *_YEAR, 100e6),
        interim("Revenues", *_NINE_MONTHS, 70e6),
        year("Revenues", *_FOURTH, reported),
    ]


@pytest.mark.parametrize(("reported", "equal"), [(30e6, True), (33e6, False)])
def test_a_derived_fourth_quarter_is_compared_with_the_reported_one(reported: float, equal: bool) -> None:
    compared = fourth_quarters(frame(*_revenue(reported)))
    assert compared.select("line", "derived", "reported", "same_books", "equal").rows() == [
        ("revenue", 30e6, reported, True, equal)
    ]


def test_the_report_names_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    report_fourth_quarters({"full": frame(*_revenue(33e6))})
    assert "in all 0 of 1 equal" in capsys.readouterr().out


def test_identities_and_completeness_are_read_from_a_database(demo_db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report_identities({"full": demo_db})
    report_completeness({"full": demo_db})
    printed = capsys.readouterr().out
    assert "assets = liabilities and equity" in printed
    assert "cells are filled" in printed
