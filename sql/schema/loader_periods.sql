-- Periods: what loader_items.period_id stands for: Q1 Q2 Q3 Q4 FY TTM T.
CREATE TABLE loader_periods (
    id INTEGER PRIMARY KEY,
    period TEXT NOT NULL,
    UNIQUE (period)
);
