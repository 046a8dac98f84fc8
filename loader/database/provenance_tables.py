"""The tables that say where values come from, by their names. What their numbers mean is told in `provenance`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from loader.reference import Statement

#: The table of each statement's provenance.
PROVENANCE_TABLES: Final[Mapping[Statement, str]] = {
    "income": "loader_income_provenance",
    "balance": "loader_balance_provenance",
    "cashflow": "loader_cash_flow_provenance",
}
OTHER_FILINGS: Final = "loader_other_filings"
RAW_VALUES: Final = "loader_raw_values"

#: A filing's number times this, plus a series: the views take them apart.
FILING: Final = 1 << 20
