"""Statements as of a day are those of a file from which everything filed later was removed: a seeded sample."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from loader.companyfacts import flatten
from loader.demo import build_corpus
from loader.standardize import Rules, standardize, standardizer, statement_facts
from tests.accuracy import FOLDERS, files, read_facts
from tests.as_of import cuts_disagree

SEED = 7


def sample(facts: pl.DataFrame, days: int) -> pl.DataFrame:
    """Some filing dates of each company, the same ones each time; never the last one, after which nothing is removed."""
    rng = random.Random(SEED)  # noqa: S311  a repeatable choice
    ciks = sorted(facts.get_column("cik").unique())
    rows = []
    for cik in ciks:
        dates = sorted(facts.filter(pl.col("cik") == cik).get_column("filed").unique())[:-1]
        rows += [(cik, day) for day in rng.sample(dates, min(days, len(dates)))]
    return pl.DataFrame(rows, schema={"cik": pl.Int64, "filed": pl.Date}, orient="row")


def test_synthetic_companies(tmp_path: Path) -> None:
    corpus = build_corpus(tmp_path, companies=12, processes=1)
    facts = read_facts(files(corpus.companyfacts))
    cuts = sample(facts, days=1)
    assert cuts.height == 12
    assert cuts_disagree(facts, cuts).is_empty()


@pytest.mark.parametrize("kind", FOLDERS)
def test_real_companies(shared_data: Path, kind: str) -> None:
    few = random.Random(SEED).sample(files(shared_data / FOLDERS[kind]), 3)  # noqa: S311  a repeatable choice
    facts = read_facts(few)
    assert cuts_disagree(facts, sample(facts, days=2)).is_empty()


def test_the_file_itself_may_be_cut_before_it_is_read(tmp_path: Path) -> None:
    corpus = build_corpus(tmp_path, companies=1, processes=1)
    ((cik, path),) = files(corpus.companyfacts)
    whole = path.read_bytes()
    facts, _ = statement_facts([flatten(whole, cik).batch])
    dates = sorted(facts.get_column("filed").unique())
    day = dates[len(dates) // 2]
    cut, _ = statement_facts([flatten(filed_by(whole, day), cik).batch])
    assert cut.height < facts.height
    as_of, of_cut = standardize(facts, Rules(as_of=day)), standardize(cut)
    for name in ("income", "balance", "cashflow", "items"):
        assert getattr(as_of, name).equals(getattr(of_cut, name)), name


def filed_by(document: bytes, day: date) -> bytes:
    """The document without what was filed later."""
    data: dict[str, Any] = json.loads(document)
    for concepts in data["facts"].values():
        for concept in concepts.values():
            for unit, rows in concept["units"].items():
                concept["units"][unit] = [row for row in rows if date.fromisoformat(row["filed"]) <= day]
    return json.dumps(data).encode()


def test_a_fact_from_the_future_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = build_corpus(tmp_path, companies=3, processes=1)
    facts = read_facts(files(corpus.companyfacts))
    right = standardizer._known
    monkeypatch.setattr(standardizer, "_known", lambda facts, rules, account: right(facts, Rules(vintage=rules.vintage), account))
    apart = cuts_disagree(facts, sample(facts, days=1))
    assert set(apart.get_column("cik")) == set(facts.get_column("cik"))
    assert "later" in set(apart.get_column("what"))
