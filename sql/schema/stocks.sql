-- Securities: one row for each symbol; an application's own table of this name is used as it is, with its ids and its other columns.
-- A filer without a ticker, which --all-filers takes too, has the symbol CIK##########.
CREATE TABLE stocks (
    id INTEGER PRIMARY KEY,              -- never changed by the loader: other tables of the application refer to it
    symbol TEXT NOT NULL UNIQUE,         -- as the list of members spells it; BRK.B, BRK-B and BRK/B are matched as one
    company_name TEXT NOT NULL,
    sector TEXT,                         -- GICS sector; NULL where the list of members does not know it
    is_sp500 INTEGER NOT NULL DEFAULT 0  -- 1 for a member of the index; a text 'true' in an application's table counts as 1
);
