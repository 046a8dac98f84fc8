"""Reference knowledge, kept as data: the lines of the contract, the concepts that give them, the companies that come first."""

from loader.reference.statements import BALANCE_LINES, CASHFLOW_LINES, INCOME_LINES, LINES, STATEMENT_TABLES, Statement

__all__ = ["BALANCE_LINES", "CASHFLOW_LINES", "INCOME_LINES", "LINES", "STATEMENT_TABLES", "Statement"]
