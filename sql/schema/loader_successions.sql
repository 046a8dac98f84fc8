-- Successions of filers that this database was told of, beside those that the program knows: facts of old_cik belong to new_cik's company.
CREATE TABLE loader_successions (
    old_cik INTEGER NOT NULL,
    new_cik INTEGER NOT NULL,
    valid_from TEXT NOT NULL,  -- ISO date on which the successor registered
    source TEXT,
    UNIQUE (old_cik, new_cik)
);
