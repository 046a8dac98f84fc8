-- Stocks that have rows in the loader's own narrow tables.
CREATE TABLE loader_loaded (
    stock_id INTEGER PRIMARY KEY
);
-- What goes when a stock goes. The writer deletes in this way, because DuckDB's extension runs only statements that return rows, and returning
-- each of a hundred thousand deleted items takes longer than deleting it.
CREATE TRIGGER loader_loaded_deleted AFTER DELETE ON loader_loaded
BEGIN
    DELETE FROM loader_items WHERE stock_id = old.stock_id;
    DELETE FROM loader_gaps WHERE stock_id = old.stock_id;
    DELETE FROM loader_quality WHERE stock_id = old.stock_id;
END;
