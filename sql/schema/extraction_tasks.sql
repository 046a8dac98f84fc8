-- Tasks: one row for each company of a run. State changes in the transaction that writes the company's rows.
CREATE TABLE extraction_tasks (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL,
    cik TEXT NOT NULL,             -- decimal, without leading zeros
    symbols TEXT NOT NULL,         -- 'GOOG,GOOGL': all securities of the company
    priority INTEGER NOT NULL,     -- higher goes first
    state TEXT NOT NULL DEFAULT 'pending',  -- pending, completed, failed
    reason TEXT,                   -- why it failed
    attempts INTEGER NOT NULL DEFAULT 0,
    file_path TEXT,
    file_size INTEGER,             -- bytes
    fingerprint TEXT,              -- of the file when the run was planned, or when it was read
    basis TEXT,                    -- digest of what decides the statements beside the files: program, vintage, as-of date, mapping
    unchanged_since INTEGER,       -- the run that loaded it, where this one found it unchanged and left it alone; NULL otherwise
    entity_name TEXT,
    facts_read INTEGER,            -- = facts_used + the sum of set_aside
    facts_used INTEGER,
    set_aside TEXT,                -- JSON: {reason: facts}
    rows_written INTEGER,          -- in this run; of an unchanged company, in the one that loaded it
    finished_at TEXT,              -- ISO, UTC
    UNIQUE (run_id, cik)
);
