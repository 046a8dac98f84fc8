-- Provenance of cash-flow statements: one row for each, of which each line's column says where the line's value comes from. Read it through statement_items.
-- A line's number is the id of its series (loader_series) plus 1048576 times the number of its filing: 0 for that of the statement itself,
-- else one of loader_other_filings. A negative number says why the cell is empty: less the id of its reason (loader_reasons).
-- NULL: there is neither a value nor a reason. The values are in cash_flow_statements; those of auxiliary lines are here, beside them.
CREATE TABLE loader_cash_flow_provenance (
    id INTEGER PRIMARY KEY,
    stock_id INTEGER NOT NULL,
    period TEXT NOT NULL,     -- period, year and end_date as in the statement
    year INTEGER,
    end_date TEXT NOT NULL,
    control_total REAL,       -- of the statement as it was loaded: each value times the place of its line among the lines, from 1, added up in their order
    passed INTEGER,           -- accounting identities that it keeps, on reported values only; NULL where there is none to be judged
    failed INTEGER,
    vacuous INTEGER,          -- a term was derived, so the identity proves nothing
    failed_checks TEXT,       -- names separated by spaces; NULL when none failed
    operating_cash_flow INTEGER,
    investing_cash_flow INTEGER,
    financing_cash_flow INTEGER,
    net_change_in_cash INTEGER,
    capital_expenditures INTEGER,
    free_cash_flow INTEGER,
    depreciation_amortization INTEGER,
    stock_based_compensation INTEGER,
    dividends_paid INTEGER,
    share_repurchases INTEGER,
    amortization_of_intangibles INTEGER, amortization_of_intangibles_value REAL,
    depreciation INTEGER, depreciation_value REAL,
    effect_of_exchange_rates INTEGER, effect_of_exchange_rates_value REAL,
    financing_cash_flow_continuing INTEGER, financing_cash_flow_continuing_value REAL,
    financing_cash_flow_discontinued INTEGER, financing_cash_flow_discontinued_value REAL,
    investing_cash_flow_continuing INTEGER, investing_cash_flow_continuing_value REAL,
    investing_cash_flow_discontinued INTEGER, investing_cash_flow_discontinued_value REAL,
    net_change_in_cash_excl_fx INTEGER, net_change_in_cash_excl_fx_value REAL,
    operating_cash_flow_continuing INTEGER, operating_cash_flow_continuing_value REAL,
    operating_cash_flow_discontinued INTEGER, operating_cash_flow_discontinued_value REAL,
    other_depreciation_amortization INTEGER, other_depreciation_amortization_value REAL,
    UNIQUE (stock_id, period, end_date)
);
