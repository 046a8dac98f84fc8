"""What the synthetic filings contain, read back from the files alone: well-formed facts, agreeing figures, real data's traps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from loader.demo import Corpus, build_corpus
from loader.demo.notes import FLOW_NOTES, INSTANT_NOTES
from loader.reference.concepts import concepts

PERIODIC = ("10-K", "10-Q", "10-KT", "10-QT", "10-K/A", "10-Q/A")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return build_corpus(tmp_path_factory.mktemp("corpus"), companies=30, processes=1)


@pytest.fixture(scope="module")
def facts(corpus: Corpus) -> pl.DataFrame:
    """Every fact of the corpus: cik, concept, unit, start, end, val, accn, fy, fp, form, filed, frame."""
    return pl.DataFrame([row for path in sorted(corpus.companyfacts.iterdir()) for row in _facts(path)], infer_schema_length=None)


def _facts(path: Path) -> Iterator[dict[str, Any]]:
    document = orjson.loads(path.read_bytes())
    for concept, stated in document["facts"]["us-gaap"].items():
        for unit, rows in stated["units"].items():
            for row in rows:
                fact = {"start": None, "frame": None, **row, "val": float(row["val"])}
                yield {"cik": int(document["cik"]), "concept": concept, "unit": unit, **fact}


def _periodic(facts: pl.DataFrame) -> pl.DataFrame:
    return facts.filter(pl.col("form").is_in(PERIODIC))


def test_no_fact_is_stated_twice_in_a_filing(facts: pl.DataFrame) -> None:
    assert not facts.select("cik", "concept", "unit", "start", "end", "accn").is_duplicated().any()


def test_every_date_is_one_and_no_filing_precedes_its_periods(facts: pl.DataFrame) -> None:
    dated = facts.with_columns(pl.col("start", "end", "filed").str.to_date("%Y-%m-%d"))
    assert dated.filter((pl.col("start") > pl.col("end")) | (pl.col("end") >= pl.col("filed"))).is_empty()
    assert dated["filed"].max() <= date(2025, 12, 31)  # type: ignore[operator]  # the maximum of a date column is a date
    assert facts["accn"].str.contains(r"^\d{10}-\d{2}-\d{6}$").all()


def test_all_kinds_of_filings_occur(facts: pl.DataFrame) -> None:
    assert set(facts["form"]) == {*PERIODIC, "8-K", "DEF 14A"}


def test_comparatives_carry_the_fy_and_fp_of_their_filing(facts: pl.DataFrame) -> None:
    filings = _periodic(facts).group_by("accn").agg(pl.col("fy", "fp").n_unique(), pl.col("end").n_unique().alias("ends"))
    assert (filings["fy"] == 1).all()
    assert (filings["fp"] == 1).all()
    assert (filings["ends"] > 1).all()


def test_proxy_statements_have_neither_fy_nor_fp_and_the_last_word(facts: pl.DataFrame) -> None:
    proxies = facts.filter(form="DEF 14A")
    assert proxies["fy"].is_null().all()
    assert proxies["fp"].is_null().all()
    assert set(proxies["concept"]) == {"NetIncomeLoss"}
    income = facts.filter(concept="NetIncomeLoss")
    last = income.sort("filed").unique(["cik", "start", "end"], keep="last")
    assert "DEF 14A" in set(last["form"])


def test_a_frame_marks_one_fact_of_a_span_at_most_and_the_last_filed(facts: pl.DataFrame) -> None:
    statements = facts.filter(~pl.col("concept").is_in(FLOW_NOTES + INSTANT_NOTES))
    key = ["cik", "concept", "unit", "start", "end"]
    spans = statements.group_by(key).agg(
        pl.col("frame").is_not_null().sum().alias("frames"),
        pl.col("filed").filter(pl.col("frame").is_not_null()).max().alias("framed"),
        pl.col("filed").max(),
    )
    assert spans["frames"].max() == 1
    assert spans.filter(pl.col("framed") != pl.col("filed")).is_empty()


def test_the_figures_of_a_filing_agree_with_each_other(facts: pl.DataFrame) -> None:
    """The identities of accounting hold to the unit, in every span and day of every filing that states their terms."""
    key = ["cik", "accn", "start", "end"]
    wide = _periodic(facts).filter(pl.col("unit").is_in(["USD", "CAD"])).pivot(on="concept", index=key, values="val")
    sums = [
        {"Assets": 1, "LiabilitiesAndStockholdersEquity": -1},
        {"GrossProfit": -1, "Revenues": 1, "CostOfRevenue": -1},
        {"OperatingIncomeLoss": -1, "GrossProfit": 1, "OperatingExpenses": -1},
        {"OperatingIncomeLoss": -1, "Revenues": 1, "CostsAndExpenses": -1},
        {"ProfitLoss": -1, "NetIncomeLoss": 1, "NetIncomeLossAttributableToNoncontrollingInterest": 1},
        {
            "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest": -1,
            "StockholdersEquity": 1,
            "MinorityInterest": 1,
        },
        {
            "LiabilitiesAndStockholdersEquity": -1,
            "Liabilities": 1,
            "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest": 1,
        },
        {
            "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalentsPeriodIncreaseDecreaseIncludingExchangeRateEffect": -1,
            "NetCashProvidedByUsedInOperatingActivities": 1,
            "NetCashProvidedByUsedInInvestingActivities": 1,
            "NetCashProvidedByUsedInFinancingActivities": 1,
            "EffectOfExchangeRateOnCashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents": 1,
        },
    ]
    for terms in sums:
        stated = wide.filter(pl.all_horizontal(pl.col(term).is_not_null() for term in terms))
        assert stated.height > 0, terms
        assert stated.select(pl.sum_horizontal(sign * pl.col(term) for term, sign in terms.items()).abs().max()).item() == 0, (
            terms
        )


def test_earnings_per_share_are_income_over_shares(facts: pl.DataFrame) -> None:
    names = ("NetIncomeLoss", "EarningsPerShareBasic", "WeightedAverageNumberOfSharesOutstandingBasic")
    preferred = facts.filter(concept="PreferredStockDividendsIncomeStatementImpact")["cik"].unique()
    stated = _periodic(facts).filter(pl.col("concept").is_in(names) & ~pl.col("cik").is_in(preferred.implode()))
    wide = stated.pivot(on="concept", index=["cik", "accn", "start", "end"], values="val").drop_nulls()
    income, per_share, shares = (pl.col(name) for name in names)
    assert wide.height > 500
    misses = wide.filter(((income / shares) - per_share).abs() > 0.005 + 1e-9)
    # but for the few reports that state their shares in thousands by mistake
    assert 0 < misses["accn"].n_unique() <= 3
    assert misses.select(((income / shares) / per_share).is_between(990, 1010).all()).item()


def test_an_amended_report_restates_its_own_year_alone_and_later_filings_agree_with_it(facts: pl.DataFrame) -> None:
    income = _periodic(facts).filter(concept="NetIncomeLoss").with_columns(pl.col("start", "end").str.to_date("%Y-%m-%d"))
    annual = income.filter((pl.col("end") - pl.col("start")).dt.total_days().is_between(350, 380))
    amended = annual.filter(form="10-K/A").sort("end")
    own = amended.group_by("accn").last()
    assert own.height > 3
    key = ["cik", "start", "end"]
    before = annual.filter(form="10-K").sort("filed").unique(key, keep="first")
    changed = amended.join(before, on=key, suffix="_before").filter(pl.col("val") != pl.col("val_before"))
    assert 0 < changed.height <= own.height
    assert changed.join(own, on=["accn", "end"], how="anti").is_empty()
    later = annual.join(changed.select(*key, restated="val", on="filed"), on=key).filter(pl.col("filed") > pl.col("on"))
    assert later.height > 0
    assert (later["val"] == later["restated"]).all()


def test_a_concept_changes_in_mid_history_and_the_new_one_restates_the_old_years(facts: pl.DataFrame) -> None:
    names = ("SalesRevenueNet", "RevenueFromContractWithCustomerExcludingAssessedTax")
    revenue = _periodic(facts).filter(pl.col("concept").is_in(names))
    both = revenue.group_by("cik").agg(pl.col("concept").n_unique()).filter(concept=2)["cik"]
    assert len(both) > 0
    spans = revenue.filter(pl.col("cik").is_in(both.implode())).pivot(
        on="concept", index=["cik", "start", "end"], values="val", aggregate_function="last"
    )
    overlap = spans.drop_nulls()
    assert overlap.height > 0
    assert (overlap[names[0]] == overlap[names[1]]).all()


def test_no_note_can_be_taken_for_a_statement_line() -> None:
    names = FLOW_NOTES + INSTANT_NOTES
    assert len(set(names)) == len(names)
    known = {name.removeprefix("us-gaap:") for name in concepts()["concept"].to_list()}
    assert known.isdisjoint(names)


def test_the_truth_of_an_annual_line_is_the_last_periodic_word_on_it(facts: pl.DataFrame, corpus: Corpus) -> None:
    truth = pl.read_parquet(corpus.truth / "income.parquet").filter(pl.col("period").is_in(["FY", "T"]))
    last = (
        _periodic(facts)
        .filter(concept="NetIncomeLoss")
        .with_columns(start_date=pl.col("start").str.to_date("%Y-%m-%d"), end_date=pl.col("end").str.to_date("%Y-%m-%d"))
        .sort("filed", "accn")
        .unique(["cik", "start_date", "end_date"], keep="last")
    )
    joined = truth.join(last, on=["cik", "start_date", "end_date"])
    assert joined.height == truth.height
    assert (joined["net_income"] == joined["val"]).all()


def test_quarters_of_the_truth_add_up_to_its_years(corpus: Corpus) -> None:
    for name, lines in (
        ("income", ["revenue", "net_income", "income_tax"]),
        ("cashflow", ["operating_cash_flow", "net_change_in_cash"]),
    ):
        truth = pl.read_parquet(corpus.truth / f"{name}.parquet")
        years = truth.filter(period="FY")
        quarters = (
            truth.filter(pl.col("period").str.starts_with("Q"))
            .group_by("cik", "year")
            .agg(pl.len(), pl.col(lines).sum(), *[pl.col(line).count().alias(f"{line}_count") for line in lines])
            .filter(pl.col("len") == 4)
        )
        joined = years.join(quarters, on=["cik", "year"], suffix="_sum")
        assert joined.height > 50
        for line in lines:
            complete = joined.filter(pl.col(f"{line}_count") == 4)
            assert (complete[line] == complete[f"{line}_sum"]).all()


def test_the_truth_knows_what_a_company_does_not_report(corpus: Corpus) -> None:
    income = pl.read_parquet(corpus.truth / "income.parquet")
    balance = pl.read_parquet(corpus.truth / "balance.parquet")
    banks = income.filter(pl.col("net_interest_income").is_not_null())["cik"].unique()
    assert len(banks) > 0
    theirs = balance.filter(pl.col("cik").is_in(banks.implode()))
    assert theirs["current_assets"].is_null().all()
    assert theirs["total_assets"].is_not_null().any()
    trailing = income.filter(period="TTM")
    assert trailing["gross_profit"].null_count() > 0
    assert trailing["net_income"].null_count() == 0
