-- Provenance: every value of the statements with its concept, filing and method, one row each. raw_value is NULL where it is as filed.
CREATE VIEW statement_items AS
SELECT
    i.stock_id,
    l.statement,  -- income, balance or cashflow
    l.line,
    p.period,
    i.year,
    date(i.end_day * 86400, 'unixepoch') AS end_date,
    i.value,
    i.raw_value,
    u.unit,
    c.concept,
    -- printf writes zeros for NULL
    CASE
        WHEN f.accession IS NOT NULL
            THEN printf('%010d-%02d-%06d', f.accession / 100000000, f.accession / 1000000 % 100, f.accession % 1000000)
    END AS accession,
    f.form,
    f.filed,
    m.method
FROM loader_items AS i
INNER JOIN loader_series AS x ON x.id = i.series_id
INNER JOIN loader_lines AS l ON l.id = x.line_id
INNER JOIN loader_periods AS p ON p.id = i.period_id
INNER JOIN loader_methods AS m ON m.id = x.method_id
LEFT JOIN loader_units AS u ON u.id = x.unit_id
LEFT JOIN loader_concepts AS c ON c.id = x.concept_id
LEFT JOIN loader_filings AS f ON f.id = i.filing_id;
