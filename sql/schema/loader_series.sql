-- Series: what the numbers in the provenance tables stand for. A few hundred combinations serve millions of values.
CREATE TABLE loader_series (
    id INTEGER PRIMARY KEY,
    line_id INTEGER NOT NULL,    -- loader_lines
    unit_id INTEGER,             -- loader_units
    concept_id INTEGER,          -- loader_concepts; NULL for a value that comes from several
    method_id INTEGER NOT NULL,  -- loader_methods
    repair_id INTEGER            -- loader_repairs; NULL where the value is as filed
);
