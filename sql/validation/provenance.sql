-- Every statement value has its source, and is the value that was loaded.
-- severity: error
-- Each value's number in the provenance table names a series of its own line, and no number stands for a value that is not there; the values
-- of each statement add up to the control total that was written with them. Stocks that the loader never loaded are the application's own.
-- One row for each statement that is missing, has no provenance, has lines of which only the value or only the source is there, or whose
-- values are no longer those that were loaded.
WITH loaded AS (
    SELECT stock_id FROM cik_mappings_sp500 WHERE cik IN (SELECT cik FROM loader_companies)
    UNION
    SELECT stock_id FROM loader_loaded
),
series AS (
    SELECT x.id, l.statement, l.line FROM loader_series AS x JOIN loader_lines AS l ON l.id = x.line_id
),
checked AS (
    SELECT 'income' AS statement, p.stock_id, p.period, p.end_date,
        t.id IS NULL AND p.control_total IS NOT NULL AS statement_is_missing, 0 AS provenance_is_missing,
        CASE WHEN t.id IS NULL AND p.control_total IS NOT NULL THEN 0 ELSE ((t.revenue IS NOT NULL) <> (coalesce(p.revenue, 0) > 0 AND (p.revenue & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'revenue')))
            + ((t.cost_of_revenue IS NOT NULL) <> (coalesce(p.cost_of_revenue, 0) > 0 AND (p.cost_of_revenue & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'cost_of_revenue')))
            + ((t.gross_profit IS NOT NULL) <> (coalesce(p.gross_profit, 0) > 0 AND (p.gross_profit & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'gross_profit')))
            + ((t.research_and_development IS NOT NULL) <> (coalesce(p.research_and_development, 0) > 0 AND (p.research_and_development & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'research_and_development')))
            + ((t.selling_general_admin IS NOT NULL) <> (coalesce(p.selling_general_admin, 0) > 0 AND (p.selling_general_admin & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'selling_general_admin')))
            + ((t.operating_expenses IS NOT NULL) <> (coalesce(p.operating_expenses, 0) > 0 AND (p.operating_expenses & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'operating_expenses')))
            + ((t.operating_income IS NOT NULL) <> (coalesce(p.operating_income, 0) > 0 AND (p.operating_income & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'operating_income')))
            + ((t.interest_expense IS NOT NULL) <> (coalesce(p.interest_expense, 0) > 0 AND (p.interest_expense & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'interest_expense')))
            + ((t.pretax_income IS NOT NULL) <> (coalesce(p.pretax_income, 0) > 0 AND (p.pretax_income & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'pretax_income')))
            + ((t.income_tax IS NOT NULL) <> (coalesce(p.income_tax, 0) > 0 AND (p.income_tax & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'income_tax')))
            + ((t.net_income IS NOT NULL) <> (coalesce(p.net_income, 0) > 0 AND (p.net_income & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'net_income')))
            + ((t.net_income_incl_nci IS NOT NULL) <> (coalesce(p.net_income_incl_nci, 0) > 0 AND (p.net_income_incl_nci & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'net_income_incl_nci')))
            + ((t.net_income_common IS NOT NULL) <> (coalesce(p.net_income_common, 0) > 0 AND (p.net_income_common & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'net_income_common')))
            + ((t.eps_basic IS NOT NULL) <> (coalesce(p.eps_basic, 0) > 0 AND (p.eps_basic & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'eps_basic')))
            + ((t.eps_diluted IS NOT NULL) <> (coalesce(p.eps_diluted, 0) > 0 AND (p.eps_diluted & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'eps_diluted')))
            + ((t.shares_basic IS NOT NULL) <> (coalesce(p.shares_basic, 0) > 0 AND (p.shares_basic & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'shares_basic')))
            + ((t.shares_diluted IS NOT NULL) <> (coalesce(p.shares_diluted, 0) > 0 AND (p.shares_diluted & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'shares_diluted')))
            + ((t.dividends_per_share IS NOT NULL) <> (coalesce(p.dividends_per_share, 0) > 0 AND (p.dividends_per_share & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'dividends_per_share')))
            + ((t.net_interest_income IS NOT NULL) <> (coalesce(p.net_interest_income, 0) > 0 AND (p.net_interest_income & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'net_interest_income')))
            + ((t.noninterest_income IS NOT NULL) <> (coalesce(p.noninterest_income, 0) > 0 AND (p.noninterest_income & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'noninterest_income')))
            + ((t.provision_for_credit_losses IS NOT NULL) <> (coalesce(p.provision_for_credit_losses, 0) > 0 AND (p.provision_for_credit_losses & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'provision_for_credit_losses')))
            + ((t.premiums_earned IS NOT NULL) <> (coalesce(p.premiums_earned, 0) > 0 AND (p.premiums_earned & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'premiums_earned')))
            + ((p.benefits_and_expenses_value IS NOT NULL) <> (coalesce(p.benefits_and_expenses, 0) > 0 AND (p.benefits_and_expenses & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'benefits_and_expenses')))
            + ((p.cost_of_goods_value IS NOT NULL) <> (coalesce(p.cost_of_goods, 0) > 0 AND (p.cost_of_goods & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'cost_of_goods')))
            + ((p.cost_of_services_value IS NOT NULL) <> (coalesce(p.cost_of_services, 0) > 0 AND (p.cost_of_services & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'cost_of_services')))
            + ((p.discontinued_operations_value IS NOT NULL) <> (coalesce(p.discontinued_operations, 0) > 0 AND (p.discontinued_operations & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'discontinued_operations')))
            + ((p.ebitda_value IS NOT NULL) <> (coalesce(p.ebitda, 0) > 0 AND (p.ebitda & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'ebitda')))
            + ((p.other_income_value IS NOT NULL) <> (coalesce(p.other_income, 0) > 0 AND (p.other_income & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'other_income')))
            + ((p.gain_on_dispositions_value IS NOT NULL) <> (coalesce(p.gain_on_dispositions, 0) > 0 AND (p.gain_on_dispositions & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'gain_on_dispositions')))
            + ((p.equity_method_income_value IS NOT NULL) <> (coalesce(p.equity_method_income, 0) > 0 AND (p.equity_method_income & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'equity_method_income')))
            + ((p.general_and_administrative_value IS NOT NULL) <> (coalesce(p.general_and_administrative, 0) > 0 AND (p.general_and_administrative & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'general_and_administrative')))
            + ((p.interest_and_dividend_income_value IS NOT NULL) <> (coalesce(p.interest_and_dividend_income, 0) > 0 AND (p.interest_and_dividend_income & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'interest_and_dividend_income')))
            + ((p.lease_income_value IS NOT NULL) <> (coalesce(p.lease_income, 0) > 0 AND (p.lease_income & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'lease_income')))
            + ((p.net_income_continuing_value IS NOT NULL) <> (coalesce(p.net_income_continuing, 0) > 0 AND (p.net_income_continuing & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'net_income_continuing')))
            + ((p.net_income_nci_value IS NOT NULL) <> (coalesce(p.net_income_nci, 0) > 0 AND (p.net_income_nci & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'net_income_nci')))
            + ((p.net_interest_income_after_provision_value IS NOT NULL) <> (coalesce(p.net_interest_income_after_provision, 0) > 0 AND (p.net_interest_income_after_provision & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'net_interest_income_after_provision')))
            + ((p.net_investment_income_value IS NOT NULL) <> (coalesce(p.net_investment_income, 0) > 0 AND (p.net_investment_income & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'net_investment_income')))
            + ((p.noninterest_expense_value IS NOT NULL) <> (coalesce(p.noninterest_expense, 0) > 0 AND (p.noninterest_expense & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'noninterest_expense')))
            + ((p.policyholder_benefits_value IS NOT NULL) <> (coalesce(p.policyholder_benefits, 0) > 0 AND (p.policyholder_benefits & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'policyholder_benefits')))
            + ((p.preferred_dividends_value IS NOT NULL) <> (coalesce(p.preferred_dividends, 0) > 0 AND (p.preferred_dividends & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'preferred_dividends')))
            + ((p.pretax_income_domestic_value IS NOT NULL) <> (coalesce(p.pretax_income_domestic, 0) > 0 AND (p.pretax_income_domestic & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'pretax_income_domestic')))
            + ((p.pretax_income_foreign_value IS NOT NULL) <> (coalesce(p.pretax_income_foreign, 0) > 0 AND (p.pretax_income_foreign & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'pretax_income_foreign')))
            + ((p.revenue_goods_value IS NOT NULL) <> (coalesce(p.revenue_goods, 0) > 0 AND (p.revenue_goods & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'revenue_goods')))
            + ((p.revenue_services_value IS NOT NULL) <> (coalesce(p.revenue_services, 0) > 0 AND (p.revenue_services & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'revenue_services')))
            + ((p.selling_and_marketing_value IS NOT NULL) <> (coalesce(p.selling_and_marketing, 0) > 0 AND (p.selling_and_marketing & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'selling_and_marketing')))
            + ((p.total_costs_and_expenses_value IS NOT NULL) <> (coalesce(p.total_costs_and_expenses, 0) > 0 AND (p.total_costs_and_expenses & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'total_costs_and_expenses')))
            + ((p.utility_revenue_value IS NOT NULL) <> (coalesce(p.utility_revenue, 0) > 0 AND (p.utility_revenue & 1048575) IN (SELECT id FROM series WHERE statement = 'income' AND line = 'utility_revenue'))) END AS lines_without,
        t.id IS NOT NULL AND p.control_total IS NOT (
            1.0 * coalesce(t.revenue, 0)
            + 2.0 * coalesce(t.cost_of_revenue, 0)
            + 3.0 * coalesce(t.gross_profit, 0)
            + 4.0 * coalesce(t.research_and_development, 0)
            + 5.0 * coalesce(t.selling_general_admin, 0)
            + 6.0 * coalesce(t.operating_expenses, 0)
            + 7.0 * coalesce(t.operating_income, 0)
            + 8.0 * coalesce(t.interest_expense, 0)
            + 9.0 * coalesce(t.pretax_income, 0)
            + 10.0 * coalesce(t.income_tax, 0)
            + 11.0 * coalesce(t.net_income, 0)
            + 12.0 * coalesce(t.net_income_incl_nci, 0)
            + 13.0 * coalesce(t.net_income_common, 0)
            + 14.0 * coalesce(t.eps_basic, 0)
            + 15.0 * coalesce(t.eps_diluted, 0)
            + 16.0 * coalesce(t.shares_basic, 0)
            + 17.0 * coalesce(t.shares_diluted, 0)
            + 18.0 * coalesce(t.dividends_per_share, 0)
            + 19.0 * coalesce(t.net_interest_income, 0)
            + 20.0 * coalesce(t.noninterest_income, 0)
            + 21.0 * coalesce(t.provision_for_credit_losses, 0)
            + 22.0 * coalesce(t.premiums_earned, 0)) AS values_differ
    FROM loader_income_provenance AS p
    LEFT JOIN income_statements AS t ON t.stock_id = p.stock_id AND t.period = p.period AND t.end_date = p.end_date
    UNION ALL
    SELECT 'income', t.stock_id, t.period, t.end_date, 0, 1, 0, 0
    FROM income_statements AS t
    LEFT JOIN loader_income_provenance AS p ON p.stock_id = t.stock_id AND p.period = t.period AND p.end_date = t.end_date
    WHERE p.id IS NULL AND t.stock_id IN (SELECT stock_id FROM loaded)
    UNION ALL
    SELECT 'balance' AS statement, p.stock_id, p.period, p.end_date,
        t.id IS NULL AND p.control_total IS NOT NULL AS statement_is_missing, 0 AS provenance_is_missing,
        CASE WHEN t.id IS NULL AND p.control_total IS NOT NULL THEN 0 ELSE ((t.total_assets IS NOT NULL) <> (coalesce(p.total_assets, 0) > 0 AND (p.total_assets & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'total_assets')))
            + ((t.current_assets IS NOT NULL) <> (coalesce(p.current_assets, 0) > 0 AND (p.current_assets & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'current_assets')))
            + ((t.cash_and_equivalents IS NOT NULL) <> (coalesce(p.cash_and_equivalents, 0) > 0 AND (p.cash_and_equivalents & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'cash_and_equivalents')))
            + ((t.short_term_investments IS NOT NULL) <> (coalesce(p.short_term_investments, 0) > 0 AND (p.short_term_investments & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'short_term_investments')))
            + ((t.receivables IS NOT NULL) <> (coalesce(p.receivables, 0) > 0 AND (p.receivables & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'receivables')))
            + ((t.inventory IS NOT NULL) <> (coalesce(p.inventory, 0) > 0 AND (p.inventory & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'inventory')))
            + ((t.ppe_net IS NOT NULL) <> (coalesce(p.ppe_net, 0) > 0 AND (p.ppe_net & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'ppe_net')))
            + ((t.goodwill IS NOT NULL) <> (coalesce(p.goodwill, 0) > 0 AND (p.goodwill & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'goodwill')))
            + ((t.intangible_assets IS NOT NULL) <> (coalesce(p.intangible_assets, 0) > 0 AND (p.intangible_assets & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'intangible_assets')))
            + ((t.total_liabilities IS NOT NULL) <> (coalesce(p.total_liabilities, 0) > 0 AND (p.total_liabilities & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'total_liabilities')))
            + ((t.current_liabilities IS NOT NULL) <> (coalesce(p.current_liabilities, 0) > 0 AND (p.current_liabilities & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'current_liabilities')))
            + ((t.accounts_payable IS NOT NULL) <> (coalesce(p.accounts_payable, 0) > 0 AND (p.accounts_payable & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'accounts_payable')))
            + ((t.short_term_debt IS NOT NULL) <> (coalesce(p.short_term_debt, 0) > 0 AND (p.short_term_debt & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'short_term_debt')))
            + ((t.long_term_debt IS NOT NULL) <> (coalesce(p.long_term_debt, 0) > 0 AND (p.long_term_debt & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'long_term_debt')))
            + ((t.total_debt IS NOT NULL) <> (coalesce(p.total_debt, 0) > 0 AND (p.total_debt & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'total_debt')))
            + ((t.total_equity IS NOT NULL) <> (coalesce(p.total_equity, 0) > 0 AND (p.total_equity & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'total_equity')))
            + ((t.total_equity_incl_nci IS NOT NULL) <> (coalesce(p.total_equity_incl_nci, 0) > 0 AND (p.total_equity_incl_nci & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'total_equity_incl_nci')))
            + ((t.noncontrolling_interest IS NOT NULL) <> (coalesce(p.noncontrolling_interest, 0) > 0 AND (p.noncontrolling_interest & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'noncontrolling_interest')))
            + ((t.retained_earnings IS NOT NULL) <> (coalesce(p.retained_earnings, 0) > 0 AND (p.retained_earnings & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'retained_earnings')))
            + ((t.shares_outstanding IS NOT NULL) <> (coalesce(p.shares_outstanding, 0) > 0 AND (p.shares_outstanding & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'shares_outstanding')))
            + ((p.accumulated_depreciation_value IS NOT NULL) <> (coalesce(p.accumulated_depreciation, 0) > 0 AND (p.accumulated_depreciation & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'accumulated_depreciation')))
            + ((p.commitments_and_contingencies_value IS NOT NULL) <> (coalesce(p.commitments_and_contingencies, 0) > 0 AND (p.commitments_and_contingencies & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'commitments_and_contingencies')))
            + ((p.cover_shares_value IS NOT NULL) <> (coalesce(p.cover_shares, 0) > 0 AND (p.cover_shares & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'cover_shares')))
            + ((p.debt_current_value IS NOT NULL) <> (coalesce(p.debt_current, 0) > 0 AND (p.debt_current & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'debt_current')))
            + ((p.deferred_policy_acquisition_costs_value IS NOT NULL) <> (coalesce(p.deferred_policy_acquisition_costs, 0) > 0 AND (p.deferred_policy_acquisition_costs & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'deferred_policy_acquisition_costs')))
            + ((p.deposits_value IS NOT NULL) <> (coalesce(p.deposits, 0) > 0 AND (p.deposits & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'deposits')))
            + ((p.federal_funds_sold_value IS NOT NULL) <> (coalesce(p.federal_funds_sold, 0) > 0 AND (p.federal_funds_sold & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'federal_funds_sold')))
            + ((p.future_policy_benefits_value IS NOT NULL) <> (coalesce(p.future_policy_benefits, 0) > 0 AND (p.future_policy_benefits & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'future_policy_benefits')))
            + ((p.liabilities_and_equity_value IS NOT NULL) <> (coalesce(p.liabilities_and_equity, 0) > 0 AND (p.liabilities_and_equity & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'liabilities_and_equity')))
            + ((p.loans_value IS NOT NULL) <> (coalesce(p.loans, 0) > 0 AND (p.loans & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'loans')))
            + ((p.long_term_debt_current_value IS NOT NULL) <> (coalesce(p.long_term_debt_current, 0) > 0 AND (p.long_term_debt_current & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'long_term_debt_current')))
            + ((p.long_term_debt_total_value IS NOT NULL) <> (coalesce(p.long_term_debt_total, 0) > 0 AND (p.long_term_debt_total & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'long_term_debt_total')))
            + ((p.net_debt_value IS NOT NULL) <> (coalesce(p.net_debt, 0) > 0 AND (p.net_debt & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'net_debt')))
            + ((p.noncurrent_assets_value IS NOT NULL) <> (coalesce(p.noncurrent_assets, 0) > 0 AND (p.noncurrent_assets & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'noncurrent_assets')))
            + ((p.noncurrent_liabilities_value IS NOT NULL) <> (coalesce(p.noncurrent_liabilities, 0) > 0 AND (p.noncurrent_liabilities & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'noncurrent_liabilities')))
            + ((p.ppe_gross_value IS NOT NULL) <> (coalesce(p.ppe_gross, 0) > 0 AND (p.ppe_gross & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'ppe_gross')))
            + ((p.real_estate_investments_value IS NOT NULL) <> (coalesce(p.real_estate_investments, 0) > 0 AND (p.real_estate_investments & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'real_estate_investments')))
            + ((p.redeemable_noncontrolling_interest_value IS NOT NULL) <> (coalesce(p.redeemable_noncontrolling_interest, 0) > 0 AND (p.redeemable_noncontrolling_interest & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'redeemable_noncontrolling_interest')))
            + ((p.regulatory_assets_value IS NOT NULL) <> (coalesce(p.regulatory_assets, 0) > 0 AND (p.regulatory_assets & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'regulatory_assets')))
            + ((p.restricted_cash_total_value IS NOT NULL) <> (coalesce(p.restricted_cash_total, 0) > 0 AND (p.restricted_cash_total & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'restricted_cash_total')))
            + ((p.shares_issued_value IS NOT NULL) <> (coalesce(p.shares_issued, 0) > 0 AND (p.shares_issued & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'shares_issued')))
            + ((p.short_term_borrowings_value IS NOT NULL) <> (coalesce(p.short_term_borrowings, 0) > 0 AND (p.short_term_borrowings & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'short_term_borrowings')))
            + ((p.temporary_equity_value IS NOT NULL) <> (coalesce(p.temporary_equity, 0) > 0 AND (p.temporary_equity & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'temporary_equity')))
            + ((p.treasury_shares_value IS NOT NULL) <> (coalesce(p.treasury_shares, 0) > 0 AND (p.treasury_shares & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'treasury_shares')))
            + ((p.unearned_premiums_value IS NOT NULL) <> (coalesce(p.unearned_premiums, 0) > 0 AND (p.unearned_premiums & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'unearned_premiums')))
            + ((p.utility_plant_value IS NOT NULL) <> (coalesce(p.utility_plant, 0) > 0 AND (p.utility_plant & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'utility_plant')))
            + ((p.working_capital_value IS NOT NULL) <> (coalesce(p.working_capital, 0) > 0 AND (p.working_capital & 1048575) IN (SELECT id FROM series WHERE statement = 'balance' AND line = 'working_capital'))) END AS lines_without,
        t.id IS NOT NULL AND p.control_total IS NOT (
            1.0 * coalesce(t.total_assets, 0)
            + 2.0 * coalesce(t.current_assets, 0)
            + 3.0 * coalesce(t.cash_and_equivalents, 0)
            + 4.0 * coalesce(t.short_term_investments, 0)
            + 5.0 * coalesce(t.receivables, 0)
            + 6.0 * coalesce(t.inventory, 0)
            + 7.0 * coalesce(t.ppe_net, 0)
            + 8.0 * coalesce(t.goodwill, 0)
            + 9.0 * coalesce(t.intangible_assets, 0)
            + 10.0 * coalesce(t.total_liabilities, 0)
            + 11.0 * coalesce(t.current_liabilities, 0)
            + 12.0 * coalesce(t.accounts_payable, 0)
            + 13.0 * coalesce(t.short_term_debt, 0)
            + 14.0 * coalesce(t.long_term_debt, 0)
            + 15.0 * coalesce(t.total_debt, 0)
            + 16.0 * coalesce(t.total_equity, 0)
            + 17.0 * coalesce(t.total_equity_incl_nci, 0)
            + 18.0 * coalesce(t.noncontrolling_interest, 0)
            + 19.0 * coalesce(t.retained_earnings, 0)
            + 20.0 * coalesce(t.shares_outstanding, 0)) AS values_differ
    FROM loader_balance_provenance AS p
    LEFT JOIN balance_sheets AS t ON t.stock_id = p.stock_id AND t.period = p.period AND t.end_date = p.end_date
    UNION ALL
    SELECT 'balance', t.stock_id, t.period, t.end_date, 0, 1, 0, 0
    FROM balance_sheets AS t
    LEFT JOIN loader_balance_provenance AS p ON p.stock_id = t.stock_id AND p.period = t.period AND p.end_date = t.end_date
    WHERE p.id IS NULL AND t.stock_id IN (SELECT stock_id FROM loaded)
    UNION ALL
    SELECT 'cashflow' AS statement, p.stock_id, p.period, p.end_date,
        t.id IS NULL AND p.control_total IS NOT NULL AS statement_is_missing, 0 AS provenance_is_missing,
        CASE WHEN t.id IS NULL AND p.control_total IS NOT NULL THEN 0 ELSE ((t.operating_cash_flow IS NOT NULL) <> (coalesce(p.operating_cash_flow, 0) > 0 AND (p.operating_cash_flow & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'operating_cash_flow')))
            + ((t.investing_cash_flow IS NOT NULL) <> (coalesce(p.investing_cash_flow, 0) > 0 AND (p.investing_cash_flow & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'investing_cash_flow')))
            + ((t.financing_cash_flow IS NOT NULL) <> (coalesce(p.financing_cash_flow, 0) > 0 AND (p.financing_cash_flow & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'financing_cash_flow')))
            + ((t.net_change_in_cash IS NOT NULL) <> (coalesce(p.net_change_in_cash, 0) > 0 AND (p.net_change_in_cash & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'net_change_in_cash')))
            + ((t.capital_expenditures IS NOT NULL) <> (coalesce(p.capital_expenditures, 0) > 0 AND (p.capital_expenditures & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'capital_expenditures')))
            + ((t.free_cash_flow IS NOT NULL) <> (coalesce(p.free_cash_flow, 0) > 0 AND (p.free_cash_flow & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'free_cash_flow')))
            + ((t.depreciation_amortization IS NOT NULL) <> (coalesce(p.depreciation_amortization, 0) > 0 AND (p.depreciation_amortization & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'depreciation_amortization')))
            + ((t.stock_based_compensation IS NOT NULL) <> (coalesce(p.stock_based_compensation, 0) > 0 AND (p.stock_based_compensation & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'stock_based_compensation')))
            + ((t.dividends_paid IS NOT NULL) <> (coalesce(p.dividends_paid, 0) > 0 AND (p.dividends_paid & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'dividends_paid')))
            + ((t.share_repurchases IS NOT NULL) <> (coalesce(p.share_repurchases, 0) > 0 AND (p.share_repurchases & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'share_repurchases')))
            + ((p.amortization_of_intangibles_value IS NOT NULL) <> (coalesce(p.amortization_of_intangibles, 0) > 0 AND (p.amortization_of_intangibles & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'amortization_of_intangibles')))
            + ((p.depreciation_value IS NOT NULL) <> (coalesce(p.depreciation, 0) > 0 AND (p.depreciation & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'depreciation')))
            + ((p.effect_of_exchange_rates_value IS NOT NULL) <> (coalesce(p.effect_of_exchange_rates, 0) > 0 AND (p.effect_of_exchange_rates & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'effect_of_exchange_rates')))
            + ((p.financing_cash_flow_continuing_value IS NOT NULL) <> (coalesce(p.financing_cash_flow_continuing, 0) > 0 AND (p.financing_cash_flow_continuing & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'financing_cash_flow_continuing')))
            + ((p.financing_cash_flow_discontinued_value IS NOT NULL) <> (coalesce(p.financing_cash_flow_discontinued, 0) > 0 AND (p.financing_cash_flow_discontinued & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'financing_cash_flow_discontinued')))
            + ((p.investing_cash_flow_continuing_value IS NOT NULL) <> (coalesce(p.investing_cash_flow_continuing, 0) > 0 AND (p.investing_cash_flow_continuing & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'investing_cash_flow_continuing')))
            + ((p.investing_cash_flow_discontinued_value IS NOT NULL) <> (coalesce(p.investing_cash_flow_discontinued, 0) > 0 AND (p.investing_cash_flow_discontinued & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'investing_cash_flow_discontinued')))
            + ((p.net_change_in_cash_excl_fx_value IS NOT NULL) <> (coalesce(p.net_change_in_cash_excl_fx, 0) > 0 AND (p.net_change_in_cash_excl_fx & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'net_change_in_cash_excl_fx')))
            + ((p.operating_cash_flow_continuing_value IS NOT NULL) <> (coalesce(p.operating_cash_flow_continuing, 0) > 0 AND (p.operating_cash_flow_continuing & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'operating_cash_flow_continuing')))
            + ((p.operating_cash_flow_discontinued_value IS NOT NULL) <> (coalesce(p.operating_cash_flow_discontinued, 0) > 0 AND (p.operating_cash_flow_discontinued & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'operating_cash_flow_discontinued')))
            + ((p.other_depreciation_amortization_value IS NOT NULL) <> (coalesce(p.other_depreciation_amortization, 0) > 0 AND (p.other_depreciation_amortization & 1048575) IN (SELECT id FROM series WHERE statement = 'cashflow' AND line = 'other_depreciation_amortization'))) END AS lines_without,
        t.id IS NOT NULL AND p.control_total IS NOT (
            1.0 * coalesce(t.operating_cash_flow, 0)
            + 2.0 * coalesce(t.investing_cash_flow, 0)
            + 3.0 * coalesce(t.financing_cash_flow, 0)
            + 4.0 * coalesce(t.net_change_in_cash, 0)
            + 5.0 * coalesce(t.capital_expenditures, 0)
            + 6.0 * coalesce(t.free_cash_flow, 0)
            + 7.0 * coalesce(t.depreciation_amortization, 0)
            + 8.0 * coalesce(t.stock_based_compensation, 0)
            + 9.0 * coalesce(t.dividends_paid, 0)
            + 10.0 * coalesce(t.share_repurchases, 0)) AS values_differ
    FROM loader_cash_flow_provenance AS p
    LEFT JOIN cash_flow_statements AS t ON t.stock_id = p.stock_id AND t.period = p.period AND t.end_date = p.end_date
    UNION ALL
    SELECT 'cashflow', t.stock_id, t.period, t.end_date, 0, 1, 0, 0
    FROM cash_flow_statements AS t
    LEFT JOIN loader_cash_flow_provenance AS p ON p.stock_id = t.stock_id AND p.period = t.period AND p.end_date = t.end_date
    WHERE p.id IS NULL AND t.stock_id IN (SELECT stock_id FROM loaded)
)
SELECT s.symbol, c.stock_id, c.statement, c.period, c.end_date, c.statement_is_missing, c.provenance_is_missing, c.lines_without, c.values_differ
FROM checked AS c
LEFT JOIN stocks AS s ON s.id = c.stock_id
WHERE c.statement_is_missing OR c.provenance_is_missing OR c.lines_without > 0 OR c.values_differ
ORDER BY s.symbol, c.statement, c.end_date, c.period;
