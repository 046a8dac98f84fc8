-- Gaps: why a core line of a statement is empty, one row for each empty cell; narrow like loader_items. Read it through statement_gaps.
CREATE TABLE loader_gaps (
    id INTEGER PRIMARY KEY,
    stock_id INTEGER NOT NULL,
    line_id INTEGER NOT NULL,    -- loader_lines
    period_id INTEGER NOT NULL,  -- loader_periods
    year INTEGER,                -- as in the statement's row
    end_day INTEGER NOT NULL,    -- days since 1970-01-01; negative before
    reason_id INTEGER NOT NULL   -- loader_reasons
);
CREATE INDEX loader_gaps_stock ON loader_gaps (stock_id);
