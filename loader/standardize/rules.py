"""Which statements are wanted of the same facts, and by which edition of the rules they are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

#: Raised with every change that can change a number, so that a resumed run redoes what older rules loaded.
RULES_VERSION: Final = 5


@dataclass(frozen=True, slots=True)
class Rules:
    """Which statements are wanted of the same facts.

    Attributes:
        vintage: ``latest`` for the last word of the periodic filings on each period, ``original`` for the first.
        as_of: leave out every fact filed after this day; None for all.
    """

    vintage: Literal["latest", "original"] = "latest"
    as_of: date | None = None
