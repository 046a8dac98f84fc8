-- Core completeness: cells of the core lines in annual and quarterly statements, and how many of them are filled, line by line.
-- The lines are those of each company's industry. What only later filings repeat of periods before a company's first own balance sheet
-- is left out: those are single figures, and no statements.
-- Each kind of statement is read once: a number above zero says where a value comes from, one below zero why there is none.
CREATE VIEW loader_core_completeness AS
WITH companies AS (
    SELECT DISTINCT m.stock_id, c.template
    FROM cik_mappings_sp500 AS m
    INNER JOIN loader_companies AS c ON c.cik = m.cik
),
repeated AS (
    SELECT coalesce((SELECT -id FROM loader_reasons WHERE reason = 'only_comparatives_of_later_filings'), 0) AS origin
),
income AS (
    SELECT c.template, count(*) AS n,
        count(CASE WHEN p.revenue > 0 THEN 1 END) AS revenue, count(CASE WHEN p.revenue = r.origin THEN 1 END) AS revenue_repeated,
        count(CASE WHEN p.cost_of_revenue > 0 THEN 1 END) AS cost_of_revenue, count(CASE WHEN p.cost_of_revenue = r.origin THEN 1 END) AS cost_of_revenue_repeated,
        count(CASE WHEN p.gross_profit > 0 THEN 1 END) AS gross_profit, count(CASE WHEN p.gross_profit = r.origin THEN 1 END) AS gross_profit_repeated,
        count(CASE WHEN p.operating_income > 0 THEN 1 END) AS operating_income, count(CASE WHEN p.operating_income = r.origin THEN 1 END) AS operating_income_repeated,
        count(CASE WHEN p.pretax_income > 0 THEN 1 END) AS pretax_income, count(CASE WHEN p.pretax_income = r.origin THEN 1 END) AS pretax_income_repeated,
        count(CASE WHEN p.income_tax > 0 THEN 1 END) AS income_tax, count(CASE WHEN p.income_tax = r.origin THEN 1 END) AS income_tax_repeated,
        count(CASE WHEN p.net_income > 0 THEN 1 END) AS net_income, count(CASE WHEN p.net_income = r.origin THEN 1 END) AS net_income_repeated,
        count(CASE WHEN p.net_interest_income > 0 THEN 1 END) AS net_interest_income, count(CASE WHEN p.net_interest_income = r.origin THEN 1 END) AS net_interest_income_repeated,
        count(CASE WHEN p.noninterest_income > 0 THEN 1 END) AS noninterest_income, count(CASE WHEN p.noninterest_income = r.origin THEN 1 END) AS noninterest_income_repeated,
        count(CASE WHEN p.premiums_earned > 0 THEN 1 END) AS premiums_earned, count(CASE WHEN p.premiums_earned = r.origin THEN 1 END) AS premiums_earned_repeated,
        count(CASE WHEN p.eps_diluted > 0 THEN 1 END) AS eps_diluted, count(CASE WHEN p.eps_diluted = r.origin THEN 1 END) AS eps_diluted_repeated,
        count(CASE WHEN p.shares_diluted > 0 THEN 1 END) AS shares_diluted, count(CASE WHEN p.shares_diluted = r.origin THEN 1 END) AS shares_diluted_repeated
    FROM loader_income_provenance AS p
    INNER JOIN companies AS c ON c.stock_id = p.stock_id
    CROSS JOIN repeated AS r
    WHERE p.period IN ('FY', 'Q1', 'Q2', 'Q3', 'Q4')
    GROUP BY c.template
),
balance AS (
    SELECT c.template, count(*) AS n,
        count(CASE WHEN p.total_assets > 0 THEN 1 END) AS total_assets, count(CASE WHEN p.total_assets = r.origin THEN 1 END) AS total_assets_repeated,
        count(CASE WHEN p.current_assets > 0 THEN 1 END) AS current_assets, count(CASE WHEN p.current_assets = r.origin THEN 1 END) AS current_assets_repeated,
        count(CASE WHEN p.cash_and_equivalents > 0 THEN 1 END) AS cash_and_equivalents, count(CASE WHEN p.cash_and_equivalents = r.origin THEN 1 END) AS cash_and_equivalents_repeated,
        count(CASE WHEN p.total_liabilities > 0 THEN 1 END) AS total_liabilities, count(CASE WHEN p.total_liabilities = r.origin THEN 1 END) AS total_liabilities_repeated,
        count(CASE WHEN p.current_liabilities > 0 THEN 1 END) AS current_liabilities, count(CASE WHEN p.current_liabilities = r.origin THEN 1 END) AS current_liabilities_repeated,
        count(CASE WHEN p.total_equity > 0 THEN 1 END) AS total_equity, count(CASE WHEN p.total_equity = r.origin THEN 1 END) AS total_equity_repeated
    FROM loader_balance_provenance AS p
    INNER JOIN companies AS c ON c.stock_id = p.stock_id
    CROSS JOIN repeated AS r
    WHERE p.period IN ('FY', 'Q1', 'Q2', 'Q3', 'Q4')
    GROUP BY c.template
),
cashflow AS (
    SELECT c.template, count(*) AS n,
        count(CASE WHEN p.operating_cash_flow > 0 THEN 1 END) AS operating_cash_flow, count(CASE WHEN p.operating_cash_flow = r.origin THEN 1 END) AS operating_cash_flow_repeated,
        count(CASE WHEN p.investing_cash_flow > 0 THEN 1 END) AS investing_cash_flow, count(CASE WHEN p.investing_cash_flow = r.origin THEN 1 END) AS investing_cash_flow_repeated,
        count(CASE WHEN p.financing_cash_flow > 0 THEN 1 END) AS financing_cash_flow, count(CASE WHEN p.financing_cash_flow = r.origin THEN 1 END) AS financing_cash_flow_repeated,
        count(CASE WHEN p.capital_expenditures > 0 THEN 1 END) AS capital_expenditures, count(CASE WHEN p.capital_expenditures = r.origin THEN 1 END) AS capital_expenditures_repeated
    FROM loader_cash_flow_provenance AS p
    INNER JOIN companies AS c ON c.stock_id = p.stock_id
    CROSS JOIN repeated AS r
    WHERE p.period IN ('FY', 'Q1', 'Q2', 'Q3', 'Q4')
    GROUP BY c.template
),
counts(template, statement, line, cells, filled) AS (
    SELECT template, 'income', 'revenue', n - revenue_repeated, revenue FROM income
    UNION ALL SELECT template, 'income', 'cost_of_revenue', n - cost_of_revenue_repeated, cost_of_revenue FROM income
    UNION ALL SELECT template, 'income', 'gross_profit', n - gross_profit_repeated, gross_profit FROM income
    UNION ALL SELECT template, 'income', 'operating_income', n - operating_income_repeated, operating_income FROM income
    UNION ALL SELECT template, 'income', 'pretax_income', n - pretax_income_repeated, pretax_income FROM income
    UNION ALL SELECT template, 'income', 'income_tax', n - income_tax_repeated, income_tax FROM income
    UNION ALL SELECT template, 'income', 'net_income', n - net_income_repeated, net_income FROM income
    UNION ALL SELECT template, 'income', 'net_interest_income', n - net_interest_income_repeated, net_interest_income FROM income
    UNION ALL SELECT template, 'income', 'noninterest_income', n - noninterest_income_repeated, noninterest_income FROM income
    UNION ALL SELECT template, 'income', 'premiums_earned', n - premiums_earned_repeated, premiums_earned FROM income
    UNION ALL SELECT template, 'income', 'eps_diluted', n - eps_diluted_repeated, eps_diluted FROM income
    UNION ALL SELECT template, 'income', 'shares_diluted', n - shares_diluted_repeated, shares_diluted FROM income
    UNION ALL SELECT template, 'balance', 'total_assets', n - total_assets_repeated, total_assets FROM balance
    UNION ALL SELECT template, 'balance', 'current_assets', n - current_assets_repeated, current_assets FROM balance
    UNION ALL SELECT template, 'balance', 'cash_and_equivalents', n - cash_and_equivalents_repeated, cash_and_equivalents FROM balance
    UNION ALL SELECT template, 'balance', 'total_liabilities', n - total_liabilities_repeated, total_liabilities FROM balance
    UNION ALL SELECT template, 'balance', 'current_liabilities', n - current_liabilities_repeated, current_liabilities FROM balance
    UNION ALL SELECT template, 'balance', 'total_equity', n - total_equity_repeated, total_equity FROM balance
    UNION ALL SELECT template, 'cashflow', 'operating_cash_flow', n - operating_cash_flow_repeated, operating_cash_flow FROM cashflow
    UNION ALL SELECT template, 'cashflow', 'investing_cash_flow', n - investing_cash_flow_repeated, investing_cash_flow FROM cashflow
    UNION ALL SELECT template, 'cashflow', 'financing_cash_flow', n - financing_cash_flow_repeated, financing_cash_flow FROM cashflow
    UNION ALL SELECT template, 'cashflow', 'capital_expenditures', n - capital_expenditures_repeated, capital_expenditures FROM cashflow
)
SELECT k.statement, k.line, CAST(sum(c.cells) AS INTEGER) AS cells, CAST(sum(c.filled) AS INTEGER) AS filled
FROM counts AS c
INNER JOIN loader_core_lines AS k ON k.template = c.template AND k.statement = c.statement AND k.line = c.line
GROUP BY k.statement, k.line;
