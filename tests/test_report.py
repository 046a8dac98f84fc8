"""The completion report: what it says, in every form, adds up."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from loader.database import last_run
from loader.errors import InputError
from loader.report import (
    CheckResult,
    CompletionReport,
    CoreLine,
    Coverage,
    Failure,
    UnmappedSymbol,
    read_checks,
    read_report,
    render_checks,
    render_html,
    render_report,
    report_data,
)
from tests.conftest import Call, Demo


@pytest.fixture
def report() -> CompletionReport:
    """A run with everything in it, failures and long texts among them."""
    rows = (("LONGSYMBOL", "<b>FY</b>", 2024, 1234567890123.0, -98765432109876.5, None, "0000320193-24-000123", "x" * 60),)
    columns = ("symbol", "period", "year", "fiscal_year", "four_quarters", "difference", "accession", "remark")
    return CompletionReport(
        run_id=7,
        status="completed_with_failures",
        database="data/edgar.db",
        source="/a/folder/of/a/name/that/is/rather/long/so/that/it/has/to/be/folded/somewhere/on/its/way/companyfacts",
        synthetic=False,
        vintage="latest",
        as_of="2024-12-31",
        started_at="2026-01-01T00:00:00+00:00",
        settings={"max_workers": 10, "symbols": None, "synthetic": False},
        companies=500,
        completed=480,
        kept=80,
        failures=[Failure("GOOG,GOOGL", f"not a companyfacts document: reason {n} " + "long " * 30) for n in range(20)],
        unmapped=[
            UnmappedSymbol(f"S{n}", f"Company <{n}> & Co", f"no file CIK{n:010d}.json in data/companyfacts") for n in range(40)
        ]
        + [UnmappedSymbol("NEW", "New Inc.", "not in the ticker file")],
        notes=[],
        seconds=60.0,
        peak_memory_mb=640.0,
        start_memory_mb=140.0,
        workers=10,
        bytes_read=2 * 1024**3,
        database_bytes_before=0,
        database_bytes_after=100 * 1024**2,
        facts_read=1_000_000,
        facts_used=400_000,
        set_aside={"not_a_statement_concept": 500_000, "no_value": 99_999},
        rows={
            "income_statements": 37_000,
            "balance_sheets": 38_000,
            "cash_flow_statements": 36_000,
            "statement_items": 2_500_000,
        },
        batches=10,
        retries=1,
        stages={"read": 1.0, "flatten": 20.0, "standardize": 10.0, "write": 9.0},
        worker_utilisation=0.35,
        io_wait=0.02,
        deepest_queue=1,
        coverage=Coverage(503, 462, 460, 455),
        core_lines=[CoreLine("income", "revenue", 200, 150), CoreLine("balance", "total_assets", 100, 99)],
        checks=[
            CheckResult("keys_unique", "One row for each key.", "error", "passed", 0, ("a",), (), 0.1),
            CheckResult("quarters_sum_to_year", "Quarters add up.", "warning", "failed", 400, columns, rows * 20, 0.1),
            CheckResult("provenance", "Every value has its item.", "error", "failed", 1, columns, rows, 0.1),
        ],
    )


def text_of(renderable: Any) -> str:
    """What a console of 100 columns prints."""
    console = Console(width=100, file=io.StringIO(), highlight=False)
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_figures_follow_from_what_was_measured(report: CompletionReport) -> None:
    """Those that an earlier part of a resumed run had loaded do not make it faster."""
    assert report.companies_per_minute == 420
    assert report.error_rate == 0.04
    assert report.memory_per_worker_mb == 50
    assert report.database_growth_mb == 100
    assert report.completeness == 249 / 300
    assert report.unmapped_reasons == {"no file CIK##########.json in data/companyfacts": 40, "not in the ticker file": 1}
    kept = {goal.name: goal.met for goal in report.goals}
    assert kept["Speed"] is True
    assert kept["Error rate"] is False
    assert kept["Core lines filled"] is False


def test_the_speed_of_a_few_companies_is_not_judged(report: CompletionReport) -> None:
    """One company takes a second, most of which is the start of the program."""
    few = _with(report, companies=1, completed=1, kept=0, failures=[], seconds=1.2)
    assert {goal.name for goal in few.goals if goal.met is None} >= {"Speed", "Time for 500", "Memory a worker"}


def test_companies_that_were_left_alone_are_told_and_do_not_make_it_faster(report: CompletionReport) -> None:
    """Nor does a run that found nothing to do have a speed."""
    refresh = _with(report, kept=0, unchanged=380, failures=[])
    assert (refresh.loaded, refresh.companies_per_minute) == (100, 100)
    assert "380 of them unchanged and left alone, 100 loaded" in text_of(render_report(refresh))
    assert "380 of them unchanged and left alone, 100 loaded" in render_html(refresh)
    nothing = _with(report, kept=0, unchanged=480, failures=[])
    assert not {"Speed", "Time for 500"} & {goal.name for goal in nothing.goals}


def test_facts_that_do_not_add_up_are_shown(report: CompletionReport) -> None:
    """Read less used less set aside has to be nothing."""
    assert report.facts_unexplained == 1
    assert "1 unexplained" in text_of(render_report(report))
    assert "unexplained" not in text_of(render_report(_with(report, set_aside={"no_value": 600_000})))


def _with(report: CompletionReport, **changes: Any) -> CompletionReport:
    return msgspec.convert({**msgspec.to_builtins(report), **changes}, CompletionReport)


def test_the_text_fits_a_terminal_of_100_columns(report: CompletionReport) -> None:
    """Long reasons are folded, long lists are cut and say so."""
    for renderable in (render_report(report), render_checks(report.checks)):
        assert max(len(line) for line in text_of(renderable).splitlines()) <= 100
    text = text_of(render_report(report))
    for part in (
        "Run 7",
        "480 of 500 companies",
        "80 of them before",
        "1,000,000 read = 400,000 used",
        "GOOG,GOOGL",
        "40  no file",
        "1 failed",
    ):
        assert part in text


def test_the_page_needs_nothing_else_and_escapes_what_it_shows(report: CompletionReport) -> None:
    """No script, no address, and names with angle brackets are text."""
    page = render_html(report)
    tags: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            assert {name for name, _ in attrs} <= {"lang", "charset", "class"}

    Reader().feed(page)
    assert not tags & {"script", "link", "img", "iframe", "b"}
    assert "http" not in page
    assert "Company &lt;3&gt; &amp; Co" in page
    assert "&lt;b&gt;FY&lt;/b&gt;" in page


def test_the_data_survive_json(report: CompletionReport) -> None:
    """What is kept in the database is what was measured."""
    assert msgspec.json.decode(msgspec.json.encode(report), type=CompletionReport) == report
    data = report_data(report)
    assert json.loads(msgspec.json.encode(data))["companies_per_minute"] == 420


def test_a_report_of_an_earlier_version_can_be_read(report: CompletionReport) -> None:
    """It did not count what was left alone, because nothing was."""
    data = msgspec.to_builtins(report)
    del data["unchanged"]
    assert msgspec.convert(data, CompletionReport) == report


def test_the_report_of_a_run_is_kept_and_shown_again(demo: Demo, call: Call) -> None:
    """`loader report` shows what the run printed, as text, JSON and a page."""
    kept = read_report(demo.db)
    assert kept.facts_read == kept.facts_used + sum(kept.set_aside.values())
    assert (kept.completed, kept.failures, kept.synthetic) == (12, [], True)
    assert kept.peak_memory_mb > kept.start_memory_mb > 0
    assert kept.coverage == Coverage(13, 13, 13, 13)
    assert len(kept.checks) == len(read_checks())
    data = json.loads(call("report", "--db", demo.db, "--json").stdout)
    assert data == json.loads(msgspec.json.encode(report_data(kept)))
    assert "12 of 12 companies" in call("report", "--db", demo.db).stdout
    assert call("report", "--db", demo.db, "--html", "report.html").stdout == ""
    assert Path("report.html").read_text(encoding="utf-8") == render_html(kept)
    assert call("report", "--db", demo.db, "--html", "no/such/folder.html").returncode == 2


def test_the_report_of_a_run_that_was_not_completed_says_how_to_go_on(demo_db: Path) -> None:
    """A run that was cut off has no report."""
    with closing(sqlite3.connect(demo_db)) as connection, connection:
        connection.execute("UPDATE extraction_runs SET report = NULL, status = 'interrupted'")
    with pytest.raises(InputError, match="loader resume"):
        read_report(demo_db)


def test_rows_in_the_report_are_rows_in_the_tables(demo: Demo) -> None:
    """Into a new database, what was written is what is there."""
    kept = read_report(demo.db)
    with closing(sqlite3.connect(demo.db)) as connection:
        there = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in kept.rows}
    assert kept.rows == there
    run = last_run(demo.db)
    assert run is not None
    assert run.completed == kept.completed
