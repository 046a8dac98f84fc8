"""Writes results to stdout and remarks to stderr. A reader of stdout that goes away (`| head`) ends nothing and is no error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Results are made for this width; a narrower terminal wraps them, a wider one does not stretch them.
WIDTH = 100


def emit(text: str) -> None:
    """Print a line, or several, to stdout."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_stdout()


def emit_json(value: object) -> None:
    """Print a value as JSON."""
    import orjson

    emit(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def emit_rich(renderable: RenderableType) -> None:
    """Print something that rich renders: in colour on a terminal, as plain text elsewhere."""
    from rich.console import Console

    terminal = Console()
    console = Console(width=min(terminal.width, WIDTH) if terminal.is_terminal else WIDTH, highlight=False)
    with console.capture() as capture:
        console.print(renderable)
    emit("\n".join(line.rstrip() for line in capture.get().rstrip("\n").split("\n")))


def emit_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns, with a header; aligned for the eye, whole for `grep` and `cut`."""
    widths = [max(len(column), *(len(row[i]) for row in rows)) if rows else len(column) for i, column in enumerate(columns)]
    emit(
        "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [columns, *rows]
        )
    )


def remark(text: str) -> None:
    """Print a line to stderr: something to know that is no result."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201  # this is the terminal's edge


def _discard_stdout() -> None:
    """Let the rest of the output go nowhere, and the interpreter's last flush succeed."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123  # a device, not a path of ours
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
