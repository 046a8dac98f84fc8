"""The corpus as files: companyfacts, the ticker file, a list of stocks, and the truth to compare a load with."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Final

import orjson
import polars as pl

from loader.demo.company import Plan, build_company
from loader.demo.members import FIRST_CIK, Member, members
from loader.demo.successions import HEADER, Succession
from loader.demo.truth import TruthRows
from loader.errors import UsageError

#: Companies that one process builds at a time; also below this, starting processes costs more than it gains.
_CHUNK: Final = 10


@dataclass(frozen=True, slots=True)
class Corpus:
    """A synthetic corpus on disk.

    Attributes:
        directory: where it is.
        companyfacts: the folder of CIK##########.json files.
        tickers: the ticker file in the SEC's shape.
        stocks_csv: symbol, company_name, sector, is_sp500.
        truth: the folder of income.parquet, balance.parquet, cashflow.parquet and companies.parquet.
        companies: how many companies, which is how many files.
        symbols: all symbols; two classes of one company are two.
        bytes: size of all companyfacts files.
        successions: a table of the companies whose earlier reports lie under another number.
    """

    directory: Path
    companyfacts: Path
    tickers: Path
    stocks_csv: Path
    truth: Path
    companies: int
    symbols: tuple[str, ...]
    bytes: int
    successions: Path


def build_corpus(
    directory: Path,
    *,
    companies: int = 500,
    seed: int = 1,
    target_bytes: int | None = None,
    successions: int = 0,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Corpus:
    """Write a synthetic corpus; the same arguments give the same bytes, whatever the number of processes.

    Args:
        directory: made if needed; synthetic companyfacts files of an earlier corpus in it are replaced.
        companies: how many; the first 500 stand for the members of the S&P 500, the rest are invented.
        seed: another seed gives other figures.
        target_bytes: about how large each file shall be, up to some megabytes; None for what the statements take and a few notes.
        successions: how many companies have their earlier reports in a second file, under a predecessor's number.
        processes: how many build at once; None for one a processor. More than one needs an importable main module.
        progress: called with companies done and companies in all.

    Raises:
        UsageError: no companies, or no processes.
    """
    if companies < 1 or (processes is not None and processes < 1):
        raise UsageError("a synthetic corpus needs at least one company and one process")
    folder, truth = directory / "companyfacts", directory / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    truth.mkdir(exist_ok=True)
    listed = members(companies)
    _remove_earlier(folder, {_file_name(member.cik) for member in listed})
    chunks = [listed[start : start + _CHUNK] for start in range(0, companies, _CHUNK)]
    size = done = 0
    table = [HEADER]
    frames: dict[str, list[pl.DataFrame]] = {}
    plan = Plan(seed, target_bytes, successions)
    for chunk, (written, chain, rows) in zip(chunks, _build(chunks, folder, plan, processes), strict=True):
        size += written
        table += [succession.line() for succession in chain]
        done += len(chunk)
        for name, frame in rows.items():
            frames.setdefault(name, []).append(frame)
        if progress is not None:
            progress(done, companies)
    for name, parts in frames.items():
        pl.concat(parts).write_parquet(truth / f"{name}.parquet")
    tickers, stocks = directory / "company_tickers_exchange.json", directory / "stocks.csv"
    tickers.write_bytes(_ticker_file(listed))
    stocks.write_text(_stocks(listed), encoding="utf-8")
    followed = directory / "cik_successions.csv"
    followed.write_text("\n".join(table) + "\n", encoding="utf-8")
    symbols = tuple(symbol for member in listed for symbol in member.symbols)
    return Corpus(directory, folder, tickers, stocks, truth, companies, symbols, size, followed)


def _remove_earlier(folder: Path, wanted: set[str]) -> None:
    """Take away the files of a larger corpus built here before: only names in the range of synthetic numbers."""
    for path in folder.glob("CIK0009*.json"):
        if path.name not in wanted and path.stem[3:].isdigit() and int(path.stem[3:]) >= FIRST_CIK:
            path.unlink()


def _file_name(cik: int) -> str:
    return f"CIK{cik:010d}.json"


def _build(
    chunks: list[list[Member]], folder: Path, plan: Plan, processes: int | None
) -> Iterator[tuple[int, list[Succession], dict[str, pl.DataFrame]]]:
    count = min(processes or os.cpu_count() or 1, len(chunks))
    if count == 1:
        yield from map(_build_chunk, chunks, repeat(folder), repeat(plan))
        return
    # spawned, not forked: the caller may have threads, Polars' own among them
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_leave_interrupts_to_the_parent)
    try:
        yield from pool.map(_build_chunk, chunks, repeat(folder), repeat(plan))
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    """Ctrl-C reaches the whole group of processes; the parent ends the others in good order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _build_chunk(chunk: list[Member], folder: Path, plan: Plan) -> tuple[int, list[Succession], dict[str, pl.DataFrame]]:
    truth = TruthRows()
    written = 0
    chain: list[Succession] = []
    for member in chunk:
        built = build_company(member, plan, truth)
        for cik, data in built.files.items():
            (folder / _file_name(cik)).write_bytes(data)
            written += len(data)
        if built.succession is not None:
            chain.append(built.succession)
    return written, chain, truth.frames()


def _ticker_file(listed: list[Member]) -> bytes:
    data = [
        # the SEC spells share classes with a hyphen
        [member.cik, member.name, symbol.replace(".", "-"), ("NYSE", "Nasdaq")[member.index % 2]]
        for member in listed
        for symbol in member.symbols
    ]
    return orjson.dumps({"fields": ["cik", "name", "ticker", "exchange"], "data": data})


def _stocks(listed: list[Member]) -> str:
    lines = [f"{symbol},{member.name},{member.sector},1" for member in listed for symbol in member.symbols]
    return "\n".join(["symbol,company_name,sector,is_sp500", *lines]) + "\n"
