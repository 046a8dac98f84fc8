"""Reading a company's files again, as the database's mappings name them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal, cast

import polars as pl

from loader.companyfacts import flatten
from loader.config import ExtractionConfig
from loader.database import Stock, content_held, list_mappings, list_successions, loaded_companies
from loader.database.connection import reading
from loader.database.read import find_stock
from loader.errors import InputError, MissingFileError
from loader.pipeline.predecessors import company_facts
from loader.pipeline.tasks import group_tasks, join_fingerprints
from loader.sources import read, stat
from loader.standardize import RULES_VERSION, Rules, statement_concepts, statement_frame

_READ_SECONDS: Final = ExtractionConfig().file_read_timeout


@dataclass(frozen=True, slots=True)
class Reread:
    """A company's facts, read again.

    Attributes:
        stock: whose.
        company: its name in the file.
        cik: the company; of several CIKs, the current one.
        files: that were read.
        facts: of known concepts, all under `cik`.
        rules: the database's own, with another as-of date where one was asked for.
        of_the_database: the rules are the ones that made the database's content.
        remarks: what has changed since the database was loaded.
    """

    stock: Stock
    company: str | None
    cik: int
    files: tuple[str, ...]
    facts: pl.DataFrame
    rules: Rules
    of_the_database: bool
    remarks: tuple[str, ...]


def read_again(db: Path, symbol: str, *, as_of: date | None = None) -> Reread:
    """Read all files of the company of a stock.

    Args:
        db: the database, which says where they are.
        symbol: in any spelling.
        as_of: the day that matters; None for what the database was made with.

    Raises:
        UsageError: there is no such stock.
        InputError: no file is known for it, or it is gone or unusable.
    """
    with reading(db) as connection:
        stock = find_stock(connection, symbol)
    tasks = [task for task in group_tasks(list_mappings(db), {}, list_successions(db)) if stock.id in task.stock_ids]
    if not tasks:
        raise InputError(f"{stock.symbol}: no file is known to read it again from; `loader mappings list` says why")
    task = tasks[0]
    batches, names, fingerprints = [], [], []
    for file in task.files:
        try:
            fingerprints.append(stat(file.path).fingerprint)
            data = read(file.path, deadline=time.monotonic() + _READ_SECONDS)
        except MissingFileError as error:
            raise InputError(
                f"{stock.symbol}: this reads its file again, and that is gone: {file.path}; "
                "`loader mappings refresh --source DIR` tells where it is now"
            ) from error
        flattened = flatten(data, file.cik, statement_concepts())
        batches.append(company_facts(flattened.batch, file, task.cik)[0])
        names.append(flattened.entity_name)
    facts = statement_frame(batches)
    held = content_held(db)
    own = Rules()
    if held is not None:
        vintage = cast('Literal["latest", "original"]', held.vintage)
        own = Rules(vintage=vintage, as_of=date.fromisoformat(held.as_of) if held.as_of else None)
    rules = own if as_of is None else Rules(vintage=own.vintage, as_of=as_of)
    return Reread(
        stock=stock,
        company=names[0],
        cik=task.cik,
        files=tuple(file.path for file in task.files),
        facts=facts,
        rules=rules,
        of_the_database=rules == own,
        remarks=_changes(db, task.cik, join_fingerprints(fingerprints)),
    )


def _changes(db: Path, cik: int, fingerprint: str | None) -> tuple[str, ...]:
    """What is no longer as it was when the company was loaded."""
    loaded = loaded_companies(db).get(cik)
    if loaded is None:
        return ("the company was not loaded into this database",)
    remarks = []
    if loaded.fingerprint != fingerprint:
        remarks.append("the file may have changed since it was loaded")
    if loaded.rules_version != RULES_VERSION:
        remarks.append(f"it was loaded by version {loaded.rules_version} of the rules, this is version {RULES_VERSION}")
    if loaded.stale:
        remarks.append("a later load of it failed: the database holds what was loaded before that")
    return tuple(remarks)
