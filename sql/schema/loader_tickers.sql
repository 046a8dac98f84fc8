-- Tickers: what the ticker file read last says of the symbols in stocks, so that paths can be renewed against another source without it.
CREATE TABLE loader_tickers (
    cik INTEGER,
    symbol TEXT,        -- as the ticker file spells it
    company_name TEXT,  -- as the ticker file has it
    exchange TEXT       -- NULL where the ticker file has none
);
