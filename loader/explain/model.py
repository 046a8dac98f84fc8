"""What an explanation consists of: plain data, for people to be shown and for scripts to be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from loader.reference import Statement


@dataclass(frozen=True, slots=True)
class Filing:
    """A filing: its accession number (0000320193-24-000123), form and date."""

    accession: str
    form: str
    filed: date


@dataclass(frozen=True, slots=True)
class StatedFact:
    """A number as a filing states it.

    Attributes:
        concept: with its taxonomy, such as ``us-gaap:Assets``.
        start: first day; None for an instant.
        end: last day.
        value: as it is used.
        raw_value: as filed, where a repair or a split changed it; else None.
        repair: what changed it (``split``, ``scale``, ``sign``, ``tax sign``); else None.
        filing: where it is stated.
    """

    concept: str
    start: date | None
    end: date
    value: float
    raw_value: float | None
    repair: str | None
    filing: Filing


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a line in a period, and what it is made of.

    Attributes:
        line: of the statements.
        period: FY, Q1 to Q4, TTM, T; H1 or 9M for a year to date that only others are made from.
        year: the company's label of the fiscal year.
        start: first day; None for an instant.
        end: last day.
        value: in `unit`.
        unit: USD, USD/shares, shares.
        method: ``reported``, or the formula.
        fact: the stated number, where the value is one.
        parts: what the formula combines, in its order; empty for a reported value, and below the depth of an explanation.
    """

    line: str
    period: str
    year: int
    start: date | None
    end: date
    value: float
    unit: str
    method: str
    fact: StatedFact | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A term of a formula: ``+``, ``-`` or ``/``, and its value."""

    sign: str
    value: Value


@dataclass(frozen=True, slots=True)
class Vintage:
    """One filing's word on a fact.

    Attributes:
        filing: which.
        value: as filed.
        on_todays_basis: after repairs and splits; what vintages are compared by.
        change: against the filing before it, in words: first stated, the same, restated, ...
        chosen: this is the one that the value was taken from.
    """

    filing: Filing
    value: float
    on_todays_basis: float
    change: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Considered:
    """A concept that could have given the line in this period, and why it did not."""

    concept: str
    value: float
    method: str
    filing: Filing
    reason: str


@dataclass(frozen=True, slots=True)
class Presence:
    """A concept that can give the line, and what the file has of it.

    Attributes:
        concept: with its taxonomy.
        facts: how many, in any filing and for any period.
        first_end: the earliest end of a period that it is stated for; None where there are no facts.
        last_end: the latest.
        note: what stands in its way for the period in question; None where the file just has nothing for it.
    """

    concept: str
    facts: int
    first_end: date | None
    last_end: date | None
    note: str | None


@dataclass(frozen=True, slots=True)
class FormulaGap:
    """A formula that can give the line, and what it lacks."""

    formula: str
    lacks: str


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a cell is empty.

    Attributes:
        template: the industry template of the company: some concepts and formulas hold in some industries only.
        concepts: those that can give the line, best first.
        formulas: those that can derive it.
    """

    template: str
    concepts: tuple[Presence, ...]
    formulas: tuple[FormulaGap, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where the number in a cell comes from, or why there is none.

    Attributes:
        symbol: as the database spells it.
        company: its name in the file.
        cik: whose file it is; of several, the current one.
        files: that were read.
        statement: which statement the line is in.
        line: of that statement.
        period: as asked for.
        year: as asked for.
        start: first day of the period; None for an instant.
        end: last day of the period.
        vintage: latest or original.
        as_of: nothing filed later was looked at; None for no limit.
        value: with its parts; None where the cell is empty.
        considered: concepts of the line that were not taken, best first.
        vintages: every filing that stated the chosen fact, oldest first; empty where the value is derived.
        absence: why there is no value; None where there is one.
        stored: what the database holds.
        compared: the database's content has the vintage and as-of date that were asked for, so `stored` must be the value.
        remarks: what differs between then and now: the file, the rules, the stored value.
    """

    symbol: str
    company: str | None
    cik: int
    files: tuple[str, ...]
    statement: Statement
    line: str
    period: str
    year: int
    start: date | None
    end: date
    vintage: str
    as_of: date | None
    value: Value | None
    considered: tuple[Considered, ...]
    vintages: tuple[Vintage, ...]
    absence: Absence | None
    stored: float | None
    compared: bool
    remarks: tuple[str, ...]
