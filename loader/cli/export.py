"""`loader export facts`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from loader import pipeline
from loader.cli.output import emit, emit_json, emit_table
from loader.cli.progress import observed
from loader.config import ExtractionConfig
from loader.errors import EXIT_DONE, EXIT_SOME_FAILED


def facts(request: pipeline.ExtractRequest, to: Path, config: ExtractionConfig, *, as_json: bool) -> int:
    """Export all facts, and print what is in the set; the exit code."""
    with observed(config.progress_interval) as observer:
        made = pipeline.export_facts(request, to, config, observer)
    if as_json:
        emit_json({**asdict(made), "bytes": made.bytes})
    else:
        emit("\n".join(made.notes))
        for reason, count in sorted(made.set_aside.items(), key=lambda item: (-item[1], item[0])):
            emit(f"{count:>13,} {reason.replace('_', ' ')}")
        if made.failed:
            emit_table(("failed", "reason"), [(",".join(one.symbols), one.reason) for one in made.failed])
    return EXIT_SOME_FAILED if made.failed else EXIT_DONE
