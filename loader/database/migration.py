"""From older versions of the schema to this one, where adding what is missing is not enough."""

from __future__ import annotations

import sqlite3
from typing import Final

from loader.database.connection import quoted
from loader.database.fit import Fitting, Wanted, table_columns
from loader.database.provenance_tables import FILING, OTHER_FILINGS, PROVENANCE_TABLES, RAW_VALUES
from loader.reference import LINES, STATEMENT_TABLES, Statement
from loader.reference.plain import auxiliary_lines

#: Tables of the older schemas that this one does not have.
_GONE: Final = ("loader_items", "loader_gaps", "loader_quality", "loader_periods", "loader_filings")
_MOVED: Final = "loader_moved"


def migrate_items(fitting: Fitting, wanted: Wanted) -> None:
    """To schema 3: a row for each statement with a number for each line, where there was one for each value, gap and judgement.

    All is copied and the old tables are dropped in the transaction that fits the schema: an interruption leaves them as they
    were.
    What was kept of auxiliary lines that the loader no longer knows goes.
    """
    connection = fitting.connection
    there = table_columns(connection, "loader_items")
    if not there:
        return
    # It deletes from tables that go; the new one is made with the others of this version.
    connection.execute("DROP TRIGGER IF EXISTS loader_loaded_deleted")
    for table in (*PROVENANCE_TABLES.values(), OTHER_FILINGS, RAW_VALUES, "loader_loaded", "loader_series", "loader_reasons"):
        if not table_columns(connection, table):
            connection.execute(wanted.tables[table])
    if "line_id" in there:
        _give_series(connection, with_repairs="repair_id" in there)
    _collect(connection)
    _move(connection)
    for table in _GONE:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.execute(f"DROP TABLE {_MOVED}")
    fitting.changed.append("loader_items, loader_gaps and loader_quality: moved into a row for each statement")


def _give_series(connection: sqlite3.Connection, *, with_repairs: bool) -> None:
    """Schema 1: what repeats in the items goes to `loader_series`."""
    repair = "repair_id"
    if not with_repairs:
        # The first tables of schema 1 did not say what the repair was.
        connection.execute("INSERT OR IGNORE INTO loader_repairs (repair) VALUES ('unknown')")
        repair = "CASE WHEN raw_value IS NOT NULL THEN (SELECT id FROM loader_repairs WHERE repair = 'unknown') END"
    connection.execute(
        f"""
        INSERT INTO loader_series (line_id, unit_id, concept_id, method_id, repair_id)
        SELECT DISTINCT line_id, unit_id, concept_id, method_id, {repair} FROM loader_items ORDER BY 1, 2, 3, 4, 5"""
    )
    connection.execute("ALTER TABLE loader_items ADD COLUMN series_id INTEGER")
    connection.execute(
        f"""
        UPDATE loader_items SET series_id = (
            SELECT x.id FROM loader_series AS x
            WHERE x.line_id = loader_items.line_id AND x.unit_id IS loader_items.unit_id
                AND x.concept_id IS loader_items.concept_id AND x.method_id = loader_items.method_id
                AND x.repair_id IS {repair})"""
    )


def _collect(connection: sqlite3.Connection) -> None:
    """All values, gaps and judgements in one table, by statement and place, with `other` for a filing not the statement's."""
    statements = " UNION ALL ".join(
        f"SELECT '{statement}' AS statement, stock_id, period, end_date, accession, form, filed FROM {table}"
        for statement, table in STATEMENT_TABLES.items()
    )
    connection.execute(
        f"""
        CREATE TEMP TABLE {_MOVED} AS
        SELECT l.statement, i.stock_id, p.period, date(i.end_day * 86400, 'unixepoch') AS end_date, i.year, l.line,
            l.id AS line_id, i.series_id AS mark, coalesce(i.filing_id, -1) AS other, i.value, i.raw_value,
            NULL AS passed, NULL AS failed, NULL AS vacuous, NULL AS failed_checks
        FROM loader_items AS i
        JOIN loader_series AS x ON x.id = i.series_id
        JOIN loader_lines AS l ON l.id = x.line_id
        JOIN loader_periods AS p ON p.id = i.period_id"""
    )
    # A value without a filing has one of its own: -1 stands for it.
    connection.execute(f"CREATE INDEX temp.loader_moved_place ON {_MOVED} (statement, stock_id, period, end_date)")
    connection.execute(
        f"""
        UPDATE {_MOVED} SET other = NULL WHERE EXISTS (
            SELECT 1 FROM ({statements}) AS t JOIN loader_filings AS f ON f.id = {_MOVED}.other
            WHERE t.statement = {_MOVED}.statement AND t.stock_id = {_MOVED}.stock_id AND t.period = {_MOVED}.period
                AND t.end_date = {_MOVED}.end_date AND t.form IS f.form AND t.filed IS f.filed
                AND t.accession IS {_accession_text("f.accession")})"""
    )
    if table_columns(connection, "loader_gaps"):
        connection.execute(
            f"""
            INSERT INTO {_MOVED} (statement, stock_id, period, end_date, year, line, mark)
            SELECT l.statement, g.stock_id, p.period, date(g.end_day * 86400, 'unixepoch'), g.year, l.line, -g.reason_id
            FROM loader_gaps AS g
            JOIN loader_lines AS l ON l.id = g.line_id
            JOIN loader_periods AS p ON p.id = g.period_id"""
        )
    if table_columns(connection, "loader_quality"):
        connection.execute(
            f"""
            INSERT INTO {_MOVED} (statement, stock_id, period, end_date, year, passed, failed, vacuous, failed_checks)
            SELECT statement, stock_id, period, end_date, year, passed, failed, vacuous, failed_checks FROM loader_quality"""
        )


def _move(connection: sqlite3.Connection) -> None:
    connection.execute(
        f"""
        INSERT INTO {OTHER_FILINGS} (stock_id, number, accession, form, filed)
        SELECT o.stock_id, row_number() OVER (PARTITION BY o.stock_id ORDER BY o.other), {_accession_text("f.accession")},
            f.form, f.filed
        FROM (SELECT DISTINCT stock_id, other FROM {_MOVED} WHERE other IS NOT NULL) AS o
        LEFT JOIN loader_filings AS f ON f.id = o.other
        ORDER BY o.stock_id, o.other"""
    )
    connection.execute(
        f"""
        UPDATE {_MOVED} SET mark = mark + {FILING} * o.number
        FROM (
            SELECT stock_id, other, row_number() OVER (PARTITION BY stock_id ORDER BY other) AS number
            FROM (SELECT DISTINCT stock_id, other FROM {_MOVED} WHERE other IS NOT NULL)
        ) AS o
        WHERE o.stock_id = {_MOVED}.stock_id AND o.other = {_MOVED}.other"""
    )
    connection.execute(
        f"""
        INSERT INTO {RAW_VALUES} (stock_id, line_id, period, end_date, raw_value)
        SELECT stock_id, line_id, period, end_date, raw_value FROM {_MOVED} WHERE raw_value IS NOT NULL ORDER BY 1, 2, 3, 4"""
    )
    for statement, table in PROVENANCE_TABLES.items():
        columns = _columns(statement)
        connection.execute(
            f"""
            INSERT INTO {table} (stock_id, period, year, end_date, passed, failed, vacuous, failed_checks, {", ".join(columns)})
            SELECT stock_id, period, max(year), end_date, max(passed), max(failed), max(vacuous), max(failed_checks),
                {", ".join(columns.values())}
            FROM {_MOVED} WHERE statement = '{statement}'
            GROUP BY stock_id, period, end_date ORDER BY stock_id, period, end_date"""
        )
        total = " + ".join(f"{place}.0 * coalesce(t.{line}, 0)" for place, line in enumerate(LINES[statement], 1))
        connection.execute(
            f"""
            UPDATE {table} SET control_total = {total} FROM {STATEMENT_TABLES[statement]} AS t
            WHERE t.stock_id = {table}.stock_id AND t.period = {table}.period AND t.end_date = {table}.end_date"""
        )
        connection.execute(f"INSERT OR IGNORE INTO loader_loaded (stock_id) SELECT DISTINCT stock_id FROM {table}")


def _columns(statement: Statement) -> dict[str, str]:
    """The columns of a statement's lines, with what picks them out of the rows of one place."""
    auxiliary = auxiliary_lines(statement)
    marks = {quoted(line): f"max(CASE WHEN line = '{line}' THEN mark END)" for line in (*LINES[statement], *auxiliary)}
    values = {quoted(f"{line}_value"): f"max(CASE WHEN line = '{line}' THEN value END)" for line in auxiliary}
    return marks | values


def _accession_text(number: str) -> str:
    # printf writes zeros for NULL
    parts = f"{number} / 100000000, {number} / 1000000 % 100, {number} % 1000000"
    return f"CASE WHEN {number} IS NOT NULL THEN printf('%010d-%02d-%06d', {parts}) END"
