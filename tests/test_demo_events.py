"""Whatever can happen to a company happens in a small corpus at least once, and is provable from what the company files."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import orjson
import polars as pl
import pytest

from loader.demo import Corpus, build_corpus
from loader.demo.company import HISTORY
from loader.demo.members import members
from loader.demo.profiles import Profile, build_profile
from loader.demo.successions import has_predecessor

#: As many companies as the test of the truth has.
COMPANIES = 36


@pytest.fixture(scope="module")
def profiles() -> list[Profile]:
    return [build_profile(member, 1, HISTORY) for member in members(COMPANIES)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return build_corpus(tmp_path_factory.mktemp("corpus"), companies=COMPANIES, successions=2, processes=1)


def test_every_kind_of_event_happens_in_a_small_corpus(profiles: list[Profile]) -> None:
    events = [profile.events for profile in profiles]
    assert {split.ratio for each in events for split in each.splits} == {2, 3, 1.5, 4, 10, 20, 0.125}
    assert any(len(each.splits) == 2 and (each.splits[1].day - each.splits[0].day).days > 300 for each in events)
    assert any(len(each.splits) == 2 and (each.splits[1].day - each.splits[0].day).days < 300 for each in events)
    assert any(each.omitted for each in events)
    assert any(each.amended_quarter for each in events)
    assert any(each.missing_annual for each in events)
    assert any(each.new_listing for each in events)
    assert {each.share_scale for each in events} >= {2, 3}
    assert any(each.money_scale for each in events)
    assert any(each.negative_payments for each in events)
    assert {each.tax_sign for each in events} == {None, "10-K", "10-Q", "comparative"}
    assert {profile.style.transition_form for profile in profiles if profile.style.later} == {None, "10-KT", "10-QT"}


def test_the_industries_of_the_truth_are_those_of_the_loader(corpus: Corpus) -> None:
    companies = pl.read_parquet(corpus.truth / "companies.parquet")
    assert companies.height == COMPANIES
    assert set(companies["template"]) == {"bank", "insurance", "utility", "reit", "industrial", "diversified"}
    assert companies["fiscal_year_end"].null_count() == 0


def _facts(corpus: Corpus, cik: int, concept: str) -> list[dict[str, object]]:
    document = orjson.loads((corpus.companyfacts / f"CIK{cik:010d}.json").read_bytes())
    return [row for rows in document["facts"]["us-gaap"][concept]["units"].values() for row in rows]


def test_a_split_recasts_what_later_filings_compare_with(corpus: Corpus, profiles: list[Profile]) -> None:
    for profile in profiles:
        if len(profile.events.splits) != 1 or profile.events.share_scale is not None or has_predecessor(profile.member, 2):
            continue
        split = profile.events.splits[0]
        seen: dict[tuple[object, object], list[tuple[str, float]]] = defaultdict(list)
        for fact in _facts(corpus, profile.member.cik, "WeightedAverageNumberOfSharesOutstandingBasic"):
            seen[fact["start"], fact["end"]].append((str(fact["filed"]), float(str(fact["val"]))))
        ratios = [
            after / before
            for counts in seen.values()
            for day, before in counts
            for later, after in counts
            if day < split.day.isoformat() <= later
        ]
        assert ratios, profile.member.symbols
        assert all(ratio == pytest.approx(split.ratio, rel=0.005) for ratio in ratios)


def test_a_predecessor_has_the_earlier_reports_in_a_file_of_its_own(corpus: Corpus) -> None:
    lines = corpus.successions.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "old_cik,new_cik,valid_from,name,source"
    assert len(lines) == 3
    for line in lines[1:]:
        old, new, valid_from, name, _ = line.split(",")
        document = orjson.loads((corpus.companyfacts / f"CIK{int(old):010d}.json").read_bytes())
        assert document["entityName"] == name
        filed = {str(fact["filed"]) for fact in _facts(corpus, int(new), "NetIncomeLoss")}
        assert min(filed) >= valid_from
        assert min(str(fact["filed"]) for fact in _facts(corpus, int(old), "NetIncomeLoss")) < valid_from


def test_no_succession_is_made_up_unless_it_is_asked_for(corpus: Corpus, tmp_path: Path) -> None:
    assert len(list(corpus.companyfacts.iterdir())) == COMPANIES + 2
    assert len(build_corpus(tmp_path, companies=8).successions.read_text(encoding="utf-8").splitlines()) == 1
