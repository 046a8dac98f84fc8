-- Tickers: the ticker file that was read last, in its order, so that mappings can be renewed against another source without it.
CREATE TABLE loader_tickers (
    cik INTEGER,
    symbol TEXT,        -- as the ticker file spells it
    company_name TEXT,  -- as the ticker file has it
    exchange TEXT       -- NULL where the ticker file has none
);
