-- How each statement stands: identities passed, failed and vacuous (a term was derived). The identities are in the README.
CREATE VIEW statement_quality AS
SELECT stock_id, 'income' AS statement, period, year, end_date, passed, failed, vacuous, failed_checks
FROM loader_income_provenance WHERE passed IS NOT NULL
UNION ALL
SELECT stock_id, 'balance' AS statement, period, year, end_date, passed, failed, vacuous, failed_checks
FROM loader_balance_provenance WHERE passed IS NOT NULL
UNION ALL
SELECT stock_id, 'cashflow' AS statement, period, year, end_date, passed, failed, vacuous, failed_checks
FROM loader_cash_flow_provenance WHERE passed IS NOT NULL;
