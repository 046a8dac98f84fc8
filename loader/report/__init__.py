"""The completion report and the validation results: data for people, as text, HTML and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loader._lazy import at_first_use
from loader.report.completion import CompletionReport, CoreLine, Coverage, Failure, Goal, UnmappedSymbol
from loader.report.store import complete, read_report, report_data
from loader.report.validation import Check, CheckResult, read_checks, run_checks

if TYPE_CHECKING:
    from loader.report.html import render_html
    from loader.report.text import render_checks, render_report, summary_of_checks
else:
    # With rich, which a report as JSON does without.
    __getattr__ = at_first_use(
        __name__,
        {"render_html": "html", **dict.fromkeys(("render_checks", "render_report", "summary_of_checks"), "text")},
    )

__all__ = [
    "Check",
    "CheckResult",
    "CompletionReport",
    "CoreLine",
    "Coverage",
    "Failure",
    "Goal",
    "UnmappedSymbol",
    "complete",
    "read_checks",
    "read_report",
    "render_checks",
    "render_html",
    "render_report",
    "report_data",
    "run_checks",
    "summary_of_checks",
]
