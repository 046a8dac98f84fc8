"""The synthetic corpus loads back to exactly what its generator says is true, and a fault in the loader does not go unseen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from loader.config import ExtractionConfig
from loader.database import ensure_schema, import_stocks_csv, refresh_mappings
from loader.demo import Corpus, build_corpus
from loader.pipeline import ExtractRequest, extract
from loader.reference import STATEMENT_TABLES
from loader.sources import open_source
from loader.standardize import calendars, quarters, repairs, standardizer, trailing, vintages
from loader.standardize.wide import Positions
from tests.truth import Mismatch, compare


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Enough companies for every calendar, template and event at least once."""
    return build_corpus(tmp_path_factory.mktemp("corpus"), companies=36, successions=2, processes=1)


@pytest.fixture(scope="module")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Enough companies for a fault to show."""
    return build_corpus(tmp_path_factory.mktemp("small"), companies=13, processes=1)


def load(corpus: Corpus, db: Path) -> list[Mismatch]:
    """Load a corpus as the loader is now, and compare."""
    ensure_schema(db)
    import_stocks_csv(db, corpus.stocks_csv)
    refresh_mappings(db, corpus.tickers, open_source(corpus.companyfacts), successions=corpus.successions)
    result = extract(ExtractRequest(db, source=str(corpus.companyfacts), synthetic=True), ExtractionConfig())
    assert result.status == "completed"
    assert result.completed == corpus.companies
    return compare(corpus.truth, db)


@pytest.fixture
def mismatches(small_corpus: Corpus, tmp_path: Path) -> Callable[[], list[Mismatch]]:
    """Load the small corpus, and compare."""
    return lambda: load(small_corpus, tmp_path / "synthetic.db")


def test_every_cell_of_the_corpus_is_loaded_as_the_generator_wrote_it(corpus: Corpus, tmp_path: Path) -> None:
    assert load(corpus, tmp_path / "synthetic.db") == []


def test_histories_of_two_years_come_back_whole(tmp_path: Path) -> None:
    """New listings, transition periods and concepts that change within a year, with few statements to tell them by."""
    short = build_corpus(tmp_path / "short", companies=60, seed=5, target_bytes=400_000, processes=1)
    assert load(short, tmp_path / "synthetic.db") == []


def test_a_wrong_year_label_is_found(mismatches: Callable[[], list[Mismatch]], monkeypatch: pytest.MonkeyPatch) -> None:
    right = calendars.fiscal_years

    def one_year_late(facts: pl.DataFrame, known: NDArray[np.bool_], spans: pl.DataFrame) -> pl.DataFrame:
        return right(facts, known, spans).with_columns(pl.col("year") + 1)

    monkeypatch.setattr(standardizer, "fiscal_years", one_year_late)
    assert {mismatch.column for mismatch in mismatches()} == {"year"}


def test_a_swapped_vintage_is_found(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order, owners = vintages.in_order_of_preference, vintages.with_owners

    def swapped_order(facts: pl.DataFrame, spans: pl.DataFrame, *, original: bool) -> pl.DataFrame:
        return order(facts, spans, original=not original)

    def swapped_owners(facts: pl.DataFrame, *, original: bool) -> pl.DataFrame:
        return owners(facts, original=not original)

    monkeypatch.setattr(standardizer, "in_order_of_preference", swapped_order)
    monkeypatch.setattr(standardizer, "with_owners", swapped_owners)
    found = load(corpus, tmp_path / "synthetic.db")
    # restated years of some companies, in income and balance; what was never restated has one value in every vintage
    assert {"revenue", "net_income", "retained_earnings"} <= {mismatch.column for mismatch in found}
    assert "row" not in {mismatch.column for mismatch in found}


def test_a_missing_subtraction_is_found(mismatches: Callable[[], list[Mismatch]], monkeypatch: pytest.MonkeyPatch) -> None:
    right = quarters._less

    def nothing_taken_off(words: quarters._Words, longer: Positions, shorter: quarters._Amounts) -> quarters._Amounts:
        return right(words, longer, shorter._replace(value=np.zeros_like(shorter.value)))

    monkeypatch.setattr(quarters, "_less", nothing_taken_off)
    found = mismatches()
    # ... and the trailing years that they are part of
    assert {mismatch.period for mismatch in found} == {"Q2", "Q3", "Q4", "TTM"}
    assert {mismatch.statement for mismatch in found} == set(STATEMENT_TABLES) - {"balance"}


def test_an_overlooked_split_is_found(mismatches: Callable[[], list[Mismatch]], monkeypatch: pytest.MonkeyPatch) -> None:
    right = repairs.splits
    monkeypatch.setattr(repairs, "splits", lambda facts, counted: right(facts, counted).clear())
    found = {mismatch.column for mismatch in mismatches()}
    assert found == {"eps_basic", "eps_diluted", "shares_basic", "shares_diluted", "dividends_per_share", "shares_outstanding"}


def test_a_trailing_year_over_a_gap_is_found(mismatches: Callable[[], list[Mismatch]], monkeypatch: pytest.MonkeyPatch) -> None:
    # quarters follow each other however far apart they are
    monkeypatch.setattr(trailing, "_BETWEEN_ENDS", (0, 10_000))
    monkeypatch.setattr(trailing, "BOUNDARY_SLACK_DAYS", 10_000)
    found = mismatches()
    assert {mismatch.period for mismatch in found} == {"TTM"}
    assert {mismatch.column for mismatch in found} >= {"row"}
