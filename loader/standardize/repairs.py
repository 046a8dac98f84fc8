"""Values that are wrong as filed and can be proved so, or that stand on another basis than today's: scale, sign, stock splits.

Nothing is repaired on its magnitude alone: a second witness is needed, another filing of the same fact or an identity. Each
repaired fact keeps its `raw_value` and names its `repair`. The order matters: scale errors would look like splits.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loader.reference.concepts import among, by_concept, can_give, counted_in
from loader.standardize.runs import any_of_run, begins, numbered, numbers, repeated

SCALE: Final = "scale"
SIGN: Final = "sign"
TAX_SIGN: Final = "tax sign"
SPLIT: Final = "split"
_REPAIRS: Final = (SCALE, SIGN, TAX_SIGN, SPLIT)

#: Numbers are filed in units, thousands or millions; a factor between two filings of one fact is a scale error only if it is
#: one of these.
_SCALES: Final = (1e3, 1e6)
_SCALE_TOLERANCE = 0.01

#: More shares than any filer has: a count above is one that was multiplied once too often.
_MOST_SHARES = 5e10
#: Counts of one concept in one filing that are of one scale differ by less than this.
_SAME_SIZE = 10

#: Split ratios: whole numbers, and the few fractions that boards do declare. Compared with the ratio of new to old share counts.
_SPLIT_FRACTIONS: Final = (1.5, 1.25, 4 / 3, 2.5)
_SPLIT_TOLERANCE = 0.02
_SPLIT_LARGEST = 100
#: Votes on two splits at once round to whole numbers near their product (40, but 43 and 44 too where cents are few).
_COMPOUND_TOLERANCE = 0.12
#: A split is believed when this many facts, each stated before and after, agree on it (rule 4.4).
_SPLIT_VOTES = 3
#: Per-share values below this are too coarsely rounded (to a cent) to show a ratio within the tolerance.
_SMALLEST_VOTING_EPS = 0.25

#: Earnings per share and income over shares are the same within a cent, or 1 %.
_EPS_CENT = 0.01
_EPS_TOLERANCE = 0.01

_WEIGHTED_SHARES = ("shares_basic", "shares_diluted")
_EPS = ("eps_basic", "eps_diluted")
#: What earnings per share can be earnings of.
_INCOME = ("net_income", "net_income_incl_nci", "net_income_common")
#: What pretax income less tax is, the first that is stated.
_AFTER_TAX = ("net_income_continuing", "net_income_incl_nci", "net_income")
_CASH_FLOWS = ("operating_cash_flow", "investing_cash_flow", "financing_cash_flow")


def repaired(facts: pl.DataFrame) -> pl.DataFrame:
    """Repair what is wrong as filed, and put all on the basis after the last split.

    Args:
        facts: placed facts in the order of `fact`, of each the first filed first: fact, run (which counts the facts), place,
            cik, concept_id, value, accession, filed.

    Returns:
        The facts with repaired values, raw_value (as filed) and repair, both null where nothing was changed.
    """
    book = _Book(facts)
    contexts = _Contexts(facts)
    book.change(_scaled_by_other_filing(book.facts), SCALE)
    book.change(_scaled_by_identity(book.facts, contexts), SCALE)
    counted = np.flatnonzero(~counted_in(facts.get_column("concept_id").to_numpy(), "money"))
    book.change(_scaled_with_the_proved(book.facts, counted, facts.get_column("value")), SCALE)
    book.change(_eps_signs_turned(book.facts, contexts), SIGN)
    found = splits(book.facts, counted)
    book.change(_signs_turned(book.facts), SIGN)
    book.change(_contradicted_signs_turned(book.facts), SIGN)
    book.change(_tax_signs_turned(book.facts, contexts), TAX_SIGN)
    book.change(_split_adjusted(book.facts, counted, found), SPLIT)
    return book.closed()


class _Book:
    """The values as one repair after the other leaves them, and what was done to each.

    Attributes:
        facts: the facts with their values as of now, numbered by `row`.
    """

    def __init__(self, facts: pl.DataFrame) -> None:
        self._as_filed = facts
        #: The repairs of each fact as the digits of a number, the last one lowest: there are fewer steps than digits.
        self._repairs = np.zeros(facts.height, np.int64)
        self.facts = facts.drop("row").with_row_index("row")

    def change(self, changes: pl.DataFrame, repair: str) -> None:
        """Replace values: row and new, no row twice."""
        if changes.is_empty():
            return
        row, new = (column.to_numpy() for column in changes.get_columns())
        values = self.facts.get_column("value").to_numpy()
        is_new = new != values[row]
        if not is_new.any():
            return
        row, values = row[is_new], values.copy()
        self._repairs[row] = self._repairs[row] * 10 + _REPAIRS.index(repair) + 1
        values[row] = new[is_new]
        self.facts = self.facts.with_columns(pl.Series("value", values))

    def closed(self) -> pl.DataFrame:
        """The facts as they were given, with their repaired values, raw_value and repair."""
        row = np.flatnonzero(self._repairs != 0)
        distinct, number = np.unique(self._repairs[row], return_inverse=True)
        named = [", ".join(_REPAIRS[int(digit) - 1] for digit in str(digits)) for digits in distinct]
        none = (pl.Series([None], dtype=dtype) for dtype in (pl.Float64, pl.Categorical()))
        raw, repair = (null.new_from_index(0, self._as_filed.height) for null in none)
        return self._as_filed.with_columns(
            self.facts.get_column("value"),
            raw_value=raw.scatter(row, self._as_filed.get_column("value")[row]),
            repair=repair.scatter(row, pl.Series(named, dtype=pl.Categorical)[number]),
        )


#: What a step finds: row of the fact and its new value.
_CHANGES: Final = {"row": pl.UInt32, "new": pl.Float64}
_NO_CHANGES: Final = pl.DataFrame(schema=_CHANGES)


class _Contexts:
    """One filing's word on one place is a context: it holds what an identity needs, and so the witnesses of repairs.

    Attributes:
        row: the rows of the facts that can give a line of an identity.
        number: the number of the context of each.
    """

    def __init__(self, facts: pl.DataFrame) -> None:
        concept, place, accession = numbers(facts, "concept_id", "place", "accession")
        self.row = np.flatnonzero(
            can_give(concept, *_EPS, *_WEIGHTED_SHARES, *_INCOME, *_AFTER_TAX, "pretax_income", "income_tax")
        )
        self._concept = concept[self.row]
        filings, filing = numbered(accession[self.row])
        some_row, self.number = numbered(place[self.row] * len(filings) + filing)
        self._count = len(some_row)

    def of_lines(self, *names: str) -> NDArray[np.bool_]:
        """Which of the facts can give one of these lines."""
        return can_give(self._concept, *names)

    def stated(self, value: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        """What each context states by a concept of a line, the first of them; NaN where it states none.

        Args:
            value: the value of each fact in `row`.
            name: the line.
        """
        last_to_first = np.flatnonzero(self.of_lines(name))[::-1]  # what is written last stays
        found = np.full(self._count, np.nan)
        found[self.number[last_to_first]] = value[last_to_first]
        return found

    def incomes(self, value: NDArray[np.float64]) -> pl.DataFrame:
        """All that each context states as income, of the parent, with minorities, of common stock: context, income."""
        at = np.flatnonzero(self.of_lines(*_INCOME) & (value != 0))
        return pl.DataFrame({"context": self.number[at], "income": value[at]})

    def extremes(self, incomes: pl.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The least and the largest income of each context; infinite, and so without effect, where there is none."""
        context, income = (column.to_numpy() for column in incomes.get_columns())
        least, largest = np.full(self._count, np.inf), np.full(self._count, -np.inf)
        np.minimum.at(least, context, income)
        np.maximum.at(largest, context, income)
        return least, largest


def _scaled_by_other_filing(facts: pl.DataFrame) -> pl.DataFrame:
    """Repair numbers that were filed a thousand- or millionfold too small or too large (rule 4.1).

    The witness is the same fact filed elsewhere at the other scale: the amount nearer to the company's other values of that
    concept is right, and of share counts, which are filed in thousands for years, the one in shares.
    """
    suspects = _apart(facts.select("row", "run", "cik", "concept_id", "value")).filter(pl.col("value") != 0)
    concept = suspects.get_column("concept_id").to_numpy()
    suspects = suspects.with_columns(is_count=pl.Series(counted_in(concept, "shares"))).filter(
        pl.Series(~counted_in(concept, "per_share"))
    )
    if suspects.is_empty():
        return _NO_CHANGES
    size = pl.col("value").abs()
    of_suspects = among(facts.get_column("concept_id"), suspects.get_column("concept_id"))
    usual = (
        facts[np.flatnonzero(of_suspects), ["cik", "concept_id", "value"]]
        .filter(pl.col("value") != 0)
        .join(suspects.select("cik", "concept_id").unique(), on=["cik", "concept_id"], how="semi")
        .group_by("cik", "concept_id")
        .agg(usual=size.log10().median())
    )
    exact = pl.when(pl.col("spread") > 1e5).then(_SCALES[1]).otherwise(_SCALES[0])
    is_small = size < pl.col("largest") / 10
    distance = (size.log10() - pl.col("usual")).abs()
    other = (pl.when(is_small).then(size * exact).otherwise(size / exact).log10() - pl.col("usual")).abs()
    small_is_wrong = pl.col("largest") <= _MOST_SHARES
    wrong = pl.when("is_count").then(is_small == small_is_wrong).otherwise(distance > other)
    factor = pl.when(is_small).then(exact).otherwise(1 / exact)
    return suspects.join(usual, on=["cik", "concept_id"]).filter(wrong).select("row", new=pl.col("value") * factor)


def _apart(facts: pl.DataFrame) -> pl.DataFrame:
    """All words on the facts that were stated at two scales, with the largest magnitude, and how many times the least it is."""
    run, value = numbers(facts, "run", "value")
    # Few facts were stated with several values at all, so the arithmetic is for those.
    differs = np.zeros(len(run), np.bool_)  # from the row before
    differs[1:] = (value[1:] != value[:-1]) & (run[1:] == run[:-1])
    rows = np.flatnonzero(any_of_run(differs, run))
    if not len(rows):
        return facts.clear().with_columns(largest=pl.lit(None, pl.Float64), spread=pl.lit(None, pl.Float64))
    size, first = np.abs(value[rows]), begins(run[rows])
    largest = np.maximum.reduceat(size, first)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = largest / np.minimum.reduceat(size, first)
    scaled = np.logical_or.reduce([np.abs(spread / scale - 1) <= _SCALE_TOLERANCE for scale in _SCALES])
    largest, spread, is_scaled = (repeated(of_fact, first, len(rows)) for of_fact in (largest, spread, scaled))
    scaled_rows: NDArray[np.int64] = rows[is_scaled]
    return facts[scaled_rows].with_columns(largest=largest[is_scaled], spread=spread[is_scaled])


def _scaled_by_identity(facts: pl.DataFrame, contexts: _Contexts) -> pl.DataFrame:
    """Repair average share counts that are a thousand- or millionfold off what income and earnings per share imply (rule 4.1)."""
    value = facts.get_column("value").to_numpy()[contexts.row]
    incomes = contexts.incomes(value)
    least, largest = contexts.extremes(incomes.with_columns(pl.col("income").abs()))
    found = []
    for shares, eps in zip(_WEIGHTED_SHARES, _EPS, strict=True):
        counts = np.flatnonzero(contexts.of_lines(shares) & (value > 0))
        at = contexts.number[counts]
        per_share = np.abs(contexts.stated(value, eps))[at]
        with np.errstate(divide="ignore"):
            slack = np.maximum(_SCALE_TOLERANCE, 0.006 / per_share)  # earnings per share are rounded to a cent
        # Few counts are anywhere near a scale off (half of the least one, where the slack is not that wide itself), so the
        # arithmetic is for those.
        implied_income, half_a_scale = per_share * value[counts], _SCALES[0] / 2
        far = (largest[at] >= half_a_scale * implied_income) | (least[at] * half_a_scale <= implied_income) | (slack >= 0.4)
        doubted = far & (per_share > 0)
        if not doubted.any():
            continue
        rows = counts[doubted]
        found.append(
            pl.DataFrame(
                {
                    "context": at[doubted],
                    "row": contexts.row[rows],
                    "value": value[rows],
                    "eps": per_share[doubted],
                    "slack": slack[doubted],
                },
            )
        )
    if not found:
        return _NO_CHANGES
    stated = pl.concat(found)
    ratio = (pl.col("income") / pl.col("eps")).abs() / pl.col("value")
    factor: pl.Expr = pl.lit(None, pl.Float64)
    for scale in (*_SCALES, *(1 / scale for scale in _SCALES)):
        factor = pl.when((ratio / scale - 1).abs() <= pl.col("slack")).then(scale).otherwise(factor)
    return (
        stated.with_row_index("witness")
        .join(incomes, on="context")
        .select("witness", "row", new=pl.col("value") * factor)
        .filter(pl.col("new").is_not_null())
        # A concept can be both counts at once (basic and diluted), and its fact then has a witness twice.
        .sort("witness", "new")
        .unique("row", keep="first", maintain_order=True)
        .select("row", "new")
    )


def _scaled_with_the_proved(facts: pl.DataFrame, counted: NDArray[np.int64], as_filed: pl.Series) -> pl.DataFrame:
    """Repair the share counts that stand beside a proved one, in its filing or as the same amount of its fact.

    Args:
        facts: placed facts after the repairs that were proved.
        counted: the rows of those that are no money: share counts and amounts per share.
        as_filed: their values before.
    """
    concept, value = (column.take(counted) for column in numbers(facts, "concept_id", "value"))
    is_count = counted_in(concept, "shares")
    is_proved = is_count & (value != as_filed.to_numpy().take(counted))
    if not is_proved.any():
        return _NO_CHANGES
    proved_rows = counted[is_proved]
    rows = counted[among(pl.Series(concept), pl.Series(concept[is_proved])) & is_count & (value > 0)]
    # A filing can be of several companies.
    of_a_filing = ["cik", "accession", "concept_id"]
    counts = (
        facts[rows, ["row", "fact", *of_a_filing, "value"]]
        .with_columns(filed=as_filed[rows])
        .join(facts[proved_rows, ["cik", "concept_id"]].unique(), on=["cik", "concept_id"], how="semi")
        .select("row", "fact", *of_a_filing, "filed", factor=pl.col("value") / pl.col("filed"))
    )
    proved = counts.filter(pl.col("factor") != 1)
    open_counts = counts.filter(pl.col("factor") == 1).drop("factor")
    found = [proved.select("row", "filed", "factor").clear()]
    while proved.height and open_counts.height:
        of_filing = proved.group_by(of_a_filing).agg(
            size=pl.col("filed").median(), factor=pl.col("factor").first(), same=pl.col("factor").n_unique() == 1
        )
        of_fact = proved.select("fact", "filed", "factor").unique()
        beside = open_counts.join(of_filing.filter("same"), on=of_a_filing).filter(
            (pl.col("filed") / pl.col("size")).is_between(1 / _SAME_SIZE, _SAME_SIZE)
        )
        again = open_counts.join(of_fact, on=["fact", "filed"])
        proved = pl.concat([beside.select(again.columns), again]).unique("row", keep="first", maintain_order=True)
        found.append(proved.select("row", "filed", "factor"))
        open_counts = open_counts.join(proved, on="row", how="anti")
    return pl.concat(found).select("row", new=pl.col("filed") * pl.col("factor"))


def _signs_turned(facts: pl.DataFrame) -> pl.DataFrame:
    """Turn the sign of magnitudes that cannot be negative (rule 4.2): cost, cash, debt, payments for something."""
    concept, value = numbers(facts, "concept_id", "value")
    negative = np.flatnonzero(value < 0)
    return _turned(facts, negative[by_concept("nonnegative").take(concept.take(negative))])


def _turned(facts: pl.DataFrame, rows: NDArray[np.int64]) -> pl.DataFrame:
    """The values of these rows with the other sign."""
    if not len(rows):
        return _NO_CHANGES
    return pl.DataFrame({"row": rows, "new": -facts.get_column("value").to_numpy()[rows]}, schema=_CHANGES)


def _contradicted_signs_turned(facts: pl.DataFrame) -> pl.DataFrame:
    """Turn a total cash flow or earnings per share whose sign contradicts that of the same amount in most filings of the fact.

    They can have either sign, so the witness is the fact itself as it was filed otherwise, to the dollar and the cent.
    """
    concept, run, value = numbers(facts, "concept_id", "run", "value")
    rows = np.flatnonzero(can_give(concept, *_CASH_FLOWS, *_EPS))
    run, value = run.take(rows), value.take(rows)
    # Few facts were filed with both signs.
    doubted = rows[np.flatnonzero(any_of_run(value < 0, run) & any_of_run(value > 0, run))]
    if not len(doubted):
        return _NO_CHANGES
    votes = pl.col("value").sign().sum().over("fact", pl.col("value").abs())
    return facts[doubted, ["row", "fact", "value"]].filter(votes * pl.col("value") < 0).select("row", new=-pl.col("value"))


def _tax_signs_turned(facts: pl.DataFrame, contexts: _Contexts) -> pl.DataFrame:
    """Turn the sign of an income tax that only then leads from pretax income to net income (rule 4.3).

    Tax can be negative, so the identity within one filing and period is the witness: pretax less tax misses income, pretax plus
    tax meets it. Judged before quarters are derived, which would carry the wrong sign on.
    """
    value = facts.get_column("value").to_numpy()[contexts.row]
    tax, pretax, *incomes = (contexts.stated(value, name) for name in ("income_tax", "pretax_income", *_AFTER_TAX))
    income = incomes[0]
    for other in incomes[1:]:
        income = np.where(np.isnan(income), other, income)
    largest = np.maximum(np.maximum(np.abs(pretax), np.abs(income)), np.abs(tax))
    tolerance = np.minimum(largest * 0.001, np.abs(tax) / 2)
    misses = np.abs(pretax - tax - income) > tolerance
    meets = np.abs(pretax + tax - income) <= tolerance
    wrong = misses & meets & (tax != 0)
    return _turned(facts, contexts.row[wrong[contexts.number] & contexts.of_lines("income_tax")])


def _eps_signs_turned(facts: pl.DataFrame, contexts: _Contexts) -> pl.DataFrame:
    """Turn the sign of earnings per share that only then are the income over the shares of the same filing and period.

    Losses per share are at times filed without their sign. A filing that states no income or no shares is no witness.

    Args:
        facts: placed facts, shares repaired in scale, not yet adjusted for splits.
        contexts: the contexts of the facts.
    """
    value = facts.get_column("value").to_numpy()[contexts.row]
    incomes = contexts.incomes(value)
    least, largest = contexts.extremes(incomes)
    # Few have the other sign than some income of theirs, so the arithmetic is for those.
    at = contexts.number
    other_sign = ((value > 0) & (least[at] < 0)) | ((value < 0) & (largest[at] > 0))
    of_eps = [np.flatnonzero(contexts.of_lines(eps) & other_sign) for eps in _EPS]
    doubted = np.concatenate(of_eps)
    if not len(doubted):
        return _NO_CHANGES
    counts = [contexts.stated(value, shares)[at[rows]] for shares, rows in zip(_WEIGHTED_SHARES, of_eps, strict=True)]
    stated = {
        "eps": np.repeat(np.arange(len(_EPS)), [len(rows) for rows in of_eps]),
        "context": at[doubted],
        "row": contexts.row[doubted],
        "value": value[doubted],
        "shares": np.concatenate(counts),
    }
    implied = pl.col("income") / pl.col("shares")
    tolerance = pl.max_horizontal(pl.lit(_EPS_CENT), _EPS_TOLERANCE * pl.col("value").abs())
    return (
        pl.DataFrame(stated, schema_overrides={"row": _CHANGES["row"]})
        # Where no shares are stated they are NaN, which Polars takes for more than any number.
        .filter((pl.col("shares") > 0) & pl.col("shares").is_not_nan() & (pl.col("value").abs() > tolerance))
        .join(incomes, on="context")
        .group_by("row", "eps", new=-pl.col("value"))
        .agg(
            as_filed=((pl.col("value") - implied).abs() <= tolerance).any(),
            turned=((pl.col("value") + implied).abs() <= tolerance).any(),
        )
        .filter(pl.col("turned") & ~pl.col("as_filed"))
        # A concept can be both at once (basic and diluted).
        .unique("row", keep="first")
        .select("row", "new")
    )


_SPLITS: Final = {"cik": pl.Int64, "ratio": pl.Float64, "first_recast": pl.Date, "last_unadjusted": pl.Date, "votes": pl.UInt32}


def splits(facts: pl.DataFrame, counted: NDArray[np.int64]) -> pl.DataFrame:
    """The stock splits that the filings themselves show, by votes (rule 4.4).

    A split recasts the share counts and per-share values of earlier periods in every later filing. Each fact that was filed
    before and after votes for a ratio and for the days between its two filings.

    Args:
        facts: placed facts of any vintage in the order of `fact`, of each the first filed first, with value, filed, concept_id.
        counted: the rows of those that are no money.

    Returns:
        cik, ratio (new shares for one old, below 1 for a reverse split), first_recast (the day of the first filing on the new
        basis), last_unadjusted (the day of the last filing seen on the old one), votes.
    """
    votes = _split_votes(facts, counted)
    if votes.height < _SPLIT_VOTES:
        return pl.DataFrame(schema=_SPLITS)
    found = [pl.DataFrame(schema=_SPLITS)]
    while votes.height:
        # The earliest recast of a share count stabs the first split; every vote that spans it is for that split. Earnings per
        # share alone prove nothing: a restatement can halve them as well.
        stabbed = votes.with_columns(stab=pl.col("until").filter(pl.col("of_shares")).min().over("cik", "ratio"))
        mine = pl.col("since") < pl.col("stab")
        found.append(
            stabbed.filter(mine)
            .group_by("cik", "ratio", first_recast="stab")
            .agg(last_unadjusted=pl.col("since").max(), votes=pl.len())
        )
        votes = stabbed.filter(~mine).drop("stab")
    believed = pl.concat(found).filter(pl.col("votes") >= _SPLIT_VOTES)
    if believed.is_empty():
        return believed
    return _with_silent_recasts(_without_compounds(believed), facts, counted).sort("cik", "first_recast", "ratio")


def _without_compounds(found: pl.DataFrame) -> pl.DataFrame:
    """Drop the ratio that two splits make together, voted for by facts that were recast only after both."""
    if found.height == 1:
        return found
    pair = found.join(found, on="cik", suffix="_second").filter(pl.col("first_recast") < pl.col("first_recast_second"))
    compound = (
        pair.select("cik", "first_recast", "first_recast_second", product=pl.col("ratio") * pl.col("ratio_second"))
        .join(found, on="cik", suffix="_both")
        .filter(
            ((pl.col("ratio") / pl.col("product") - 1).abs() <= _COMPOUND_TOLERANCE)
            & (pl.col("last_unadjusted") < pl.col("first_recast"))
            & (pl.col("first_recast_both") >= pl.col("first_recast_second"))
        )
        .select("cik", "ratio", first_recast="first_recast_both")
    )
    return found.join(compound, on=["cik", "ratio", "first_recast"], how="anti")


def _with_silent_recasts(found: pl.DataFrame, facts: pl.DataFrame, counted: NDArray[np.int64]) -> pl.DataFrame:
    """Move a split's first recast to an earlier filing that counts on the new basis but, repeating no fact, could not vote.

    Such a filing lies between the last one on the old basis and the first vote; its average share counts are nearer to the old
    ones times the ratio than to the old ones.
    """
    weighted = counted[can_give(facts.get_column("concept_id").to_numpy().take(counted), *_WEIGHTED_SHARES)]
    counts = (
        facts[weighted, ["cik", "filed", "value"]]
        .filter(pl.col("value") > 0)
        .join(found, on="cik", how="semi")
        .group_by("cik", "filed")
        .agg(size=pl.col("value").median())
    )
    known = found.join(counts, on="cik")
    between = known.filter((pl.col("filed") > pl.col("last_unadjusted")) & (pl.col("filed") < pl.col("first_recast")))
    if between.is_empty():
        return found
    old = known.filter(pl.col("filed") <= pl.col("last_unadjusted"))
    old = old.sort("filed").group_by("cik", "ratio", "first_recast").agg(base=pl.col("size").last())
    grown = (pl.col("size") / pl.col("base")).log().abs() > ((pl.col("size") / pl.col("base")) / pl.col("ratio")).log().abs()
    silent = (
        between.join(old, on=["cik", "ratio", "first_recast"])
        .filter(grown)
        .group_by("cik", "ratio", "first_recast")
        .agg(earlier=pl.col("filed").min())
    )
    return (
        found.join(silent, on=["cik", "ratio", "first_recast"], how="left")
        .with_columns(first_recast=pl.coalesce("earlier", "first_recast"))
        .drop("earlier")
    )


def _split_votes(facts: pl.DataFrame, row: NDArray[np.int64]) -> pl.DataFrame:
    """Pairs of consecutive filings of one fact whose values are a split ratio apart: cik, ratio, since, until, of_shares.

    Args:
        facts: as for `splits`.
        row: the rows of those that are no money.
    """
    concept, fact, filed, value = numbers(facts, "concept_id", "fact", "filed", "value")
    concept, value = concept.take(row), value.take(row)
    of_shares = counted_in(concept, "shares")
    earnings = can_give(concept, *_EPS) & (np.abs(value) >= _SMALLEST_VOTING_EPS)
    votes = np.flatnonzero((of_shares & (value > 0)) | earnings)
    row, value, of_shares = row.take(votes), value.take(votes), of_shares.take(votes)
    fact, filed = fact.take(row), filed.take(row)
    before = np.flatnonzero((fact[1:] == fact[:-1]) & (filed[1:] > filed[:-1]))
    old, new, is_count = value[before], value[before + 1], of_shares[before + 1]
    seen = np.where(is_count, new / old, old / new)
    differs = np.flatnonzero((seen > 0) & ((seen < 0.9) | (seen > 1.1)))
    before, seen, is_count = before[differs], seen[differs], is_count[differs]
    upright = np.where(seen > 1, seen, 1 / seen)
    nearest = np.floor(upright + 0.5)
    nearest[np.abs(upright / nearest - 1) > _SPLIT_TOLERANCE] = np.nan
    for fraction in _SPLIT_FRACTIONS:
        nearest[np.isnan(nearest) & (np.abs(upright / fraction - 1) <= _SPLIT_TOLERANCE)] = fraction
    votes = np.flatnonzero((nearest >= 1.1) & (nearest <= _SPLIT_LARGEST))
    ratio = np.where(seen > 1, nearest, 1 / nearest)[votes]
    since, until = (facts.get_column("filed")[row[at[votes]]] for at in (before, before + 1))
    cik = facts.get_column("cik")[row[before[votes]]]
    return pl.DataFrame({"cik": cik, "ratio": ratio, "since": since, "until": until, "of_shares": is_count[votes]})


def _split_adjusted(facts: pl.DataFrame, counted: NDArray[np.int64], found: pl.DataFrame) -> pl.DataFrame:
    """Put share counts and per-share values on the basis after the last split, by the day each fact was filed (rules 4.4, 4.5).

    Args:
        facts: placed facts with concept_id, filed, value.
        counted: the rows of those that are no money.
        found: the companies' `splits`.
    """
    if found.is_empty():
        return _NO_CHANGES
    concept = facts.get_column("concept_id").to_numpy().take(counted)
    earlier = (
        facts[counted, ["row", "cik", "filed", "value"]]
        .with_columns(of_shares=pl.Series(counted_in(concept, "shares")))
        .filter(pl.col("cik").is_in(found.get_column("cik").implode()))
    )
    factors = (
        earlier.select("cik", "filed")
        .unique()
        .join(found.select("cik", "ratio", "first_recast"), on="cik")
        .filter(pl.col("filed") < pl.col("first_recast"))
        .group_by("cik", "filed")
        .agg(factor=pl.col("ratio").product())
    )
    adjusted = pl.when("of_shares").then(pl.col("value") * pl.col("factor")).otherwise(pl.col("value") / pl.col("factor"))
    return earlier.join(factors, on=["cik", "filed"]).select("row", new=adjusted)
