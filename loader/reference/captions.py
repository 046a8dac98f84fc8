"""The lines in words, as a table shows them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_CAPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "selling_general_admin": "Selling, general and admin.",
        "pretax_income": "Income before tax",
        "net_income_incl_nci": "Net income incl. minority interests",
        "net_income_common": "Net income to common",
        "net_income_nci": "Net income of minority interests",
        "eps_basic": "EPS, basic",
        "eps_diluted": "EPS, diluted",
        "shares_basic": "Shares, basic (average)",
        "shares_diluted": "Shares, diluted (average)",
        "noninterest_income": "Non-interest income",
        "ppe_net": "Property, plant and equipment",
        "total_equity": "Equity",
        "total_equity_incl_nci": "Equity incl. minority interests",
        "noncontrolling_interest": "Minority interests",
        "depreciation_amortization": "Depreciation and amortization",
        "cash_and_equivalents": "Cash and equivalents",
        "short_term_debt": "Short-term debt",
        "long_term_debt": "Long-term debt",
        "short_term_investments": "Short-term investments",
        "stock_based_compensation": "Stock-based compensation",
    },
)


def caption(line: str) -> str:
    """A line in words: ``cost_of_revenue`` -> Cost of revenue."""
    return _CAPTIONS.get(line) or line.replace("_", " ").capitalize()
