"""Companies whose earlier reports lie under the number of a predecessor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from loader.demo.filings import Filing
from loader.demo.members import Member
from loader.demo.profiles import Profile
from loader.demo.statements import Fact, Stated

#: What a predecessor's number has more than its successor's.
_OLD_CIK: Final = 500_000
#: Every so many companies have a predecessor, as long as there shall be more of them.
_EVERY: Final = 9
_FIRST: Final = 6
_LEAST_REPORTS: Final = 12
HEADER: Final = "old_cik,new_cik,valid_from,name,source"


@dataclass(frozen=True, slots=True)
class Succession:
    """One filer follows another.

    Attributes:
        old_cik: the predecessor.
        new_cik: the successor, which is the company now.
        valid_from: the day from which the successor reports.
        name: the predecessor's.
        overlap: whether the predecessor goes on to report for itself, as the subsidiary that it has become.
    """

    old_cik: int
    new_cik: int
    valid_from: date
    name: str
    overlap: bool

    def line(self) -> str:
        """The succession as a line of a table with HEADER."""
        return f"{self.old_cik},{self.new_cik},{self.valid_from},{self.name},synthetic"


def has_predecessor(member: Member, successions: int) -> bool:
    """Whether a company is one of the first so many that have a predecessor."""
    number, rest = divmod(member.index - _FIRST, _EVERY)
    return rest == 0 and 0 <= number < successions


def plan_succession(profile: Profile, filings: list[Filing]) -> Succession | None:
    """When the successor took over: after half of the reports; None where there are too few of them."""
    reports = [filing for filing in filings if filing.periodic]
    if len(reports) < _LEAST_REPORTS:
        return None
    member = profile.member
    day = reports[len(reports) // 2].filed + timedelta(days=1)
    name = f"{member.symbols[0]} Synthetic Predecessor"
    return Succession(member.cik + _OLD_CIK, member.cik, day, name, overlap=(member.index // _EVERY) % 2 == 1)


def reports_of(stated: Stated, filings: list[Filing]) -> Stated:
    """What is stated in some of the filings."""
    own = {filing.accession for filing in filings}
    facts = {key: [fact for fact in facts if fact.filing.accession in own] for key, facts in stated.facts.items()}
    return Stated({key: some for key, some in facts.items() if some})


def add_report_of_subsidiary(profile: Profile, stated: Stated, old: Stated, succession: Succession) -> Filing | None:
    """Let the predecessor file a 10-K after its successor's: the same business without what the successor added to it."""
    annual = [
        fact.filing
        for facts in stated.facts.values()
        for fact in facts
        if fact.filing.form == "10-K" and fact.filing.filed >= succession.valid_from
    ]
    if not annual:
        return None
    model = min(annual, key=lambda filing: filing.filed)
    filing = replace(
        model, accession=f"{succession.old_cik:010d}-{model.filed.year % 100:02d}-000001", filed=model.filed + timedelta(days=3)
    )
    for (concept, unit), facts in stated.facts.items():
        if unit == profile.currency:
            theirs = [fact for fact in facts if fact.filing is model]
            old.facts.setdefault((concept, unit), []).extend(
                Fact(fact.first, fact.last, int(fact.value) * 9 // 10, filing) for fact in theirs
            )
    return filing
