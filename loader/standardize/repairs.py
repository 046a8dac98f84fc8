"""Values that are wrong as filed and can be proved so, or that stand on another basis than today's: scale, sign, stock splits.

Nothing is repaired on its magnitude alone: a second witness is needed, another filing of the same fact or an identity. Each
repaired fact keeps its `raw_value` and names its `repair`. The order matters: scale errors would look like splits.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from loader.reference.concepts import concepts, concepts_of
from loader.standardize.vintages import is_first

SCALE: Final = "scale"
SIGN: Final = "sign"
TAX_SIGN: Final = "tax sign"
SPLIT: Final = "split"

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

#: One filing's word on one place.
_CONTEXT: Final = ["accession", "place"]

_WEIGHTED_SHARES = ("shares_basic", "shares_diluted")
_EPS = ("eps_basic", "eps_diluted")
#: What earnings per share can be earnings of.
_INCOME = ("net_income", "net_income_incl_nci", "net_income_common")
_CASH_FLOWS = ("operating_cash_flow", "investing_cash_flow", "financing_cash_flow")


def with_repair_columns(facts: pl.DataFrame) -> pl.DataFrame:
    """Add the empty columns raw_value and repair."""
    return facts.with_columns(raw_value=pl.lit(None, pl.Float64), repair=pl.lit(None, pl.String))


def _changed(facts: pl.DataFrame, changes: pl.DataFrame, repair: str) -> pl.DataFrame:
    """Replace the values of the rows in `changes` (row, new), keeping what was filed and why it was changed."""
    if changes.is_empty():
        return facts
    at = changes.get_column("row")
    changed = (
        facts.select(pl.col("value", "raw_value", "repair").gather(at))
        .with_columns(changes)
        .filter(pl.col("new") != pl.col("value"))
    )
    at = changed.get_column("row")
    columns = changed.select(
        value="new",
        raw_value=pl.coalesce("raw_value", "value"),
        repair=pl.concat_str("repair", pl.lit(repair), separator=", ", ignore_nulls=True),
    )
    return facts.with_columns(facts.get_column(column.name).clone().scatter(at, column) for column in columns)


def scale_repaired(facts: pl.DataFrame) -> pl.DataFrame:
    """Repair numbers that were filed a thousand- or millionfold too small or too large (rule 4.1).

    Two witnesses are accepted: the same fact filed elsewhere at the other scale, in which case the amount nearer to the company's
    other values of that concept is right, and of share counts, which are filed in thousands for years, the one in shares; for
    average share counts, net income divided by earnings per share of the same filing and period. What is proved of one share
    count holds for the others that the filing states by the concept, and for the same amount of the same fact in other filings.

    Args:
        facts: placed facts in the order of `fact`, with value, unit_kind, accession, `raw_value`, `repair`.
    """
    return _scaled_with_the_proved(_scaled_by_identity(_scaled_by_other_filing(facts)))


def _scaled_by_other_filing(facts: pl.DataFrame) -> pl.DataFrame:
    size = pl.col("value").abs()
    spread = pl.col("spread")
    apart = _extremes(facts).filter(
        pl.any_horizontal((spread / scale - 1).abs() <= _SCALE_TOLERANCE for scale in _SCALES)
        & (pl.col("unit_kind") != "per_share")
    )
    if apart.is_empty():
        return facts
    apart = apart.drop("unit_kind")
    suspects = facts.join(apart, on="fact").filter(pl.col("value") != 0)
    usual = (
        facts.filter(pl.col("value") != 0)
        .join(suspects.select("cik", "concept_id").unique(), on=["cik", "concept_id"], how="semi")
        .group_by("cik", "concept_id")
        .agg(usual=size.log10().median())
    )
    exact = pl.when(pl.col("spread") > 1e5).then(_SCALES[1]).otherwise(_SCALES[0])
    is_small = size < pl.col("largest") / 10
    distance = (size.log10() - pl.col("usual")).abs()
    other = (pl.when(is_small).then(size * exact).otherwise(size / exact).log10() - pl.col("usual")).abs()
    of_shares = pl.col("unit_kind") == "shares"
    small_is_wrong = pl.col("largest") <= _MOST_SHARES
    factors = (
        suspects.join(usual, on=["cik", "concept_id"])
        .with_columns(
            wrong=pl.when(of_shares).then(is_small == small_is_wrong).otherwise(distance > other),
            factor=pl.when(is_small).then(exact).otherwise(1 / exact),
        )
        .filter(pl.col("wrong"))
    )
    return _changed(facts, factors.select("row", new=pl.col("value") * pl.col("factor")), SCALE)


def _extremes(facts: pl.DataFrame) -> pl.DataFrame:
    """The largest magnitude stated for each fact, and how many times the least it is: fact, unit_kind, largest, spread."""
    first = facts.select(is_first("fact")).to_series().to_numpy()
    begins = np.flatnonzero(first)
    if not len(begins):
        return facts.select("fact", "unit_kind", largest="value", spread="value")
    size = np.abs(facts.get_column("value").to_numpy())
    largest = np.maximum.reduceat(size, begins)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = largest / np.minimum.reduceat(size, begins)
    return facts.select(pl.col("fact", "unit_kind").gather(begins)).with_columns(
        largest=pl.Series(largest), spread=pl.Series(spread)
    )


def _scaled_by_identity(facts: pl.DataFrame) -> pl.DataFrame:
    witnesses = _of_lines(facts, *_WEIGHTED_SHARES, *_EPS, *_INCOME)
    found = [
        _implied_factors(witnesses, shares, eps)
        for shares, eps in (("shares_basic", "eps_basic"), ("shares_diluted", "eps_diluted"))
    ]
    # A concept can be both counts at once (basic and diluted), and its fact then has a witness twice.
    changes = pl.concat(found).unique("row", keep="first", maintain_order=True)
    return _changed(facts, changes, SCALE)


def _implied_factors(facts: pl.DataFrame, shares: str, eps: str) -> pl.DataFrame:
    """Average shares a thousand- or millionfold above or below what income and earnings per share of the same filing imply."""
    implied = (
        _stated(facts, "eps", eps)
        .filter(pl.col("eps").abs() > 0)
        .join(_incomes(facts), on=_CONTEXT)
        .select(
            *_CONTEXT,
            implied=(pl.col("income") / pl.col("eps")).abs(),
            # Earnings per share are rounded to a cent.
            slack=pl.max_horizontal(_SCALE_TOLERANCE, 0.006 / pl.col("eps").abs()),
        )
    )
    stated = facts.filter(pl.col("concept_id").is_in(concepts_of(shares).implode()) & (pl.col("value") > 0))
    ratio = pl.col("implied") / pl.col("value")
    factor: pl.Expr = pl.lit(None, pl.Float64)
    for scale in (*_SCALES, *(1 / scale for scale in _SCALES)):
        factor = pl.when((ratio / scale - 1).abs() <= pl.col("slack")).then(scale).otherwise(factor)
    return (
        stated.join(implied, on=_CONTEXT)
        .select("row", new=pl.col("value") * factor)
        .filter(pl.col("new").is_not_null())
        .sort("row", "new")
    )


def _scaled_with_the_proved(facts: pl.DataFrame) -> pl.DataFrame:
    """Repair the share counts that stand beside a proved one, in its filing or as the same amount of its fact."""
    repaired = facts.filter((pl.col("unit_kind") == "shares") & pl.col("repair").is_not_null())
    if repaired.is_empty():
        return facts
    filed = pl.coalesce("raw_value", "value")
    counts = (
        facts.filter((pl.col("unit_kind") == "shares") & (pl.col("value") > 0))
        .join(repaired.select("cik", "concept_id").unique(), on=["cik", "concept_id"], how="semi")
        .select("row", "fact", "concept_id", "accession", filed=filed, factor=pl.col("value") / filed)
    )
    proved = counts.filter(pl.col("factor") != 1)
    open_counts = counts.filter(pl.col("factor") == 1).drop("factor")
    found = [proved.select("row", "filed", "factor").clear()]
    while proved.height and open_counts.height:
        of_filing = proved.group_by("accession", "concept_id").agg(
            size=pl.col("filed").median(), factor=pl.col("factor").first(), same=pl.col("factor").n_unique() == 1
        )
        of_fact = proved.select("fact", "filed", "factor").unique()
        beside = open_counts.join(of_filing.filter("same"), on=["accession", "concept_id"]).filter(
            (pl.col("filed") / pl.col("size")).is_between(1 / _SAME_SIZE, _SAME_SIZE)
        )
        again = open_counts.join(of_fact, on=["fact", "filed"])
        proved = pl.concat([beside.select(again.columns), again]).unique("row", keep="first", maintain_order=True)
        found.append(proved.select("row", "filed", "factor"))
        open_counts = open_counts.join(proved, on="row", how="anti")
    return _changed(facts, pl.concat(found).select("row", new=pl.col("filed") * pl.col("factor")), SCALE)


def _of_lines(facts: pl.DataFrame, *names: str) -> pl.DataFrame:
    """The facts that can give these lines. A few of all, so that what looks for one line after the other looks at those."""
    return facts.filter(pl.col("concept_id").is_in(concepts_of(*names).implode())).select("row", "concept_id", "value", *_CONTEXT)


def _incomes(facts: pl.DataFrame) -> pl.DataFrame:
    """All that each filing states for each place as income: of the parent, with minorities, of common stock."""
    return facts.filter(pl.col("concept_id").is_in(concepts_of(*_INCOME).implode()) & (pl.col("value") != 0)).select(
        *_CONTEXT, income="value"
    )


def _stated(facts: pl.DataFrame, name: str, *of: str) -> pl.DataFrame:
    """What each filing states for each place by a concept of these lines, the first of them: accession, place, `name`."""
    return (
        facts.filter(pl.col("concept_id").is_in(concepts_of(*of).implode()))
        .select(*_CONTEXT, pl.col("value").alias(name))
        .unique(_CONTEXT, keep="first", maintain_order=True)
    )


def sign_repaired(facts: pl.DataFrame) -> pl.DataFrame:
    """Turn the sign of magnitudes that cannot be negative (rule 4.2): cost, cash, debt, payments for something."""
    magnitudes = concepts().filter(pl.col("nonnegative")).get_column("concept_id")
    negative = facts.filter(pl.col("value") < 0).filter(pl.col("concept_id").is_in(magnitudes.implode()))
    return _changed(facts, negative.select("row", new=-pl.col("value")), SIGN)


def contradicted_signs_repaired(facts: pl.DataFrame) -> pl.DataFrame:
    """Turn a total cash flow or earnings per share whose sign contradicts that of the same amount in most filings of the fact.

    They can have either sign, so the witness is the fact itself as it was filed otherwise, to the dollar and the cent.
    """
    either = facts.filter(pl.col("concept_id").is_in(concepts_of(*_CASH_FLOWS, *_EPS).implode()) & (pl.col("value") != 0))
    votes = pl.col("value").sign().sum().over("fact", pl.col("value").abs())
    contradicted = either.with_columns(votes=votes).filter(pl.col("votes") * pl.col("value") < 0)
    return _changed(facts, contradicted.select("row", new=-pl.col("value")), SIGN)


def tax_sign_repaired(facts: pl.DataFrame) -> pl.DataFrame:
    """Turn the sign of an income tax that only then leads from pretax income to net income (rule 4.3).

    Tax can be negative, so the identity within one filing and period is the witness: pretax less tax misses income, pretax plus
    tax meets it. Judged before quarters are derived, which would carry the wrong sign on.
    """
    incomes = ("net_income_continuing", "net_income_incl_nci", "net_income")
    witnesses = _of_lines(facts, "income_tax", "pretax_income", *incomes)
    wide = (
        _stated(witnesses, "tax", "income_tax")
        .filter(pl.col("tax") != 0)
        .join(_stated(witnesses, "pretax", "pretax_income"), on=_CONTEXT)
    )
    for line in incomes:
        wide = wide.join(_stated(witnesses, line, line), on=_CONTEXT, how="left")
    income = pl.coalesce(*incomes)
    largest = pl.max_horizontal(pl.col("pretax").abs(), income.abs(), pl.col("tax").abs())
    tolerance = pl.min_horizontal(largest * 0.001, pl.col("tax").abs() / 2)
    misses = (pl.col("pretax") - pl.col("tax") - income).abs() > tolerance
    meets = (pl.col("pretax") + pl.col("tax") - income).abs() <= tolerance
    is_tax = pl.col("concept_id").is_in(concepts_of("income_tax").implode())
    turned = witnesses.filter(is_tax).join(wide.filter(misses & meets), on=_CONTEXT, how="semi")
    return _changed(facts, turned.select("row", new=-pl.col("value")), TAX_SIGN)


def eps_sign_repaired(facts: pl.DataFrame) -> pl.DataFrame:
    """Turn the sign of earnings per share that only then are the income over the shares of the same filing and period.

    Losses per share are at times filed without their sign. A filing that states no income or no shares is no witness.

    Args:
        facts: placed facts, shares repaired in scale, not yet adjusted for splits.
    """
    witnesses = _of_lines(facts, *_EPS, *_INCOME, *_WEIGHTED_SHARES)
    stated = _of_lines(witnesses, *_EPS).filter(pl.col("value") != 0)
    with_income = stated.join(_incomes(witnesses), on=_CONTEXT)
    # Few have the other sign than some income of theirs, so the arithmetic is for those.
    doubted = with_income.filter(pl.col("value") * pl.col("income") < 0).select("row").unique()
    if doubted.is_empty():
        return facts
    with_income = with_income.join(doubted, on="row", how="semi")
    implied = pl.col("income") / pl.col("shares")
    tolerance = pl.max_horizontal(pl.lit(_EPS_CENT), _EPS_TOLERANCE * pl.col("value").abs())
    turned = [
        with_income.filter(pl.col("concept_id").is_in(concepts_of(eps).implode()))
        .join(_stated(witnesses, "shares", shares).filter(pl.col("shares") > 0), on=_CONTEXT)
        .filter(pl.col("value").abs() > tolerance)
        .group_by("row", new=-pl.col("value"))
        .agg(
            as_filed=((pl.col("value") - implied).abs() <= tolerance).any(),
            turned=((pl.col("value") + implied).abs() <= tolerance).any(),
        )
        .filter(pl.col("turned") & ~pl.col("as_filed"))
        .select("row", "new")
        for eps, shares in zip(_EPS, _WEIGHTED_SHARES, strict=True)
    ]
    return _changed(facts, pl.concat(turned).unique("row", keep="first"), SIGN)


def splits(facts: pl.DataFrame) -> pl.DataFrame:
    """The stock splits that the filings themselves show, by votes (rule 4.4).

    A split recasts the share counts and per-share values of earlier periods in every later filing. Each fact that was filed
    before and after votes for a ratio and for the days between its two filings.

    Args:
        facts: placed facts of any vintage, with unit_kind, value, filed, concept_id.

    Returns:
        cik, ratio (new shares for one old, below 1 for a reverse split), first_recast (the day of the first filing on the new
        basis), last_unadjusted (the day of the last filing seen on the old one), votes.
    """
    votes = _split_votes(facts)
    found: list[pl.DataFrame] = []
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
    if not found:
        return pl.DataFrame(
            schema={"cik": pl.Int64, "ratio": pl.Float64, "first_recast": pl.Date, "last_unadjusted": pl.Date, "votes": pl.UInt32}
        )
    believed = pl.concat(found).filter(pl.col("votes") >= _SPLIT_VOTES)
    return _with_silent_recasts(_without_compounds(believed), facts).sort("cik", "first_recast", "ratio")


def _without_compounds(found: pl.DataFrame) -> pl.DataFrame:
    """Drop the ratio that two splits make together, voted for by facts that were recast only after both."""
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


def _with_silent_recasts(found: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Move a split's first recast to an earlier filing that counts on the new basis but, repeating no fact, could not vote.

    Such a filing lies between the last one on the old basis and the first vote; its average share counts are nearer to the old
    ones times the ratio than to the old ones.
    """
    counts = (
        facts.filter(pl.col("concept_id").is_in(concepts_of(*_WEIGHTED_SHARES).implode()) & (pl.col("value") > 0))
        .group_by("cik", "filed")
        .agg(size=pl.col("value").median())
    )
    old = found.join(counts, on="cik").filter(pl.col("filed") <= pl.col("last_unadjusted"))
    old = old.sort("filed").group_by("cik", "ratio", "first_recast").agg(base=pl.col("size").last())
    grown = (pl.col("size") / pl.col("base")).log().abs() > ((pl.col("size") / pl.col("base")) / pl.col("ratio")).log().abs()
    silent = (
        found.join(counts, on="cik")
        .filter((pl.col("filed") > pl.col("last_unadjusted")) & (pl.col("filed") < pl.col("first_recast")))
        .join(old, on=["cik", "ratio", "first_recast"])
        .filter(grown)
        .group_by("cik", "ratio", "first_recast")
        .agg(earlier=pl.col("filed").min())
    )
    return (
        found.join(silent, on=["cik", "ratio", "first_recast"], how="left")
        .with_columns(first_recast=pl.coalesce("earlier", "first_recast"))
        .drop("earlier")
    )


def _split_votes(facts: pl.DataFrame) -> pl.DataFrame:
    """Pairs of consecutive filings of one fact whose values are a split ratio apart: cik, ratio, since, until, of_shares."""
    voters = facts.filter(
        (pl.col("unit_kind") == "shares") & (pl.col("value") > 0)
        | (pl.col("concept_id").is_in(concepts_of(*_EPS).implode()) & (pl.col("value").abs() >= _SMALLEST_VOTING_EPS)),
    ).sort("fact", "filed", "accession", "row")
    pairs = voters.with_columns(old=pl.col("value").shift(1), since=pl.col("filed").shift(1)).filter(
        (pl.col("fact") == pl.col("fact").shift(1)) & (pl.col("since") < pl.col("filed"))
    )
    ratio = (
        pl.when(pl.col("unit_kind") == "shares").then(pl.col("value") / pl.col("old")).otherwise(pl.col("old") / pl.col("value"))
    )
    pairs = pairs.with_columns(seen=ratio).filter((pl.col("seen") > 0) & ~pl.col("seen").is_between(0.9, 1.1))
    forward = pl.col("seen") > 1
    upright = pl.when(forward).then("seen").otherwise(1 / pl.col("seen"))
    whole = upright.round()
    nearest: pl.Expr = pl.when((upright / whole - 1).abs() <= _SPLIT_TOLERANCE).then(whole)
    for fraction in _SPLIT_FRACTIONS:
        nearest = pl.coalesce(nearest, pl.when((upright / fraction - 1).abs() <= _SPLIT_TOLERANCE).then(pl.lit(fraction)))
    return (
        pairs.with_columns(nearest=nearest)
        .filter(pl.col("nearest").is_between(1.1, _SPLIT_LARGEST))
        .select(
            "cik",
            ratio=pl.when(forward).then("nearest").otherwise(1 / pl.col("nearest")),
            since="since",
            until="filed",
            of_shares=pl.col("unit_kind") == "shares",
        )
    )


def split_adjusted(facts: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Put share counts and per-share values on the basis after the last split, by the day each fact was filed (rules 4.4, 4.5).

    Args:
        facts: placed facts with unit_kind, filed, value, `raw_value`, `repair`.
        found: the companies' `splits`.
    """
    of_shares = pl.col("unit_kind").is_in(["shares", "per_share"])
    factors = (
        facts.filter(of_shares)
        .select("row", "cik", "filed")
        .join(found.select("cik", "ratio", "first_recast"), on="cik")
        .filter(pl.col("filed") < pl.col("first_recast"))
        .group_by("row")
        .agg(factor=pl.col("ratio").product())
    )
    adjusted = (
        pl.when(pl.col("unit_kind") == "shares")
        .then(pl.col("value") * pl.col("factor"))
        .otherwise(pl.col("value") / pl.col("factor"))
    )
    changes = facts.filter(of_shares).join(factors, on="row").select("row", new=adjusted)
    return _changed(facts, changes, SPLIT)
