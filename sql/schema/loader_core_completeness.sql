-- Core completeness: cells of the core lines in annual and quarterly statements, and how many of them are filled, line by line.
-- The lines are those of each company's industry. What only later filings repeat of periods before a company's first own balance sheet
-- is left out: those are single figures, and no statements.
CREATE VIEW loader_core_completeness AS
WITH companies AS (
    SELECT DISTINCT m.stock_id, c.template
    FROM cik_mappings_sp500 AS m
    INNER JOIN loader_companies AS c ON c.cik = m.cik
),
statements(statement, stock_id, n) AS (
    SELECT 'income', stock_id, count(*) FROM income_statements WHERE period IN ('FY', 'Q1', 'Q2', 'Q3', 'Q4') GROUP BY stock_id
    UNION ALL
    SELECT 'balance', stock_id, count(*) FROM balance_sheets WHERE period IN ('FY', 'Q1', 'Q2', 'Q3', 'Q4') GROUP BY stock_id
    UNION ALL
    SELECT 'cashflow', stock_id, count(*) FROM cash_flow_statements WHERE period IN ('FY', 'Q1', 'Q2', 'Q3', 'Q4') GROUP BY stock_id
),
cells AS (
    SELECT k.statement, k.line, sum(s.n) AS n
    FROM statements AS s
    INNER JOIN companies AS c ON c.stock_id = s.stock_id
    INNER JOIN loader_core_lines AS k ON k.template = c.template AND k.statement = s.statement
    GROUP BY k.statement, k.line
),
empty AS (
    SELECT l.statement, l.line, count(*) AS n, total(r.reason = 'only_comparatives_of_later_filings') AS repeated
    FROM loader_gaps AS g
    INNER JOIN loader_lines AS l ON l.id = g.line_id
    INNER JOIN loader_periods AS p ON p.id = g.period_id AND p.period IN ('FY', 'Q1', 'Q2', 'Q3', 'Q4')
    INNER JOIN loader_reasons AS r ON r.id = g.reason_id
    INNER JOIN companies AS c ON c.stock_id = g.stock_id
    INNER JOIN loader_core_lines AS k ON k.template = c.template AND k.statement = l.statement AND k.line = l.line
    GROUP BY l.statement, l.line
)
SELECT
    c.statement,
    c.line,
    c.n - CAST(coalesce(e.repeated, 0) AS INTEGER) AS cells,
    c.n - coalesce(e.n, 0) AS filled
FROM cells AS c
LEFT JOIN empty AS e ON e.statement = c.statement AND e.line = c.line;
