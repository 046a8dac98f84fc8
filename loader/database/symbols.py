"""Symbols across their spellings, and membership across its."""

from __future__ import annotations

from typing import Final

_SEPARATORS: Final = str.maketrans(dict.fromkeys("./ _", "-"))

#: Whether a row of stocks is a member of the index: applications keep 1, '1', 'true' or 'TRUE', as text even in a BOOLEAN column.
IS_MEMBER: Final = """
    CASE WHEN typeof(is_sp500) IN ('integer', 'real') THEN is_sp500 <> 0
         ELSE lower(trim(coalesce(is_sp500, ''))) IN ('1', 'true', 't', 'yes', 'y') END"""


def symbol_key(symbol: str) -> str:
    """The spelling by which symbols are matched: BRK.B, brk-b, BRK/B and 'BRK B' are one."""
    return symbol.strip().upper().translate(_SEPARATORS)
