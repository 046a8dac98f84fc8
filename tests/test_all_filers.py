"""`--all-filers`: every company of the source, in the same tables, beside the index and without disturbing it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from loader.config import ExtractionConfig
from loader.database import (
    ensure_schema,
    import_stocks_csv,
    last_run,
    list_mappings,
    list_stocks,
    refresh_mappings,
    run_tasks,
)
from loader.database.content import content_hash
from loader.errors import InputError, InterruptedRunError, UsageError
from loader.pipeline import ExtractRequest, RunResult, extract, plan, resume
from loader.report import run_checks
from loader.sources import file_name, open_source
from tests.archives import zip_folder
from tests.cli import loader
from tests.conftest import Call
from tests.documents import concept, document, encode, fact
from tests.loading import Loading

MEMBER, FUND, SHELL, EMPTY, FOREIGN, BROKEN, TWO, TAKEN, OLD, NEW = 789019, 11, 12, 13, 14, 15, 16, 17, 1288776, 1652044

#: The ticker file, a company's main ticker first. MEMB is a member; MINE is a stock of the application.
TICKERS = [
    [MEMBER, "Member Inc.", "MEMB", "Nasdaq"],
    [TWO, "Two Tickers Inc.", "TWO", "NYSE"],
    [TWO, "Two Tickers Inc.", "TWO-PA", "NYSE"],
    [TAKEN, "Taken Inc.", "MEMB", "OTC"],
    [FOREIGN, "FOREIGN PLC", "MINE", None],
    [99, "No File Inc.", "NOFILE", None],
]


_CASH = "NetCashProvidedByUsedInOperatingActivities"


def statements(taxonomy: str = "us-gaap", unit: str = "USD", **more: Any) -> Mapping[str, Any]:
    """Facts of a year and a half, of which statements can be made."""
    names = ("Revenue", "ProfitLoss", "Assets") if taxonomy == "ifrs-full" else ("Revenues", "NetIncomeLoss", "Assets", _CASH)
    years = [fact(end=f"{year}-09-28", start=f"{year - 1}-09-29", fy=year, frame=f"CY{year}", **more) for year in (2023, 2024)]
    instants = [{name: value for name, value in one.items() if name != "start"} for one in years]
    return {taxonomy: {name: concept({unit: instants if name == "Assets" else years}) for name in names}}


DOCUMENTS: Mapping[int, bytes] = {
    MEMBER: encode(document(statements(), cik=MEMBER, entityName="Member Inc")),
    FUND: encode(
        document(
            {"ecd": {"PeoTotalCompAmt": concept({"USD": [fact()]})}, "ffd": {"FeeRate": concept({"pure": [fact(), fact()]})}},
            cik=FUND,
            entityName="Some Fund Trust",
        )
    ),
    SHELL: encode(document({"dei": {"EntityPublicFloat": concept({"USD": [fact()]})}}, cik=SHELL, entityName="Shell Corp")),
    EMPTY: encode(document({}, cik=EMPTY, entityName=None)),
    FOREIGN: encode(document(statements("ifrs-full", "EUR", form="20-F"), cik=FOREIGN, entityName="Foreign plc")),
    BROKEN: b'{"cik": 15, "entityName": "Broken", "facts": ',
    TWO: encode(document(statements(), cik=TWO, entityName="TWO TICKERS INC")),
    TAKEN: encode(document(statements(), cik=TAKEN, entityName="Taken Inc, by its file")),
    OLD: encode(document(statements(filed="2014-11-01"), cik=OLD, entityName="Old Inc")),
    NEW: encode(document(statements(), cik=NEW, entityName="New Inc")),
}


@dataclass(frozen=True)
class Everything(Loading):
    """The documents above in a folder, and an application's database with a member and a stock of its own."""

    def ask(self, **changes: Any) -> ExtractRequest:
        """A request for every filer, or what `changes` makes of it."""
        request = ExtractRequest(
            self.db, str(self.corpus / "companyfacts"), all_filers=True, tickers=self.corpus / "tickers.json"
        )
        return replace(request, **changes)

    def load_all(self, **changes: Any) -> RunResult:
        return extract(self.ask(**changes), ExtractionConfig(max_workers=3))

    def stocks(self) -> dict[str, tuple[int, str, bool]]:
        return {stock.symbol: (stock.id, stock.company_name, stock.is_sp500) for stock in list_stocks(self.db)}

    def pairs(self) -> dict[tuple[str, str], object]:
        """Rows of the mapping table by symbol and CIK."""
        return {
            (str(symbol), str(cik)): (id_, name, path, day)
            for id_, symbol, cik, name, path, day in self.query(
                "SELECT id, symbol, cik, company_name, edgar_file_path, created_at FROM cik_mappings_sp500"
            )
        }


@pytest.fixture
def everything(tmp_path: Path) -> Everything:
    made = Everything(tmp_path / "corpus", tmp_path / "x.db")
    folder = made.corpus / "companyfacts"
    folder.mkdir(parents=True)
    for cik, data in DOCUMENTS.items():
        (folder / file_name(cik)).write_bytes(data)
    (made.corpus / "tickers.json").write_text(json.dumps({"fields": ["cik", "name", "ticker", "exchange"], "data": TICKERS}))
    csv = made.corpus / "stocks.csv"
    csv.write_text("symbol,name,is_sp500\nMEMB,Member Inc.,1\nMINE,My own name,0\nELSE,Not in the source,0\n")
    ensure_schema(made.db)
    import_stocks_csv(made.db, csv)
    return made


def test_every_company_of_the_source_ends_as_completed_or_failed_with_its_facts_counted(everything: Everything) -> None:
    """Funds, shells, foreign filers, companies without a fact: none breaks the run."""
    result = everything.load_all()
    assert (result.companies, result.completed) == (9, 8)  # the predecessor is part of its successor
    assert [failed.symbols for failed in result.failed] == [("CIK0000000015",)]
    tasks = {int(task.cik): task for task in run_tasks(everything.db, result.run_id)}
    assert set(tasks) == set(DOCUMENTS) - {OLD}
    for cik, facts in ((FUND, 3), (SHELL, 1), (EMPTY, 0)):
        task = tasks[cik]
        assert (task.state, task.facts_read, task.facts_used, task.rows_written) == ("completed", facts, 0, 0)
        assert sum(task.set_aside.values()) == facts
    for cik in (MEMBER, FOREIGN, TWO, TAKEN, NEW):
        assert tasks[cik].rows_written
    assert result.facts_read == result.facts_used + sum(result.set_aside.values())
    checks = {check.name: check for check in run_checks(everything.db)}
    assert not [name for name, check in checks.items() if check.is_error]
    assert checks["mappings_complete"].status == checks["statement_coverage"].status == "passed"


def test_a_company_without_a_stock_gets_one_and_stocks_that_are_there_keep_what_they_are(everything: Everything) -> None:
    """The first ticker that is free, or else the CIK; the name of the ticker file, or else of the document, or else the CIK."""
    before = everything.stocks()
    everything.load_all()
    after = everything.stocks()
    assert {symbol: after[symbol] for symbol in before} == before
    assert {symbol: (name, member) for symbol, (_, name, member) in after.items() if symbol not in before} == {
        "TWO": ("Two Tickers Inc.", False),
        "CIK0000000017": ("Taken Inc.", False),
        "CIK0000000011": ("Some Fund Trust", False),
        "CIK0000000012": ("Shell Corp", False),
        "CIK0000000013": ("CIK0000000013", False),
        "CIK0000000015": ("CIK0000000015", False),
        "CIK0001652044": ("New Inc", False),
    }
    assert set(everything.pairs()) == {
        ("MEMB", "789019"),
        ("MINE", "14"),
        ("TWO", "16"),
        ("CIK0000000017", "17"),
        ("CIK0000000011", "11"),
        ("CIK0000000012", "12"),
        ("CIK0000000013", "13"),
        ("CIK0000000015", "15"),
        ("CIK0001652044", "1652044"),
        ("CIK0001652044", "1288776"),
    }
    assert [mapping.company_name for mapping in list_mappings(everything.db) if mapping.cik == "11"] == ["Some Fund Trust"]
    foreign = everything.query(
        "SELECT DISTINCT currency FROM income_statements WHERE stock_id = (SELECT id FROM stocks WHERE symbol = 'MINE')"
    )
    assert foreign == [("EUR",)]


def test_asking_again_changes_nothing(everything: Everything) -> None:
    """No stock, no mapping, no row twice."""
    everything.load_all()
    before = (content_hash(everything.db), everything.stocks(), everything.pairs())
    everything.load_all()
    assert (content_hash(everything.db), everything.stocks(), everything.pairs()) == before
    everything.load_all(tickers=None)
    assert (content_hash(everything.db), everything.stocks(), everything.pairs()) == before


def test_a_ticker_that_comes_later_does_not_rename_a_stock(everything: Everything) -> None:
    """Other tables refer to it by then."""
    everything.load_all()
    before = everything.stocks(), everything.pairs()
    rows = [*TICKERS, [FUND, "Some Fund Trust", "FUND", None]]
    (everything.corpus / "tickers.json").write_text(json.dumps({"fields": ["cik", "name", "ticker", "exchange"], "data": rows}))
    everything.load_all()
    assert (everything.stocks(), everything.pairs()) == before


def test_a_refresh_of_the_index_leaves_other_filers_where_they_are(everything: Everything, tmp_path: Path) -> None:
    """Only the path changes, and only of what the new source has."""
    everything.load_all()
    before = everything.pairs()
    few = tmp_path / "few"
    few.mkdir()
    for cik in (MEMBER, FUND):
        (few / file_name(cik)).write_bytes(DOCUMENTS[cik])
    report = refresh_mappings(everything.db, None, open_source(few))
    assert {(mapping.symbol, mapping.cik) for mapping in report.mapped} == set(before)
    after = everything.pairs()
    for pair, row in before.items():
        moved = pair[1] in {str(MEMBER), str(FUND)}
        assert isinstance(row, tuple)
        assert after[pair] == (*row[:2], f"{few}/{file_name(int(pair[1]))}" if moved else row[2], row[3])


def test_afterwards_a_run_is_of_the_index_again_and_symbols_can_be_any(everything: Everything) -> None:
    """Members only, whatever else is mapped."""
    everything.load_all()
    assert [task.symbols for task in plan(everything.ask(all_filers=False)).tasks] == [("MEMB",)]
    assert [task.symbols for task in plan(everything.ask(all_filers=False, source=None, tickers=None)).tasks] == [("MEMB",)]
    result = everything.load_all(all_filers=False, source=None, tickers=None, symbols=("CIK0000000012", "mine"))
    assert (result.companies, result.completed) == (2, 2)


def test_every_filer_is_every_company_of_this_source_and_none_of_an_earlier_one(everything: Everything, tmp_path: Path) -> None:
    """What was mapped from there stays as it is, and a source without a company is no source."""
    everything.load_all()
    few = tmp_path / "few"
    few.mkdir()
    with pytest.raises(InputError, match=r"no company's file CIK##########\.json in"):
        plan(everything.ask(source=str(few)))
    for cik in (FUND, NEW):
        (few / file_name(cik)).write_bytes(DOCUMENTS[cik])
    tasks = plan(everything.ask(source=str(few))).tasks
    assert [(task.cik, [file.cik for file in task.files]) for task in tasks] == [(FUND, [FUND]), (NEW, [NEW, OLD])]


def test_a_plan_changes_nothing(everything: Everything) -> None:
    """It is worked out on a copy."""
    before = everything.stocks()
    assert len(plan(everything.ask()).tasks) == 9
    assert everything.stocks() == before


def test_an_interrupted_run_is_resumed_with_every_filer(everything: Everything) -> None:
    """The setting is kept with the run."""

    def interrupting(event: str) -> None:
        if event == "run_created":
            raise KeyboardInterrupt

    with pytest.raises((KeyboardInterrupt, InterruptedRunError)):
        extract(everything.ask(), listener=interrupting)
    run = last_run(everything.db)
    assert run is not None
    assert run.settings["all_filers"] is True
    result = resume(everything.db)
    assert (result.companies, result.completed) == (9, 8)


def test_every_filer_of_a_zip_is_what_it_is_in_a_folder(everything: Everything, tmp_path: Path) -> None:
    """Hash for hash."""
    zipped = Everything(everything.corpus, tmp_path / "zip.db")
    ensure_schema(zipped.db)
    import_stocks_csv(zipped.db, everything.corpus / "stocks.csv")
    everything.load_all()
    zipped.load_all(source=str(zip_folder(everything.corpus / "companyfacts", tmp_path / "companyfacts.zip")))
    assert content_hash(zipped.db) == content_hash(everything.db)
    assert zipped.stocks() == everything.stocks()


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_thousands_of_companies_are_planned_without_a_look_at_each_file(
    everything: Everything, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The source is looked at as a whole, and the database is changed in a few statements."""
    folder = everything.corpus / "companyfacts"
    for cik in range(10**6, 10**6 + 3000):
        (folder / file_name(cik)).write_bytes(b"{}")
    source = zip_folder(folder, everything.corpus / "companyfacts.zip") if kind == "zip" else folder
    looked: list[str] = []
    planning = importlib.import_module("loader.pipeline.plan")
    monkeypatch.setattr(planning, "stat", looked.append)
    planned = plan(everything.ask(source=str(source)))
    assert (len(planned.tasks), looked) == (3009, [])
    assert {task.fingerprint is None for task in planned.tasks} == {False}


def test_hundreds_of_tiny_files_make_whole_batches(everything: Everything) -> None:
    """Of every kind, mixed; a batch of companies without any statement fact is a batch too."""
    folder = everything.corpus / "companyfacts"
    for cik in range(10**6, 10**6 + 120):
        facts = statements() if cik % 4 == 0 and cik >= 10**6 + 60 else {} if cik % 4 == 1 else {"dei": {}}
        (folder / file_name(cik)).write_bytes(encode(document(facts, cik=cik, entityName=f"Company {cik}")))
    result = everything.load_all()
    assert (result.companies, result.completed) == (129, 128)
    assert everything.count("SELECT count(*) FROM loader_companies") == 128
    assert everything.count("SELECT count(DISTINCT stock_id) FROM income_statements") == 5 + 15


def test_every_filer_and_some_symbols_make_no_sense_together(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear line, from options and from the environment."""
    for command in ("extract", "load"):
        result = call(command, "--all-filers", "--symbols", "AAPL")
        assert result.returncode == 2
        assert "--all-filers" in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
    monkeypatch.setenv("LOADER_ALL_FILERS", "1")
    assert call("extract", "--symbols", "AAPL").returncode == 2
    with pytest.raises(UsageError):
        ExtractRequest(Path("x.db"), symbols=("AAPL",), all_filers=True)


def test_the_command_loads_every_filer(everything: Everything) -> None:
    """`loader load --all-filers`, a failed company included."""
    options = ("--source", everything.corpus / "companyfacts", "--tickers", everything.corpus / "tickers.json")
    result = loader("load", "--all-filers", *options, "--db", everything.db, cwd=everything.corpus)
    assert result.returncode == 4, result.stderr
    assert "8 of 9 companies" in result.stdout
    shown = loader("show", "TWO", "--db", everything.db, cwd=everything.corpus)
    assert "Two Tickers Inc." in shown.stdout
