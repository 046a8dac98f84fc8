"""The cells of the statements as their tables have them: for each statement a row with one small number for each line.

A number is the id of the value's series, plus `FILING` times the number of its filing where that is not the statement's own; a
negative one is the reason of an empty cell. One row with forty numbers takes a fifth of the time of forty rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, reduce
from operator import add
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.database.dimensions import SERIES, SERIES_IDS, Dimension
from loader.database.provenance_tables import FILING, OTHER_FILINGS, PROVENANCE_TABLES, RAW_VALUES
from loader.errors import DatabaseError
from loader.reference import LINES, Statement
from loader.reference.concepts import STATEMENT_TYPE, concepts, lines, lines_by_code
from loader.reference.plain import auxiliary_lines
from loader.standardize import Statements, unit_of

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_JUDGED: Final = ("passed", "failed", "vacuous", "failed_checks")


def provenance(statements: Statements, dimensions: Mapping[str, Dimension]) -> dict[str, pl.DataFrame]:
    """The rows of the provenance tables, of the other filings and of the raw values, by table, with `cik` for the stock.

    Args:
        statements: of a batch.
        dimensions: what has no id yet gets a new one.

    Raises:
        DatabaseError: more series than the numbers have room for.
    """
    rows, cells, unfilled = statements.rows, statements.cells, statements.unfilled
    positions = _positions(rows)
    at = np.take(positions, cells.get_column("statement_row").to_numpy())
    marks = _series(rows, cells, at, dimensions)
    apart, numbers, other = _filings(rows, cells, at, statements.filings)
    marks[apart] += numbers * FILING
    grid = _Grid(rows)
    grid.fill(cells.get_column("line"), at, marks, cells.get_column("value").to_numpy())
    grid.fill(
        unfilled.get_column("line"),
        np.take(positions, unfilled.get_column("statement_row").to_numpy()),
        -_reasons(unfilled.get_column("reason"), dimensions["reason_id"]),
    )
    origins, values = grid.columns()
    head = rows.select("cik", "statement_row", "is_shown", "period", "year", "end_date").join(
        statements.quality.select("statement_row", *_JUDGED), on="statement_row", how="left", maintain_order="left"
    )
    tables: dict[str, pl.DataFrame] = {}
    for statement, table in PROVENANCE_TABLES.items():
        own = auxiliary_lines(statement)
        columns = [
            *(grid.cells_of(origins, statement, line) for line in (*LINES[statement], *own)),
            *(grid.cells_of(values, statement, line).alias(f"{line}_value") for line in own),
        ]
        of_statement = head[grid.rows_of(statement)]
        total = pl.repeat(None, of_statement.height, dtype=pl.Float64, eager=True).scatter(
            of_statement.get_column("is_shown").arg_true(), control_total(getattr(statements, statement), statement)
        )
        # A line that no company of the batch has need not be named to be NULL, and to insert a NULL takes time.
        some = [column for column in columns if column.null_count() < column.len()]
        tables[table] = of_statement.drop("statement_row", "is_shown").hstack([total.alias("control_total"), *some])
    return {**tables, OTHER_FILINGS: other, RAW_VALUES: _raw_values(rows, cells, at, dimensions["line_id"])}


def _positions(rows: pl.DataFrame) -> Integers:
    """The position of each statement's row by its number.

    Where not all companies that were standardised together are in one batch, the numbers have holes.
    """
    numbers = rows.get_column("statement_row").to_numpy()
    positions = np.zeros(int(numbers.max(initial=0)) + 1, np.int64)
    positions[numbers] = np.arange(rows.height)
    return positions


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
        kinds = rows.get_column("statement").to_physical().to_numpy()
        self._rows_of = {kind: np.flatnonzero(kinds == code) for code, kind in enumerate(STATEMENT_TYPE.categories)}
        #: The place of each row among those of its statement.
        self._within = np.empty(rows.height, np.int64)
        for own in self._rows_of.values():
            self._within[own] = np.arange(len(own))
        self._firsts: dict[str, int] = {}
        length = 0
        for statement, line in _lines():
            self._firsts[line] = length
            length += len(self._rows_of[statement])
        self._firsts_by_code = np.array(list(self._firsts.values()), np.int64)
        self._marks = np.zeros(length, np.int64)
        self._values = np.empty(length, np.float64)
        self._filled = 0

    def fill(self, line: pl.Series, at: Integers, marks: Integers, values: Floats | None = None) -> None:
        """Put these marks, none of them 0, and values into the cells of these lines and positions of rows."""
        places = np.take(self._firsts_by_code, line.to_physical().to_numpy())
        places += np.take(self._within, at)
        self._marks[places] = marks
        if values is not None:
            self._values[places] = values
        self._filled += len(places)

    def rows_of(self, statement: Statement) -> Integers:
        """The positions of a statement's rows."""
        return self._rows_of[statement]

    def columns(self) -> tuple[pl.Series, pl.Series]:
        """The long columns of the marks and of the values; null where there is none."""
        if np.count_nonzero(self._marks) != self._filled:
            message = "two values for one line of one statement"
            raise ValueError(message)
        long = pl.DataFrame({"mark": self._marks, "value": self._values})
        # Where the mark is of a reason there is no value.
        marks, values = long.select(pl.when(pl.col("mark") != 0).then("mark"), pl.when(pl.col("mark") > 0).then("value"))
        return marks, values

    def cells_of(self, column: pl.Series, statement: Statement, line: str) -> pl.Series:
        """The cells of one of a statement's lines in one of the long columns."""
        return column.slice(self._firsts[line], len(self._rows_of[statement])).alias(line)


@cache
def _lines() -> list[tuple[str, str]]:
    """Each line after its statement, in the order of the lines' codes."""
    return list(lines_by_code().select(pl.col("statement", "line").cast(pl.String)).iter_rows())


def _series(rows: pl.DataFrame, cells: pl.DataFrame, at: Integers, dimensions: Mapping[str, Dimension]) -> Integers:
    """The series of each cell: looked up once for each combination of what a series is made of."""
    # Methods and repairs first, while there are few combinations: their codes are among those of all categories of the process,
    # and may be large.
    codes = [_codes(cells.get_column(name)) for name in ("method", "repair", "line", "concept_id")]
    currency = _codes(rows.get_column("currency").cast(pl.Categorical))
    combination, example = _combinations([*codes, np.take(currency, at)])
    named = pl.concat(
        [
            cells.select("line", "concept_id", "method", "repair")[example],
            rows.select("currency")[np.take(at, example)],
        ],
        how="horizontal",
    )
    named = (
        named.join(concepts().select("concept_id", "concept"), on="concept_id", how="left", maintain_order="left")
        .join(lines().select("line", "statement", "unit"), on="line", how="left", maintain_order="left")
        .select(
            pl.col("statement", "line", "concept", "method", "repair").cast(pl.String),
            unit=unit_of(pl.col("unit"), pl.col("currency")),
        )
    )
    # All lines, or the views would not look at those that no statement has a value of, but a reason for having none.
    dimensions["line_id"].resolve(_lines())
    ids = []
    for name in SERIES_IDS:
        dimension = dimensions[name]
        keys = list(named.select(dimension.keys).iter_rows())
        if name != "line_id":
            dimension.resolve(keys)
        ids.append(dimension.ids(keys))
    series = dimensions[SERIES]
    keys = list(zip(*ids, strict=True))
    series.resolve(keys)
    numbers = np.array(series.ids(keys), np.int64)
    if numbers.max(initial=0) >= FILING:
        raise DatabaseError(f"loader_series has no room for more than {FILING - 1} combinations: give another --db")
    return np.take(numbers, combination)


def _reasons(reasons: pl.Series, dimension: Dimension) -> Integers:
    """The id of each reason."""
    combination, example = _combinations([_codes(reasons.cast(pl.Categorical))])
    keys = [(reason,) for reason in reasons.gather(example)]
    dimension.resolve(keys)
    return np.take(np.array(dimension.ids(keys), np.int64), combination)


def _codes(column: pl.Series) -> Integers:
    """What stands for each value: numbers from 0 for those that occur, none being one of them.

    Its own codes can be large: those of all texts that the process has seen are counted on.
    """
    numbers = column.to_physical()
    codes = numbers.fill_null(int(numbers.max() or 0) + 1).to_numpy()  # type: ignore[arg-type]  # a column of integers
    return _combinations([codes])[0]


def _combinations(parts: Iterable[Integers]) -> tuple[Integers, Integers]:
    """The place of each row's combination of small numbers among those that occur, and for each of these a row that has it.

    Combinations are few where rows are many, so a table of all that are possible with one part more is small, and is faster than
    one with hashes.
    """
    place, count = np.zeros(1, np.int64), 1
    for numbers in parts:
        size = int(numbers.max(initial=0)) + 1
        packed = place * size + numbers
        there = np.zeros(count * size, np.bool_)
        there[packed] = True
        place = np.take(np.cumsum(there) - 1, packed)
        count = int(np.count_nonzero(there))
    example = np.zeros(count, np.int64)
    example[place] = np.arange(len(place))
    return place, example


def _filings(
    rows: pl.DataFrame, cells: pl.DataFrame, at: Integers, forms: pl.DataFrame
) -> tuple[Integers, Integers, pl.DataFrame]:
    """The cells that do not come from their statement's filing, for each a number of its company, and the numbers' filings."""
    # What is missing is equal to nothing: no filing has the number 0 or -1, or is of 1970 or before.
    shown = rows.select(pl.when("is_shown").then("accession").fill_null(0), pl.col("filed").to_physical().fill_null(0))
    found = cells.select(pl.col("accession", "filed").to_physical().fill_null(-1))
    apart = np.flatnonzero(
        np.logical_or.reduce(
            [np.take(shown.get_column(key).to_numpy(), at) != found.get_column(key).to_numpy() for key in found.columns]
        )
    )
    keys = ["cik", "accession", "filed"]
    others = cells.select(keys)[apart]
    numbered = (
        others.unique()
        .sort(keys)
        .with_columns(number=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("cik"))
        .join(forms, on=["cik", "accession"], how="left", maintain_order="left")
    )
    numbers = others.join(numbered, on=keys, how="left", nulls_equal=True, maintain_order="left").get_column("number")
    filings = numbered.select(
        "cik", "number", accession_text(pl.col("accession")).alias("accession"), pl.col("form").cast(pl.String), "filed"
    )
    return apart, numbers.to_numpy(), filings


def _raw_values(rows: pl.DataFrame, cells: pl.DataFrame, at: Integers, dimension: Dimension) -> pl.DataFrame:
    """The values as filed, where they differ: cik, line_id, period, end_date, raw_value."""
    changed = np.flatnonzero(cells.get_column("raw_value").is_not_null().to_numpy())
    values = cells.select("cik", "line", "raw_value")[changed]
    ids = np.take(np.array(dimension.ids(_lines()), np.int64), values.get_column("line").to_physical().to_numpy())
    keys = rows.select("period", "end_date")[np.take(at, changed)]
    return (
        values.hstack([pl.Series("line_id", ids), *keys])
        .select("cik", "line_id", "period", "end_date", "raw_value")
        .sort("cik", "line_id", "period", "end_date")
    )


def accession_text(number: pl.Expr) -> pl.Expr:
    """An accession number as it is written, 0000320193-24-000123, of its 18 digits as an integer."""
    digits = number.cast(pl.String).str.zfill(18)
    return pl.concat_str(digits.str.slice(0, 10), digits.str.slice(10, 2), digits.str.slice(12, 6), separator="-")
