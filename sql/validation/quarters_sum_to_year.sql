-- Four quarters add up to the year in every money flow.
-- severity: warning
-- Looked at where all four quarters lie within the year and have the line. Tolerance: 0.1 % of the year, or five units of the rounding of
-- the year's value. A warning, because a filer may restate a year without restating its quarters. One row for each year and line that
-- differs.
WITH income_years AS MATERIALIZED (
    SELECT f.stock_id, f.year, f.end_date, f.accession,
        f.revenue AS revenue, f.cost_of_revenue AS cost_of_revenue, f.gross_profit AS gross_profit,
        f.research_and_development AS research_and_development, f.selling_general_admin AS selling_general_admin,
        f.operating_expenses AS operating_expenses, f.operating_income AS operating_income, f.interest_expense AS interest_expense,
        f.pretax_income AS pretax_income, f.income_tax AS income_tax, f.net_income AS net_income,
        f.net_income_incl_nci AS net_income_incl_nci, f.net_income_common AS net_income_common,
        f.net_interest_income AS net_interest_income, f.noninterest_income AS noninterest_income,
        f.provision_for_credit_losses AS provision_for_credit_losses, f.premiums_earned AS premiums_earned,
        CASE WHEN count(q.revenue) = 4 THEN total(q.revenue) END AS revenue_q,
        CASE WHEN count(q.cost_of_revenue) = 4 THEN total(q.cost_of_revenue) END AS cost_of_revenue_q,
        CASE WHEN count(q.gross_profit) = 4 THEN total(q.gross_profit) END AS gross_profit_q,
        CASE WHEN count(q.research_and_development) = 4 THEN total(q.research_and_development) END AS research_and_development_q,
        CASE WHEN count(q.selling_general_admin) = 4 THEN total(q.selling_general_admin) END AS selling_general_admin_q,
        CASE WHEN count(q.operating_expenses) = 4 THEN total(q.operating_expenses) END AS operating_expenses_q,
        CASE WHEN count(q.operating_income) = 4 THEN total(q.operating_income) END AS operating_income_q,
        CASE WHEN count(q.interest_expense) = 4 THEN total(q.interest_expense) END AS interest_expense_q,
        CASE WHEN count(q.pretax_income) = 4 THEN total(q.pretax_income) END AS pretax_income_q,
        CASE WHEN count(q.income_tax) = 4 THEN total(q.income_tax) END AS income_tax_q,
        CASE WHEN count(q.net_income) = 4 THEN total(q.net_income) END AS net_income_q,
        CASE WHEN count(q.net_income_incl_nci) = 4 THEN total(q.net_income_incl_nci) END AS net_income_incl_nci_q,
        CASE WHEN count(q.net_income_common) = 4 THEN total(q.net_income_common) END AS net_income_common_q,
        CASE WHEN count(q.net_interest_income) = 4 THEN total(q.net_interest_income) END AS net_interest_income_q,
        CASE WHEN count(q.noninterest_income) = 4 THEN total(q.noninterest_income) END AS noninterest_income_q,
        CASE WHEN count(q.provision_for_credit_losses) = 4 THEN total(q.provision_for_credit_losses) END AS provision_for_credit_losses_q,
        CASE WHEN count(q.premiums_earned) = 4 THEN total(q.premiums_earned) END AS premiums_earned_q
    FROM income_statements AS f
    JOIN income_statements AS q
        ON q.stock_id = f.stock_id AND q.period IN ('Q1', 'Q2', 'Q3', 'Q4')
        AND q.start_date >= f.start_date AND q.end_date <= f.end_date
    WHERE f.period = 'FY'
    GROUP BY f.id
    HAVING count(*) = 4
),
cashflow_years AS MATERIALIZED (
    SELECT f.stock_id, f.year, f.end_date, f.accession,
        f.operating_cash_flow AS operating_cash_flow, f.investing_cash_flow AS investing_cash_flow,
        f.financing_cash_flow AS financing_cash_flow, f.net_change_in_cash AS net_change_in_cash,
        f.capital_expenditures AS capital_expenditures, f.free_cash_flow AS free_cash_flow,
        f.depreciation_amortization AS depreciation_amortization, f.stock_based_compensation AS stock_based_compensation,
        f.dividends_paid AS dividends_paid, f.share_repurchases AS share_repurchases,
        CASE WHEN count(q.operating_cash_flow) = 4 THEN total(q.operating_cash_flow) END AS operating_cash_flow_q,
        CASE WHEN count(q.investing_cash_flow) = 4 THEN total(q.investing_cash_flow) END AS investing_cash_flow_q,
        CASE WHEN count(q.financing_cash_flow) = 4 THEN total(q.financing_cash_flow) END AS financing_cash_flow_q,
        CASE WHEN count(q.net_change_in_cash) = 4 THEN total(q.net_change_in_cash) END AS net_change_in_cash_q,
        CASE WHEN count(q.capital_expenditures) = 4 THEN total(q.capital_expenditures) END AS capital_expenditures_q,
        CASE WHEN count(q.free_cash_flow) = 4 THEN total(q.free_cash_flow) END AS free_cash_flow_q,
        CASE WHEN count(q.depreciation_amortization) = 4 THEN total(q.depreciation_amortization) END AS depreciation_amortization_q,
        CASE WHEN count(q.stock_based_compensation) = 4 THEN total(q.stock_based_compensation) END AS stock_based_compensation_q,
        CASE WHEN count(q.dividends_paid) = 4 THEN total(q.dividends_paid) END AS dividends_paid_q,
        CASE WHEN count(q.share_repurchases) = 4 THEN total(q.share_repurchases) END AS share_repurchases_q
    FROM cash_flow_statements AS f
    JOIN cash_flow_statements AS q
        ON q.stock_id = f.stock_id AND q.period IN ('Q1', 'Q2', 'Q3', 'Q4')
        AND q.start_date >= f.start_date AND q.end_date <= f.end_date
    WHERE f.period = 'FY'
    GROUP BY f.id
    HAVING count(*) = 4
),
cells(stock_id, year, end_date, accession, line, fiscal_year, four_quarters) AS (
    SELECT stock_id, year, end_date, accession, 'revenue', revenue, revenue_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'cost_of_revenue', cost_of_revenue, cost_of_revenue_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'gross_profit', gross_profit, gross_profit_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'research_and_development', research_and_development, research_and_development_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'selling_general_admin', selling_general_admin, selling_general_admin_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'operating_expenses', operating_expenses, operating_expenses_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'operating_income', operating_income, operating_income_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'interest_expense', interest_expense, interest_expense_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'pretax_income', pretax_income, pretax_income_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'income_tax', income_tax, income_tax_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'net_income', net_income, net_income_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'net_income_incl_nci', net_income_incl_nci, net_income_incl_nci_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'net_income_common', net_income_common, net_income_common_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'net_interest_income', net_interest_income, net_interest_income_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'noninterest_income', noninterest_income, noninterest_income_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'provision_for_credit_losses', provision_for_credit_losses, provision_for_credit_losses_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'premiums_earned', premiums_earned, premiums_earned_q FROM income_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'operating_cash_flow', operating_cash_flow, operating_cash_flow_q FROM cashflow_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'investing_cash_flow', investing_cash_flow, investing_cash_flow_q FROM cashflow_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'financing_cash_flow', financing_cash_flow, financing_cash_flow_q FROM cashflow_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'net_change_in_cash', net_change_in_cash, net_change_in_cash_q FROM cashflow_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'capital_expenditures', capital_expenditures, capital_expenditures_q FROM cashflow_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'free_cash_flow', free_cash_flow, free_cash_flow_q FROM cashflow_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'depreciation_amortization', depreciation_amortization, depreciation_amortization_q FROM cashflow_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'stock_based_compensation', stock_based_compensation, stock_based_compensation_q FROM cashflow_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'dividends_paid', dividends_paid, dividends_paid_q FROM cashflow_years UNION ALL
    SELECT stock_id, year, end_date, accession, 'share_repurchases', share_repurchases, share_repurchases_q FROM cashflow_years
)
SELECT s.symbol, c.line, c.year, c.end_date, c.four_quarters - c.fiscal_year AS difference, c.fiscal_year, c.four_quarters, c.accession
FROM cells AS c
JOIN stocks AS s ON s.id = c.stock_id
WHERE abs(c.four_quarters - c.fiscal_year) > max(
    0.001 * abs(c.fiscal_year),
    5.0 * CASE
        WHEN CAST(c.fiscal_year AS INTEGER) % 1000000 = 0 THEN 1000000
        WHEN CAST(c.fiscal_year AS INTEGER) % 1000 = 0 THEN 1000
        ELSE 1
    END)
ORDER BY s.symbol, c.end_date, c.line;
