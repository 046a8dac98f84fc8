-- Every foreign key points at a row that exists.
-- severity: error
-- SQLite's own check, of the loader's tables only: the foreign keys of an application's tables are the application's. One row for each
-- violation.
SELECT "table" AS table_name, rowid AS row_id, parent AS parent_table FROM pragma_foreign_key_check('cik_mappings_sp500')
UNION ALL
SELECT "table", rowid, parent FROM pragma_foreign_key_check('income_statements')
UNION ALL
SELECT "table", rowid, parent FROM pragma_foreign_key_check('balance_sheets')
UNION ALL
SELECT "table", rowid, parent FROM pragma_foreign_key_check('cash_flow_statements')
UNION ALL
SELECT "table", rowid, parent FROM pragma_foreign_key_check('extraction_tasks');
