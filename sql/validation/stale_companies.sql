-- No company shows older content after a failed load.
-- severity: warning
-- What was loaded of a company before stays when its file is refused later, and is marked stale. One row for each such company, with the
-- reason.
SELECT c.cik, group_concat(DISTINCT m.symbol) AS symbols, c.entity_name, c.stale_reason
FROM loader_companies AS c
LEFT JOIN cik_mappings_sp500 AS m ON m.cik = c.cik
WHERE c.stale <> 0
GROUP BY c.cik
ORDER BY symbols;
