"""What the statements say about themselves: identities kept or broken, and the reason of every core cell that is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference import Statement
from loader.reference.concepts import (
    TEMPLATES,
    Check,
    checks,
    concept_ids,
    concepts,
    concepts_of,
    core_lines,
    line_codes,
    lines,
    lines_by_code,
)
from loader.standardize.lines import ConceptAmounts
from loader.standardize.periods import PLACES_OF_A_YEAR, span_of, within_year, year_of
from loader.standardize.quarters import SPAN_DIFFERENCES
from loader.standardize.runs import numbers
from loader.standardize.wide import Positions, Values, codes, looked_up

#: Tolerance of an identity: a part of its largest term, and a unit of rounding for each term (section 9).
_TOLERANCE: Final = 0.001

NOT_APPLICABLE: Final = "not_applicable_to_the_template"
NOT_REPORTED: Final = "not_reported_by_this_filer"
NOT_IN_COMPANYFACTS: Final = "only_in_an_extension_or_dimension"
REJECTED: Final = "rejected_by_a_guard"
BEFORE_FIRST_REPORT: Final = "only_comparatives_of_later_filings"

#: The checks that are no identity of one statement; the others are in checks.csv.
ROLL_FORWARD: Final = "K9"
EARNINGS_PER_SHARE: Final = "K10"
QUARTERS: Final = "K11"
PARTS: Final = "K12"
CONCEPT_JUMP: Final = "K13"

#: What K9 takes for cash, and for its change: the tags with restricted cash on both sides.
_CASH: Final = "restricted_cash_total"
_CHANGE: Final = "net_change_in_cash"
_CHANGE_IN_CASH: Final = (
    "us-gaap:CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalentsPeriodIncreaseDecreaseIncludingExchangeRateEffect"
)

#: Earnings per share are rounded to a cent (K10).
_CENT: Final = 0.01
_SHARE_TOLERANCE: Final = 0.01

#: Parts and wholes of a balance sheet (K12).
_PARTS: Final = (
    ("current_assets", "total_assets"),
    ("cash_and_equivalents", "total_assets"),
    ("current_liabilities", "total_liabilities"),
    ("long_term_debt", "total_liabilities"),
    ("long_term_debt_current", "current_liabilities"),
)

#: Verdicts on a row as small numbers, the worst the largest, so that the largest of several is the one on all of them together.
#: Zero stands for no verdict: a term is missing.
_VACUOUS: Final = 1
_PASSED: Final = 2
_FAILED: Final = 3
Verdicts = NDArray[np.uint8]
Mask = NDArray[np.bool_]

#: A day after all others, and with its sign turned before all.
_NEVER: Final = np.iinfo(np.int32).max

#: The quarters of a year.
_FOUR: Final = (1, 2, 3, 4)


def quality(
    rows: pl.DataFrame,
    cells: pl.DataFrame,
    line: Positions,
    columns: Mapping[str, Positions],
    of_kind: Mapping[str, Positions],
    *,
    amounts: ConceptAmounts,
) -> pl.DataFrame:
    """Judge each statement by the checks of section 9, on reported values only.

    A check with a derived term cannot fail on its own account, so it counts as vacuous, not as passed.

    Args:
        rows: the rows of all statements, in the order of their numbers.
        cells: one row per value: statement_row, cik, place, value, method, concept_id.
        line: the code of the line of each.
        columns: `rows_by_line` of all lines in the rows of their statements.
        of_kind: for each statement the numbers of its rows, in the order of the columns.
        amounts: what each concept gives.

    Returns:
        cik, statement_row, statement, period, year, end_date, passed, failed, vacuous (numbers of checks), failed_checks (their
        names).
    """
    height = rows.height
    found = _Cells(rows, cells, line)
    verdicts = {check.name: _at(*_verdict(check, found, columns, of_kind[check.statement]), height) for check in checks()} | {
        ROLL_FORWARD: _roll_forward(found, columns, height),
        EARNINGS_PER_SHARE: _at(*_earnings_per_share(found, columns, of_kind["income"]), height),
        QUARTERS: _quarters(found, height),
        PARTS: _differences(cells, found, height),
        CONCEPT_JUMP: _concept_jumps(cells, found, amounts, height),
    }
    parts = _at(*_parts(found, columns, of_kind["balance"]), height)
    verdicts[PARTS] = np.where(verdicts[PARTS] > 0, verdicts[PARTS], parts)
    names = sorted(verdicts, key=lambda name: int(name[1:]))
    judged = np.stack([verdicts[name] for name in names])
    counts = {
        name: pl.Series((judged == verdict).sum(axis=0, dtype=np.int32))
        for name, verdict in {"passed": _PASSED, "failed": _FAILED, "vacuous": _VACUOUS}.items()
    }
    return rows.select(
        "cik",
        "statement_row",
        pl.col("statement").cast(pl.String),
        "period",
        "year",
        "end_date",
        **counts,
        failed_checks=_failed(judged, names),
    ).filter(pl.Series(judged.any(axis=0)))


class _Cells:
    """What the checks look at of each cell, as arrays: they number lines and years, and so need no joins.

    Attributes:
        row: the number of the statement.
        line: the code of the line.
        value: the number, and whether it was `reported`.
        cik, concept_id: as in the frame.
        year, line_year: the number of the fiscal year, and one number for the year and the line.
        of_year, of_quarter: whether it stands in a fiscal year or its closing balance sheet, or in a quarter.
    """

    def __init__(self, rows: pl.DataFrame, cells: pl.DataFrame, line: Positions) -> None:
        self.row = cells.get_column("statement_row").to_numpy().astype(np.int64)
        self.line = line
        self.value = cells.get_column("value").to_numpy()
        self.reported = (cells.get_column("method") == "reported").to_numpy()
        self.cik = cells.get_column("cik").to_numpy()
        self.concept_id = cells.get_column("concept_id")
        place = rows.get_column("place").to_numpy()
        from_q, to_q = span_of(place)
        self.year = year_of(place)[self.row]
        self.line_year = self.year * len(line_codes()) + self.line
        self.of_year = (rows.get_column("period") == "FY").to_numpy()[self.row]
        self.of_quarter = ((from_q == to_q) & (to_q > 0))[self.row]


@cache
def _lines_of(kind: str) -> Mask:
    """By the codes of the lines: whether a check looks at the line."""
    kinds = {
        "column": pl.col("column"),
        "money flow": pl.col("additive") & pl.col("column") & (pl.col("unit") == "money"),
        "nonnegative flow": pl.col("additive") & (pl.col("nonnegative") | (pl.col("line") == "revenue")),
    }
    return lines_by_code().select(kinds[kind]).to_series().to_numpy()


def _failed(judged: Verdicts, names: Sequence[str]) -> pl.Series:
    """The names of each row's failed checks, null for none: few combinations, each spelled out once."""
    failed = judged == _FAILED
    rows = np.flatnonzero(failed.any(axis=0))
    bits = 1 << np.arange(len(names))
    combinations, of_rows = np.unique(bits @ failed[:, rows], return_inverse=True)
    spelled = [" ".join(name for name, bit in zip(names, bits, strict=True) if bit & one) for one in combinations]
    which = np.zeros(judged.shape[1], np.int64)
    which[rows] = of_rows + 1
    return pl.Series([None, *spelled], dtype=pl.String)[which]


def _judged(stated: Mask, holds: Mask) -> Verdicts:
    return np.where(stated, np.where(holds, _PASSED, _FAILED), _VACUOUS).astype(np.uint8)


def _at(rows: Positions, verdicts: Verdicts, height: int) -> Verdicts:
    """Verdicts of some rows as an array of all rows; of several on one row, the worst."""
    found = np.zeros(height, np.uint8)
    np.maximum.at(found, rows, verdicts)
    return found


def _within(off: Values, *terms: Values) -> Mask:
    """Whether what is off is tolerable: a part of the largest term, or for each term a unit of the coarsest rounding of all."""
    tolerable: Mask = off <= np.max(np.abs(terms), axis=0) * _TOLERANCE
    # The remainders cost more than all else: they are for the few that differ by more.
    rest = np.flatnonzero(~tolerable)
    unit = np.ones(len(rest))
    for size in (1e3, 1e6):
        unit[np.logical_and.reduce([term[rest] % size == 0 for term in terms])] = size
    tolerable[rest] = off[rest] <= unit * len(terms)
    return tolerable


def _verdict(check: Check, found: _Cells, columns: Mapping[str, Positions], own: Positions) -> tuple[Positions, Verdicts]:
    names = [check.line, *(term for _, term in check.terms)]
    rows = _rows_with(columns, names)
    at = [columns[name][rows] for name in names]
    left, *terms = (sign * found.value[one] for sign, one in zip((1, *(sign for sign, _ in check.terms)), at, strict=True))
    gap = left - sum(terms)
    # Optional lines may stand on either side of the caption, so each of them, and all together, may close the gap.
    optional = [np.where(columns[name][rows] < 0, 0.0, found.value[columns[name][rows]]) for name in check.optional]
    closers = [np.zeros(len(rows)), *optional, sum(optional, np.zeros(len(rows)))]
    off = np.min([np.abs(gap - closer) for closer in closers], axis=0)
    stated = np.logical_and.reduce([found.reported[one] for one in at])
    return own[rows], _judged(stated, _within(off, left, *terms))


def _rows_with(columns: Mapping[str, Positions], names: Sequence[str]) -> Positions:
    """The rows of a statement that have a value in each of some lines."""
    return np.flatnonzero(np.logical_and.reduce([columns[name] >= 0 for name in names]))


def _earnings_per_share(found: _Cells, columns: Mapping[str, Positions], own: Positions) -> tuple[Positions, Verdicts]:
    """K10: diluted earnings per share are income over shares, where neither of the two was made of the other.

    The income is that of common stock or, where preferred stock counts as converted, that of the parent.
    """
    rows = _rows_with(columns, ["eps_diluted", "net_income_common", "shares_diluted"])
    rows = rows[found.value[columns["shares_diluted"][rows]] > 0]
    eps_at, shares_at, whole_at = (columns[name][rows] for name in ("eps_diluted", "shares_diluted", "net_income"))
    eps, shares = found.value[eps_at], found.value[shares_at]
    income, whole = found.value[columns["net_income_common"][rows]], np.where(whole_at < 0, np.nan, found.value[whole_at])
    off = np.fmin(np.abs(eps - income / shares), np.abs(eps - whole / shares))
    stated = found.reported[eps_at] & found.reported[shares_at]
    holds = off <= np.maximum(_CENT, _SHARE_TOLERANCE * np.abs(eps))
    return own[rows], _judged(stated, holds)


def _parts(found: _Cells, columns: Mapping[str, Positions], own: Positions) -> tuple[Positions, Verdicts]:
    """K12: no part of the balance sheet is larger than its whole."""
    judged: list[tuple[Positions, Verdicts]] = []
    for names in _PARTS:
        rows = _rows_with(columns, names)
        part, whole = (columns[name][rows] for name in names)
        limit = found.value[whole] + _TOLERANCE * np.abs(found.value[whole])
        judged.append((own[rows], _judged(found.reported[part] & found.reported[whole], found.value[part] <= limit)))
    rows, verdicts = (np.concatenate(one) for one in zip(*judged, strict=True))
    return rows, verdicts


def _differences(cells: pl.DataFrame, found: _Cells, height: int) -> Verdicts:
    """K12: of a flow that cannot be negative, the longer span is not less than the shorter: no difference is below zero."""
    derived = np.flatnonzero(_lines_of("nonnegative flow")[found.line] & ~found.reported)
    at = derived[cells.get_column("method")[derived].is_in(SPAN_DIFFERENCES).to_numpy()]
    return _at(found.row[at], _judged(np.ones(len(at), np.bool_), found.value[at] >= 0), height)


def _roll_forward(found: _Cells, columns: Mapping[str, Positions], height: int) -> Verdicts:
    """K9: from one year end to the next, cash with restricted cash moves by the change that the year's statement shows."""
    there = (columns[name][columns[name] >= 0] for name in (_CASH, _CHANGE))
    at_end, moved = (at[found.of_year[at]] for at in there)
    of_concept = (found.concept_id[moved] == concept_ids(_CHANGE_IN_CASH).item()).fill_null(value=False).to_numpy()
    moved = moved[~found.reported[moved] | of_concept]
    now, before = (looked_up(found.year[at_end], found.year[moved] - back) for back in (0, 1))
    both = (now >= 0) & (before >= 0)
    moved, now, before = moved[both], at_end[now[both]], at_end[before[both]]
    trio = [at[found.cik[now] == found.cik[before]] for at in (moved, now, before)]
    change, closing, opening = (found.value[at] for at in trio)
    stated = np.logical_and.reduce([found.reported[at] for at in trio])
    holds = _within(np.abs(closing - opening - change), closing, opening, change)
    return _at(found.row[trio[0]], _judged(stated, holds), height)


def _quarters(found: _Cells, height: int) -> Verdicts:
    """K11: four quarters that were reported for themselves add up to the reported year, in every money flow that has them."""
    of_flows = _lines_of("money flow")[found.line]
    quarters, years = (np.flatnonzero(of_flows & found.of_quarter), np.flatnonzero(of_flows & found.of_year))
    key = found.line_year[quarters]
    size = found.line_year.max(initial=-1) + 1
    number = np.bincount(key, minlength=size)
    stated = np.bincount(key[found.reported[quarters]], minlength=size)
    total = np.bincount(key, found.value[quarters], minlength=size)
    years = years[number[found.line_year[years]] == len(_FOUR)]
    key = found.line_year[years]
    holds = _within(np.abs(found.value[years] - total[key]), found.value[years], *(total[key] for _ in _FOUR))
    return _at(found.row[years], _judged(found.reported[years] & (stated[key] == len(_FOUR)), holds), height)


def _concept_jumps(cells: pl.DataFrame, found: _Cells, amounts: ConceptAmounts, height: int) -> Verdicts:
    """K13: where a line's concept differs from that of the year before, both give the same where the company states both.

    Vacuous where it never does.
    """
    stated = np.flatnonzero(found.of_year & found.reported & _lines_of("column")[found.line])
    before = looked_up(found.line_year[stated], found.line_year[stated] - len(line_codes()))
    at, before = stated[before >= 0], stated[before[before >= 0]]
    concept, other = (found.concept_id[one].to_numpy() for one in (at, before))
    differs = (found.cik[at] == found.cik[before]) & (concept != other)
    changed = cells[at[differs], ["statement_row", "cik", "concept_id"]].hstack([pl.Series("other_id", other[differs])])
    judged = changed.join(amounts.agreement(changed), on=["cik", "concept_id", "other_id"], how="left")
    agree = judged.get_column("agree")
    return _at(
        judged.get_column("statement_row").to_numpy(),
        _judged(agree.is_not_null().to_numpy(), agree.fill_null(value=True).to_numpy()),
        height,
    )


def empty_core_cells(columns: Mapping[str, Positions], rows: Mapping[Statement, Positions]) -> tuple[Positions, Positions]:
    """The empty cells of the core lines.

    Args:
        columns: `rows_by_line` of the core lines in the rows of their statements.
        rows: for each statement the numbers of its rows, in the order of the columns.

    Returns:
        For each its line, a position among `core_lines`, and the number of its row.
    """
    empty = [rows[statement][columns[line] < 0] for line, statement in _core().select("line", "statement").iter_rows()]
    return np.repeat(np.arange(len(empty)), [len(one) for one in empty]), np.concatenate(empty)


def gaps(
    empty: tuple[Positions, Positions],
    rows: pl.DataFrame,
    stated_assets: Positions,
    *,
    templates: pl.DataFrame,
    amounts: ConceptAmounts,
    rejected: pl.DataFrame,
) -> pl.DataFrame:
    """Give the reason of each empty cell of a core line.

    Companyfacts holds neither company extensions nor dimensions, so a line that the filer states in other periods, but not in
    this one, must be in one of those, or was not stated.

    Args:
        empty: `empty_core_cells`.
        rows: the rows of all statements, in the order of their numbers: cik, place, period, end_date.
        stated_assets: the numbers of the rows that state total assets.
        templates: cik, template, in the order of the companies.
        amounts: what each concept gives.
        rejected: place and line of values that a guard rejected.

    Returns:
        cik, statement_row, line, reason.
    """
    line, row = empty
    cik, place, end = numbers(rows, "cik", "place", "end_date")
    companies = templates.get_column("cik").to_numpy()
    company, year = np.searchsorted(companies, cik), year_of(place)
    template = codes(templates.get_column("template"))[company]
    ever, at_year_end = _stated_core_lines(amounts, companies)
    is_year = (rows.get_column("period") == "FY").to_numpy()
    before_first = end < _first_reports(company[stated_assets], end[stated_assets], len(companies))[company]
    guarded = _core_cell(rejected.get_column("place").to_numpy(), _among_core_lines()[codes(rejected.get_column("line"))])
    reasons = [
        (NOT_APPLICABLE, ~_applies()[line, template[row]]),
        (REJECTED, np.isin(_core_cell(place[row], line), guarded, kind="table")),
        (NOT_REPORTED, ~ever[company[row], line]),
        # There is a fact for the very end of the year, and still no value.
        (REJECTED, is_year[row] & at_year_end[year[row], line]),
        (BEFORE_FIRST_REPORT, before_first[row]),
    ]
    names, holds = zip(*reasons, strict=True)
    which = np.select(holds, range(len(reasons)), len(reasons))
    return rows.select("cik", "statement_row")[row].with_columns(
        _core().get_column("line")[line], reason=pl.Series([*names, NOT_IN_COMPANYFACTS])[which]
    )


def _first_reports(company: Positions, end: Positions, companies: int) -> Positions:
    """The day of each company's first balance sheet with stated total assets, before all days where there is none.

    Args:
        company: the number of the company of each such balance sheet.
        end: its day.
        companies: how many there are.
    """
    first = np.full(companies, _NEVER, np.int32)
    np.minimum.at(first, company, end)
    return np.where(first == _NEVER, -_NEVER, first)


def _stated_core_lines(amounts: ConceptAmounts, companies: Positions) -> tuple[Mask, Mask]:
    """Which of the core lines have a concept that is stated at all.

    All facts of a place end on one day, so that a fiscal year and a quarter tell the day. A derived quarter tells nothing new:
    the longer span that it was derived from ends with it.

    Returns:
        By company and core line whether it is stated anywhere, and by number of the year and core line whether at its end.
    """
    at_end = np.zeros(len(amounts.is_given), np.bool_)
    at_end[amounts.series.take(np.flatnonzero(_ends_year().take(within_year(amounts.place))))] = True
    anywhere, at_end = (
        np.stack([given.reshape(-1, concepts().height)[:, ids].any(axis=1) for ids in _core_concepts()], axis=1)
        for given in (amounts.is_given, at_end)
    )
    ever = np.zeros((len(companies), _core().height), np.bool_)
    some_year, line = np.nonzero(anywhere)
    ever[np.searchsorted(companies, amounts.cik_of_year[some_year]), line] = True
    return ever, at_end


@cache
def _ends_year() -> Mask:
    """By the number of a place in its year: whether it ends with the year."""
    ends: Mask = span_of(np.arange(PLACES_OF_A_YEAR))[1] == len(_FOUR)
    return ends


@cache
def _core() -> pl.DataFrame:
    """The core lines: line, templates, line_id, statement."""
    return core_lines().join(lines().select("line", "line_id", "statement"), on="line", maintain_order="left")


@cache
def _core_concepts() -> tuple[Positions, ...]:
    """For each core line the ids of the concepts that can give it."""
    return tuple(concepts_of(line).to_numpy().astype(np.int64) for line in _core().get_column("line"))


@cache
def _applies() -> Mask:
    """By core line and the code of the template: whether a statement of the template should have the line."""
    return np.array(
        [
            [templates is None or name in templates for name in TEMPLATES]
            for templates in _core().get_column("templates").to_list()
        ]
    )


@cache
def _among_core_lines() -> Positions:
    """By the codes of the lines: their positions among the core lines, -1 for none."""
    position = {line: n for n, line in enumerate(_core().get_column("line"))}
    return np.array([position.get(name, -1) for name in line_codes()])


def _core_cell(place: Positions, line: Positions) -> Positions:
    """One number for place and core line, or for a place's other lines."""
    return place * (_core().height + 1) + line + 1
