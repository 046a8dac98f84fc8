-- No row points at something that is not there.
-- severity: error
-- Statements and their provenance at their stock, series at their names, tasks at their run. Foreign keys are not enforced while DuckDB writes, so this
-- is looked at afterwards. One row for each missing target, with the number of rows that point at it.
SELECT 'income_statements' AS table_name, 'stock_id' AS column_name, stock_id AS missing, count(*) AS row_count
FROM income_statements WHERE stock_id NOT IN (SELECT id FROM stocks) GROUP BY stock_id
UNION ALL
SELECT 'balance_sheets', 'stock_id', stock_id, count(*)
FROM balance_sheets WHERE stock_id NOT IN (SELECT id FROM stocks) GROUP BY stock_id
UNION ALL
SELECT 'cash_flow_statements', 'stock_id', stock_id, count(*)
FROM cash_flow_statements WHERE stock_id NOT IN (SELECT id FROM stocks) GROUP BY stock_id
UNION ALL
SELECT 'cik_mappings_sp500', 'stock_id', stock_id, count(*)
FROM cik_mappings_sp500 WHERE stock_id NOT IN (SELECT id FROM stocks) GROUP BY stock_id
UNION ALL
SELECT 'extraction_tasks', 'run_id', run_id, count(*)
FROM extraction_tasks WHERE run_id NOT IN (SELECT id FROM extraction_runs) GROUP BY run_id
UNION ALL
SELECT 'loader_income_provenance', 'stock_id', stock_id, count(*)
FROM loader_income_provenance WHERE stock_id NOT IN (SELECT id FROM stocks) GROUP BY stock_id
UNION ALL
SELECT 'loader_balance_provenance', 'stock_id', stock_id, count(*)
FROM loader_balance_provenance WHERE stock_id NOT IN (SELECT id FROM stocks) GROUP BY stock_id
UNION ALL
SELECT 'loader_cash_flow_provenance', 'stock_id', stock_id, count(*)
FROM loader_cash_flow_provenance WHERE stock_id NOT IN (SELECT id FROM stocks) GROUP BY stock_id
UNION ALL
SELECT 'loader_raw_values', 'line_id', line_id, count(*)
FROM loader_raw_values WHERE line_id NOT IN (SELECT id FROM loader_lines) GROUP BY line_id
UNION ALL
-- The filings of a stock are numbered from 1 on, so the highest number that a line has must be there.
SELECT 'loader_other_filings', 'number', n.number, count(*)
FROM (
    SELECT p.stock_id, max(max(coalesce(p.revenue >> 20, 0), coalesce(p.cost_of_revenue >> 20, 0), coalesce(p.gross_profit >> 20, 0), coalesce(p.research_and_development >> 20, 0), coalesce(p.selling_general_admin >> 20, 0), coalesce(p.operating_expenses >> 20, 0), coalesce(p.operating_income >> 20, 0), coalesce(p.interest_expense >> 20, 0), coalesce(p.pretax_income >> 20, 0), coalesce(p.income_tax >> 20, 0), coalesce(p.net_income >> 20, 0), coalesce(p.net_income_incl_nci >> 20, 0), coalesce(p.net_income_common >> 20, 0), coalesce(p.eps_basic >> 20, 0), coalesce(p.eps_diluted >> 20, 0), coalesce(p.shares_basic >> 20, 0), coalesce(p.shares_diluted >> 20, 0), coalesce(p.dividends_per_share >> 20, 0), coalesce(p.net_interest_income >> 20, 0), coalesce(p.noninterest_income >> 20, 0), coalesce(p.provision_for_credit_losses >> 20, 0), coalesce(p.premiums_earned >> 20, 0), coalesce(p.benefits_and_expenses >> 20, 0), coalesce(p.cost_of_goods >> 20, 0), coalesce(p.cost_of_services >> 20, 0), coalesce(p.discontinued_operations >> 20, 0), coalesce(p.ebitda >> 20, 0), coalesce(p.other_income >> 20, 0), coalesce(p.gain_on_dispositions >> 20, 0), coalesce(p.equity_method_income >> 20, 0), coalesce(p.general_and_administrative >> 20, 0), coalesce(p.interest_and_dividend_income >> 20, 0), coalesce(p.lease_income >> 20, 0), coalesce(p.net_income_continuing >> 20, 0), coalesce(p.net_income_nci >> 20, 0), coalesce(p.net_interest_income_after_provision >> 20, 0), coalesce(p.net_investment_income >> 20, 0), coalesce(p.noninterest_expense >> 20, 0), coalesce(p.policyholder_benefits >> 20, 0), coalesce(p.preferred_dividends >> 20, 0), coalesce(p.pretax_income_domestic >> 20, 0), coalesce(p.pretax_income_foreign >> 20, 0), coalesce(p.revenue_goods >> 20, 0), coalesce(p.revenue_services >> 20, 0), coalesce(p.selling_and_marketing >> 20, 0), coalesce(p.total_costs_and_expenses >> 20, 0), coalesce(p.utility_revenue >> 20, 0))) AS number
    FROM loader_income_provenance AS p GROUP BY p.stock_id
    UNION ALL
    SELECT p.stock_id, max(max(coalesce(p.total_assets >> 20, 0), coalesce(p.current_assets >> 20, 0), coalesce(p.cash_and_equivalents >> 20, 0), coalesce(p.short_term_investments >> 20, 0), coalesce(p.receivables >> 20, 0), coalesce(p.inventory >> 20, 0), coalesce(p.ppe_net >> 20, 0), coalesce(p.goodwill >> 20, 0), coalesce(p.intangible_assets >> 20, 0), coalesce(p.total_liabilities >> 20, 0), coalesce(p.current_liabilities >> 20, 0), coalesce(p.accounts_payable >> 20, 0), coalesce(p.short_term_debt >> 20, 0), coalesce(p.long_term_debt >> 20, 0), coalesce(p.total_debt >> 20, 0), coalesce(p.total_equity >> 20, 0), coalesce(p.total_equity_incl_nci >> 20, 0), coalesce(p.noncontrolling_interest >> 20, 0), coalesce(p.retained_earnings >> 20, 0), coalesce(p.shares_outstanding >> 20, 0), coalesce(p.accumulated_depreciation >> 20, 0), coalesce(p.commitments_and_contingencies >> 20, 0), coalesce(p.cover_shares >> 20, 0), coalesce(p.debt_current >> 20, 0), coalesce(p.deferred_policy_acquisition_costs >> 20, 0), coalesce(p.deposits >> 20, 0), coalesce(p.federal_funds_sold >> 20, 0), coalesce(p.future_policy_benefits >> 20, 0), coalesce(p.liabilities_and_equity >> 20, 0), coalesce(p.loans >> 20, 0), coalesce(p.long_term_debt_current >> 20, 0), coalesce(p.long_term_debt_total >> 20, 0), coalesce(p.net_debt >> 20, 0), coalesce(p.noncurrent_assets >> 20, 0), coalesce(p.noncurrent_liabilities >> 20, 0), coalesce(p.ppe_gross >> 20, 0), coalesce(p.real_estate_investments >> 20, 0), coalesce(p.redeemable_noncontrolling_interest >> 20, 0), coalesce(p.regulatory_assets >> 20, 0), coalesce(p.restricted_cash_total >> 20, 0), coalesce(p.shares_issued >> 20, 0), coalesce(p.short_term_borrowings >> 20, 0), coalesce(p.temporary_equity >> 20, 0), coalesce(p.treasury_shares >> 20, 0), coalesce(p.unearned_premiums >> 20, 0), coalesce(p.utility_plant >> 20, 0), coalesce(p.working_capital >> 20, 0))) AS number
    FROM loader_balance_provenance AS p GROUP BY p.stock_id
    UNION ALL
    SELECT p.stock_id, max(max(coalesce(p.operating_cash_flow >> 20, 0), coalesce(p.investing_cash_flow >> 20, 0), coalesce(p.financing_cash_flow >> 20, 0), coalesce(p.net_change_in_cash >> 20, 0), coalesce(p.capital_expenditures >> 20, 0), coalesce(p.free_cash_flow >> 20, 0), coalesce(p.depreciation_amortization >> 20, 0), coalesce(p.stock_based_compensation >> 20, 0), coalesce(p.dividends_paid >> 20, 0), coalesce(p.share_repurchases >> 20, 0), coalesce(p.amortization_of_intangibles >> 20, 0), coalesce(p.depreciation >> 20, 0), coalesce(p.effect_of_exchange_rates >> 20, 0), coalesce(p.financing_cash_flow_continuing >> 20, 0), coalesce(p.financing_cash_flow_discontinued >> 20, 0), coalesce(p.investing_cash_flow_continuing >> 20, 0), coalesce(p.investing_cash_flow_discontinued >> 20, 0), coalesce(p.net_change_in_cash_excl_fx >> 20, 0), coalesce(p.operating_cash_flow_continuing >> 20, 0), coalesce(p.operating_cash_flow_discontinued >> 20, 0), coalesce(p.other_depreciation_amortization >> 20, 0))) AS number
    FROM loader_cash_flow_provenance AS p GROUP BY p.stock_id
) AS n
WHERE n.number > 0 AND (n.stock_id, n.number) NOT IN (SELECT stock_id, number FROM loader_other_filings)
GROUP BY n.number
UNION ALL
SELECT 'loader_series', 'line_id', line_id, count(*)
FROM loader_series WHERE line_id NOT IN (SELECT id FROM loader_lines) GROUP BY line_id
UNION ALL
SELECT 'loader_series', 'unit_id', unit_id, count(*)
FROM loader_series WHERE unit_id IS NOT NULL AND unit_id NOT IN (SELECT id FROM loader_units) GROUP BY unit_id
UNION ALL
SELECT 'loader_series', 'concept_id', concept_id, count(*)
FROM loader_series WHERE concept_id IS NOT NULL AND concept_id NOT IN (SELECT id FROM loader_concepts) GROUP BY concept_id
UNION ALL
SELECT 'loader_series', 'method_id', method_id, count(*)
FROM loader_series WHERE method_id NOT IN (SELECT id FROM loader_methods) GROUP BY method_id;
