-- The accounting identities hold on reported values.
-- severity: warning
-- K1 assets = liabilities and equity; K2 the same from liabilities and equity with noncontrolling and temporary equity; K3 equity with and
-- without noncontrolling interests; K4 gross profit; K5 operating income; K6 income after tax; K7 income with and without noncontrolling
-- interests; K8 the three cash flows and the exchange effect; K9 cash at the ends of two years and the change between; K10 diluted earnings
-- per share, income and shares; K11 four quarters that were reported for themselves and the year; K12 parts and wholes, longer and shorter
-- spans; K13 years of two concepts (concept_changes.sql). Judged when the company is loaded; a check with a derived term
-- counts as vacuous and is not looked at. A warning, because what is left is in the filings. One row for each statement that breaks one.
SELECT s.symbol, q.statement, q.period, q.year, q.end_date, q.failed_checks, q.passed, q.vacuous
FROM (
    SELECT 'income' AS statement, stock_id, period, year, end_date, failed_checks, passed, failed, vacuous FROM loader_income_provenance
    UNION ALL
    SELECT 'balance' AS statement, stock_id, period, year, end_date, failed_checks, passed, failed, vacuous FROM loader_balance_provenance
    UNION ALL
    SELECT 'cashflow' AS statement, stock_id, period, year, end_date, failed_checks, passed, failed, vacuous FROM loader_cash_flow_provenance
) AS q
JOIN stocks AS s ON s.id = q.stock_id
WHERE q.failed > 0
ORDER BY s.symbol, q.end_date, q.statement, q.period;
