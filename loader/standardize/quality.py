"""What the statements say about themselves: identities kept or broken, and the reason of every core cell that is empty."""

from __future__ import annotations

from typing import Final

import polars as pl

from loader.reference import Statement
from loader.reference.concepts import Check, checks, concept_ids, concept_ranks, concepts_of, core_lines, lines
from loader.standardize.lines import agreement
from loader.standardize.periods import span_of, year_of
from loader.standardize.quarters import SPAN_DIFFERENCES
from loader.standardize.wide import missing, scattered

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

_PASSED: Final = "passed"
_FAILED: Final = "failed"
_VACUOUS: Final = "vacuous"

#: The quarters of a year.
_FOUR: Final = (1, 2, 3, 4)

_ROW: Final = ["cik", "statement", "period", "year", "end_date"]


def quality(rows: pl.DataFrame, cells: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """Judge each statement by the checks of section 9, on reported values only.

    A check with a derived term cannot fail on its own account, so it counts as vacuous, not as passed.

    Args:
        rows: the rows of all statements, in the order of their numbers.
        cells: one row per value: statement_row, cik, place, line, value, method, concept_id.
        candidates: what each concept gives in each place: cik, place, concept_id, value.

    Returns:
        cik, statement_row, statement, period, year, end_date, passed, failed, vacuous (numbers of checks), failed_checks (their
        names).
    """
    wanted = {name for check in checks() for name in (check.line, *(term for _, term in check.terms), *check.optional)}
    wanted |= {name for pair in _PARTS for name in pair} | {"eps_diluted", "shares_diluted", "net_income_common"}
    reported = cells.with_columns(reported=pl.col("method") == "reported")
    own = reported.filter(pl.col("line").is_in(sorted(wanted))).select("statement_row", "line", "value", "reported")
    wide = rows.select("statement_row", *_ROW).with_columns(
        column.alias(f"{kind}_{name}")
        for kind in ("value", "reported")
        for name, column in scattered(own, "statement_row", kind, sorted(wanted), rows.height).items()
    )
    verdicts = {check.name: _verdict(check) for check in checks()}
    verdicts |= {EARNINGS_PER_SHARE: _earnings_per_share(), "parts": _parts()}
    years = _of_years(rows, reported)
    across = {
        ROLL_FORWARD: _roll_forward(years),
        QUARTERS: _quarters(reported, years),
        PARTS: _differences(cells),
        CONCEPT_JUMP: _concept_jumps(years, candidates),
    }
    judged = wide.select(
        "statement_row",
        *_ROW,
        *(verdict.alias(name) for name, verdict in verdicts.items()),
        *(_by_row(found, rows.height).alias(name) for name, found in across.items()),
    ).with_columns(pl.coalesce(PARTS, "parts").alias(PARTS))
    names = sorted({*verdicts, *across} - {"parts"}, key=lambda name: int(name[1:]))
    counts = {
        verdict: pl.sum_horizontal((pl.col(name) == verdict).cast(pl.Int32) for name in names)
        for verdict in (_PASSED, _FAILED, _VACUOUS)
    }
    failed = pl.concat_str(
        [pl.when(pl.col(name) == _FAILED).then(pl.lit(name)) for name in names], separator=" ", ignore_nulls=True
    )
    return judged.select(
        "cik",
        "statement_row",
        pl.col("statement").cast(pl.String),
        *_ROW[2:],
        **counts,
        failed_checks=pl.when(counts[_FAILED] > 0).then(failed),
    ).filter(pl.col(_PASSED) + pl.col(_FAILED) + pl.col(_VACUOUS) > 0)


def _by_row(verdicts: pl.DataFrame, height: int) -> pl.Series:
    """Verdicts of some rows as a column of all rows."""
    empty = pl.repeat(None, height, dtype=pl.String, eager=True)
    return empty.scatter(verdicts.get_column("statement_row"), verdicts.get_column("verdict"))


def _judged(stated: pl.Expr, holds: pl.Expr) -> pl.Expr:
    return pl.when(~stated).then(pl.lit(_VACUOUS)).when(holds).then(pl.lit(_PASSED)).otherwise(pl.lit(_FAILED))


def _tolerance(*terms: pl.Expr) -> pl.Expr:
    """A part of the largest term, or for each term a unit of the coarsest rounding that fits all of them."""
    largest = pl.max_horizontal(term.abs() for term in terms)
    unit = pl.lit(1.0)
    for size in (1e3, 1e6):
        unit = pl.when(pl.all_horizontal(term % size == 0 for term in terms)).then(size).otherwise(unit)
    return pl.max_horizontal(largest * _TOLERANCE, unit * len(terms))


def _verdict(check: Check) -> pl.Expr:
    """passed, failed or vacuous; null where a term is missing."""
    left = pl.col(f"value_{check.line}")
    terms = [sign * pl.col(f"value_{term}") for sign, term in check.terms]
    right = pl.sum_horizontal(terms)
    names = [check.line, *(term for _, term in check.terms)]
    there = pl.all_horizontal(pl.col(f"value_{name}").is_not_null() for name in names)
    stated = pl.all_horizontal(pl.col(f"reported_{name}") for name in names)
    gap = left - right
    # Optional lines may stand on either side of the caption, so each of them, and all together, may close the gap.
    closers = [pl.lit(0.0), *(pl.col(f"value_{name}").fill_null(0.0) for name in check.optional)]
    if len(check.optional) > 1:
        closers.append(pl.sum_horizontal(closers[1:]))
    closes = pl.any_horizontal((gap - closer).abs() <= _tolerance(left, *terms) for closer in closers)
    return pl.when(there).then(_judged(stated, closes))


def _earnings_per_share() -> pl.Expr:
    """K10: diluted earnings per share are income over shares, where neither of the two was made of the other.

    The income is that of common stock or, where preferred stock counts as converted, that of the parent.
    """
    eps, income, whole, shares = (
        pl.col(f"value_{name}") for name in ("eps_diluted", "net_income_common", "net_income", "shares_diluted")
    )
    there = eps.is_not_null() & income.is_not_null() & (shares > 0)
    tolerance = pl.max_horizontal(pl.lit(_CENT), _SHARE_TOLERANCE * eps.abs())
    stated = pl.col("reported_eps_diluted") & pl.col("reported_shares_diluted")
    off = pl.min_horizontal((eps - income / shares).abs(), (eps - whole / shares).abs())
    return pl.when(there).then(_judged(stated, off <= tolerance))


def _parts() -> pl.Expr:
    """K12: no part of the balance sheet is larger than its whole."""
    there, stated, larger = [], [], []
    for part, whole in _PARTS:
        both = pl.col(f"value_{part}").is_not_null() & pl.col(f"value_{whole}").is_not_null()
        both_stated = pl.col(f"reported_{part}") & pl.col(f"reported_{whole}")
        value = pl.col(f"value_{whole}")
        there.append(both)
        stated.append(both & both_stated)
        larger.append((both & both_stated & (pl.col(f"value_{part}") > value + _TOLERANCE * value.abs())).fill_null(value=False))
    return pl.when(pl.any_horizontal(there)).then(
        _judged(pl.any_horizontal(stated).fill_null(value=False), ~pl.any_horizontal(larger))
    )


def _of_years(rows: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """The cells of fiscal years and their closing balance sheets, with the number of the `year`."""
    is_year = rows.get_column("period") == "FY"
    return cells.filter(is_year.gather(cells.get_column("statement_row"))).with_columns(year=year_of(pl.col("place")))


def _differences(cells: pl.DataFrame) -> pl.DataFrame:
    """K12: of a flow that cannot be negative, the longer span is not less than the shorter: no difference is below zero."""
    flows = lines().filter(pl.col("additive") & (pl.col("nonnegative") | (pl.col("line") == "revenue"))).get_column("line")
    return (
        cells.filter(pl.col("line").is_in(flows.implode()) & pl.col("method").is_in(SPAN_DIFFERENCES))
        .group_by("statement_row")
        .agg(verdict=_judged(pl.lit(value=True), (pl.col("value") >= 0).all()))
    )


def _roll_forward(years: pl.DataFrame) -> pl.DataFrame:
    """K9: from one year end to the next, cash with restricted cash moves by the change that the year's statement shows."""
    kept = ["cik", "year", "value", "reported"]
    at_end = years.filter(pl.col("line") == _CASH).select(kept)
    before = at_end.with_columns(pl.col("year") + 1)
    stated = pl.all_horizontal("reported", "reported_now", "reported_before")
    now, then, moved = pl.col("value_now"), pl.col("value_before"), pl.col("value")
    return (
        years.filter(pl.col("line") == "net_change_in_cash")
        .filter(~pl.col("reported") | (pl.col("concept_id") == concept_ids(_CHANGE_IN_CASH).item()))
        .select("statement_row", *kept)
        .join(at_end, on=["cik", "year"], suffix="_now")
        .join(before, on=["cik", "year"], suffix="_before")
        .select("statement_row", verdict=_judged(stated, (now - then - moved).abs() <= _tolerance(now, then, moved)))
    )


def _quarters(cells: pl.DataFrame, years: pl.DataFrame) -> pl.DataFrame:
    """K11: four quarters that were reported for themselves add up to the reported year, in every money flow that has them."""
    flows = lines().filter(pl.col("additive") & pl.col("column") & (pl.col("unit") == "money")).get_column("line")
    of_flows = pl.col("line").is_in(flows.implode())
    from_q, to_q = span_of(pl.col("place"))
    four = (
        cells.filter(of_flows & (from_q == to_q) & (to_q > 0))
        .group_by("line", year=year_of(pl.col("place")))
        .agg(pl.len(), four_stated=pl.col("reported").all(), total=pl.col("value").sum())
        .filter(pl.col("len") == len(_FOUR))
    )
    total = pl.col("total")
    off = (pl.col("value") - total).abs() > _tolerance(pl.col("value"), *(total for _ in _FOUR))
    stated = pl.col("reported") & pl.col("four_stated")
    return (
        years.filter(of_flows)
        .join(four, on=["line", "year"])
        .group_by("statement_row")
        .agg(verdict=_judged(stated.any(), ~(stated & off).any()))
    )


def _concept_jumps(years: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """K13: where a line's concept differs from that of the year before, both give the same where the company states both.

    Vacuous where it never does.
    """
    columns = lines().filter(pl.col("column")).get_column("line")
    stated = years.filter(pl.col("reported") & pl.col("line").is_in(columns.implode()))
    before = stated.select("cik", "line", pl.col("year") + 1, other_id="concept_id")
    changed = stated.join(before, on=["cik", "line", "year"]).filter(pl.col("concept_id") != pl.col("other_id"))
    agree = agreement(changed, candidates)
    return (
        changed.join(agree, on=["cik", "concept_id", "other_id"], how="left")
        .group_by("statement_row")
        .agg(verdict=_judged(pl.col("agree").is_not_null().any(), pl.col("agree").fill_null(value=True).all()))
    )


def empty_core_cells(rows: pl.DataFrame, cells: pl.DataFrame, statement: Statement) -> pl.DataFrame:
    """The empty cells of one statement's core lines.

    Args:
        rows: the statement's rows, in their order: statement_row, place, cik, period, end_date.
        cells: the statement's values: at (the position of the row among these), line, value.
        statement: which one.

    Returns:
        at, line, and the columns of the row.
    """
    core = core_lines().join(lines().filter(pl.col("statement") == statement), on="line", how="semi").get_column("line")
    empty = missing(cells, "at", core.to_list(), rows.height)
    return pl.concat([empty, rows.select("statement_row", "place", "cik", "period", "end_date")[empty["at"]]], how="horizontal")


def first_reports(rows: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """The day of each company's first balance sheet with stated total assets.

    Args:
        rows: the rows of all statements: statement_row, end_date.
        cells: one row per value: cik, statement_row, line, method.

    Returns:
        cik, first.
    """
    return (
        cells.filter((pl.col("line") == "total_assets") & (pl.col("method") == "reported"))
        .join(rows.select("statement_row", "end_date"), on="statement_row")
        .group_by("cik")
        .agg(first=pl.col("end_date").min())
    )


def gaps(
    empty: pl.DataFrame, first: pl.DataFrame, templates: pl.DataFrame, facts: pl.DataFrame, rejected: pl.DataFrame
) -> pl.DataFrame:
    """Give the reason of each empty cell of a core line.

    Companyfacts holds neither company extensions nor dimensions, so a line that the filer states in other periods, but not in
    this one, must be in one of those, or was not stated.

    Args:
        empty: `empty_core_cells` of all statements.
        first: `first_reports`.
        templates: cik, template.
        facts: placed facts: cik, concept_id, end.
        rejected: place and line of values that a guard rejected.

    Returns:
        cik, statement_row, line, reason.
    """
    core = core_lines().join(lines().select("line", "line_id"), on="line")
    wanted = core.get_column("line").to_list()
    empty = empty.join(core, on="line").join(templates, on="cik", how="left")
    reported = (
        facts.select("cik", "concept_id", "end")
        .filter(pl.col("concept_id").is_in(concepts_of(*wanted).implode()))
        .unique()
        .join(concept_ranks().select("line_id", "concept_id"), on="concept_id")
        .select("cik", "line_id", "end")
    )
    ever = reported.select("cik", "line_id").unique().with_columns(ever=pl.lit(value=True))
    here = reported.unique().rename({"end": "end_date"}).with_columns(here=pl.lit(value=True))
    reason = (
        pl.when(~pl.col("templates").list.contains(pl.col("template")))
        .then(pl.lit(NOT_APPLICABLE))
        .when(pl.col("rejected").is_not_null())
        .then(pl.lit(REJECTED))
        .when(pl.col("ever").is_null())
        .then(pl.lit(NOT_REPORTED))
        .when(pl.col("here").is_not_null() & (pl.col("period") == "FY"))
        .then(pl.lit(REJECTED))
        .when(pl.col("end_date") < pl.col("first"))
        .then(pl.lit(BEFORE_FIRST_REPORT))
        .otherwise(pl.lit(NOT_IN_COMPANYFACTS))
    )
    return (
        empty.join(ever, on=["cik", "line_id"], how="left")
        .join(here, on=["cik", "line_id", "end_date"], how="left")
        .join(first, on="cik", how="left")
        .join(rejected.unique().with_columns(rejected=pl.lit(value=True)), on=["place", "line"], how="left")
        .select("cik", "statement_row", "line", reason=reason)
    )
