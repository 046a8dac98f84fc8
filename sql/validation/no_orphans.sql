-- No row points at something that is not there.
-- severity: error
-- Statements and items at their stock, items at their names, tasks at their run. Foreign keys are not enforced while DuckDB writes, so this
-- is looked at afterwards. One row for each missing target, with the number of rows that point at it.
SELECT 'income_statements' AS table_name, 'stock_id' AS column_name, stock_id AS missing, count(*) AS row_count
FROM income_statements WHERE stock_id NOT IN (SELECT id FROM stocks) GROUP BY stock_id
UNION ALL
SELECT 'balance_sheets', 'stock_id', stock_id, count(*)
FROM balance_sheets WHERE stock_id NOT IN (SELECT id FROM stocks) GROUP BY stock_id
UNION ALL
SELECT 'cash_flow_statements', 'stock_id', stock_id, count(*)
FROM cash_flow_statements WHERE stock_id NOT IN (SELECT id FROM stocks) GROUP BY stock_id
UNION ALL
SELECT 'cik_mappings_sp500', 'stock_id', stock_id, count(*)
FROM cik_mappings_sp500 WHERE stock_id NOT IN (SELECT id FROM stocks) GROUP BY stock_id
UNION ALL
SELECT 'extraction_tasks', 'run_id', run_id, count(*)
FROM extraction_tasks WHERE run_id NOT IN (SELECT id FROM extraction_runs) GROUP BY run_id
UNION ALL
SELECT 'loader_items', 'stock_id', stock_id, count(*)
FROM loader_items WHERE stock_id NOT IN (SELECT id FROM stocks) GROUP BY stock_id
UNION ALL
SELECT 'loader_items', 'series_id', series_id, count(*)
FROM loader_items WHERE series_id NOT IN (SELECT id FROM loader_series) GROUP BY series_id
UNION ALL
SELECT 'loader_items', 'period_id', period_id, count(*)
FROM loader_items WHERE period_id NOT IN (SELECT id FROM loader_periods) GROUP BY period_id
UNION ALL
SELECT 'loader_items', 'filing_id', filing_id, count(*)
FROM loader_items WHERE filing_id IS NOT NULL AND filing_id NOT IN (SELECT id FROM loader_filings) GROUP BY filing_id
UNION ALL
SELECT 'loader_series', 'line_id', line_id, count(*)
FROM loader_series WHERE line_id NOT IN (SELECT id FROM loader_lines) GROUP BY line_id
UNION ALL
SELECT 'loader_series', 'unit_id', unit_id, count(*)
FROM loader_series WHERE unit_id IS NOT NULL AND unit_id NOT IN (SELECT id FROM loader_units) GROUP BY unit_id
UNION ALL
SELECT 'loader_series', 'concept_id', concept_id, count(*)
FROM loader_series WHERE concept_id IS NOT NULL AND concept_id NOT IN (SELECT id FROM loader_concepts) GROUP BY concept_id
UNION ALL
SELECT 'loader_series', 'method_id', method_id, count(*)
FROM loader_series WHERE method_id NOT IN (SELECT id FROM loader_methods) GROUP BY method_id;
