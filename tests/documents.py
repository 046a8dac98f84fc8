"""Small companyfacts documents for the tests, made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Fact = dict[str, Any]

#: Apple, the company that small documents are about unless they say otherwise.
CIK = 320193
ACCESSION = "0000320193-24-000123"

#: As a field's value: the fact does not have that field.
without = object()


def fact(**fields: Any) -> Fact:
    """A sound fact; `fields` replace what it has, and a field that is `without` is left out."""
    sound: Fact = {
        "start": "2023-10-01",
        "end": "2024-09-28",
        "val": 391035000000,
        "accn": ACCESSION,
        "fy": 2024,
        "fp": "FY",
        "form": "10-K",
        "filed": "2024-11-01",
        "frame": "CY2024",
    }
    return {name: value for name, value in {**sound, **fields}.items() if value is not without}


def document(facts: Mapping[str, Any] | Sequence[Fact] | None = None, **top: Any) -> dict[str, Any]:
    """A companyfacts document.

    Args:
        facts: the whole `facts` member; or the facts of us-gaap:Revenues in USD; or None for one sound fact there.
        top: replaces members at the top level.
    """
    if facts is None or not isinstance(facts, Mapping):
        facts = {"us-gaap": {"Revenues": concept({"USD": list(facts) if facts is not None else [fact()]})}}
    return {
        name: value
        for name, value in {"cik": CIK, "entityName": "Apple Inc.", "facts": facts, **top}.items()
        if value is not without
    }


def concept(
    units: Mapping[str, Any], label: str | None = "A label", description: str | None = "What it is: a description."
) -> dict[str, Any]:
    """One concept with its facts by unit."""
    return {"label": label, "description": description, "units": units}


def encode(value: Any, **options: Any) -> bytes:
    """The document as the SEC writes it: compact, in ASCII."""
    return json.dumps(value, **{"separators": (",", ":"), **options}).encode()
