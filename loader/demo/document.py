"""The text of a companyfacts file.

Written from templates instead of through a JSON encoder, because a benchmark wants gigabytes of it: every row is the head of its
span, a number, and the tail of its filing, each of which is spelled once. `frame` marks the last filed row of a span.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, NamedTuple

from loader.demo.filings import Filing
from loader.demo.notes import FLOW_NOTES, INSTANT_NOTES
from loader.demo.profiles import Profile, random_source
from loader.demo.statements import Stated, Value

#: start (None: a day), end, value, filing.
DatedFact = tuple[date | None, date, Value, Filing]
#: End, start, head, frame: what all rows of a span have in common.
_Span = tuple[str, str, str, str]

_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FILLER: Final = (
    " This synthetic disclosure stands where a companyfacts file carries the definition of its element: a paragraph on what is"
    " included in the amount, what is left out of it, and on which statement or in which note it is shown."
)
#: Note concepts of a file for which no size is asked, and facts in each: about what a short real file holds.
_DEFAULT_NOTES: Final = 250
_DEFAULT_NOTE_FACTS: Final = 3
#: Facts of a note in a file of a given size, before more concepts are made up instead.
_NOTE_FACTS: Final = 60


def _frame(start: date | None, end: date) -> str:
    """The SEC's name for the calendar bucket of a span: a year, a quarter or a day near the end of a quarter."""
    if start is None:
        near = end - timedelta(days=45)
        return f',"frame":"CY{near.year}Q{(near.month + 2) // 3}I"}}'
    days = (end - start).days + 1
    middle = start + timedelta(days=days // 2)
    if 350 <= days <= 380:
        return f',"frame":"CY{middle.year}"}}'
    if 80 <= days <= 100:
        return f',"frame":"CY{middle.year}Q{(middle.month + 2) // 3}"}}'
    return "}"


def _span(start: date | None, end: date) -> _Span:
    frame = _frame(start, end)
    if start is None:
        return end.isoformat(), "~", f'{{"end":"{end}","val":', frame
    return end.isoformat(), start.isoformat(), f'{{"start":"{start}","end":"{end}","val":', frame


def _tail(filing: Filing) -> str:
    fy = "null" if filing.fy is None else filing.fy
    fp = "null" if filing.fp is None else f'"{filing.fp}"'
    return f',"accn":"{filing.accession}","fy":{fy},"fp":{fp},"form":"{filing.form}","filed":"{filing.filed}"'


def _rows(facts: Iterable[tuple[_Span, Value, str]]) -> str:
    """Facts in the order of filing as the rows of a unit: by end, start and filing."""
    ordered = sorted(facts, key=lambda fact: fact[0][:2])
    rows: list[str] = []
    for place, (span, value, tail) in enumerate(ordered, start=1):
        last = place == len(ordered) or ordered[place][0][:2] != span[:2]
        rows.append(f"{span[2]}{value}{tail}{span[3] if last else '}'}")
    return ",".join(rows)


def _concept(name: str, units: list[tuple[str, str]], *, described: bool = True) -> str:
    spelled = ",".join(f'"{unit}":[{rows}]' for unit, rows in units)
    if not described:
        return f'"{name}":{{"label":null,"description":null,"units":{{{spelled}}}}}'
    label = _WORDS.sub(" ", name)
    return f'"{name}":{{"label":"{label}","description":"{label}.{_FILLER}","units":{{{spelled}}}}}'


class Registrant(NamedTuple):
    """Under what number and name reports are filed."""

    cik: int
    name: str


class Document:
    """One company's companyfacts file in the making."""

    def __init__(self, profile: Profile, filings: list[Filing], seed: int, registrant: Registrant | None = None) -> None:
        self.profile = profile
        self.registrant = registrant or Registrant(profile.member.cik, profile.member.name)
        self.filings = filings
        self.rng = random_source("document", seed, profile.member.cik)
        self.tails = {filing.accession: _tail(filing) for filing in filings}
        self.spans: dict[tuple[int | None, int], _Span] = {}

    def write(self, stated: Stated, loose: dict[tuple[str, str], list[DatedFact]], target_bytes: int | None) -> bytes:
        """The whole file.

        Args:
            stated: what the company's reports state.
            loose: per concept and unit facts for spans and days that are no periods of the company's.
            target_bytes: about how large the file shall become; None for a plain one.
        """
        concepts = self._statement_concepts(stated, loose)
        cover = ",".join(_concept(name, units) for name, units in self._cover())
        size = sum(map(len, concepts.values())) + len(cover)
        for name, text in self._notes(None if target_bytes is None else target_bytes - size):
            # the few notes that the reports above state as well stay as they are
            concepts.setdefault(name, text)
        number, name = self.registrant
        # both spellings of the number occur in the SEC's files
        cik = f'"{number:010d}"' if self.profile.member.index % 7 == 3 else str(number)
        body = ",".join(concepts[name] for name in sorted(concepts))
        return f'{{"cik":{cik},"entityName":"{name}","facts":{{"dei":{{{cover}}},"us-gaap":{{{body}}}}}}}'.encode("ascii")

    def _known_span(self, first: int | None, last: int) -> _Span:
        span = self.spans.get((first, last))
        if span is None:
            calendar = self.profile.calendar
            span = self.spans[first, last] = _span(None if first is None else calendar.starts[first], calendar.ends[last])
        return span

    def _statement_concepts(self, stated: Stated, loose: dict[tuple[str, str], list[DatedFact]]) -> dict[str, str]:
        tails, known = self.tails, self._known_span
        units: dict[str, list[tuple[str, str]]] = {}
        for key in sorted({*stated.facts, *loose}):
            facts = [
                (known(each.first, each.last), each.value, tails[each.filing.accession]) for each in stated.facts.get(key, ())
            ]
            facts += [(_span(start, end), value, tails[filing.accession]) for start, end, value, filing in loose.get(key, ())]
            units.setdefault(key[0], []).append((key[1], _rows(facts)))
        return {name: _concept(name, spelled) for name, spelled in units.items()}

    def _cover(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What cover pages state: shares some weeks after the period's end, and their market value in the hands of the public."""
        profile, calendar = self.profile, self.profile.calendar
        counts: list[tuple[_Span, Value, str]] = []
        floats: list[tuple[_Span, Value, str]] = []
        shares = self.rng.randint(50_000, 900_000) * 1000
        for filing in self.filings:
            if not filing.periodic:
                continue
            shares = round(shares * self.rng.uniform(0.98, 1.003))
            counted = filing.filed - timedelta(days=self.rng.randint(4, 12))
            then = round(shares / profile.events.later_splits(filing.filed))
            counts.append((_span(None, counted), then, self.tails[filing.accession]))
            if filing.fp == "FY":
                middle = calendar.ends[max(filing.end - 2, 0)]
                floats.append((_span(None, middle), shares * self.rng.randint(10, 90), self.tails[filing.accession]))
        cover = [("EntityPublicFloat", [(profile.currency, _rows(floats))])]
        if not profile.dual_class:
            cover.insert(0, ("EntityCommonStockSharesOutstanding", [("shares", _rows(counts))]))
        return [(name, units) for name, units in cover if units[0][1]]

    def _slots(self, *, days: bool) -> list[tuple[str, str]]:
        """Heads and tails of all rows that a note can have, in the order of a file."""
        slots: list[tuple[_Span, int, str]] = []
        for order, filing in enumerate(self.filings):
            if not filing.periodic:
                continue
            spans = [(None, day) for day in filing.balance] if days else list(filing.income)
            slots += [(self._known_span(first, last), order, self.tails[filing.accession]) for first, last in spans]
        slots.sort(key=lambda slot: (slot[0][:2], slot[1]))
        return [
            (span[2], tail + (span[3] if place == len(slots) or slots[place][0][:2] != span[:2] else "}"))
            for place, (span, _, tail) in enumerate(slots, start=1)
        ]

    def _notes(self, wanted_bytes: int | None) -> Iterable[tuple[str, str]]:
        """Notes to fill the file, each a window of the rows that its kind can have."""
        kinds = [(FLOW_NOTES, self._slots(days=False)), (INSTANT_NOTES, self._slots(days=True))]
        amounts = [str(self.rng.randint(-2000, 90_000) * self.profile.unit // 100) for _ in range(499)] * 2
        row = len(kinds[0][1][0][0]) + len(kinds[0][1][0][1]) + 12 if kinds[0][1] else 150
        overhead = 2 * 40 + len(_FILLER) + 60
        if wanted_bytes is None:
            count, facts = _DEFAULT_NOTES, _DEFAULT_NOTE_FACTS
        else:
            # few facts a concept in a small file, and more of both in a large one
            facts = max(2, min(_NOTE_FACTS, wanted_bytes // (_DEFAULT_NOTES * row)))
            count = max(0, wanted_bytes // (overhead + facts * row))
        for number in range(count):
            names, slots = kinds[number % 2]
            place = number // 2
            name = names[place % len(names)]
            if place >= len(names):
                name = f"{name}Supplement{place // len(names)}"
            size = min(len(slots), facts + number % 3 - 1 if facts > 2 else facts)
            start = (len(slots) - size) * (number * 37 % 101) // 100
            value = number * 41 % 499
            rows = ",".join(
                [
                    f"{head}{amount}{tail}"
                    for (head, tail), amount in zip(slots[start : start + size], amounts[value : value + size], strict=True)
                ]
            )
            yield name, _concept(name, [(self.profile.currency, rows)], described=number % 23 != 7)
