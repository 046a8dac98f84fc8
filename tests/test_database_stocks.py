"""Where stocks come from, and what an import changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from loader.database import (
    ensure_schema,
    has_members,
    import_default_stocks,
    import_stocks_csv,
    list_stocks,
    symbol_key,
)
from loader.database.connection import writing
from loader.errors import InputError, SchemaError


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "new.db"
    ensure_schema(path)
    return path


def _csv(db: Path, text: str | bytes) -> Path:
    path = db.with_name("stocks.csv")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        "symbol,company_name,sector,is_sp500\nAAPL,Apple Inc.,Information Technology,1\n",
        "Ticker,Name,Sector\nAAPL,Apple Inc.,Information Technology\n",
        "\ufeffSymbol,Security,GICS Sector,GICS Sub-Industry\r\nAAPL,Apple Inc.,Information Technology,Hardware\r\n",
        'SYMBOL,"Company Name",gics_sector,Is-SP500\n"AAPL","Apple Inc.","Information Technology",TRUE\n\n',
        "name,company, ticker ,sector\nA wrong name,Apple Inc., AAPL ,Information Technology\n",
    ],
)
def test_common_headers_are_understood(db: Path, text: str) -> None:
    done = import_stocks_csv(db, _csv(db, text))
    assert (done.stocks, done.added, done.updated, done.left) == (1, 1, 0, 0)
    assert [(s.symbol, s.company_name, s.sector, s.is_sp500) for s in list_stocks(db)] == [
        ("AAPL", "Apple Inc.", "Information Technology", True),
    ]


def test_quoted_fields_keep_commas_line_ends_and_other_scripts(db: Path) -> None:
    import_stocks_csv(db, _csv(db, 'symbol,company_name\nA,"Amp, Société\n""Générale"""\n'))
    assert list_stocks(db)[0].company_name == 'Amp, Société\n"Générale"'


def test_a_second_import_updates_by_symbol_in_any_spelling_and_keeps_ids_and_the_rest(db: Path) -> None:
    with writing(db) as connection:
        connection.execute("ALTER TABLE stocks ADD COLUMN mine TEXT")
        connection.execute(
            "INSERT INTO stocks VALUES "
            "(50, 'BRK/B', 'Berkshire', 'Financials', 0, 'kept'), (3, 'OLD', 'Old Co', NULL, 1, 'kept too')",
        )
    done = import_stocks_csv(db, _csv(db, "symbol,name,sector\nBRK.B,Berkshire Hathaway,\nNEW,New Co,Energy\n"))
    assert str(done) == "2 stocks: 1 added, 1 updated, 1 no longer members"
    with writing(db) as connection:
        rows = connection.execute("SELECT id, symbol, company_name, sector, is_sp500, mine FROM stocks ORDER BY id").fetchall()
    assert rows == [
        (3, "OLD", "Old Co", None, 0, "kept too"),
        (50, "BRK/B", "Berkshire Hathaway", "Financials", 1, "kept"),
        (51, "NEW", "New Co", "Energy", 1, None),
    ]


def test_the_same_list_again_changes_nothing(db: Path) -> None:
    path = _csv(db, "symbol,name,is_sp500\nA,A Co,1\nB,B Co,0\n")
    import_stocks_csv(db, path)
    done = import_stocks_csv(db, path)
    assert (done.added, done.updated, done.left) == (0, 0, 0)
    assert [stock.is_sp500 for stock in list_stocks(db)] == [True, False]


def test_a_row_that_says_no_ends_the_membership(db: Path) -> None:
    import_stocks_csv(db, _csv(db, "symbol,name,is_sp500\nA,A Co,yes\nB,B Co,true\n"))
    assert import_stocks_csv(db, _csv(db, "symbol,name,is_sp500\nA,A Co,\nB,B Co,t\n")).left == 1
    assert [(stock.symbol, stock.is_sp500) for stock in list_stocks(db)] == [("A", False), ("B", True)]


def test_an_exact_spelling_goes_before_a_like_one(db: Path) -> None:
    with writing(db) as connection:
        connection.execute("INSERT INTO stocks VALUES (1, 'X-A', 'dash', NULL, 0), (2, 'X.A', 'dot', NULL, 0)")
    import_stocks_csv(db, _csv(db, "symbol,name\nX.A,changed\n"))
    assert [stock.company_name for stock in list_stocks(db)] == ["dash", "changed"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: no column for the symbol"),
        ("name,sector\nApple,IT\n", "line 1: no column for the symbol; name one of the columns symbol or ticker"),
        ("symbol,sector\nAAPL,IT\n", "line 1: no column for the company_name"),
        ("symbol,name\n", "no stocks in it"),
        ("symbol,name\n\n , \n", "no stocks in it"),
        (b"symbol,name\nA,Soci\xe9t\xe9\n", "byte 18 is not UTF-8"),
        ("symbol,name\nA,A Co\nBRK.B,B\n\nBRK-B,B\n", "line 5: BRK-B is already in line 3"),
        ("symbol,name\nA,A Co\n,B\n", "line 3: the symbol is empty"),
        ("symbol,name\nA, \n", "line 2: the company_name is empty"),
        ("symbol,name\nA,A Co,more\n", "line 2: 3 fields where the header has 2"),
        ("symbol,name,is_sp500\nA,A Co,maybe\n", "line 2: is_sp500 is 'maybe'"),
        ('symbol,name\nA,"A Co\n', "not readable as CSV"),
        ("symbol,name\nA," + "x" * 200_000 + "\n", "line 2: not readable as CSV"),
    ],
)
def test_a_csv_that_cannot_be_used_is_refused_in_one_line_and_changes_nothing(db: Path, text: str | bytes, message: str) -> None:
    path = _csv(db, text)
    with pytest.raises(InputError, match=message) as caught:
        import_stocks_csv(db, path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list_stocks(db) == []


@pytest.mark.parametrize("name", ["none.csv", "."])
def test_a_csv_that_cannot_be_read_is_refused(db: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        import_stocks_csv(db, db.parent / name)


def test_a_column_that_the_application_demands_is_named(db: Path) -> None:
    with writing(db) as connection:
        connection.execute("DROP TABLE stocks")
        connection.execute(
            "CREATE TABLE stocks (id INTEGER PRIMARY KEY, symbol TEXT, company_name, sector, is_sp500, cusip TEXT NOT NULL)"
        )
    with pytest.raises(SchemaError, match=r"NOT NULL constraint failed: stocks\.cusip"):
        import_stocks_csv(db, _csv(db, "symbol,name\nA,A Co\n"))


def test_the_default_list_has_503_members_of_which_dual_classes_are_two_each(db: Path) -> None:
    assert not has_members(db)
    done = import_default_stocks(db)
    assert (done.stocks, done.added) == (503, 503)
    assert has_members(db)
    stocks = {stock.symbol: stock for stock in list_stocks(db)}
    assert {"GOOG", "GOOGL", "FOX", "FOXA", "NWS", "NWSA", "BRK.B", "BF.B"} < set(stocks)
    assert stocks["AAPL"].sector == "Information Technology"
    # Its industries name two sectors: it does not know which, so neither do we.
    assert stocks["AES"].sector is None
    assert sum(stock.sector is None for stock in stocks.values()) < 30


def test_sectors_of_the_default_list_agree_with_the_published_list(db: Path, shared_data: Path) -> None:
    import_default_stocks(db)
    ours = {symbol_key(stock.symbol): stock.sector for stock in list_stocks(db)}
    other = db.with_name("other.db")
    ensure_schema(other)
    import_stocks_csv(other, shared_data / "reference" / "sp500_constituents_2026-08.csv")
    both = [(stock, ours[symbol_key(stock.symbol)]) for stock in list_stocks(other) if symbol_key(stock.symbol) in ours]
    assert len(both) > 480
    wrong = [(stock.symbol, stock.sector, sector) for stock, sector in both if sector is not None and sector != stock.sector]
    assert len(wrong) <= 5, wrong  # a company is moved to another sector now and then


@pytest.mark.parametrize("spelling", ["BRK.B", "brk-b", "BRK/B", "BRK B", " BRK_B "])
def test_a_symbol_has_one_key_in_all_spellings(spelling: str) -> None:
    assert symbol_key(spelling) == "BRK-B"
