"""Facts in, statements out: pure functions over Polars frames, for a whole batch of companies at once.

No file, thread, clock or database is known here. The order of the work, each step a module of its own:

    runs        keys that stand together: numbers and orders of them
    facts       known concepts only (run per file, in the readers)
    spans       the different dates of the facts
    forms       the forms that carry statements
    calendars   the fiscal years of each company
    periods     each fact's place in them, from its dates
    repairs     scale, sign and split basis of what was filed
    vintages    which filing's word counts
    quarters    quarters and fourth quarters that nobody filed
    industries  what kind of company it is
    lines       which concept gives a line
    formulas    lines that follow from others
    per_share   fourth quarters of share counts and earnings per share
    trailing    trailing twelve months
    bridges     what a trailing year of year-to-date values is made of
    quality     checks of each statement, and the reason of each empty cell
    wide        values by line scattered into columns
    statements  rows of the three statements
"""

from loader.standardize.facts import (
    NOT_A_STATEMENT_CONCEPT,
    STATEMENT_FACTS,
    statement_batch,
    statement_concepts,
    statement_facts,
    statement_frame,
)
from loader.standardize.standardizer import RULES_VERSION, Rules, Workings, standardize, workings
from loader.standardize.statements import Statements, joined, unit_of

__all__ = [
    "NOT_A_STATEMENT_CONCEPT",
    "RULES_VERSION",
    "STATEMENT_FACTS",
    "Rules",
    "Statements",
    "Workings",
    "joined",
    "standardize",
    "statement_batch",
    "statement_concepts",
    "statement_facts",
    "statement_frame",
    "unit_of",
    "workings",
]
