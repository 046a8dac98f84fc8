"""Mappings: which CIK's file holds a stock's facts. The table is the only thing that a run takes its tasks from.

Members of the index are mapped by every refresh, other companies when every filer is asked for; from then on these keep their
rows, of which a refresh only brings the paths up to date.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from loader.database.connection import DEFAULT_TIMEOUT, reading, writing
from loader.database.filers import add_filers, companies_of
from loader.database.stocks import Stock, read_stocks
from loader.database.symbols import symbol_key
from loader.database.tickers import Ticker, read_tickers
from loader.errors import InputError
from loader.reference.successions import Succession, known_successions, parse_successions
from loader.sources import Source, file_name

NOT_IN_TICKER_FILE = "not in the ticker file"


@dataclass(frozen=True, slots=True)
class Mapping:
    """A row of `cik_mappings_sp500`; `cik` is decimal text without leading zeros."""

    cik: str
    stock_id: int
    symbol: str
    company_name: str
    edgar_file_path: str


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A member that no file was found for, and why."""

    symbol: str
    company_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class MappingReport:
    """What a refresh found.

    Attributes:
        mapped: all rows of the mapping table, by symbol.
        unmapped: members without a row, by symbol.
        notes: what looked odd and was settled, one line each.
    """

    mapped: list[Mapping] = field(default_factory=list)
    unmapped: list[Unmapped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def refresh_mappings(
    db: Path,
    tickers: Path | None,
    source: Source,
    *,
    successions: Path | None = None,
    all_filers: bool = False,
    timeout: float = DEFAULT_TIMEOUT,
) -> MappingReport:
    """Map every member of the index to its file, and with `all_filers` every other company of the source, in one transaction.

    A pair of stock and CIK that stays keeps its row's id and created_at; a member's pair that is no longer so is removed. Pairs
    of other stocks stay, with the path that their file has in this source, if it is there.

    Args:
        db: the database, with its schema in place.
        tickers: the SEC's ticker file; None to use what the last refresh read of it (before the first, the mappings there are).
        source: where the files are.
        successions: a CSV of filers that follow others (old_cik,new_cik,valid_from,name,source), beside those known to the
            program;
            remembered in the database. None to use what was read of such a file before.
        all_filers: also give a stock and a mapping to each company that has none (see `loader.database.filers`).
        timeout: seconds to wait for another writer.

    Raises:
        InputError: the ticker file or the source cannot be used, or none was ever read; nothing was changed.
    """
    listed = None if tickers is None else read_tickers(tickers)
    told = None if successions is None else read_successions(successions)
    paths = {cik: entry.path for cik, entry in source.entries().items()}
    with writing(db, timeout=timeout) as connection:
        stocks = read_stocks(connection)
        report = MappingReport()
        if listed is None:
            ciks = _known_ciks(connection, stocks)
        else:
            _keep_tickers(connection, listed)
            ciks = _ciks_by_symbol(listed, stocks, report.notes)
        if told is not None:
            _keep_successions(connection, told)
        successors = _successions(connection)
        companies = companies_of({cik for found in ciks.values() for cik in found}, successors)
        ciks = {stock_id: tuple(dict.fromkeys(c for cik in found for c in companies[cik])) for stock_id, found in ciks.items()}
        members = [stock for stock in stocks if stock.is_sp500]
        if listed is None and members and not ciks:
            raise InputError(
                f"{db}: the CIKs of its stocks are not known; "
                "give the SEC's company_tickers_exchange.json with `loader mappings refresh --tickers`",
            )
        for stock in members:
            found = [cik for cik in ciks.get(stock.id, ()) if cik in paths]
            report.mapped.extend(_mapping(stock, cik, paths[cik]) for cik in found)
            if not found:
                report.unmapped.append(Unmapped(stock.symbol, stock.company_name, _why_unmapped(ciks.get(stock.id, ()), source)))
        by_id = {stock.id: stock for stock in stocks}
        others = _other_pairs(connection, by_id)
        if all_filers:
            told_of = ((stock.id, cik) for stock in stocks if not stock.is_sp500 for cik in ciks.get(stock.id, ()))
            others = {pair: paths[pair[1]] for pair in told_of if pair[1] in paths} | others
        report.mapped.extend(_mapping(by_id[stock_id], cik, paths.get(cik, path)) for (stock_id, cik), path in others.items())
        if all_filers:
            known_tickers = _kept_tickers(connection)
            mapped = [(by_id[mapping.stock_id], int(mapping.cik)) for mapping in report.mapped]
            new = add_filers(connection, paths, pairs=mapped, tickers=known_tickers, successions=successors, stocks=stocks)
            report.mapped.extend(_mapping(pair.stock, pair.cik, paths[pair.cik]) for pair in new)
        report.mapped.sort(key=lambda mapping: (mapping.symbol, mapping.cik))
        _replace(connection, report.mapped)
    return report


def list_mappings(db: Path) -> list[Mapping]:
    """All rows of the mapping table, by symbol."""
    with reading(db) as connection:
        rows = connection.execute(
            "SELECT cik, stock_id, symbol, company_name, edgar_file_path FROM cik_mappings_sp500 ORDER BY symbol, cik"
        )
        return [Mapping(_unpadded(cik), stock_id, symbol, name, path or "") for cik, stock_id, symbol, name, path in rows]


def unmapped_symbols(db: Path) -> list[Unmapped]:
    """Members without a row in the mapping table, by symbol, with what the database knows of the reason."""
    with reading(db) as connection:
        mapped = {stock_id for (stock_id,) in connection.execute("SELECT stock_id FROM cik_mappings_sp500")}
        stocks = read_stocks(connection)
        ciks = _ciks_by_symbol(_kept_tickers(connection), stocks, [])
    return [
        Unmapped(
            stock.symbol,
            stock.company_name,
            f"no file {file_name(ciks[stock.id][0])} when the mappings were refreshed last"
            if stock.id in ciks
            else NOT_IN_TICKER_FILE,
        )
        for stock in stocks
        if stock.is_sp500 and stock.id not in mapped
    ]


def _mapping(stock: Stock, cik: int, path: str) -> Mapping:
    return Mapping(str(cik), stock.id, stock.symbol, stock.company_name, path)


def _other_pairs(connection: sqlite3.Connection, stocks: Dict[int, Stock]) -> dict[tuple[int, int], str]:
    """The pairs of stocks that are not members, as they are mapped, with the paths of their files."""
    rows = connection.execute("SELECT stock_id, cik, edgar_file_path FROM cik_mappings_sp500 ORDER BY id DESC")
    return {
        (stock_id, int(cik)): path or ""
        for stock_id, cik, path in rows
        if stock_id in stocks and not stocks[stock_id].is_sp500 and str(cik).isdecimal()
    }


def _unpadded(cik: object) -> str:
    """An application may have padded the CIK with zeros."""
    return str(cik).lstrip("0") or "0"


def _why_unmapped(ciks: Sequence[int], source: Source) -> str:
    return f"no file {file_name(ciks[0])} in {source.location}" if ciks else NOT_IN_TICKER_FILE


def _ciks_by_symbol(tickers: Iterable[Ticker], stocks: Iterable[Stock], notes: list[str]) -> dict[int, tuple[int, ...]]:
    """For each stock that the tickers have, its CIK: the first one in their order, an exact spelling before a like one."""
    exact: dict[str, list[int]] = {}
    alike: dict[str, list[int]] = {}
    for ticker in tickers:
        exact.setdefault(ticker.symbol, []).append(ticker.cik)
        alike.setdefault(symbol_key(ticker.symbol), []).append(ticker.cik)
    result: dict[int, tuple[int, ...]] = {}
    for stock in stocks:
        found = list(dict.fromkeys(exact.get(stock.symbol) or alike.get(symbol_key(stock.symbol)) or ()))
        if found:
            result[stock.id] = (found[0],)
        if len(found) > 1 and stock.is_sp500:
            notes.append(f"{stock.symbol}: the ticker file has the CIKs {', '.join(map(str, found))}; the first one is used")
    return result


def _known_ciks(connection: sqlite3.Connection, stocks: Iterable[Stock]) -> dict[int, tuple[int, ...]]:
    """The CIKs as the last ticker file had them, or as the mapping table has them where none was ever read."""
    tickers = _kept_tickers(connection)
    if tickers:
        return _ciks_by_symbol(tickers, stocks, [])
    # In a dict, because an application may have a pair twice, with the CIK padded and not.
    found: dict[int, dict[int, None]] = {}
    for stock_id, cik in connection.execute("SELECT stock_id, cik FROM cik_mappings_sp500 ORDER BY stock_id, id"):
        if str(cik).isdecimal():
            found.setdefault(stock_id, {})[int(cik)] = None
    return {stock_id: tuple(ciks) for stock_id, ciks in found.items()}


def _kept_tickers(connection: sqlite3.Connection) -> list[Ticker]:
    return [
        Ticker(*row)
        for row in connection.execute("SELECT cik, symbol, company_name, exchange FROM loader_tickers ORDER BY rowid")
    ]


def _keep_tickers(connection: sqlite3.Connection, tickers: Iterable[Ticker]) -> None:
    """Remember the whole ticker file, so that mappings can be renewed without it, for stocks that are added later too."""
    rows = [(t.cik, t.symbol, t.company_name, t.exchange) for t in tickers]
    if rows != connection.execute("SELECT cik, symbol, company_name, exchange FROM loader_tickers ORDER BY rowid").fetchall():
        connection.execute("DELETE FROM loader_tickers")
        connection.executemany("INSERT INTO loader_tickers (cik, symbol, company_name, exchange) VALUES (?, ?, ?, ?)", rows)


def read_successions(path: Path) -> tuple[Succession, ...]:
    """Read a CSV of successions.

    Raises:
        InputError: it is not there, or is no such table.
    """
    header = "a CSV with the header old_cik,new_cik,valid_from,name,source"
    try:
        return parse_successions(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: the successions cannot be read ({error.strerror}); give {header}") from error
    except ValueError as error:
        raise InputError(f"{path}: not a table of successions ({error}); give {header}") from error


def list_successions(db: Path) -> tuple[Succession, ...]:
    """Which filer follows which: those that the program knows, and those that this database was told of."""
    with reading(db) as connection:
        return _successions(connection)


def _successions(connection: sqlite3.Connection) -> tuple[Succession, ...]:
    rows = connection.execute("SELECT old_cik, new_cik, valid_from, source FROM loader_successions ORDER BY old_cik, new_cik")
    told = (Succession(old, new, date.fromisoformat(day), source or "") for old, new, day, source in rows)
    return (*known_successions(), *told)


def _keep_successions(connection: sqlite3.Connection, told: Iterable[Succession]) -> None:
    """Remember them, so that mappings can be renewed without the file."""
    connection.execute("DELETE FROM loader_successions")
    connection.executemany(
        "INSERT OR REPLACE INTO loader_successions (old_cik, new_cik, valid_from, source) VALUES (?, ?, ?, ?)",
        [(s.old_cik, s.new_cik, s.valid_from.isoformat(), s.source) for s in told],
    )


def _replace(connection: sqlite3.Connection, mappings: Iterable[Mapping]) -> None:
    """Make the table hold exactly these pairs; rows of pairs that stay are changed only where they differ."""
    there: dict[tuple[int, int], tuple[int, tuple[object, ...]]] = {}
    surplus = []
    for id_, cik, stock_id, *rest in connection.execute(
        "SELECT id, cik, stock_id, symbol, company_name, edgar_file_path FROM cik_mappings_sp500 ORDER BY id",
    ):
        # Padded with zeros or not, it is the same pair.
        pair = (stock_id, int(cik)) if str(cik).isdecimal() else None
        if pair is None or pair in there:
            surplus.append((id_,))
        else:
            there[pair] = (id_, (str(cik), *rest))
    wanted = {(mapping.stock_id, int(mapping.cik)): mapping for mapping in mappings}
    surplus += [(id_,) for pair, (id_, _) in there.items() if pair not in wanted]
    connection.executemany("DELETE FROM cik_mappings_sp500 WHERE id = ?", surplus)
    new, changed = [], []
    for pair, mapping in wanted.items():
        row = (mapping.cik, mapping.symbol, mapping.company_name, mapping.edgar_file_path)
        if pair not in there:
            new.append((*row, mapping.stock_id))
        elif there[pair][1] != row:
            changed.append((*row, there[pair][0]))
    connection.executemany(
        "INSERT INTO cik_mappings_sp500 (cik, symbol, company_name, edgar_file_path, stock_id, created_at) "
        "VALUES (?, ?, ?, ?, ?, CURRENT_TIMESTAMP)",
        new,
    )
    connection.executemany(
        "UPDATE cik_mappings_sp500 SET cik = ?, symbol = ?, company_name = ?, edgar_file_path = ? WHERE id = ?", changed
    )
