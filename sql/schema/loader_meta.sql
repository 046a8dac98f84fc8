-- What the content of this database is: versions, as-of date, vintage, source. A key that is absent is not known or does not apply.
CREATE TABLE loader_meta (
    -- schema_version        version of the tables; a newer one than the program's is refused
    -- rules_version         version of the rules that made the statements
    -- vintage               'latest' or 'original'
    -- as_of                 ISO date: nothing filed later is in the statements; empty for no such limit
    -- source, source_date   where the facts came from, and the date of that
    -- synthetic             '1' when the companies are invented, '0' when they are real
    -- statement_items_view  what our view statement_items is called here: another name where the application uses that one;
    --                       the same for statement_gaps, statement_quality and statement_repairs
    key TEXT PRIMARY KEY,
    value TEXT
);
