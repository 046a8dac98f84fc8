"""The completion report and the validation results for a terminal of 100 columns or less."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from loader.report.completion import CompletionReport, Failure
from loader.report.validation import Cell, CheckResult

#: Columns of the terminal that the report is made for.
WIDTH = 100
#: Longer lists are cut, and say how many are left out: a terminal is for reading, `--json` has them all.
LIST_LIMIT = 20
#: Up to so many unmapped symbols are named; more are counted by reason.
UNMAPPED_LIMIT = 10
#: Offending rows shown of a check; its file can be run by hand for all of them.
ROW_LIMIT = 5

_MARKS = {
    "passed": ("passed", "green"),
    "failed": ("failed", "red"),
    "skipped": ("skipped", "dim"),
    "unfinished": ("no time", "red"),
}


def render_report(report: CompletionReport) -> RenderableType:
    """The report as something that a rich console prints."""
    return Group(*_report_parts(report))


def render_checks(checks: Sequence[CheckResult]) -> RenderableType:
    """Validation results: one line for each check, then the first rows of what falls short."""
    parts: list[RenderableType] = [_check_table(checks)]
    for check in checks:
        if check.rows:
            parts += [Text(), Text(f"{check.name}: {check.purpose}", style="bold"), Padding(_rows_table(check), (0, 0, 0, 2))]
            if check.count > ROW_LIMIT:
                parts.append(Text(f"  … and {check.count - ROW_LIMIT:,} more", style="dim"))
    parts += [Text(), summary_of_checks(checks)]
    return Group(*parts)


def summary_of_checks(checks: Sequence[CheckResult]) -> Text:
    """One line that counts the checks by outcome."""
    passed = sum(check.status == "passed" for check in checks)
    skipped = sum(check.status == "skipped" for check in checks)
    errors = sum(check.is_error for check in checks)
    notes = len(checks) - passed - skipped - errors
    parts = [f"{passed} passed", f"{errors} failed", f"{notes} with remarks"] + ([f"{skipped} not applicable"] if skipped else [])
    return Text(f"{len(checks)} checks: {', '.join(parts)}", style="red" if errors else "yellow" if notes else "green")


def describe_content(report: CompletionReport) -> str:
    """What the database holds after the run, in words."""
    as_of = f" as known on {report.as_of}" if report.as_of else ""
    return f"{report.vintage} values{as_of}{' of invented companies' if report.synthetic else ''}, in {report.database}"


def describe_refresh(report: CompletionReport) -> str:
    """How many companies were left alone, in words."""
    return f"{report.unchanged:,} of them unchanged and left alone, {report.loaded:,} loaded"


def describe_work(report: CompletionReport) -> str:
    """How workers and writer were used, in words."""
    return (
        f"{report.workers}, busy {report.worker_utilisation:.0%} of the time, waiting for the source {report.io_wait:.0%} of it; "
        f"{_counted(report.batches, 'transaction')}, at most {_counted(report.deepest_queue, 'batch', 'batches')} waiting; "
        f"{_counted(report.retries, 'retry', 'retries')}"
    )


def _report_parts(report: CompletionReport) -> Iterator[RenderableType]:
    style = "green" if report.status == "completed" else "red" if report.status in {"failed", "interrupted"} else "yellow"
    yield Text.assemble(
        ("Run ", "bold"),
        (str(report.run_id), "bold"),
        ": ",
        (report.status.replace("_", " "), style),
        f", {report.completed:,} of {report.companies:,} companies in {_duration(report.seconds)}",
        f" ({report.kept:,} of them before it was resumed)" if report.kept else "",
    )
    if report.unchanged:
        yield Text(describe_refresh(report))
    yield Text(describe_content(report), overflow="fold")
    yield Text(f"from {report.source}", overflow="fold")
    yield Text()
    yield _goal_table(report)
    yield Text()
    yield from _content(report)
    if report.failures:
        yield Text()
        yield from _failures(report.failures)
    if report.unmapped:
        yield Text()
        yield from _unmapped(report)
    yield Text()
    if report.checks:
        yield _check_table([check for check in report.checks if check.status != "passed"])
        yield summary_of_checks(report.checks)
    else:
        yield Text("Validation was not part of this run: `loader validate` does it.", style="dim")


def _goal_table(report: CompletionReport) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("Measured", style="bold")
    table.add_column("", justify="right")
    table.add_column("")
    table.add_column("Promised")
    table.add_column("")
    for goal in report.goals:
        met = Text("") if goal.met is None else Text("yes", style="green") if goal.met else Text("no", style="red")
        digits = 0 if goal.measured >= 100 else 1
        table.add_row(goal.name, f"{goal.measured:,.{digits}f}", goal.unit, goal.promised, met)
    return table


def _content(report: CompletionReport) -> Iterator[RenderableType]:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    coverage = report.coverage
    table.add_row(
        "Coverage",
        f"{coverage.with_statements:,} of {coverage.members:,} members with statements"
        f" ({coverage.with_all_three:,} with all three), {coverage.mapped:,} mapped",
    )
    table.add_row(
        "Facts", f"{report.facts_read:,} read = {report.facts_used:,} used + {sum(report.set_aside.values()):,} set aside"
    )
    for reason, count in sorted(report.set_aside.items(), key=lambda item: (-item[1], item[0])):
        table.add_row("", f"{count:>13,} {reason.replace('_', ' ')}")
    if report.facts_unexplained:
        table.add_row("", Text(f"{report.facts_unexplained:>13,} unexplained", style="red"))
    table.add_row("Rows", ", ".join(f"{name} {count:,}" for name, count in report.rows.items()) or "none")
    table.add_row("Source", f"{report.bytes_read / 1024**2:,.1f} MiB read")
    stages = ", ".join(f"{name} {seconds:,.1f} s" for name, seconds in report.stages.items())
    table.add_row("Stages", f"{stages} (over all threads)")
    table.add_row("Workers", describe_work(report))
    yield table


def _failures(failures: Sequence[Failure]) -> Iterator[RenderableType]:
    yield Text(f"Failed: {len(failures):,}", style="bold red")
    table = Table.grid(padding=(0, 2, 0, 0))
    for failure in failures[:LIST_LIMIT]:
        table.add_row(f"  {failure.symbols}", Text(failure.reason, overflow="fold"))
    yield table
    if len(failures) > LIST_LIMIT:
        yield Text(f"  … and {len(failures) - LIST_LIMIT:,} more", style="dim")


def _unmapped(report: CompletionReport) -> Iterator[RenderableType]:
    yield Text(f"Not mapped: {len(report.unmapped):,} of {report.coverage.members:,} members", style="bold yellow")
    table = Table.grid(padding=(0, 2, 0, 0))
    if len(report.unmapped) <= UNMAPPED_LIMIT:
        for symbol in report.unmapped:
            table.add_row(f"  {symbol.symbol}", Text(symbol.reason, overflow="fold"))
    else:
        for reason, count in list(report.unmapped_reasons.items())[:LIST_LIMIT]:
            table.add_row(f"  {count:,}", Text(reason, overflow="fold"))
        yield table
        yield Text("  `loader extract --dry-run` names them", style="dim")
        return
    yield table


def _check_table(checks: Sequence[CheckResult]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for check in checks:
        word, style = _MARKS[check.status]
        if check.status == "failed" and check.severity != "error":
            word, style = check.severity, "yellow"
        count = _counted(check.count, "row") if check.count else ""
        table.add_row(
            Text(word, style=style),
            check.name,
            Text(count, justify="right"),
            Text(check.purpose, overflow="ellipsis", no_wrap=True),
        )
    return table


def _rows_table(check: CheckResult) -> Table:
    """The first offending rows, with as many columns as fit, the first ones first: they say where."""
    rows = [[format_cell(cell) for cell in row] for row in check.rows[:ROW_LIMIT]]
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    room = WIDTH - 2
    shown = 0
    for position, column in enumerate(check.columns):
        room -= 2 + max(len(column), *(len(row[position]) for row in rows))
        if room < 0 and shown:
            break
        table.add_column(column, overflow="fold")
        shown += 1
    for row in rows:
        table.add_row(*row[:shown])
    return table


def format_cell(cell: Cell) -> str:
    """A value of a query as text: whole numbers without a fraction, NULL as nothing."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell.is_integer() else f"{cell:,.4f}".rstrip("0")
    return str(cell)


def _counted(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"
