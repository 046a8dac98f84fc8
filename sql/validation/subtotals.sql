-- A part is not larger than its whole.
-- severity: warning
-- Current assets and cash within total assets, current liabilities and long-term debt within total liabilities. Tolerance: 0.1 % of the whole.
-- A warning, because filings state parts and wholes on different bases at times. One row for each part that is larger.
WITH cells(stock_id, period, year, end_date, part, whole, part_value, whole_value) AS (
    SELECT stock_id, period, year, end_date, 'current_assets', 'total_assets', current_assets, total_assets FROM balance_sheets
    UNION ALL
    SELECT stock_id, period, year, end_date, 'cash_and_equivalents', 'total_assets', cash_and_equivalents, total_assets FROM balance_sheets
    UNION ALL
    SELECT stock_id, period, year, end_date, 'current_liabilities', 'total_liabilities', current_liabilities, total_liabilities
    FROM balance_sheets
    UNION ALL
    SELECT stock_id, period, year, end_date, 'long_term_debt', 'total_liabilities', long_term_debt, total_liabilities FROM balance_sheets
)
SELECT s.symbol, c.period, c.year, c.end_date, c.part, c.whole, c.part_value, c.whole_value
FROM cells AS c
JOIN stocks AS s ON s.id = c.stock_id
WHERE c.part_value > c.whole_value + 0.001 * abs(c.whole_value)
ORDER BY s.symbol, c.end_date, c.period, c.part;
