-- Reasons of gaps: not applicable to the industry, not reported by the filer, not in companyfacts, only comparatives, rejected by a guard.
CREATE TABLE loader_reasons (
    id INTEGER PRIMARY KEY,
    reason TEXT NOT NULL UNIQUE
);
