-- Lines: the names that loader_series.line_id stands for. statement is income, balance or cashflow.
CREATE TABLE loader_lines (
    id INTEGER PRIMARY KEY,
    statement TEXT NOT NULL,
    line TEXT NOT NULL,
    UNIQUE (statement, line)
);
