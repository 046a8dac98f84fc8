-- Raw values: what was filed, where a repair or a split changed it. The series of such a value has a repair.
CREATE TABLE loader_raw_values (
    id INTEGER PRIMARY KEY,
    stock_id INTEGER NOT NULL,
    line_id INTEGER NOT NULL,  -- loader_lines
    period TEXT NOT NULL,
    end_date TEXT NOT NULL,
    raw_value REAL NOT NULL,
    UNIQUE (stock_id, line_id, period, end_date)
);
