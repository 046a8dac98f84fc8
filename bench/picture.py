"""The results as one picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench.experiments import Figures
from bench.machine import sentences

FORMATS: Final = (".svg", ".png")
_WIDTH: Final = 380
_HEIGHT: Final = 110
_BAR: Final = 26
_OURS, _YARDSTICK, _INK = "#1f6f8b", "#b8621b", "#333333"


def draw(results: Figures, path: Path) -> None:
    """Write an SVG or a PNG, by the name of the file."""
    # Imported here, so that what is measured does not wait for it.
    import altair as alt  # noqa: PLC0415

    panels = list(_panels(results))
    rows = [
        alt.hconcat(*panels[place : place + 2], spacing=50).resolve_scale(color="independent")
        for place in range(0, len(panels), 2)
    ]
    subtitle = [results["corpus"]["told"], *sentences(results["machine"])]
    title = alt.Title(
        "loader extract against orjson.loads of the same files", subtitle=subtitle, fontSize=18, subtitleFontSize=11, offset=20
    )
    chart = (
        alt.vconcat(*rows, spacing=35, title=title, background="white", padding=20)
        .resolve_scale(color="independent")
        .configure_view(stroke=None)
    )
    # Panels below each other begin at the same place.
    chart = chart.configure_axisY(minExtent=95).configure_axis(
        labelFontSize=12, titleFontSize=12, titleFontWeight="normal", grid=False, labelLimit=220, domainColor="#999999"
    )
    chart = chart.configure_title(anchor="start", subtitleColor="#666666").configure_legend(title=None, labelFontSize=12)
    chart.save(path, scale_factor=2)


def _panels(results: Figures) -> Iterator[Any]:
    whole = results["whole"]
    yield _ratio_bars(
        [{"name": case["name"], **case["ratio"]} for case in whole["cases"]],
        "Wall time, as a ratio to the yardstick",
        f"{whole['companies']} companies, median of {whole['rounds']} rounds, least to most; 1 is orjson.loads",
    )
    yield _stages(whole)
    if len(results.get("companies", ())) > 1:
        yield _growth(results["companies"])
    if results.get("workers"):
        yield _workers(results["workers"])
    if results.get("filers"):
        rows = [
            {"name": f"{row['few']}, {row['database']}", **row["seconds_a_megabyte"]["ratio"]}
            for row in results["filers"]["marginal"]
            if row["seconds_a_megabyte"]["ratio"]
        ]
        if rows:
            yield _ratio_bars(
                rows,
                f"Marginal cost up to {results['filers']['companies']:,} companies",
                "seconds a GB, against those from {} to {}; 1 is linear".format(*results["filers"]["steps"]),
            )


def _ratio_bars(rows: list[Figures], title: str, subtitle: str) -> Any:
    """One bar for each row, its spread as a line, its figure beside it, and a rule at 1."""
    import altair as alt  # noqa: PLC0415

    rows = [{**row, "told": f"{row['median']:.2f}"} for row in rows]
    most = max(1.0, *(row["most"] for row in rows))
    names = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8))
    scale = alt.Scale(domain=[0, most * 1.18], nice=False)
    base = _chart(rows)
    bars = base.mark_bar(color=_OURS, size=_BAR * 0.6).encode(
        names, alt.X("median:Q", scale=scale, title="ratio", axis=alt.Axis(tickCount=7))
    )
    spread = base.mark_rule(color=_INK, strokeWidth=1.5).encode(names, alt.X("least:Q"), alt.X2("most:Q"))
    told = base.mark_text(align="left", dx=7, fontSize=12, color=_INK).encode(names, alt.X("most:Q"), alt.Text("told:N"))
    one = _chart([{"one": 1}]).mark_rule(color=_YARDSTICK, strokeDash=[5, 3], strokeWidth=1.5).encode(alt.X("one:Q"))
    return _sized((bars + one + spread + told), title, subtitle, height=_HEIGHT)


def _stages(whole: Figures) -> Any:
    """Shares of the stages, into a new and into a full database."""
    import altair as alt  # noqa: PLC0415

    rows = []
    for place, stage in enumerate(whole["stages"]):
        share = stage["share"]["median"]
        told = f"{100 * share:.0f} %" if share >= 0.06 else ""  # narrower, there is no room for it
        rows.append({"database": stage["database"], "name": stage["name"], "share": share, "place": place, "told": told})
    names = list(dict.fromkeys(row["name"] for row in rows))
    base = _chart(rows)
    databases = alt.Y("database:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8))
    across = alt.X("share:Q", stack="normalize", title="share of the stages' seconds", axis=alt.Axis(format="%", tickCount=5))
    order = alt.Order("place:Q")
    colours = alt.Color(
        "name:N", scale=alt.Scale(domain=names, scheme="tableau10"), legend=alt.Legend(orient="bottom", symbolType="square")
    )
    bars = base.mark_bar(size=_BAR).encode(databases, across, colours, order)
    middle = alt.X("share:Q", stack="normalize", bandPosition=0.5)
    told = base.mark_text(color="white", fontSize=11).encode(databases, middle, order, alt.Text("told:N"), alt.Detail("name:N"))
    return _sized(
        bars + told,
        "Where the time goes",
        "seconds over all threads, which overlap; into a new and a full database",
        height=_HEIGHT,
    )


def _growth(sizes: list[Figures]) -> Any:
    """Wall time over megabytes, beside the yardstick's."""
    import altair as alt  # noqa: PLC0415

    rows = []
    for size in sizes:
        seconds, ratio = size["seconds"], size["ratio"]
        rows.append({"what": "loader extract", "megabytes": size["megabytes"], **seconds, "told": f"{ratio['median']:.2f}"})
        yard = {name: size["yardstick_seconds"][name] for name in ("median", "least", "most")}
        rows.append({"what": "orjson.loads, one thread", "megabytes": size["megabytes"], **yard, "told": ""})
    base = _chart(rows)
    widest = max(row["megabytes"] for row in rows)
    across = alt.X(
        "megabytes:Q",
        title="companyfacts, MB",
        scale=alt.Scale(domain=[0, widest * 1.05], nice=False),
        axis=alt.Axis(tickCount=6),
    )
    colours = alt.Color(
        "what:N",
        scale=alt.Scale(domain=["loader extract", "orjson.loads, one thread"], range=[_OURS, _YARDSTICK]),
        legend=alt.Legend(orient="bottom"),
    )
    lines = base.mark_line(point=alt.OverlayMarkDef(size=45)).encode(
        across, alt.Y("median:Q", title=None, axis=alt.Axis(tickCount=6)), colours
    )
    spread = base.mark_rule(strokeWidth=1.5).encode(across, alt.Y("least:Q", title=None), alt.Y2("most:Q"), colours)
    told = base.mark_text(align="right", dx=-8, dy=-9, fontSize=12, color=_INK).encode(
        across, alt.Y("median:Q"), alt.Text("told:N")
    )
    subtitle = "seconds into a new database; median, least to most; at the points the ratio"
    return _sized(lines + spread + told, "How it grows", subtitle, height=220)


def _workers(workers: Figures) -> Any:
    """Ratios of the pairs, with the interval of their median."""
    import altair as alt  # noqa: PLC0415

    rows = []
    for other in workers["against"]:
        median, (low, high) = other["ratio"]["median"], other["interval"]
        told = f"{median:.2f} ({low:.2f}-{high:.2f})"
        rows.append({"name": f"against {other['workers']}", "median": median, "low": low, "high": high, "told": told})
    lowest, highest = min(0.9, *(row["low"] for row in rows)), max(1.1, *(row["high"] for row in rows))
    # On the right there is room for the figures.
    scale = alt.Scale(domain=[lowest - 0.02, highest + 0.45 * (highest - lowest)], nice=False, zero=False)
    names = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8))
    base = _chart(rows)
    interval = base.mark_rule(color=_OURS, strokeWidth=3).encode(
        names, alt.X("low:Q", scale=scale, title="ratio", axis=alt.Axis(tickCount=6)), alt.X2("high:Q")
    )
    middle = base.mark_point(color=_OURS, filled=True, size=90, opacity=1).encode(names, alt.X("median:Q"))
    told = base.mark_text(align="left", dx=8, fontSize=12, color=_INK).encode(names, alt.X("high:Q"), alt.Text("told:N"))
    one = _chart([{"one": 1}]).mark_rule(color=_YARDSTICK, strokeDash=[5, 3], strokeWidth=1.5).encode(alt.X("one:Q"))
    subtitle = f"wall time, median of {workers['pairs']} pairs with its 95 % interval; 1 is equal"
    return _sized(one + interval + middle + told, f"{workers['workers']} workers against others", subtitle, height=220)


def _chart(rows: list[Figures]) -> Any:
    import altair as alt  # noqa: PLC0415

    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]  # missing in the library


def _sized(chart: Any, title: str, subtitle: str, *, height: float) -> Any:
    import altair as alt  # noqa: PLC0415

    return chart.properties(
        width=_WIDTH, height=height, title=alt.Title(title, subtitle=subtitle, fontSize=14, subtitleFontSize=11, offset=8)
    )
