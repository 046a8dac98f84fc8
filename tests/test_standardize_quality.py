"""Each check of a statement passes, fails, or is vacuous (checks K9 to K13; the identities K1 to K8 are in checks.csv)."""

from __future__ import annotations

import polars as pl
import pytest

from loader.standardize import standardize
from tests.facts import Fact, frame, interim, year

_YEAR = ("2020-01-01", "2020-12-31")
_BEFORE = ("2019-01-01", "2019-12-31")
_FOUR = [
    ("2020-01-01", "2020-03-31"),
    ("2020-04-01", "2020-06-30"),
    ("2020-07-01", "2020-09-30"),
    ("2020-10-01", "2020-12-31"),
]
_RESTRICTED = "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents"
_CHANGE = f"{_RESTRICTED}PeriodIncreaseDecreaseIncludingExchangeRateEffect"


def _judged(facts: list[Fact], statement: str, end: str = "2020-12-31", period: str = "FY") -> tuple[int, int, int, str | None]:
    """How many checks of a statement passed, failed and were vacuous; which failed."""
    found = standardize(frame(*facts)).quality.filter(
        (pl.col("statement") == statement) & (pl.col("period") == period) & (pl.col("end_date") == pl.lit(end).str.to_date())
    )
    rows = found.select("passed", "failed", "vacuous", "failed_checks").rows()
    return rows[0] if rows else (0, 0, 0, None)


def _roll_forward(change: float) -> list[Fact]:
    return [
        year("NetIncomeLoss", *_YEAR, 1),
        year("NetIncomeLoss", *_BEFORE, 1),
        Fact(_RESTRICTED, None, _BEFORE[1], 100_000, "2021-03-01"),
        Fact(_RESTRICTED, None, _YEAR[1], 130_000, "2021-03-01"),
        year(_CHANGE, *_YEAR, change, filed="2021-03-01"),
    ]


@pytest.mark.parametrize(("change", "expected"), [(30_000, (1, 0, 0, None)), (50_000, (0, 1, 0, "K9"))])
def test_cash_moves_from_year_end_to_year_end_by_the_stated_change(
    change: float, expected: tuple[int, int, int, str | None]
) -> None:
    assert _judged(_roll_forward(change), "cashflow") == expected


def test_a_change_in_cash_that_was_derived_proves_nothing() -> None:
    flows = ("Operating", "Investing", "Financing")
    facts = [
        *_roll_forward(0)[:4],
        *(year(f"NetCashProvidedByUsedIn{name}Activities", *_YEAR, 10_000) for name in flows),
        year("EffectOfExchangeRateOnCashAndCashEquivalents", *_YEAR, 0),
    ]
    # K8, of which the change is a term, and K9
    assert _judged(facts, "cashflow") == (0, 0, 2, None)


@pytest.mark.parametrize(
    ("eps", "expected"), [(2.0, (1, 0, 0, None)), (2.6, (0, 1, 0, "K10")), (2.5, (1, 0, 0, None))], ids=["common", "no", "parent"]
)
def test_earnings_per_share_are_the_income_of_common_stock_or_of_the_parent_over_the_shares(
    eps: float, expected: tuple[int, int, int, str | None]
) -> None:
    facts = [
        year("NetIncomeLoss", *_YEAR, 2_500_000),
        year("NetIncomeLossAvailableToCommonStockholdersBasic", *_YEAR, 2_000_000),
        year("EarningsPerShareDiluted", *_YEAR, eps, unit="USD/shares"),
        year("WeightedAverageNumberOfDilutedSharesOutstanding", *_YEAR, 1_000_000, unit="shares"),
    ]
    assert _judged(facts, "income") == expected


@pytest.mark.parametrize(("whole", "expected"), [(100_000, (1, 0, 0, None)), (120_000, (0, 1, 0, "K11"))])
def test_four_reported_quarters_add_up_to_the_year(whole: float, expected: tuple[int, int, int, str | None]) -> None:
    facts = [year("Revenues", *_YEAR, whole), *(year("Revenues", *span, 25_000) for span in _FOUR)]
    assert _judged(facts, "income") == expected


def test_a_derived_quarter_makes_the_sum_of_quarters_vacuous_and_the_longer_span_is_not_less() -> None:
    facts = [year("Revenues", *_YEAR, 100_000), *(interim("Revenues", *span, 25_000) for span in _FOUR[:3])]
    assert _judged(facts, "income") == (0, 0, 1, None)
    assert _judged(facts, "income", period="Q4") == (1, 0, 0, None)


def test_a_longer_span_that_is_less_than_the_shorter_fails() -> None:
    paid = "PaymentsToAcquirePropertyPlantAndEquipment"
    facts = [year(paid, *_YEAR, 90), interim(paid, "2020-01-01", "2020-09-30", 100), year("NetIncomeLoss", *_YEAR, 1)]
    assert _judged(facts, "cashflow", period="Q4") == (0, 1, 0, "K12")


def test_a_part_of_the_balance_sheet_is_not_larger_than_its_whole() -> None:
    facts = [
        year("NetIncomeLoss", *_YEAR, 1),
        Fact("Assets", None, _YEAR[1], 100, "2021-03-01"),
        Fact("AssetsCurrent", None, _YEAR[1], 110, "2021-03-01"),
    ]
    assert _judged(facts, "balance")[3] == "K12"


def _concept_change(*, overlap: float | None) -> list[Fact]:
    """Interest by one concept in 2019 and by another in 2020; a later filing can state 2020 by the first as well."""
    facts = [
        year("InterestExpense", *_BEFORE, 100),
        year("InterestExpenseOperating", *_YEAR, 100),
        *(year("NetIncomeLoss", *span, 1) for span in (_BEFORE, _YEAR)),
    ]
    return facts if overlap is None else [*facts, Fact("InterestExpenseOperating", *_BEFORE, overlap, "2020-02-29")]


@pytest.mark.parametrize(("overlap", "expected"), [(100.5, (1, 0, 0, None)), (80, (0, 1, 0, "K13")), (None, (0, 0, 1, None))])
def test_a_line_whose_concept_changes_is_flagged_where_the_two_differ_in_a_period_that_has_both(
    overlap: float | None, expected: tuple[int, int, int, str | None]
) -> None:
    assert _judged(_concept_change(overlap=overlap), "income") == expected
