"""Facts in, statements out: pure functions over Polars frames, for a whole batch of companies at once.

No file, thread, clock or database is known here. The order of the work, each step a module of its own:

    runs        keys that stand together: numbers and orders of them
    rules       which statements are wanted of the same facts
    known       known concepts only (run per file, in the readers)
    facts       the facts of some files as one frame
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

from __future__ import annotations

from typing import TYPE_CHECKING

from loader._lazy import at_first_use
from loader.standardize.rules import RULES_VERSION, Rules

if TYPE_CHECKING:
    from loader.standardize.facts import STATEMENT_FACTS, statement_facts, statement_frame
    from loader.standardize.known import NOT_A_STATEMENT_CONCEPT, statement_batch, statement_concepts
    from loader.standardize.standardizer import Draft, Workings, standardize, statements_of, workings
    from loader.standardize.statements import Statements, joined, unit_of
else:
    # A run that leaves every company alone does without Polars, and readers begin before it is there.
    __getattr__ = at_first_use(
        __name__,
        {
            **dict.fromkeys(("STATEMENT_FACTS", "statement_facts", "statement_frame"), "facts"),
            **dict.fromkeys(("NOT_A_STATEMENT_CONCEPT", "statement_batch", "statement_concepts"), "known"),
            **dict.fromkeys(("Draft", "Workings", "standardize", "statements_of", "workings"), "standardizer"),
            **dict.fromkeys(("Statements", "joined", "unit_of"), "statements"),
        },
    )

__all__ = [
    "NOT_A_STATEMENT_CONCEPT",
    "RULES_VERSION",
    "STATEMENT_FACTS",
    "Draft",
    "Rules",
    "Statements",
    "Workings",
    "joined",
    "standardize",
    "statement_batch",
    "statement_concepts",
    "statement_facts",
    "statement_frame",
    "statements_of",
    "unit_of",
    "workings",
]
