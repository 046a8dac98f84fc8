"""The completion report as one self-contained HTML file: no script, nothing to fetch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from loader.report.completion import CompletionReport
from loader.report.text import describe_content, describe_refresh, describe_work, format_cell

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { text-align: left; padding: .2rem 1rem .2rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.yes, .passed { color: #1a7f37; } .no, .failed, .unfinished { color: #cf222e; } .warning { color: #9a6700; }
.note { color: #777; }
details { margin: .5rem 0; }
"""


def render_html(report: CompletionReport) -> str:
    """The whole report as an HTML document."""
    title = f"Run {report.run_id}: {report.status.replace('_', ' ')}"
    coverage = report.coverage
    sections = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{_summary(report)}</p>",
        _section(
            "Measured and promised",
            _table(
                ("", "measured", "unit", "promised", "kept"),
                (
                    (goal.name, round(goal.measured, 1), goal.unit, goal.promised, {None: "", True: "yes", False: "no"}[goal.met])
                    for goal in report.goals
                ),
            ),
        ),
        _section(
            "Coverage",
            _table(
                ("members", "mapped", "with statements", "with all three"),
                [(coverage.members, coverage.mapped, coverage.with_statements, coverage.with_all_three)],
            ),
        ),
        _section(
            "Core lines",
            _table(
                ("statement", "line", "cells", "filled", "%"),
                (
                    (
                        line.statement,
                        line.line,
                        line.cells,
                        line.filled,
                        round(100 * line.filled / line.cells, 1) if line.cells else None,
                    )
                    for line in report.core_lines
                ),
            ),
        ),
        _section(
            "Facts",
            _table(
                ("", "facts"),
                [
                    ("read", report.facts_read),
                    ("used", report.facts_used),
                    *(
                        (f"set aside: {reason.replace('_', ' ')}", count)
                        for reason, count in sorted(report.set_aside.items(), key=lambda i: -i[1])
                    ),
                    ("unexplained", report.facts_unexplained),
                ],
            ),
        ),
        _section("Rows written", _table(("table", "rows"), report.rows.items())),
        _section(
            "Where the time went",
            _table(
                ("", "seconds over all threads"),
                ((name, round(seconds, 2)) for name, seconds in report.stages.items()),
            )
            + f"<p>Workers: {escape(describe_work(report))}.</p>",
        ),
    ]
    if report.failures:
        sections.append(_section("Failed", _table(("symbols", "reason"), ((f.symbols, f.reason) for f in report.failures))))
    if report.unmapped:
        rows = ((u.symbol, u.company_name, u.reason) for u in report.unmapped)
        reasons = _table(("symbols", "reason"), ((count, reason) for reason, count in report.unmapped_reasons.items()))
        names = _table(("symbol", "company", "reason"), rows)
        sections.append(_section("Not mapped", f"{reasons}<details><summary>All of them</summary>{names}</details>"))
    sections.append(_section("Validation", _checks(report)))
    sections.append(_section("Settings", _table(("setting", "value"), report.settings.items())))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n" + "\n".join(sections) + "\n</body></html>\n"
    )


def _summary(report: CompletionReport) -> str:
    duration = f"{report.seconds:,.1f} s, started {report.started_at}"
    parts = [
        f"{report.completed:,} of {report.companies:,} companies in {duration}",
        *([describe_refresh(report)] if report.unchanged else []),
        describe_content(report),
        f"from {report.source}",
    ]
    return "<br>".join(escape(part) for part in parts)


def _checks(report: CompletionReport) -> str:
    if not report.checks:
        return '<p class="note">Not part of this run: <code>loader validate</code> does it.</p>'
    parts = [
        _table(
            ("check", "severity", "outcome", "rows", "purpose"),
            ((check.name, check.severity, check.status, check.count, check.purpose) for check in report.checks),
        )
    ]
    parts += [
        f"<details><summary>{escape(check.name)}: the first {min(len(check.rows), 100)} of {check.count:,} rows</summary>"
        f"{_table(check.columns, check.rows[:100])}</details>"
        for check in report.checks
        if check.rows
    ]
    return "".join(parts)


def _section(heading: str, body: str) -> str:
    return f"<h2>{escape(heading)}</h2>\n{body}"


def _table(columns: Sequence[str], rows: Iterable[Iterable[str | int | float | None]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: str | int | float | None) -> str:
    if isinstance(value, int | float):
        return f'<td class="number">{format_cell(value) if isinstance(value, float) else f"{value:,}"}</td>'
    text = format_cell(value)
    mark = f' class="{text}"' if text in {"yes", "no", "passed", "failed", "unfinished", "warning"} else ""
    return f"<td{mark}>{escape(text)}</td>"
