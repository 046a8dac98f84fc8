-- Lines: all lines that the loader knows, also those without a value yet: the views go through them. statement is income, balance or cashflow.
CREATE TABLE loader_lines (
    id INTEGER PRIMARY KEY,
    statement TEXT NOT NULL,
    line TEXT NOT NULL,
    UNIQUE (statement, line)
);
