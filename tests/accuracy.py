"""How right the database is: `python -m tests.accuracy` (or `just accuracy`), with the real data beside the checkout.

Loads the real files into databases, through the loader as users run it, and measures

    the cells of truth_annual.csv: agreement, wrong, missing, by kind, source and line, with the list of disagreements;
    the golden cells of the domain's rules, each in its vintage;
    fourth quarters derived as FY - 9M against fourth quarters that companies report;
    identities on reported values, vacuous ones apart;
    statements as of every filing date against a load of the file as it was on that day.

accuracy_disagreements.csv explains disagreements, one by one. They stay in the denominator; what it does not explain is listed.
"""

# ruff: noqa: T201  (a report for the terminal)

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

import orjson
import polars as pl

from loader.companyfacts import flatten
from loader.config import ExtractionConfig
from loader.database import ensure_schema, import_stocks_csv
from loader.explain import explain
from loader.pipeline import ExtractRequest, extract
from loader.reference import LINES, STATEMENT_TABLES
from loader.reference.concepts import concepts, lines
from loader.reference.plain import core_lines_by_template
from loader.standardize import Rules, statement_facts, workings
from tests.as_of import cuts_disagree

#: The folder of each kind of company in truth_annual.csv.
FOLDERS: Final = {"full": "companyfacts", "core": "companyfacts_core", "2010": "companyfacts_2010"}
EXPLAINED: Final = Path(__file__).with_name("accuracy_disagreements.csv")
#: Vendors round.
TOLERANCE: Final = 0.002
#: Vendors round dates too: a 52/53-week year of theirs ends with the month.
DAYS: Final = 7
_KEY: Final = ["kind", "cik", "end_date", "line"]
_YEAR: Final = ["cik", "concept_id", "fy_start"]


def main() -> None:
    """Measure, print, and fail where a golden cell or an as-of statement is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("LOADER_SHARED_DATA") or beside_the_checkout()))
    parser.add_argument("--skip-as-of", action="store_true", help="leave out the statements as of every filing date (minutes)")
    arguments = parser.parse_args()
    data: Path = arguments.data
    if not (data / "truth_annual.csv").is_file():
        sys.exit(f"no real data at {data}: set LOADER_SHARED_DATA to the folder that holds truth_annual.csv")
    with tempfile.TemporaryDirectory(prefix="loader-accuracy-") as folder:
        databases = {kind: load(data / name, Path(folder) / f"{kind}.db") for kind, name in FOLDERS.items()}
        report_agreement(score(data, databases))
        wrong = report_golden(data, databases["full"], Path(folder))
        facts = {kind: read_facts(files(data / name)) for kind, name in FOLDERS.items()}
        report_fourth_quarters(facts)
        report_identities(databases)
        report_completeness(databases)
        if not arguments.skip_as_of:
            wrong += report_as_of(facts)
    if wrong:
        sys.exit(f"{wrong} golden cells or as-of statements are wrong")


def beside_the_checkout() -> Path:
    """Where the real data lies when it lies where it is expected."""
    return Path(__file__).resolve().parents[2] / "shared" / "data"


def load(source: Path, db: Path, rules: Rules | None = None, symbols: tuple[str, ...] | None = None) -> Path:
    """Load every file of a folder into a new database, each company as the symbol C<cik>."""
    names = [(cik, orjson.loads(path.read_bytes()).get("entityName") or f"CIK {cik}") for cik, path in files(source)]
    stocks, tickers = db.with_suffix(".csv"), db.with_suffix(".json")
    stocks.write_text(
        "symbol,company_name\n" + "".join(f'C{cik},"{name.replace(chr(34), "")}"\n' for cik, name in names), encoding="utf-8"
    )
    tickers.write_bytes(
        orjson.dumps(
            {"fields": ["cik", "name", "ticker", "exchange"], "data": [[cik, name, f"C{cik}", None] for cik, name in names]}
        )
    )
    ensure_schema(db)
    import_stocks_csv(db, stocks)
    request = ExtractRequest(db, source=str(source), tickers=tickers, rules=rules or Rules(), symbols=symbols)
    result = extract(request, ExtractionConfig())
    for failure in result.failed:
        print(f"NOT LOADED: {', '.join(failure.symbols)}: {failure.reason}")
    return db


def files(source: Path) -> list[tuple[int, Path]]:
    """The companyfacts files of a folder, by CIK."""
    return [(int(path.stem[3:]), path) for path in sorted(source.glob("CIK*.json"))]


def read_facts(companies: Iterable[tuple[int, Path]]) -> pl.DataFrame:
    """The facts of some files, as the standardiser takes them."""
    frames = []
    for cik, path in companies:
        facts, _ = statement_facts([flatten(path.read_bytes(), cik).batch])
        frames.append(facts)
    return pl.concat(frames)


def query(db: Path, sql: str) -> pl.DataFrame:
    """Rows of a database as a frame."""
    with closing(sqlite3.connect(db)) as connection:
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description]
        return pl.DataFrame(cursor.fetchall(), schema=names, orient="row", infer_schema_length=None)


# ---------------------------------------------------------------- agreement


def year_values(db: Path) -> pl.DataFrame:
    """The fiscal years of the three tables, one row a value: cik, end_date, line, found; share counts and per-share as filed."""
    frames = []
    for statement, table in STATEMENT_TABLES.items():
        rows = query(
            db,
            f"SELECT CAST(m.cik AS INTEGER) AS cik, end_date, {', '.join(LINES[statement])} "
            f"FROM {table} JOIN cik_mappings_sp500 m USING (stock_id) WHERE period = 'FY'",
        )
        frames.append(
            rows.unpivot(on=list(LINES[statement]), index=["cik", "end_date"], variable_name="line", value_name="value").cast(
                {"value": pl.Float64}
            )
        )
    as_filed = query(
        db,
        "SELECT CAST(m.cik AS INTEGER) AS cik, end_date, line, raw_value, concept, method, form, filed "
        "FROM statement_items i JOIN cik_mappings_sp500 m USING (stock_id) WHERE period = 'FY'",
    ).cast({"raw_value": pl.Float64})
    of_shares = lines().filter(pl.col("unit") != "money").get_column("line")
    return (
        pl.concat(frames)
        .join(as_filed, on=["cik", "end_date", "line"], how="left")
        .with_columns(
            pl.col("end_date").str.to_date(),
            # Vendors keep share counts as filed; only a split changes those (a scale error would not be theirs).
            found=pl.when(pl.col("line").is_in(of_shares.implode())).then(pl.coalesce("raw_value", "value")).otherwise("value"),
        )
        .drop("value", "raw_value")
    )


def score(data: Path, databases: dict[str, Path]) -> pl.DataFrame:
    """Every cell of the truth with what the database has: found, verdict (agrees, wrong, missing), reason."""
    truth = pl.read_csv(data / "truth_annual.csv", schema_overrides={"value": pl.Float64, "end_date": pl.Date, "kind": pl.String})
    scored = []
    for kind, db in databases.items():
        values = year_values(db)
        wanted = truth.filter(pl.col("kind") == kind)
        ends = values.select("cik", year_end="end_date").unique()
        nearest = (
            wanted.select("cik", "end_date")
            .unique()
            .join(ends, on="cik")
            .with_columns(off=(pl.col("year_end") - pl.col("end_date")).dt.total_days().abs())
            .filter(pl.col("off") <= DAYS)
            .sort("cik", "end_date", "off")
            .unique(["cik", "end_date"], keep="first", maintain_order=True)
            .drop("off")
        )
        scored.append(
            wanted.join(nearest, on=["cik", "end_date"], how="left").join(
                values.rename({"end_date": "year_end"}), on=["cik", "year_end", "line"], how="left"
            )
        )
    agrees = (pl.col("found") - pl.col("value")).abs() <= TOLERANCE * pl.col("value").abs() + 1e-9
    verdict = (
        pl.when(pl.col("found").is_null()).then(pl.lit("missing")).when(agrees).then(pl.lit("agrees")).otherwise(pl.lit("wrong"))
    )
    reasons = explained().drop("ticker")
    return pl.concat(scored).with_columns(verdict=verdict).join(reasons, on=["cik", "end_date", "line"], how="left")


def explained() -> pl.DataFrame:
    """The disagreements that were looked into: cik, ticker, end_date, line, reason."""
    columns = {"cik": pl.Int64(), "ticker": pl.String(), "end_date": pl.Date(), "line": pl.String(), "reason": pl.String()}
    return pl.read_csv(EXPLAINED, schema=columns)


def rates(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Numbers of cells by verdict, and the two percentages that matter."""
    count = {name: (pl.col("verdict") == name).sum() for name in ("agrees", "wrong", "missing")}
    return (
        cells.group_by(by)
        .agg(
            cells=pl.len(),
            **count,
            explained=((pl.col("verdict") != "agrees") & pl.col("reason").is_not_null()).sum(),
            agreement=100 * count["agrees"] / pl.len(),
            wrong_rate=100 * count["wrong"] / pl.len(),
        )
        .sort(by)
    )


def report_agreement(cells: pl.DataFrame) -> None:
    """Print agreement by kind, source and line, and the disagreements."""
    heading("Agreement with truth_annual.csv (within 0.2 %)")
    for by in (["kind"], ["kind", "source"], ["line"]):
        shown = rates(cells, by)
        table(shown.with_columns(pl.col("agreement", "wrong_rate").round(2)))
    apart = cells.filter(pl.col("verdict") != "agrees").sort("reason", *_KEY, nulls_last=True)
    columns = ["kind", "ticker", "end_date", "line", "source", "verdict", "value", "found", "concept", "form", "filed"]
    unexplained = apart.filter(pl.col("reason").is_null())
    heading(f"{apart.height - unexplained.height} disagreements that {EXPLAINED.name} explains")
    for reason, group in apart.filter(pl.col("reason").is_not_null()).group_by("reason", maintain_order=True):
        print(f"{reason[0]}:")
        for row in group.sort(_KEY).iter_rows(named=True):
            print(f"    {row['ticker']} {row['end_date']} {row['line']}: {number(row['value'])} here {number(row['found'])}")
    heading(f"{unexplained.height} disagreements without an explanation")
    table(unexplained.select(columns))
    stale = explained().join(apart, on=["cik", "end_date", "line"], how="anti")
    if stale.height:
        heading(f"{stale.height} explained cells that agree by now: remove them from {EXPLAINED.name}")
        table(stale)


# ---------------------------------------------------------------- golden cells


@dataclass(frozen=True, slots=True)
class Golden:
    """A cell that is known to the last digit.

    Attributes:
        cik: the company.
        line: of the statements.
        year: the company's label.
        period: FY, Q1, ...
        value: to the dollar; per-share values to the cent.
        vintage: latest, original, or the day as of which it is known.
        raw: as filed, where a split changed it.
        accession: of its filing, where that matters.
    """

    cik: int
    line: str
    year: int
    period: str
    value: float
    vintage: Literal["latest", "original"] | date = "latest"
    raw: float | None = None
    accession: str | None = None


AAPL, NVDA, GOOGL, MRVL = 320193, 1045810, 1652044, 1835632
GOLDEN: Final = (
    Golden(AAPL, "net_income", 2009, "FY", 5_704_000_000, date(2009, 12, 31)),
    Golden(AAPL, "net_income", 2009, "FY", 8_235_000_000, date(2010, 2, 1)),
    Golden(AAPL, "net_income", 2009, "FY", 8_235_000_000),
    Golden(AAPL, "net_income", 2009, "FY", 5_704_000_000, "original"),
    Golden(AAPL, "net_income", 2008, "FY", 4_834_000_000, "original"),
    Golden(AAPL, "net_income", 2008, "FY", 6_119_000_000),
    Golden(AAPL, "revenue", 2024, "FY", 391_035_000_000),
    Golden(AAPL, "operating_cash_flow", 2024, "Q4", 26_811_000_000),
    Golden(AAPL, "eps_diluted", 2019, "FY", 2.97, "original", raw=11.89),
    Golden(AAPL, "eps_diluted", 2019, "FY", 2.97),
    Golden(AAPL, "eps_diluted", 2024, "Q4", 0.97),
    Golden(NVDA, "revenue", 2024, "FY", 60_922_000_000),
    Golden(NVDA, "eps_diluted", 2024, "FY", 1.19, "original", raw=11.93),
    Golden(NVDA, "eps_diluted", 2024, "FY", 1.19),
    Golden(NVDA, "net_income", 2024, "FY", 29_760_000_000, accession="0001045810-26-000021"),
    Golden(GOOGL, "eps_diluted", 2021, "FY", 5.61, "original", raw=112.20),
    Golden(GOOGL, "eps_diluted", 2021, "FY", 5.61),
    Golden(GOOGL, "net_income", 2024, "FY", 100_118_000_000, accession="0001652044-26-000018"),
    Golden(MRVL, "short_term_debt", 2023, "FY", 584_400_000),
)
#: Ends of Marvell's fiscal years over the 53-week one.
MARVELL_YEARS: Final = ("2022-01-29", "2023-01-28", "2024-02-03", "2025-02-01", "2026-01-31")


def report_golden(data: Path, latest: Path, folder: Path) -> int:
    """Print the golden cells; how many are wrong."""
    heading("Golden cells")
    symbols = tuple(f"C{cik}" for cik in (AAPL, NVDA, GOOGL, MRVL))
    original = load(data / FOLDERS["full"], folder / "original.db", Rules(vintage="original"), symbols)
    wrong = 0
    for golden in GOLDEN:
        db = original if golden.vintage == "original" else latest
        as_of = golden.vintage if isinstance(golden.vintage, date) else None
        found = explain(db, f"C{golden.cik}", golden.line, year=golden.year, period=golden.period, as_of=as_of)
        value = found.value
        fact = None if value is None else value.fact
        digits = 2 if golden.line.startswith("eps") else 0
        right = value is not None and round(value.value, digits) == golden.value
        right &= golden.raw is None or (fact is not None and fact.raw_value == golden.raw)
        right &= golden.accession is None or (fact is not None and fact.filing.accession == golden.accession)
        right &= not found.compared or found.stored == (value.value if value else None)
        wrong += not right
        got = "NULL" if value is None else number(value.value)
        filed = f" (filed as {number(golden.raw)})" if golden.raw else ""
        cell = f"{found.company}: {golden.line} {golden.period} {golden.year}, {golden.vintage}"
        print(f"  {'ok   ' if right else 'WRONG'} {cell}: {got}{filed}")
    ends = query(
        latest,
        "SELECT end_date FROM income_statements JOIN cik_mappings_sp500 m USING (stock_id) "
        f"WHERE m.cik = '{MRVL}' AND period = 'FY' AND end_date >= '2022' ORDER BY end_date",
    ).get_column("end_date")
    right = tuple(ends) == MARVELL_YEARS
    print(f"  {'ok   ' if right else 'WRONG'} Marvell's fiscal years end {', '.join(ends)}")
    return wrong + (not right)


# ---------------------------------------------------------------- fourth quarters


def report_fourth_quarters(facts: dict[str, pl.DataFrame]) -> None:
    """Print how many derived fourth quarters equal the reported ones, by company and line."""
    compared = pl.concat([fourth_quarters(of_kind).with_columns(kind=pl.lit(kind)) for kind, of_kind in facts.items()])
    same_books = compared.filter(pl.col("same_books"))
    heading("Fourth quarters: FY - 9M against the reported three months, same concept and vintage")
    counted = (
        same_books.group_by("kind", "cik", "line").agg(equal=pl.col("equal").sum(), compared=pl.len()).sort("kind", "cik", "line")
    )
    for (kind, cik), group in counted.group_by("kind", "cik", maintain_order=True):
        of_lines = [f"{line} {equal}/{of}" for line, equal, of in group.select("line", "equal", "compared").iter_rows()]
        print(f"  {kind} {cik}: {', '.join(of_lines)}")
    print(f"  in all {same_books.get_column('equal').sum()} of {same_books.height} equal; ", end="")
    print(f"{compared.height - same_books.height} more reported ones are of another vintage than the year and its nine months")
    table(same_books.filter(~pl.col("equal")).select("kind", "cik", "line", "fy_start", "derived", "reported", "filed"))


def fourth_quarters(facts: pl.DataFrame) -> pl.DataFrame:
    """Reported fourth quarters beside what the standardiser derives when they are taken away.

    They are of the same vintage when the filing that states the quarter states the year as well, with the value that was used,
    and the nine months that were used are the last ones known then.
    """
    whole = workings(facts)
    additive = concepts().filter("additive").get_column("concept_id")
    quarter = (
        (pl.col("from_q") == 4) & (pl.col("to_q") == 4) & ~pl.col("instant") & pl.col("concept_id").is_in(additive.implode())
    )
    span = ["cik", "concept_id", "unit", "start", "end"]
    reported = whole.vintages.filter(quarter)
    stated = whole.facts.join(reported, on="row", how="semi").select(span).unique()
    without = workings(facts.join(stated, on=span, how="anti"))
    derived = without.candidates.filter((pl.col("method") == "FY - 9M") & pl.col("row").is_not_null())
    used = without.facts.select("row", "start", "end", "value", "accession")
    derived = (
        derived.with_columns(shorter=pl.col("inputs").list.last())
        .join(used.select("row", year="value"), on="row")
        .join(used.select(shorter="row", nine_months="value"), on="shorter")
        .select(*_YEAR, "year", "nine_months", derived="value")
    )
    to_date = whole.vintages.filter((pl.col("from_q") == 1) & ~pl.col("instant"))
    of_filing = to_date.filter(pl.col("to_q") == 4).select(*_YEAR, "accession", year_there="value").unique([*_YEAR, "accession"])
    nine = to_date.filter(pl.col("to_q") == 3).select(*_YEAR, nine_filed="filed", nine_there="value")
    last_nine = (
        reported.select(*_YEAR, "accession", "filed")
        .join(nine, on=_YEAR)
        .filter(pl.col("nine_filed") <= pl.col("filed"))
        .sort(*_YEAR, "accession", "nine_filed")
        .unique([*_YEAR, "accession"], keep="last", maintain_order=True)
        .select(*_YEAR, "accession", "nine_there")
    )
    years = whole.dates.filter((pl.col("from_q") == 1) & (pl.col("to_q") == 4)).select("place", "cik", "fy_start")
    named = whole.by_line.join(years, on="place").select("cik", "concept_id", "fy_start", "line")
    return (
        reported.select(*_YEAR, "accession", "filed", reported="value")
        .join(derived, on=_YEAR)
        .join(of_filing, on=[*_YEAR, "accession"], how="left")
        .join(last_nine, on=[*_YEAR, "accession"], how="left")
        .join(named, on=["cik", "concept_id", "fy_start"])
        .with_columns(
            same_books=((pl.col("year") == pl.col("year_there")) & (pl.col("nine_months") == pl.col("nine_there"))).fill_null(
                value=False
            ),
            # A report in millions rounds the year, the nine months and the quarter each for itself.
            equal=(pl.col("derived") - pl.col("reported")).abs() <= 1_000_000,
        )
        .sort("same_books", descending=True)
        .unique([*_YEAR, "line"], keep="first", maintain_order=True)
    )


# ---------------------------------------------------------------- identities


@dataclass(frozen=True, slots=True)
class Identity:
    """left = the sum of terms; optional terms count where there are any."""

    name: str
    left: str
    terms: tuple[tuple[int, str], ...]
    optional: tuple[str, ...] = ()


IDENTITIES: Final = (
    Identity("assets = liabilities and equity", "total_assets", ((1, "liabilities_and_equity"),)),
    Identity(
        "liabilities and equity = liabilities + equity",
        "liabilities_and_equity",
        ((1, "total_liabilities"), (1, "total_equity_incl_nci")),
        ("temporary_equity", "redeemable_noncontrolling_interest", "commitments_and_contingencies"),
    ),
    Identity("equity incl. NCI = equity + NCI", "total_equity_incl_nci", ((1, "total_equity"), (1, "noncontrolling_interest"))),
    Identity("gross profit = revenue - cost", "gross_profit", ((1, "revenue"), (-1, "cost_of_revenue"))),
    Identity(
        "operating income = gross profit - operating expenses",
        "operating_income",
        ((1, "gross_profit"), (-1, "operating_expenses")),
    ),
    Identity(
        "net income incl. NCI = pretax - tax",
        "net_income_incl_nci",
        ((1, "pretax_income"), (-1, "income_tax")),
        ("discontinued_operations", "equity_method_income"),
    ),
    Identity("net income incl. NCI = net income + NCI", "net_income_incl_nci", ((1, "net_income"), (1, "net_income_nci"))),
    Identity(
        "change in cash = the three flows + FX",
        "net_change_in_cash",
        ((1, "operating_cash_flow"), (1, "investing_cash_flow"), (1, "financing_cash_flow")),
        ("effect_of_exchange_rates",),
    ),
)


def report_identities(databases: dict[str, Path]) -> None:
    """Print how often each identity holds where every term is reported, and how often it is vacuous."""
    heading("Identities of years and quarters, on reported values (0.1 %, at least a million)")
    for kind, db in databases.items():
        items = query(
            db,
            "SELECT DISTINCT m.cik, i.statement, period, end_date, line, value, method = 'reported' AS stated "
            "FROM statement_items i JOIN cik_mappings_sp500 m USING (stock_id) WHERE period NOT IN ('TTM', 'T')",
        )
        rows, broken = [], []
        for identity in IDENTITIES:
            statements = judged(items, identity)
            holds, fails, vacuous = (
                statements.filter(pl.col("verdict") == name).height for name in ("holds", "fails", "vacuous")
            )
            rows.append((kind, identity.name, holds, fails, vacuous, round(100 * holds / max(holds + fails, 1), 2)))
            broken.append(statements.filter(pl.col("verdict") == "fails").with_columns(identity=pl.lit(identity.name)))
        table(pl.DataFrame(rows, schema=["kind", "identity", "holds", "fails", "vacuous", "rate"], orient="row"))
        print(f"  {kind}, those that fail:")
        table(pl.concat(broken).select("cik", "identity", "period", "end_date", "gap"))


def judged(items: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """The statements that have all terms: cik, period, end_date, gap, verdict (holds, fails, vacuous: a term was derived)."""
    names = [identity.left, *(name for _, name in identity.terms)]
    wide = items.filter(pl.col("line").is_in([*names, *identity.optional])).pivot(
        on="line",
        on_columns=[*names, *identity.optional],
        index=["cik", "period", "end_date"],
        values=["value", "stated"],
        aggregate_function=None,
    )
    right = pl.sum_horizontal(sign * pl.col(f"value_{name}") for sign, name in identity.terms)
    extras = [pl.lit(0.0), *(pl.col(f"value_{name}").fill_null(0.0) for name in identity.optional)]
    largest = pl.max_horizontal(pl.col(f"value_{name}").abs() for name in names)
    tolerance = pl.max_horizontal(0.001 * largest, pl.lit(1e6))
    # An optional line can be in the caption or beside it, so each alone, and all together, may close the gap.
    keeps = pl.any_horizontal((pl.col("gap") - extra).abs() <= tolerance for extra in [*extras, pl.sum_horizontal(extras)])
    stated = pl.all_horizontal(pl.col(f"stated_{name}") == 1 for name in names)
    verdict = pl.when(~stated).then(pl.lit("vacuous")).when(keeps).then(pl.lit("holds")).otherwise(pl.lit("fails"))
    return (
        wide.filter(pl.all_horizontal(pl.col(f"value_{name}").is_not_null() for name in names))
        .with_columns(gap=pl.col(f"value_{identity.left}") - right)
        .with_columns(verdict=verdict)
        .select("cik", "period", "end_date", "gap", "verdict")
        .sort("cik", "end_date", "period")
    )


# ---------------------------------------------------------------- as of


def report_as_of(facts: dict[str, pl.DataFrame]) -> int:
    """Print how many statements as of a filing date differ from a load of the file as it was then."""
    heading("Statements as of each filing date, against a load of what had been filed by then")
    started = time.monotonic()
    # One company can be of two kinds, with two files: a digit more keeps them apart, and all share the batches of a day.
    apart_by_kind = [one.with_columns(pl.col("cik") * 10 + digit) for digit, one in enumerate(facts.values())]
    together = pl.concat(apart_by_kind)
    cuts = together.select("cik", "filed").unique()
    wrong = cuts_disagree(together, cuts)
    for digit, kind in enumerate(facts):
        of_kind, wrong_ones = (frame.filter(pl.col("cik") % 10 == digit) for frame in (cuts, wrong))
        companies = of_kind.get_column("cik").n_unique()
        print(f"  {kind}: {companies} companies, {of_kind.height} filing dates, {wrong_ones.height} differ")
        table(wrong_ones.with_columns(pl.col("cik") // 10))
    print(f"  every filing date of every company, in {time.monotonic() - started:.0f} s")
    return wrong.height


# ---------------------------------------------------------------- printing


def report_completeness(databases: dict[str, Path]) -> None:
    """How many cells of the core lines of each company's industry are filled, and the reasons of those that are not.

    The lines are those of loader/reference/core_lines.csv. Looked at are quarters and years from the first own balance sheet on:
    what later filings repeat of earlier periods are single figures, and no statements.
    """
    heading("Completeness of the core lines, by industry")
    for kind, db in databases.items():
        expected = query(
            db,
            "SELECT stock_id, statement, period, end_date, template FROM ("
            "SELECT stock_id, 'income' AS statement, period, end_date FROM income_statements "
            "UNION ALL SELECT stock_id, 'balance', period, end_date FROM balance_sheets "
            "UNION ALL SELECT stock_id, 'cashflow', period, end_date FROM cash_flow_statements) "
            "JOIN cik_mappings_sp500 m USING (stock_id) JOIN loader_companies c ON c.cik = m.cik "
            "WHERE period NOT IN ('TTM', 'T')",
        )
        core = pl.DataFrame(sorted(core_lines_by_template()), schema=["template", "statement", "line"], orient="row")
        cells = expected.join(core, on=["statement", "template"])
        empty = query(db, "SELECT stock_id, statement, line, period, end_date, reason FROM statement_gaps")
        judged_cells = cells.join(empty, on=["stock_id", "statement", "line", "period", "end_date"], how="left").filter(
            (pl.col("reason") != "only_comparatives_of_later_filings").fill_null(value=True)
        )
        filled = pl.col("reason").is_null()
        print(f"\n{kind}: {judged_cells.select(filled.mean()).item():.2%} of {judged_cells.height:,} cells are filled")
        table(judged_cells.group_by("template").agg(cells=pl.len(), filled=(filled.mean() * 100).round(2)).sort("template"))
        table(judged_cells.filter(~filled).group_by("line", "reason").len("cells").sort("cells", descending=True).head(12))


def heading(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}\n{'-' * len(text)}")


def table(frame: pl.DataFrame) -> None:
    """Print a frame in full."""
    if frame.is_empty():
        return
    rows = [
        [number(cell) if isinstance(cell, float) else "" if cell is None else str(cell) for cell in row]
        for row in frame.iter_rows()
    ]
    widths = [max(len(name), *(len(row[i]) for row in rows)) for i, name in enumerate(frame.columns)]
    for row in (frame.columns, *rows):
        print("  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    print()


def _cell(value: object) -> str:
    return number(value) if isinstance(value, float) else "" if value is None else str(value)


def number(value: float | None) -> str:
    """A number in full."""
    if value is None:
        return "nothing"
    return f"{int(value):,}" if value == int(value) else f"{value:,.4f}".rstrip("0")


if __name__ == "__main__":
    main()
