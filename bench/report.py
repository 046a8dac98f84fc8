"""The results as text, 100 columns wide: ratios first, absolute figures beside them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from bench.experiments import Figures
from bench.machine import sentences

_WIDTH: Final = 100
#: The promise about workers: the interval of the ratio reaches below this. A wide one does so as well, and tells little.
NOT_SLOWER: Final = 1.05


def text(results: Figures) -> str:
    """All that was measured; what was not is left out."""
    console = Console(width=_WIDTH, file=io.StringIO(), highlight=False, markup=False, emoji=False)
    for line in [*sentences(results["machine"]), results["corpus"]["told"]]:
        console.print(line)
    for part in _parts(results):
        console.print()
        for each in part:
            console.print(each)
    assert isinstance(console.file, io.StringIO)  # noqa: S101  # for the type checker: it was made above
    return console.file.getvalue()


def _parts(results: Figures) -> Iterator[list[str | Table]]:
    """A title, a table, and what there is to say about it."""
    if (whole := results.get("whole")) is not None:
        size = whole["yardstick"]["megabytes"]
        told = [f"{each['name']}: left out. {each['reason']}" for each in whole["left_out"]]
        if (against := whole.get("zip_against_folder")) is not None:
            told.append(f"from a zip against from the folder: {_spread(against)}")
        title = f"The whole extraction: {whole['companies']:,} companies, {size:,.0f} MB, median of {whole['rounds']} rounds"
        yield [title, _whole(whole), *told]
        yield ["Where the time goes: seconds over all threads, which overlap", _stages(whole["stages"])]
    if sizes := results.get("companies"):
        yield ["How it grows: into a new database", _companies(sizes)]
    if workers := results.get("workers"):
        many, pairs = workers["companies"], workers["pairs"]
        title = f"{workers['workers']} workers against others: {many:,} companies, {pairs} alternating pairs each"
        yield [title, _workers(workers)]
    if tuning := results.get("tuning"):
        title = f"One option at a time: {tuning['companies']:,} companies, median of {tuning['rounds']} rounds; * is the default"
        yield [title, _tuning(tuning)]
    if filers := results.get("filers"):
        how = "with --all-filers" if filers["all_filers"] else "all as members of the index"
        told = [f"sizes: {filers['distribution']}", f"loaded {how}"]
        title = f"Every filer: {filers['companies']:,} companies of mixed sizes, median of {filers['rounds']} rounds"
        yield [title, _filers(filers), *told]
        yield ["What one more GB costs: up to all of them, against up to the few", _marginal(filers)]


def _whole(whole: Figures) -> Table:
    table = _table("", "wall ratio\nleast-most", "CPU ratio\nleast-most", "wall\ns", "CPU\ns", "peak\nMiB", "rows", "DB\nMiB")
    table.add_row("orjson.loads", "1", "1", *_absolute(whole["yardstick"]), "", "")
    for case in whole["cases"]:
        table.add_row(case["name"], *_ratios(case), *_absolute(case), f"{case['rows']:,}", f"{case['database_mb']:,.0f}")
    return table


def _stages(stages: list[Figures]) -> Table:
    databases = list(dict.fromkeys(stage["database"] for stage in stages))
    table = _table("", *(head for database in databases for head in (f"{database} database\nshare", "\ns")))
    for name in dict.fromkeys(stage["name"] for stage in stages):
        found = {stage["database"]: stage for stage in stages if stage["name"] == name}
        cells = [
            (_share(found[each]), _number(found[each]["seconds"]["median"])) if each in found else ("", "") for each in databases
        ]
        table.add_row(name, *(cell for pair in cells for cell in pair))
    return table


def _companies(sizes: list[Figures]) -> Table:
    table = _table(
        "companies",
        "MB",
        "wall ratio\nleast-most",
        "CPU ratio\nleast-most",
        "wall\ns",
        "CPU\ns",
        "peak\nMiB",
        "ms a\ncompany",
    )
    for size in sizes:
        each = 1000 * size["seconds"]["median"] / size["companies"]
        table.add_row(f"{size['companies']:,}", f"{size['megabytes']:,.0f}", *_ratios(size), *_absolute(size), f"{each:.0f}")
    return table


def _workers(workers: Figures) -> Table:
    ours = workers["workers"]
    table = _table(
        "against",
        "wall ratio\nleast-most",
        "95 % interval\nof the median",
        f"reaches\nbelow {NOT_SLOWER}",
        f"wall s\n{ours}",
        "\nother",
        f"peak MiB\n{ours}",
        "\nother",
    )
    for other in workers["against"]:
        low, high = other["interval"]
        table.add_row(
            str(other["workers"]),
            _spread(other["ratio"]),
            f"{low:.3f}-{high:.3f}",
            "yes" if low < NOT_SLOWER else "no",
            *(_number(other[figure]["median"]) for figure in ("seconds_ours", "seconds")),
            *(f"{other[figure]['most']:,.0f}" for figure in ("peak_mb_ours", "peak_mb")),
        )
    return table


def _tuning(tuning: Figures) -> Table:
    table = _table(
        "option",
        "value",
        "against\ndefault",
        "wall ratio\nleast-most",
        "CPU ratio\nleast-most",
        "wall\ns",
        "CPU\ns",
        "peak\nMiB",
    )
    before = None
    for row in tuning["rows"]:
        if before not in (None, row["option"]):
            table.add_section()
        name = row["option"] if row["option"] != before else ""
        before = row["option"]
        against = "1" if row["default"] else f"{row['against_defaults']['median']:.2f}"
        value = f"{row['value']:,}{'*' if row['default'] else ' '}"
        table.add_row(name, value, against, *_ratios(row), *_absolute(row))
    return table


def _filers(filers: Figures) -> Table:
    table = _table(
        "companies",
        "MB",
        "database",
        "wall ratio\nleast-most",
        "CPU ratio\nleast-most",
        "wall\ns",
        "CPU\ns",
        "peak\nMiB",
    )
    for size in filers["sizes"]:
        table.add_row(
            size["name"] if size["name"] != "all" else f"all {size['companies']:,}",
            f"{size['megabytes']:,.0f}",
            size["database"],
            *_ratios(size),
            *_absolute(size),
        )
    return table


def _marginal(filers: Figures) -> Table:
    few, many = filers["steps"]
    table = _table(
        "the few",
        "database",
        "wall ratio\nleast-most",
        "CPU ratio\nleast-most",
        "CPU ratio\nby row",
        f"wall s a GB\n{few}-{many}",
        f"\n{many}-all",
    )
    for row in filers["marginal"]:
        figures = ("seconds_a_megabyte", "cpu_seconds_a_megabyte", "cpu_seconds_a_row")
        told = [_spread(row[figure]["ratio"]) if row[figure]["ratio"] else "too small" for figure in figures]
        costs = [_number(1000 * row["seconds_a_megabyte"][which]["median"]) for which in ("few", "all")]
        table.add_row(row["few"], row["database"], *told, *costs)
    return table


def _table(*heads: str) -> Table:
    """A table whose first column is text and whose others are numbers."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place else "left", no_wrap=True)
    return table


def _ratios(figures: Figures) -> tuple[str, str]:
    return _spread(figures["ratio"]), _spread(figures["cpu_ratio"])


def _spread(of: dict[str, Any]) -> str:
    return f"{_number(of['median'])} ({_number(of['least'])}-{_number(of['most'])})"


def _number(value: float) -> str:
    """Three digits, and two decimals at most: no more of it can be measured."""
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def _absolute(figures: Figures) -> tuple[str, str, str]:
    """Medians; of memory the most, since that is what a limit is about."""
    seconds, cpu = (_number(figures[figure]["median"]) for figure in ("seconds", "cpu_seconds"))
    return seconds, cpu, f"{figures['peak_mb']['most']:,.0f}"


def _share(stage: Figures) -> str:
    return f"{100 * stage['share']['median']:.0f} %"
