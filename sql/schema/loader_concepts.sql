-- Concepts: what loader_series.concept_id stands for, such as us-gaap:Assets.
CREATE TABLE loader_concepts (
    id INTEGER PRIMARY KEY,
    concept TEXT NOT NULL,
    UNIQUE (concept)
);
