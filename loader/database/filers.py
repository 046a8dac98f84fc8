"""Every filer: a stock and a mapping for each company of a source, whether it is a member of the index or not.

The company of a CIK that no stock has gets one stock, however many tickers it files under: the statements are the company's, and
each further stock would hold a copy of all of them (trusts and banks have dozens of tickers, for preferred shares, notes and
funds). A stock that is there keeps its id and gets the statements too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loader.database.connection import DEFAULT_TIMEOUT, writing
from loader.database.stocks import Stock
from loader.database.symbols import symbol_key
from loader.database.tickers import Ticker
from loader.reference.successions import Succession, chain


@dataclass(frozen=True, slots=True)
class NewPair:
    """A stock and one of the CIKs of its company; the stock may have been made for it."""

    stock: Stock
    cik: int


def synthetic_symbol(cik: int) -> str:
    """The symbol of a company that has no ticker: 320193 -> 'CIK0000320193'. It is also its name until its file was read."""
    return f"CIK{cik:010d}"


def companies_of(ciks: Iterable[int], successions: Sequence[Succession]) -> dict[int, tuple[int, ...]]:
    """For each CIK those of its company, itself first; most have but one."""
    linked = {cik for succession in successions for cik in (succession.old_cik, succession.new_cik)}
    return {cik: chain(cik, successions) if cik in linked else (cik,) for cik in ciks}


def add_filers(
    connection: sqlite3.Connection,
    ciks: Iterable[int],
    *,
    pairs: Iterable[tuple[Stock, int]],
    tickers: Iterable[Ticker],
    successions: Sequence[Succession],
    stocks: Iterable[Stock],
) -> list[NewPair]:
    """Give every CIK a stock: its company's, where that has one, or else a new one, which is not a member of the index.

    A new stock has the first ticker of the company that no stock has yet, or else `synthetic_symbol`. That choice is made once:
    what is paired stays so, whatever later ticker files say.

    Args:
        connection: in a write transaction.
        ciks: of all companies in the source, in ascending order.
        pairs: stocks with their CIKs, as they are mapped.
        tickers: as the ticker file has them, a company's main one first.
        successions: which filer follows which.
        stocks: all there are.

    Returns:
        The pairs that were missing.
    """
    by_key = {symbol_key(stock.symbol): stock for stock in stocks}
    owners: dict[int, list[Stock]] = {}
    for stock, cik in pairs:
        owners.setdefault(cik, []).append(stock)
    listed: dict[int, list[Ticker]] = {}
    for ticker in tickers:
        listed.setdefault(ticker.cik, []).append(ticker)
    missing = [cik for cik in ciks if cik not in owners]
    companies = companies_of(missing, successions)
    predecessors = {succession.old_cik for succession in successions}
    # A successor comes before those it follows, so that the company's stock is named for the present filer.
    missing.sort(key=lambda cik: (cik in predecessors, cik))
    (next_id,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM stocks").fetchone()
    made: list[Stock] = []
    added: list[NewPair] = []
    for cik in missing:
        known = {stock.id: stock for one in companies[cik] for stock in owners.get(one, ())}
        if not known:
            stock = _stock(next_id, cik, listed.get(cik, ()), by_key)
            if stock.id == next_id:
                made.append(stock)
                next_id += 1
            by_key[symbol_key(stock.symbol)] = stock
            known = {stock.id: stock}
        owners[cik] = list(known.values())
        added.extend(NewPair(stock, cik) for stock in known.values())
    # The ids are given, because an application's table need not number its rows by itself.
    connection.executemany(
        "INSERT INTO stocks (id, symbol, company_name, is_sp500) VALUES (?, ?, ?, 0)",
        [(stock.id, stock.symbol, stock.company_name) for stock in made],
    )
    return added


def _stock(id_: int, cik: int, tickers: Iterable[Ticker], by_key: Mapping[str, Stock]) -> Stock:
    """A stock for a company: a new one with this id, or the one that an earlier load made for it."""
    tickers = list(tickers)
    symbol = synthetic_symbol(cik)
    earlier = by_key.get(symbol)
    if earlier is not None:
        return earlier
    free = (ticker.symbol for ticker in tickers if symbol_key(ticker.symbol) not in by_key)
    names = (ticker.company_name for ticker in tickers if ticker.company_name.strip())
    return Stock(id_, next(free, symbol), next(names, symbol), None, is_sp500=False)


def name_filers(db: Path, *, timeout: float = DEFAULT_TIMEOUT) -> None:
    """Name the stocks that had no name but their CIK as their files do, once these were read."""
    # Only such stocks have the CIK for a symbol and for a name; the name that a user gave one stays.
    unnamed = "symbol GLOB 'CIK[0-9]*' AND length(symbol) = 13 AND company_name = symbol"
    told = """(
        SELECT trim(c.entity_name) FROM loader_companies AS c
        WHERE c.cik = CAST(CAST(substr(symbol, 4) AS INTEGER) AS TEXT) AND trim(coalesce(c.entity_name, '')) <> '')"""
    with writing(db, timeout=timeout) as connection:
        for table in ("stocks", "cik_mappings_sp500"):
            connection.execute(f"UPDATE {table} SET company_name = {told} WHERE {unnamed} AND {told} IS NOT NULL")
