-- Why a core line is NULL: one row for each empty cell of the lines that every statement of the company's industry, or of any, should have.
CREATE VIEW statement_gaps AS
SELECT
    g.stock_id,
    l.statement,
    l.line,
    p.period,
    g.year,
    date(g.end_day * 86400, 'unixepoch') AS end_date,
    r.reason
FROM loader_gaps AS g
INNER JOIN loader_lines AS l ON l.id = g.line_id
INNER JOIN loader_periods AS p ON p.id = g.period_id
INNER JOIN loader_reasons AS r ON r.id = g.reason_id;
