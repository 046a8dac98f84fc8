-- Apple's Q3 of fiscal 2024 and its FY2024 revenue are exact.
-- severity: error
-- content: real
-- The quarter ended 2024-06-29, to the dollar, looked at where Apple (CIK 320193) is loaded and the period lies within the loaded data.
-- Per-share values and share counts are on the split basis of 2020 (four for one), the latest when this was written. One row for each cell
-- that differs.
WITH expected(statement, period, end_date, line, expected) AS (
    VALUES
        ('income', 'Q3', '2024-06-29', 'revenue', 85777000000.0),
        ('income', 'Q3', '2024-06-29', 'gross_profit', 39678000000.0),
        ('income', 'Q3', '2024-06-29', 'operating_income', 25352000000.0),
        ('income', 'Q3', '2024-06-29', 'net_income', 21448000000.0),
        ('income', 'Q3', '2024-06-29', 'eps_diluted', 1.40),
        ('income', 'Q3', '2024-06-29', 'shares_basic', 15287521000.0),
        ('income', 'Q3', '2024-06-29', 'shares_diluted', 15348175000.0),
        ('balance', 'Q3', '2024-06-29', 'total_assets', 331612000000.0),
        ('balance', 'Q3', '2024-06-29', 'total_liabilities', 264904000000.0),
        ('balance', 'Q3', '2024-06-29', 'total_equity', 66708000000.0),
        ('balance', 'Q3', '2024-06-29', 'cash_and_equivalents', 25565000000.0),
        ('cashflow', 'Q3', '2024-06-29', 'operating_cash_flow', 28858000000.0),
        ('cashflow', 'Q3', '2024-06-29', 'capital_expenditures', 2151000000.0),
        ('income', 'FY', '2024-09-28', 'revenue', 391035000000.0)
),
apple AS (
    SELECT stock_id FROM cik_mappings_sp500 WHERE cik = '320193' AND cik IN (SELECT cik FROM loader_companies)
),
span AS (
    SELECT min(end_date) AS first_end, max(end_date) AS last_end FROM balance_sheets WHERE stock_id IN (SELECT stock_id FROM apple)
),
found(statement, period, end_date, line, value) AS (
    SELECT 'income', i.period, i.end_date, e.line,
        CASE e.line
            WHEN 'revenue' THEN i.revenue
            WHEN 'gross_profit' THEN i.gross_profit
            WHEN 'operating_income' THEN i.operating_income
            WHEN 'net_income' THEN i.net_income
            WHEN 'eps_diluted' THEN i.eps_diluted
            WHEN 'shares_basic' THEN i.shares_basic
            WHEN 'shares_diluted' THEN i.shares_diluted
        END
    FROM income_statements AS i
    JOIN expected AS e ON e.statement = 'income' AND e.period = i.period AND e.end_date = i.end_date
    WHERE i.stock_id IN (SELECT stock_id FROM apple)
    UNION ALL
    SELECT 'balance', b.period, b.end_date, e.line,
        CASE e.line
            WHEN 'total_assets' THEN b.total_assets
            WHEN 'total_liabilities' THEN b.total_liabilities
            WHEN 'total_equity' THEN b.total_equity
            WHEN 'cash_and_equivalents' THEN b.cash_and_equivalents
        END
    FROM balance_sheets AS b
    JOIN expected AS e ON e.statement = 'balance' AND e.period = b.period AND e.end_date = b.end_date
    WHERE b.stock_id IN (SELECT stock_id FROM apple)
    UNION ALL
    SELECT 'cashflow', c.period, c.end_date, e.line,
        CASE e.line
            WHEN 'operating_cash_flow' THEN c.operating_cash_flow
            WHEN 'capital_expenditures' THEN c.capital_expenditures
        END
    FROM cash_flow_statements AS c
    JOIN expected AS e ON e.statement = 'cashflow' AND e.period = c.period AND e.end_date = c.end_date
    WHERE c.stock_id IN (SELECT stock_id FROM apple)
)
SELECT 'AAPL' AS symbol, e.statement, e.period, e.end_date, e.line, e.expected, f.value AS found
FROM expected AS e
JOIN span ON e.end_date BETWEEN span.first_end AND span.last_end
LEFT JOIN found AS f ON f.statement = e.statement AND f.period = e.period AND f.end_date = e.end_date AND f.line = e.line
WHERE f.value IS NULL OR abs(f.value - e.expected) > 1e-9 * e.expected
ORDER BY e.statement, e.period, e.line;
