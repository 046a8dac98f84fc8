-- Members of the index, how many of them are mapped, and how many have rows in at least one, and in each, of the three statement tables.
SELECT
    count(*) AS members,
    count(CASE WHEN s.id IN (SELECT stock_id FROM cik_mappings_sp500) THEN 1 END) AS mapped,
    count(CASE WHEN i.stock_id IS NOT NULL OR b.stock_id IS NOT NULL OR c.stock_id IS NOT NULL THEN 1 END) AS with_statements,
    count(CASE WHEN i.stock_id IS NOT NULL AND b.stock_id IS NOT NULL AND c.stock_id IS NOT NULL THEN 1 END) AS with_all_three
FROM stocks AS s
LEFT JOIN (SELECT DISTINCT stock_id FROM income_statements) AS i ON i.stock_id = s.id
LEFT JOIN (SELECT DISTINCT stock_id FROM balance_sheets) AS b ON b.stock_id = s.id
LEFT JOIN (SELECT DISTINCT stock_id FROM cash_flow_statements) AS c ON c.stock_id = s.id
WHERE s.is_sp500 IN (1, '1', 'true');
