-- Other filings: those of single values that do not come from the filing of their statement. Their numbers are in the provenance tables.
CREATE TABLE loader_other_filings (
    id INTEGER PRIMARY KEY,
    stock_id INTEGER NOT NULL,
    number INTEGER NOT NULL,  -- from 1 in each stock
    accession TEXT,           -- NULL for a value that has no filing
    form TEXT,                -- 10-K, 10-Q, ...
    filed TEXT,               -- ISO date
    UNIQUE (stock_id, number)
);
