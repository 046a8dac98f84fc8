"""Bytes of one companyfacts document to one Arrow record batch of facts.

    flatten(data, cik, known)
      1. regular  a document in which every byte is as the SEC writes it: fields are taken by their positions, by `_regular` and
                  the compiled `_scan.c`; where that was not compiled, every document goes to step 2
      2. decode   any other, typed, by `_document`: a document with nothing unusual in it is accepted here
      3. examine  only where step 2 found something unusual: `_examine` reads everything, accepts, or says what is wrong and where
      4. columns  by `_columns` what steps 2 and 3 accept, by `_scan.c` what step 1 does; rows that cannot be used are set aside,
                  each for one reason

If concepts are given, only their facts become columns, with a number for each concept in place of its names (`_known`).

Each step proves what it accepts, facts that are not wanted included, and leaves the rest to the next. So the verdict on a
document is the same whatever its concepts are called and whichever are wanted.
"""

from loader.companyfacts._flatten import Flattened, flatten
from loader.companyfacts._known import KNOWN_SCHEMA, KnownConcepts
from loader.companyfacts._scan import is_compiled
from loader.companyfacts._schema import FACT_SCHEMA, SET_ASIDE_REASONS

__all__ = ["FACT_SCHEMA", "KNOWN_SCHEMA", "SET_ASIDE_REASONS", "Flattened", "KnownConcepts", "flatten", "is_compiled"]
