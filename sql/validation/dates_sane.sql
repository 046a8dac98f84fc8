-- Dates are real and in order, periods as long as named.
-- severity: error
-- Nothing was filed before it ended. Lengths, both days counted: a quarter 70 to 125 days (12, 13, 14 and 16 weeks), a year 340 to 380, a
-- transition period under a year. One row for each statement row at fault, with the first thing wrong with it.
WITH spans AS (
    SELECT 'income_statements' AS table_name, stock_id, period, year, fyear, start_date, end_date, filed FROM income_statements
    UNION ALL
    SELECT 'cash_flow_statements', stock_id, period, year, fyear, start_date, end_date, filed FROM cash_flow_statements
    UNION ALL
    SELECT 'balance_sheets', stock_id, period, year, fyear, NULL, end_date, filed FROM balance_sheets
),
measured AS (
    SELECT *, CAST(julianday(end_date) - julianday(start_date) AS INTEGER) + 1 AS days FROM spans
),
judged AS (
    SELECT *,
        CASE
            WHEN date(end_date) IS NULL OR date(end_date) <> end_date THEN 'end_date is not a calendar date'
            WHEN start_date IS NOT NULL AND (date(start_date) IS NULL OR date(start_date) <> start_date)
                THEN 'start_date is not a calendar date'
            WHEN filed IS NOT NULL AND (date(filed) IS NULL OR date(filed) <> filed) THEN 'filed is not a calendar date'
            WHEN period NOT IN ('Q1', 'Q2', 'Q3', 'Q4', 'FY', 'TTM', 'T') THEN 'the period has an unknown name'
            WHEN start_date > end_date THEN 'it ends before it starts'
            WHEN filed < end_date THEN 'it was filed before it ended'
            WHEN filed > date('now', '+1 day') THEN 'it was filed in the future'
            WHEN end_date < '1990-01-01' THEN 'it ended before EDGAR existed'
            WHEN period GLOB 'Q*' AND days NOT BETWEEN 70 AND 125 THEN 'a quarter of ' || days || ' days'
            WHEN period IN ('FY', 'TTM') AND days NOT BETWEEN 340 AND 380 THEN 'a year of ' || days || ' days'
            WHEN period = 'T' AND days > 339 THEN 'a transition period of ' || days || ' days'
            WHEN abs(year - CAST(substr(end_date, 1, 4) AS INTEGER)) > 1 THEN 'the label ' || year || ' is more than a year away'
            WHEN period = 'FY' AND fyear <> CAST(substr(end_date, 1, 4) AS INTEGER) - (substr(end_date, 6, 2) <= '05')
                THEN 'fyear ' || fyear || ' does not follow from the end date'
        END AS fault
    FROM measured
)
SELECT j.table_name, s.symbol, j.period, j.year, j.start_date, j.end_date, j.filed, j.fault
FROM judged AS j
LEFT JOIN stocks AS s ON s.id = j.stock_id
WHERE j.fault IS NOT NULL
ORDER BY j.table_name, s.symbol, j.end_date, j.period;
