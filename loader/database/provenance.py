"""The cells of the statements as their tables have them: for each statement a row with one small number for each line.

A number is the id of the value's series, plus `FILING` times the number of its filing where that is not the statement's own; a
negative one is the reason of an empty cell. One row with forty numbers takes a fifth of the time of forty rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Final

import numpy as np
import polars as pl

from loader.database.dimensions import SERIES, SERIES_IDS, Dimension
from loader.errors import DatabaseError
from loader.reference import LINES, Statement
from loader.reference.concepts import concepts, line_type, lines, lines_by_code
from loader.standardize import Statements, unit_of

#: The table of each statement's provenance.
PROVENANCE_TABLES: Final[Mapping[Statement, str]] = {
    "income": "loader_income_provenance",
    "balance": "loader_balance_provenance",
    "cashflow": "loader_cash_flow_provenance",
}
OTHER_FILINGS: Final = "loader_other_filings"
RAW_VALUES: Final = "loader_raw_values"

#: A filing's number times this, plus a series: the views take them apart.
FILING: Final = 1 << 20

_JUDGED: Final = ("passed", "failed", "vacuous", "failed_checks")


def auxiliary_lines(statement: Statement) -> list[str]:
    """The lines of a statement that are no columns of its table, in the order of their columns."""
    own = lines().filter((pl.col("statement") == statement) & ~pl.col("column"))
    return own.get_column("line").cast(pl.String).sort().to_list()


def provenance(statements: Statements, dimensions: Mapping[str, Dimension]) -> dict[str, pl.DataFrame]:
    """The rows of the provenance tables, of the other filings and of the raw values, by table, with `cik` for the stock.

    Args:
        statements: of a batch.
        dimensions: what has no id yet gets a new one.

    Raises:
        DatabaseError: more series than the numbers have room for.
    """
    rows = statements.rows
    position = _positions(rows)
    cells = statements.cells.with_columns(at=position.gather(statements.cells.get_column("statement_row")))
    filing, other = _filings(rows, cells, statements.filings)
    origins = _series(rows, cells, dimensions).cast(pl.Int64) + filing * FILING
    unfilled = statements.unfilled
    reasons = unfilled.select("reason")
    dimensions["reason_id"].resolve(reasons)
    grid = _Grid(rows)
    marks = grid.filled(
        pl.concat([cells.get_column("line"), unfilled.get_column("line")]),
        pl.concat([cells.get_column("at"), position.gather(unfilled.get_column("statement_row"))]),
        pl.concat([origins, -dimensions["reason_id"].ids(reasons)]),
    )
    auxiliary = cells.select("line", "at", "value").filter(~_is_column(cells.get_column("line")))
    values = grid.filled(auxiliary.get_column("line"), auxiliary.get_column("at"), auxiliary.get_column("value"))
    head = rows.select("cik", "statement", "statement_row", "is_shown", "period", "year", "end_date").join(
        statements.quality.select("statement_row", *_JUDGED), on="statement_row", how="left", maintain_order="left"
    )
    tables: dict[str, pl.DataFrame] = {}
    for statement, table in PROVENANCE_TABLES.items():
        own = auxiliary_lines(statement)
        columns = [
            *(grid.column(marks, line) for line in (*LINES[statement], *own)),
            *(grid.column(values, line).alias(f"{line}_value") for line in own),
        ]
        of_statement = head.filter(pl.col("statement") == statement)
        shown = of_statement.select(pl.col("is_shown").arg_true()).to_series()
        total = pl.repeat(None, of_statement.height, dtype=pl.Float64, eager=True).scatter(
            shown, control_total(getattr(statements, statement), statement)
        )
        # A line that no company of the batch has need not be named to be NULL, and to insert a NULL takes time.
        some = [column for column in columns if column.null_count() < column.len()]
        tables[table] = of_statement.drop("statement", "statement_row", "is_shown").with_columns(
            total.alias("control_total"), *some
        )
    return {**tables, OTHER_FILINGS: other, RAW_VALUES: _raw_values(rows, cells, dimensions["line_id"])}


def _positions(rows: pl.DataFrame) -> pl.Series:
    """The position of each statement's row by its number: of a part of a batch the numbers have holes."""
    numbered = rows.select("statement_row", position=pl.int_range(pl.len(), dtype=pl.UInt32))
    if not numbered.height:
        return numbered.get_column("position")
    numbers = numbered.get_column("statement_row")
    empty = pl.Series([None], dtype=pl.UInt32).new_from_index(0, int(numbers.max()) + 1)  # type: ignore[arg-type]  # UInt32
    return empty.scatter(numbers, numbered.get_column("position"))


def control_total(table: pl.DataFrame, statement: Statement) -> pl.Series:
    """For each row of a statement's table its values, each times the place of its line, added up: 0 for a missing one.

    SQLite adds up the same numbers in the same order, and so gets the same total to the last bit.
    """
    values = table.select(pl.col(LINES[statement]).fill_null(0.0))
    return pl.Series("total", reduce(add, (place * column.to_numpy() for place, column in enumerate(values, 1))))


class _Grid:
    """All cells of all statements in one long column, line by line: a line's cells are a slice of it.

    Args:
        rows: the statements' rows, in the order of their positions.
    """

    def __init__(self, rows: pl.DataFrame) -> None:
        of_kind = rows.select(pl.int_range(pl.len(), dtype=pl.UInt32).over("statement")).to_series()
        heights = dict(rows.group_by(pl.col("statement").cast(pl.String)).len().iter_rows())
        self._within = of_kind
        self._slices: dict[str, tuple[int, int]] = {}
        self._length = 0
        for line, statement in lines().select(pl.col("line", "statement").cast(pl.String)).iter_rows():
            height = heights.get(statement, 0)
            self._slices[line] = (self._length, height)
            self._length += height
        self._firsts = pl.Series([self._slices[line][0] for line in line_type().categories], dtype=pl.UInt32)

    def filled(self, line: pl.Series, at: pl.Series, numbers: pl.Series) -> pl.Series:
        """The long column with these values, by their lines and the positions of their rows."""
        empty = pl.repeat(None, self._length, dtype=numbers.dtype, eager=True)
        if not numbers.len():
            return empty
        filled = empty.scatter(self._firsts.gather(line.to_physical()) + self._within.gather(at), numbers)
        if filled.len() - filled.null_count() != numbers.len():
            message = "two values for one line of one statement"
            raise ValueError(message)
        return filled

    def column(self, filled: pl.Series, line: str) -> pl.Series:
        first, height = self._slices[line]
        return filled.slice(first, height).alias(line)


def _series(rows: pl.DataFrame, cells: pl.DataFrame, dimensions: Mapping[str, Dimension]) -> pl.Series:
    """The series of each cell: what it is made of is packed into one integer, and is looked up once for each combination."""
    currency = rows.get_column("currency")
    parts = {
        "line": (cells.get_column("line").to_physical(), line_type().categories),
        "concept": (cells.get_column("concept_id"), concepts().get_column("concept")),
        **{name: _coded(cells.get_column(name)) for name in ("method", "repair")},
        "currency": _coded(currency),
    }
    codes, names = parts["currency"]
    parts["currency"] = (codes.gather(cells.get_column("at")), names)
    numbers = np.zeros(cells.height, np.uint64)
    for code, categories in parts.values():
        # One more for "none".
        numbers *= np.uint64(categories.len() + 1)
        numbers += code.cast(pl.UInt32).fill_null(categories.len()).to_numpy()
    packed = pl.Series("packed", numbers)
    named = packed.unique().to_frame()
    rest = pl.col("packed")
    for name, (_, categories) in reversed(parts.items()):
        size = categories.len() + 1
        code = named.select((rest % size).cast(pl.UInt32)).to_series()
        named = named.with_columns(pl.concat([categories, pl.Series([None], dtype=pl.String)]).gather(code).alias(name))
        rest = rest // size
    kinds = lines().select(pl.col("line", "statement").cast(pl.String), "unit")
    named = named.join(kinds, on="line", how="left", maintain_order="left").with_columns(
        unit_of(pl.col("unit"), pl.col("currency")).alias("unit")
    )
    # All lines, or the views would not look at those that no statement has a value of, but a reason for having none.
    dimensions["line_id"].resolve(kinds)
    for name in SERIES_IDS:
        if name != "line_id":
            dimensions[name].resolve(named)
        named = named.with_columns(dimensions[name].ids(named).alias(name))
    series = dimensions[SERIES]
    series.resolve(named)
    named = named.select("packed", series.ids(named).alias(SERIES))
    if int(named.get_column(SERIES).max() or 0) >= FILING:  # type: ignore[arg-type]  # an Int64 column's maximum
        raise DatabaseError(f"loader_series has no room for more than {FILING - 1} combinations: give another --db")
    return packed.to_frame().join(named, on="packed", how="left", maintain_order="left").get_column(SERIES)


def _coded(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Small numbers for texts, and the texts that they stand for."""
    names = texts.unique().drop_nulls().cast(pl.String)
    return texts.cast(pl.Enum(names)).to_physical(), names


def _filings(rows: pl.DataFrame, cells: pl.DataFrame, forms: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    """For each cell 0 where it comes from its statement's filing, else a number of its company; and the numbers' filings."""
    at = cells.get_column("at")
    # No filing has the number 0.
    shown = rows.select(pl.when("is_shown").then("accession").fill_null(0)).to_series()
    own = (cells.get_column("accession") == shown.gather(at)) & (cells.get_column("filed") == rows.get_column("filed").gather(at))
    apart = (~own.fill_null(value=False)).arg_true()
    keys = ["cik", "accession", "filed"]
    others = cells.select(keys)[apart]
    numbered = (
        others.unique()
        .sort(keys)
        .with_columns(number=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("cik"))
        .join(forms, on=["cik", "accession"], how="left", maintain_order="left")
    )
    numbers = others.join(numbered, on=keys, how="left", nulls_equal=True, maintain_order="left").get_column("number")
    filing = pl.repeat(0, cells.height, dtype=pl.Int64, eager=True).scatter(apart, numbers)
    return filing, numbered.select(
        "cik", "number", accession_text(pl.col("accession")).alias("accession"), pl.col("form").cast(pl.String), "filed"
    )


def _raw_values(rows: pl.DataFrame, cells: pl.DataFrame, ids: Dimension) -> pl.DataFrame:
    """The values as filed, where they differ: cik, line_id, period, end_date, raw_value."""
    changed = cells.filter(pl.col("raw_value").is_not_null())
    named = changed.select(pl.col("statement", "line").cast(pl.String))
    return pl.concat(
        [
            changed.select("cik", ids.ids(named).alias("line_id")),
            rows.select("period", "end_date")[changed.get_column("at")],
            changed.select("raw_value"),
        ],
        how="horizontal",
    ).sort("cik", "line_id", "period", "end_date")


def _is_column(line: pl.Series) -> pl.Series:
    """Which of these lines are columns of their statement's table; the others are auxiliary."""
    return lines_by_code().get_column("column").gather(line.to_physical())


def accession_text(number: pl.Expr) -> pl.Expr:
    """An accession number as it is written, 0000320193-24-000123, of its 18 digits as an integer."""
    digits = number.cast(pl.String).str.zfill(18)
    return pl.concat_str(digits.str.slice(0, 10), digits.str.slice(10, 2), digits.str.slice(12, 6), separator="-")
