"""Small frames of facts for tests of the standardiser, one row a line."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from loader.reference.concepts import concepts
from loader.standardize import STATEMENT_FACTS


class Fact(NamedTuple):
    """One fact; `start` is None for an instant."""

    concept: str
    start: str | None
    end: str
    value: float
    filed: str
    form: str = "10-K"
    fy: int | None = None
    unit: str = "USD"
    cik: int = 1
    accession: int | None = None


def frame(*facts: Fact) -> pl.DataFrame:
    """The facts as `standardize` takes them; an accession number is made of the filing day where none is given."""
    ids = dict(concepts().select("concept", "concept_id").iter_rows())
    rows = [
        {
            "cik": fact.cik,
            "concept_id": ids[f"us-gaap:{fact.concept}" if ":" not in fact.concept else fact.concept],
            "unit": fact.unit,
            "start": date.fromisoformat(fact.start) if fact.start else None,
            "end": date.fromisoformat(fact.end),
            "value": float(fact.value),
            "accession": fact.accession or int(fact.filed.replace("-", "")) * 10 + ("10-K" in fact.form),
            "fy": fact.fy,
            "form": fact.form,
            "filed": date.fromisoformat(fact.filed),
        }
        for fact in facts
    ]
    schema = {name: pl.String() if isinstance(dtype, pl.Categorical) else dtype for name, dtype in STATEMENT_FACTS.items()}
    return pl.DataFrame(rows, schema=schema, orient="row").cast({"unit": pl.Categorical(), "form": pl.Categorical()})


def year(concept: str, start: str, end: str, value: float, *, filed: str | None = None, **rest: object) -> Fact:
    """A fiscal year as its own annual report states it, two months later."""
    filed = filed or (date.fromisoformat(end) + timedelta(days=60)).isoformat()
    return Fact(concept, start, end, value, filed, **({"form": "10-K", "fy": int(end[:4])} | rest))  # type: ignore[arg-type]


def interim(concept: str, start: str, end: str, value: float, *, filed: str | None = None, **rest: object) -> Fact:
    """A quarter, or the year to date, as its own quarterly report states it, a month later."""
    filed = filed or (date.fromisoformat(end) + timedelta(days=30)).isoformat()
    return Fact(concept, start, end, value, filed, **({"form": "10-Q", "fy": int(end[:4])} | rest))  # type: ignore[arg-type]
