-- Mappings name a stock, a plain CIK and a file.
-- severity: error
-- The CIK is in decimal without leading zeros. One row for each mapping at fault, with what is wrong with it. `loader mappings refresh`
-- writes the mappings anew.
SELECT m.id AS mapping_id, m.symbol, m.cik,
    CASE
        WHEN s.id IS NULL THEN 'there is no stock with id ' || m.stock_id
        WHEN s.symbol <> m.symbol THEN 'the stock has the symbol ' || s.symbol
        WHEN m.cik = '' OR m.cik GLOB '*[^0-9]*' THEN 'the CIK is not a number'
        WHEN m.cik GLOB '0*' OR length(m.cik) > 10 THEN 'the CIK is not in plain decimal of at most ten digits'
        WHEN trim(m.company_name) = '' THEN 'the company name is empty'
        ELSE 'the file path is empty'
    END AS fault
FROM cik_mappings_sp500 AS m
LEFT JOIN stocks AS s ON s.id = m.stock_id
WHERE s.id IS NULL
    OR s.symbol <> m.symbol
    OR m.cik = '' OR m.cik GLOB '*[^0-9]*' OR m.cik GLOB '0*' OR length(m.cik) > 10
    OR trim(m.company_name) = ''
    OR trim(m.edgar_file_path) = ''
ORDER BY m.symbol, m.cik;
