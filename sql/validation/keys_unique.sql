-- One row for each company, period and end date.
-- severity: error
-- No part of that key is missing either. A UNIQUE index holds this in tables that the loader made; a table that an application brought may
-- lack it, and NULL slips past any index. One row for each key that stands more than once or is incomplete.
WITH keys AS (
    SELECT 'income_statements' AS table_name, stock_id, period, end_date FROM income_statements
    UNION ALL
    SELECT 'balance_sheets', stock_id, period, end_date FROM balance_sheets
    UNION ALL
    SELECT 'cash_flow_statements', stock_id, period, end_date FROM cash_flow_statements
)
SELECT table_name, k.stock_id, s.symbol, k.period, k.end_date, count(*) AS row_count
FROM keys AS k
LEFT JOIN stocks AS s ON s.id = k.stock_id
GROUP BY table_name, k.stock_id, k.period, k.end_date
HAVING count(*) > 1 OR k.stock_id IS NULL OR k.period IS NULL OR k.end_date IS NULL
ORDER BY table_name, k.stock_id, k.period, k.end_date;
