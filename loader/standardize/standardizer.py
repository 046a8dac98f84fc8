"""The whole way from facts to statements: the steps in order, and the account of every fact."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.frames import in_this_thread
from loader.reference import LINES
from loader.reference.concepts import STATEMENT_TYPE, by_concept, concepts, lines, lines_by_code
from loader.standardize import periods
from loader.standardize.bridges import of_one_concept, used_to_date
from loader.standardize.calendars import fiscal_years
from loader.standardize.dates import PlaceDates
from loader.standardize.forms import ANNUAL, OTHER, form_kinds
from loader.standardize.formulas import derived_lines
from loader.standardize.guards import against_reason, compared
from loader.standardize.industries import industry_templates
from loader.standardize.lines import (
    OTHER_CURRENCY,
    OTHER_UNIT,
    ConceptAmounts,
    chosen_lines,
    currencies,
    of_several_concepts,
    unit_cases,
    unit_reasons,
    without_totals_of_all_income,
)
from loader.standardize.per_share import fourth_quarters
from loader.standardize.quality import REJECTED, empty_core_cells, gaps, quality
from loader.standardize.quarters import derived_quarters, quarters_of_two_concepts
from loader.standardize.repairs import repaired
from loader.standardize.rules import Rules
from loader.standardize.runs import BITS, DAYS, in_order, numbered, numbers, run_numbers
from loader.standardize.spans import numbered_spans
from loader.standardize.statements import SHEETS_OF_A_PLACE, Statements, main_filings, pivoted, statement_rows
from loader.standardize.trailing import trailing_twelve_months
from loader.standardize.vintages import (
    NO_STATEMENT,
    first_vintage,
    in_order_of_preference,
    preferred,
    series,
    with_form_ranks,
    with_owners,
)
from loader.standardize.wide import Positions, codes, looked_up, matched, occurring, rows_by_line

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
#: Stands for no reason at all where facts are set aside.
_STAYS: Final = np.uint8(255)

#: Rows of the facts of the batch.
Rows = NDArray[np.int64]

#: What is shown of a value, besides its place and line.
_SHOWN: Final = ("value", "raw_value", "repair", "method", "concept_id", "accession", "filed")
#: What a guard looks at: the other columns are of no use to it and cost more.
_JUDGED: Final = ("cik", "place", "concept_id", "value", "method")

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


class _Account:
    """Keeps the reason of every fact that is set aside on the way, by its row; what is said last holds.

    A fact of which nothing is said has a place and was rejected there.

    Args:
        height: how many facts there are.
    """

    def __init__(self, height: int) -> None:
        self._reasons = np.full(height, _REASON_CODES[REJECTED], np.uint8)

    def without(self, rows: Rows, aside: NDArray[np.bool_], reason: str) -> Rows:
        """Leave out some of these facts and note them."""
        if not aside.any():
            return rows
        self._reasons[rows[aside]] = _REASON_CODES[reason]
        return rows[~aside]

    def split(self, rows: Rows, reasons: NDArray[np.uint8]) -> Rows:
        """Keep the facts without a reason (`_reason_codes`) and note the others."""
        stays: NDArray[np.bool_] = reasons == _STAYS
        aside = np.flatnonzero(~stays)
        if not len(aside):
            return rows
        self._reasons[rows[aside]] = reasons[aside]
        return rows[stays]

    def note(self, rows: pl.Series | Rows, reason: str) -> None:
        """Note facts by their rows."""
        # As an index, 64-bit integers cost a fraction of what other numbers do.
        self._reasons[np.asarray(rows, np.int64)] = _REASON_CODES[reason]

    def usage(self, ciks: pl.Series, company: Rows) -> pl.DataFrame:
        """Facts by company and reason, of the companies and the position of each fact's among them."""
        kinds = len(_REASON_CODES)
        counts = np.bincount(company * kinds + self._reasons)
        noted = np.flatnonzero(counts)
        reason = pl.Series(_REASON_TYPE.categories)[noted % kinds]
        facts = pl.Series(counts[noted], dtype=pl.UInt32)
        return pl.DataFrame({"cik": ciks[noted // kinds], "reason": reason, "facts": facts}).sort("cik", "reason")


@dataclass(frozen=True, slots=True)
class Draft:
    """What the last step makes statements of; a fraction of what the steps before it had in hand.

    `place` is one number for the columns of a place (cik, fy_start, from_q, to_q), which `dates` has for each.

    Attributes:
        amounts: for each concept and place the chosen vintage, or the quarter derived from two spans, as arrays.
        values: what was chosen for each line and place, and behind it all that was derived from it: place, line, value,
            raw_value, repair, method, concept_id, accession, filed.
        rejected: place and line of derived values that a guard rejected.
        dates: year, fyear, start_date, end_date, currency of each place that has a value.
        templates: cik, template.
        filings: as `Statements` has it.
        companies: as `Statements` has it.
        usage: as `Statements` has it.
    """

    amounts: ConceptAmounts
    values: pl.DataFrame
    rejected: pl.DataFrame
    dates: pl.DataFrame
    templates: pl.DataFrame
    filings: pl.DataFrame
    companies: pl.DataFrame
    usage: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Workings(Draft):
    """Everything on the way from facts to statements, for whoever wants to know why a number is what it is.

    `row` numbers the facts of the batch.

    Attributes:
        facts: the facts, numbered.
        vintages: placed and repaired facts by their best kind of form, the preferred vintage of each first.
        candidates: what `amounts` has, with raw_value, repair, method, row, inputs (rows of the facts that a derived one was
            made from; null for a stated one).
        by_line: the candidate that was chosen for each line and place: what `values` has, and row and inputs.
    """

    facts: pl.DataFrame
    vintages: pl.DataFrame
    candidates: pl.DataFrame
    by_line: pl.DataFrame

    @property
    def draft(self) -> Draft:
        """Without what the last step does not need, so that it is not kept in memory for it."""
        return Draft(**{field.name: getattr(self, field.name) for field in fields(Draft)})


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
    return statements_of(workings(facts, rules))


@in_this_thread
def workings(facts: pl.DataFrame, rules: Rules | None = None) -> Workings:
    """The steps of `standardize` with all that they leave behind; same arguments."""
    rules = rules or Rules()
    original = rules.vintage == "original"
    # In one piece, what the batches' files leave apart: every gather is cheaper.
    facts = facts.with_row_index("row").rechunk()
    spans, span = numbered_spans(facts)
    ciks, company = _numbered_companies(spans.get_column("cik"), span)
    account = _Account(facts.height)
    spanned = facts.with_columns(span=span.astype(np.uint32), form_kind=form_kinds(facts.get_column("form")))
    known = _known(spanned, rules, account)
    years = fiscal_years(spanned, known, spans)
    in_place, spans, calendar = _in_place(spanned, known, periods.placed(spans, years), years, account)
    ranked = with_form_ranks(repaired(in_place), spans)
    vintages = _in_year(in_order_of_preference(with_owners(ranked, original=original), spans, original=original), spans)
    is_of_statement = ranked.get_column("form_rank") != NO_STATEMENT
    account.note(ranked.get_column("row").filter(is_of_statement), _OTHER_VINTAGE)
    ranked = ranked[["fact", "value", "filed"]].filter(is_of_statement)
    chosen = _described(first_vintage(vintages) if original else preferred(vintages))
    candidates = _candidates(ranked, vintages, chosen).rechunk()
    templates = industry_templates(chosen)
    eligible = without_totals_of_all_income(candidates, vintages)
    taken, witnesses = chosen_lines(eligible, vintages, templates, original=original)
    several = of_several_concepts(taken)
    several = several.select("line_year", "value_row", "line_id").hstack(_of_candidates(several, eligible))
    amounts = ConceptAmounts(candidates)
    of_two = quarters_of_two_concepts(several, amounts)
    looked_at = np.flatnonzero(compared().take(taken.get_column("line_id").to_numpy()))
    both = (_of_candidates(taken[looked_at], eligible.select(_JUDGED)), of_two)
    # The numbers go on from the taken ones to those of two concepts.
    value_row = np.concatenate([looked_at, taken.height + np.arange(of_two.height)])
    judged = pl.concat([frame.select(*_JUDGED, "line") for frame in both]).with_columns(value_row=value_row)
    is_kept = np.ones(taken.height + of_two.height, np.bool_)
    is_kept[against_reason(judged, several, amounts)] = False
    kept, kept_of_two = (pl.Series(rows) for rows in np.split(is_kept, [taken.height]))
    columns = ["place", *_SHOWN, "row", "inputs"]
    by_line = _of_candidates(taken.select("candidate", "line_id").filter(kept), eligible.select(columns))
    by_line = pl.concat([by_line, of_two.filter(kept_of_two).select(by_line.columns)])
    dropped = pl.concat([_of_candidates(taken.filter(~kept), eligible), of_two.filter(~kept_of_two)], how="diagonal")
    dates = PlaceDates(calendar.years, calendar.ends, calendar.starts, calendar.currency)
    values, rejected = _with_derived(by_line, amounts, dates, templates)
    rejected = pl.concat([rejected, dropped.select("place", "line")])

    account.note(chosen.get_column("row"), _OTHER_CONCEPT)
    account.note(dropped.get_column("row"), REJECTED)
    row, place = numbers(chosen, "row", "place")
    account.note(row.take(np.flatnonzero(_is_to_date(place))), _YEAR_TO_DATE)
    account.note(eligible.get_column("row").gather(witnesses), _WITNESS)
    row, place = numbers(by_line, "row", "place")
    in_statements = ~_is_to_date(place)
    account.note(row.take(np.flatnonzero(in_statements)), USED)
    inputs = by_line.get_column("inputs").filter(pl.Series(in_statements))
    account.note(inputs.drop_nulls().explode(empty_as_null=False), USED)
    account.note(used_to_date(values, by_line).get_column("row"), USED)
    return Workings(
        facts=facts,
        vintages=vintages,
        candidates=candidates,
        amounts=amounts,
        by_line=by_line,
        values=values,
        rejected=rejected,
        dates=dates.of(occurring(values.get_column("place").to_numpy())),
        templates=templates,
        filings=_filings(facts, company),
        companies=_companies(ciks, calendar, templates),
        usage=account.usage(ciks, company),
    )


def _numbered_companies(cik: pl.Series, span: Rows) -> tuple[pl.Series, Rows]:
    """The companies, and the position of each fact's among them, of those of the spans."""
    some_span, company = numbered(cik.to_numpy())
    return cik[some_span], company.take(span)


def _candidates(ranked: pl.DataFrame, vintages: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """The chosen vintage of each fact, and the quarters that follow from them."""
    quarters = derived_quarters(ranked, vintages, chosen)
    derived = quarters.with_columns(
        raw_value=pl.lit(None, pl.Float64),
        repair=pl.lit(None, pl.Categorical),
        form_rank=pl.lit(0, pl.Int8),
        owner=pl.lit(value=True),
    )
    reported = chosen.with_columns(method=pl.lit(REPORTED, pl.Categorical), inputs=pl.lit(None, pl.List(pl.UInt32)))
    return pl.concat([reported.select(*_CANDIDATE), derived.select(*_CANDIDATE)])


def _of_candidates(taken: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """What `chosen_lines` has chosen of the candidates, with the line."""
    line = lines().get_column("line").gather(taken.get_column("line_id"))
    return candidates[taken.get_column("candidate")].hstack([line])


def _known(facts: pl.DataFrame, rules: Rules, account: _Account) -> NDArray[np.bool_]:
    """Which facts are of statement forms and were filed by the as-of date."""
    of_statement: NDArray[np.bool_] = facts.get_column("form_kind").to_numpy() != OTHER
    account.note(np.flatnonzero(~of_statement), _NOT_A_STATEMENT_FORM)
    if rules.as_of is None:
        return of_statement
    in_time = (facts.get_column("filed") <= rules.as_of).to_numpy()
    account.note(np.flatnonzero(of_statement & ~in_time), _AFTER_AS_OF)
    known: NDArray[np.bool_] = of_statement & in_time
    return known


def _in_place(
    facts: pl.DataFrame, known: NDArray[np.bool_], spans: pl.DataFrame, years: pl.DataFrame, account: _Account
) -> tuple[pl.DataFrame, pl.DataFrame, _Calendar]:
    """The facts that have a place in a statement, by date, kind and unit; their spans; and the calendar of the places.

    What only dates tell is told for each of the spans, what only units tell for each of the cases that they make, and each fact
    has the number of its own.
    """
    concept, span, form_kind = numbers(facts, "concept_id", "span", "form_kind")
    span = span.astype(np.int64)  # as an index of 64 bits, at half the cost
    rows = np.flatnonzero(known)
    is_instant = spans.get_column("start").is_null().to_numpy()
    reason = _reason_codes(spans.get_column("place_reason"))
    not_of_a_kind = np.where(reason == _STAYS, np.uint8(_REASON_CODES[_NOT_OF_A_KIND]), reason)
    # By span, of a flow's concept and of an instant's.
    reasons = np.column_stack([np.where(is_instant, not_of_a_kind, reason), np.where(is_instant, reason, not_of_a_kind)])
    rows = account.split(rows, reasons.take(span * 2 + by_concept("instant").take(concept)).take(rows))
    of_placed, concept = span.take(rows), concept.take(rows)
    year = periods.year_of(spans.get_column("place").to_numpy())
    cases, case = unit_cases(years, year.take(of_placed), facts.get_column("unit")[rows], concept)
    currency = currencies(cases)
    rows = account.split(rows, _reason_codes(unit_reasons(cases, currency)).take(case))
    of_placed = span.take(rows)
    ends, odd_end = periods.period_ends(spans, np.bincount(of_placed, minlength=spans.height))
    # An annual report shows no balance sheet of an interim date: what it states for one is a note's, say of an acquisition.
    is_interim = is_instant & spans.get_column("to_q").is_between(1, 3).to_numpy()
    aside = np.column_stack([odd_end, odd_end | is_interim])
    rows = account.without(rows, aside.take(of_placed * 2 + (form_kind.take(rows) == ANNUAL)), periods.NOT_A_PERIOD_END)
    starts, start_differs = periods.period_starts(spans, np.bincount(span.take(rows), minlength=spans.height))
    of_span = spans.drop("place_reason").with_columns(start_differs=start_differs)
    return _by_fact(facts, rows, of_span), of_span, _Calendar(years, ends, starts, currency)


def _reason_codes(reasons: pl.Series) -> NDArray[np.uint8]:
    """Reasons as the account has them, `_STAYS` for null."""
    codes: NDArray[np.uint8] = (
        reasons.to_frame().select(pl.all().cast(_REASON_TYPE).to_physical().fill_null(_STAYS)).to_series().to_numpy()
    )
    return codes


def _by_fact(facts: pl.DataFrame, rows: Rows, spans: pl.DataFrame) -> pl.DataFrame:
    """The placed facts, so that all words on one fact stand together, the first filed first.

    `fact` is one number for place and concept, `run` counts the facts in their order. What the span and the concept tell is
    looked up where it is needed (`_in_year`, `_described`).

    Args:
        facts: the facts of the batch.
        rows: those that are placed.
        spans: the placed spans.
    """
    concept, filed, span = numbers(facts, "concept_id", "filed", "span")
    fact = spans.get_column("place").to_numpy().take(span) * concepts().height + concept

    def others(tied: NDArray[np.int64]) -> list[NDArray[Any]]:
        of_tied = facts[rows[tied], ["accession", "start", "end", "value"]]
        # All words on a fact have a start or none has.
        return numbers(of_tied.fill_null(0), *of_tied.columns)

    # The order of the input must not matter anywhere, ties included.
    order = in_order((fact * DAYS + filed).take(rows), others)
    # Rows as Polars numbers them, so that a gather need not look at each number first.
    row = pl.Series("row", rows.astype(np.uint32).take(order))
    placed = facts[row, ["concept_id", "value", "accession", "filed", "form_kind", "span"]]
    place, cik = spans[placed.get_column("span"), ["place", "cik"]].get_columns()
    fact = place.to_numpy() * concepts().height + placed.get_column("concept_id").to_numpy()
    numbered_facts = pl.Series("fact", fact), pl.Series("run", run_numbers(fact))
    return placed.hstack([row, cik, place, *numbered_facts])


def _in_year(facts: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Placed facts with the columns of their places, `instant`, and `series`: one number for fiscal year and concept."""
    of_place = spans[facts.get_column("span"), ["fy_start", "from_q", "to_q"]]
    is_instant = by_concept("instant").take(facts.get_column("concept_id").to_numpy())
    return facts.drop("span").hstack([series(facts), *of_place, pl.Series("instant", is_instant)])


def _described(facts: pl.DataFrame) -> pl.DataFrame:
    """Placed facts with what else their concepts tell."""
    additive, unit = concepts()[facts.get_column("concept_id"), ["additive", "unit"]].get_columns()
    return facts.hstack([additive, unit.alias("unit_kind")])


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The companies' calendars as the statements show them: labels, dates and currency of every place."""

    years: pl.DataFrame
    ends: pl.DataFrame
    starts: pl.DataFrame
    currency: pl.DataFrame


def _with_derived(
    by_line: pl.DataFrame, amounts: ConceptAmounts, dates: PlaceDates, templates: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All values by place and line: reported ones, and what follows from them by formulas, by days and by summing quarters.

    Also place and line of what the formulas rejected.
    """
    columns = ["place", "line", "value", "filed", "accession"]
    derived, rejected = derived_lines(by_line.select(columns), dates, templates)
    flows = pl.concat([by_line.select(columns), derived.select(columns)])
    flows = flows.filter(pl.Series(_is_flow()[codes(flows.get_column("line"))]))
    fourth = fourth_quarters(flows, dates)
    # A fourth quarter of which nothing but its shares is known is no part of a trailing year.
    places, of_fourth = (frame.get_column("place").to_numpy() for frame in (flows, fourth))
    with_flows = pl.Series(looked_up(occurring(places), of_fourth) >= 0)
    trailing = trailing_twelve_months(pl.concat([flows, fourth.select(columns).filter(with_flows)]), dates)
    made = ["place", "line", "method"]
    trailing = of_one_concept(trailing, by_line, pl.concat([by_line.select(made), derived.select(made)]), amounts, dates)
    stated = by_line.select("place", "line", *_SHOWN)
    return pl.concat([stated, derived, fourth, trailing], how="diagonal", rechunk=True), rejected


@cache
def _statement_codes() -> NDArray[np.int64]:
    """By the codes of the lines: the code of the statement."""
    return codes(lines_by_code().get_column("statement"))


@cache
def _is_flow() -> NDArray[np.bool_]:
    """By the codes of the lines: whether it is a flow."""
    return lines_by_code().select(pl.col("statement") != "balance").to_series().to_numpy()


def _is_to_date(place: Positions) -> NDArray[np.bool_]:
    """Which places are half a year or nine months: what stands there goes into quarters and is no period of a statement."""
    to_date = np.zeros(periods.PLACES_OF_A_YEAR, np.bool_)
    to_date[[periods.place_in_year(0, 1, to_q) for to_q in (2, 3)]] = True
    is_to_date: NDArray[np.bool_] = to_date.take(periods.within_year(place))
    return is_to_date


@in_this_thread
def statements_of(draft: Draft) -> Statements:
    """The last step of `standardize`, a sixth of it: rows of the three statements, checked, and the reasons of what is empty."""
    line = codes(draft.values.get_column("line"))
    sheet = draft.values.get_column("place").to_numpy() * SHEETS_OF_A_PLACE + _statement_codes().take(line)
    sheets = occurring(sheet)
    rows = statement_rows(sheets[~_is_to_date(sheets // SHEETS_OF_A_PLACE)], draft.dates)
    value, row = matched(sheet, rows.get_column("sheet").to_numpy())
    line = line.take(value)
    # Rows as Polars numbers them, so that a gather need not look at each number first.
    of_value, of_row = (pl.Series(at.astype(np.uint32)) for at in (value, row))
    cells = draft.values[of_value, ["line", *_SHOWN]].hstack([*rows[of_row, ["statement_row", "cik", "statement"]]])
    rows = (
        rows.join(main_filings(cells, line), on="statement_row", how="left", maintain_order="left")
        .join(draft.filings, on=["cik", "accession"], how="left", maintain_order="left")
        .with_columns(pl.col("form").cast(pl.String), is_shown=pl.col("accession").is_not_null())
    )
    kind, is_shown = codes(rows.get_column("statement")), rows.get_column("is_shown").to_numpy()
    of_kind = {name: np.flatnonzero(kind == code) for code, name in enumerate(STATEMENT_TYPE.categories)}
    at = np.empty(rows.height, np.int64)
    for own in of_kind.values():
        at[own] = np.arange(len(own))
    heights = {line: len(of_kind[statement]) for line, statement in lines().select("line", "statement").iter_rows()}
    columns = rows_by_line(line, at[row], heights)
    # What is not there has the position -1: the last.
    amounts = np.append(cells.get_column("value").to_numpy(), np.nan)
    shown = {name: own[is_shown[own]] for name, own in of_kind.items()}
    of_shown = {line: columns[line][at[shown[statement]]] for statement, names in LINES.items() for line in names}
    empty = empty_core_cells(of_shown, shown)
    assets = columns["total_assets"]
    is_stated = (cells.get_column("method")[assets[assets >= 0]] == "reported").to_numpy()
    stated_assets = of_kind["balance"][assets >= 0][is_stated]
    return Statements(
        **{
            statement: pivoted(rows[shown[statement]], {line: amounts[of_shown[line]] for line in names}, statement)
            for statement, names in LINES.items()
        },
        rows=rows.drop("sheet", "place", "fyear", "start_date", "form"),
        cells=cells,
        unfilled=gaps(empty, rows, stated_assets, templates=draft.templates, amounts=draft.amounts, rejected=draft.rejected),
        filings=draft.filings,
        quality=quality(rows, cells, line, columns, of_kind, amounts=draft.amounts),
        companies=draft.companies,
        usage=draft.usage,
    )


def _filings(facts: pl.DataFrame, company: Rows) -> pl.DataFrame:
    """cik, accession and form of each filing: one can be of several companies, of which each fact's has a number."""
    accession = facts.get_column("accession").to_numpy()
    companies = int(company.max(initial=-1)) + 1
    filings = facts.select("cik", "accession", "form")
    # Accession numbers can have 18 digits; those in use have 15 and make, each with its company, one number.
    if int(accession.max(initial=0)).bit_length() + companies.bit_length() < BITS:
        return filings[pl.Series(accession * companies + company).arg_unique()]
    return filings.unique(["cik", "accession"], keep="first")


def _companies(ciks: pl.Series, calendar: _Calendar, templates: pl.DataFrame) -> pl.DataFrame:
    """What is known of each company as a whole: currency and year end of its last stated fiscal year, else of the one begun."""
    last = (
        calendar.years.filter(~pl.col("transition"))
        .join(calendar.currency, on=["cik", "fy_start"])
        .sort("cik", "stated", "fy_end")
        .unique("cik", keep="last", maintain_order=True)
        .select("cik", "currency", fiscal_year_end=pl.col("fy_end").dt.strftime("%m%d"))
    )
    return (
        ciks.to_frame()
        .join(last, on="cik", how="left", maintain_order="left")
        .join(templates, on="cik", how="left", maintain_order="left")
    )
