-- Filings: what loader_items.filing_id stands for. One accession number has one form and date, unless files contradict each other: then each has its row.
CREATE TABLE loader_filings (
    id INTEGER PRIMARY KEY,      -- small, which saves six bytes in each of a few million items
    accession INTEGER NOT NULL,  -- the accession number without its dashes, as a number: 32019324000123 for 0000320193-24-000123
    form TEXT NOT NULL,          -- 10-K, 10-Q, ...
    filed TEXT NOT NULL,         -- ISO date
    UNIQUE (accession, form, filed)
);
