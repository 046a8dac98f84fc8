-- Loaded members of the index have all three statements, and years.
-- severity: warning
-- Each member whose company was loaded is looked at: of other filers, funds and shells among them, it cannot be expected. A member can lack
-- them for a good reason: it is new to the index, or it files them only in a form or a taxonomy that is not read. One row for each symbol
-- that falls short, with its number of rows.
WITH symbols AS (
    SELECT DISTINCT m.stock_id, m.symbol
    FROM cik_mappings_sp500 AS m
    INNER JOIN stocks AS s ON s.id = m.stock_id
    WHERE m.cik IN (SELECT cik FROM loader_companies)
        AND lower(trim(s.is_sp500)) IN ('1', 'true', 't', 'yes', 'y')
),
income AS (SELECT stock_id, count(*) AS n, sum(period = 'FY') AS annual FROM income_statements GROUP BY stock_id),
balance AS (SELECT stock_id, count(*) AS n, sum(period = 'FY') AS annual FROM balance_sheets GROUP BY stock_id),
cashflow AS (SELECT stock_id, count(*) AS n, sum(period = 'FY') AS annual FROM cash_flow_statements GROUP BY stock_id)
SELECT y.symbol,
    coalesce(i.n, 0) AS income_rows, coalesce(i.annual, 0) AS income_annual,
    coalesce(b.n, 0) AS balance_rows, coalesce(b.annual, 0) AS balance_annual,
    coalesce(c.n, 0) AS cashflow_rows, coalesce(c.annual, 0) AS cashflow_annual
FROM symbols AS y
LEFT JOIN income AS i ON i.stock_id = y.stock_id
LEFT JOIN balance AS b ON b.stock_id = y.stock_id
LEFT JOIN cashflow AS c ON c.stock_id = y.stock_id
WHERE coalesce(i.annual, 0) = 0 OR coalesce(b.annual, 0) = 0 OR coalesce(c.annual, 0) = 0
ORDER BY y.symbol;
