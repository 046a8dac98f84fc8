"""How an invented company is told from a real one: by its CIK."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

#: The first CIK of invented companies. The SEC's own numbers are far below, so that no file can be taken for a real company's.
FIRST_SYNTHETIC_CIK: Final = 9_000_001


def is_synthetic(cik: int) -> bool:
    """Whether this is an invented company."""
    return cik >= FIRST_SYNTHETIC_CIK


def any_synthetic(ciks: Iterable[int]) -> bool:
    """Whether an invented company is among these."""
    return any(map(is_synthetic, ciks))
