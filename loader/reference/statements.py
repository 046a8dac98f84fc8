"""The three statements of the contract: their tables and their lines, in the order of the columns."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

Statement = Literal["income", "balance", "cashflow"]

#: Flows of the income statement in units of the statement's currency; eps_* and dividends_per_share per share, shares_* in
#: shares.
INCOME_LINES: Final = (
    "revenue",
    "cost_of_revenue",
    "gross_profit",
    "research_and_development",
    "selling_general_admin",
    "operating_expenses",
    "operating_income",
    "interest_expense",
    "pretax_income",
    "income_tax",
    "net_income",
    "net_income_incl_nci",
    "net_income_common",
    "eps_basic",
    "eps_diluted",
    "shares_basic",
    "shares_diluted",
    "dividends_per_share",
    "net_interest_income",
    "noninterest_income",
    "provision_for_credit_losses",
    "premiums_earned",
)

#: Instants of the balance sheet in units of the statement's currency; shares_outstanding in shares.
BALANCE_LINES: Final = (
    "total_assets",
    "current_assets",
    "cash_and_equivalents",
    "short_term_investments",
    "receivables",
    "inventory",
    "ppe_net",
    "goodwill",
    "intangible_assets",
    "total_liabilities",
    "current_liabilities",
    "accounts_payable",
    "short_term_debt",
    "long_term_debt",
    "total_debt",
    "total_equity",
    "total_equity_incl_nci",
    "noncontrolling_interest",
    "retained_earnings",
    "shares_outstanding",
)

#: Flows of the cash-flow statement; capital_expenditures, dividends_paid and share_repurchases are positive outflows.
CASHFLOW_LINES: Final = (
    "operating_cash_flow",
    "investing_cash_flow",
    "financing_cash_flow",
    "net_change_in_cash",
    "capital_expenditures",
    "free_cash_flow",
    "depreciation_amortization",
    "stock_based_compensation",
    "dividends_paid",
    "share_repurchases",
)

LINES: Final[Mapping[Statement, tuple[str, ...]]] = MappingProxyType(
    {"income": INCOME_LINES, "balance": BALANCE_LINES, "cashflow": CASHFLOW_LINES},
)

STATEMENT_TABLES: Final[Mapping[Statement, str]] = MappingProxyType(
    {"income": "income_statements", "balance": "balance_sheets", "cashflow": "cash_flow_statements"},
)
