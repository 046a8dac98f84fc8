"""Compare a loaded database with the truth of a synthetic corpus, cell by cell and both ways."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from loader.reference import STATEMENT_TABLES, Statement

#: Lines that come out of a division in some periods, so that the last bits depend on the order of steps; all others are exact.
_DIVIDED = {"eps_basic", "eps_diluted", "shares_basic", "shares_diluted"}
_DIVIDED_IN = ["Q4", "TTM"]
_TOLERANCE = 1e-9
#: Each stock once, also where a predecessor's number leads to it too.
_MAPPED = "SELECT DISTINCT stock_id, symbol FROM cik_mappings_sp500"
_KEY = ["symbol", "period", "end_date"]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One cell, or a whole row (column `row`), that is not what it should be."""

    statement: str
    symbol: str
    period: str
    end_date: str
    column: str
    expected: object
    found: object


def compare(truth: Path, db: Path) -> list[Mismatch]:
    """All differences between the truth of a corpus and what a database holds, joined through its mappings.

    Args:
        truth: folder of income.parquet, balance.parquet and cashflow.parquet.
        db: the database; no writer may have it open in this process.
    """
    mismatches: list[Mismatch] = []
    with closing(sqlite3.connect(db)) as connection:
        mapped = _read(connection, "SELECT CAST(cik AS INTEGER) AS cik, symbol FROM cik_mappings_sp500")
        for statement, table in STATEMENT_TABLES.items():
            expected = _expected(pl.read_parquet(truth / f"{statement}.parquet"), mapped)
            columns = [name for name in expected.columns if name not in ("cik", "symbol")]
            found = _read(connection, f"SELECT m.symbol, {', '.join(columns)} FROM {table} JOIN ({_MAPPED}) m USING (stock_id)")
            mismatches += _differences(statement, expected, found.cast(expected.select("symbol", *columns).schema))
        mismatches += _companies(pl.read_parquet(truth / "companies.parquet"), mapped, connection)
    return mismatches


def _companies(truth: pl.DataFrame, mapped: pl.DataFrame, connection: sqlite3.Connection) -> list[Mismatch]:
    found = _read(
        connection, "SELECT CAST(cik AS INTEGER) AS cik, template, currency, fiscal_year_end FROM loader_companies"
    ).cast(truth.schema)
    both = truth.join(found, on="cik", how="left", suffix="_found").join(mapped, on="cik")
    return [
        Mismatch("companies", row[0], "", "", column, row[1], row[2])
        for column in truth.columns[1:]
        for row in both.filter(pl.col(column).ne_missing(pl.col(f"{column}_found")))
        .select("symbol", column, f"{column}_found")
        .iter_rows()
    ]


def _read(connection: sqlite3.Connection, query: str) -> pl.DataFrame:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return pl.DataFrame(cursor.fetchall(), schema=names, orient="row", infer_schema_length=None)


def _expected(truth: pl.DataFrame, mapped: pl.DataFrame) -> pl.DataFrame:
    """The truth in the database's terms: a row for each symbol of a company; a company that nobody mapped keeps its number."""
    dates = [name for name in ("start_date", "end_date") if name in truth.columns]
    return (
        truth.join(mapped, on="cik", how="left")
        .with_columns(pl.col("symbol").fill_null(pl.format("CIK {}", "cik")), pl.col(dates).dt.to_string("iso"))
        .drop("cik")
    )


def _differences(statement: Statement, expected: pl.DataFrame, found: pl.DataFrame) -> list[Mismatch]:
    mismatches: list[Mismatch] = []

    def note(rows: pl.DataFrame, column: str, truth: object = None, cell: object = None) -> None:
        mismatches.extend(
            Mismatch(statement, row[0], row[1], row[2], column, truth, cell) for row in rows.select(_KEY).iter_rows()
        )

    note(expected.join(found, on=_KEY, how="anti"), "row", truth="a row")
    note(found.join(expected, on=_KEY, how="anti"), "row", cell="a row")
    note(found.filter(found.select(_KEY).is_duplicated()), "row", truth="one row", cell="more than one")
    both = expected.join(found, on=_KEY, suffix="_found")
    for column in [name for name in expected.columns if name not in _KEY]:
        truth, cell = pl.col(column), pl.col(f"{column}_found")
        differs = truth.ne_missing(cell)
        if column in _DIVIDED:
            close = ((truth - cell).abs() <= _TOLERANCE * truth.abs()).fill_null(value=False)
            differs &= ~(close & pl.col("period").is_in(_DIVIDED_IN))
        cells = both.filter(differs).select(*_KEY, column, f"{column}_found")
        mismatches.extend(Mismatch(statement, row[0], row[1], row[2], column, row[3], row[4]) for row in cells.iter_rows())
    return mismatches
