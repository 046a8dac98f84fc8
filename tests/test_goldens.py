"""Single figures of real filings, each in its vintage (they need the real files, and are skipped without them)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from loader.companyfacts import flatten
from loader.sources import file_name
from loader.standardize import Rules, Statements, standardize, statement_facts

Load = Callable[..., Statements]


@pytest.fixture(scope="module")
def load(request: pytest.FixtureRequest) -> Load:
    folder: Path = request.getfixturevalue("shared_data") / "companyfacts"

    @cache
    def of(cik: int, rules: Rules | None = None) -> Statements:
        batch = flatten((folder / file_name(cik)).read_bytes(), cik).batch
        return standardize(statement_facts([batch])[0], rules)

    return of


def _cell(statements: Statements, line: str, period: str, end: str, column: str = "value") -> object:
    rows = statements.items.filter(
        (pl.col("line") == line) & (pl.col("period") == period) & (pl.col("end_date") == date.fromisoformat(end))
    )
    assert rows.height == 1, (line, period, end)
    return rows.get_column(column)[0]


_APPLE, _NVIDIA, _ALPHABET, _MARVELL, _TESLA = 320193, 1045810, 1652044, 1835632, 1318605


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("revenue", 85_777_000_000),
        ("gross_profit", 39_678_000_000),
        ("operating_income", 25_352_000_000),
        ("net_income", 21_448_000_000),
        ("eps_diluted", 1.40),
        ("shares_basic", 15_287_521_000),
        ("shares_diluted", 15_348_175_000),
        ("total_assets", 331_612_000_000),
        ("total_liabilities", 264_904_000_000),
        ("total_equity", 66_708_000_000),
        ("cash_and_equivalents", 25_565_000_000),
        ("operating_cash_flow", 28_858_000_000),
        ("capital_expenditures", 2_151_000_000),
    ],
)
def test_apples_third_quarter_of_2024_is_right_to_the_dollar(load: Load, line: str, value: float) -> None:
    assert _cell(load(_APPLE), line, "Q3", "2024-06-29") == value


@pytest.mark.parametrize(
    ("cik", "cell", "rules", "value"),
    [
        (_APPLE, ("net_income", "FY", "2009-09-26"), Rules(as_of=date(2009, 12, 31)), 5_704_000_000),
        (_APPLE, ("net_income", "FY", "2009-09-26"), Rules(as_of=date(2010, 2, 1)), 8_235_000_000),
        (_APPLE, ("net_income", "FY", "2009-09-26"), None, 8_235_000_000),
        (_APPLE, ("net_income", "FY", "2008-09-27"), Rules("original"), 4_834_000_000),
        (_APPLE, ("net_income", "FY", "2008-09-27"), None, 6_119_000_000),
        (_APPLE, ("revenue", "FY", "2024-09-28"), None, 391_035_000_000),
        (_APPLE, ("operating_cash_flow", "Q4", "2024-09-28"), None, 26_811_000_000),
        (_NVIDIA, ("revenue", "FY", "2024-01-28"), None, 60_922_000_000),
        (_NVIDIA, ("net_income", "FY", "2024-01-28"), None, 29_760_000_000),
        (_ALPHABET, ("net_income", "FY", "2024-12-31"), None, 100_118_000_000),
        (_MARVELL, ("short_term_debt", "FY", "2023-01-28"), None, 584_400_000),
    ],
)
def test_golden_cells_are_exact_in_their_vintage(
    load: Load, cik: int, cell: tuple[str, str, str], rules: Rules | None, value: float
) -> None:
    assert _cell(load(cik, rules), *cell) == value


def test_the_latest_word_is_that_of_the_last_annual_report_not_of_the_proxy_statement(load: Load) -> None:
    assert _cell(load(_NVIDIA), "net_income", "FY", "2024-01-28", "accession") == 1045810_26_000021
    assert _cell(load(_ALPHABET), "net_income", "FY", "2024-12-31", "accession") == 1652044_26_000018


@pytest.mark.parametrize(
    ("cik", "end", "filed", "adjusted"),
    [(_APPLE, "2019-09-28", 11.89, 2.97), (_NVIDIA, "2024-01-28", 11.93, 1.19), (_ALPHABET, "2021-12-31", 112.20, 5.61)],
)
def test_earnings_per_share_are_on_todays_basis_over_splits(
    load: Load, cik: int, end: str, filed: float, adjusted: float
) -> None:
    last = load(cik)
    assert round(float(str(_cell(last, "eps_diluted", "FY", end))), 2) == adjusted
    before = load(cik, Rules("original"))
    assert _cell(before, "eps_diluted", "FY", end, "raw_value") == filed


@pytest.mark.parametrize("cik", [_APPLE, _NVIDIA, _ALPHABET, _TESLA])
@pytest.mark.parametrize("period", ["FY", "TTM", "quarters"])
def test_share_counts_are_continuous_over_splits(load: Load, cik: int, period: str) -> None:
    rows = load(cik).income.sort("end_date")
    rows = rows.filter(pl.col("period").str.starts_with("Q") if period == "quarters" else pl.col("period") == period)
    for line in ("shares_basic", "shares_diluted"):
        counts = rows.get_column(line).drop_nulls()
        steps = (counts / counts.shift(1)).drop_nulls()
        # None of them issued half as many shares again in a period; a split brings twice as many or more.
        assert steps.is_between(0.75, 1.5).all(), steps.filter(~steps.is_between(0.75, 1.5))


def test_marvells_years_have_their_own_ends_53_weeks_included(load: Load) -> None:
    years = load(_MARVELL).income.filter((pl.col("period") == "FY") & (pl.col("end_date") >= date(2022, 1, 1)))
    ends = years.sort("end_date").get_column("end_date").to_list()
    assert [str(end) for end in ends][:4] == ["2022-01-29", "2023-01-28", "2024-02-03", "2025-02-01"]
