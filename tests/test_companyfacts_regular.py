"""loader.companyfacts: what is taken by its position in the text is what decoding gives, and nothing else is taken so."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.companyfacts import FACT_SCHEMA, Flattened, _flatten, flatten
from loader.companyfacts._regular import regular
from loader.errors import DocumentError
from tests.documents import CIK, concept, document, encode, fact, without

REVENUES = frozenset({("us-gaap", "Revenues")})


def plain(flattened: Flattened) -> tuple[Any, ...]:
    rows = flattened.batch.to_pylist()
    return rows, flattened.entity_name, flattened.facts_read, flattened.not_wanted, dict(flattened.set_aside)


def verdict(data: bytes, wanted: frozenset[tuple[str, str]] | None, *, by_position: bool = True) -> tuple[Any, ...] | str:
    """What flattening gives, or the reason why it refuses."""
    with pytest.MonkeyPatch.context() as patched:
        if not by_position:
            patched.setattr(_flatten, "regular", lambda _data, _wanted: None)
        try:
            return plain(flatten(data, CIK, wanted))
        except DocumentError as error:
            return str(error)


_days = st.dates().map(lambda day: day.isoformat()) | st.sampled_from(["2024-02-30", "0000-00-00", "1899-12-31", "2023-02-29"])
_numbers = (
    st.integers(-(10**18) + 1, 10**18 - 1)
    | st.decimals(-(10**15), 10**15, places=4).map(float).filter(lambda number: "e" not in repr(number))
    | st.sampled_from([0, 2**53 + 1, -(2**53) - 1, 0.1, -0.3, 999999999999999999])
)
_regular_facts = st.builds(
    lambda start, **fields: fact(start=start, **fields),
    start=st.just(without) | _days,
    end=_days,
    val=_numbers,
    accn=st.from_regex(r"[0-9]{10}-[0-9]{2}-[0-9]{6}", fullmatch=True),
    fy=st.none() | st.integers(1000, 9999),
    fp=st.none() | st.sampled_from(["FY", "Q1", "CY"]),
    form=st.sampled_from(["10-K", "10-K/A", "8-K", "DEF 14A", "10-KT/A", "PREM14A", "424B5", "10-K405/A"]),
    filed=_days,
    frame=st.just(without) | st.sampled_from(["CY2023", "CY2024Q1", "CY2024Q1I"]),
)
_texts = st.text(max_size=20)
_regular_concepts = st.builds(
    concept,
    st.dictionaries(st.sampled_from(["USD", "shares", "USD/shares"]), st.lists(_regular_facts, max_size=5), max_size=2),
    label=st.none() | _texts,
    description=st.none() | _texts,
)
_regular_documents = st.builds(
    document,
    st.dictionaries(
        st.sampled_from(["us-gaap", "dei"]),
        st.dictionaries(st.sampled_from(["Assets", "Revenues", "Liabilities"]), _regular_concepts, max_size=3),
        max_size=2,
    ),
)


@given(_regular_documents, st.sampled_from([None, REVENUES]), st.booleans())
def test_a_regular_document_gives_by_position_what_decoding_gives(
    whole: dict[str, Any],
    wanted: frozenset[tuple[str, str]] | None,
    slashes: bool,
) -> None:
    data = encode(whole).replace(b"/A", rb"\/A") if slashes else encode(whole)
    assert verdict(data, wanted) == verdict(data, wanted, by_position=False)


def test_a_document_as_the_sec_writes_it_is_taken_by_position() -> None:
    facts = [fact(), fact(start=without, frame="CY2024Q3I"), fact(form="10-K/A", fy=None, fp=None, frame=without)]
    data = encode(document({"us-gaap": {"Revenues": concept({"USD": facts, "EUR": []}), "Assets": concept({"USD": [fact()]})}}))
    found = regular(data, REVENUES)
    assert found is not None
    assert (found.gathered.rows, found.gathered.not_wanted, found.entity_name) == (3, 1, "Apple Inc.")


def test_both_ways_give_the_same_schema_and_dictionaries_without_repetitions() -> None:
    facts = encode(document([fact(form="10-K/A"), fact(form="10-K"), fact(form="10-K/A")])).replace(b"10-K/A", rb"10-K\/A", 1)
    batch = flatten(facts, CIK).batch
    assert batch.schema.equals(FACT_SCHEMA)
    assert batch.column("form").dictionary.to_pylist() == ["10-K/A", "10-K"]
    assert pa.types.is_float64(batch.schema.field("value").type)


@pytest.mark.parametrize(
    ("regular_text", "irregular"),
    [
        (b'"val":391035000000', b'"val":391035000000.0e3'),
        (b'"val":391035000000', b'"val":"391035000000"'),
        (b'"val":391035000000', b'"val":null'),
        (b'"val":391035000000', b'"val":0391035000000'),
        (b'"val":391035000000', b'"val":3910350000001234567890'),
        (b'"val":391035000000', b'"val":391035000000,"val":1'),
        (b'"val":391035000000,', b'"val":391035000000, '),
        (b'"val":391035000000,', b'"val":391035000000'),
        (b'"end":"2024-09-28",', b""),
        (b'"end":"2024-09-28"', b'"end":"2024-9-28"'),
        (b'"start":"2023-10-01"', b'"start":null'),
        (b'"accn":"0000320193-24-000123"', b'"accn":"0000320193-24-00012"'),
        (b'"accn":"0000320193-24-000123"', b'"accn":"0000320193-24-00012\xff"'),
        (b'"fy":2024', b'"fy":12024'),
        (b'"fy":2024', b'"fy":0024'),
        (b'"fp":"FY"', b'"fp":"H1 "'),
        (b'"form":"10-K"', b'"form":""'),
        (b'"form":"10-K"', b'"form":"10\\K"'),
        (b'"form":"10-K"', b'"form":"10-K","unknown":1'),
        (b'"form":"10-K"', b'"form":"a form of no known kind"'),
        (b'"frame":"CY2024"', b'"frame":"CY24"'),
        (b"}]", b"},]"),
        (b"}]", b"}{}]"),
        (b"}]", b"}"),
        (b'"label":"A label"', b'"label":"A label","label":"twice"'),
        (b'"label":"A label"', b'"label":"A label [1]"'),
        (b'"units":{"USD":[{', b'"units":{"USD":[0],"EUR":[{'),
        (b'"units":{"USD":[{', b'"units":{"EUR":[],"USD":[],"USD":[{'),
        (b'"cik":320193', b'"cik":320194'),
    ],
)
@pytest.mark.parametrize("wanted", [None, frozenset(), REVENUES])
def test_whatever_is_written_otherwise_is_judged_by_the_decoder(
    regular_text: bytes, irregular: bytes, wanted: frozenset[tuple[str, str]] | None
) -> None:
    data = encode(document([fact(), fact(val=2)]))
    assert regular(data, wanted) is not None
    changed = data.replace(regular_text, irregular, 1)
    assert changed != data
    assert b"cik" in irregular or regular(changed, wanted) is None
    assert verdict(changed, wanted) == verdict(changed, wanted, by_position=False)


def test_facts_in_a_description_are_no_facts() -> None:
    inside = encode([fact(val=1)]).decode()
    data = encode(document({"us-gaap": {"Revenues": concept({"USD": [fact()]}, description=f'such as "USD":{inside}')}}))
    assert regular(data, None) is None
    assert flatten(data, CIK).batch.num_rows == 1


@given(_regular_documents, st.data(), st.sampled_from([None, REVENUES]))
def test_a_damaged_regular_document_is_judged_as_the_decoder_judges_it(
    whole: dict[str, Any], draw: st.DataObject, wanted: frozenset[tuple[str, str]] | None
) -> None:
    data = bytearray(encode(whole))
    at = draw.draw(st.integers(0, len(data) - 1))
    data[at : at + draw.draw(st.integers(0, 3))] = draw.draw(
        st.binary(max_size=2) | st.sampled_from([b'"', b",", b"}", b"]", b"0"])
    )
    assert verdict(bytes(data), wanted) == verdict(bytes(data), wanted, by_position=False)
