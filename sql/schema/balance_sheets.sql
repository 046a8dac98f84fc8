-- Balance sheets: one row for each company, period and day. Money is in units of `currency`, never in thousands; missing is NULL, never 0.
-- Share counts are on the latest split basis; statement_items.raw_value has the value as filed.
CREATE TABLE balance_sheets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stock_id INTEGER NOT NULL REFERENCES stocks (id),
    period TEXT NOT NULL,                     -- Q1 Q2 Q3 Q4 FY; a year end has two rows, FY and Q4
    year INTEGER,                             -- the fiscal year as the company itself labels it
    fyear INTEGER,                            -- the year in which the fiscal year ends, less one when it ends in January to May
    end_date TEXT NOT NULL,                   -- ISO date, the day of the balance sheet
    currency TEXT,                            -- ISO code
    total_assets REAL,
    current_assets REAL,
    cash_and_equivalents REAL,
    short_term_investments REAL,
    receivables REAL,
    inventory REAL,
    ppe_net REAL,                             -- property, plant and equipment after depreciation
    goodwill REAL,
    intangible_assets REAL,                   -- without goodwill
    total_liabilities REAL,                   -- positive: owed
    current_liabilities REAL,                 -- positive: owed
    accounts_payable REAL,                    -- positive: owed
    short_term_debt REAL,                     -- positive: owed
    long_term_debt REAL,                      -- positive: owed
    total_debt REAL,                          -- positive: owed
    total_equity REAL,                        -- the parent's; a deficit is negative
    total_equity_incl_nci REAL,               -- with noncontrolling interests
    noncontrolling_interest REAL,
    retained_earnings REAL,                   -- an accumulated deficit is negative
    shares_outstanding REAL,                  -- shares
    accession TEXT,                           -- the filing that the row comes from
    form TEXT,                                -- 10-K, 10-Q, ...
    filed TEXT,                               -- ISO date of that filing
    UNIQUE (stock_id, period, end_date)
);
