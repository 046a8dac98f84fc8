"""Reference knowledge: what the contract's lines are, which concepts give them, which companies come first. Data, not branches."""

from loader.reference.statements import BALANCE_LINES, CASHFLOW_LINES, INCOME_LINES, LINES, STATEMENT_TABLES, Statement

__all__ = ["BALANCE_LINES", "CASHFLOW_LINES", "INCOME_LINES", "LINES", "STATEMENT_TABLES", "Statement"]
