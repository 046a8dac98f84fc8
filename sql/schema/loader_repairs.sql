-- Repairs: what made a value differ from the one filed (scale, sign, tax sign, split, or several of them).
CREATE TABLE loader_repairs (
    id INTEGER PRIMARY KEY,
    repair TEXT NOT NULL UNIQUE
);
