-- Assets equal liabilities and equity.
-- severity: warning
-- Noncontrolling and temporary equity included: equity is total_equity_incl_nci, or total_equity plus noncontrolling_interest where that is
-- not reported; temporary equity and a value tagged as commitments and contingencies come from statement_items. Tolerance: 0.1 % of the
-- assets, or one unit of the filing's rounding for each term. A warning, because what remains is in the filing: most often equity outside
-- of both totals that is in no concept. Rows that lack a term are not looked at. One row for each balance sheet that does not balance.
WITH between_totals AS (
    -- The two names of equity between liabilities and equity hold the same amount when a filing uses both.
    SELECT stock_id, period_id, end_day,
        coalesce(max(CASE WHEN line = 'temporary_equity' THEN value END),
                 max(CASE WHEN line = 'redeemable_noncontrolling_interest' THEN value END), 0)
        + coalesce(max(CASE WHEN line = 'commitments_and_contingencies' THEN value END), 0) AS value
    FROM loader_items
    JOIN (SELECT loader_series.id, line FROM loader_lines JOIN loader_series ON line_id = loader_lines.id
          WHERE statement = 'balance'
              AND line IN ('temporary_equity', 'redeemable_noncontrolling_interest', 'commitments_and_contingencies')) AS l ON l.id = series_id
    GROUP BY stock_id, period_id, end_day
),
terms AS (
    SELECT b.stock_id, b.period, b.year, b.end_date, b.accession,
        b.total_assets AS assets,
        b.total_liabilities AS liabilities,
        coalesce(b.total_equity_incl_nci, b.total_equity + coalesce(b.noncontrolling_interest, 0)) AS equity,
        coalesce(t.value, 0) AS between_value
    FROM balance_sheets AS b
    LEFT JOIN loader_periods AS p ON p.period = b.period
    LEFT JOIN between_totals AS t
        ON t.stock_id = b.stock_id AND t.period_id = p.id AND t.end_day = CAST(julianday(b.end_date) - 2440587.5 AS INTEGER)
),
differences AS (
    SELECT *,
        assets - liabilities - equity - between_value AS difference,
        max(0.001 * abs(assets),
            4.0 * CASE
                WHEN CAST(assets AS INTEGER) % 1000000 = 0 AND CAST(liabilities AS INTEGER) % 1000000 = 0 THEN 1000000
                WHEN CAST(assets AS INTEGER) % 1000 = 0 AND CAST(liabilities AS INTEGER) % 1000 = 0 THEN 1000
                ELSE 1
            END) AS tolerance
    FROM terms
    WHERE assets IS NOT NULL AND liabilities IS NOT NULL AND equity IS NOT NULL
)
SELECT s.symbol, d.period, d.year, d.end_date, d.difference, d.assets, d.liabilities, d.equity, d.between_value AS temporary_equity, d.accession
FROM differences AS d
JOIN stocks AS s ON s.id = d.stock_id
WHERE abs(d.difference) > d.tolerance
ORDER BY s.symbol, d.end_date, d.period;
