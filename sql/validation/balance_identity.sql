-- Assets equal liabilities and equity.
-- severity: warning
-- Noncontrolling and temporary equity included: equity is total_equity_incl_nci, or total_equity plus noncontrolling_interest where that is
-- not reported; temporary equity and a value tagged as commitments and contingencies come from loader_balance_provenance. Tolerance: 0.1 % of the
-- assets, or one unit of the filing's rounding for each term. A warning, because what remains is in the filing: most often equity outside
-- of both totals that is in no concept. Rows that lack a term are not looked at. One row for each balance sheet that does not balance.
WITH terms AS (
    SELECT b.stock_id, b.period, b.year, b.end_date, b.accession,
        b.total_assets AS assets,
        b.total_liabilities AS liabilities,
        coalesce(b.total_equity_incl_nci, b.total_equity + coalesce(b.noncontrolling_interest, 0)) AS equity,
        -- The two names of equity between liabilities and equity hold the same amount when a filing uses both.
        coalesce(p.temporary_equity_value, p.redeemable_noncontrolling_interest_value, 0)
        + coalesce(p.commitments_and_contingencies_value, 0) AS between_value
    FROM balance_sheets AS b
    LEFT JOIN loader_balance_provenance AS p ON p.stock_id = b.stock_id AND p.period = b.period AND p.end_date = b.end_date
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
