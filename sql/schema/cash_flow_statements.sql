-- Cash-flow statements: one row for each company, period and end date. Money is in units of `currency`, never in thousands; missing is NULL, never 0.
-- The three flows and their sum carry the sign of the cash; the other lines are amounts, positive as named.
CREATE TABLE cash_flow_statements (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stock_id INTEGER NOT NULL REFERENCES stocks (id),
    period TEXT NOT NULL,                     -- Q1 Q2 Q3 Q4 FY; TTM the last four quarters; T a transition period
    year INTEGER,                             -- the fiscal year as the company itself labels it
    fyear INTEGER,                            -- the year in which the fiscal year ends, less one when it ends in January to May
    start_date TEXT,                          -- ISO date, the first day of the period
    end_date TEXT NOT NULL,                   -- ISO date, the last day of the period
    currency TEXT,                            -- ISO code
    operating_cash_flow REAL,                 -- cash used is negative
    investing_cash_flow REAL,                 -- cash used is negative
    financing_cash_flow REAL,                 -- cash used is negative
    net_change_in_cash REAL,                  -- a decrease is negative
    capital_expenditures REAL,                -- positive: money paid out
    free_cash_flow REAL,                      -- operating_cash_flow less capital_expenditures
    depreciation_amortization REAL,           -- positive: added back
    stock_based_compensation REAL,            -- positive: added back
    dividends_paid REAL,                      -- positive: money paid out
    share_repurchases REAL,                   -- positive: money paid out
    accession TEXT,                           -- the filing that the row comes from
    form TEXT,                                -- 10-K, 10-Q, ...
    filed TEXT,                               -- ISO date of that filing
    UNIQUE (stock_id, period, end_date)
);
