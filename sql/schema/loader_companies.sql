-- Companies: what was loaded of each, from which state of its file, and whether that is out of date.
CREATE TABLE loader_companies (
    cik TEXT NOT NULL,                 -- decimal, without leading zeros
    entity_name TEXT,                  -- as in its file
    currency TEXT,                     -- ISO code of its statements
    fiscal_year_end TEXT,              -- MMDD
    template TEXT,                     -- industry template; NULL where none was detected
    run_id INTEGER,                    -- the run that loaded it
    fingerprint TEXT,                  -- of the file as it was read
    rules_version INTEGER,             -- of the rules that made its statements
    facts_read INTEGER,                -- rows in its file: used and set aside together
    facts_used INTEGER,
    stale INTEGER NOT NULL DEFAULT 0,  -- 1: a later load of it failed, the rows are those of an earlier one
    stale_reason TEXT,
    UNIQUE (cik)
);
