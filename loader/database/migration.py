"""From older versions of the schema to this one, where adding what is missing is not enough."""

from __future__ import annotations

from loader.database.fit import Fitting, Wanted, table_columns

_OLD = "loader_items_1"


def migrate_items(fitting: Fitting, wanted: Wanted) -> None:
    """Schema 1 to 2: items lose what repeats in them to `loader_series`.

    The old table is copied and dropped in the transaction that fits the schema: an interruption leaves it as it was.
    """
    connection = fitting.connection
    there = table_columns(connection, "loader_items")
    if "line_id" not in there:
        return
    connection.execute(f"ALTER TABLE loader_items RENAME TO {_OLD}")
    for table in ("loader_items", "loader_series", "loader_loaded"):
        connection.execute(wanted.tables[table])
    # The first tables of schema 1 had no repairs.
    repair = "repair_id" if "repair_id" in there else "NULL"
    connection.execute(
        f"""
        INSERT INTO loader_series (line_id, unit_id, concept_id, method_id, repair_id)
        SELECT DISTINCT line_id, unit_id, concept_id, method_id, {repair} FROM {_OLD} ORDER BY 1, 2, 3, 4, 5"""
    )
    connection.execute(
        f"""
        INSERT INTO loader_items (id, stock_id, series_id, period_id, year, end_day, value, raw_value, filing_id)
        SELECT i.id, i.stock_id, x.id, i.period_id, i.year, i.end_day, i.value, i.raw_value, i.filing_id
        FROM {_OLD} AS i
        JOIN loader_series AS x ON x.line_id = i.line_id AND x.unit_id IS i.unit_id AND x.concept_id IS i.concept_id
            AND x.method_id = i.method_id AND x.repair_id IS {"NULL" if repair == "NULL" else "i.repair_id"}
        ORDER BY i.id"""
    )
    for table in (_OLD, "loader_gaps", "loader_quality"):
        if table_columns(connection, table):
            connection.execute(f"INSERT OR IGNORE INTO loader_loaded (stock_id) SELECT DISTINCT stock_id FROM {table}")
    connection.execute(f"DROP TABLE {_OLD}")
    fitting.changed.append("loader_items: made narrower, with loader_series beside it")
