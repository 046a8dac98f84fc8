"""The workings of the standardiser, opened at one company: values, candidates and facts by place, and how they hang together."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

import polars as pl

from loader.explain.model import Considered, Filing, Part, StatedFact, Value
from loader.reference.concepts import concept_ranks, concepts, lines
from loader.standardize import Workings, per_share, periods, quarters, trailing
from loader.standardize.standardizer import REPORTED

Row = dict[str, Any]
#: fy_start, from_q, to_q: a place within one company.
Place = tuple[date, int, int]

_SUM: Final = re.compile(r"[a-z_]+( [+-] [a-z_]+)*")
_TERM: Final = re.compile(r"(^|[+-]) ?([a-z_]+)")
_RATIO: Final = re.compile(r"([a-z_]+) / ([a-z_]+)")
_SAME: Final = re.compile(r"([a-z_]+) \(.+\)")
_OF_YEAR: Final = (1, 4)


def filing(accession: int, form: str, filed: date) -> Filing:
    """A filing, its accession number written as the SEC does."""
    return Filing(f"{accession // 10**8:010d}-{accession // 10**6 % 100:02d}-{accession % 10**6:06d}", form, filed)


def period_name(from_q: int, to_q: int) -> str:
    """FY, Q1 to Q4, H1, 9M, TTM or T."""
    if to_q == 0:
        return "T"
    if from_q == periods.TRAILING:
        return "TTM"
    if from_q == to_q:
        return f"Q{to_q}"
    return {2: "H1", 3: "9M", 4: "FY"}[to_q]


class Workbook:
    """Looks up what the standardiser found on its way.

    Args:
        work: the workings of one company.
    """

    def __init__(self, work: Workings) -> None:
        self._concepts: dict[int, str] = dict(concepts().select("concept_id", "concept").iter_rows())
        self._line_ids: dict[str, int] = dict(lines().select("line", "line_id").iter_rows())
        self._units: dict[str, str] = dict(lines().select("line", "unit").iter_rows())
        self.template: str = work.templates.get_column("template")[0] if work.templates.height else "diversified"
        self.facts = work.facts
        self._facts = {row["row"]: row for row in work.facts.with_columns(pl.col("form", "unit").cast(pl.String)).to_dicts()}
        self.vintages = work.vintages
        self._repaired: dict[int, Row] = {
            row["row"]: row for row in work.vintages.select("row", "value", "raw_value", "repair", "from_q", "to_q").to_dicts()
        }
        self._forms = {row["accession"]: row["form"] for row in self._facts.values()}
        self._dates: dict[Place, Row] = {_place(row): row for row in work.dates.to_dicts()}
        values = (
            work.values.join(work.by_line.select("place", "line", "row", "inputs"), on=["place", "line"], how="left")
            .join(work.dates.select("place", *periods.PLACE), on="place")
            .join(lines().select("line", line_unit="unit"), on="line")
            .to_dicts()
        )
        self._values: dict[tuple[str, Place], Row] = {(row["line"], _place(row)): row for row in values}
        self._candidates: dict[tuple[int, Place], Row] = {
            (row["concept_id"], _place(row)): row for row in work.candidates.to_dicts()
        }

    @property
    def places(self) -> dict[Place, Row]:
        """Every place that has a value: year, fyear, start_date, end_date, currency."""
        return self._dates

    def row(self, line: str, place: Place) -> Row | None:
        """The value of a line as the standardiser has it."""
        return self._values.get((line, place))

    def fact_row(self, row: int) -> Row:
        """A fact as it was read."""
        return self._facts[row]

    def repaired(self, row: int) -> Row | None:
        """The same fact after repairs; None where a better kind of form states it too."""
        return self._repaired.get(row)

    def concept(self, concept_id: int) -> str:
        """The name of a concept, such as ``us-gaap:Assets``."""
        return self._concepts[concept_id]

    def value(self, line: str, place: Place, depth: int) -> Value | None:
        """A line's value with what it is made of, so many levels deep; None where there is none."""
        row = self.row(line, place)
        if row is None:
            return None
        fact = self._stated(row) if row["method"] == REPORTED else None
        return self._as_value(line, place, row, fact, self._parts(line, place, row, depth))

    def considered(self, line: str, place: Place) -> tuple[Considered, ...]:
        """The concepts that could have given a line but did not, best first, each with the reason."""
        taken = self.row(line, place)
        rivals = []
        ranked = concept_ranks().filter(pl.col("line_id") == self._line_ids[line]).sort("tier", "rank")
        ranks = {row["concept_id"]: row for row in ranked.to_dicts()}
        for concept_id, rank in ranks.items():
            candidate = self._candidates.get((concept_id, place))
            if candidate is None or (taken is not None and taken["concept_id"] == concept_id):
                continue
            rivals.append(
                Considered(
                    concept=self._concepts[concept_id],
                    value=candidate["value"],
                    method=candidate["method"],
                    filing=self._filing(candidate),
                    reason=self._why_not(candidate, rank, taken, ranks),
                )
            )
        return tuple(rivals)

    def _why_not(self, candidate: Row, rank: Row, taken: Row | None, ranks: dict[int, Row]) -> str:
        if rank["templates"] is not None and self.template not in rank["templates"]:
            return f"not this line for the template {self.template}"
        place = _place(candidate)
        winner = None if taken is None else self._candidates.get((taken["concept_id"], place))
        if taken is None or winner is None:
            return "rejected: an identity of the filing shows that it is another figure"
        name = _bare(self._concepts[taken["concept_id"]])
        of_year = self.row(taken["line"], (place[0], *_OF_YEAR))
        best = ranks[taken["concept_id"]]
        if place[1:] != _OF_YEAR and of_year is not None and of_year["concept_id"] == taken["concept_id"]:
            reason = f"the year is stated by {name}, and its quarters follow it"
        elif rank["tier"] != best["tier"]:
            reason = "lower in the order of preference: it is not always the whole line"
        elif candidate["form_rank"] != winner["form_rank"]:
            reason = "stated in lesser forms only"
        elif candidate["filed"] != winner["filed"]:
            reason = f"as good, but its filing is of {candidate['filed']}, the other's of {winner['filed']}"
        elif rank["rank"] < best["rank"]:
            reason = "the filing itself tells that the other is the line: it is the whole, or has more of the years"
        else:
            reason = "as good, in filings of the same day; the other comes first in the order of preference"
        return reason

    def _filing(self, row: Row) -> Filing:
        return filing(row["accession"], self._forms[row["accession"]], row["filed"])

    def _stated(self, row: Row) -> StatedFact:
        fact = self._facts[row["row"]]
        return StatedFact(
            concept=self._concepts[fact["concept_id"]],
            start=fact["start"],
            end=fact["end"],
            value=row["value"],
            raw_value=row["raw_value"],
            repair=row["repair"],
            filing=filing(fact["accession"], fact["form"], fact["filed"]),
        )

    def _as_value(self, line: str, place: Place, row: Row, fact: StatedFact | None, parts: tuple[Part, ...]) -> Value:
        dates = self._dates[place]
        kind, currency = self._units[line], dates["currency"]
        return Value(
            line=line,
            period=period_name(*place[1:]),
            year=dates["year"],
            start=None if fact and fact.start is None else dates["start_date"],
            end=dates["end_date"],
            value=row["value"],
            unit={"money": currency, "per_share": f"{currency}/shares"}.get(kind, "shares"),
            method=row["method"],
            fact=fact,
            parts=parts,
        )

    def _parts(self, line: str, place: Place, row: Row, depth: int) -> tuple[Part, ...]:
        method: str = row["method"]
        if depth == 0 or method == REPORTED:
            return ()
        if row["row"] is not None:
            return self._parts_of_difference(line, place, row, depth - 1)
        found = [(sign, self.value(name, at, depth - 1)) for sign, name, at in self._terms(line, place, method)]
        return tuple(Part(sign, value) for sign, value in found if value is not None)

    def _parts_of_difference(self, line: str, place: Place, row: Row, depth: int) -> tuple[Part, ...]:
        """A quarter out of facts of one concept: the longer span, less the shorter ones."""
        longer = self._of_fact(line, place[0], row["row"])
        if row["method"] == quarters.YEAR_LESS_QUARTERS:
            shorter = [self._of_candidate(line, row["concept_id"], (place[0], q, q), depth) for q in (1, 2, 3)]
        else:
            shorter = [self._of_fact(line, place[0], other) for other in row["inputs"] if other != row["row"]]
        return (Part("+", longer), *(Part("-", value) for value in shorter))

    def _of_fact(self, line: str, fy_start: date, row: int) -> Value:
        repaired = self._repaired[row]
        place = (fy_start, repaired["from_q"], repaired["to_q"])
        return self._as_value(line, place, {**repaired, "method": REPORTED}, self._stated(repaired), ())

    def _of_candidate(self, line: str, concept_id: int, place: Place, depth: int) -> Value:
        row = self._candidates[concept_id, place]
        if row["method"] == REPORTED:
            return self._as_value(line, place, row, self._stated(row), ())
        parts = self._parts_of_difference(line, place, row, depth - 1) if depth else ()
        return self._as_value(line, place, row, None, parts)

    def _terms(self, line: str, place: Place, method: str) -> list[tuple[str, str, Place]]:
        """What a formula names: sign, line and place of each term."""
        named = _TERM.findall(method)
        if _SUM.fullmatch(method) and all(name in self._units for _, name in named):
            return [(sign or "+", name, place) for sign, name in named]
        if ratio := _RATIO.fullmatch(method):
            return [("+", ratio[1], place), ("/", ratio[2], place)]
        if (same := _SAME.fullmatch(method)) and same[1] in self._units:
            return [("+", same[1], place)]
        return [(sign, line, at) for sign, at in self._spans(line, place, method)]

    def _spans(self, line: str, place: Place, method: str) -> list[tuple[str, Place]]:
        """The periods that a formula over periods names, with their signs."""
        year = (place[0], *_OF_YEAR)
        first_three = [(place[0], quarter, quarter) for quarter in (1, 2, 3)]
        last_four = [("+", at) for at in self._last_four(line, place)]
        before = max((at[0] for at in self._dates if at[0] < place[0]), default=place[0])
        return {
            per_share.SHARES_BY_DAYS: [("+", year), ("-", (place[0], 1, 3))],
            per_share.SHARES_BY_QUARTERS: [("+", year), *(("-", at) for at in first_three)],
            per_share.SHARES_OF_Q3: [("+", first_three[2])],
            trailing.OF_YEAR: [("+", year)],
            trailing.SUM_OF_QUARTERS: last_four,
            trailing.MEAN_OF_QUARTERS: last_four,
            trailing.TO_DATE: [("+", (before, *_OF_YEAR)), ("+", (place[0], 1, place[2])), ("-", (before, 1, place[2]))],
        }.get(method, [])

    def _last_four(self, line: str, place: Place) -> list[Place]:
        end = self._dates[place]["end_date"]
        known = [
            at
            for at, dates in self._dates.items()
            if at[1] == at[2] > 0 and dates["end_date"] <= end and (line, at) in self._values
        ]
        return sorted(known, key=lambda at: self._dates[at]["end_date"])[-4:]


def _place(row: Row) -> Place:
    return (row["fy_start"], row["from_q"], row["to_q"])


def _bare(concept: str) -> str:
    return concept.rpartition(":")[2]
