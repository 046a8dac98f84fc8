-- Over 90 % of the cells of the core lines are filled.
-- severity: warning
-- Over all annual and quarterly statements. Core lines are those that a filer of any industry reports; the list stands below and in
-- sql/report/core_completeness.sql. A cell is empty where the filer does not report the line, which is no fault: hence a warning. When the
-- whole falls short: one row for each line that does.
WITH income AS (
    SELECT count(*) AS n, count(revenue) AS revenue, count(pretax_income) AS pretax_income, count(income_tax) AS income_tax,
        count(net_income) AS net_income, count(eps_diluted) AS eps_diluted, count(shares_diluted) AS shares_diluted
    FROM income_statements
    WHERE period IN ('FY', 'Q1', 'Q2', 'Q3', 'Q4')
),
balance AS (
    SELECT count(*) AS n, count(total_assets) AS total_assets, count(cash_and_equivalents) AS cash_and_equivalents,
        count(total_liabilities) AS total_liabilities, count(total_equity) AS total_equity
    FROM balance_sheets
    WHERE period IN ('FY', 'Q1', 'Q2', 'Q3', 'Q4')
),
cashflow AS (
    SELECT count(*) AS n, count(operating_cash_flow) AS operating_cash_flow,
        count(investing_cash_flow) AS investing_cash_flow, count(financing_cash_flow) AS financing_cash_flow
    FROM cash_flow_statements
    WHERE period IN ('FY', 'Q1', 'Q2', 'Q3', 'Q4')
),
lines(statement, line, cells, filled) AS (
    SELECT 'income', 'revenue', n, revenue FROM income UNION ALL
    SELECT 'income', 'pretax_income', n, pretax_income FROM income UNION ALL
    SELECT 'income', 'income_tax', n, income_tax FROM income UNION ALL
    SELECT 'income', 'net_income', n, net_income FROM income UNION ALL
    SELECT 'income', 'eps_diluted', n, eps_diluted FROM income UNION ALL
    SELECT 'income', 'shares_diluted', n, shares_diluted FROM income UNION ALL
    SELECT 'balance', 'total_assets', n, total_assets FROM balance UNION ALL
    SELECT 'balance', 'cash_and_equivalents', n, cash_and_equivalents FROM balance UNION ALL
    SELECT 'balance', 'total_liabilities', n, total_liabilities FROM balance UNION ALL
    SELECT 'balance', 'total_equity', n, total_equity FROM balance UNION ALL
    SELECT 'cashflow', 'operating_cash_flow', n, operating_cash_flow FROM cashflow UNION ALL
    SELECT 'cashflow', 'investing_cash_flow', n, investing_cash_flow FROM cashflow UNION ALL
    SELECT 'cashflow', 'financing_cash_flow', n, financing_cash_flow FROM cashflow
)
SELECT statement, line, cells, filled, round(100.0 * filled / cells, 1) AS percent
FROM lines
WHERE (SELECT 1.0 * sum(filled) / sum(cells) FROM lines) <= 0.9 AND filled <= 0.9 * cells
ORDER BY statement, line;
