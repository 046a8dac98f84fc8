-- Mappings: which SEC registrant (CIK) files for which security, and where its file is. A run takes its tasks from here and nowhere else.
-- Members of the index, and all other filers once --all-filers was given: stocks.is_sp500 tells them apart.
CREATE TABLE cik_mappings_sp500 (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cik TEXT NOT NULL,                   -- decimal, without leading zeros; one CIK can have two securities (GOOG and GOOGL)
    stock_id INTEGER NOT NULL REFERENCES stocks (id),
    symbol TEXT NOT NULL,                -- as in stocks
    company_name TEXT NOT NULL,          -- as in stocks
    edgar_file_path TEXT NOT NULL,       -- the companyfacts file of the CIK
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP,  -- UTC; when the pair was first mapped
    UNIQUE (stock_id, cik)
);
CREATE INDEX loader_mappings_cik ON cik_mappings_sp500 (cik);
CREATE INDEX loader_mappings_symbol ON cik_mappings_sp500 (symbol);
