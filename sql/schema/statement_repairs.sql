-- Repairs: the values that differ from what was filed, with the value as filed and why: scale, sign, tax sign, split.
CREATE VIEW statement_repairs AS
SELECT
    i.stock_id,
    l.statement,
    l.line,
    p.period,
    i.year,
    date(i.end_day * 86400, 'unixepoch') AS end_date,
    r.repair,
    i.raw_value,
    i.value
FROM loader_items AS i
INNER JOIN loader_series AS x ON x.id = i.series_id
INNER JOIN loader_repairs AS r ON r.id = x.repair_id
INNER JOIN loader_lines AS l ON l.id = x.line_id
INNER JOIN loader_periods AS p ON p.id = i.period_id;
