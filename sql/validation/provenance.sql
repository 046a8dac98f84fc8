-- Every statement value has its item, and the same value.
-- severity: error
-- And every item of a contract line stands in its table. Both sides are counted and summed up to a whole number for each statement (the
-- value in ten-thousandths, its remainder by a prime, times the id of its line), which is exact and saves a join of millions of rows.
-- Stocks that the loader never loaded are the application's own. One row for each statement whose values and items differ; compare the two
-- for that company, period and date to see which line.
WITH loaded AS (
    SELECT stock_id FROM cik_mappings_sp500 WHERE cik IN (SELECT cik FROM loader_companies)
    UNION
    SELECT stock_id FROM loader_items
),
columns(statement, line) AS (
    VALUES
        ('income', 'revenue'), ('income', 'cost_of_revenue'), ('income', 'gross_profit'), ('income', 'research_and_development'),
        ('income', 'selling_general_admin'), ('income', 'operating_expenses'), ('income', 'operating_income'),
        ('income', 'interest_expense'), ('income', 'pretax_income'), ('income', 'income_tax'), ('income', 'net_income'),
        ('income', 'net_income_incl_nci'), ('income', 'net_income_common'), ('income', 'eps_basic'), ('income', 'eps_diluted'),
        ('income', 'shares_basic'), ('income', 'shares_diluted'), ('income', 'dividends_per_share'), ('income', 'net_interest_income'),
        ('income', 'noninterest_income'), ('income', 'provision_for_credit_losses'), ('income', 'premiums_earned'),
        ('balance', 'total_assets'), ('balance', 'current_assets'), ('balance', 'cash_and_equivalents'),
        ('balance', 'short_term_investments'), ('balance', 'receivables'), ('balance', 'inventory'), ('balance', 'ppe_net'),
        ('balance', 'goodwill'), ('balance', 'intangible_assets'), ('balance', 'total_liabilities'), ('balance', 'current_liabilities'),
        ('balance', 'accounts_payable'), ('balance', 'short_term_debt'), ('balance', 'long_term_debt'), ('balance', 'total_debt'),
        ('balance', 'total_equity'), ('balance', 'total_equity_incl_nci'), ('balance', 'noncontrolling_interest'),
        ('balance', 'retained_earnings'), ('balance', 'shares_outstanding'), ('cashflow', 'operating_cash_flow'),
        ('cashflow', 'investing_cash_flow'), ('cashflow', 'financing_cash_flow'), ('cashflow', 'net_change_in_cash'),
        ('cashflow', 'capital_expenditures'), ('cashflow', 'free_cash_flow'), ('cashflow', 'depreciation_amortization'),
        ('cashflow', 'stock_based_compensation'), ('cashflow', 'dividends_paid'), ('cashflow', 'share_repurchases')
),
items AS (
    -- One whole number names stock, statement, period and day: grouping by it takes half the time of grouping by four columns.
    SELECT ((i.stock_id * 4 + CASE l.statement WHEN 'income' THEN 1 WHEN 'balance' THEN 2 ELSE 3 END) * 64 + i.period_id) * 1048576 + i.end_day AS place,
        count(*) AS n,
        sum(CAST(i.value * 10000 AS INTEGER) % 1000003 * x.line_id) AS checksum
    FROM loader_items AS i
    -- CROSS: another order would scan the items once for every series or line
    CROSS JOIN loader_series AS x ON x.id = i.series_id
    CROSS JOIN loader_lines AS l ON l.id = x.line_id
    WHERE i.series_id IN (
        SELECT loader_series.id FROM loader_series JOIN loader_lines ON loader_lines.id = line_id
        WHERE (statement, line) IN (SELECT statement, line FROM columns)
    )
    GROUP BY place
),
cells(stock_id, statement, period, end_day, n, checksum) AS (
    SELECT stock_id, 1, period, CAST(julianday(end_date) - 2440587.5 AS INTEGER),
        (revenue IS NOT NULL) + (cost_of_revenue IS NOT NULL) + (gross_profit IS NOT NULL) + (research_and_development IS NOT NULL)
        + (selling_general_admin IS NOT NULL) + (operating_expenses IS NOT NULL) + (operating_income IS NOT NULL)
        + (interest_expense IS NOT NULL) + (pretax_income IS NOT NULL) + (income_tax IS NOT NULL) + (net_income IS NOT NULL)
        + (net_income_incl_nci IS NOT NULL) + (net_income_common IS NOT NULL) + (eps_basic IS NOT NULL) + (eps_diluted IS NOT NULL)
        + (shares_basic IS NOT NULL) + (shares_diluted IS NOT NULL) + (dividends_per_share IS NOT NULL) + (net_interest_income IS NOT NULL)
        + (noninterest_income IS NOT NULL) + (provision_for_credit_losses IS NOT NULL) + (premiums_earned IS NOT NULL),
        coalesce(CAST(revenue * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'revenue'), 0)
        + coalesce(CAST(cost_of_revenue * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'cost_of_revenue'), 0)
        + coalesce(CAST(gross_profit * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'gross_profit'), 0)
        + coalesce(CAST(research_and_development * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'research_and_development'), 0)
        + coalesce(CAST(selling_general_admin * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'selling_general_admin'), 0)
        + coalesce(CAST(operating_expenses * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'operating_expenses'), 0)
        + coalesce(CAST(operating_income * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'operating_income'), 0)
        + coalesce(CAST(interest_expense * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'interest_expense'), 0)
        + coalesce(CAST(pretax_income * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'pretax_income'), 0)
        + coalesce(CAST(income_tax * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'income_tax'), 0)
        + coalesce(CAST(net_income * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'net_income'), 0)
        + coalesce(CAST(net_income_incl_nci * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'net_income_incl_nci'), 0)
        + coalesce(CAST(net_income_common * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'net_income_common'), 0)
        + coalesce(CAST(eps_basic * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'eps_basic'), 0)
        + coalesce(CAST(eps_diluted * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'eps_diluted'), 0)
        + coalesce(CAST(shares_basic * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'shares_basic'), 0)
        + coalesce(CAST(shares_diluted * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'shares_diluted'), 0)
        + coalesce(CAST(dividends_per_share * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'dividends_per_share'), 0)
        + coalesce(CAST(net_interest_income * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'net_interest_income'), 0)
        + coalesce(CAST(noninterest_income * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'noninterest_income'), 0)
        + coalesce(CAST(provision_for_credit_losses * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'provision_for_credit_losses'), 0)
        + coalesce(CAST(premiums_earned * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'income' AND line = 'premiums_earned'), 0)
    FROM income_statements
    WHERE stock_id IN (SELECT stock_id FROM loaded)
    UNION ALL
    SELECT stock_id, 2, period, CAST(julianday(end_date) - 2440587.5 AS INTEGER),
        (total_assets IS NOT NULL) + (current_assets IS NOT NULL) + (cash_and_equivalents IS NOT NULL)
        + (short_term_investments IS NOT NULL) + (receivables IS NOT NULL) + (inventory IS NOT NULL) + (ppe_net IS NOT NULL)
        + (goodwill IS NOT NULL) + (intangible_assets IS NOT NULL) + (total_liabilities IS NOT NULL) + (current_liabilities IS NOT NULL)
        + (accounts_payable IS NOT NULL) + (short_term_debt IS NOT NULL) + (long_term_debt IS NOT NULL) + (total_debt IS NOT NULL)
        + (total_equity IS NOT NULL) + (total_equity_incl_nci IS NOT NULL) + (noncontrolling_interest IS NOT NULL)
        + (retained_earnings IS NOT NULL) + (shares_outstanding IS NOT NULL),
        coalesce(CAST(total_assets * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'total_assets'), 0)
        + coalesce(CAST(current_assets * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'current_assets'), 0)
        + coalesce(CAST(cash_and_equivalents * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'cash_and_equivalents'), 0)
        + coalesce(CAST(short_term_investments * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'short_term_investments'), 0)
        + coalesce(CAST(receivables * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'receivables'), 0)
        + coalesce(CAST(inventory * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'inventory'), 0)
        + coalesce(CAST(ppe_net * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'ppe_net'), 0)
        + coalesce(CAST(goodwill * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'goodwill'), 0)
        + coalesce(CAST(intangible_assets * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'intangible_assets'), 0)
        + coalesce(CAST(total_liabilities * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'total_liabilities'), 0)
        + coalesce(CAST(current_liabilities * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'current_liabilities'), 0)
        + coalesce(CAST(accounts_payable * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'accounts_payable'), 0)
        + coalesce(CAST(short_term_debt * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'short_term_debt'), 0)
        + coalesce(CAST(long_term_debt * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'long_term_debt'), 0)
        + coalesce(CAST(total_debt * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'total_debt'), 0)
        + coalesce(CAST(total_equity * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'total_equity'), 0)
        + coalesce(CAST(total_equity_incl_nci * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'total_equity_incl_nci'), 0)
        + coalesce(CAST(noncontrolling_interest * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'noncontrolling_interest'), 0)
        + coalesce(CAST(retained_earnings * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'retained_earnings'), 0)
        + coalesce(CAST(shares_outstanding * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'balance' AND line = 'shares_outstanding'), 0)
    FROM balance_sheets
    WHERE stock_id IN (SELECT stock_id FROM loaded)
    UNION ALL
    SELECT stock_id, 3, period, CAST(julianday(end_date) - 2440587.5 AS INTEGER),
        (operating_cash_flow IS NOT NULL) + (investing_cash_flow IS NOT NULL) + (financing_cash_flow IS NOT NULL)
        + (net_change_in_cash IS NOT NULL) + (capital_expenditures IS NOT NULL) + (free_cash_flow IS NOT NULL)
        + (depreciation_amortization IS NOT NULL) + (stock_based_compensation IS NOT NULL) + (dividends_paid IS NOT NULL)
        + (share_repurchases IS NOT NULL),
        coalesce(CAST(operating_cash_flow * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'cashflow' AND line = 'operating_cash_flow'), 0)
        + coalesce(CAST(investing_cash_flow * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'cashflow' AND line = 'investing_cash_flow'), 0)
        + coalesce(CAST(financing_cash_flow * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'cashflow' AND line = 'financing_cash_flow'), 0)
        + coalesce(CAST(net_change_in_cash * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'cashflow' AND line = 'net_change_in_cash'), 0)
        + coalesce(CAST(capital_expenditures * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'cashflow' AND line = 'capital_expenditures'), 0)
        + coalesce(CAST(free_cash_flow * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'cashflow' AND line = 'free_cash_flow'), 0)
        + coalesce(CAST(depreciation_amortization * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'cashflow' AND line = 'depreciation_amortization'), 0)
        + coalesce(CAST(stock_based_compensation * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'cashflow' AND line = 'stock_based_compensation'), 0)
        + coalesce(CAST(dividends_paid * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'cashflow' AND line = 'dividends_paid'), 0)
        + coalesce(CAST(share_repurchases * 10000 AS INTEGER) % 1000003 * (SELECT id FROM loader_lines WHERE statement = 'cashflow' AND line = 'share_repurchases'), 0)
    FROM cash_flow_statements
    WHERE stock_id IN (SELECT stock_id FROM loaded)
),
sides(place, in_table, in_items, checksum) AS (
    SELECT ((c.stock_id * 4 + c.statement) * 64 + coalesce(p.id, 0)) * 1048576 + c.end_day, c.n, 0, c.checksum
    FROM cells AS c
    LEFT JOIN loader_periods AS p ON p.period = c.period
    UNION ALL
    SELECT place, 0, n, -checksum FROM items
),
differences AS (
    SELECT place, sum(in_table) AS in_table, sum(in_items) AS in_items
    FROM sides
    GROUP BY place
    HAVING sum(in_table) <> sum(in_items) OR sum(checksum) <> 0
)
SELECT s.symbol,
    CASE d.place / 67108864 % 4 WHEN 1 THEN 'income' WHEN 2 THEN 'balance' ELSE 'cashflow' END AS statement,
    p.period,
    date((d.place % 1048576) * 86400, 'unixepoch') AS end_date,
    d.in_table AS values_in_table,
    d.in_items AS items
FROM differences AS d
LEFT JOIN stocks AS s ON s.id = d.place / 268435456
LEFT JOIN loader_periods AS p ON p.id = d.place / 1048576 % 64
ORDER BY d.place;
