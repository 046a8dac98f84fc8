-- Runs: one row for each extraction, with its settings and how it ended.
CREATE TABLE extraction_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at TEXT NOT NULL,  -- ISO, UTC
    finished_at TEXT,          -- ISO, UTC; NULL while it runs, and after a kill
    status TEXT NOT NULL,      -- running, completed, completed_with_failures, interrupted, failed
    settings TEXT,             -- JSON: what resume starts it with again
    source TEXT,               -- where the files are
    companies INTEGER,         -- tasks of the run
    completed INTEGER,
    unchanged INTEGER,         -- of the completed: left alone, because they would have come out the same
    failed INTEGER,
    batches INTEGER,           -- transactions committed
    error TEXT,                -- why it failed
    report TEXT                -- JSON: the completion report
);
