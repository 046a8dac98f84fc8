"""The entry point: runs a command and turns every error into an exit code and one or two lines on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from loader.cli.app import app
from loader.cli.output import remark
from loader.errors import EXIT_CHECK_FAILED, EXIT_INTERRUPTED, EXIT_USAGE, LoaderError


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = app(args=arguments, prog_name="loader", standalone_mode=False)
    except LoaderError as error:
        if _is_debugging(arguments):
            raise
        remark(f"loader: {error}")
        code = error.exit_code
    except typer.TyperException as error:
        # The parser's own errors: an unknown option, a value that does not fit.
        remark(f"loader: {error.format_message()}\nTry `loader {_command_in(arguments)}--help`.")
        code = EXIT_USAGE
    except typer.Abort:
        code = EXIT_INTERRUPTED
    except KeyboardInterrupt:
        remark("loader: interrupted")
        code = EXIT_INTERRUPTED
    except Exception as error:  # the outermost edge: a fault of ours or of the machine's, told in one line
        if _is_debugging(arguments):
            raise
        remark(f"loader: {type(error).__name__}: {error} (`loader --debug …` shows where)")
        code = EXIT_CHECK_FAILED
    sys.exit(code if isinstance(code, int) else 0)


def _is_debugging(arguments: Sequence[str]) -> bool:
    """Whether the global option --debug is there: it stands before the command."""
    return "--debug" in arguments


def _command_in(arguments: Sequence[str]) -> str:
    """The command that the arguments name, with a space after it; nothing when they name none."""
    words = [word for word in arguments if not word.startswith("-")]
    return f"{words[0]} " if words and words[0] in {command.name for command in app.registered_commands} else ""
