"""Statements as of a day, against those of a file from which everything filed later was removed."""

from __future__ import annotations

from datetime import date

import polars as pl

from loader.standardize import Rules, Statements, standardize

_FRAMES = ("income", "balance", "cashflow", "items")


def cuts_disagree(facts: pl.DataFrame, cuts: pl.DataFrame) -> pl.DataFrame:
    """Compare, for each company and day, the statements as of that day with those of the facts filed by then.

    Whole batches are standardised: as of one day all companies that are asked for on it; and of the shortened files one of each
    company in turn, so that both sides never have the same companies beside them.

    Args:
        facts: of any number of companies.
        cuts: cik, filed: the days to look at.

    Returns:
        The cuts that differ: cik, filed, what (a frame of the statements, or ``later`` for a value that was filed later).
    """
    shortened = _shortened(facts, cuts)
    found = []
    for (day,), asked in cuts.group_by("filed", maintain_order=True):
        assert isinstance(day, date)
        ciks = asked.get_column("cik").unique().sort()
        statements = standardize(facts.filter(pl.col("cik").is_in(ciks.implode())), Rules(as_of=day))
        for name in _FRAMES:
            frame: pl.DataFrame = getattr(statements, name)
            later = frame.filter(pl.col("filed") > day)
            found += [(cik, day, "later") for cik in later.get_column("cik").unique()]
            rows = frame.partition_by("cik", as_dict=True)
            for cik in ciks:
                if _fingerprint(rows.get((cik,))) != shortened[name].get((cik, day)):
                    found.append((cik, day, name))
    return (
        pl.DataFrame(found, schema={"cik": pl.Int64, "filed": pl.Date, "what": pl.String}, orient="row")
        .unique()
        .sort("cik", "filed")
    )


def _shortened(facts: pl.DataFrame, cuts: pl.DataFrame) -> dict[str, dict[tuple[object, ...], int | None]]:
    """The statements of every shortened file, as fingerprints: by frame, then by company and day."""
    numbered = cuts.unique().sort("cik", "filed").with_columns(turn=pl.int_range(pl.len()).over("cik"))
    result: dict[str, dict[tuple[object, ...], int | None]] = {name: {} for name in _FRAMES}
    for _, turn in numbered.group_by("turn", maintain_order=True):
        known = facts.join(turn.select("cik", cut="filed"), on="cik").filter(pl.col("filed") <= pl.col("cut")).drop("cut")
        statements: Statements = standardize(known)
        days = dict(turn.select("cik", "filed").iter_rows())
        for name in _FRAMES:
            for (cik,), frame in getattr(statements, name).partition_by("cik", as_dict=True).items():
                result[name][cik, days[cik]] = _fingerprint(frame)
    return result


def _fingerprint(frame: pl.DataFrame | None) -> int | None:
    """The same for the same rows in the same order; thousands of statements would not fit into memory."""
    return None if frame is None else hash(tuple(frame.hash_rows()))
