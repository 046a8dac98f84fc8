"""The mapping of members to their files."""

from __future__ import annotations

import json
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from loader.database import (
    ensure_schema,
    has_members,
    import_stocks_csv,
    list_mappings,
    list_stocks,
    refresh_mappings,
    unmapped_symbols,
)
from loader.database.connection import writing
from loader.errors import InputError
from loader.sources import FileEntry, open_source

_MEMBERS = "symbol,name\nAAPL,Apple\nGOOG,Alphabet C\nGOOGL,Alphabet A\nBRK.B,Berkshire\nZZZ,Unknown\n"
_FIELDS = ["cik", "name", "ticker", "exchange"]
_ROWS: list[list[Any]] = [
    [320193, "Apple Inc.", "AAPL", "Nasdaq"],
    [1652044, "Alphabet Inc.", "GOOGL", "Nasdaq"],
    [1652044, "Alphabet Inc.", "GOOG", "Nasdaq"],
    [1067983, "BERKSHIRE HATHAWAY INC", "BRK-B", "NYSE"],
    [1, "Somebody else", "ELSE", None],
]


@dataclass(frozen=True)
class Folder:
    """A source that has the files of these companies, in a place of this name."""

    ciks: tuple[int, ...]
    location: str = "/somewhere"

    def entries(self) -> dict[int, FileEntry]:
        return {cik: FileEntry(cik, f"{self.location}/CIK{cik:010d}.json", 1, "1-1") for cik in self.ciks}


ALL = Folder((320193, 1652044, 1067983, 1))


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "new.db"
    ensure_schema(path)
    csv = tmp_path / "stocks.csv"
    csv.write_text(_MEMBERS)
    import_stocks_csv(path, csv)
    return path


def _tickers(db: Path, document: object) -> Path:
    path = db.with_name("tickers.json")
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return path


def _good(db: Path, rows: list[list[Any]] | None = None) -> Path:
    return _tickers(db, {"fields": _FIELDS, "data": _ROWS if rows is None else rows})


def _rows(db: Path) -> list[tuple[Any, ...]]:
    with writing(db) as connection:
        return connection.execute(
            "SELECT id, cik, symbol, edgar_file_path, created_at FROM cik_mappings_sp500 ORDER BY id"
        ).fetchall()


def test_members_are_mapped_across_spellings_and_both_classes_of_a_company(db: Path) -> None:
    report = refresh_mappings(db, _good(db), ALL)
    assert [(m.symbol, m.cik, m.company_name, m.edgar_file_path) for m in report.mapped] == [
        ("AAPL", "320193", "Apple", "/somewhere/CIK0000320193.json"),
        ("BRK.B", "1067983", "Berkshire", "/somewhere/CIK0001067983.json"),
        ("GOOG", "1652044", "Alphabet C", "/somewhere/CIK0001652044.json"),
        ("GOOGL", "1652044", "Alphabet A", "/somewhere/CIK0001652044.json"),
    ]
    assert [(u.symbol, u.company_name, u.reason) for u in report.unmapped] == [("ZZZ", "Unknown", "not in the ticker file")]
    assert report.notes == []
    assert list_mappings(db) == report.mapped
    assert [(u.symbol, u.reason) for u in unmapped_symbols(db)] == [("ZZZ", "not in the ticker file")]


@pytest.mark.parametrize("cik", [str, lambda cik: f"{cik:010d}", int])
def test_a_cik_may_be_a_number_or_text_and_fields_may_come_in_any_order(db: Path, cik: Any) -> None:
    rows = [[exchange, ticker, cik(number), name] for number, name, ticker, exchange in _ROWS]
    document = orjson.dumps({"data": rows, "fields": ["exchange", "ticker", "cik", "name"]}, option=orjson.OPT_INDENT_2)
    report = refresh_mappings(db, _tickers(db, document), ALL)
    assert [m.cik for m in report.mapped] == ["320193", "1067983", "1652044", "1652044"]


def test_a_member_without_a_file_is_listed_with_the_files_name(db: Path) -> None:
    report = refresh_mappings(db, _good(db), Folder((320193,), "/few"))
    assert {u.symbol: u.reason for u in report.unmapped} == {
        "BRK.B": "no file CIK0001067983.json in /few",
        "GOOG": "no file CIK0001652044.json in /few",
        "GOOGL": "no file CIK0001652044.json in /few",
        "ZZZ": "not in the ticker file",
    }
    assert {u.symbol: u.reason for u in unmapped_symbols(db)}[
        "GOOG"
    ] == "no file CIK0001652044.json when the mappings were refreshed last"


def test_a_pair_that_stays_keeps_its_id_and_date_and_one_that_does_not_is_removed(db: Path) -> None:
    refresh_mappings(db, _good(db), ALL)
    with writing(db) as connection:
        connection.execute("UPDATE cik_mappings_sp500 SET created_at = '2001-01-01'")
    before = _rows(db)
    refresh_mappings(db, _good(db), ALL)
    assert _rows(db) == before
    moved = [[7 if row[2] == "AAPL" else row[0], *row[1:]] for row in _ROWS]
    refresh_mappings(db, _good(db, moved), Folder((7, 1652044, 1067983), "/new"))
    after = {row[2]: row for row in _rows(db)}
    assert {row[2]: row[0] for row in before if row[2] != "AAPL"} == {
        symbol: row[0] for symbol, row in after.items() if symbol != "AAPL"
    }
    assert after["AAPL"][0] > max(row[0] for row in before)
    assert after["AAPL"][1] == "7"
    assert after["AAPL"][4] > "2024"
    assert after["GOOG"][3:] == ("/new/CIK0001652044.json", "2001-01-01")


def test_paths_are_renewed_against_another_source_without_the_ticker_file(db: Path) -> None:
    tickers = _good(db)
    refresh_mappings(db, tickers, Folder((320193,)))
    tickers.unlink()
    report = refresh_mappings(db, None, Folder((320193, 1652044), "/other"))
    assert [(m.symbol, m.edgar_file_path) for m in report.mapped] == [
        ("AAPL", "/other/CIK0000320193.json"),
        ("GOOG", "/other/CIK0001652044.json"),
        ("GOOGL", "/other/CIK0001652044.json"),
    ]


def test_without_any_ticker_file_the_mappings_that_are_there_are_renewed(db: Path) -> None:
    ids = {stock.symbol: stock.id for stock in list_stocks(db)}
    with writing(db) as connection:
        connection.executemany(
            "INSERT INTO cik_mappings_sp500 (cik, stock_id, symbol, company_name, edgar_file_path) VALUES (?, ?, 'x', 'x', 'x')",
            [("0000320193", ids["AAPL"]), ("320193", ids["AAPL"]), ("junk", ids["GOOG"])],
        )
    report = refresh_mappings(db, None, ALL)
    assert [(m.symbol, m.cik) for m in report.mapped] == [("AAPL", "320193")]
    assert [row[:3] for row in _rows(db)] == [(1, "320193", "AAPL")]


def test_without_any_knowledge_of_ciks_the_user_is_told_what_to_give(db: Path) -> None:
    with pytest.raises(InputError, match=r"company_tickers_exchange\.json.*--tickers"):
        refresh_mappings(db, None, ALL)


def test_of_several_ciks_for_a_symbol_the_first_is_used_and_noted(db: Path) -> None:
    report = refresh_mappings(db, _good(db, [*_ROWS, [1, "Another Apple", "AAPL", None]]), ALL)
    assert [m.cik for m in report.mapped if m.symbol == "AAPL"] == ["320193"]
    assert report.notes == ["AAPL: the ticker file has the CIKs 320193, 1; the first one is used"]


def test_only_members_are_mapped_and_a_new_one_needs_no_ticker_file_again(db: Path) -> None:
    refresh_mappings(db, _good(db), ALL)
    csv = db.with_name("stocks.csv")
    csv.write_text("symbol,name\nAAPL,Apple\nELSE,Somebody else\n")
    import_stocks_csv(db, csv)
    assert [m.symbol for m in list_mappings(db)] == ["AAPL"]
    report = refresh_mappings(db, None, ALL)
    assert [m.symbol for m in report.mapped] == ["AAPL", "ELSE"]
    assert report.unmapped == []


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "not JSON"),
        (b'{"fields": ["cik", ', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ([], "not a ticker file"),
        ({}, "not a ticker file"),
        ({"0": {"cik_str": 320193, "ticker": "AAPL", "title": "Apple Inc."}}, "not a ticker file"),
        ({"fields": _FIELDS, "data": {}}, "not a ticker file"),
        ({"fields": ["cik", "name"], "data": _ROWS}, "no field 'ticker'"),
        ({"fields": _FIELDS, "data": []}, "has no rows"),
        ({"fields": _FIELDS, "data": [*_ROWS, [1, "x"]]}, r"data\[5\] is not a list of 4 values"),
        ({"fields": _FIELDS, "data": [{"cik": 1}]}, r"data\[0\] is not a list"),
        *(
            ({"fields": _FIELDS, "data": [[cik, "x", "X", None]]}, r"data\[0\] has the cik")
            for cik in (None, "x", "", 0, -1, 1.5, True, "12345678901", [1])
        ),
        ({"fields": _FIELDS, "data": [[1, "x", None, None]]}, r"data\[0\] has the ticker None"),
        ({"fields": _FIELDS, "data": [[1, "x", " ", None]]}, r"data\[0\] has the ticker"),
        ({"fields": _FIELDS, "data": [[1, None, "X", None]]}, r"data\[0\] has a name"),
        ({"fields": _FIELDS, "data": [[1, "x", "X", 5]]}, r"data\[0\] has a name or an exchange"),
    ],
)
def test_what_is_no_ticker_file_is_refused_in_one_line_and_changes_nothing(
    db: Path, document: Dict[str, Any], message: str
) -> None:
    refresh_mappings(db, _good(db), ALL)
    before = _rows(db)
    path = _tickers(db, document)
    with pytest.raises(InputError, match=message) as caught:
        refresh_mappings(db, path, Folder(()))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert _rows(db) == before


def test_a_missing_ticker_file_is_refused(db: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        refresh_mappings(db, db.with_name("none.json"), ALL)


@pytest.mark.parametrize(
    ("file", "known"), [("company_tickers_exchange_2025-03.json", 496), ("company_tickers_exchange_2026-08.json", 503)]
)
def test_the_real_ticker_files_map_the_real_members(tmp_path: Path, shared_data: Path, file: str, known: int) -> None:
    db = tmp_path / "real.db"
    ensure_schema(db)
    reference = shared_data / "reference"
    assert import_stocks_csv(db, reference / "sp500_constituents_2026-08.csv").stocks == 503
    assert has_members(db)
    report = refresh_mappings(db, reference / file, open_source(shared_data / "companyfacts"))
    assert [m.symbol for m in report.mapped] == ["AAPL", "AMD", "GOOG", "GOOGL", "MRVL", "MSFT", "NVDA", "PG", "TSLA"]
    assert len(report.mapped) + len(report.unmapped) == 503
    assert 503 - sum(u.reason == "not in the ticker file" for u in report.unmapped) == known
    # With every file there, every member that the ticker file knows is mapped; three companies have two symbols each.
    ciks = {int(row[0]) for row in orjson.loads((reference / file).read_bytes())["data"]}
    everything = refresh_mappings(db, None, Folder(tuple(ciks)))
    assert len(everything.mapped) == known
    assert len({m.cik for m in everything.mapped}) == known - 3


def test_a_successor_and_its_predecessor_are_both_mapped_to_the_stock(db: Path) -> None:
    """Rule 11: the program knows that Alphabet (1652044) follows Google (1288776)."""
    refresh_mappings(db, _good(db), Folder((1652044, 1288776, 320193)))
    mapped = {(mapping.symbol, mapping.cik) for mapping in list_mappings(db)}
    assert {("GOOGL", "1652044"), ("GOOGL", "1288776"), ("AAPL", "320193")} <= mapped


def test_successions_can_be_told_and_are_remembered(db: Path, tmp_path: Path) -> None:
    told = tmp_path / "successions.csv"
    told.write_text("old_cik,new_cik,valid_from,name,source\n77,320193,2015-01-01,Apple,a test\n", encoding="utf-8")
    everything = Folder((320193, 77))
    refresh_mappings(db, _good(db), everything, successions=told)
    refresh_mappings(db, None, everything)
    assert {mapping.cik for mapping in list_mappings(db) if mapping.symbol == "AAPL"} == {"320193", "77"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n1,2\n",
        "old_cik,new_cik,valid_from,name,source\nx,2,2020-01-01,n,s\n",
        "old_cik,new_cik,valid_from,name,source\n1,2\n",
        "old_cik,new_cik,valid_from,name,source\n1_0,2,2020-01-01,n,s\n",
        "old_cik,new_cik,valid_from,name,source\n99999999999999999999,2,2020-01-01,n,s\n",
        "old_cik,new_cik,valid_from,name,source\n1,2,20200101,n,s\n",
        'old_cik,new_cik,valid_from,name,source\n1,2,2020-01-01,n,"open\n3,4,2020-01-01,n,s\n',
    ],
)
def test_a_file_that_is_no_table_of_successions_is_refused_in_one_line(db: Path, tmp_path: Path, text: str) -> None:
    told = tmp_path / "successions.csv"
    told.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="successions") as caught:
        refresh_mappings(db, _good(db), ALL, successions=told)
    assert "\n" not in str(caught.value)
