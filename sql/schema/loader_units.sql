-- Units: what loader_series.unit_id stands for: USD, USD/shares, shares.
CREATE TABLE loader_units (
    id INTEGER PRIMARY KEY,
    unit TEXT NOT NULL,
    UNIQUE (unit)
);
