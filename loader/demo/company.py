"""One company from its place in the corpus to its files and its truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from loader.demo.document import DatedFact, Document, Registrant
from loader.demo.economy import build_economy
from loader.demo.errors import make_errors
from loader.demo.filings import Filing, file_reports
from loader.demo.members import Member
from loader.demo.profiles import Profile, build_profile
from loader.demo.statements import state_everything, unit_of
from loader.demo.successions import Succession, add_report_of_subsidiary, has_predecessor, plan_succession, reports_of
from loader.demo.truth import TruthRows, add_truth

#: Fiscal years with filings of most companies: enough for every event, and a demo that is quickly built.
HISTORY: Final = (5, 8)
#: ... of every so many of them, and of those whose files shall have a size, as far as the file has room.
LONG_HISTORY: Final = (8, 15)
LONG_EVERY: Final = 10
#: Bytes that one fiscal year of statements takes, about.
YEAR_BYTES: Final = 80_000

Loose = dict[tuple[str, str], list[DatedFact]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is common to all companies of a corpus.

    Attributes:
        seed: another one gives other figures.
        target_bytes: about how large each file shall be; None for what the statements take.
        successions: how many companies have a predecessor.
    """

    seed: int
    target_bytes: int | None
    successions: int


@dataclass(frozen=True, slots=True)
class Built:
    """One company's files by number, and what it has to do with a predecessor."""

    files: dict[int, bytes]
    succession: Succession | None = None


def build_company(member: Member, plan: Plan, truth: TruthRows) -> Built:
    """The company's files; its truth is added to `truth`."""
    seed, target_bytes = plan.seed, plan.target_bytes
    profile = build_profile(member, seed, _history(member, target_bytes))
    filings = file_reports(profile, seed)
    stated = state_everything(profile, build_economy(profile, seed), filings)
    make_errors(profile, stated, filings, seed)
    add_truth(truth, profile, stated)
    loose = _loose_facts(profile, filings)
    succession = plan_succession(profile, filings) if has_predecessor(member, plan.successions) else None
    if succession is None:
        return Built({member.cik: Document(profile, filings, seed).write(stated, loose, target_bytes)})
    room = None if target_bytes is None else target_bytes // 2
    before = [filing for filing in filings if filing.filed < succession.valid_from]
    since = [filing for filing in filings if filing.filed >= succession.valid_from]
    old, new = reports_of(stated, before), reports_of(stated, since)
    later = add_report_of_subsidiary(profile, stated, old, succession) if succession.overlap else None
    predecessor = Registrant(succession.old_cik, succession.name)
    old_document = Document(profile, [*before, *([later] if later else [])], seed, predecessor)
    return Built(
        {
            succession.old_cik: old_document.write(old, _of(loose, before), room),
            member.cik: Document(profile, since, seed).write(new, _of(loose, since), room),
        },
        succession,
    )


def _of(loose: Loose, filings: list[Filing]) -> Loose:
    own = {filing.accession for filing in filings}
    facts = {key: [fact for fact in facts if fact[3].accession in own] for key, facts in loose.items()}
    return {key: some for key, some in facts.items() if some}


def _history(member: Member, target_bytes: int | None) -> tuple[int, int]:
    if target_bytes is None:
        return LONG_HISTORY if member.index % LONG_EVERY == 3 else HISTORY
    most = max(1, min(LONG_HISTORY[1], target_bytes * 3 // 4 // YEAR_BYTES))
    return min(most, LONG_HISTORY[0]), most


def _loose_facts(profile: Profile, filings: list[Filing]) -> Loose:
    """Facts that look like statement facts and are none: odd spans, days inside a quarter, other currencies, percentages."""
    annual = [filing for filing in filings if filing.form == "10-K"]
    if not annual:
        return {}
    latest, calendar, index = annual[-1], profile.calendar, profile.member.index
    end: date = calendar.ends[latest.end]
    inside: date = calendar.starts[latest.end] + timedelta(days=40)
    loose: Loose = {}

    def add(item: str, start: date | None, day: date, value: int, unit: str | None = None) -> None:
        if item in profile.concepts:
            key = (profile.concept(item, latest.year), unit or unit_of(item, profile.currency))
            loose.setdefault(key, []).append((start, day, value, latest))

    if index % 3 == 0:
        # since some event of 500 days ago, and over some years together
        add("net_income", end - timedelta(days=499), end, 987_000_000)
        add("operating_cash_flow", end - timedelta(days=1100), end, 1_987_000_000)
    if index % 4 == 1:
        # on the day of an acquisition or of a new credit agreement
        add("goodwill", None, inside, 45_000_000)
        add("cash_and_equivalents", None, inside, 77_000_000)
        add("shares_outstanding", None, inside, 123_000_000)
    if index % 5 == 2:
        add("long_term_debt", None, end, 500_000_000, "EUR")
    loose["DebtInstrumentFaceAmount", profile.currency] = [(None, end, 750_000_000, latest), (None, inside, 300_000_000, latest)]
    loose["DebtInstrumentFaceAmount", "EUR"] = [(None, end, 650_000_000, latest)]
    loose["EffectiveIncomeTaxRateContinuingOperations", "pure"] = [
        (calendar.starts[first], calendar.ends[last], 0.21, filing) for filing in annual for first, last in filing.income
    ]
    return loose
