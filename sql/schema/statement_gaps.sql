-- Why a core line is NULL: one row for each empty cell of the lines that every statement of the company's industry, or of any, should have.
CREATE VIEW statement_gaps AS
SELECT g.stock_id, g.statement, g.line, g.period, g.year, g.end_date, r.reason
FROM (
    SELECT p.stock_id, l.statement, l.line, p.period, p.year, p.end_date,
        CASE l.line
            WHEN 'revenue' THEN p.revenue
            WHEN 'cost_of_revenue' THEN p.cost_of_revenue
            WHEN 'gross_profit' THEN p.gross_profit
            WHEN 'research_and_development' THEN p.research_and_development
            WHEN 'selling_general_admin' THEN p.selling_general_admin
            WHEN 'operating_expenses' THEN p.operating_expenses
            WHEN 'operating_income' THEN p.operating_income
            WHEN 'interest_expense' THEN p.interest_expense
            WHEN 'pretax_income' THEN p.pretax_income
            WHEN 'income_tax' THEN p.income_tax
            WHEN 'net_income' THEN p.net_income
            WHEN 'net_income_incl_nci' THEN p.net_income_incl_nci
            WHEN 'net_income_common' THEN p.net_income_common
            WHEN 'eps_basic' THEN p.eps_basic
            WHEN 'eps_diluted' THEN p.eps_diluted
            WHEN 'shares_basic' THEN p.shares_basic
            WHEN 'shares_diluted' THEN p.shares_diluted
            WHEN 'dividends_per_share' THEN p.dividends_per_share
            WHEN 'net_interest_income' THEN p.net_interest_income
            WHEN 'noninterest_income' THEN p.noninterest_income
            WHEN 'provision_for_credit_losses' THEN p.provision_for_credit_losses
            WHEN 'premiums_earned' THEN p.premiums_earned
        END AS origin
    FROM loader_income_provenance AS p
    CROSS JOIN loader_lines AS l
    WHERE l.statement = 'income'
) AS g
INNER JOIN loader_reasons AS r ON r.id = -g.origin
UNION ALL
SELECT g.stock_id, g.statement, g.line, g.period, g.year, g.end_date, r.reason
FROM (
    SELECT p.stock_id, l.statement, l.line, p.period, p.year, p.end_date,
        CASE l.line
            WHEN 'total_assets' THEN p.total_assets
            WHEN 'current_assets' THEN p.current_assets
            WHEN 'cash_and_equivalents' THEN p.cash_and_equivalents
            WHEN 'short_term_investments' THEN p.short_term_investments
            WHEN 'receivables' THEN p.receivables
            WHEN 'inventory' THEN p.inventory
            WHEN 'ppe_net' THEN p.ppe_net
            WHEN 'goodwill' THEN p.goodwill
            WHEN 'intangible_assets' THEN p.intangible_assets
            WHEN 'total_liabilities' THEN p.total_liabilities
            WHEN 'current_liabilities' THEN p.current_liabilities
            WHEN 'accounts_payable' THEN p.accounts_payable
            WHEN 'short_term_debt' THEN p.short_term_debt
            WHEN 'long_term_debt' THEN p.long_term_debt
            WHEN 'total_debt' THEN p.total_debt
            WHEN 'total_equity' THEN p.total_equity
            WHEN 'total_equity_incl_nci' THEN p.total_equity_incl_nci
            WHEN 'noncontrolling_interest' THEN p.noncontrolling_interest
            WHEN 'retained_earnings' THEN p.retained_earnings
            WHEN 'shares_outstanding' THEN p.shares_outstanding
        END AS origin
    FROM loader_balance_provenance AS p
    CROSS JOIN loader_lines AS l
    WHERE l.statement = 'balance'
) AS g
INNER JOIN loader_reasons AS r ON r.id = -g.origin
UNION ALL
SELECT g.stock_id, g.statement, g.line, g.period, g.year, g.end_date, r.reason
FROM (
    SELECT p.stock_id, l.statement, l.line, p.period, p.year, p.end_date,
        CASE l.line
            WHEN 'operating_cash_flow' THEN p.operating_cash_flow
            WHEN 'investing_cash_flow' THEN p.investing_cash_flow
            WHEN 'financing_cash_flow' THEN p.financing_cash_flow
            WHEN 'net_change_in_cash' THEN p.net_change_in_cash
            WHEN 'capital_expenditures' THEN p.capital_expenditures
            WHEN 'free_cash_flow' THEN p.free_cash_flow
            WHEN 'depreciation_amortization' THEN p.depreciation_amortization
            WHEN 'stock_based_compensation' THEN p.stock_based_compensation
            WHEN 'dividends_paid' THEN p.dividends_paid
            WHEN 'share_repurchases' THEN p.share_repurchases
        END AS origin
    FROM loader_cash_flow_provenance AS p
    CROSS JOIN loader_lines AS l
    WHERE l.statement = 'cashflow'
) AS g
INNER JOIN loader_reasons AS r ON r.id = -g.origin;
