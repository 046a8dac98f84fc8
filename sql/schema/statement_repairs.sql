-- Repairs: the values that differ from what was filed, with the value as filed and why: scale, sign, tax sign, split.
CREATE VIEW statement_repairs AS
SELECT o.stock_id, o.statement, o.line, o.period, o.year, o.end_date, n.repair, o.raw_value, o.value
FROM (
    SELECT p.stock_id, l.statement, l.line, p.period, p.year, p.end_date, r.raw_value,
        CASE l.line
            WHEN 'revenue' THEN t.revenue
            WHEN 'cost_of_revenue' THEN t.cost_of_revenue
            WHEN 'gross_profit' THEN t.gross_profit
            WHEN 'research_and_development' THEN t.research_and_development
            WHEN 'selling_general_admin' THEN t.selling_general_admin
            WHEN 'operating_expenses' THEN t.operating_expenses
            WHEN 'operating_income' THEN t.operating_income
            WHEN 'interest_expense' THEN t.interest_expense
            WHEN 'pretax_income' THEN t.pretax_income
            WHEN 'income_tax' THEN t.income_tax
            WHEN 'net_income' THEN t.net_income
            WHEN 'net_income_incl_nci' THEN t.net_income_incl_nci
            WHEN 'net_income_common' THEN t.net_income_common
            WHEN 'eps_basic' THEN t.eps_basic
            WHEN 'eps_diluted' THEN t.eps_diluted
            WHEN 'shares_basic' THEN t.shares_basic
            WHEN 'shares_diluted' THEN t.shares_diluted
            WHEN 'dividends_per_share' THEN t.dividends_per_share
            WHEN 'net_interest_income' THEN t.net_interest_income
            WHEN 'noninterest_income' THEN t.noninterest_income
            WHEN 'provision_for_credit_losses' THEN t.provision_for_credit_losses
            WHEN 'premiums_earned' THEN t.premiums_earned
            WHEN 'benefits_and_expenses' THEN p.benefits_and_expenses_value
            WHEN 'cost_of_goods' THEN p.cost_of_goods_value
            WHEN 'cost_of_services' THEN p.cost_of_services_value
            WHEN 'discontinued_operations' THEN p.discontinued_operations_value
            WHEN 'ebitda' THEN p.ebitda_value
            WHEN 'other_income' THEN p.other_income_value
            WHEN 'gain_on_dispositions' THEN p.gain_on_dispositions_value
            WHEN 'equity_method_income' THEN p.equity_method_income_value
            WHEN 'general_and_administrative' THEN p.general_and_administrative_value
            WHEN 'interest_and_dividend_income' THEN p.interest_and_dividend_income_value
            WHEN 'lease_income' THEN p.lease_income_value
            WHEN 'net_income_continuing' THEN p.net_income_continuing_value
            WHEN 'net_income_nci' THEN p.net_income_nci_value
            WHEN 'net_interest_income_after_provision' THEN p.net_interest_income_after_provision_value
            WHEN 'net_investment_income' THEN p.net_investment_income_value
            WHEN 'noninterest_expense' THEN p.noninterest_expense_value
            WHEN 'policyholder_benefits' THEN p.policyholder_benefits_value
            WHEN 'preferred_dividends' THEN p.preferred_dividends_value
            WHEN 'pretax_income_domestic' THEN p.pretax_income_domestic_value
            WHEN 'pretax_income_foreign' THEN p.pretax_income_foreign_value
            WHEN 'revenue_goods' THEN p.revenue_goods_value
            WHEN 'revenue_services' THEN p.revenue_services_value
            WHEN 'selling_and_marketing' THEN p.selling_and_marketing_value
            WHEN 'total_costs_and_expenses' THEN p.total_costs_and_expenses_value
            WHEN 'utility_revenue' THEN p.utility_revenue_value
        END AS value,
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
            WHEN 'benefits_and_expenses' THEN p.benefits_and_expenses
            WHEN 'cost_of_goods' THEN p.cost_of_goods
            WHEN 'cost_of_services' THEN p.cost_of_services
            WHEN 'discontinued_operations' THEN p.discontinued_operations
            WHEN 'ebitda' THEN p.ebitda
            WHEN 'other_income' THEN p.other_income
            WHEN 'gain_on_dispositions' THEN p.gain_on_dispositions
            WHEN 'equity_method_income' THEN p.equity_method_income
            WHEN 'general_and_administrative' THEN p.general_and_administrative
            WHEN 'interest_and_dividend_income' THEN p.interest_and_dividend_income
            WHEN 'lease_income' THEN p.lease_income
            WHEN 'net_income_continuing' THEN p.net_income_continuing
            WHEN 'net_income_nci' THEN p.net_income_nci
            WHEN 'net_interest_income_after_provision' THEN p.net_interest_income_after_provision
            WHEN 'net_investment_income' THEN p.net_investment_income
            WHEN 'noninterest_expense' THEN p.noninterest_expense
            WHEN 'policyholder_benefits' THEN p.policyholder_benefits
            WHEN 'preferred_dividends' THEN p.preferred_dividends
            WHEN 'pretax_income_domestic' THEN p.pretax_income_domestic
            WHEN 'pretax_income_foreign' THEN p.pretax_income_foreign
            WHEN 'revenue_goods' THEN p.revenue_goods
            WHEN 'revenue_services' THEN p.revenue_services
            WHEN 'selling_and_marketing' THEN p.selling_and_marketing
            WHEN 'total_costs_and_expenses' THEN p.total_costs_and_expenses
            WHEN 'utility_revenue' THEN p.utility_revenue
        END AS origin
    FROM loader_raw_values AS r
    -- CROSS: from the few raw values to their statements
    CROSS JOIN loader_lines AS l
    CROSS JOIN loader_income_provenance AS p
    LEFT JOIN income_statements AS t ON t.stock_id = p.stock_id AND t.period = p.period AND t.end_date = p.end_date
    WHERE l.statement = 'income' AND l.id = r.line_id AND p.stock_id = r.stock_id AND p.period = r.period AND p.end_date = r.end_date
) AS o
INNER JOIN loader_series AS x ON x.id = (o.origin & 1048575)
INNER JOIN loader_repairs AS n ON n.id = x.repair_id
UNION ALL
SELECT o.stock_id, o.statement, o.line, o.period, o.year, o.end_date, n.repair, o.raw_value, o.value
FROM (
    SELECT p.stock_id, l.statement, l.line, p.period, p.year, p.end_date, r.raw_value,
        CASE l.line
            WHEN 'total_assets' THEN t.total_assets
            WHEN 'current_assets' THEN t.current_assets
            WHEN 'cash_and_equivalents' THEN t.cash_and_equivalents
            WHEN 'short_term_investments' THEN t.short_term_investments
            WHEN 'receivables' THEN t.receivables
            WHEN 'inventory' THEN t.inventory
            WHEN 'ppe_net' THEN t.ppe_net
            WHEN 'goodwill' THEN t.goodwill
            WHEN 'intangible_assets' THEN t.intangible_assets
            WHEN 'total_liabilities' THEN t.total_liabilities
            WHEN 'current_liabilities' THEN t.current_liabilities
            WHEN 'accounts_payable' THEN t.accounts_payable
            WHEN 'short_term_debt' THEN t.short_term_debt
            WHEN 'long_term_debt' THEN t.long_term_debt
            WHEN 'total_debt' THEN t.total_debt
            WHEN 'total_equity' THEN t.total_equity
            WHEN 'total_equity_incl_nci' THEN t.total_equity_incl_nci
            WHEN 'noncontrolling_interest' THEN t.noncontrolling_interest
            WHEN 'retained_earnings' THEN t.retained_earnings
            WHEN 'shares_outstanding' THEN t.shares_outstanding
            WHEN 'accumulated_depreciation' THEN p.accumulated_depreciation_value
            WHEN 'commitments_and_contingencies' THEN p.commitments_and_contingencies_value
            WHEN 'cover_shares' THEN p.cover_shares_value
            WHEN 'debt_current' THEN p.debt_current_value
            WHEN 'deferred_policy_acquisition_costs' THEN p.deferred_policy_acquisition_costs_value
            WHEN 'deposits' THEN p.deposits_value
            WHEN 'federal_funds_sold' THEN p.federal_funds_sold_value
            WHEN 'future_policy_benefits' THEN p.future_policy_benefits_value
            WHEN 'liabilities_and_equity' THEN p.liabilities_and_equity_value
            WHEN 'loans' THEN p.loans_value
            WHEN 'long_term_debt_current' THEN p.long_term_debt_current_value
            WHEN 'long_term_debt_total' THEN p.long_term_debt_total_value
            WHEN 'net_debt' THEN p.net_debt_value
            WHEN 'noncurrent_assets' THEN p.noncurrent_assets_value
            WHEN 'noncurrent_liabilities' THEN p.noncurrent_liabilities_value
            WHEN 'ppe_gross' THEN p.ppe_gross_value
            WHEN 'real_estate_investments' THEN p.real_estate_investments_value
            WHEN 'redeemable_noncontrolling_interest' THEN p.redeemable_noncontrolling_interest_value
            WHEN 'regulatory_assets' THEN p.regulatory_assets_value
            WHEN 'restricted_cash_total' THEN p.restricted_cash_total_value
            WHEN 'shares_issued' THEN p.shares_issued_value
            WHEN 'short_term_borrowings' THEN p.short_term_borrowings_value
            WHEN 'temporary_equity' THEN p.temporary_equity_value
            WHEN 'treasury_shares' THEN p.treasury_shares_value
            WHEN 'unearned_premiums' THEN p.unearned_premiums_value
            WHEN 'utility_plant' THEN p.utility_plant_value
            WHEN 'working_capital' THEN p.working_capital_value
        END AS value,
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
            WHEN 'accumulated_depreciation' THEN p.accumulated_depreciation
            WHEN 'commitments_and_contingencies' THEN p.commitments_and_contingencies
            WHEN 'cover_shares' THEN p.cover_shares
            WHEN 'debt_current' THEN p.debt_current
            WHEN 'deferred_policy_acquisition_costs' THEN p.deferred_policy_acquisition_costs
            WHEN 'deposits' THEN p.deposits
            WHEN 'federal_funds_sold' THEN p.federal_funds_sold
            WHEN 'future_policy_benefits' THEN p.future_policy_benefits
            WHEN 'liabilities_and_equity' THEN p.liabilities_and_equity
            WHEN 'loans' THEN p.loans
            WHEN 'long_term_debt_current' THEN p.long_term_debt_current
            WHEN 'long_term_debt_total' THEN p.long_term_debt_total
            WHEN 'net_debt' THEN p.net_debt
            WHEN 'noncurrent_assets' THEN p.noncurrent_assets
            WHEN 'noncurrent_liabilities' THEN p.noncurrent_liabilities
            WHEN 'ppe_gross' THEN p.ppe_gross
            WHEN 'real_estate_investments' THEN p.real_estate_investments
            WHEN 'redeemable_noncontrolling_interest' THEN p.redeemable_noncontrolling_interest
            WHEN 'regulatory_assets' THEN p.regulatory_assets
            WHEN 'restricted_cash_total' THEN p.restricted_cash_total
            WHEN 'shares_issued' THEN p.shares_issued
            WHEN 'short_term_borrowings' THEN p.short_term_borrowings
            WHEN 'temporary_equity' THEN p.temporary_equity
            WHEN 'treasury_shares' THEN p.treasury_shares
            WHEN 'unearned_premiums' THEN p.unearned_premiums
            WHEN 'utility_plant' THEN p.utility_plant
            WHEN 'working_capital' THEN p.working_capital
        END AS origin
    FROM loader_raw_values AS r
    -- CROSS: from the few raw values to their statements
    CROSS JOIN loader_lines AS l
    CROSS JOIN loader_balance_provenance AS p
    LEFT JOIN balance_sheets AS t ON t.stock_id = p.stock_id AND t.period = p.period AND t.end_date = p.end_date
    WHERE l.statement = 'balance' AND l.id = r.line_id AND p.stock_id = r.stock_id AND p.period = r.period AND p.end_date = r.end_date
) AS o
INNER JOIN loader_series AS x ON x.id = (o.origin & 1048575)
INNER JOIN loader_repairs AS n ON n.id = x.repair_id
UNION ALL
SELECT o.stock_id, o.statement, o.line, o.period, o.year, o.end_date, n.repair, o.raw_value, o.value
FROM (
    SELECT p.stock_id, l.statement, l.line, p.period, p.year, p.end_date, r.raw_value,
        CASE l.line
            WHEN 'operating_cash_flow' THEN t.operating_cash_flow
            WHEN 'investing_cash_flow' THEN t.investing_cash_flow
            WHEN 'financing_cash_flow' THEN t.financing_cash_flow
            WHEN 'net_change_in_cash' THEN t.net_change_in_cash
            WHEN 'capital_expenditures' THEN t.capital_expenditures
            WHEN 'free_cash_flow' THEN t.free_cash_flow
            WHEN 'depreciation_amortization' THEN t.depreciation_amortization
            WHEN 'stock_based_compensation' THEN t.stock_based_compensation
            WHEN 'dividends_paid' THEN t.dividends_paid
            WHEN 'share_repurchases' THEN t.share_repurchases
            WHEN 'amortization_of_intangibles' THEN p.amortization_of_intangibles_value
            WHEN 'depreciation' THEN p.depreciation_value
            WHEN 'effect_of_exchange_rates' THEN p.effect_of_exchange_rates_value
            WHEN 'financing_cash_flow_continuing' THEN p.financing_cash_flow_continuing_value
            WHEN 'financing_cash_flow_discontinued' THEN p.financing_cash_flow_discontinued_value
            WHEN 'investing_cash_flow_continuing' THEN p.investing_cash_flow_continuing_value
            WHEN 'investing_cash_flow_discontinued' THEN p.investing_cash_flow_discontinued_value
            WHEN 'net_change_in_cash_excl_fx' THEN p.net_change_in_cash_excl_fx_value
            WHEN 'operating_cash_flow_continuing' THEN p.operating_cash_flow_continuing_value
            WHEN 'operating_cash_flow_discontinued' THEN p.operating_cash_flow_discontinued_value
            WHEN 'other_depreciation_amortization' THEN p.other_depreciation_amortization_value
        END AS value,
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
            WHEN 'amortization_of_intangibles' THEN p.amortization_of_intangibles
            WHEN 'depreciation' THEN p.depreciation
            WHEN 'effect_of_exchange_rates' THEN p.effect_of_exchange_rates
            WHEN 'financing_cash_flow_continuing' THEN p.financing_cash_flow_continuing
            WHEN 'financing_cash_flow_discontinued' THEN p.financing_cash_flow_discontinued
            WHEN 'investing_cash_flow_continuing' THEN p.investing_cash_flow_continuing
            WHEN 'investing_cash_flow_discontinued' THEN p.investing_cash_flow_discontinued
            WHEN 'net_change_in_cash_excl_fx' THEN p.net_change_in_cash_excl_fx
            WHEN 'operating_cash_flow_continuing' THEN p.operating_cash_flow_continuing
            WHEN 'operating_cash_flow_discontinued' THEN p.operating_cash_flow_discontinued
            WHEN 'other_depreciation_amortization' THEN p.other_depreciation_amortization
        END AS origin
    FROM loader_raw_values AS r
    -- CROSS: from the few raw values to their statements
    CROSS JOIN loader_lines AS l
    CROSS JOIN loader_cash_flow_provenance AS p
    LEFT JOIN cash_flow_statements AS t ON t.stock_id = p.stock_id AND t.period = p.period AND t.end_date = p.end_date
    WHERE l.statement = 'cashflow' AND l.id = r.line_id AND p.stock_id = r.stock_id AND p.period = r.period AND p.end_date = r.end_date
) AS o
INNER JOIN loader_series AS x ON x.id = (o.origin & 1048575)
INNER JOIN loader_repairs AS n ON n.id = x.repair_id;
