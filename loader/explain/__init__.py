"""Where a number comes from, and statements as they stood on another day: the source is read again for both.

The database keeps one vintage. What it does not keep (earlier filings of a fact, concepts that were not taken, statements as of
another day) is worked out anew from the company's file by `loader.standardize`; the stored value is the witness that the file
and the rules are still the ones that made it.
"""

from loader.explain.cell import explain
from loader.explain.model import Absence, Considered, Explanation, Filing, FormulaGap, Part, Presence, StatedFact, Value, Vintage
from loader.explain.reread import Reread, read_again
from loader.explain.table import StatementTable, statement_table

__all__ = [
    "Absence",
    "Considered",
    "Explanation",
    "Filing",
    "FormulaGap",
    "Part",
    "Presence",
    "Reread",
    "StatedFact",
    "StatementTable",
    "Value",
    "Vintage",
    "explain",
    "read_again",
    "statement_table",
]
