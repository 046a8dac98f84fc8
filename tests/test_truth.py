"""The synthetic corpus loads back to exactly what its generator says is true, and a fault in the loader does not go unseen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from loader.config import ExtractionConfig
from loader.database import ensure_schema, import_stocks_csv
from loader.demo import Corpus, build_corpus
from loader.pipeline import ExtractRequest, extract
from loader.reference import STATEMENT_TABLES
from loader.standardize import calendars, quarters, standardizer, vintages
from tests.truth import Mismatch, compare


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Enough companies for every calendar, template and event at least once."""
    return build_corpus(tmp_path_factory.mktemp("corpus"), companies=36)


@pytest.fixture
def mismatches(corpus: Corpus, tmp_path: Path) -> Callable[[], list[Mismatch]]:
    """Load the corpus as the loader is now, and compare."""

    def load() -> list[Mismatch]:
        db = tmp_path / "synthetic.db"
        ensure_schema(db)
        import_stocks_csv(db, corpus.stocks_csv)
        result = extract(
            ExtractRequest(db, source=str(corpus.companyfacts), tickers=corpus.tickers, synthetic=True), ExtractionConfig()
        )
        assert result.status == "completed"
        assert result.completed == corpus.companies
        return compare(corpus.truth, db)

    return load


def test_every_cell_of_the_corpus_is_loaded_as_the_generator_wrote_it(mismatches: Callable[[], list[Mismatch]]) -> None:
    assert mismatches() == []


def test_a_wrong_year_label_is_found(mismatches: Callable[[], list[Mismatch]], monkeypatch: pytest.MonkeyPatch) -> None:
    right = calendars.fiscal_years

    def one_year_late(known: pl.DataFrame) -> pl.DataFrame:
        return right(known).with_columns(pl.col("year") + 1)

    monkeypatch.setattr(standardizer, "fiscal_years", one_year_late)
    assert {mismatch.column for mismatch in mismatches()} == {"year"}


def test_a_swapped_vintage_is_found(mismatches: Callable[[], list[Mismatch]], monkeypatch: pytest.MonkeyPatch) -> None:
    right = vintages.in_order_of_preference

    def swapped(facts: pl.DataFrame, *, original: bool) -> pl.DataFrame:
        return right(facts, original=not original)

    monkeypatch.setattr(standardizer, "in_order_of_preference", swapped)
    found = mismatches()
    # restated years of some companies, in income and balance; what was never restated has one value in every vintage
    assert {"revenue", "net_income", "retained_earnings"} <= {mismatch.column for mismatch in found}
    assert "row" not in {mismatch.column for mismatch in found}


def test_a_missing_subtraction_is_found(mismatches: Callable[[], list[Mismatch]], monkeypatch: pytest.MonkeyPatch) -> None:
    right = quarters._less

    def nothing_taken_off(vintages: pl.DataFrame, shorter: pl.DataFrame, quarter: int, method: str) -> pl.DataFrame:
        return right(vintages, shorter.with_columns(value=pl.lit(0.0)), quarter, method)

    monkeypatch.setattr(quarters, "_less", nothing_taken_off)
    found = mismatches()
    assert {mismatch.period for mismatch in found} == {"Q2", "Q3", "Q4"}
    assert {mismatch.statement for mismatch in found} == set(STATEMENT_TABLES) - {"balance"}
