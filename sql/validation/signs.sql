-- Magnitudes are not negative in a year.
-- severity: warning
-- Assets, cash, inventory, goodwill, debt, cost, capital expenditures, dividends and repurchases of a fiscal year; quarters may be, where a later
-- report corrects an earlier one. One row for each negative value.
WITH cells(stock_id, period, year, end_date, line, value) AS (
    SELECT stock_id, period, year, end_date, 'total_assets', total_assets FROM balance_sheets UNION ALL
    SELECT stock_id, period, year, end_date, 'cash_and_equivalents', cash_and_equivalents FROM balance_sheets UNION ALL
    SELECT stock_id, period, year, end_date, 'inventory', inventory FROM balance_sheets UNION ALL
    SELECT stock_id, period, year, end_date, 'goodwill', goodwill FROM balance_sheets UNION ALL
    SELECT stock_id, period, year, end_date, 'total_debt', total_debt FROM balance_sheets UNION ALL
    SELECT stock_id, period, year, end_date, 'cost_of_revenue', cost_of_revenue FROM income_statements UNION ALL
    SELECT stock_id, period, year, end_date, 'shares_basic', shares_basic FROM income_statements UNION ALL
    SELECT stock_id, period, year, end_date, 'capital_expenditures', capital_expenditures FROM cash_flow_statements UNION ALL
    SELECT stock_id, period, year, end_date, 'dividends_paid', dividends_paid FROM cash_flow_statements UNION ALL
    SELECT stock_id, period, year, end_date, 'share_repurchases', share_repurchases FROM cash_flow_statements
)
SELECT s.symbol, c.period, c.year, c.end_date, c.line, c.value
FROM cells AS c
JOIN stocks AS s ON s.id = c.stock_id
WHERE c.value < 0 AND c.period = 'FY'
ORDER BY s.symbol, c.end_date, c.line;
