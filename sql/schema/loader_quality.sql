-- Quality: how many accounting identities each statement keeps, on reported values only. Read it through statement_quality.
CREATE TABLE loader_quality (
    id INTEGER PRIMARY KEY,
    stock_id INTEGER NOT NULL,
    statement TEXT NOT NULL,   -- income, balance or cashflow
    period TEXT NOT NULL,
    year INTEGER,
    end_date TEXT NOT NULL,
    passed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    vacuous INTEGER NOT NULL,  -- a term was derived, so the identity proves nothing
    failed_checks TEXT         -- names separated by spaces; NULL when none failed
);
CREATE INDEX loader_quality_stock ON loader_quality (stock_id);
