"""loader.companyfacts: what is a companyfacts document, and what becomes of its facts."""

from __future__ import annotations

import gc
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.companyfacts import FACT_SCHEMA, KNOWN_SCHEMA, SET_ASIDE_REASONS, Flattened, KnownConcepts, flatten
from loader.errors import DocumentError
from tests.documents import ACCESSION, CIK, concept, document, encode, fact, without

# ---------------------------------------------------------------------------------------------------------------------------
# What a batch holds


def rows(flattened: Flattened) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = flattened.batch.to_pylist()
    return found


def refusal(data: bytes, cik: int = CIK) -> DocumentError:
    with pytest.raises(DocumentError) as refused:
        flatten(data, cik)
    assert "\n" not in str(refused.value)
    return refused.value


def set_aside(**fields: Any) -> dict[str, int]:
    """What becomes of a fact with these fields, between two sound ones."""
    flattened = flatten(encode(document([fact(val=1), fact(**fields), fact(val=2)])), CIK)
    assert flattened.facts_read == 3
    assert flattened.batch.num_rows + sum(flattened.set_aside.values()) == 3
    return dict(flattened.set_aside)


def test_a_fact_comes_out_with_every_field_typed() -> None:
    flattened = flatten(encode(document()), CIK)
    assert rows(flattened) == [
        {
            "cik": CIK,
            "taxonomy": "us-gaap",
            "concept": "Revenues",
            "unit": "USD",
            "start": date(2023, 10, 1),
            "end": date(2024, 9, 28),
            "value": 391035000000.0,
            "accession": 320193_24_000123,
            "fy": 2024,
            "fp": "FY",
            "form": "10-K",
            "filed": date(2024, 11, 1),
            "frame": "CY2024",
        }
    ]
    assert flattened.entity_name == "Apple Inc."
    assert flattened.facts_read == 1
    assert flattened.set_aside == {}


def test_the_schema_is_fixed_and_does_not_depend_on_the_facts() -> None:
    empty = flatten(encode(document({})), CIK)
    full = flatten(encode(document()), CIK)
    fewer = flatten(encode(document([fact(val=None), fact()])), CIK)
    assert empty.batch.schema == full.batch.schema == fewer.batch.schema == FACT_SCHEMA
    assert [field.name for field in FACT_SCHEMA] == (
        ["cik", "taxonomy", "concept", "unit", "start", "end", "value", "accession", "fy", "fp", "form", "filed", "frame"]
    )
    for batch in (empty.batch, full.batch, fewer.batch):
        batch.validate(full=True)


def test_batches_of_several_companies_concatenate_in_polars() -> None:
    first = flatten(encode(document({"us-gaap": {"Assets": concept({"USD": [fact(start=without)]})}})), CIK)
    second = flatten(encode(document({"dei": {"Shares": concept({"shares": [fact(frame=without, fp=None)]})}}, cik=7)), 7)
    frames = [pl.from_arrow(each.batch) for each in (first, second)]
    together = pl.concat([frame for frame in frames if isinstance(frame, pl.DataFrame)])
    assert together.select(pl.col("cik"), pl.col("taxonomy", "concept", "unit", "fp").cast(pl.String)).rows() == [
        (CIK, "us-gaap", "Assets", "USD", "FY"),
        (7, "dei", "Shares", "shares", None),
    ]


def test_every_taxonomy_concept_and_unit_is_kept_in_document_order() -> None:
    facts = {
        "dei": {"A": concept({"shares": [fact(val=1)]}), "B": concept({})},
        "us-gaap": {"A": concept({"USD": [fact(val=2), fact(val=3)], "EUR": [fact(val=4)]})},
        "ifrs-full": {},
        "a taxonomy: of its own": {"Ümlaut\u2019s": concept({"USD/shares": [fact(val=5)], "pure": []})},
    }
    for data in (encode(document(facts)), encode(document(facts), ensure_ascii=False), encode(document(facts), indent=2)):
        assert [(row["taxonomy"], row["concept"], row["unit"], row["value"]) for row in rows(flatten(data, CIK))] == [
            ("dei", "A", "shares", 1),
            ("us-gaap", "A", "USD", 2),
            ("us-gaap", "A", "USD", 3),
            ("us-gaap", "A", "EUR", 4),
            ("a taxonomy: of its own", "Ümlaut\u2019s", "USD/shares", 5),
        ]


def test_exact_repetitions_of_a_fact_are_kept() -> None:
    assert flatten(encode(document([fact(), fact(), fact()])), CIK).batch.num_rows == 3


@pytest.mark.parametrize("spelling", [320193, "320193", "0000320193"])
def test_both_spellings_of_cik_are_read(spelling: int | str) -> None:
    assert flatten(encode(document(cik=spelling)), CIK).batch.column("cik").to_pylist() == [CIK]


def test_a_document_without_facts_is_a_document() -> None:
    flattened = flatten(b'{"cik":320193,"entityName":"A Fund","facts":{}}', CIK)
    assert (flattened.batch.num_rows, flattened.facts_read, flattened.entity_name) == (0, 0, "A Fund")


@pytest.mark.parametrize("name", [None, without])
def test_a_missing_entity_name_is_none(name: Any) -> None:
    flattened = flatten(encode(document(entityName=name)), CIK)
    assert flattened.entity_name is None
    assert flattened.batch.num_rows == 1


@pytest.mark.parametrize("label", [None, without, "text"])
@pytest.mark.parametrize("description", [None, without, 'with "quotes": and colons'])
def test_missing_labels_and_descriptions_do_not_matter(label: Any, description: Any) -> None:
    described = {"units": {"USD": [fact()]}, "label": label, "description": description}
    facts = {"us-gaap": {"Assets": {name: value for name, value in described.items() if value is not without}}}
    assert flatten(encode(document(facts)), CIK).batch.num_rows == 1


@pytest.mark.parametrize("value", [None, without])
@pytest.mark.parametrize(("field", "column"), [("start", "start"), ("fy", "fy"), ("fp", "fp"), ("frame", "frame")])
def test_what_a_fact_may_lack_is_null(field: str, column: str, value: Any) -> None:
    assert rows(flatten(encode(document([fact(**{field: value})])), CIK))[0][column] is None


def test_members_that_nobody_knows_are_passed_over() -> None:
    known = flatten(encode(document()), CIK)
    newer = document([{**fact(), "amended": True}], sic="3571", owner={"a": [1, None, "x"]})
    newer["facts"]["us-gaap"]["Revenues"]["balance"] = "credit"
    assert flatten(encode(newer), CIK).batch.equals(known.batch)


@pytest.mark.parametrize(
    ("text", "value"), [("-12.5e3", -12500.0), ("0", 0.0), ("1E+2", 100.0), ("5e-324", 5e-324), ("0e999", 0.0)]
)
def test_a_number_in_any_spelling_is_read(text: str, value: float) -> None:
    data = encode(document([fact(val=1)])).replace(b'"val":1', f'"val":{text}'.encode())
    assert rows(flatten(data, CIK))[0]["value"] == value


@pytest.mark.parametrize("number", [2**53 + 1, 2**63, 2**64 + 1, -(10**30), 10**308])
def test_a_whole_number_beyond_53_bits_is_the_nearest_float(number: int) -> None:
    assert rows(flatten(encode(document([fact(val=number)])), CIK))[0]["value"] == float(number)


@pytest.mark.parametrize("year", [32768, -32769, 2**63, 10**30])
def test_a_fiscal_year_that_fits_no_smallint_is_null_and_its_fact_stays(year: int) -> None:
    found = rows(flatten(encode(document([fact(fy=year), fact(fy=2024)])), CIK))
    assert [row["fy"] for row in found] == [None, 2024]


# ---------------------------------------------------------------------------------------------------------------------------
# Rows that are set aside


@pytest.mark.parametrize("value", [None, without])
@pytest.mark.parametrize(
    ("field", "reason"),
    [("val", "no_value"), ("end", "no_end_date"), ("accn", "no_accession"), ("form", "no_form"), ("filed", "no_filed_date")],
)
def test_a_fact_that_lacks_what_it_needs_is_set_aside(field: str, reason: str, value: Any) -> None:
    assert set_aside(**{field: value}) == {reason: 1}


@pytest.mark.parametrize("field", ["start", "end", "filed"])
@pytest.mark.parametrize(
    "text",
    [
        *(
            "2024-02-30",
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "0000-01-01",
            "1899-12-31",
            "2101-01-01",
        ),  # no such day, or no such filing
        *(
            "24-01-01",
            "20240131",
            "2024-1-31",
            "2024-W05-3",
            "2024-01-31T00:00",
            " 2024-01-31",
            "2024-01-31\n",
        ),  # another spelling
        *("\u0662\u0660\u0662\u0664-01-31", "", "-024-01-01", "Q3"),  # no date at all
    ],
)
def test_a_date_that_is_no_day_sets_the_fact_aside(field: str, text: str) -> None:
    assert set_aside(**{field: text}) == {"impossible_date": 1}


@pytest.mark.parametrize("day", ["1900-01-01", "2100-12-31", "2024-02-29"])
def test_the_first_and_the_last_day_and_a_leap_day_are_read(day: str) -> None:
    found = rows(flatten(encode(document([fact(start=without, end=day)])), CIK))
    assert found[0]["end"] == date.fromisoformat(day)


def test_a_period_that_ends_before_it_starts_is_set_aside() -> None:
    assert set_aside(start="2024-09-29", end="2024-09-28") == {"start_after_end": 1}
    assert set_aside(start="2024-09-28", end="2024-09-28") == {}


@pytest.mark.parametrize(
    "text",
    [
        *("", "n/a", "0000320193-24-12345", "0000320193-24-0001234", "000032019324000123"),
        *("000032019x-24-000123", "0000320193-24-000123 ", "\u0660000320193-24-000123"),
    ],
)
def test_an_accession_of_another_form_sets_the_fact_aside(text: str) -> None:
    assert set_aside(accn=text) == {"malformed_accession": 1}


def test_an_empty_form_is_no_form() -> None:
    assert set_aside(form="") == {"no_form": 1}


def test_a_fact_with_several_faults_counts_once_for_the_first_reason() -> None:
    worst = {"val": None, "end": None, "start": "x", "accn": "x", "form": None, "filed": None}
    order = ["val", "end", "start", "accn", "form", "filed"]
    reasons = ["no_value", "no_end_date", "impossible_date", "malformed_accession", "no_form", "no_filed_date"]
    faulty = [fact(**{field: worst[field] for field in order[at:]}) for at in range(len(order))]
    flattened = flatten(encode(document([*faulty, fact()])), CIK)
    assert flattened.set_aside == dict.fromkeys(reasons, 1)
    assert flattened.facts_read == 7
    assert flattened.batch.num_rows == 1
    assert list(flattened.set_aside) == [reason for reason in SET_ASIDE_REASONS if reason in reasons]


def test_every_fact_of_a_document_can_be_set_aside() -> None:
    flattened = flatten(encode(document([fact(val=None), fact(end=None)])), CIK)
    assert flattened.batch.num_rows == 0
    assert flattened.batch.schema == FACT_SCHEMA
    assert flattened.set_aside == {"no_value": 1, "no_end_date": 1}


# ---------------------------------------------------------------------------------------------------------------------------
# Documents that are refused

_VALUE_PLACE = "facts.us-gaap.Revenues.units.USD[1].val"


@pytest.mark.parametrize(
    ("data", "reason", "place"),
    [
        (b"", "the file is empty", None),
        (b" \n", "nothing but white space", None),
        (b"{}", "cik is missing", None),
        (b"null", "null where an object was expected", "the top level"),
        (b"[]", "a list where an object was expected", "the top level"),
        (b"17", "a number where an object was expected", "the top level"),
        (b"\0\0\0\0", "UTF-16 or UTF-32", "byte 0"),
        (b"<html>SEC.gov | Request Rate Threshold Exceeded</html>", "malformed JSON", "character 0"),
        (b"PK\3\4", "malformed JSON", "character 0"),
        (b'{"cik":320193,"entityName":"A"}', "facts is missing", None),
        (b'{"entityName":"A","facts":{}}', "cik is missing", None),
        (b'{"cik":320193,"facts":{}}x', "malformed JSON", "character 25"),
        (b'{"cik":320193,"facts":{}}{"cik":320193,"facts":{}}', "malformed JSON", "character 25"),
        (b'{"cik":320193,"facts":{}}\0', "malformed JSON", "character 25"),
        (b'{"cik":320193,"facts":{},}', "malformed JSON", "character"),
        (b"{'cik':320193,'facts':{}}", "malformed JSON", "character 1"),
    ],
)
def test_what_is_no_companyfacts_document_is_refused_with_reason_and_place(data: bytes, reason: str, place: str | None) -> None:
    refused = refusal(data)
    assert reason in refused.reason
    assert refused.place is None if place is None else place in str(refused.place)


@pytest.mark.parametrize(
    ("cik", "reason"),
    [
        (320194, "about CIK 320194, expected CIK 320193"),
        ("0000000001", "about CIK 1, expected CIK 320193"),
        (-320193, "about CIK -320193"),
        (10**30, "about CIK 1000000"),
        (320193.0, "a number with a fraction where a whole number or a string of digits was expected"),
        (True, "true or false where"),
        (None, "null where"),
        ([320193], "a list where"),
        ({}, "an object where"),
        ("", "expected up to ten digits"),
        ("00000320193", "expected up to ten digits"),
        (" 320193", "expected up to ten digits"),
        ("CIK0000320193", "expected up to ten digits"),
        ("320_193", "expected up to ten digits"),
        ("\u0663\u0662\u0660\u0661\u0669\u0663", "expected up to ten digits"),
        ("320193\n", "expected up to ten digits"),
    ],
)
def test_another_cik_or_none_is_refused(cik: Any, reason: str) -> None:
    refused = refusal(encode(document(cik=cik)))
    assert reason in refused.reason
    assert refused.place == "cik"


def test_cik_true_is_not_company_one() -> None:
    assert refusal(encode(document(cik=True)), 1).place == "cik"


_WRONG = [True, "1", 1.5, 7, [], {}, None]


@pytest.mark.parametrize(
    ("path", "accepted"),
    [
        (("entityName",), (str, type(None))),
        (("facts",), ()),
        (("facts", "us-gaap"), ()),
        (("facts", "us-gaap", "Revenues"), ()),
        (("facts", "us-gaap", "Revenues", "label"), (str, type(None))),
        (("facts", "us-gaap", "Revenues", "description"), (str, type(None))),
        (("facts", "us-gaap", "Revenues", "units"), ()),
        (("facts", "us-gaap", "Revenues", "units", "USD"), ()),
        (("facts", "us-gaap", "Revenues", "units", "USD", 1), ()),
        (("facts", "us-gaap", "Revenues", "units", "USD", 1, "val"), (int, float, type(None))),
        (("facts", "us-gaap", "Revenues", "units", "USD", 1, "fy"), (int, type(None))),
        *[
            (("facts", "us-gaap", "Revenues", "units", "USD", 1, field), (str, type(None)))
            for field in ("start", "end", "accn", "fp", "form", "filed", "frame")
        ],
    ],
)
def test_a_wrong_type_anywhere_is_refused_at_its_place(path: tuple[str | int, ...], accepted: tuple[type, ...]) -> None:
    place = ".".join(str(step) for step in path).replace(".1", "[1]")
    empties_allowed: dict[str | int, Any] = {
        "facts": {},
        "us-gaap": {},
        "units": {},
        "USD": [],
        1: {},
    }  # as empty as this, each of them is still one
    for wrong in _WRONG:
        if type(wrong) in accepted or (path[-1] in empties_allowed and empties_allowed[path[-1]] == wrong):
            continue
        whole = document([fact(), fact()])
        holder: Any = whole
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = wrong
        assert refusal(encode(whole)).place == place


def test_a_concept_without_units_is_refused() -> None:
    refused = refusal(encode(document({"us-gaap": {"Assets": {"label": "x"}}})))
    assert (refused.reason, refused.place) == ("units is missing", "facts.us-gaap.Assets")


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1" + "0" * 309, "9" * 5000, "9" * 400 + ".5"]
)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"val":2', b'"val":%s'),
        (b'"fy":2024', b'"fy":%s'),
        (b'"val":2', b'"val":2,"unknown":%s'),
        (b'"val":2', b'"val":2,"unknown":{"deeper":[0,%s]}'),
        (b'"label":', b'"unknown":%s,"label":'),
        (b'"cik":320193', b'"cik":%s'),
        (b'"cik":320193', b'"cik":320193,"unknown":%s'),
    ],
)
def test_a_number_that_is_none_or_too_large_is_refused_wherever_it_is(text: str, before: bytes, after: bytes) -> None:
    data = encode(document([fact(val=1), fact(val=2)])).replace(before, after % text.encode(), 1)
    refused = refusal(data)
    assert "number" in refused.reason or "malformed JSON" in refused.reason
    assert refused.place is not None
    if after == b'"val":%s':
        assert refused.place.startswith(_VALUE_PLACE)


@pytest.mark.parametrize("text", ["01", "1.", ".5", "+1", "1e", "0x1", "1_000", "'1'", "True", "-"])
def test_what_only_looks_like_a_number_is_refused(text: str) -> None:
    data = encode(document([fact(val=1), fact(val=2)])).replace(b'"val":2', f'"val":{text}'.encode())
    assert str(refusal(data).place).startswith(_VALUE_PLACE)


def test_a_byte_order_mark_is_refused() -> None:
    assert refusal(b"\xef\xbb\xbf" + encode(document())).reason == "the text begins with a byte-order mark"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_another_encoding_is_refused(encoding: str) -> None:
    assert "UTF-16" in refusal(encode(document()).decode().encode(encoding)).reason


@pytest.mark.parametrize("bad", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\xf4\x90\x80\x80", b"\x80"])
@pytest.mark.parametrize(
    ("mark", "place"),
    [
        (b"A label", "facts.us-gaap.Revenues.label"),
        (b"a description", "facts.us-gaap.Revenues.description"),
        (b"Apple", "entityName"),
        (b"Revenues", "facts.us-gaap"),
        (b"10-K", "facts.us-gaap.Revenues.units.USD[0].form"),
        (b"seen by nobody", "unknown"),
    ],
)
def test_bad_utf8_is_refused_wherever_it_is(mark: bytes, place: str, bad: bytes) -> None:
    data = encode({"unknown": "seen by nobody", **document()})
    refused = refusal(data.replace(mark, b"xx" + bad))
    assert refused.reason == "the text is not valid UTF-8"
    assert refused.place == f"{place} (byte {data.index(mark) + 2})"


@pytest.mark.parametrize("escape", [r"\ud800", r"\udc00", r"\ud800\ud800", r"\ud83dx", r"\udc00\ud800"])
@pytest.mark.parametrize("mark", [b"A label", b"Apple", b"Revenues", b"10-K", b"USD", b"seen by nobody"])
def test_half_a_character_is_refused_wherever_it_is(mark: bytes, escape: str) -> None:
    data = encode({"unknown": "seen by nobody", **document()}).replace(mark, escape.encode())
    assert refusal(data).reason.startswith("malformed JSON")


def test_an_escaped_character_outside_the_basic_plane_is_read() -> None:
    assert flatten(encode(document(entityName="\U0001f600 Inc.")), CIK).entity_name == "\U0001f600 Inc."


@pytest.mark.parametrize("control", [b"\n", b"\x01", b"\x00", b"\x1f"])
def test_a_bare_control_character_in_a_string_is_refused(control: bytes) -> None:
    assert refusal(encode(document()).replace(b"A label", b"A" + control)).reason.startswith("malformed JSON")


_DEEP = {"lists": ("[", "]"), "objects": ('{"a":', "}"), "both": ('[{"a":', "}]")}


@pytest.mark.parametrize("kind", _DEEP)
@pytest.mark.parametrize("levels", [100, 600, 1_100, 100_000])
@pytest.mark.parametrize("mark", [b'"unknown":1', b'"label":"A label"', b'"units":{', b'"val":391035000000', b'"cik":320193'])
def test_deep_nesting_is_refused_wherever_it_is(kind: str, levels: int, mark: bytes) -> None:
    opening, closing = _DEEP[kind]
    deep = (opening * levels + "1" + closing * levels).encode()
    data = encode({"unknown": 1, **document()})
    name = mark.partition(b":")[0]
    damaged = data.replace(mark, name + b":" + deep + (b"," if mark.endswith(b"{") else b""), 1)
    assert damaged != data
    refused = refusal(damaged)
    assert "nested deeper than 64 levels" in refused.reason or mark.endswith(b"{")
    assert "nested deeper than 64 levels" in refusal(deep).reason


def test_nesting_in_what_nobody_reads_is_judged_alike_at_any_depth_of_the_stack() -> None:
    allowed = encode(document(unknown=json.loads("[" * 63 + "]" * 63)))
    refused = encode(document(unknown=json.loads("[" * 64 + "]" * 64)))

    def deeper(levels: int) -> None:
        if levels:
            deeper(levels - 1)
        else:
            assert flatten(allowed, CIK).batch.num_rows == 1
            assert "nested" in refusal(refused).reason

    for levels in (0, 300, sys.getrecursionlimit() - 400):
        deeper(levels)


def test_brackets_inside_strings_are_not_nesting() -> None:
    assert flatten(encode(document(unknown="[" * 500 + '\\"{' * 500)), CIK).batch.num_rows == 1


def _sole(value: Any) -> str:
    return encode(value).decode()


_ROWS = _sole([fact(val=1)])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"cik":320193,"facts":{},"facts":{"us-gaap":{}}}', "facts"),
        ('{"cik":1,"cik":320193,"facts":{}}', "cik"),
        ('{"cik":320193,"facts":{"us-gaap":{},"us-gaap":{}}}', "facts.us-gaap"),
        ('{"cik":320193,"facts":{"us-gaap":{"A":{"units":{}},"B":{"units":{}},"A":{"units":{}}}}}', "facts.us-gaap.A"),
        (f'{{"cik":320193,"facts":{{"us-gaap":{{"A":{{"units":{{"USD":{_ROWS}}}}},"A":{{"units":{{}}}}}}}}}}', "facts.us-gaap.A"),
        ('{"cik":320193,"facts":{"us-gaap":{"A":{"units":{"USD":[]},"units":{}}}}}', "facts.us-gaap.A.units"),
        (f'{{"cik":320193,"facts":{{"us-gaap":{{"A":{{"units":{{"USD":{_ROWS},"USD":[]}}}}}}}}}}', "facts.us-gaap.A.units.USD"),
        ('{"cik":320193,"facts":{"us-gaap":{"A":{"units":{"USD":[],"U\\u0053D":[]}}}}}', "facts.us-gaap.A.units.USD"),
        ('{"cik":320193,"facts":{"us-gaap":{"A":{"label":"x","label":"a:b","units":{}}}}}', "facts.us-gaap.A.label"),
        (
            '{"cik":320193,"facts":{"us-gaap":{"A":{"label":"a\\u003a","units":{"USD":[],"USD":[]}}}}}',
            "facts.us-gaap.A.units.USD",
        ),
        ('{"cik":320193,"facts":{"us-gaap":{"A":{"label":"a\\u003Ab","units":{},"units":{}}}}}', "facts.us-gaap.A.units"),
        (encode(document()).decode().replace('"val":', '"val":1,"val":'), "facts.us-gaap.Revenues.units.USD[0].val"),
        (encode(document()).decode().replace('"val":', '"val":null,"val":'), "facts.us-gaap.Revenues.units.USD[0].val"),
        (encode(document()).decode().replace('"start":', '"start":null,"start":'), "facts.us-gaap.Revenues.units.USD[0].start"),
        (
            encode(document([fact(start=without)])).decode().replace('"end":', '"end":null,"end":'),
            "facts.us-gaap.Revenues.units.USD[0].end",
        ),
        (encode(document(unknown={"a": 1})).decode().replace('"a":1', '"a":1,"a":1'), "unknown.a"),
    ],
)
def test_a_key_that_stands_twice_in_one_object_is_refused(text: str, place: str) -> None:
    for spelling in (text, text.replace(":", " : "), text.replace(",", ",\n")):
        refused = refusal(spelling.encode())
        assert (refused.reason, refused.place) == ("the key stands twice in one object", place)


def test_colons_and_quotes_inside_strings_are_no_keys() -> None:
    odd = '":"val":"accn"::'
    facts = {odd: {odd: {"label": odd, "description": odd, "units": {odd: [fact(form=odd, fp=odd, frame=odd)]}}}}
    for data in (encode(document(facts, entityName=odd)), encode(document(facts, entityName=odd)).replace(b"::", b"\\u003a:")):
        found = rows(flatten(data, CIK))
        assert [(row["taxonomy"], row["concept"], row["unit"], row["form"], row["frame"]) for row in found] == [
            (odd, odd, odd, odd, odd)
        ]


def test_a_place_stays_one_readable_line_whatever_the_names_are() -> None:
    facts = {"us-gaap": {"a.b\nc\x1b[2J" + "d" * 500: concept({"USD": [fact(val="1")]})}}
    refused = refusal(encode(document(facts)))
    assert str(refused).isprintable()
    assert len(str(refused)) < 300


def test_a_document_that_breaks_off_anywhere_is_refused() -> None:
    data = encode(document([fact(), fact(frame=without, start=without)]))
    for length in range(len(data)):
        refused = refusal(data[:length])
        assert refused.reason in ("the text breaks off", "the file is empty") or "malformed JSON" in refused.reason


def test_the_message_says_where_a_document_breaks_off() -> None:
    data = encode(document([fact(), fact()]))
    refused = refusal(data[: data.rindex(b'"filed"') + 12])
    assert str(refused.place).startswith("facts.us-gaap.Revenues.units.USD[1].filed (character ")


# ---------------------------------------------------------------------------------------------------------------------------
# The same for any document: generated ones, damaged ones, real ones

_names = st.one_of(st.sampled_from(["us-gaap", "Assets", "USD", "val", "units", "a:b", 'say "x"', ""]), st.text(max_size=8))
_names = _names.filter(lambda name: not any(0xD800 <= ord(character) < 0xE000 for character in name))
_dates = st.one_of(
    st.dates(date(1890, 1, 1), date(2110, 1, 1)).map(date.isoformat),
    st.sampled_from(["2024-02-30", "", "2024-06-29", "2024-06-30", "20240630", "2024-6-30"]),
)
_accessions = st.one_of(
    st.from_regex(r"[0-9]{10}-[0-9]{2}-[0-9]{6}", fullmatch=True), st.sampled_from(["", "x", ACCESSION, ACCESSION + "0"])
)
_numbers = st.one_of(
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -0.0, 1e308, 10**300, 1e-320]),
)
_facts = st.fixed_dictionaries(
    {},
    optional={
        "start": st.none() | _dates,
        "end": st.none() | _dates,
        "val": st.none() | _numbers,
        "accn": st.none() | _accessions,
        "fy": st.none() | st.integers(1990, 2040) | st.integers(-(10**20), 10**20),
        "fp": st.none() | st.sampled_from(["FY", "Q1", "", "a:b"]),
        "form": st.none() | st.sampled_from(["10-K", "10-Q/A", "", "a:b"]),
        "filed": st.none() | _dates,
        "frame": st.none() | st.sampled_from(["CY2024Q1I", ""]),
        "unknown": st.none() | st.booleans() | st.lists(st.integers(), max_size=2),
    },
)
# Mostly sound facts with one or two fields replaced: else nearly every row would lack something.
_mostly_sound = st.one_of(_facts, st.builds(lambda replaced: fact(**replaced), _facts))
_concepts = st.fixed_dictionaries(
    {"units": st.dictionaries(_names, st.lists(_mostly_sound, max_size=4), max_size=2)},
    optional={"label": st.none() | _names, "description": st.none() | _names, "unknown": st.none() | _names},
)
_documents = st.fixed_dictionaries(
    {
        "cik": st.sampled_from([CIK, str(CIK), f"{CIK:010d}"]),
        "facts": st.dictionaries(_names, st.dictionaries(_names, _concepts, max_size=3), max_size=3),
    },
    optional={"entityName": st.none() | _names, "unknown": st.none() | _names},
)
_spellings = st.sampled_from([{}, {"ensure_ascii": False}, {"indent": 1}, {"separators": (" ,", " : ")}, {"sort_keys": True}])


def _day(text: Any) -> date | None:
    """A strict day: the text of a date between 1900 and 2100 is the only one that formats back to itself."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text and 1900 <= day.year <= 2100 else None


def _fault(row: dict[str, Any]) -> str | None:
    """Why a fact cannot be used, decided one row at a time, straight from the words of SET_ASIDE_REASONS."""
    start, end, accession, filed = (row.get(name) for name in ("start", "end", "accn", "filed"))
    days = [_day(text) for text in (start, end, filed) if text is not None]
    digits = accession.split("-") if accession else []
    well_formed = [len(part) for part in digits] == [10, 2, 6] and all(part.isdecimal() and part.isascii() for part in digits)
    faults = {
        "no_value": row.get("val") is None,
        "no_end_date": end is None,
        "impossible_date": None in days,
        "start_after_end": start is not None and end is not None and None not in days and start > end,
        "no_accession": accession is None,
        "malformed_accession": not well_formed,
        "no_form": not row.get("form"),
        "no_filed_date": filed is None,
    }
    return next((reason for reason, applies in faults.items() if applies), None)


def _each_fact(whole: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for taxonomy, concepts in whole["facts"].items():
        for name, described in concepts.items():
            for unit, listed in described["units"].items():
                for row in listed:
                    yield taxonomy, name, unit, row


def _expected(whole: dict[str, Any]) -> tuple[list[dict[str, Any]], Counter[str]]:
    """The rows and the counts of facts set aside that a document must give."""
    usable: list[dict[str, Any]] = []
    faults: Counter[str] = Counter()
    for taxonomy, name, unit, row in _each_fact(whole):
        fault = _fault(row)
        if fault:
            faults[fault] += 1
            continue
        year, start = row.get("fy"), row.get("start")
        usable.append({
            "cik": CIK, "taxonomy": taxonomy, "concept": name, "unit": unit,
            "start": None if start is None else _day(start), "end": _day(row["end"]), "value": float(row["val"]),
            "accession": int(row["accn"].replace("-", "")), "fy": year if year is not None and -(2**15) <= year < 2**15 else None,
            "fp": row.get("fp"), "form": row["form"], "filed": _day(row["filed"]), "frame": row.get("frame"),
        })  # fmt: skip
    return usable, faults


@given(_documents, _spellings)
def test_any_document_flattens_back_to_exactly_its_facts(whole: dict[str, Any], spelling: dict[str, Any]) -> None:
    flattened = flatten(encode(whole, **spelling), CIK)
    usable, faults = _expected(json.loads(encode(whole, **spelling)))
    assert rows(flattened) == usable
    assert flattened.set_aside == faults
    assert flattened.entity_name == whole.get("entityName")
    assert flattened.facts_read == len(usable) + faults.total() == len(list(_each_fact(whole)))
    flattened.batch.validate(full=True)


class _NotJsonError(ValueError):
    pass


def _keys_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise _NotJsonError
    return dict(pairs)


def _finite(text: str) -> float:
    if not math.isfinite(float(text)):
        raise _NotJsonError
    return float(text)


def _no_constant(_: str) -> float:
    raise _NotJsonError


def _strictly(data: bytes) -> Any:
    """The document as a strict reader of another make sees it; None where it is not one JSON value in UTF-8."""
    try:
        text = data.decode()
        value = json.loads(text, object_pairs_hook=_keys_once, parse_float=_finite, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half characters
    except ValueError:
        return None
    return value


_pieces = [
    *(
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\\",
        b"1",
        b"-",
        b".5",
        b"e999",
        b"null",
        b"true",
        b"NaN",
        b" ",
        b"\0",
        b"[[[[",
    ),
    *(b"\xff", b"\xef\xbb\xbf", b"\\ud800", b"\\u003a", b'"val":1,', b'"USD":[],', b'"cik":1,'),
]
_damages = st.lists(
    st.tuples(
        st.sampled_from(["cut", "drop", "repeat", "put", "break off"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 40),
        st.sampled_from(_pieces),
    ),
    min_size=1,
    max_size=3,
)


def _damaged(data: bytes, damages: list[tuple[str, float, int, bytes]]) -> bytes:
    for kind, share, length, piece in damages:
        at = int(share * len(data))
        if kind == "cut":
            data = data[:at] + data[at + length :]
        elif kind == "drop":
            data = data[:at] + data[at + 1 :]
        elif kind == "repeat":
            data = data[: at + length] + data[at:]
        elif kind == "put":
            data = data[:at] + piece + data[at:]
        else:
            data = data[:at]
    return data


@given(_documents, _damages)
def test_a_damaged_document_is_refused_or_nothing_of_it_is_lost(
    whole: dict[str, Any], damages: list[tuple[str, float, int, bytes]]
) -> None:
    data = _damaged(encode(whole, ensure_ascii=False), damages)
    seen = _strictly(data)
    if seen is None:
        refusal(data)
        return
    try:
        flattened = flatten(data, CIK)
    except DocumentError as refused:
        assert "malformed" not in refused.reason  # noqa: PT017 (either outcome is right, but a refusal must be for another reason)
        return
    usable, faults = _expected(seen)
    assert rows(flattened) == usable
    assert flattened.set_aside == faults


def _verdict(data: bytes) -> tuple[str, Any]:
    try:
        flattened = flatten(data, CIK)
    except DocumentError as refused:
        return "refused", refused.reason
    return "accepted", (flattened.facts_read, flattened.set_aside, flattened.batch.drop_columns(["concept"]).to_pylist())


@given(_documents, st.data())
def test_the_verdict_does_not_depend_on_what_the_concepts_are_called(whole: dict[str, Any], draw: st.DataObject) -> None:
    places = _with_damage(whole, draw)
    names = draw.draw(st.lists(_names, min_size=len(places), max_size=len(places), unique=True), label="names")
    renamed = iter(names)
    other = {
        **whole,
        "facts": {
            taxonomy: {next(renamed): described for described in concepts.values()}
            for taxonomy, concepts in whole["facts"].items()
        },
    }
    assert _verdict(encode(whole)) == _verdict(encode(other))


@given(_documents, st.data())
def test_the_verdict_does_not_depend_on_what_is_wanted(whole: dict[str, Any], draw: st.DataObject) -> None:
    places = _with_damage(whole, draw)
    numbered = st.dictionaries(st.sampled_from(places), st.integers(0, 2**16 - 2)) if places else st.just({})
    numbers = draw.draw(numbered, label="numbers")
    known = KnownConcepts(numbers)
    data = encode(whole)
    verdict = _verdict(data)
    if verdict[0] == "refused":
        with pytest.raises(DocumentError, match=re.escape(verdict[1])):
            flatten(data, CIK, known)
        return
    everything, some = flatten(data, CIK), flatten(data, CIK, known)
    assert some.batch.schema.equals(KNOWN_SCHEMA)
    assert rows(some) == [
        {name: {**row, "concept_id": numbers[row["taxonomy"], row["concept"]]}[name] for name in KNOWN_SCHEMA.names}
        for row in rows(everything)
        if (row["taxonomy"], row["concept"]) in numbers
    ]
    assert (some.facts_read, some.entity_name) == (everything.facts_read, everything.entity_name)
    assert some.facts_read == some.batch.num_rows + some.not_wanted + sum(some.set_aside.values())
    assert some.not_wanted == sum(
        len(listed)
        for taxonomy, concepts in whole["facts"].items()
        for name, described in concepts.items()
        if (taxonomy, name) not in known
        for listed in described["units"].values()
    )


@pytest.mark.parametrize("number", [-1, 2**16 - 1])
def test_a_concepts_number_fits_its_type(number: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 65534"):
        KnownConcepts({("us-gaap", "Revenues"): number})


@pytest.mark.parametrize("wanted", [True, False])
def test_a_key_that_stands_twice_is_found_in_what_is_not_wanted_too(*, wanted: bool) -> None:
    data = encode(document([fact(), fact(start=without, frame=without), fact()]))
    concepts = KnownConcepts({("us-gaap", "Revenues"): 0} if wanted else {})
    assert flatten(data, CIK, concepts).facts_read == 3
    for key in (b'"form":"10-K"', b'"frame"', b'"start"'):
        twice = data.replace(key, b'"end":"2024-12-31",' + key, 1)
        assert twice != data
        with pytest.raises(DocumentError, match="twice"):
            flatten(twice, CIK, concepts)


def _with_damage(whole: dict[str, Any], draw: st.DataObject) -> list[tuple[str, str]]:
    """Perhaps put something wrong into a document; its concepts."""
    places = [(taxonomy, name) for taxonomy, concepts in whole["facts"].items() for name in concepts]
    damages: list[Any] = [None, 1, "x", True, [], {}, [[]], {"a": {"b": 1}}, "2024-02-30"]
    damaged = draw.draw(st.booleans(), label="damaged")
    if damaged and places:
        taxonomy, name = draw.draw(st.sampled_from(places), label="concept")
        described = whole["facts"][taxonomy][name]
        members: list[Any] = [(described, "units"), (described, "label"), (whole["facts"][taxonomy], name)]
        members += [(described["units"], unit) for unit in described["units"]]
        facts = [row for listed in described["units"].values() for row in listed]
        members += [(row, field) for row in facts for field in (*row, "val", "fy", "unknown")]
        holder, key = draw.draw(st.sampled_from(members), label="place")
        holder[key] = draw.draw(st.sampled_from(damages), label="damage")
    return places


@given(_documents)
def test_a_member_that_nobody_knows_does_not_change_what_is_read(whole: dict[str, Any]) -> None:
    assert _verdict(encode(whole)) == _verdict(encode({**whole, "never seen": [{"a": 1}]}))


def test_ten_threads_flatten_at_once_with_the_same_result() -> None:
    documents = [encode(document([fact(val=company * 100 + at) for at in range(200)], cik=company)) for company in range(1, 31)]
    alone = [flatten(data, company) for company, data in enumerate(documents, 1)]
    with ThreadPoolExecutor(10) as threads:
        together = list(threads.map(flatten, documents, range(1, 31)))
    assert all(one.batch.equals(other.batch) for one, other in zip(alone, together, strict=True))


def test_a_batch_outlives_the_document_it_came_from() -> None:
    data = bytearray(encode(document([fact(val=at) for at in range(1000)])))
    batch: pa.RecordBatch = flatten(bytes(data), CIK).batch
    del data
    gc.collect()
    assert batch.column("value").to_pylist() == list(range(1000))
    assert batch.column("concept").to_pylist() == ["Revenues"] * 1000


def test_every_real_file_is_accepted_with_every_fact(shared_data: Path) -> None:
    files = [
        path
        for folder in ("companyfacts", "companyfacts_core", "companyfacts_2010")
        for path in sorted((shared_data / folder).glob("*.json"))
    ]
    assert files
    for path in files:
        data = path.read_bytes()
        flattened = flatten(data, int(path.stem[3:]))
        assert flattened.set_aside == {}, path.name
        assert flattened.batch.num_rows == data.count(b'"accn"'), path.name
        assert flattened.entity_name, path.name


def test_a_real_file_gives_the_facts_that_another_reader_sees(shared_data: Path) -> None:
    data = min((shared_data / "companyfacts").glob("*.json"), key=lambda path: path.stat().st_size)
    usable, faults = _expected({**json.loads(data.read_bytes())})
    found = rows(flatten(data.read_bytes(), int(data.stem[3:])))
    assert not faults
    assert [{**row, "cik": CIK} for row in found] == usable


def test_a_year_of_days_comes_out_as_it_went_in() -> None:
    days = [date(2023, 12, 30) + timedelta(days=at) for at in range(400)]
    found = rows(flatten(encode(document([fact(start=without, end=day.isoformat()) for day in days])), CIK))
    assert [row["end"] for row in found] == days
