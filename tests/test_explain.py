"""`loader explain`: where a value comes from, from the source, and what it says when that has changed or is gone."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from loader.companyfacts import flatten
from loader.config import ExtractionConfig
from loader.database import ensure_schema, import_stocks_csv, list_mappings
from loader.demo import Corpus, build_corpus
from loader.errors import InputError, UsageError
from loader.explain import Value, explain
from loader.explain.history import same_but_for_rounding
from loader.explain.workbook import Workbook
from loader.pipeline import ExtractRequest, extract
from loader.standardize import statement_facts, workings
from tests.accuracy import AAPL, NVDA, load
from tests.conftest import Call
from tests.documents import CIK, document, encode, fact


class Remapped(NamedTuple):
    """A database, the symbol of its one company, and that company's file, to be changed or removed."""

    db: Path
    symbol: str
    file: Path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return build_corpus(tmp_path_factory.mktemp("corpus"), companies=12, processes=1)


@pytest.fixture(scope="module")
def db(corpus: Corpus) -> Path:
    """The corpus loaded; not to be changed."""
    path = corpus.directory / "synthetic.db"
    ensure_schema(path)
    import_stocks_csv(path, corpus.stocks_csv)
    extract(ExtractRequest(path, source=str(corpus.companyfacts), tickers=corpus.tickers, synthetic=True), ExtractionConfig())
    return path


@pytest.fixture
def remapped(corpus: Corpus, db: Path, tmp_path: Path, call: Call) -> Remapped:
    """A copy of the database whose one mapping leads to a copy of the first company's file."""
    folder = tmp_path / "moved"
    folder.mkdir()
    file = Path(shutil.copy(corpus.companyfacts / "CIK0009000001.json", folder))
    copy = Path(shutil.copy(db, tmp_path / "copy.db"))
    call("mappings", "refresh", "--db", copy, "--source", folder)
    (mapping,) = list_mappings(copy)
    return Remapped(copy, mapping.symbol, file)


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Apple and NVIDIA, loaded from their real files."""
    folder = tmp_path_factory.mktemp("real")
    for cik in (AAPL, NVDA):
        name = f"CIK{cik:010d}.json"
        (folder / name).write_bytes((shared_data / "companyfacts" / name).read_bytes())
    return load(folder, folder / "real.db")


def parts_below(value: Value) -> Iterator[Value]:
    for part in value.parts:
        yield part.value
        yield from parts_below(part.value)


def of_parts(value: Value) -> float:
    """What the parts of a value come to, by its formula."""
    parts = value.parts
    if any(part.sign == "/" for part in parts):
        return parts[0].value.value / parts[1].value.value
    if "days" in value.method:
        days = [(part.value.end - (part.value.start or part.value.end)).days + 1 for part in parts]
        signs = [-1 if part.sign == "-" else 1 for part in parts]
        weighted = sum(sign * part.value.value * length for sign, part, length in zip(signs, parts, days, strict=True))
        return weighted / sum(sign * length for sign, length in zip(signs, days, strict=True))
    return math.fsum(-part.value.value if part.sign == "-" else part.value.value for part in parts)


def test_every_derived_value_of_a_company_comes_to_what_its_parts_say(corpus: Corpus) -> None:
    explained = 0
    for path in sorted(corpus.companyfacts.glob("*.json"))[:3]:
        facts, _ = statement_facts([flatten(path.read_bytes(), int(path.stem[3:])).batch])
        work = workings(facts)
        book = Workbook(work)
        derived = work.values.filter(pl.col("method") != "reported").join(work.dates, on="place")
        rows = derived.select("line", "fy_start", "from_q", "to_q").unique()
        for line, *place in rows.iter_rows():
            value = book.value(line, (place[0], place[1], place[2]), 3)
            assert value is not None
            assert value.parts, value
            for one in (value, *(below for below in parts_below(value) if below.parts)):
                assert of_parts(one) == pytest.approx(one.value, rel=1e-9, abs=1e-6), one
                explained += 1
    assert explained > 1000


def test_an_explanation_gives_the_value_that_the_database_holds(db: Path) -> None:
    for line, period in (("revenue", "FY"), ("operating_cash_flow", "Q4"), ("total_assets", "Q2"), ("free_cash_flow", "TTM")):
        found = explain(db, "aapl", line, year=2023, period=period)
        assert found.value is not None
        assert found.stored == found.value.value
        assert (found.compared, found.remarks) == (True, ())


def test_a_fourth_quarter_shows_the_year_and_the_nine_months_with_their_filings(db: Path) -> None:
    value = explain(db, "AAPL", "capital_expenditures", year=2023, period="Q4").value
    assert value is not None
    assert value.method == "FY - 9M"
    assert [(part.sign, part.value.period) for part in value.parts] == [("+", "FY"), ("-", "9M")]
    assert all(part.value.fact is not None and part.value.fact.filing.accession for part in value.parts)


def test_a_restated_year_shows_its_vintages_and_the_chosen_one(tmp_path: Path) -> None:
    stated = [
        ("0000320193-23-000001", "10-K", "2023-02-01", 439_990_000),
        ("0000320193-23-000002", "10-K/A", "2023-06-01", 450_120_000),
        ("0000320193-24-000001", "10-K", "2024-02-01", 450_000_000),
        ("0000320193-24-000002", "DEF 14A", "2024-03-01", 450_120),
    ]
    facts = [
        fact(start="2022-01-01", end="2022-12-31", val=value, accn=accession, fy=2022, form=form, filed=filed)
        for accession, form, filed, value in stated
    ]
    (tmp_path / f"CIK{CIK:010d}.json").write_bytes(encode(document(facts)))
    found = explain(load(tmp_path, tmp_path / "one.db"), f"C{CIK}", "revenue", year=2022, period="FY")
    assert [(one.filing.accession, one.filing.form, one.value) for one in found.vintages] == [
        (accession, form, value) for accession, form, _, value in stated
    ]
    assert [one.change.partition(":")[0] for one in found.vintages] == [
        "first stated",
        "restated",
        "the same, rounded otherwise",
        "not looked at",
    ]
    # The rounded repetition is no restatement, so the exact number counts.
    assert [one.chosen for one in found.vintages] == [False, True, False, False]
    assert found.value is not None
    assert found.value.value == 450_120_000


def test_as_of_a_day_nothing_later_is_shown(db: Path) -> None:
    day = date(2022, 6, 30)
    found = explain(db, "MSFT", "net_income", year=2021, period="FY", as_of=day)
    assert found.value is not None
    assert found.as_of == day
    assert not found.compared
    assert all(vintage.filing.filed <= day for vintage in found.vintages)


def test_an_empty_cell_names_the_concepts_and_formulas_that_could_fill_it(db: Path) -> None:
    found = explain(db, "AAPL", "premiums_earned", year=2023, period="FY")
    assert found.value is None
    assert found.stored is None
    assert found.absence is not None
    assert [(one.concept, one.facts) for one in found.absence.concepts] == [("us-gaap:PremiumsEarnedNet", 0)]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("APPL revenue 2023 FY", "did you mean AAPL"),
        ("AAPL net_incom 2023 FY", "did you mean net_income"),
        ("AAPL revenue 2023 Q5", "did you mean Q"),
        ("AAPL revenue 1950 FY", "its years are"),
        ("AAPL total_assets 2023 TTM", "balance sheet"),
    ],
)
def test_what_does_not_exist_is_a_usage_error_that_names_what_does(db: Path, cell: str, says: str) -> None:
    symbol, line, year, period = cell.split()
    with pytest.raises(UsageError, match=says):
        explain(db, symbol, line, year=int(year), period=period)


def test_a_source_that_is_gone_ends_with_3_in_one_line(remapped: Remapped, call: Call) -> None:
    remapped.file.unlink()
    ended = call("explain", remapped.symbol, "revenue", "--year", 2023, "--period", "FY", "--db", remapped.db)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.count("\n") == 1
    assert str(remapped.file) in ended.stderr
    with pytest.raises(InputError):
        explain(remapped.db, remapped.symbol, "revenue", year=2023, period="FY")


def test_a_file_that_has_changed_since_the_load_is_remarked(remapped: Remapped) -> None:
    data = json.loads(remapped.file.read_bytes())
    for concept in data["facts"]["us-gaap"].values():
        for facts in concept["units"].values():
            for row in facts:
                row["val"] *= 2
    remapped.file.write_text(json.dumps(data), encoding="ascii")
    found = explain(remapped.db, remapped.symbol, "total_assets", year=2023, period="FY")
    assert found.remarks == ("the file may have changed since it was loaded",)
    assert found.value is not None
    assert found.stored == found.value.value / 2


def test_the_command_prints_text_and_json(db: Path, call: Call) -> None:
    command = ("explain", "AAPL", "free_cash_flow", "--year", 2023, "--period", "Q4", "--db", db)
    text = call(*command).stdout
    assert "operating_cash_flow - capital_expenditures" in text
    assert "The database holds the same value." in text
    data = json.loads(call(*command, "--json").stdout)
    assert data["value"]["parts"][0]["value"]["line"] == "operating_cash_flow"
    assert data["stored"] == data["value"]["value"]


@pytest.mark.parametrize(
    ("one", "other", "kind", "same"),
    [
        (439_990_000, 440_000_000, "money", True),  # NVIDIA's 2014, in thousands and in millions
        (439_400_000, 440_000_000, "money", False),
        (100_000_000_000, 100_400_000_000, "money", False),  # zeros at the end are no rounding to billions
        (5_704_000_000, 8_235_000_000, "money", False),
        (1.5, 1.50, "per_share", True),
        (1.5, 1.51, "per_share", False),
    ],
)
def test_only_what_differs_beyond_rounding_counts_as_restated(one: float, other: float, kind: str, same: bool) -> None:
    assert same_but_for_rounding(one, other, kind) is same
    assert same_but_for_rounding(other, one, kind) is same


def test_rounding_is_judged_on_the_unit_as_filed_after_a_split() -> None:
    assert same_but_for_rounding(1.193, 1.19, "per_share", scales=(0.1, 1.0))
    assert not same_but_for_rounding(1.193, 1.21, "per_share", scales=(0.1, 1.0))


def test_apple_2009_shows_both_vintages(real: Path) -> None:
    found = explain(real, f"C{AAPL}", "net_income", year=2009, period="FY")
    assert found.value is not None
    assert found.value.value == 8_235_000_000
    first, second = found.vintages[:2]
    assert (first.value, first.filing.form, first.filing.filed) == (5_704_000_000, "10-K", date(2009, 10, 27))
    assert (second.value, second.filing.form, second.filing.filed) == (8_235_000_000, "10-K/A", date(2010, 1, 25))
    assert second.change == "restated"
    assert [vintage.change for vintage in found.vintages[2:]] == ["the same"] * (len(found.vintages) - 2)
    as_of = explain(real, f"C{AAPL}", "net_income", year=2009, period="FY", as_of=date(2009, 12, 31))
    assert as_of.value is not None
    assert as_of.value.value == 5_704_000_000


def test_nvidia_2024_shows_earnings_per_share_as_filed_and_adjusted(real: Path) -> None:
    found = explain(real, f"C{NVDA}", "eps_diluted", year=2024, period="FY")
    assert found.value is not None
    assert found.value.value == 1.19
    assert found.vintages[0].value == 11.93
    assert found.vintages[0].on_todays_basis == pytest.approx(1.193)
    assert "restated" not in {vintage.change for vintage in found.vintages}
    as_of = explain(real, f"C{NVDA}", "eps_diluted", year=2024, period="FY", as_of=date(2024, 3, 1))
    assert as_of.value is not None
    assert as_of.value.value == 11.93


def test_apples_fourth_quarter_of_cash_flow_is_the_year_less_nine_months(real: Path) -> None:
    value = explain(real, f"C{AAPL}", "operating_cash_flow", year=2024, period="Q4").value
    assert value is not None
    assert value.value == 26_811_000_000
    assert [part.value.value for part in value.parts] == [118_254_000_000, 91_443_000_000]
