"""Values: vintages, repairs, quarters, lines, formulas, shares and trailing years (rules 1.3, 3 to 8)."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from loader.standardize import Rules, joined, standardize
from tests.facts import Fact, frame, interim, year


def _value(facts: list[Fact], line: str, period: str = "FY", rules: Rules | None = None) -> float | None:
    items = standardize(frame(*facts), rules).items.filter((pl.col("line") == line) & (pl.col("period") == period))
    return items.sort("end_date").get_column("value").to_list()[-1] if items.height else None


_YEAR = ("2020-01-01", "2020-12-31")
_QUARTERS = [("2020-01-01", "2020-03-31"), ("2020-04-01", "2020-06-30"), ("2020-07-01", "2020-09-30")]
_TO_DATE = [("2020-01-01", "2020-03-31"), ("2020-01-01", "2020-06-30"), ("2020-01-01", "2020-09-30")]


def test_latest_takes_the_restated_value_original_the_first_and_as_of_what_was_known() -> None:
    facts = [
        year("NetIncomeLoss", *_YEAR, 5704, filed="2021-02-01"),
        year("NetIncomeLoss", *_YEAR, 8235, filed="2021-04-25", form="10-K/A"),
    ]
    assert _value(facts, "net_income") == 8235
    assert _value(facts, "net_income", rules=Rules("original")) == 5704
    assert _value(facts, "net_income", rules=Rules(as_of=date(2021, 3, 1))) == 5704
    assert _value(facts, "net_income", rules=Rules(as_of=date(2021, 1, 1))) is None


def test_a_proxy_statement_filed_last_never_gives_a_value() -> None:
    facts = [year("NetIncomeLoss", *_YEAR, 29_760), Fact("NetIncomeLoss", *_YEAR, 29_760_000, "2021-05-01", "DEF 14A")]
    assert _value(facts, "net_income") == 29_760


def test_an_interim_report_does_not_overrule_the_annual_report_on_the_year_end() -> None:
    facts = [
        year("Revenues", *_YEAR, 4),
        Fact("Assets", None, "2020-12-31", 100, "2021-03-01"),
        Fact("Assets", None, "2020-12-31", 98, "2021-05-01", "10-Q"),
    ]
    assert _value(facts, "total_assets") == 100


def test_a_current_report_fills_what_no_periodic_report_states() -> None:
    facts = [
        year("Revenues", *_YEAR, 4),
        Fact("NetIncomeLoss", *_YEAR, 3, "2021-06-01", "8-K"),
        Fact("Revenues", *_YEAR, 5, "2021-06-01", "8-K"),
    ]
    assert (_value(facts, "net_income"), _value(facts, "revenue")) == (3, 4)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [(60_654_000, 61_000_000), (11_784_000, 11_800_000), (1_234_567, 1_235_000), (2_500_000_001, 2_500_000_000)],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_value_repeated_in_coarser_units_is_kept_exact(exact: float, rounded: float, sign: int) -> None:
    facts = [year("NetIncomeLoss", *_YEAR, sign * exact), year("NetIncomeLoss", *_YEAR, sign * rounded, filed="2022-03-01")]
    assert _value(facts, "net_income") == sign * exact


def test_a_value_that_is_another_one_is_no_rounding() -> None:
    facts = [year("NetIncomeLoss", *_YEAR, -11_724_000), year("NetIncomeLoss", *_YEAR, -11_800_000, filed="2022-03-01")]
    assert _value(facts, "net_income") == -11_800_000


def test_year_to_date_becomes_quarters_and_the_fourth_is_the_year_less_nine_months() -> None:
    flow = "NetCashProvidedByUsedInOperatingActivities"
    facts = [year(flow, *_YEAR, 118_254)] + [
        interim(flow, *span, value) for span, value in zip(_TO_DATE, (39_895, 62_585, 91_443), strict=True)
    ]
    assert [_value(facts, "operating_cash_flow", f"Q{n}") for n in (1, 2, 3, 4)] == [39_895, 22_690, 28_858, 26_811]


def test_a_reported_fourth_quarter_is_preferred_to_a_derived_one() -> None:
    facts = [
        year("Revenues", *_YEAR, 100),
        interim("Revenues", *_TO_DATE[2], 70),
        year("Revenues", "2020-10-01", "2020-12-31", 31),
    ]
    assert _value(facts, "revenue", "Q4") == 31


def test_the_fourth_quarter_is_the_year_less_three_quarters_only_when_all_three_are_there() -> None:
    quarters = [interim("Revenues", *span, 20) for span in _QUARTERS]
    assert _value([year("Revenues", *_YEAR, 100), *quarters], "revenue", "Q4") == 40
    assert _value([year("Revenues", *_YEAR, 100), *quarters[:2]], "revenue", "Q4") is None


def test_a_restated_year_is_not_mixed_with_nine_months_of_the_old_books() -> None:
    """The year was restated from 100 to 80 and its quarters never were: the fourth quarter stays that of the old books."""
    facts = [
        interim("Revenues", *_TO_DATE[2], 70),
        year("Revenues", *_YEAR, 100),
        year("Revenues", *_YEAR, 80, filed="2023-02-01"),
    ]
    assert _value(facts, "revenue") == 80
    assert _value(facts, "revenue", "Q4") == 30


def test_no_fourth_quarter_of_a_share_count_is_a_difference() -> None:
    count = "WeightedAverageNumberOfSharesOutstandingBasic"
    shares = {"unit": "shares"}
    facts = [year("NetIncomeLoss", *_YEAR, 400)] + [
        interim("NetIncomeLoss", *span, 100 * n) for n, span in enumerate(_TO_DATE, 1)
    ]
    facts += [
        year(count, *_YEAR, 1000, **shares),
        interim(count, *_TO_DATE[2], 1010, **shares),
        interim(count, *_QUARTERS[2], 1005, **shares),
    ]
    days = (366, 274)
    expected = (1000 * days[0] - 1010 * days[1]) / (days[0] - days[1])
    assert _value(facts, "shares_basic", "Q4") == pytest.approx(expected)
    assert _value(facts, "eps_basic", "Q4") == pytest.approx(100 / expected)


def test_splits_are_found_by_votes_and_applied_by_filing_date_to_years_and_quarters() -> None:
    per_share = {"unit": "USD/shares"}
    before = [year("EarningsPerShareDiluted", "2019-01-01", "2019-12-31", 12.0, **per_share)]
    before += [interim("EarningsPerShareDiluted", *span, 4.0, **per_share) for span in _QUARTERS]
    before += [year("Revenues", "2019-01-01", "2019-12-31", 1)]
    after = [year("Revenues", *_YEAR, 1), year("EarningsPerShareDiluted", *_YEAR, 4.5, **per_share)]
    recast = [interim("EarningsPerShareDiluted", *span, 1.0, filed="2021-05-01", **per_share) for span in _QUARTERS]
    count = "WeightedAverageNumberOfDilutedSharesOutstanding"
    recast += [
        interim(count, *_QUARTERS[0], 100, unit="shares"),
        interim(count, *_QUARTERS[0], 400, filed="2021-05-01", unit="shares"),
    ]
    items = standardize(frame(*before, *after, *recast)).items.filter(pl.col("line") == "eps_diluted")
    found = {
        (row["period"], row["year"]): (row["value"], row["raw_value"])
        for row in items.to_dicts()
        if row["period"] in ("FY", "Q1")
    }
    assert found["Q1", 2020] == (1.0, None)
    assert found["FY", 2019] == (3.0, 12.0)


def test_earnings_per_share_that_were_restated_are_no_split() -> None:
    per_share = {"unit": "USD/shares"}
    facts = [
        year("EarningsPerShareDiluted", *_YEAR, 4.0, **per_share),
        year("EarningsPerShareDiluted", *_YEAR, 2.0, **per_share, filed="2022-03-01"),
        year("EarningsPerShareDiluted", "2019-01-01", "2019-12-31", 3.0, **per_share),
    ]
    for span in _QUARTERS:
        facts += [interim("EarningsPerShareDiluted", *span, 1.0, **per_share)]
        facts += [interim("EarningsPerShareDiluted", *span, 0.5, **per_share, filed="2021-05-01")]
    assert standardize(frame(*facts, year("Revenues", *_YEAR, 1))).items.get_column("repair").drop_nulls().is_empty()


def test_a_loss_per_share_that_was_restated_to_a_third_as_profit_is_no_split() -> None:
    facts = [
        year("EarningsPerShareDiluted", *_YEAR, value, unit="USD/shares", filed=filed)
        for value, filed in ((-3.0, "2021-03-01"), (1.0, "2022-03-01"))
    ]
    assert _value([*facts, year("Revenues", *_YEAR, 100, filed="2022-03-01")], "eps_diluted") == 1.0


def test_share_counts_in_thousands_are_repaired_where_income_and_eps_prove_it() -> None:
    facts = [
        year("NetIncomeLoss", *_YEAR, 253_146_000),
        year("EarningsPerShareDiluted", *_YEAR, 0.43, unit="USD/shares"),
        year("WeightedAverageNumberOfDilutedSharesOutstanding", *_YEAR, 588_684, unit="shares"),
    ]
    assert _value(facts, "shares_diluted") == 588_684_000
    assert _value([facts[0], facts[2]], "shares_diluted") == 588_684


def test_payments_filed_as_negative_are_positive_outflows_with_the_raw_value_kept() -> None:
    items = standardize(frame(year("PaymentsToAcquirePropertyPlantAndEquipment", *_YEAR, -39), year("Revenues", *_YEAR, 1))).items
    row = items.filter((pl.col("line") == "capital_expenditures") & (pl.col("period") == "FY")).to_dicts()[0]
    assert (row["value"], row["raw_value"], row["repair"]) == (39, -39, "sign")


@pytest.mark.parametrize(("tax", "expected"), [(-20, 20), (20, 20)])
def test_a_tax_whose_sign_is_turned_is_told_by_the_identity(tax: float, expected: float) -> None:
    facts = [
        year("IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest", *_YEAR, 100),
        year("IncomeTaxExpenseBenefit", *_YEAR, tax),
        year("ProfitLoss", *_YEAR, 80),
    ]
    assert _value(facts, "income_tax") == expected


def test_a_tax_benefit_stays_negative() -> None:
    facts = [
        year("IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest", *_YEAR, 100),
        year("IncomeTaxExpenseBenefit", *_YEAR, -20),
        year("ProfitLoss", *_YEAR, 120),
    ]
    assert _value(facts, "income_tax") == -20


def test_missing_is_never_zero_and_never_a_plug() -> None:
    facts = [year("Revenues", *_YEAR, 100), year("NetCashProvidedByUsedInOperatingActivities", *_YEAR, 30)]
    for line in ("gross_profit", "cost_of_revenue", "free_cash_flow", "dividends_paid", "total_debt"):
        assert _value(facts, line) is None


def test_income_of_the_parent_does_not_stand_in_where_there_are_minorities() -> None:
    first = [
        year("NetIncomeLoss", *_YEAR, 90),
        year("ProfitLoss", *_YEAR, 100),
        year("NetIncomeLossAttributableToNoncontrollingInterest", *_YEAR, 10),
    ]
    quarter = [interim("NetIncomeLoss", *_QUARTERS[0], 20)]
    assert _value(first + quarter, "net_income_incl_nci", "Q1") is None
    assert _value([first[0], *quarter], "net_income_incl_nci", "Q1") == 20


def test_short_term_debt_that_is_the_current_part_under_another_name_counts_once() -> None:
    """Rule 7.6: to the dollar the same amount under both concepts is one amount."""
    at = (None, "2020-12-31")
    facts = [
        year("Revenues", *_YEAR, 1),
        Fact("ShortTermBorrowings", *at, 584_400_000, "2021-03-01"),
        Fact("LongTermDebtCurrent", *at, 584_400_000, "2021-03-01"),
        Fact("LongTermDebtNoncurrent", *at, 3_907_700_000, "2021-03-01"),
    ]
    assert (_value(facts, "short_term_debt"), _value(facts, "total_debt")) == (584_400_000, 4_492_100_000)


def test_the_trailing_year_at_a_year_end_is_the_year_and_in_between_the_sum_of_four_quarters() -> None:
    facts = [year("Revenues", *_YEAR, 100)] + [interim("Revenues", *span, 20) for span in _QUARTERS]
    facts += [interim("Revenues", "2021-01-01", "2021-03-31", 25)]
    items = standardize(frame(*facts)).items.filter((pl.col("line") == "revenue") & (pl.col("period") == "TTM")).sort("end_date")
    assert items.select("end_date", "value").rows() == [(date(2020, 12, 31), 100.0), (date(2021, 3, 31), 105.0)]


def test_a_bank_has_no_gross_profit_and_its_fee_income_is_not_its_revenue() -> None:
    facts = [
        year("RevenueFromContractWithCustomerExcludingAssessedTax", *_YEAR, 10),
        year("InterestIncomeExpenseNet", *_YEAR, 60),
        year("NoninterestIncome", *_YEAR, 40),
        Fact("Deposits", None, "2020-12-31", 900, "2021-03-01"),
    ]
    statements = standardize(frame(*facts))
    assert statements.companies.get_column("template").to_list() == ["bank"]
    row = statements.income.filter(pl.col("period") == "FY").to_dicts()[0]
    assert (row["revenue"], row["gross_profit"]) == (100, None)


def test_every_empty_core_cell_has_a_reason() -> None:
    statements = standardize(frame(year("Revenues", *_YEAR, 100), Fact("Assets", None, "2020-12-31", 70, "2021-03-01")))
    reasons = {(row["line"], row["period"]): row["reason"] for row in statements.gaps.to_dicts()}
    assert reasons["gross_profit", "FY"] == "not_applicable_to_the_template"
    assert reasons["net_income", "FY"] == "not_reported_by_this_filer"
    assert ("revenue", "FY") not in reasons


@settings(max_examples=10)  # each example standardises twice
@given(st.permutations(range(13)))
def test_the_order_of_the_facts_changes_nothing(order: list[int]) -> None:
    facts = [year("Revenues", *_YEAR, 100), year("Revenues", *_YEAR, 101, filed="2022-02-01")]
    facts += [interim("Revenues", *span, 20 + n) for n, span in enumerate(_QUARTERS)]
    facts += [interim("Revenues", *span, 30 * n) for n, span in enumerate(_TO_DATE, 1)] + [
        Fact("Assets", None, "2020-12-31", 9, "2021-03-01")
    ]
    # ties: one filing states one fact with two values, and for a span that starts later; and a second company between all
    facts += [year("Revenues", *_YEAR, 103), year("Revenues", "2020-01-03", "2020-12-31", 99)]
    facts += [year("Revenues", *_YEAR, value, cik=2) for value in (7, 8)]
    expected, found = standardize(frame(*facts)), standardize(frame(*(facts[index] for index in order)))
    for name in ("income", "balance", "cashflow", "items", "gaps", "quality", "companies", "usage"):
        assert getattr(found, name).equals(getattr(expected, name)), name


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(-(10**12), 10**12)), max_size=12))
def test_every_fact_is_used_or_set_aside(picks: list[tuple[int, int, int]]) -> None:
    spans = [*_TO_DATE, _YEAR]
    names = ("Revenues", "NetIncomeLoss", "SalesRevenueNet", "ProfitLoss")
    facts = [year(names[name], *spans[span], value, filed=f"2021-0{1 + n % 9}-11") for n, (name, span, value) in enumerate(picks)]
    facts.append(year("Revenues", *_YEAR, 1))
    assert standardize(frame(*facts)).usage.get_column("facts").sum() == len(facts)


def test_parts_of_a_batch_joined_are_the_batch() -> None:
    """Also where the first of them has a single statement: the next one's rows do not take its number."""
    facts = [interim("NetCashProvidedByUsedInOperatingActivities", "2020-01-01", "2020-03-31", 25)]
    other = [
        year("Revenues", "2020-01-01", "2020-12-31", 200, cik=2),
        year("Assets", None, "2020-12-31", 300, cik=2),  # type: ignore[arg-type]
        year("NetIncomeLoss", "2019-01-01", "2019-12-31", 20, cik=2),
    ]
    whole = standardize(frame(*facts, *other))
    parts = joined([standardize(frame(*facts)), standardize(frame(*other))])
    assert standardize(frame(*facts)).rows.height == 1
    for name in ("income", "balance", "cashflow", "rows", "cells", "unfilled", "companies", "quality"):
        assert_frame_equal(getattr(parts, name), getattr(whole, name), check_row_order=name in ("income", "balance", "cashflow"))


_FOR_PROPERTY = "PaymentsToAcquirePropertyPlantAndEquipment"
_FOR_PRODUCTIVE_ASSETS = "PaymentsToAcquireProductiveAssets"


def _spent(*facts: Fact) -> list[float]:
    """What the first company of the facts spent, year by year."""
    items = standardize(frame(*facts)).items.filter(
        (pl.col("cik") == facts[0].cik) & (pl.col("line") == "capital_expenditures") & (pl.col("period") == "FY")
    )
    return items.sort("end_date").get_column("value").to_list()


def test_a_year_takes_the_concept_of_its_next_year_but_not_of_another_company() -> None:
    """The calendars go on after a company's last stated year, and begin before the first of the one that follows in the batch."""
    last = ("2022-01-01", "2022-12-31")
    facts = [year("NetIncomeLoss", *_YEAR, 50), year(_FOR_PROPERTY, *last, 100), year(_FOR_PRODUCTIVE_ASSETS, *last, 90)]
    other = [year("NetIncomeLoss", *_YEAR, 5, cik=2), year(_FOR_PRODUCTIVE_ASSETS, "2017-01-01", "2017-12-31", 8, cik=2)]
    assert _spent(*facts) == _spent(*facts, *other) == [100]
    following = [year(concept, "2023-01-01", "2023-12-31", 80) for concept in ("NetIncomeLoss", _FOR_PRODUCTIVE_ASSETS)]
    assert _spent(*facts, *following) == [90, 80]


def test_a_filing_of_two_companies_tells_of_each_by_itself() -> None:
    """By which concept it states more years of one says nothing of the other."""
    facts = [year("NetIncomeLoss", *_YEAR, 50), year(_FOR_PROPERTY, *_YEAR, 100), year(_FOR_PRODUCTIVE_ASSETS, *_YEAR, 90)]
    other = [year("NetIncomeLoss", *_YEAR, 5, cik=2), year(_FOR_PRODUCTIVE_ASSETS, *_YEAR, 8, cik=2)]
    assert _spent(*facts) == _spent(*facts, *other) == [100]


def test_no_facts_are_no_statements() -> None:
    """Many funds' files hold none."""
    statements = standardize(frame())
    for name in ("income", "balance", "cashflow", "items", "gaps", "quality", "usage"):
        assert getattr(statements, name).is_empty(), name


def test_a_company_without_any_flow_has_no_fiscal_year_and_every_fact_says_so() -> None:
    statements = standardize(frame(Fact("Assets", None, "2020-12-31", 5, "2021-03-01")))
    assert statements.balance.is_empty()
    assert statements.usage.select("reason", "facts").rows() == [("no_fiscal_year", 1)]


@pytest.mark.parametrize(("stated", "expected"), [(861_745, None), (861_745_000, 861_745_000)])
def test_shares_outstanding_of_another_size_than_the_average_are_no_answer(stated: float, expected: float | None) -> None:
    """861,745 thousand shares filed as 861,745: a placeholder and one class of several look the same."""
    facts = [
        year("Revenues", *_YEAR, 1),
        year("WeightedAverageNumberOfSharesOutstandingBasic", *_YEAR, 870_000_000, unit="shares"),
        Fact("CommonStockSharesOutstanding", None, "2020-12-31", stated, "2021-03-01", unit="shares"),
    ]
    assert _value(facts, "shares_outstanding") == expected


def test_a_derived_quarter_of_negative_revenue_is_dropped_with_its_reason() -> None:
    facts = [
        year("Revenues", *_YEAR, 60),
        year("NetIncomeLoss", *_YEAR, 5),
        interim("Revenues", *_TO_DATE[2], 70),
        interim("NetIncomeLoss", *_TO_DATE[2], 3),
    ]
    assert _value(facts, "revenue", "Q4") is None
    assert _value(facts, "net_income", "Q4") == 2
    gaps = standardize(frame(*facts)).gaps
    assert gaps.filter((pl.col("line") == "revenue") & (pl.col("period") == "Q4")).get_column("reason").to_list() == [
        "rejected_by_a_guard"
    ]


def test_a_stated_negative_revenue_stands() -> None:
    assert _value([year("Revenues", *_YEAR, -60)], "revenue") == -60


def test_a_gross_profit_above_the_revenue_is_not_derived() -> None:
    def of(nine_months_cost: float) -> list[Fact]:
        return [
            year("Revenues", *_YEAR, 100),
            year("CostOfRevenue", *_YEAR, 60),
            interim("Revenues", *_TO_DATE[2], 70),
            interim("CostOfRevenue", *_TO_DATE[2], nine_months_cost),
        ]

    assert _value(of(40), "gross_profit", "Q4") == 10
    assert _value(of(65), "gross_profit", "Q4") is None
    gaps = standardize(frame(*of(65))).gaps.filter((pl.col("line") == "gross_profit") & (pl.col("period") == "Q4"))
    assert gaps.get_column("reason").to_list() == ["rejected_by_a_guard"]


def test_a_count_of_another_size_is_accounted_as_rejected() -> None:
    facts = [
        year("NetIncomeLoss", *_YEAR, 100),
        year("WeightedAverageNumberOfSharesOutstandingBasic", *_YEAR, 5_000_000, unit="shares"),
        Fact("CommonStockSharesOutstanding", None, "2020-12-31", 1_000, "2021-02-01", unit="shares"),
    ]
    usage = dict(standardize(frame(*facts)).usage.select("reason", "facts").iter_rows())
    assert usage == {"used": 2, "rejected_by_a_guard": 1}


@pytest.mark.parametrize(
    ("line", "value", "statement"),
    [
        ("ebitda", 45, "income"),
        ("working_capital", 120, "balance"),
        ("noncurrent_assets", 300, "balance"),
        ("net_debt", 10, "balance"),
        ("accumulated_depreciation", 40, "balance"),
    ],
)
def test_lines_that_users_would_otherwise_compute_are_items(line: str, value: float, statement: str) -> None:
    at = "2020-12-31"
    facts = [
        year("Revenues", *_YEAR, 100),
        year("CostOfRevenue", *_YEAR, 60),
        year("OperatingIncomeLoss", *_YEAR, 30),
        year("DepreciationDepletionAndAmortization", *_YEAR, 15),
        *(
            Fact(concept, None, at, amount, "2021-02-01")
            for concept, amount in {
                "Assets": 500,
                "AssetsCurrent": 200,
                "LiabilitiesCurrent": 80,
                "CashAndCashEquivalentsAtCarryingValue": 30,
                "DebtCurrent": 15,
                "LongTermDebtNoncurrent": 25,
                "PropertyPlantAndEquipmentGross": 140,
                "PropertyPlantAndEquipmentNet": 100,
            }.items()
        ),
    ]
    assert _value(facts, line) == value
    found = standardize(frame(*facts)).items.filter(pl.col("line") == line)
    assert found.get_column("statement").unique().to_list() == [statement]
    assert "reported" not in found.get_column("method")


def test_a_cash_flow_that_is_not_stated_is_what_the_others_leave_of_the_change_in_cash() -> None:
    flows = {
        "NetCashProvidedByUsedInOperatingActivities": 50,
        "NetCashProvidedByUsedInFinancingActivities": -20,
        "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalentsPeriodIncreaseDecreaseIncludingExchangeRateEffect": 5,
        "EffectOfExchangeRateOnCashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents": -1,
    }
    facts = [year("Revenues", *_YEAR, 100), *(year(concept, *_YEAR, amount) for concept, amount in flows.items())]
    assert _value(facts, "investing_cash_flow") == -24
    without_exchange_rates = [fact for fact in facts if "ExchangeRateOnCash" not in fact.concept]
    assert _value(without_exchange_rates, "investing_cash_flow") is None


def _oil_company(other_income: float) -> list[Fact]:
    """Two years whose Revenues are sales, income of affiliates and other income; the identity holds where the last fits."""
    before = ("2019-01-01", "2019-12-31")
    return [
        *(year("Revenues", *span, 130) for span in (before, _YEAR)),
        *(year("SalesRevenueNet", *span, 100) for span in (before, _YEAR)),
        *(year("IncomeLossFromEquityMethodInvestments", *span, 20) for span in (before, _YEAR)),
        *(year("OtherNonoperatingIncome", *span, other_income) for span in (before, _YEAR)),
    ]


@pytest.mark.parametrize(("other_income", "revenue"), [(10, 100), (11, 130)])
def test_a_total_of_revenues_and_other_income_is_no_revenue_where_the_identity_shows_it(
    other_income: float, revenue: float
) -> None:
    assert _value(_oil_company(other_income), "revenue") == revenue


def test_a_filer_that_has_come_to_state_only_the_total_of_all_income_keeps_it_in_all_years() -> None:
    assert _value([*_oil_company(10), year("Revenues", "2021-01-01", "2021-12-31", 140)], "revenue") == 140
    assert _cell([*_oil_company(10), year("Revenues", "2021-01-01", "2021-12-31", 140)], "revenue") == 130


def test_a_quarter_is_a_difference_over_two_concepts_that_the_filer_uses_for_one_line() -> None:
    """Rule 5.4: the concept changed within the year; the year, stated by both, shows that they are one line."""
    old, new = "PaymentsToAcquireProductiveAssets", "PaymentsToAcquirePropertyPlantAndEquipment"
    facts = [
        year(old, *_YEAR, 100),
        interim(old, *_TO_DATE[1], 45),
        interim(new, *_TO_DATE[0], 20),
        year(new, *_YEAR, 100, filed="2022-03-01"),
        year("NetIncomeLoss", *_YEAR, 1),
    ]
    assert _value(facts, "capital_expenditures", "Q2") == 25
    apart = [*facts[:3], year(new, *_YEAR, 90, filed="2022-03-01"), facts[4]]
    assert _value(apart, "capital_expenditures", "Q2") is None


def test_the_columns_of_one_filing_are_of_one_concept() -> None:
    """Rule 7.2: the first in rank is stated for one of the years only."""
    years = [(f"{n}-01-01", f"{n}-12-31") for n in (2018, 2019, 2020)]
    facts = [year("InterestExpenseNonoperating", *span, 95, filed="2021-03-01") for span in years]
    facts += [year("InterestExpense", *years[1], 100, filed="2021-03-01"), year("NetIncomeLoss", *_YEAR, 1, filed="2021-03-01")]
    items = standardize(frame(*facts)).items.filter((pl.col("line") == "interest_expense") & (pl.col("period") == "FY"))
    assert items.get_column("value").to_list() == [95, 95, 95]


def test_a_zero_gives_way_to_an_amount_of_the_same_filing() -> None:
    facts = [year("InterestExpense", *_YEAR, 0), year("InterestExpenseNonoperating", *_YEAR, 7), year("NetIncomeLoss", *_YEAR, 1)]
    assert _value(facts, "interest_expense") == 7


def _average(shares: float, *more: Fact) -> list[Fact]:
    """A loss of 0.5 a share over two million shares, with the count as it was filed."""
    return [
        year("NetIncomeLossAvailableToCommonStockholdersBasic", *_YEAR, -1_000_000),
        year("EarningsPerShareBasic", *_YEAR, -0.5, unit="USD/shares"),
        year("WeightedAverageNumberOfSharesOutstandingBasic", *_YEAR, shares, unit="shares"),
        year("NetCashProvidedByUsedInOperatingActivities", *_YEAR, 1),
        *more,
    ]


@pytest.mark.parametrize("shares", [2, 2_000, 2_000_000, 2e9, 2e12])
def test_an_average_count_is_repaired_in_both_directions(shares: float) -> None:
    assert _value(_average(shares), "shares_basic") == 2_000_000


def test_the_income_that_the_earnings_per_share_are_of_is_the_witness() -> None:
    """Preferred dividends between the two incomes: that of the parent gives another count, and would prove nothing."""
    assert _value(_average(2_000, year("NetIncomeLoss", *_YEAR, -400_000)), "shares_basic") == 2_000_000


def test_a_loss_per_share_without_its_sign_is_told_by_the_loss_and_the_shares_of_the_filing() -> None:
    facts = _average(2_000_000)
    facts[1] = facts[1]._replace(value=0.5)
    item = standardize(frame(*facts)).items.filter((pl.col("line") == "eps_basic") & (pl.col("period") == "FY"))
    assert item.select("value", "raw_value", "repair").rows() == [(-0.5, 0.5, "sign")]
    # an income of the other sign that gives the value as it was filed: nothing is proved
    assert _value([*facts, year("NetIncomeLoss", *_YEAR, 1_000_000)], "eps_basic") == 0.5


def test_a_loss_per_share_without_its_sign_is_told_by_the_other_filings() -> None:
    quarter = _QUARTERS[1]
    facts = [
        year("NetIncomeLoss", *_YEAR, 9),
        interim("EarningsPerShareDiluted", *quarter, -0.06, unit="USD/shares"),
        interim("EarningsPerShareDiluted", *quarter, -0.06, unit="USD/shares", filed="2021-07-30"),
        year("EarningsPerShareDiluted", *quarter, 0.06, unit="USD/shares", filed="2022-02-24"),
    ]
    assert _value(facts, "eps_diluted", "Q2") == -0.06


@pytest.mark.parametrize(("restricted", "expected"), [(80, 90), (95, None)])
def test_cash_with_restricted_cash_stands_in_only_where_it_has_been_the_same(restricted: float, expected: float | None) -> None:
    tag = "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents"
    facts = [
        year("NetIncomeLoss", *_YEAR, 1),
        Fact("CashAndCashEquivalentsAtCarryingValue", None, "2019-12-31", 80, "2020-03-01"),
        Fact(tag, None, "2019-12-31", restricted, "2020-03-01"),
        Fact(tag, None, "2020-12-31", 90, "2021-03-01"),
    ]
    assert _cell(facts, "cash_and_equivalents") == expected


def _cell(facts: list[Fact], line: str, period: str = "FY", end: str = "2020-12-31") -> float | None:
    """One value, null where there is none in that very period."""
    at_end = (pl.col("line") == line) & (pl.col("period") == period) & (pl.col("end_date") == pl.lit(end).str.to_date())
    found = standardize(frame(*facts)).items.filter(at_end).get_column("value").to_list()
    return found[0] if found else None


def test_a_part_of_the_year_by_another_concept_is_not_larger_than_the_year() -> None:
    """Nothing was paid for own shares in the year; what was acquired otherwise is no repurchase."""
    acquired = interim("TreasuryStockValueAcquiredCostMethod", *_QUARTERS[0], 1_460)
    facts = [year("PaymentsForRepurchaseOfCommonStock", *_YEAR, 0), acquired, year("NetIncomeLoss", *_YEAR, 1)]
    assert _cell(facts, "share_repurchases", "Q1", "2020-03-31") is None
    assert _cell(facts, "share_repurchases") == 0
    reasons = dict(standardize(frame(*facts)).usage.select("reason", "facts").iter_rows())
    assert reasons == {"used": 2, "rejected_by_a_guard": 1}


def test_a_year_of_zero_by_a_concept_that_is_not_the_whole_line_gives_way_to_its_quarters() -> None:
    facts = [
        year("PaymentsToAcquireOtherPropertyPlantAndEquipment", *_YEAR, 0),
        interim("PaymentsForCapitalImprovements", *_QUARTERS[0], 455),
        year("NetIncomeLoss", *_YEAR, 1),
    ]
    assert _cell(facts, "capital_expenditures") is None
    assert _cell(facts, "capital_expenditures", "Q1", "2020-03-31") == 455


@pytest.mark.parametrize(("now", "expected"), [("PaymentsOfDividends", 110), ("PaymentsOfDividendsCommonStock", None)])
def test_a_trailing_year_is_not_made_of_two_concepts(now: str, expected: float | None) -> None:
    """The year and its own half by one concept, the half of the year after by another that may be less."""
    half = ("2021-01-01", "2021-06-30")
    facts = [
        year("NetIncomeLoss", *_YEAR, 1),
        year("PaymentsOfDividends", *_YEAR, 100),
        interim("PaymentsOfDividends", *_TO_DATE[1], 40),
        interim(now, *half, 50),
    ]
    assert _cell(facts, "dividends_paid", "TTM", half[1]) == expected


def test_year_to_date_facts_that_a_trailing_year_is_made_of_are_used() -> None:
    half = ("2021-01-01", "2021-06-30")
    facts = [
        year("NetIncomeLoss", *_YEAR, 100),
        interim("NetIncomeLoss", *_TO_DATE[1], 40),
        interim("NetIncomeLoss", *half, 50),
    ]
    assert _cell(facts, "net_income", "TTM", half[1]) == 110
    assert dict(standardize(frame(*facts)).usage.select("reason", "facts").iter_rows()) == {"used": 3}


def test_a_year_takes_the_concept_that_a_later_filing_shows_for_the_year_after() -> None:
    """Rule 7.2: an older report states Revenues of a note beside the revenue; the newer one tells which of them is the line."""
    before = ("2019-01-01", "2019-12-31")
    revenue, filed = "RevenueFromContractWithCustomerExcludingAssessedTax", "2021-03-01"
    facts = [
        *(year(revenue, *span, 178, filed=filed) for span in (before, _YEAR)),
        *(year("Revenues", *span, 110, filed=filed) for span in (before, _YEAR)),
        *(year("NetIncomeLoss", *span, 9, filed=filed) for span in (before, _YEAR)),
        year(revenue, *_YEAR, 178, filed="2022-03-01"),
        year("NetIncomeLoss", *_YEAR, 9, filed="2022-03-01"),
    ]
    assert _cell(facts, "revenue", end="2019-12-31") == 178


def test_a_table_of_quarters_that_shows_a_part_of_the_company_tells_nothing_of_the_fourth() -> None:
    """The parent company's column: a third of what the quarterly reports say."""
    fourth = ("2020-10-01", "2020-12-31")
    facts = [
        year("Revenues", *_YEAR, 100),
        *(interim("Revenues", *span, value) for span, value in zip(_TO_DATE, (24, 48, 72), strict=True)),
        *(interim("Revenues", *span, 24) for span in _QUARTERS[1:]),
        *(year("Revenues", *span, 8, filed="2021-03-01") for span in (*_QUARTERS, fourth)),
    ]
    assert (_cell(facts, "revenue", "Q4"), _cell(facts, "revenue", "Q1", "2020-03-31")) == (28, 24)


def test_the_revenue_of_a_utility_is_more_than_that_of_its_electricity() -> None:
    facts = [year("ElectricUtilityRevenue", *_YEAR, 79), year("UtilityRevenue", *_YEAR, 107), year("NetIncomeLoss", *_YEAR, 1)]
    assert _value(facts, "revenue") == 107


def test_what_is_proved_of_one_share_count_holds_for_its_filing_and_for_the_same_amount_elsewhere() -> None:
    """The last report counts in shares, those before in thousands; only 2020 is stated both ways."""
    count, spans = "WeightedAverageNumberOfDilutedSharesOutstanding", [(f"{n}-01-01", f"{n}-12-31") for n in range(2018, 2023)]
    of = dict(zip(range(2018, 2023), spans, strict=True))
    in_thousands = [(2019, 2018), (2019, 2019), (2020, 2019), (2020, 2020)]
    facts = [
        *(year("NetIncomeLoss", *span, 1, filed="2023-03-01") for span in spans),
        *(year(count, *of[own], 1_100, unit="shares", filed=f"{filed + 1}-03-01") for filed, own in in_thousands),
        *(year(count, *of[own], 1_100_000, unit="shares", filed="2023-03-01") for own in (2020, 2021, 2022)),
    ]
    items = standardize(frame(*facts)).items.filter((pl.col("line") == "shares_diluted") & (pl.col("period") == "FY"))
    assert items.get_column("value").to_list() == [1_100_000] * 5


@pytest.mark.parametrize(("pretax", "expected"), [(40, None), (35, 40)])
def test_costs_that_leave_the_income_before_tax_leave_no_operating_income(pretax: float, expected: float | None) -> None:
    """I3: such costs include interest, so that the difference is another line."""
    facts = [
        year("Revenues", *_YEAR, 100),
        year("CostsAndExpenses", *_YEAR, 60),
        year("IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest", *_YEAR, pretax),
    ]
    assert _value(facts, "operating_income") == expected


@pytest.mark.parametrize("accession", [119312521000001, 2**62], ids=["as in use", "too large for one number with the company"])
def test_a_filing_of_two_companies_is_one_of_each(accession: int) -> None:
    facts = [year("NetIncomeLoss", *_YEAR, value, cik=cik, accession=accession) for cik in (1, 2) for value in (5, 5)]
    others = [year("NetIncomeLoss", "2019-01-01", "2019-12-31", 4, cik=2, accession=accession + 1)]
    filings = standardize(frame(*facts, *others)).filings.sort("cik", "accession")
    assert filings.select("cik", "accession").rows() == [(1, accession), (2, accession), (2, accession + 1)]
