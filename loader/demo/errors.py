"""Errors that filers make: numbers in thousands that are not, and signs turned round.

Each error can be proved by what else the company files, so that the truth stays what it was: the same fact stands correctly in
another report, or earnings per share give the share count away, or pretax income less net income the tax.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from loader.demo.filings import Filing
from loader.demo.profiles import Profile, random_source
from loader.demo.statements import COUNTED, Fact, Stated, Value, unit_of

_PAYMENTS: Final = ("capital_expenditures", "dividends_paid", "share_repurchases")
_AVERAGES: Final = ("shares_basic", "shares_diluted")
#: Items of which one amount is off by 1,000 in some report.
_MISSCALED: Final = ("selling_general_admin", "stock_based_compensation", "receivables", "goodwill", "total_assets", "revenue")
#: Earnings per share of less are too coarsely rounded to prove a share count within a hundredth.
_PROVING: Final = 0.75

Change = Callable[[Value], Value]


def make_errors(profile: Profile, stated: Stated, filings: list[Filing], seed: int) -> None:
    """Let the company make its errors, in place; the ledger of what it should have stated remains."""
    reports = [filing for filing in filings if filing.periodic and filing.form in ("10-Q", "10-K")]
    events = profile.events
    if events.share_scale is not None:
        _file_shares_in_thousands(profile, stated, reports)
    if events.money_scale:
        _misscale_amounts(profile, stated, seed)
    if events.negative_payments:
        _file_payments_as_negative(profile, stated)
    if events.tax_sign is not None:
        _turn_tax(profile, stated, reports)


def _facts_of(profile: Profile, stated: Stated, item: str) -> Iterable[list[Fact]]:
    """The facts of an item by concept."""
    for concept in dict.fromkeys(name for _, name in profile.concepts.get(item, ())):
        facts = stated.facts.get((concept, unit_of(item, profile.currency)))
        if facts is not None:
            yield facts


def _change(facts: list[Fact], wanted: Callable[[Fact], bool], change: Change) -> None:
    facts[:] = [replace(fact, value=change(fact.value)) if wanted(fact) else fact for fact in facts]


def _in_thousands(value: Value) -> Value:
    return int(value) // 1000


def _file_shares_in_thousands(profile: Profile, stated: Stated, reports: list[Filing]) -> None:
    """All average share counts of one report in thousands, and those of a day that another report on its basis proves."""
    number = profile.events.share_scale
    wanted = [filing for filing in reports if (3 if filing.fp == "FY" else int((filing.fp or "Q0")[1]) - 1) == number]
    proved = [filing for filing in wanted if _smallest_eps(profile, stated, filing) >= _PROVING]
    if not proved:
        return
    chosen = proved[-1]
    for item in _AVERAGES:
        for facts in _facts_of(profile, stated, item):
            _change(facts, lambda fact: fact.filing is chosen, _in_thousands)
    for item in COUNTED:
        for facts in _facts_of(profile, stated, item):
            right = {(fact.last, fact.value) for fact in facts if fact.filing is not chosen}
            wrong = [fact for fact in facts if fact.filing is chosen and (fact.last, fact.value) in right]
            _change(facts, wrong.__contains__, _in_thousands)


def _smallest_eps(profile: Profile, stated: Stated, filing: Filing) -> float:
    amounts = [
        abs(fact.value)
        for item in ("eps_basic", "eps_diluted")
        for facts in _facts_of(profile, stated, item)
        for fact in facts
        if fact.filing is filing
    ]
    return min(amounts, default=0)


def _misscale_amounts(profile: Profile, stated: Stated, seed: int) -> None:
    """Amounts 1,000 times too small or too large, each in the last or the first of several reports that otherwise agree."""
    rng = random_source("errors", seed, profile.member.cik)
    items = [item for item in _MISSCALED if item in profile.concepts]
    for number, item in enumerate(rng.sample(items, 2)):
        for facts in _facts_of(profile, stated, item):
            alike: dict[tuple[int | None, int], list[Fact]] = defaultdict(list)
            for fact in facts:
                alike[fact.first, fact.last].append(fact)
            provable = [
                same
                for same in alike.values()
                if len(same) > 1 and len({fact.value for fact in same}) == 1 and same[0].value % 1000 == 0 and same[0].value
            ]
            if provable:
                wrong = [rng.choice(provable)[-1 if number == 0 else 0]]
                _change(facts, wrong.__contains__, rng.choice((_in_thousands, lambda value: value * 1000)))


def _file_payments_as_negative(profile: Profile, stated: Stated) -> None:
    """In some fiscal years' reports one kind of payment is below zero, in all the others' another."""
    for number, item in enumerate(item for item in _PAYMENTS if item in profile.concepts):
        for facts in _facts_of(profile, stated, item):
            wrong = [fact for fact in facts if fact.filing.year % 3 != number]
            _change(facts, wrong.__contains__, lambda value: -value)


def _turn_tax(profile: Profile, stated: Stated, reports: list[Filing]) -> None:
    """The income tax of the last 10-K or 10-Q, or of the last comparative that a 10-K states, with its sign turned round."""
    kind = profile.events.tax_sign
    wanted = [filing for filing in reports if filing.form == ("10-Q" if kind == "10-Q" else "10-K")]
    chosen = wanted[-1]
    oldest = min(first for first, _ in chosen.income)
    for facts in _facts_of(profile, stated, "income_tax"):
        _change(
            facts,
            lambda fact: fact.filing is chosen and (kind != "comparative" or fact.first == oldest),
            lambda value: -value,
        )
