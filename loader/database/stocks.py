"""Stocks: the securities, and which are members of the index: from the database itself, a CSV, or the list in pytickersymbols."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loader.database.connection import DEFAULT_TIMEOUT, reading, writing
from loader.database.symbols import IS_MEMBER, symbol_key
from loader.errors import InputError

#: Headers under which lists of members have what is needed, best first; case, spaces, hyphens and underscores do not matter.
_HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "symbol": ("symbol", "ticker", "ticker symbol"),
    "company_name": ("company name", "security", "company", "name", "security name"),
    "sector": ("sector", "gics sector"),
    "is_sp500": ("is sp500", "sp500", "in sp500"),
}
_YES: Final = frozenset({"1", "true", "t", "yes", "y"})
_NO: Final = frozenset({"0", "false", "f", "no", "n", ""})

#: The eleven sectors of the Global Industry Classification Standard.
_GICS_SECTORS: Final = frozenset(
    {
        "Communication Services",
        "Consumer Discretionary",
        "Consumer Staples",
        "Energy",
        "Financials",
        "Health Care",
        "Industrials",
        "Information Technology",
        "Materials",
        "Real Estate",
        "Utilities",
    },
)


@dataclass(frozen=True, slots=True)
class Stock:
    """A row of `stocks`; `company_name` is the symbol where an application's row has no name."""

    id: int
    symbol: str
    company_name: str
    sector: str | None
    is_sp500: bool


@dataclass(frozen=True, slots=True)
class StockImport:
    """What an import did.

    Attributes:
        stocks: rows in the list.
        added: symbols that were new.
        updated: rows of the database that were changed by the list.
        left: former members that the list does not have, or does not have as members: is_sp500 is 0 now, their mappings are gone.
    """

    stocks: int
    added: int
    updated: int
    left: int

    def __str__(self) -> str:
        return f"{self.stocks} stocks: {self.added} added, {self.updated} updated, {self.left} no longer members"


@dataclass(frozen=True, slots=True)
class _Listed:
    symbol: str
    company_name: str
    sector: str | None
    is_sp500: bool


def import_stocks_csv(db: Path, csv_path: Path, *, timeout: float = DEFAULT_TIMEOUT) -> StockImport:
    """Bring `stocks` up to date with a list of members.

    The list states the membership: who is a member in the database and not in the list is one no longer, and loses its mapping.
    Rows are matched by symbol across spellings. Ids, spellings and other columns stay, and so do statements that were loaded, and
    a sector that the list leaves empty. New members are mapped by the next refresh of the mappings.

    Args:
        db: the database, with its schema in place.
        csv_path: UTF-8 with a header; symbol and company name are needed, sector and is_sp500 can be absent. Without is_sp500
            every row is a member.
        timeout: seconds to wait for another writer.

    Raises:
        InputError: the file cannot be used; nothing was changed.
    """
    return _import(db, _read_csv(csv_path), timeout)


def import_default_stocks(db: Path, *, timeout: float = DEFAULT_TIMEOUT) -> StockImport:
    """Bring `stocks` up to date with the members of the S&P 500 that pytickersymbols lists."""
    # Its list is a large module, needed only where neither the database nor a CSV has stocks.
    from pytickersymbols import PyTickerSymbols  # noqa: PLC0415

    members = []
    for stock in PyTickerSymbols().get_stocks_by_index("S&P 500"):
        # Its industries mix several classifications; two GICS sectors among them mean that it does not know which.
        sectors = _GICS_SECTORS.intersection(stock["industries"])
        members.append(_Listed(stock["symbol"], stock["name"], next(iter(sectors)) if len(sectors) == 1 else None, is_sp500=True))
    return _import(db, members, timeout)


def list_stocks(db: Path) -> list[Stock]:
    """All stocks that have a symbol, by symbol."""
    with reading(db) as connection:
        return read_stocks(connection)


def has_members(db: Path) -> bool:
    """Whether any stock is a member of the index."""
    with reading(db) as connection:
        return connection.execute(f"SELECT 1 FROM stocks WHERE {IS_MEMBER} LIMIT 1").fetchone() is not None


def read_stocks(connection: sqlite3.Connection) -> list[Stock]:
    """All stocks that have a symbol, by symbol, through a connection that is open."""
    rows = connection.execute(
        f"SELECT id, symbol, company_name, sector, {IS_MEMBER} FROM stocks "
        "WHERE trim(coalesce(symbol, '')) <> '' ORDER BY symbol",
    )
    return [Stock(id_, str(symbol), str(name or symbol), sector, bool(member)) for id_, symbol, name, sector, member in rows]


def _import(db: Path, listed: list[_Listed], timeout: float) -> StockImport:
    with writing(db, timeout=timeout) as connection:
        there = read_stocks(connection)
        exact: dict[str, Stock] = {stock.symbol: stock for stock in there}
        alike: dict[str, Stock] = {}
        for known in there:
            alike.setdefault(symbol_key(known.symbol), known)
        members = set()
        added = updated = 0
        for row in listed:
            stock = exact.get(row.symbol) or alike.get(symbol_key(row.symbol))
            if stock is None:
                _insert(connection, row)
                added += 1
            else:
                updated += _update(connection, stock, row)
                if row.is_sp500:
                    members.add(stock.id)
        left = [(known.id,) for known in there if known.is_sp500 and known.id not in members]
        connection.executemany("UPDATE stocks SET is_sp500 = 0 WHERE id = ?", left)
        # Mappings are of members only, and a run takes its tasks from them.
        connection.executemany("DELETE FROM cik_mappings_sp500 WHERE stock_id = ?", left)
        return StockImport(len(listed), added, updated, len(left))


def _insert(connection: sqlite3.Connection, row: _Listed) -> None:
    # The id is given, because an application's table need not number its rows by itself.
    connection.execute(
        "INSERT INTO stocks (id, symbol, company_name, sector, is_sp500) SELECT coalesce(max(id), 0) + 1, ?, ?, ?, ? FROM stocks",
        (row.symbol, row.company_name, row.sector, int(row.is_sp500)),
    )


def _update(connection: sqlite3.Connection, stock: Stock, row: _Listed) -> bool:
    """Write what differs, so that a spelling such as 'true' stays and the application's triggers see real changes only."""
    changes: dict[str, object] = {}
    if row.company_name != stock.company_name:
        changes["company_name"] = row.company_name
    if row.sector is not None and row.sector != stock.sector:
        changes["sector"] = row.sector
    if row.is_sp500 and not stock.is_sp500:
        changes["is_sp500"] = 1
    if changes:
        assignments = ", ".join(f"{column} = ?" for column in changes)
        connection.execute(f"UPDATE stocks SET {assignments} WHERE id = ?", (*changes.values(), stock.id))
    return bool(changes)


def _read_csv(path: Path) -> list[_Listed]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: the list of stocks cannot be read ({error.strerror}); give the path of a CSV file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    rows = _rows(path, text)
    _, header = next(rows, (0, []))
    columns = _find_columns(path, header)
    listed: dict[str, tuple[int, _Listed]] = {}
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        stock = _parse_row(f"{path}, line {line}", row, len(header), columns)
        key = symbol_key(stock.symbol)
        if key in listed:
            raise InputError(f"{path}, line {line}: {stock.symbol} is already in line {listed[key][0]}; remove one of them")
        listed[key] = (line, stock)
    if not listed:
        raise InputError(f"{path}: no stocks in it; give a CSV with a header and a row for each stock")
    return [stock for _, stock in listed.values()]


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with the number of the line that each ends in."""
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InputError(f"{path}, line {reader.line_num}: not readable as CSV ({error}); check its quotes") from error
        if row is None:
            return
        yield reader.line_num, row


def _find_columns(path: Path, header: Iterable[str]) -> dict[str, int]:
    there: dict[str, int] = {}
    for position, name in enumerate(header):
        there.setdefault(" ".join(name.lower().replace("_", " ").replace("-", " ").split()), position)
    columns = {}
    for column, names in _HEADERS.items():
        found = [there[name] for name in names if name in there]
        if found:
            columns[column] = found[0]
        elif column in {"symbol", "company_name"}:
            raise InputError(f"{path}, line 1: no column for the {column}; name one of the columns {' or '.join(names)}")
    return columns


def _parse_row(place: str, row: list[str], width: int, columns: Mapping[str, int]) -> _Listed:
    if len(row) != width:
        raise InputError(f"{place}: {len(row)} fields where the header has {width}; check its commas and quotes")
    cells = {column: row[position].strip() for column, position in columns.items()}
    for column in ("symbol", "company_name"):
        if not cells[column]:
            raise InputError(f"{place}: the {column} is empty; fill it in, or remove the row")
    member = cells.get("is_sp500", "1").lower()
    if member not in _YES | _NO:
        raise InputError(f"{place}: is_sp500 is {cells['is_sp500']!r}; write 1 or 0")
    return _Listed(cells["symbol"], cells["company_name"], cells.get("sector") or None, member in _YES)
