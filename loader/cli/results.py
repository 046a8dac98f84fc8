"""`loader validate` and `loader report`."""

from __future__ import annotations

from pathlib import Path

import msgspec

from loader.cli.output import emit_json, emit_rich, remark
from loader.errors import EXIT_CHECK_FAILED, EXIT_DONE, UsageError
from loader.report import CheckResult, read_report, render_checks, render_html, render_report, report_data, run_checks


def validate(db: Path, *, as_json: bool) -> int:
    """Run all checks and print what they found; the exit code."""
    checks = run_checks(db)
    if as_json:
        emit_json(
            {
                "database": str(db),
                "errors": sum(check.is_error for check in checks),
                "checks": [_plain(check) for check in checks],
            }
        )
    else:
        emit_rich(render_checks(checks))
    return EXIT_CHECK_FAILED if any(check.is_error for check in checks) else EXIT_DONE


def report(db: Path, *, as_json: bool, html: Path | None) -> None:
    """Print the completion report of the last run, or write it as a web page."""
    completion = read_report(db)
    if html is not None:
        try:
            html.write_text(render_html(completion), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{html}: cannot be written ({error.strerror}); give another path") from error
        remark(f"wrote {html}")
    if as_json:
        emit_json(report_data(completion))
    elif html is None:
        emit_rich(render_report(completion))


def _plain(check: CheckResult) -> dict[str, object]:
    """A result with its rows as records, which a script reads by name."""
    data: dict[str, object] = msgspec.to_builtins(check)
    data.pop("columns")
    data["rows"] = [dict(zip(check.columns, row, strict=True)) for row in check.rows]
    return data
