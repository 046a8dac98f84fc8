-- How each statement stands: identities passed, failed and vacuous (a term was derived). The identities are in the README.
CREATE VIEW statement_quality AS
SELECT stock_id, statement, period, year, end_date, passed, failed, vacuous, failed_checks
FROM loader_quality;
