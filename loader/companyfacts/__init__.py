"""Bytes of one companyfacts document to one Arrow record batch of facts.

    flatten(data, cik, wanted)
      1. decode   typed, by `_document`: a document with nothing unusual in it is accepted here
      2. examine  only where step 1 found something unusual: `_examine` reads everything, accepts, or says what is wrong and where
      3. columns  by `_columns`, for the facts of wanted concepts: rows that cannot be used are set aside, each for one reason

The verdict on a document is the same whatever its concepts are called and whichever are wanted: only the third step knows.
"""

from loader.companyfacts._columns import FACT_SCHEMA, SET_ASIDE_REASONS
from loader.companyfacts._flatten import Flattened, flatten

__all__ = ["FACT_SCHEMA", "SET_ASIDE_REASONS", "Flattened", "flatten"]
