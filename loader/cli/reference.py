"""`loader stocks` and `loader mappings`."""

from __future__ import annotations

from pathlib import Path

from loader import database
from loader.cli.options import DEFAULT_TICKERS
from loader.cli.output import emit, emit_json, emit_table, remark
from loader.errors import InputError
from loader.sources import locate_source, open_source


def import_stocks(db: Path, csv: Path) -> None:
    """Bring the stocks up to date with a list."""
    _prepare(db)
    emit(str(database.import_stocks_csv(db, csv)))


def list_stocks(db: Path, *, as_json: bool) -> None:
    """Print all stocks."""
    stocks = database.list_stocks(db)
    if as_json:
        emit_json(stocks)
        return
    emit_table(
        ("symbol", "member", "sector", "company"),
        [(stock.symbol, "yes" if stock.is_sp500 else "no", stock.sector or "", stock.company_name) for stock in stocks],
    )


def refresh_mappings(db: Path, tickers: Path | None, source: str | None, successions: Path | None) -> None:
    """Map every member to its file, and print how many could not be."""
    location = source or locate_source()
    if location is None:
        raise InputError("no EDGAR data in data/companyfacts/ or data/companyfacts.zip: name the folder or the zip with --source")
    _prepare(db)
    if not database.has_members(db):
        remark(f"no index members in {db}: took the {database.import_default_stocks(db).stocks} of the built-in list")
    report = database.refresh_mappings(
        db,
        tickers or (DEFAULT_TICKERS if DEFAULT_TICKERS.is_file() else None),
        open_source(location),
        successions=successions,
    )
    for note in report.notes:
        remark(note)
    emit(f"{len(report.mapped)} mappings, {len(report.unmapped)} members without one: `loader mappings list` names them")


def list_mappings(db: Path, *, as_json: bool) -> None:
    """Print all mappings, then the members that have none."""
    mapped, unmapped = database.list_mappings(db), database.unmapped_symbols(db)
    if as_json:
        emit_json({"mapped": mapped, "unmapped": unmapped})
        return
    emit_table(
        ("symbol", "cik", "file"),
        [(mapping.symbol, mapping.cik, mapping.edgar_file_path) for mapping in mapped]
        + [(one.symbol, "-", f"not mapped: {one.reason}") for one in unmapped],
    )


def _prepare(db: Path) -> None:
    for change in database.ensure_schema(db).changed:
        remark(change)
