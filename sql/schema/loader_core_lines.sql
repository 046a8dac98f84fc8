-- Core lines: the lines that a statement of a company of this industry template should have. Filled from loader/reference/core_lines.csv.
CREATE TABLE loader_core_lines (
    template TEXT NOT NULL,
    statement TEXT NOT NULL,  -- income, balance or cashflow
    line TEXT NOT NULL,
    UNIQUE (template, statement, line)
);
