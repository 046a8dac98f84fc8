"""The completion report and the validation results: data for people, as text, HTML and JSON."""

from loader.report.completion import CompletionReport, CoreLine, Coverage, Failure, Goal, UnmappedSymbol
from loader.report.html import render_html
from loader.report.store import complete, read_report, report_data
from loader.report.text import render_checks, render_report, summary_of_checks
from loader.report.validation import Check, CheckResult, read_checks, run_checks

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
