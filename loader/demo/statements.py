"""What a company stated: the facts of all its filings, and a ledger of what stands after the last of them.

The ledger holds, per item and span or day, the value that the last periodic report gave. It is what the truth is made from; proxy
statements, current reports, odd spans and foreign units never enter it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from loader.demo.concepts import PER_SHARE, SHARES
from loader.demo.economy import Economy, Values
from loader.demo.filings import Filing, Span
from loader.demo.profiles import Profile

Value = int | float

#: Counts on the balance sheet that a split changes; the number authorized stays.
COUNTED: Final = frozenset({"shares_outstanding", "shares_issued"})
#: What selected quarterly data consist of.
SELECTED_ITEMS: Final = ("revenue", "gross_profit", "net_income", "eps_basic", "eps_diluted")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: a value for a span, or for the day at the end of `last` when `first` is None."""

    first: int | None
    last: int
    value: Value
    filing: Filing


@dataclass(slots=True)
class Stated:
    """All that a company stated.

    Attributes:
        facts: per concept and unit the facts, in the order of filing.
        flows: per item and span the value of the last periodic report.
        instants: per item and day (the quarter that ends on it) the value of the last periodic report; at the end of a fiscal
            year that of the last annual report, if one states it, of which a quarterly report repeats a condensed form.
        of_annual_report: which of the instants are an annual report's.
    """

    facts: dict[tuple[str, str], list[Fact]] = field(default_factory=dict)
    flows: dict[tuple[str, Span], Value] = field(default_factory=dict)
    instants: dict[tuple[str, int], Value] = field(default_factory=dict)
    of_annual_report: set[tuple[str, int]] = field(default_factory=set)


def unit_of(item: str, currency: str) -> str:
    """The unit in which an item is stated."""
    if item in PER_SHARE:
        return f"{currency}/shares"
    return "shares" if item in SHARES else currency


def state_everything(profile: Profile, economy: Economy, filings: list[Filing]) -> Stated:
    """Let the company file its reports.

    Args:
        profile: what the company states, under which concepts.
        economy: what there is to state.
        filings: in the order of filing.
    """
    stated = Stated()
    for filing in filings:
        if filing.form == "DEF 14A":
            _state_pay_versus_performance(profile, economy, filing, stated)
        elif filing.periodic:
            _state_report(profile, economy, filing, stated)
        else:
            _state_preliminary(profile, economy, filing, stated)
    return stated


def _state_report(profile: Profile, economy: Economy, filing: Filing, stated: Stated) -> None:
    selected = [span for span in filing.selected if span not in filing.income]
    basis = profile.events.later_splits(filing.filed)
    for items, spans in (
        (profile.income_items, filing.income),
        ([item for item in SELECTED_ITEMS if item in profile.income_items], selected),
        (profile.cash_items, filing.cash),
    ):
        values = [(span, _on_basis(economy.span(*span, filing.first), basis, profile.events.share_unit)) for span in spans]
        for item in items:
            if _left_out(profile, item, filing):
                continue
            facts = _facts(profile, stated, item, filing)
            for span, totals in values:
                facts.append(Fact(span[0], span[1], totals[item], filing))
                stated.flows[item, span] = _on_last_basis(item, totals[item], basis)
    days = [(day, economy.balance(day, filing.first)) for day in filing.balance]
    for item in profile.balance_items:
        if not _left_out(profile, item, filing):
            _state_days(profile, stated, item, days, filing)
    extra = (("cash_and_equivalents", filing.cash_days), ("total_equity", filing.equity_days))
    for item, others in extra:
        _state_days(profile, stated, item, [(day, economy.balance(day, filing.first)) for day in others], filing)


def _left_out(profile: Profile, item: str, filing: Filing) -> bool:
    number = 3 if filing.fp == "FY" else filing.end - profile.calendar.years[filing.year].first
    return (item, filing.year, number) in profile.events.omitted


def _on_basis(totals: Values, basis: float, unit: int) -> Values:
    """Shares and amounts per share as they are filed when one share of that day has become `basis` shares since."""
    if basis == 1 and unit == 1:
        return totals
    filed = dict(totals)
    for kind in ("basic", "diluted"):
        shares = _count(totals[f"shares_{kind}"], basis, unit)
        filed[f"shares_{kind}"] = shares
        filed[f"eps_{kind}"] = round(totals["net_income_common"] / shares, 2)
    if basis != 1:
        filed["dividends_per_share"] = round(totals["dividends_per_share"] * basis, 4)
    return filed


def _count(shares: Value, basis: float, unit: int) -> int:
    return round(shares / basis / unit) * unit


def _on_last_basis(item: str, value: Value, basis: float) -> Value:
    if basis == 1:
        return value
    if item in SHARES:
        return value * basis
    return value / basis if item in PER_SHARE else value


def _state_days(profile: Profile, stated: Stated, item: str, days: list[tuple[int, dict[str, int]]], filing: Filing) -> None:
    facts = _facts(profile, stated, item, filing)
    basis = profile.events.later_splits(filing.filed) if item in COUNTED else 1
    year_ends = {year.last for year in profile.calendar.years if not year.transition}
    for day, balance in days:
        value = balance[item] if basis == 1 else _count(balance[item], basis, profile.events.share_unit)
        facts.append(Fact(None, day, value, filing))
        if filing.annual and day in year_ends:
            stated.of_annual_report.add((item, day))
        if filing.annual or (item, day) not in stated.of_annual_report:
            stated.instants[item, day] = _on_last_basis(item, value, basis)


def _facts(profile: Profile, stated: Stated, item: str, filing: Filing) -> list[Fact]:
    key = (profile.concept(item, filing.year), unit_of(item, profile.currency))
    return stated.facts.setdefault(key, [])


def _state_pay_versus_performance(profile: Profile, economy: Economy, filing: Filing, stated: Stated) -> None:
    """Net incomes rounded to millions, at some companies a thousand times too low: the last word on them, never the right one."""
    facts = _facts(profile, stated, "net_income", filing)
    for first, last in filing.income:
        rounded = round(economy.span(first, last, filing.first)["net_income"] / 1_000_000) * 1_000_000
        facts.append(Fact(first, last, rounded // profile.proxy, filing))


def _state_preliminary(profile: Profile, economy: Economy, filing: Filing, stated: Stated) -> None:
    facts = _facts(profile, stated, "net_income", filing)
    for first, last in filing.income:
        preliminary = economy.span(first, last, filing.first)["net_income"] + 3 * profile.unit
        facts.append(Fact(first, last, preliminary, filing))
