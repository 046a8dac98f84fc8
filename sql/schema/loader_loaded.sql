-- Stocks that have rows in the loader's own tables: of which company, and how many rows each statement table was given for them.
CREATE TABLE loader_loaded (
    stock_id INTEGER PRIMARY KEY,
    cik TEXT,                  -- the company, decimal, without leading zeros; NULL here and below where an earlier version wrote it
    income_rows INTEGER,       -- into income_statements
    balance_rows INTEGER,      -- into balance_sheets
    cash_flow_rows INTEGER     -- into cash_flow_statements
);
-- What goes when a stock goes. The writer deletes in this way, because DuckDB's extension runs only statements that return rows, and returning
-- each of many deleted rows takes longer than deleting it.
CREATE TRIGGER loader_loaded_deleted AFTER DELETE ON loader_loaded
BEGIN
    DELETE FROM loader_income_provenance WHERE stock_id = old.stock_id;
    DELETE FROM loader_balance_provenance WHERE stock_id = old.stock_id;
    DELETE FROM loader_cash_flow_provenance WHERE stock_id = old.stock_id;
    DELETE FROM loader_other_filings WHERE stock_id = old.stock_id;
    DELETE FROM loader_raw_values WHERE stock_id = old.stock_id;
END;
