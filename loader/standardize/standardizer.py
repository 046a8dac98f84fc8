"""The whole way from facts to statements: the steps in order, and the account of every fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.frames import in_this_thread
from loader.reference import LINES
from loader.reference.concepts import STATEMENT_TYPE, concepts, lines
from loader.standardize import periods
from loader.standardize.bridges import of_one_concept, used_to_date
from loader.standardize.calendars import ANNUAL_FORMS, fiscal_years
from loader.standardize.formulas import derived_lines
from loader.standardize.industries import industry_templates
from loader.standardize.lines import (
    OTHER_CURRENCY,
    OTHER_UNIT,
    WITNESSES,
    chosen_lines,
    counted_once,
    currencies,
    net_income_of_the_parent,
    of_several_concepts,
    plausible_quarters,
    plausible_share_counts,
    unit_cases,
    unit_reasons,
    with_currency,
    without_larger_parts,
    without_restricted_cash,
    without_totals_of_all_income,
)
from loader.standardize.per_share import fourth_quarters
from loader.standardize.quality import REJECTED, empty_core_cells, first_reports, gaps, quality
from loader.standardize.quarters import derived_quarters, quarters_of_two_concepts
from loader.standardize.repairs import repaired
from loader.standardize.runs import in_order, numbered, numbers
from loader.standardize.spans import numbered_spans
from loader.standardize.statements import Statements, main_filings, pivoted, statement_rows
from loader.standardize.trailing import TRAILING, trailing_twelve_months
from loader.standardize.vintages import (
    DAYS,
    STATEMENT_FORMS,
    first_vintage,
    in_order_of_preference,
    preferred,
    with_form_ranks,
    with_owners,
)

#: Raised with every change that can change a number, so that a resumed run redoes what older rules loaded.
RULES_VERSION: Final = 3

#: Half a year and nine months: inputs of quarters, no periods of the statements.
TO_DATE: Final = (pl.col("from_q") == 1) & pl.col("to_q").is_in([2, 3])

USED: Final = "used"
REPORTED: Final = "reported"
_NOT_A_STATEMENT_FORM: Final = "not_a_statement_form"
_AFTER_AS_OF: Final = "filed_after_the_as_of_date"
_NOT_OF_A_KIND: Final = "instant_for_a_flow_or_span_for_an_instant"
_OTHER_VINTAGE: Final = "superseded_or_repeated_by_another_filing"
_YEAR_TO_DATE: Final = "year_to_date_is_no_period_of_its_own"
_OTHER_CONCEPT: Final = "another_concept_preferred"
_WITNESS: Final = "only_a_witness_of_other_lines"


_REASON_TYPE: Final = pl.Enum(
    [
        USED,
        _NOT_A_STATEMENT_FORM,
        _AFTER_AS_OF,
        _NOT_OF_A_KIND,
        _OTHER_VINTAGE,
        _YEAR_TO_DATE,
        _OTHER_CONCEPT,
        _WITNESS,
        REJECTED,
        OTHER_UNIT,
        OTHER_CURRENCY,
        periods.ODD_PERIOD,
        periods.NO_FISCAL_YEAR,
        periods.INSIDE_TRANSITION,
        periods.NOT_A_PERIOD_END,
    ]
)

_REASON_CODES: Final = {str(reason): code for code, reason in enumerate(_REASON_TYPE.categories)}

#: A place's part of one statement.
_SHEET: Final = pl.col("place") * len(STATEMENT_TYPE.categories) + pl.col("statement").to_physical()

#: What is shown of a value.
_CELL: Final = (
    "cik",
    "place",
    "statement",
    "line",
    "value",
    "raw_value",
    "repair",
    "method",
    "concept_id",
    "accession",
    "filed",
)

#: What a candidate for a line has.
_CANDIDATE: Final = (
    *periods.PLACE,
    "place",
    "concept_id",
    "value",
    "raw_value",
    "repair",
    "form_rank",
    "owner",
    "filed",
    "accession",
    "row",
    "inputs",
    "method",
)


@dataclass(frozen=True, slots=True)
class Rules:
    """Which statements are wanted of the same facts.

    Attributes:
        vintage: ``latest`` for the last word of the periodic filings on each period, ``original`` for the first.
        as_of: leave out every fact filed after this day; None for all.
    """

    vintage: Literal["latest", "original"] = "latest"
    as_of: date | None = None


class _Account:
    """Keeps the reason of every fact that is set aside on the way, by its row; what is said last holds."""

    def __init__(self, facts: pl.DataFrame) -> None:
        self._ciks = facts.get_column("cik")
        self._reasons = np.zeros(facts.height, np.uint8)

    def split(self, facts: pl.DataFrame, reasons: pl.Series) -> pl.DataFrame:
        """Keep the facts whose reason (`_REASON_TYPE`) is null and note the others."""
        fits = reasons.is_null()
        if fits.all():
            return facts
        self._reasons[facts.get_column("row").filter(~fits).to_numpy()] = reasons.drop_nulls().to_physical().to_numpy()
        return facts.filter(fits)

    def without(self, facts: pl.DataFrame, aside: pl.Series, reason: str) -> pl.DataFrame:
        """Leave out some facts and note them."""
        if not aside.any():
            return facts
        self.note(facts.get_column("row").filter(aside), reason)
        return facts.filter(~aside)

    def note(self, rows: pl.Series, reason: str) -> None:
        """Note facts by their rows."""
        self._reasons[rows.to_numpy()] = _REASON_CODES[reason]

    def usage(self) -> pl.DataFrame:
        """Facts by company and reason."""
        some_fact, company = numbered(self._ciks.to_numpy())
        kinds = len(_REASON_CODES)
        counts = np.bincount(company * kinds + self._reasons, minlength=len(some_fact) * kinds)
        noted = np.flatnonzero(counts)
        reason = pl.Series(_REASON_TYPE.categories).gather(noted % kinds)
        facts = pl.Series(counts[noted], dtype=pl.UInt32)
        return pl.DataFrame({"cik": self._ciks.gather(some_fact[noted // kinds]), "reason": reason, "facts": facts}).sort(
            "cik", "reason"
        )


@dataclass(frozen=True, slots=True)
class Workings:
    """Everything on the way from facts to statements, for whoever wants to know why a number is what it is.

    All frames share the columns of a place (cik, fy_start, from_q, to_q); `row` numbers the facts of the batch.

    Attributes:
        facts: the facts, numbered.
        vintages: placed and repaired facts by their best kind of form, the preferred vintage of each first.
        candidates: for each concept and place the chosen vintage, or the quarter derived from two spans: value, raw_value,
            repair, method, row, inputs (rows of the facts a derived one was made from; null for a stated one).
        by_line: the candidate that was chosen for each line and place.
        values: by_line and all that was derived from it: line, value, method, statement, line_unit, filed, accession.
        rejected: place and line of derived values that a guard rejected.
        dates: year, fyear, start_date, end_date, currency of each place.
        templates: cik, template.
        companies: as `Statements` has it.
        usage: as `Statements` has it.
    """

    facts: pl.DataFrame
    vintages: pl.DataFrame
    candidates: pl.DataFrame
    by_line: pl.DataFrame
    values: pl.DataFrame
    rejected: pl.DataFrame
    dates: pl.DataFrame
    templates: pl.DataFrame
    companies: pl.DataFrame
    usage: pl.DataFrame


@in_this_thread
def standardize(facts: pl.DataFrame, rules: Rules | None = None) -> Statements:
    """Turn the facts of a batch of companies into their statements.

    Args:
        facts: `STATEMENT_FACTS` of any number of companies; `cik` names the company (facts of an earlier CIK carry the present
            one).
        rules: vintage and as-of date.

    Returns:
        The statements, the same whatever the order of the facts.
    """
    return _statements(workings(facts, rules))


@in_this_thread
def workings(facts: pl.DataFrame, rules: Rules | None = None) -> Workings:
    """The steps of `standardize` with all that they leave behind; same arguments."""
    rules = rules or Rules()
    original = rules.vintage == "original"
    facts = facts.with_row_index("row")
    account = _Account(facts)
    known = _known(facts, rules, account)
    spans, span = numbered_spans(known)
    known = known.with_columns(span, of_annual_form=pl.col("form").is_in(ANNUAL_FORMS))
    years = fiscal_years(known, spans)
    in_place, calendar = _in_place(facts, known, periods.placed(spans, years), years, account)
    ranked = with_form_ranks(repaired(in_place))
    vintages = in_order_of_preference(with_owners(ranked, original=original), original=original)
    chosen = first_vintage(vintages) if original else preferred(vintages)
    candidates = _candidates(ranked, vintages, chosen)
    templates = industry_templates(chosen)
    eligible = without_totals_of_all_income(candidates, vintages)
    by_line = chosen_lines(eligible, vintages, templates, original=original)
    witnesses = by_line.filter(pl.col("line").is_in(WITNESSES))
    by_line = by_line.filter(~pl.col("line").is_in(WITNESSES))
    several = of_several_concepts(by_line)
    whole = pl.concat([by_line, quarters_of_two_concepts(several, candidates)]).with_row_index("value_row")
    stated = without_restricted_cash(counted_once(net_income_of_the_parent(whole)), candidates)
    kept = plausible_quarters(without_larger_parts(plausible_share_counts(stated), several))
    is_dropped = np.ones(whole.height, np.bool_)
    is_dropped[kept.get_column("value_row")] = False
    dropped, by_line = whole.filter(pl.Series(is_dropped)), kept.drop("value_row")
    values, rejected = _with_derived(by_line, candidates, calendar, templates)
    rejected = pl.concat([rejected, dropped.select("place", "line")])

    account.note(in_place.get_column("row"), REJECTED)
    account.note(ranked.get_column("row"), _OTHER_VINTAGE)
    account.note(chosen.get_column("row"), _OTHER_CONCEPT)
    account.note(dropped.get_column("row"), REJECTED)
    account.note(chosen.select("row", "from_q", "to_q").filter(TO_DATE).get_column("row"), _YEAR_TO_DATE)
    account.note(witnesses.get_column("row"), _WITNESS)
    in_statements = by_line.select("row", "inputs", "from_q", "to_q").filter(~TO_DATE)
    account.note(in_statements.get_column("row"), USED)
    account.note(in_statements.get_column("inputs").drop_nulls().explode(empty_as_null=False), USED)
    account.note(used_to_date(values, by_line).get_column("row"), USED)
    return Workings(
        facts=facts,
        vintages=vintages,
        candidates=candidates,
        by_line=by_line,
        values=values,
        rejected=rejected,
        dates=_dates(values.select("place", *periods.PLACE).unique("place"), calendar),
        templates=templates,
        companies=_companies(facts, calendar, templates),
        usage=account.usage(),
    )


def _candidates(ranked: pl.DataFrame, vintages: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """The chosen vintage of each fact, and the quarters that follow from them."""
    flows, all_flows, chosen_flows = (
        frame.filter(pl.col("additive") & ~pl.col("instant")) for frame in (ranked, vintages, chosen)
    )
    first_filed = flows.group_by("fact", "value").agg(first_filed=pl.col("filed").min())
    quarters = derived_quarters(all_flows, chosen_flows.join(first_filed, on=["fact", "value"], maintain_order="left"))
    derived = quarters.with_columns(form_rank=pl.lit(0, pl.Int8), owner=pl.lit(value=True))
    reported = chosen.with_columns(method=pl.lit(REPORTED))
    return pl.concat([reported, derived], how="diagonal").select(*_CANDIDATE)


def _known(facts: pl.DataFrame, rules: Rules, account: _Account) -> pl.DataFrame:
    """The facts of statement forms that were filed by the as-of date."""
    known = account.without(facts, ~facts.get_column("form").is_in(STATEMENT_FORMS), _NOT_A_STATEMENT_FORM)
    if rules.as_of is None:
        return known
    return account.without(known, known.get_column("filed") > rules.as_of, _AFTER_AS_OF)


def _in_place(
    facts: pl.DataFrame, known: pl.DataFrame, spans: pl.DataFrame, years: pl.DataFrame, account: _Account
) -> tuple[pl.DataFrame, _Calendar]:
    """The facts that have a place in a statement, by date, kind and unit; and the calendar of the places.

    What tells their place is looked at by itself: the other columns of `facts` follow at the end, by row. What only dates tell is
    told for each of the spans, and each fact has the number of its own.
    """
    concept = known.get_column("concept_id")
    keys = known.select(
        "row",
        "concept_id",
        "unit",
        "of_annual_form",
        "span",
        instant=concepts().get_column("instant").gather(concept),
        unit_kind=concepts().get_column("unit").gather(concept),
    )
    reasons = spans.get_column("place_reason").cast(_REASON_TYPE)
    placed = account.split(keys, reasons.gather(keys.get_column("span")))
    is_instant = spans.get_column("start").is_null().gather(placed.get_column("span"))
    placed = account.without(placed, is_instant != placed.get_column("instant"), _NOT_OF_A_KIND)
    cases, case = unit_cases(placed, spans)
    currency = currencies(cases)
    placed = account.split(placed, unit_reasons(cases, currency).cast(_REASON_TYPE).gather(case))
    ends = periods.period_ends(_counted(spans, placed))
    odd_end, of_interim_date = (
        spans.join(ends, on=["cik", "fy_start", "to_q"], how="left", maintain_order="left")
        .select(pl.col("end") != pl.col("period_end"), instant=pl.col("start").is_null() & pl.col("to_q").is_between(1, 3))
        .get_columns()
    )
    span = placed.get_column("span")
    # An annual report shows no balance sheet of an interim date: what it states for one is a note's, say of an acquisition.
    of_a_note = of_interim_date.gather(span) & placed.get_column("of_annual_form")
    placed = account.without(placed, odd_end.gather(span) | of_a_note, periods.NOT_A_PERIOD_END)
    starts = periods.period_starts(_counted(spans, placed))
    of_span = (
        spans.join(starts.select("place", "period_start"), on="place", how="left", maintain_order="left")
        .with_columns(start_differs=(pl.col("start") != pl.col("period_start")).fill_null(value=False))
        .drop("place_reason", "period_start")
    )
    return _by_fact(facts, placed, of_span), _Calendar(years, ends, starts.drop("place"), currency)


def _counted(spans: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """The spans with `facts`: how many of these facts have each."""
    return spans.with_columns(facts=pl.Series(np.bincount(facts.get_column("span").to_numpy(), minlength=spans.height)))


def _by_fact(facts: pl.DataFrame, placed: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """The placed facts with all that is known of them, so that all words on one fact stand together, the first filed first.

    `fact` is one number for place and concept, `series` one for fiscal year and concept.
    """
    span, row, concept = numbers(placed, "span", "row", "concept_id")
    place, filed = numbers(spans, "place")[0][span], numbers(facts, "filed")[0][row]
    fact = place * concepts().height + concept

    def others(tied: NDArray[np.int64]) -> list[NDArray[Any]]:
        of_tied = facts.select("accession", "start", "end", "value")[row[tied]]
        # All words on a fact have a start or none has.
        return numbers(of_tied.fill_null(0), *of_tied.columns)

    # The order of the input must not matter anywhere, ties included.
    order = in_order(fact * DAYS + filed + DAYS // 2, others)
    series = place // periods.PLACES_OF_A_YEAR * concepts().height + concept
    return (
        placed.select("row", "concept_id", "unit", "instant", "unit_kind")[order]
        .hstack(spans.drop("place")[span[order]].get_columns())
        .hstack(facts.select("value", "accession", "form", "filed")[row[order]].get_columns())
        .hstack(concepts().select("additive", "statement")[concept[order]].get_columns())
        .with_columns(place=place[order], fact=fact[order], series=series[order])
    )


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The companies' calendars as the statements show them: labels, dates and currency of every place."""

    years: pl.DataFrame
    ends: pl.DataFrame
    starts: pl.DataFrame
    currency: pl.DataFrame


def _with_derived(
    by_line: pl.DataFrame, candidates: pl.DataFrame, calendar: _Calendar, templates: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All values by place and line: reported ones, and what follows from them by formulas, by days and by summing quarters.

    Also place and line of what the formulas rejected.
    """
    columns = [*periods.PLACE, "place", "line", "value", "filed", "accession"]
    kinds = lines().select("line", "statement", line_unit="unit")
    derived, rejected = derived_lines(by_line.select(columns), templates)
    derived = derived.join(kinds, on="line")
    values = pl.concat([by_line, derived], how="diagonal")
    flows = values.filter(pl.col("statement") != "balance")
    days = _dates(flows.select("place", *periods.PLACE).unique("place"), calendar).select(
        "place", days=((pl.col("end_date") - pl.col("start_date")).dt.total_days() + 1).cast(pl.Float64)
    )
    fourth = fourth_quarters(flows.select(columns), days).join(kinds, on="line")
    flows = pl.concat([flows.select(columns), fourth.select(columns)])
    trailing = of_one_concept(trailing_twelve_months(flows, calendar.ends, days), by_line, values, candidates)
    trailing = trailing.join(kinds, on="line")
    return pl.concat([values, fourth, trailing], how="diagonal"), rejected


def _statements(work: Workings) -> Statements:
    values = work.values.filter(~TO_DATE).select(*_CELL, sheet=_SHEET)
    sheets = values.select("sheet").unique()
    kinds = len(STATEMENT_TYPE.categories)
    places = sheets.select(
        place=pl.col("sheet") // kinds, statement=(pl.col("sheet") % kinds).cast(pl.UInt8).cat.to(STATEMENT_TYPE)
    )
    rows = statement_rows(places, work.dates)
    cells = values.join(rows.select("statement_row", sheet=_SHEET), on="sheet")
    main = main_filings(cells).with_columns(is_shown=True)
    rows = rows.join(main, on="statement_row", how="left", maintain_order="left").with_columns(
        pl.col("is_shown").fill_null(value=False)
    )
    filings = work.facts.select("cik", "accession", "form").unique(["cik", "accession"], keep="first")
    shown = rows.filter("is_shown").with_columns(at=pl.int_range(pl.len(), dtype=pl.UInt32).over("statement"))
    at = pl.repeat(None, rows.height, dtype=pl.UInt32, eager=True).scatter(shown["statement_row"], shown["at"])
    tables: dict[str, pl.DataFrame] = {}
    unfilled = []
    for statement in LINES:
        own = cells.filter(pl.col("statement") == statement).select("statement_row", "line", "value")
        own = own.with_columns(at=at.gather(own["statement_row"])).filter(pl.col("at").is_not_null())
        of_statement = shown.filter(pl.col("statement") == statement)
        tables[statement] = pivoted(of_statement, own, filings, statement)
        unfilled.append(empty_core_cells(of_statement, own, statement))
    return Statements(
        **tables,
        rows=rows.drop("place", "fyear", "start_date"),
        cells=cells.drop("place", "sheet"),
        unfilled=gaps(pl.concat(unfilled), first_reports(rows, cells), work.templates, work.vintages, work.rejected),
        filings=filings,
        quality=quality(rows, cells, work.candidates),
        companies=work.companies,
        usage=work.usage,
    )


def _dates(places: pl.DataFrame, calendar: _Calendar) -> pl.DataFrame:
    """Labels, dates and currency of each place; a span starts as filed, else the day after the quarter before it.

    Args:
        places: PLACE and place, each once.
        calendar: the companies' calendars.
    """
    day = pl.duration(days=1)
    before = calendar.ends.select("cik", "fy_start", from_q=pl.col("to_q") + 1, day_after_last=pl.col("period_end") + day)
    # The last twelve months start with the quarter after the same quarter of the year before.
    first_quarter = (
        calendar.years.select("cik", "fy_start", fy_before=pl.col("fy_start").shift(1).over("cik"))
        .join(pl.DataFrame({"to_q": [1, 2, 3]}, schema={"to_q": pl.Int8}), how="cross")
        .join(
            calendar.ends.select("cik", "to_q", fy_before="fy_start", end_before="period_end"),
            on=["cik", "fy_before", "to_q"],
            how="left",
        )
        .join(
            calendar.starts.filter(pl.col("from_q") == pl.col("to_q")).select(
                "cik", to_q=pl.col("to_q") - 1, fy_before="fy_start", start_before="period_start"
            ),
            on=["cik", "fy_before", "to_q"],
            how="left",
        )
        .select("cik", "fy_start", "to_q", trailing_start=pl.coalesce("start_before", pl.col("end_before") + day))
    )
    trailing_start = pl.coalesce(
        pl.when(pl.col("to_q") == 4).then("fy_start"), "trailing_start", pl.col("period_end").dt.offset_by("-1y") + day
    )
    return (
        places.join(calendar.years.select("cik", "fy_start", "year", "fyear"), on=["cik", "fy_start"])
        .join(calendar.ends, on=["cik", "fy_start", "to_q"])
        .join(calendar.starts, on=list(periods.PLACE), how="left")
        .join(before, on=["cik", "fy_start", "from_q"], how="left")
        .join(first_quarter, on=["cik", "fy_start", "to_q"], how="left")
        .pipe(with_currency, calendar.currency)
        .select(
            *periods.PLACE,
            "place",
            "year",
            "fyear",
            "currency",
            start_date=pl.when(pl.col("from_q") == TRAILING)
            .then(trailing_start)
            .otherwise(pl.coalesce("period_start", pl.when(pl.col("from_q") <= 1).then("fy_start").otherwise("day_after_last"))),
            end_date="period_end",
        )
    )


def _companies(facts: pl.DataFrame, calendar: _Calendar, templates: pl.DataFrame) -> pl.DataFrame:
    """What is known of each company as a whole: currency and year end of its last stated fiscal year, else of the one begun."""
    last = (
        calendar.years.filter(~pl.col("transition"))
        .join(calendar.currency, on=["cik", "fy_start"])
        .sort("cik", "stated", "fy_end")
        .unique("cik", keep="last", maintain_order=True)
        .select("cik", "currency", fiscal_year_end=pl.col("fy_end").dt.strftime("%m%d"))
    )
    return facts.select("cik").unique().join(last, on="cik", how="left").join(templates, on="cik", how="left").sort("cik")
