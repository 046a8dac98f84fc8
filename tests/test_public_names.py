"""The public interface: the names, and that they cost nothing until they are used."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

import loader
from loader import errors
from loader.cli.app import app

NAMES = """
    CheckResult CompletionReport DatabaseBusyError DatabaseError DocumentError ExtractRequest ExtractionConfig FactSet
    InputError InterruptedRunError LoaderError MissingFileError OutputError ReadError ReadTimeoutError Rules
    RunLockedError RunResult SchemaError Snapshot Statements TransientReadError UsageError __version__
    complete content_hash ensure_schema export_facts extract import_default_stocks import_stocks_csv open_source plan
    read_report read_statements refresh_mappings resume run_checks standardize
"""


def test_the_public_names_are_these() -> None:
    """A name is added or taken away on purpose only."""
    assert sorted(loader.__all__) == sorted(NAMES.split())
    assert dir(loader) == loader.__all__


@pytest.mark.parametrize("name", NAMES.split())
def test_a_public_name_is_there(name: str) -> None:
    """It can be imported from the package itself."""
    assert getattr(loader, name) is not None


def test_every_error_is_public() -> None:
    """Whoever calls the library can catch what it raises."""
    own = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, errors.LoaderError)}
    assert own <= set(loader.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """Not an import error of some room."""
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(loader, "no_such_name")  # noqa: B009  # mypy knows that it is not there
    assert not hasattr(loader, "EXIT_DONE")


def test_every_room_exports_what_it_says() -> None:
    """`__all__` of a room names nothing that it does not have."""
    for room in (
        "companyfacts",
        "database",
        "demo",
        "explain",
        "export",
        "pipeline",
        "reference",
        "report",
        "sources",
        "standardize",
        "cli",
    ):
        module = import_module(f"loader.{room}")
        assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_help_imports_no_engine() -> None:
    """The command line starts without Polars, DuckDB and Arrow, which take longer than all the rest."""
    program = (
        "import sys, loader.cli\n"
        "try: loader.cli.main(['extract', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'polars', 'duckdb', 'pyarrow', 'msgspec', 'orjson', 'rich'} & sys.modules.keys()), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stderr.strip() == "[]"


def test_commands_are_those_of_the_contract() -> None:
    """No command is there before it works."""
    names = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    assert names == {
        *("load", "extract", "resume", "status", "validate", "report", "show", "explain", "demo"),
        *("stocks", "mappings", "export"),
    }
