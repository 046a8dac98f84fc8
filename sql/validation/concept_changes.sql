-- Where the concept of a line changes from one year to the next, both concepts give the same.
-- severity: warning
-- Check K13, judged when the company is loaded: the company states both concepts for some period, and they differ there by more than 1 %, so that
-- the two years are not of one make. A warning, because the filings name no better concept. One row for each such statement; `statement_items`
-- has the concepts of its lines and of those of the year before.
WITH years(statement, stock_id, year, end_date, failed_checks) AS (
    SELECT 'income', stock_id, year, end_date, failed_checks FROM loader_income_provenance WHERE period = 'FY'
    UNION ALL
    SELECT 'balance', stock_id, year, end_date, failed_checks FROM loader_balance_provenance WHERE period = 'FY'
    UNION ALL
    SELECT 'cashflow', stock_id, year, end_date, failed_checks FROM loader_cash_flow_provenance WHERE period = 'FY'
)
SELECT s.symbol, y.statement, y.year, y.end_date, y.failed_checks
FROM years AS y
JOIN stocks AS s ON s.id = y.stock_id
WHERE ' ' || y.failed_checks || ' ' LIKE '% K13 %'
ORDER BY s.symbol, y.end_date, y.statement;
