"""The synthetic corpus as a whole: who is in it, what lies on disk, and that it is the same every time."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import orjson
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from loader.demo import build_corpus
from loader.demo.members import SECTORS, members
from loader.demo.truth import STATEMENTS
from loader.errors import UsageError
from loader.reference.synthetic import FIRST_SYNTHETIC_CIK


def _digests(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_five_hundred_companies_have_503_symbols() -> None:
    listed = members(500)
    symbols = [symbol for member in listed for symbol in member.symbols]
    assert len(listed) == 500
    assert len(set(symbols)) == 503
    assert [member.symbols for member in listed if len(member.symbols) == 2] == [
        ("GOOGL", "GOOG"),
        ("FOXA", "FOX"),
        ("NWSA", "NWS"),
    ]
    assert [member.symbols[0] for member in listed[:5]] == ["AAPL", "MSFT", "GOOGL", "AMZN", "NVDA"]
    assert {member.sector for member in listed} == set(SECTORS)


def test_two_companies_of_one_name_in_the_list_stay_two() -> None:
    by_symbol = {member.symbols[0]: member for member in members(500)}
    assert by_symbol["AIZ"].cik != by_symbol["AJG"].cik
    assert by_symbol["AIZ"].name == "AIZ Synthetic Holdings"


def test_a_company_is_the_same_in_a_corpus_of_any_size() -> None:
    assert members(510)[:20] == members(20)


def test_more_companies_than_members_are_invented() -> None:
    assert [member.symbols[0] for member in members(502)[500:]] == ["SYN0001", "SYN0002"]


def test_the_same_seed_gives_the_same_bytes_whatever_the_number_of_processes(tmp_path: Path) -> None:
    build_corpus(tmp_path / "one", companies=11, processes=1)
    build_corpus(tmp_path / "two", companies=11, processes=2)
    one = _digests(tmp_path / "one")
    assert one == _digests(tmp_path / "two")
    build_corpus(tmp_path / "other", companies=1, seed=2)
    file = f"companyfacts/CIK{FIRST_SYNTHETIC_CIK:010d}.json"
    assert _digests(tmp_path / "other")[file] != one[file]


def test_everything_on_disk_says_that_it_is_synthetic_and_fits_together(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    corpus = build_corpus(tmp_path, companies=5, progress=lambda done, total: seen.append((done, total)))
    assert corpus.symbols == ("AAPL", "MSFT", "GOOGL", "GOOG", "AMZN", "NVDA")
    tickers = orjson.loads(corpus.tickers.read_bytes())
    assert tickers["fields"] == ["cik", "name", "ticker", "exchange"]
    names = {cik: name for cik, name, _, _ in tickers["data"]}
    assert [ticker for _, _, ticker, _ in tickers["data"]] == list(corpus.symbols)
    with corpus.stocks_csv.open(newline="", encoding="utf-8") as file:
        stocks = list(csv.DictReader(file))
    assert [stock["symbol"] for stock in stocks] == list(corpus.symbols)
    assert all("Synthetic" in stock["company_name"] and stock["is_sp500"] == "1" for stock in stocks)
    files = sorted(corpus.companyfacts.iterdir())
    assert len(files) == corpus.companies == 5
    assert sum(path.stat().st_size for path in files) == corpus.bytes
    for path in files:
        document = orjson.loads(path.read_bytes())
        assert list(document) == ["cik", "entityName", "facts"]
        assert int(document["cik"]) == int(path.stem[3:]) >= FIRST_SYNTHETIC_CIK
        assert document["entityName"] == names[int(document["cik"])]
        assert "Synthetic" in document["entityName"]
        assert len(document["facts"]["us-gaap"]) > 250
    assert seen == [(5, 5)]


def test_a_smaller_corpus_replaces_a_larger_one_and_leaves_other_files_alone(tmp_path: Path) -> None:
    build_corpus(tmp_path, companies=3)
    other = tmp_path / "companyfacts" / "CIK0000320193.json"
    other.write_text("{}")
    build_corpus(tmp_path, companies=1)
    names = {path.name for path in (tmp_path / "companyfacts").iterdir()}
    assert names == {f"CIK{FIRST_SYNTHETIC_CIK:010d}.json", other.name}


def test_files_come_in_the_size_that_is_asked_for_and_padding_changes_no_statement(tmp_path: Path) -> None:
    medium = build_corpus(tmp_path / "medium", companies=2, target_bytes=2_500_000)
    large = build_corpus(tmp_path / "large", companies=2, target_bytes=4_000_000)
    assert medium.bytes / 2 == pytest.approx(2_500_000, rel=0.15)
    assert large.bytes / 2 == pytest.approx(4_000_000, rel=0.15)
    for statement in STATEMENTS:
        assert_frame_equal(*(pl.read_parquet(corpus.truth / f"{statement}.parquet") for corpus in (medium, large)))


def test_a_small_file_is_a_short_history(tmp_path: Path) -> None:
    corpus = build_corpus(tmp_path, companies=10, target_bytes=50_000)
    assert corpus.bytes / 10 < 150_000
    assert pl.read_parquet(corpus.truth / "income.parquet")["cik"].n_unique() == 10


@pytest.mark.parametrize("arguments", [{"companies": 0}, {"companies": 1, "processes": 0}])
def test_no_companies_or_processes_is_a_usage_error(tmp_path: Path, arguments: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="at least one"):
        build_corpus(tmp_path, companies=arguments["companies"], processes=arguments.get("processes"))
