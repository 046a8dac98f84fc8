"""The README is true: its commands run, and every command, option, variable and exit code is in it."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from loader import errors
from loader.cli.app import app
from loader.database import list_stocks
from tests.conftest import Call, Demo

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = [line.removeprefix("$ ") for block in BLOCKS for line in block.splitlines() if line.startswith("$ loader ")]


def _parameters() -> Iterator[tuple[str, Any]]:
    """Every parameter of every command, with the command's name."""
    pending = [("loader", typer.main.get_command(app))]
    while pending:
        name, command = pending.pop()
        pending += [(f"{name} {child}", inner) for child, inner in getattr(command, "commands", {}).items()]
        yield from ((name, parameter) for parameter in command.params if parameter.name != "help")


PARAMETERS = list(_parameters())


def test_every_command_of_the_readme_runs(demo: Demo, tmp_path: Path, call: Call) -> None:
    """In their order, in a folder that has data where the README wants it."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "companyfacts").symlink_to(demo.directory / "companyfacts")
    shutil.copy(demo.directory / "company_tickers_exchange.json", data)
    shutil.copy(demo.directory / "stocks.csv", tmp_path / "members.csv")
    assert len(COMMANDS) >= 9
    for command in COMMANDS:
        # The sessions are of real companies; the invented ones have other years.
        result = call(*shlex.split(re.sub(r"--year \d+", "--year 2023", command))[1:])
        assert result.returncode == 0, (command, result.stderr)
    assert {"AAPL", "MSFT"} <= {stock.symbol for stock in list_stocks(data / "edgar.db")}


def test_the_python_of_the_readme_runs(demo: Demo, tmp_path: Path, call: Call) -> None:
    """On a demo, and an export of it, where the README says they are."""
    (tmp_path / "data").mkdir()
    shutil.copy(demo.db, tmp_path / "data" / "demo.db")
    assert call("export", "facts", "--to", "data/parquet", "--db", "data/demo.db").returncode == 0
    names: dict[str, Any] = {}
    for program in re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL):
        exec(program, names)  # noqa: S102  # our own README
    assert names["frame"].height > 0
    assert names["history"].columns == ["fy", "fp", "end_date", "value", "filed", "accession"]
    assert names["restated"].height > 0


@pytest.mark.parametrize(
    "name", sorted({name for name, _ in PARAMETERS} - {"loader", "loader stocks", "loader mappings", "loader export"})
)
def test_every_command_is_in_the_readme(name: str) -> None:
    """With what it does."""
    assert re.search(rf"\| [^|]*`{name}\b", README), name


@pytest.mark.parametrize(("command", "parameter"), PARAMETERS, ids=[f"{name}-{parameter.name}" for name, parameter in PARAMETERS])
def test_every_option_and_its_variable_is_in_the_readme(command: str, parameter: Any) -> None:
    """By its name, as one types it."""
    for option in parameter.opts:
        if option.startswith("--"):
            assert re.search(rf"{option}\b(?!-)", README), (command, option)
    if parameter.envvar:
        assert f"`{parameter.envvar}`" in README, (command, parameter.envvar)


def test_every_variable_of_the_readme_is_there() -> None:
    """Nothing is documented that has no effect."""
    known = {parameter.envvar for _, parameter in PARAMETERS} | {"LOADER_SHARED_DATA"}
    assert set(re.findall(r"LOADER_[A-Z_]+", README)) <= known


def test_defaults_in_the_readme_are_those_of_the_commands() -> None:
    """Number for number."""
    documented = dict(re.findall(r"^\| `(--[a-z-]+) [^|]*\| `LOADER_[A-Z_]+` \| (\d+) \|", README, flags=re.MULTILINE))
    real = {parameter.opts[0]: parameter.default for command, parameter in PARAMETERS if command == "loader extract"}
    assert len(documented) == 8
    assert {option: float(value) for option, value in documented.items()} == {
        option: float(real[option]) for option in documented
    }


def test_exit_codes_in_the_readme_are_those_of_the_errors() -> None:
    """No more and no fewer."""
    codes = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    section = README.partition("### Exit codes")[2].partition("## ")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", section, flags=re.MULTILINE)} == codes


def test_every_table_of_the_schema_is_in_the_readme() -> None:
    """But the loader's own small ones, which are named together."""
    tables = {path.stem for path in (ROOT / "sql" / "schema").glob("*.sql")}
    assert {table for table in tables if not table.startswith("loader_")} <= set(re.findall(r"`([a-z_0-9]+)`", README))


def test_recipes_of_the_readme_are_in_the_justfile() -> None:
    """And `.ci/run` calls the README's test command."""
    justfile = (ROOT / "justfile").read_text(encoding="utf-8")
    for recipe in set(re.findall(r"`just ([a-z]+)`", README)):
        assert re.search(rf"^{recipe}\b", justfile, flags=re.MULTILINE), recipe
    assert "just test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "`just test`" in README
