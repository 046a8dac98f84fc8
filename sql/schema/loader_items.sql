-- Items: one row for each value in the statements, and for auxiliary lines that the checks need; narrow, because there are millions. Read it through statement_items.
CREATE TABLE loader_items (
    id INTEGER PRIMARY KEY,
    stock_id INTEGER NOT NULL,
    series_id INTEGER NOT NULL,  -- loader_series: line, unit, concept, method and repair
    period_id INTEGER NOT NULL,  -- loader_periods
    year INTEGER,                -- as in the statement's row
    end_day INTEGER NOT NULL,    -- days since 1970-01-01; negative before
    value REAL NOT NULL,         -- as in the statement's row: same unit, same sign
    raw_value REAL,              -- as filed, where a repair or a split changed it; else NULL
    filing_id INTEGER            -- loader_filings
);
CREATE INDEX loader_items_stock ON loader_items (stock_id);
