"""From concepts to lines: which of the concepts that can give a line gives it in this period."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference.concepts import (
    TEMPLATES,
    UNIT_KINDS,
    among,
    by_concept,
    can_give,
    concept_ids,
    concepts,
    concepts_of,
    concepts_of_templates,
    line_codes,
    lines,
)
from loader.standardize.periods import PLACES_OF_A_YEAR, place_in_year, within_year, year_of
from loader.standardize.runs import DAYS, begins, in_order, numbered, numbers, ordered, repeated
from loader.standardize.wide import Positions, Values, codes, matched, numbered_by_table, run_positions

#: Below this share of the largest concept of its tier, a value is a part of it and not the same thing rounded.
PART: Final = 0.99

#: Two concepts are one line to a filer when all that it states by both differs by no more than this (rule 7.2).
_SAME_LINE: Final = 0.01

#: A whole fiscal year, and its end, among the places of a year.
_YEAR: Final = place_in_year(0, 1, 4)
_YEAR_END: Final = place_in_year(0, 4, 4)
#: More than there are tiers, and ranks of forms.
_TIERS: Final = 64
_FORM_RANKS: Final = 4
#: What one number for the standing of a candidate holds.
_STANDINGS: Final = _TIERS * _FORM_RANKS * 2 * DAYS * 2

Mask = NDArray[np.bool_]

#: More than there are concepts: their ids have 16 bits.
_CONCEPTS: Final = 2**16

#: The total that most filers use for their revenue and some for all income; the sales beside it; what else the total then adds.
_TOTAL_REVENUES: Final = "us-gaap:Revenues"
_SALES: Final = (
    "us-gaap:SalesRevenueNet",
    "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax",
    "us-gaap:RevenueFromContractWithCustomerIncludingAssessedTax",
)
_OTHER_INCOME: Final = ("other_income", "gain_on_dispositions")
#: What is read to judge other lines only, and is no line of a statement: it comes in too many makes to be compared.
_WITNESSES: Final = _OTHER_INCOME
#: One place where amounts add up can be chance.
_LEAST_WITNESSES: Final = 2

#: The kinds of units by their codes.
_UNIT_KINDS: Final = pl.Series(UNIT_KINDS, dtype=pl.Enum(UNIT_KINDS))

OTHER_UNIT: Final = "unit_does_not_fit_the_line"
OTHER_CURRENCY: Final = "another_currency"


def unit_cases(
    years: pl.DataFrame, year: NDArray[np.int64], unit: pl.Series, concept: NDArray[np.uint16]
) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """The units that are used in each fiscal year for each kind of line, and which of these cases each fact is.

    A handful of cases for all facts of a year: what their units tell is told for those.

    Args:
        years: `fiscal_years`.
        year: the row of each placed fact's year there.
        unit: the unit of each.
        concept: the id of the concept of each.

    Returns:
        cik, fy_start, unit (as text), unit_kind, facts and assets (how many facts, and of total assets); and for each fact the
        row of its case.
    """
    some_fact, unit_number = numbered(unit.to_physical().to_numpy())
    units, kinds = len(some_fact), len(UNIT_KINDS)
    number = (year * units + unit_number) * kinds + by_concept("unit").take(concept)
    facts = np.bincount(number)
    assets = np.bincount(number[can_give(concept, "total_assets")], minlength=len(facts))
    numbers_of_cases = np.flatnonzero(facts)
    case = np.zeros(len(facts), np.int64)
    case[numbers_of_cases] = np.arange(len(numbers_of_cases))
    cases = years.select("cik", "fy_start")[numbers_of_cases // (units * kinds)].with_columns(
        unit=unit[some_fact].cast(pl.String)[numbers_of_cases // kinds % units],
        unit_kind=_UNIT_KINDS[numbers_of_cases % kinds],
        facts=pl.Series(facts[numbers_of_cases]),
        assets=pl.Series(assets[numbers_of_cases]),
    )
    return cases, case[number]


def currencies(cases: pl.DataFrame) -> pl.DataFrame:
    """The reporting currency of each company's fiscal year: the unit of its total assets, else of any money fact.

    Where a year has several (convenience translations), the one that the company uses most often wins.

    Args:
        cases: `unit_cases` of the placed facts.

    Returns:
        cik, fy_start, currency.
    """
    by_year = cases.filter((pl.col("unit_kind") == "money") & pl.col("unit").str.contains("^[A-Z]{3}$"))
    uses = [pl.col(name).sum().over("cik", "unit").alias(f"{name}_of_all") for name in ("assets", "facts")]
    return (
        by_year.select("cik", "fy_start", *uses, currency="unit", has_assets=pl.col("assets") > 0)
        .sort(
            *("cik", "fy_start", "has_assets", "assets_of_all", "facts_of_all", "currency"),
            descending=[False, False, True, True, True, False],
        )
        .unique(["cik", "fy_start"], keep="first", maintain_order=True)
        .select("cik", "fy_start", "currency")
    )


def with_currency(facts: pl.DataFrame, currency: pl.DataFrame) -> pl.DataFrame:
    """Add each fact's statement currency; a fiscal year without any money fact has the company's usual one."""
    of_year = facts.join(currency, on=["cik", "fy_start"], how="left", maintain_order="left")
    if not of_year.get_column("currency").has_nulls():
        return of_year
    usual = currency.group_by("cik").agg(usual=pl.col("currency").mode().sort().first())
    return (
        of_year.join(usual, on="cik", how="left", maintain_order="left")
        .with_columns(currency=pl.coalesce("currency", "usual"))
        .drop("usual")
    )


def unit_reasons(cases: pl.DataFrame, currency: pl.DataFrame) -> pl.Series:
    """Say why a unit does not fit the line: it must be money in the statement's currency, per share of it, or shares.

    Args:
        cases: `unit_cases` of the placed facts.
        currency: cik, fy_start, currency.

    Returns:
        The reason of each case, null where the unit fits.
    """
    wanted = (
        pl.when(pl.col("unit_kind") == "money")
        .then("currency")
        .when(pl.col("unit_kind") == "per_share")
        .then(pl.format("{}/shares", "currency"))
        .otherwise(pl.lit("shares"))
    )
    is_money = pl.col("unit").str.contains("^[A-Z]{3}(/shares)?$")
    reason = (
        pl.when(pl.col("unit") == wanted)
        .then(None)
        .when(is_money & (pl.col("unit_kind") != "shares"))
        .then(pl.lit(OTHER_CURRENCY))
        .otherwise(pl.lit(OTHER_UNIT))
    )
    return with_currency(cases, currency).select(reason=reason).to_series()


def chosen_lines(
    candidates: pl.DataFrame, vintages: pl.DataFrame, templates: pl.DataFrame, *, original: bool
) -> tuple[pl.DataFrame, Positions]:
    """Choose the concept of each line and period.

    The year comes first: within the lowest tier, the filing that owns the statement decides, then the newest (the oldest for
    original vintages), then the whole before its parts (rule 7.3), then the concept that the filing uses for more of its years
    (rule 7.2), then the rank. The quarters follow the concept of their year where they have it, so that a year and its quarters
    are of one make.

    Args:
        candidates: one row for each concept and place: cik, place, concept_id, value, form_rank, filed, accession.
        vintages: all vintages of the placed facts, in the order of `fact`.
        templates: cik, template: some concepts are the line in some industries only.
        original: first-reported values are wanted, so the oldest filing decides instead of the newest.

    Returns:
        One row for each line and place: candidate (a row of the candidates), its place and concept_id, and line_id; and the
        candidates that are chosen as witnesses, which are no lines of a statement.
    """
    candidate, entry = _ranked(candidates, templates)
    cik, place = numbers(candidates, "cik", "place")
    # A year follows the last one.
    company_of_year = np.zeros(year_of(place.max(initial=-1)) + 2, np.int64)
    company_of_year[year_of(place)] = cik
    place, concept = place.take(candidate), candidates.get_column("concept_id").to_numpy().take(candidate)
    line = _of_entries("line_id").take(entry)
    # Most lines of a place have one concept: only where there are several is there a choice.
    cell = numbered_by_table(place)[1] * lines().height + line
    is_choice = np.bincount(cell).take(cell) > 1
    single, several = np.flatnonzero(~is_choice), np.flatnonzero(is_choice)
    rivals = _Rivals(candidates, vintages, candidate[several], entry[several], company_of_year=company_of_year, original=original)
    # By line and fiscal year the concept that gives it, -1 for none.
    year_concept = np.full(len(company_of_year) * lines().height, -1)
    alone = single[within_year(place[single]) == _YEAR]
    year_concept[year_of(place[alone]) * lines().height + line[alone]] = concept[alone]
    best_of_year = rivals.best_of_year()
    year_concept[rivals.line_year[best_of_year]] = rivals.concept[best_of_year]
    # The first year of a company follows the last one of another.
    is_followed = np.repeat(company_of_year[1:] == company_of_year[:-1], lines().height)
    changed = rivals.of_the_next_year(best_of_year, np.where(is_followed, year_concept[lines().height :], -1))
    year_concept[rivals.line_year[changed]] = rivals.concept[changed]
    chosen = np.concatenate([single, several[rivals.best(year_concept)]])
    is_witness = _is_witness().take(line[chosen])
    witnesses, chosen = candidate[chosen[is_witness]], chosen[~is_witness]
    taken = pl.DataFrame(
        {
            "candidate": candidate[chosen].astype(np.uint32),
            "place": place[chosen],
            "concept_id": concept[chosen],
            "line_id": line[chosen],
        }
    )
    return taken, witnesses


@cache
def _is_witness() -> NDArray[np.bool_]:
    """By the ids of the lines: whether it is no line of a statement."""
    return lines().select(pl.col("line").is_in(_WITNESSES)).to_series().to_numpy()


def _ranked(candidates: pl.DataFrame, templates: pl.DataFrame) -> tuple[Positions, Positions]:
    """The candidates of each line, in their order: rows of the candidates and of `concepts_of_templates`."""
    cik, concept = numbers(candidates, "cik", "concept_id")
    fact_of_company, company = numbered(cik)
    of_company = np.searchsorted(templates.get_column("cik").to_numpy(), cik[fact_of_company])
    template = codes(templates.get_column("template"))[of_company].take(company)
    entry, candidate = matched(_kind(*numbers(concepts_of_templates(), "concept_id", "template")), _kind(concept, template))
    return candidate, entry


def _kind(concept: NDArray[np.uint16], template: NDArray[Any]) -> Positions:
    """One number for concept and template."""
    kind: Positions = concept * np.int64(len(TEMPLATES)) + template
    return kind


@cache
def _of_entries(name: str) -> NDArray[Any]:
    """A column of `concepts_of_templates` as an array: categories as their codes."""
    return concepts_of_templates().get_column(name).to_physical().to_numpy()


class _Rivals:
    """The candidates of lines that have several in one place.

    Arrays and not frames, since the rows are few and the steps many.

    Args:
        candidates, vintages: as for `chosen_lines`.
        candidate, entry: their rows, as `_ranked` has them.
        company_of_year: the cik of each fiscal year.
        original: the oldest filing decides instead of the newest.

    Attributes:
        line_year: one number for line and fiscal year.
        concept: the id of the concept.
    """

    def __init__(
        self,
        candidates: pl.DataFrame,
        vintages: pl.DataFrame,
        candidate: Positions,
        entry: Positions,
        *,
        company_of_year: Positions,
        original: bool,
    ) -> None:
        of_candidate = candidates[candidate, ["place", "concept_id", "value", "form_rank", "owner", "filed", "accession"]]
        place, self.concept, value, form_rank, owner, filed, self._accession = numbers(of_candidate, *of_candidate.columns)
        line, self._tier, self._rank = (_of_entries(name).take(entry).astype(np.int64) for name in ("line_id", "tier", "rank"))
        self.line_year = year_of(place) * lines().height + line
        self._is_year = within_year(place) == _YEAR
        self._cell = place * lines().height + line
        is_revenue = _of_entries("line").take(entry) == line_codes()["revenue"]
        is_compared = _of_entries("largest").take(entry) | (
            is_revenue & (_of_entries("template").take(entry) == TEMPLATES.index("industrial"))
        )
        self._part = _is_part(np.abs(value), is_compared, self._cell, self._tier, self._accession)
        newest_first = 1 if original else -1
        standing = (self._tier * _FORM_RANKS + form_rank) * 2 + ~owner
        self._standing = (standing * DAYS + filed * newest_first + DAYS // 2) * 2 + self._part
        # Revenue is left to the rank: there the other concepts are slices, such as the fees of a lessor.
        tied = np.flatnonzero(_is_repeated(self._cell * _STANDINGS + self._standing) & ~is_revenue)
        self._years = np.zeros(len(line), np.int64)
        self._years[tied] = _years_of_use(
            candidates[candidate[tied], ["cik", "accession", "concept_id"]], vintages, company_of_year
        )

    def best_of_year(self) -> Positions:
        """The best of each line of a whole fiscal year."""
        return self._best(np.flatnonzero(self._is_year), 0)

    def of_the_next_year(self, best_of_year: Positions, next_concept: Positions) -> Positions:
        """Those of years that the filing states by the concept of the year after as well, which they then take too (rule 7.2).

        The filing's own rank names another one. But a later filing, which the year after is taken from, shows what the line is.

        Args:
            best_of_year: as `best_of_year` gives them.
            next_concept: for each line and fiscal year the concept of the company's next year, -1 for none.
        """
        first = np.full(len(next_concept), -1)
        first[self.line_year[best_of_year]] = best_of_year
        rows = np.flatnonzero(self._is_year & ~self._part)
        best, wanted = first[self.line_year[rows]], next_concept[self.line_year[rows]]
        of_one_filing = (self._tier[rows] == self._tier[best]) & (self._accession[rows] == self._accession[best])
        changes: Positions = rows[of_one_filing & (self.concept[rows] == wanted) & (self.concept[best] != wanted)]
        return changes

    def best(self, year_concept: Positions) -> Positions:
        """The best of each line and place: that of the concept of the year, where it is there.

        Args:
            year_concept: the concept of each line and fiscal year.
        """
        of_year = year_concept[self.line_year]
        return self._best(np.arange(len(of_year)), (of_year >= 0) & (of_year != self.concept))

    def _best(self, rows: Positions, differs: NDArray[np.bool_] | int) -> Positions:
        """The best of each line and place, of some rows.

        Args:
            rows: the rows.
            differs: whether each is of another concept than its year.
        """

        def others(tied: Positions) -> list[Positions]:
            return [-self._years[rows[tied]], self._rank[rows[tied]]]

        ordered = rows[in_order((self._cell[rows] * 2 + differs) * _STANDINGS + self._standing[rows], others)]
        best: Positions = ordered[begins(self._cell[ordered])]
        return best


def _is_part(size: Values, is_compared: Mask, cell: Positions, tier: Positions, accession: Positions) -> Mask:
    """Which amounts fall short of the largest of one tier and filing: concepts can be parts of each other (rules 7.3, 7.4).

    A zero beside another amount is one in every line.

    Args:
        size: the amounts, without their signs.
        is_compared: whether the line's concepts can be parts of each other.
        cell: one number for line and place.
        tier: the concept's tier.
        accession: the filing.
    """
    whole = cell * _TIERS + tier
    order = in_order(whole, lambda tied: [accession[tied]])
    largest = np.empty(len(size))
    first = begins(whole[order], accession[order])
    largest[order] = repeated(np.fmax.reduceat(size[order], first) if len(size) else size, first, len(size))
    is_part: Mask = (largest > 0) & np.where(is_compared, size < PART * largest, size == 0)
    return is_part


def _is_repeated(keys: Positions) -> Mask:
    """Which keys are there more than once."""
    number = numbered(keys)[1]
    is_repeated: Mask = (np.bincount(number) > 1).take(number)
    return is_repeated


def _years_of_use(used: pl.DataFrame, vintages: pl.DataFrame, company_of_year: Positions) -> Positions:
    """Count the fiscal years that a filing states by a concept, so that its columns are of one make (rule 7.2).

    Args:
        used: cik, accession and concept_id: the filings and concepts that are asked for. A filing can be of several companies.
        vintages: as for `chosen_lines`.
        company_of_year: the cik of each fiscal year.
    """
    cik, accession, concept = numbers(used, "cik", "accession", "concept_id")
    # In order, a year without facts with those before it: there is nothing to be found in it.
    of_years = np.maximum.accumulate(company_of_year)
    begin, end = (np.searchsorted(of_years, cik, side) for side in ("left", "right"))
    asked, year = np.repeat(np.arange(len(cik)), end - begin), run_positions(begin, end - begin)
    span = np.where(by_concept("instant")[concept], _YEAR_END, _YEAR)[asked]
    fact = (year * PLACES_OF_A_YEAR + span) * concepts().height + concept[asked]
    # All vintages of a fact stand together, the facts in their order.
    first, end = (np.searchsorted(vintages.get_column("fact").to_numpy(), fact, side) for side in ("left", "right"))
    asked = np.repeat(asked, end - first)
    is_of_filing = vintages.get_column("accession").to_numpy()[run_positions(first, end - first)] == accession[asked]
    return np.bincount(asked[is_of_filing], minlength=used.height)


def without_totals_of_all_income(candidates: pl.DataFrame, vintages: pl.DataFrame) -> pl.DataFrame:
    """Drop Revenues where the filer uses it for the total of all income, and states its sales beside it.

    Oil companies close their revenues with a "total revenues and other income", which adds the income of affiliates and other
    income to the sales. The witness is that identity, to the dollar and within one filing and period, in most of the places
    that state Revenues, another amount as sales, and equity-method income. Revenues of anything else (leases, interest,
    membership fees) are revenue and stay.

    Args:
        candidates: one row for each concept and place.
        vintages: all vintages of the placed facts.

    Returns:
        The candidates without Revenues in the years, and other places, that have sales, of the companies that the witness names.
    """
    revenues, sales = concept_ids(_TOTAL_REVENUES), concept_ids(*_SALES)
    of_kind = pl.col("concept_id").is_in
    equities, others = concepts_of("equity_method_income"), concepts_of(*_OTHER_INCOME)
    filing = ["cik", "place", "accession"]
    told_by = among(vintages.get_column("concept_id"), pl.concat([revenues, sales, equities, others]))
    told = vintages.select(*filing, "concept_id", "value")[np.flatnonzero(told_by)]

    def amounts(ids: pl.Series, name: str) -> pl.DataFrame:
        return told.filter(of_kind(ids.implode())).select(*filing, pl.col("value").alias(name))

    equity = amounts(equities, "equity").filter(pl.col("equity") != 0)
    if equity.is_empty():
        return candidates
    stated = (
        equity.join(amounts(revenues, "total"), on=filing)
        .join(amounts(sales, "sales"), on=filing)
        .filter(pl.col("total") != pl.col("sales"))
    )
    if stated.is_empty():
        return candidates
    added = amounts(others, "part").unique().group_by(filing).agg(all_parts=pl.col("part").sum(), parts="part")
    left = pl.col("total") - pl.col("sales") - pl.col("equity")
    keeps = (left == 0) | (left == pl.col("all_parts")) | pl.col("parts").list.contains(left)
    filers = (
        stated.join(added, on=filing, how="left")
        .group_by("cik", "place")
        .agg(keeps=keeps.fill_null(value=False).any())
        .group_by("cik")
        .agg(kept=pl.col("keeps").sum(), places=pl.len())
        .filter((pl.col("kept") >= _LEAST_WITNESSES) & (2 * pl.col("kept") > pl.col("places")))
        .get_column("cik")
    )
    if filers.is_empty():
        return candidates
    year = year_of(pl.col("place"))
    stated = candidates.filter(pl.col("cik").is_in(filers.implode()))
    with_sales = stated.filter(of_kind(sales.implode()))
    of_year = (pl.col("from_q") == 1) & (pl.col("to_q") == 4)
    years = with_sales.filter(of_year).select("cik", year=year)
    # A filer that has come to state the total only keeps it in all years, so that they can be compared.
    newest = stated.filter(of_year & of_kind(revenues.implode())).group_by("cik").agg(year=year.max())
    left_off = newest.join(years.group_by("cik").agg(last=pl.col("year").max()), on="cik", how="left").filter(
        (pl.col("last") < pl.col("year")).fill_null(value=True)
    )
    has_sales = year.is_in(years.get_column("year").implode()) | pl.col("place").is_in(with_sales.get_column("place").implode())
    kept_filers = filers.filter(~filers.is_in(left_off.get_column("cik").implode()))
    return candidates.filter(~(of_kind(revenues.implode()) & pl.col("cik").is_in(kept_filers.implode()) & has_sales))


class ConceptAmounts:
    """What each concept gives in each place, stated or derived, as arrays.

    Args:
        candidates: one row for each concept and place: cik, place, concept_id, value.

    Attributes:
        place: the numbers of the places.
        series: one number for fiscal year and concept.
        is_given: for each of these numbers whether the year has the concept.
        cik_of_year: the company of each fiscal year, by the year's number, in order; a year without facts goes with that before.
    """

    def __init__(self, candidates: pl.DataFrame) -> None:
        cik, self.place, concept, self._value = numbers(candidates, "cik", "place", "concept_id", "value")
        # One number for place and concept: a place is of one company.
        self._fact = self.place * _CONCEPTS + concept
        year = year_of(self.place)
        self.series = year * concepts().height + concept
        self.cik_of_year = np.zeros(year.max(initial=-1) + 1, np.int64)
        self.cik_of_year[year] = cik
        np.maximum.accumulate(self.cik_of_year, out=self.cik_of_year)
        self.is_given = np.zeros(len(self.cik_of_year) * concepts().height, np.bool_)
        self.is_given[self.series] = True

    def agreement(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Whether two concepts are one line to a company: all that it states by both differs by no more than 1 % (rule 7.2).

        Args:
            pairs: cik, concept_id, other_id, any number of times.

        Returns:
            cik, concept_id, other_id, agree; without the pairs that no place has both of.
        """
        asked = pairs.select("cik", "concept_id", "other_id").unique()
        cik, concept, other = numbers(asked, *asked.columns)
        first, end = (np.searchsorted(self.cik_of_year, cik, side) for side in ("left", "right"))
        pair, year = np.repeat(np.arange(len(cik)), end - first), run_positions(first, end - first)
        one, two = (year * concepts().height + of_pair.take(pair) for of_pair in (concept, other))
        # Few years have both.
        both = np.flatnonzero(self.is_given.take(one) & self.is_given.take(two))
        pair, one, two = pair[both], one[both], two[both]
        is_asked = np.zeros(len(self.is_given), np.bool_)
        is_asked[one] = is_asked[two] = True
        rows = np.flatnonzero(is_asked.take(self.series))
        # What the company states in the year by the one concept, and for each of these the other amount of the same place.
        by_series, by_fact = (rows[ordered(keys[rows])[0]] for keys in (self.series, self._fact))
        first, end = (np.searchsorted(self.series[by_series], one, side) for side in ("left", "right"))
        pair, stated = np.repeat(pair, end - first), by_series[run_positions(first, end - first)]
        fact = self.place[stated] * _CONCEPTS + other[pair]
        by_other = np.append(by_fact, -1)[np.searchsorted(self._fact[by_fact], fact)]
        both = np.flatnonzero((by_other >= 0) & (self._fact[by_other] == fact))
        value, other_value, pair = self._value[stated[both]], self._value[by_other[both]], pair[both]
        # Infinite amounts, with which no company's statements are kept, are nobody's line.
        with np.errstate(invalid="ignore", over="ignore"):
            is_apart = ~(np.abs(value - other_value) <= _SAME_LINE * np.abs(value))
        compared = np.flatnonzero(np.bincount(pair, minlength=asked.height))
        agree = np.bincount(pair[is_apart], minlength=asked.height)[compared] == 0
        return asked[compared].hstack([pl.Series("agree", agree)])


def of_several_concepts(chosen: pl.DataFrame) -> pl.DataFrame:
    """The flows of the years in which a line is given by more than one concept: few, so that what regards those costs little.

    Args:
        chosen: `chosen_lines`.

    Returns:
        These rows of them, with value_row, the row, and line_year, one number for line and fiscal year.
    """
    place, line, concept = numbers(chosen, "place", "line_id", "concept_id")
    flow = _is_flow().take(line)
    line_year = year_of(place) * lines().height + line
    some_concept = np.zeros(line_year.max(initial=-1) + 1, np.uint16)
    some_concept[line_year[flow]] = concept[flow]
    has_several = np.zeros(len(some_concept), np.bool_)
    has_several[line_year[flow & (some_concept[line_year] != concept)]] = True
    rows = np.flatnonzero(flow & has_several[line_year])
    return chosen[rows].with_columns(line_year=line_year[rows], value_row=rows)


@cache
def _is_flow() -> NDArray[np.bool_]:
    """By the ids of the lines: whether it is a flow."""
    return lines().select(pl.col("statement") != "balance").to_series().to_numpy()
