"""The forms that carry a company's statements, amendments included.

Proxy statements (rounded, sometimes a thousandfold) and prospectuses do not.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

ANNUAL_FORMS: Final = ("10-K", "10-K/A", "10-K405", "10-KT", "10-KT/A", "20-F", "20-F/A", "40-F", "40-F/A")
#: Those of the annual forms that report a transition period.
TRANSITION_FORMS: Final = ("10-KT", "10-KT/A")
INTERIM_FORMS: Final = ("10-Q", "10-Q/A", "10-QT", "10-QT/A")
CURRENT_FORMS: Final = ("8-K", "8-K/A", "6-K", "6-K/A")
STATEMENT_FORMS: Final = (*ANNUAL_FORMS, *INTERIM_FORMS, *CURRENT_FORMS)

#: The kinds of forms, as `form_kinds` has them.
OTHER, ANNUAL, INTERIM, CURRENT = range(4)
_KINDS: Final = {
    **dict.fromkeys(ANNUAL_FORMS, ANNUAL),
    **dict.fromkeys(INTERIM_FORMS, INTERIM),
    **dict.fromkeys(CURRENT_FORMS, CURRENT),
}


def form_kinds(form: pl.Series) -> NDArray[np.uint8]:
    """The kind of each form: ANNUAL, INTERIM, CURRENT, or OTHER for what carries no statements.

    Args:
        form: the forms of facts, a column of categories.
    """
    code = form.to_physical().to_numpy()
    # A batch has a handful of forms: each is looked up once.
    some_row = np.full(code.max(initial=0) + 1, -1)
    some_row[code] = np.arange(len(code))
    codes = np.flatnonzero(some_row >= 0)
    kinds = np.full(len(some_row), OTHER, np.uint8)
    kinds[codes] = [_KINDS.get(name, OTHER) for name in form[some_row[codes]].cast(pl.String)]
    return kinds.take(code)
