-- Methods: what loader_series.method_id stands for: reported, or the formula that derived the value.
CREATE TABLE loader_methods (
    id INTEGER PRIMARY KEY,
    method TEXT NOT NULL,
    UNIQUE (method)
);
