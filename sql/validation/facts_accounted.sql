-- Every fact that was read is used, or set aside with a reason.
-- severity: error
-- For each company of the last run that loaded it: the facts read are those used and those set aside, by reason. One row for each company
-- whose account does not close.
WITH last_loads AS (
    SELECT t.cik, t.symbols, t.facts_read, t.facts_used, t.set_aside
    FROM extraction_tasks AS t
    WHERE t.state = 'completed'
        AND t.run_id = (SELECT max(o.run_id) FROM extraction_tasks AS o WHERE o.cik = t.cik AND o.state = 'completed')
)
SELECT l.symbols, l.cik, l.facts_read, l.facts_used, (SELECT total(value) FROM json_each(l.set_aside)) AS facts_set_aside
FROM last_loads AS l
WHERE l.facts_read IS NOT l.facts_used + CAST((SELECT total(value) FROM json_each(l.set_aside)) AS INTEGER)
ORDER BY l.symbols;
