-- Income statements: one row for each company, period and end date. Money is in units of `currency`, never in thousands; missing is NULL, never 0.
-- Per-share values and share counts are on the latest split basis; statement_items.raw_value has the value as filed.
CREATE TABLE income_statements (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stock_id INTEGER NOT NULL REFERENCES stocks (id),
    period TEXT NOT NULL,                     -- Q1 Q2 Q3 Q4 FY; TTM the last four quarters; T a transition period
    year INTEGER,                             -- the fiscal year as the company itself labels it
    fyear INTEGER,                            -- the year in which the fiscal year ends, less one when it ends in January to May
    start_date TEXT,                          -- ISO date, the first day of the period
    end_date TEXT NOT NULL,                   -- ISO date, the last day of the period
    currency TEXT,                            -- ISO code
    revenue REAL,                             -- total revenues
    cost_of_revenue REAL,                     -- positive: a cost
    gross_profit REAL,                        -- revenue less cost_of_revenue
    research_and_development REAL,            -- positive: an expense
    selling_general_admin REAL,               -- positive: an expense
    operating_expenses REAL,                  -- positive: an expense
    operating_income REAL,                    -- a loss is negative
    interest_expense REAL,                    -- positive: an expense
    pretax_income REAL,                       -- before income taxes, as the filing shows it
    income_tax REAL,                          -- positive: an expense; a benefit is negative
    net_income REAL,                          -- the parent's; a loss is negative
    net_income_incl_nci REAL,                 -- with what belongs to noncontrolling interests
    net_income_common REAL,                   -- after preferred dividends
    eps_basic REAL,                           -- currency per share
    eps_diluted REAL,                         -- currency per share
    shares_basic REAL,                        -- shares, weighted over the period
    shares_diluted REAL,                      -- shares, weighted over the period
    dividends_per_share REAL,                 -- currency per share, declared in the period
    net_interest_income REAL,                 -- banks: interest income less interest expense
    noninterest_income REAL,                  -- banks
    provision_for_credit_losses REAL,         -- banks; positive: an expense
    premiums_earned REAL,                     -- insurers
    accession TEXT,                           -- the filing that the row comes from
    form TEXT,                                -- 10-K, 10-Q, ...
    filed TEXT,                               -- ISO date of that filing
    UNIQUE (stock_id, period, end_date)
);
