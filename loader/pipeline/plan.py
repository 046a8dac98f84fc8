"""Planning: schema, stocks, mappings, and from these the tasks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from loader.database import Mapping as CikMapping
from loader.database import (
    TaskRow,
    Unmapped,
    content_there,
    copy_reference,
    ensure_schema,
    has_members,
    import_default_stocks,
    list_mappings,
    list_stocks,
    list_successions,
    refresh_mappings,
    symbol_key,
    unmapped_symbols,
)
from loader.database.connection import DEFAULT_TIMEOUT
from loader.errors import InputError, LoaderError, UsageError
from loader.pipeline.refresh import recipe, unchanged
from loader.pipeline.tasks import Task, group_tasks
from loader.sources import FileEntry, Snapshot, locate_source, open_source, stat
from loader.standardize import RULES_VERSION, Rules

#: Where the SEC's ticker file is expected when none is given.
DEFAULT_TICKERS: Final = Path("data/company_tickers_exchange.json")


@dataclass(frozen=True, slots=True)
class ExtractRequest:
    """What to load.

    Attributes:
        db: the database.
        source: a folder of companyfacts files, or the SEC's zip of them; None for the files that the mappings name, or for what
            `locate_source` finds where there are no mappings yet.
        symbols: only the companies of these; None for all members of the index.
        rules: vintage and as-of date.
        tickers: the SEC's ticker file, to map the stocks anew.
        synthetic: the source is an invented corpus; it is never mixed with real companies.
        facts: where all facts of these companies are exported to in the same pass; None for nowhere.
        all_filers: every company in the source, whether it is a member of the index or not.
        rewrite: load those too that are in the database and would come out the same.
    """

    db: Path
    source: str | None = None
    symbols: tuple[str, ...] | None = None
    rules: Rules = field(default_factory=Rules)
    tickers: Path | None = None
    synthetic: bool = False
    facts: Path | None = None
    all_filers: bool = False
    rewrite: bool = False

    def __post_init__(self) -> None:
        if self.all_filers and self.symbols is not None:
            raise UsageError("--all-filers takes every company and --symbols some of them: give one of the two")

    @property
    def leaves_alone(self) -> bool:
        """Whether a company that would come out the same is left alone. A set of all facts is made of files that are read."""
        return not self.rewrite and self.facts is None

    def settings(self) -> dict[str, Any]:
        """What a resumed run needs to ask for the same, as plain data."""
        return {
            "source": self.source and os.path.abspath(self.source),  # noqa: PTH100 (as the source itself is named)
            "symbols": None if self.symbols is None else ",".join(self.symbols),
            "all_filers": self.all_filers,
            "rewrite": self.rewrite,
            "vintage": self.rules.vintage,
            "as_of": self.rules.as_of and self.rules.as_of.isoformat(),
            "synthetic": self.synthetic,
            "facts": self.facts and os.path.abspath(self.facts),  # noqa: PTH100 (as the source)
        }

    @classmethod
    def from_settings(cls, db: Path, settings: dict[str, Any]) -> ExtractRequest:
        """The request that had these settings."""
        as_of, symbols = settings["as_of"], settings["symbols"]
        return cls(
            db=db,
            source=settings["source"],
            symbols=None if symbols is None else tuple(symbols.split(",")),
            rules=Rules(vintage=settings["vintage"], as_of=None if as_of is None else date.fromisoformat(as_of)),
            synthetic=settings["synthetic"],
            # A run of an earlier version had no such settings.
            facts=None if settings.get("facts") is None else Path(settings["facts"]),
            all_filers=settings.get("all_filers", False),
            rewrite=settings.get("rewrite", False),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would load.

    Attributes:
        tasks: one for each company, in the order of loading.
        unmapped: members of the index for which there is no file.
        source: where the files are, in words.
        source_date: the day of the newest of them; None where the source does not tell.
        notes: what was changed or settled on the way, one line each.
        unchanged: CIKs of the companies that would be left alone.
    """

    tasks: tuple[Task, ...]
    unmapped: tuple[Unmapped, ...]
    source: str
    source_date: date | None
    notes: tuple[str, ...]
    unchanged: frozenset[int] = frozenset()

    @property
    def loads(self) -> list[Task]:
        """The tasks of the companies that would be loaded."""
        return [task for task in self.tasks if task.cik not in self.unchanged]

    @property
    def bytes(self) -> int:
        """Of all files that would be read."""
        return sum(task.size for task in self.loads)

    def rows(self, recipe: str) -> list[TaskRow]:
        """The tasks as rows of `extraction_tasks`; of the recipe see `Task.basis`."""
        return [TaskRow(str(t.cik), t.symbols, t.priority, t.paths, t.size, t.fingerprint, t.basis(recipe)) for t in self.tasks]


def plan(request: ExtractRequest) -> Plan:
    """What a run would load, without changing the database: it is worked out on a copy of its stocks and mappings."""
    with tempfile.TemporaryDirectory(prefix="loader-plan-") as folder:
        copy = Path(folder) / "plan.db"
        ensure_schema(copy)
        if request.db.exists():
            copy_reference(request.db, copy)
        planned = prepare(request, copy)
    if not request.leaves_alone or not request.db.exists():
        return planned
    same = unchanged(planned.tasks, recipe(request.rules, RULES_VERSION), content_there(request.db))
    return replace(planned, unchanged=frozenset(same))


def prepare(request: ExtractRequest, db: Path, *, timeout: float = DEFAULT_TIMEOUT) -> Plan:
    """Bring the schema, the stocks and the mappings of a database up to date, and read the tasks from them.

    Args:
        request: what to load.
        db: the database, which need not be that of the request.
        timeout: seconds to wait for another writer.

    Raises:
        UsageError: a symbol is not known.
        InputError: there is nothing to load.
    """
    schema = ensure_schema(db, timeout=timeout)
    notes = list(schema.changed)
    if not has_members(db):
        found = import_default_stocks(db)
        notes.append(f"no index members in {request.db}: took the {found.stocks} of the built-in list")
    mappings = list_mappings(db)
    entries: Dict[int, FileEntry] = {}
    if request.all_filers or request.source is not None or request.tickers is not None or not mappings:
        source = Snapshot.of(open_source(_source(request)))
        tickers = request.tickers
        if tickers is None and not mappings and DEFAULT_TICKERS.is_file():
            tickers = DEFAULT_TICKERS
        entries = source.entries()
        report = refresh_mappings(db, tickers, source, all_filers=request.all_filers)
        notes += report.notes
        mappings, unmapped, location, newest = report.mapped, report.unmapped, source.location, source.day
    else:
        unmapped, location, newest = unmapped_symbols(db), "the files that the mappings name", None
    if request.symbols is None and not request.all_filers:
        # Other companies are mapped too where every filer was once asked for.
        members = {stock.id for stock in list_stocks(db) if stock.is_sp500}
        mapped_members = {mapping.cik for mapping in mappings if mapping.stock_id in members}
        mappings = [mapping for mapping in mappings if mapping.cik in mapped_members]
        if not mappings:
            raise InputError(
                f"none of the {len(unmapped)} members of the index has a file in {location}: see `loader mappings list`"
            )
    if request.all_filers:
        # Of companies that are mapped from an earlier source, only those that are in this one, with all their CIKs.
        here = {mapping.stock_id for mapping in mappings if int(mapping.cik) in entries}
        mappings = [mapping for mapping in mappings if mapping.stock_id in here]
        if not mappings:
            raise InputError(f"there is no company's file CIK##########.json in {location}")
    tasks = group_tasks(mappings, _states(mappings, entries), list_successions(db))
    if request.symbols is not None:
        tasks, unmapped = _chosen(request.symbols, tasks, unmapped)
    return Plan(tuple(tasks), tuple(unmapped), location, newest, tuple(notes))


def _source(request: ExtractRequest) -> str | Path:
    found = request.source or locate_source()
    if found is None:
        raise InputError(
            "no EDGAR data: put the SEC's companyfacts.zip into data/, or some of its files into data/companyfacts/, "
            "or name either with --source",
        )
    return found


def _states(mappings: Iterable[CikMapping], entries: Dict[int, FileEntry]) -> dict[str, FileEntry]:
    """The files that are there now and can be read. What is wrong with one that is not, its reader will say.

    Args:
        mappings: which name the files.
        entries: what a look at the source has just found.
    """
    states = {entry.path: entry for entry in entries.values() if entry.fault is None}
    for path in {mapping.edgar_file_path for mapping in mappings} - states.keys():
        try:
            states[path] = stat(path)
        except LoaderError:
            continue
    return states


def _chosen(symbols: Sequence[str], tasks: Iterable[Task], unmapped: Iterable[Unmapped]) -> tuple[list[Task], list[Unmapped]]:
    """The companies that have these symbols, in any spelling, with all their other symbols; and the symbols without a file."""
    wanted = {symbol_key(symbol): symbol for symbol in symbols}
    chosen = [task for task in tasks if any(symbol_key(symbol) in wanted for symbol in task.symbols)]
    without_file = [one for one in unmapped if symbol_key(one.symbol) in wanted]
    known = {symbol_key(symbol) for task in chosen for symbol in task.symbols} | {symbol_key(one.symbol) for one in without_file}
    unknown = [symbol for key, symbol in wanted.items() if key not in known]
    if unknown:
        raise UsageError(
            f"no member of the index and no company with a file: {', '.join(unknown)}; `loader stocks list` shows all"
        )
    if not chosen:
        raise InputError("; ".join(f"{one.symbol}: {one.reason}" for one in without_file) or "no symbol was given")
    return chosen, without_file
