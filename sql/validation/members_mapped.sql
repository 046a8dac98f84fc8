-- Every member of the index has a mapping.
-- severity: warning
-- A member without one is not in the ticker file, or its companyfacts file is not there: `loader mappings refresh` tells which. One row for
-- each such member.
SELECT s.symbol, s.company_name
FROM stocks AS s
WHERE lower(trim(s.is_sp500)) IN ('1', 'true', 't', 'yes', 'y')
    AND NOT EXISTS (SELECT 1 FROM cik_mappings_sp500 AS m WHERE m.stock_id = s.id)
ORDER BY s.symbol;
