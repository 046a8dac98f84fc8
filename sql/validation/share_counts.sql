-- The shares outstanding are of the size of the average count.
-- severity: warning
-- Within half and twice the basic average of the same period, both on the basis after the last split. A value outside is one class of several,
-- a placeholder, or a count of another scale. One row for each.
SELECT s.symbol, b.period, b.year, b.end_date, b.shares_outstanding, i.shares_basic
FROM balance_sheets AS b
JOIN income_statements AS i ON i.stock_id = b.stock_id AND i.period = b.period AND i.end_date = b.end_date
JOIN stocks AS s ON s.id = b.stock_id
WHERE i.shares_basic > 0 AND b.shares_outstanding NOT BETWEEN 0.5 * i.shares_basic AND 2.0 * i.shares_basic
ORDER BY s.symbol, b.end_date, b.period;
