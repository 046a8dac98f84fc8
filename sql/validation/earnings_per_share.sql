-- Earnings per share are income divided by shares.
-- severity: warning
-- Catches share counts of another scale and splits that one of the two values missed. Income is that of common stock or, where preferred
-- stock counts as converted, that of the parent. Tolerance: a cent, or 1 %. A warning, because the filing may count participating
-- securities or classes apart. One row for each value that differs.
WITH cells(stock_id, period, year, end_date, line, stated, income, whole_income, shares) AS (
    SELECT stock_id, period, year, end_date, 'eps_basic', eps_basic, net_income_common, net_income, shares_basic
    FROM income_statements
    UNION ALL
    SELECT stock_id, period, year, end_date, 'eps_diluted', eps_diluted, net_income_common, net_income, shares_diluted
    FROM income_statements
)
SELECT s.symbol, c.period, c.year, c.end_date, c.line, c.stated, c.income / c.shares AS computed, c.income, c.shares
FROM cells AS c
JOIN stocks AS s ON s.id = c.stock_id
WHERE c.shares > 0
    AND min(abs(c.stated - c.income / c.shares), abs(c.stated - coalesce(c.whole_income, c.income) / c.shares))
    > max(0.01, 0.01 * abs(c.stated))
ORDER BY s.symbol, c.end_date, c.period, c.line;
