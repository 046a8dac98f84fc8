"""What the statements say about themselves: identities kept or broken, and the reason of every core cell that is empty."""

from __future__ import annotations

from typing import Final

import polars as pl

from loader.reference import Statement
from loader.reference.concepts import Check, checks, concept_ranks, concepts_of, core_lines, lines
from loader.standardize.wide import missing, scattered

#: Tolerance of an identity: a part of its largest term, and a unit of rounding for each term (section 9).
_TOLERANCE: Final = 0.001

NOT_APPLICABLE: Final = "not_applicable_to_the_template"
NOT_REPORTED: Final = "not_reported_by_this_filer"
NOT_IN_COMPANYFACTS: Final = "only_in_an_extension_or_dimension"
REJECTED: Final = "rejected_by_a_guard"
BEFORE_FIRST_REPORT: Final = "only_comparatives_of_later_filings"

_ROW: Final = ["cik", "statement", "period", "year", "end_date"]


def quality(rows: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Judge each statement by its identities, on reported values only.

    An identity with a derived term cannot fail on its own account, so it counts as vacuous, not as passed.

    Args:
        rows: the rows of all statements, in the order of their numbers.
        cells: one row per value: statement_row, line, value, method.

    Returns:
        cik, statement_row, statement, period, year, end_date, passed, failed, vacuous (numbers of checks), failed_checks (their
        names).
    """
    wanted = sorted({name for check in checks() for name in (check.line, *(term for _, term in check.terms), *check.optional)})
    own = cells.filter(pl.col("line").is_in(wanted)).select(
        "statement_row", "line", "value", reported=pl.col("method") == "reported"
    )
    wide = rows.select("statement_row", *_ROW).with_columns(
        column.alias(f"{kind}_{name}")
        for kind in ("value", "reported")
        for name, column in scattered(own, "statement_row", kind, wanted, rows.height).items()
    )
    verdicts = [_verdict(check).alias(check.name) for check in checks()]
    judged = wide.select("statement_row", *_ROW, *verdicts)
    names = [check.name for check in checks()]
    counts = {
        verdict: pl.sum_horizontal((pl.col(name) == verdict).cast(pl.Int32) for name in names)
        for verdict in ("passed", "failed", "vacuous")
    }
    failed = pl.concat_str(
        [pl.when(pl.col(name) == "failed").then(pl.lit(name)) for name in names], separator=" ", ignore_nulls=True
    )
    return judged.select(
        "cik",
        "statement_row",
        pl.col("statement").cast(pl.String),
        *_ROW[2:],
        **counts,
        failed_checks=pl.when(counts["failed"] > 0).then(failed),
    ).filter(pl.col("passed") + pl.col("failed") + pl.col("vacuous") > 0)


def _verdict(check: Check) -> pl.Expr:
    """passed, failed or vacuous; null where a term is missing."""
    left = pl.col(f"value_{check.line}")
    terms = [sign * pl.col(f"value_{term}") for sign, term in check.terms]
    right = pl.sum_horizontal(terms)
    names = [check.line, *(term for _, term in check.terms)]
    there = pl.all_horizontal(pl.col(f"value_{name}").is_not_null() for name in names)
    stated = pl.all_horizontal(pl.col(f"reported_{name}") for name in names)
    largest = pl.max_horizontal(left.abs(), *(term.abs() for term in terms))
    tolerance = pl.max_horizontal(largest * _TOLERANCE, pl.lit(float(len(names))))
    gap = left - right
    # Optional lines may stand on either side of the caption, so each of them, and all together, may close the gap.
    closers = [pl.lit(0.0), *(pl.col(f"value_{name}").fill_null(0.0) for name in check.optional)]
    if len(check.optional) > 1:
        closers.append(pl.sum_horizontal(closers[1:]))
    closes = pl.any_horizontal((gap - closer).abs() <= tolerance for closer in closers)
    return (
        pl.when(~there)
        .then(None)
        .when(~stated)
        .then(pl.lit("vacuous"))
        .when(closes)
        .then(pl.lit("passed"))
        .otherwise(pl.lit("failed"))
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
