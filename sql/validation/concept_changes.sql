-- Where the concept of a line changes from one year to the next, both concepts give the same.
-- severity: warning
-- Check K13, judged when the company is loaded: the company states both concepts for some period, and they differ there by more than 1 %, so that
-- the two years are not of one make. A warning, because the filings name no better concept. One row for each line of such a statement whose
-- concept changed; at least one of them is the cause.
WITH years AS (
    SELECT i.stock_id, x.line_id, i.year, i.end_day, i.value, x.concept_id
    FROM loader_items AS i
    JOIN loader_series AS x ON x.id = i.series_id
    JOIN loader_methods AS m ON m.id = x.method_id AND m.method = 'reported'
    WHERE i.period_id = (SELECT id FROM loader_periods WHERE period = 'FY')
        AND i.stock_id IN (SELECT stock_id FROM loader_quality WHERE ' ' || failed_checks || ' ' LIKE '% K13 %')
)
SELECT s.symbol, q.statement, q.year, q.end_date, l.line, b.value AS year_before, bc.concept AS concept_before, y.value, yc.concept
FROM loader_quality AS q
JOIN stocks AS s ON s.id = q.stock_id
JOIN years AS y ON y.stock_id = q.stock_id AND y.end_day = CAST(julianday(q.end_date) - 2440587.5 AS INTEGER)
JOIN loader_lines AS l ON l.id = y.line_id AND l.statement = q.statement
JOIN years AS b ON b.stock_id = y.stock_id AND b.line_id = y.line_id AND b.end_day BETWEEN y.end_day - 380 AND y.end_day - 340
JOIN loader_concepts AS yc ON yc.id = y.concept_id
JOIN loader_concepts AS bc ON bc.id = b.concept_id
WHERE q.period = 'FY' AND ' ' || q.failed_checks || ' ' LIKE '% K13 %' AND y.concept_id <> b.concept_id
ORDER BY s.symbol, q.end_date, q.statement, l.line;
