"""Who is in the corpus: the index members under synthetic names and numbers, then invented companies.

Symbols and sectors come from the offline list of pytickersymbols. Its names are not used: one of them belongs to another
company, and a synthetic company must not carry a real name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from pytickersymbols import PyTickerSymbols

from loader.reference.synthetic import FIRST_SYNTHETIC_CIK

#: Two share classes of one company: the first is the one that the company is named for.
DUAL_CLASSES: Final = (("GOOGL", "GOOG"), ("FOXA", "FOX"), ("NWSA", "NWS"))
#: Companies that come first, in this order; the others follow by symbol.
FIRST: Final = ("AAPL", "MSFT", "GOOGL", "AMZN", "NVDA")
FIRST_CIK: Final = FIRST_SYNTHETIC_CIK
SECTORS: Final = (
    "Communication Services",
    "Consumer Discretionary",
    "Consumer Staples",
    "Energy",
    "Financials",
    "Health Care",
    "Industrials",
    "Information Technology",
    "Materials",
    "Real Estate",
    "Utilities",
)
#: Words in the list's free-form industries, and the sector they stand for.
_SECTOR_WORDS: Final = (
    ("Bank", "Financials"),
    ("Insur", "Financials"),
    ("Financ", "Financials"),
    ("REIT", "Real Estate"),
    ("Real Estate", "Real Estate"),
    ("tilit", "Utilities"),
    ("Energy", "Energy"),
    ("Oil", "Energy"),
    ("Bio", "Health Care"),
    ("Health", "Health Care"),
    ("Medical", "Health Care"),
    ("Pharma", "Health Care"),
    ("Material", "Materials"),
    ("Chemical", "Materials"),
    ("Software", "Information Technology"),
    ("Technology", "Information Technology"),
    ("Semiconductor", "Information Technology"),
    ("Non-Cyclical", "Consumer Staples"),
    ("Food", "Consumer Staples"),
    ("Cyclical", "Consumer Discretionary"),
    ("Retail", "Consumer Discretionary"),
    ("Auto", "Consumer Discretionary"),
    ("Media", "Communication Services"),
    ("Broadcast", "Communication Services"),
    ("Telecom", "Communication Services"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """One company of the corpus.

    Attributes:
        index: its place in the corpus, from 0; all its properties follow from it and the seed.
        cik: its synthetic number.
        symbols: one symbol, or two for two share classes.
        sector: one of SECTORS.
        insurer: whether the list calls it an insurer.
    """

    index: int
    cik: int
    symbols: tuple[str, ...]
    sector: str
    insurer: bool = False

    @property
    def name(self) -> str:
        """The entity's name, which says that it is synthetic."""
        return f"{self.symbols[0]} Synthetic Holdings"


def _sector(industries: list[str]) -> str:
    for industry in industries:
        if industry in SECTORS:
            return industry
    for industry in industries:
        for word, sector in _SECTOR_WORDS:
            if word in industry:
                return sector
    return "Industrials"


@cache
def _index_members() -> tuple[Member, ...]:
    industries = {row["symbol"]: list(row["industries"]) for row in PyTickerSymbols().get_stocks_by_index("S&P 500")}
    second = {other: first for first, other in DUAL_CLASSES}
    classes = {first: (first, other) for first, other in DUAL_CLASSES if other in industries}
    companies = sorted(symbol for symbol in industries if second.get(symbol) not in industries)
    ordered = [symbol for symbol in FIRST if symbol in industries] + [symbol for symbol in companies if symbol not in FIRST]
    return tuple(
        Member(
            index,
            FIRST_CIK + index,
            classes.get(symbol, (symbol,)),
            _sector(industries[symbol]),
            any("nsurance" in industry for industry in industries[symbol]),
        )
        for index, symbol in enumerate(ordered)
    )


def members(count: int) -> list[Member]:
    """The first `count` companies: index members by priority and symbol, then invented ones (SYN0001 and so on)."""
    listed = list(_index_members()[:count])
    for index in range(len(listed), count):
        number = index - len(_index_members()) + 1
        listed.append(Member(index, FIRST_CIK + index, (f"SYN{number:04d}",), SECTORS[index % len(SECTORS)]))
    return listed
