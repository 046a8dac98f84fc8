-- One row for each company, fiscal year and period label.
-- severity: warning
-- No two different first quarters of 2023. Trailing twelve months and transition periods may share a label, so they are left out. A
-- repeated label usually means that the fiscal year end moved. One row for each label that stands more than once, with the end dates that
-- claim it.
WITH labels AS (
    SELECT 'income_statements' AS table_name, stock_id, period, year, end_date FROM income_statements
    UNION ALL
    SELECT 'balance_sheets', stock_id, period, year, end_date FROM balance_sheets
    UNION ALL
    SELECT 'cash_flow_statements', stock_id, period, year, end_date FROM cash_flow_statements
)
SELECT table_name, s.symbol, l.period, l.year, group_concat(l.end_date, ' ') AS end_dates
FROM labels AS l
LEFT JOIN stocks AS s ON s.id = l.stock_id
WHERE l.period IN ('Q1', 'Q2', 'Q3', 'Q4', 'FY') AND l.year IS NOT NULL
GROUP BY table_name, l.stock_id, l.period, l.year
HAVING count(*) > 1
ORDER BY table_name, s.symbol, l.year, l.period;
