"""loader.companyfacts: what is taken by its position in the text is what decoding gives, and nothing else is taken so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.companyfacts import FACT_SCHEMA, Flattened, KnownConcepts, _regular, _scan, flatten
from loader.companyfacts._regular import regular
from loader.errors import DocumentError
from tests.documents import CIK, concept, document, encode, fact, without

REVENUES = KnownConcepts({("us-gaap", "Revenues"): 7})
NONE = KnownConcepts({})
#: One is wanted in another taxonomy, and others have names that begin alike.
OTHERS = KnownConcepts(
    {("dei", "Revenues"): 0, ("us-gaap", "Revenue"): 1, ("us-gaap", "RevenuesNet"): 2, ("us-gaap", "Assets"): 3}
)

pytestmark = pytest.mark.skipif(
    _scan.library is None,
    reason="the scanner was not compiled from this source: `pip install -e .` does it where a C compiler is",
)


def plain(flattened: Flattened) -> tuple[Any, ...]:
    rows = flattened.batch.to_pylist()
    return rows, flattened.entity_name, flattened.facts_read, flattened.not_wanted, dict(flattened.set_aside)


def verdict(data: bytes, known: KnownConcepts | None = None, *, compiled: bool = True) -> tuple[Any, ...] | str:
    """What flattening gives, or the reason why it refuses; as it is without the library, where that is asked for."""
    with pytest.MonkeyPatch.context() as patched:
        if not compiled:
            patched.setattr(_scan, "library", None)
        try:
            return plain(flatten(data, CIK, known))
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
    form=st.sampled_from(
        ["10-K", "10-Q", "10-K/A", "8-K", "DEF 14A", "10-KT/A", "PREM14A", "10-K405/A", "3", "10", "1/A", "10-K "]
    ),
    filed=_days,
    frame=st.just(without) | st.sampled_from(["CY2023", "CY2024Q1", "CY2024Q1I"]),
)
_texts = st.text(max_size=20) | st.sampled_from(
    ["\U0001f600", "\x7f", "\u00e9\u2019\ud7ff\ue000", 'a "quoted\\" slash/', "[1]:{}"]
)
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
    entityName=st.none() | st.just(without) | _texts,
    cik=st.sampled_from([CIK, str(CIK), f"{CIK:010}", 1, "CIK"]),
)


@given(_regular_documents, st.sampled_from([None, REVENUES, OTHERS]), st.booleans(), st.booleans(), st.none() | st.just(1))
def test_a_regular_document_gives_by_position_what_decoding_gives(
    whole: dict[str, Any],
    known: KnownConcepts | None,
    slashes: bool,
    ascii_only: bool,
    indent: int | None,
) -> None:
    data = encode(whole, ensure_ascii=ascii_only, indent=indent)
    if slashes:
        data = data.replace(b"/", rb"\/")
    assert verdict(data, known) == verdict(data, known, compiled=False)


def test_a_document_as_the_sec_writes_it_is_taken_by_position() -> None:
    facts = [fact(), fact(start=without, frame="CY2024Q3I"), fact(form="10-K/A", fy=None, fp=None, frame=without)]
    data = encode(document({"us-gaap": {"Revenues": concept({"USD": facts, "EUR": []}), "Assets": concept({"USD": [fact()]})}}))
    found = regular(data, REVENUES)
    assert found is not None
    assert (found.batch.num_rows, found.not_wanted, found.entity_name) == (3, 1, "Apple Inc.")


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
        (b'"val":391035000000,', b'"val":391035000000 0,'),
        (b'"form":"10-K",', b'"form":"10" "-K",'),
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
        (b'"label":"A label","description":', b'"description":"The other way round","label":'),
        (b'"label":"A label"', b'"label":"Half \\ud83d"'),
        (b'"label":"A label"', b'"label":"a tab\t"'),
        (b'"label":"A label"', b'"label":"bad \xed\xa0\x80"'),
        (b'"label":"A label"', b'"label":"\\x41"'),
        (b'"us-gaap"', b'"us\\u002dgaap"'),
        (b'"Revenues"', b'"R\xc3\xa9venues"'),
        (b'"units":{', b'"units":{"EUR":[],"EUR":[],'),
        (b'"units":{', b'"units":{"USD\\/shares":[],"USD/shares":[],'),
        (b'"Revenues":{', b'"Revenues":{"units":{}},"Revenues":{'),
        (b'"us-gaap":{', b'"us-gaap":{},"us-gaap":{'),
        (b'"units":{"USD":[{', b'"units":{"USD":[0],"EUR":[{'),
        (b'"units":{"USD":[{', b'"units":{"EUR":[],"USD":[],"USD":[{'),
        (b'"cik":320193', b'"cik":320194'),
    ],
)
@pytest.mark.parametrize("known", [None, NONE, REVENUES])
def test_whatever_is_written_otherwise_is_judged_by_the_decoder(
    regular_text: bytes, irregular: bytes, known: KnownConcepts | None
) -> None:
    data = encode(document([fact(), fact(val=2)]))
    assert regular(data, known) is not None
    changed = data.replace(regular_text, irregular, 1)
    assert changed != data
    assert b"cik" in irregular or regular(changed, known) is None
    assert verdict(changed, known) == verdict(changed, known, compiled=False)


@pytest.mark.parametrize(
    "text",
    [
        *('"Facts: "', rb'"\"\\\/\b\f\n\r\t\u00e9\uD7ff\uFFFF\u003a"'.decode(), '"\u00e9\u20ac\U0001f600\x7f"', "null"),
        '"such as \\"USD\\":[{\\"end\\":1}]"',  # facts in a description are no facts
    ],
)
@pytest.mark.parametrize("before", [b'"Apple Inc."', b'"A label"', b'"What it is: a description."'])
def test_names_and_descriptions_may_be_any_text(before: bytes, text: str) -> None:
    data = encode(document()).replace(before, text.encode())
    assert regular(data, None) is not None
    assert verdict(data) == verdict(data, compiled=False)


@pytest.mark.parametrize("style", [{"indent": 2}, {"indent": "\t"}, {"separators": (", ", ": ")}, {"separators": (" ,", " : ")}])
@pytest.mark.parametrize("name", ["Apple Inc.", " two  blanks ", 'a \\ and a " and a \\" : ', "\t\n"])
def test_white_space_between_tokens_does_not_matter(style: dict[str, Any], name: str) -> None:
    """As other programs write a document anew."""
    whole = document([fact(), fact(val=-0.25, frame=without)], entityName=name)
    compact, spaced = encode(whole), json.dumps(whole, **style).encode()
    for data in (spaced, b"\r\n" + spaced + b" ", compact.replace(b'"form":', b'"form"\r\n:')):
        assert regular(data, None) is not None
        assert verdict(data) == verdict(compact) == verdict(data, compiled=False)


@pytest.mark.parametrize("broken", ['{"cik', '{"cik ": 1, "\\', '{"cik": 1 2}', '"a" "b"', "[tr ue]", " ", "", '[ "a'])
def test_white_space_that_parts_what_would_be_one_token_is_not_taken_out(broken: str) -> None:
    assert regular(broken.encode(), None) is None
    assert verdict(broken.encode()) == verdict(broken.encode(), compiled=False)


@pytest.mark.parametrize("white", [b"\n", b" \t\r\n", b"\x0b", b"}", b"\0"])
def test_nothing_but_white_space_may_follow(white: bytes) -> None:
    data = encode(document()) + white
    assert (regular(data, None) is not None) == (not white.strip(b" \t\r\n"))
    assert verdict(data) == verdict(data, compiled=False)


@pytest.mark.parametrize(
    "number",
    [
        *("0", "-0", "-0.0", "0.1", "-0.30", "999999999999999999", "-9007199254740993", "9007199254740993"),
        *("9007199254740992.0", "900719925474099.3", "900719925474099.31", "0.12345678901234567", "1.00000000000000011"),
        *("123456789012345678.12345678901234567", "999999999999999999.99999999999999999", "0.00000000000000001"),
        *("1234567", "-12345678", "123456789", "-123456789012345", "1234567890123456", "12345678901234567", "12345678.25"),
    ],
)
def test_every_number_is_the_nearest_double(number: str) -> None:
    data = encode(document([fact(val=1), fact()])).replace(b'"val":1', b'"val":' + number.encode(), 1)
    found = regular(data, None)
    assert found is not None
    # As texts, so that a zero's sign counts.
    assert str(found.batch.column("value")[0].as_py()) == str(float(number))
    assert verdict(data) == verdict(data, compiled=False)


@pytest.mark.parametrize("room", ["_TAXONOMIES", "_UNITS", "_NAMES", "_DOUBTFUL"])
def test_a_document_that_has_no_room_is_decoded(room: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of each has room, two do not."""
    units = {"USD": [fact(val=0.12345678901234567), fact(val=0.9876543210987654)], "EUR": [fact()]}
    data = encode(document({"dei": {"Shares": concept({})}, "us-gaap": {"Revenues": concept(units)}}))
    assert regular(data, None) is not None
    monkeypatch.setattr(_regular, room, 1)
    monkeypatch.setattr(_regular, "_idle", [])
    assert regular(data, None) is None
    assert verdict(data) == verdict(data, compiled=False)


@pytest.mark.parametrize("field", ["fp", "form", "frame"])
def test_a_document_of_more_texts_than_there_is_room_for_is_decoded(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        "fp": [f"Q{at}" for at in range(5)],
        "form": [f"FORM {at}" for at in range(5)],
        "frame": [f"CY200{at}" for at in range(5)],
    }
    for count in (4, 5):
        data = encode(document([fact(**{field: text}) for text in texts[field][:count] * 2]))
        monkeypatch.setattr(_regular, "_TEXTS", 4)
        monkeypatch.setattr(_regular, "_SLOTS", 8)
        monkeypatch.setattr(_regular, "_idle", [])
        assert (regular(data, None) is not None) == (count == 4)
        assert verdict(data) == verdict(data, compiled=False)


def test_a_thousand_texts_have_a_code_each() -> None:
    facts = [fact(form=f"FORM {at % 1000}", frame=f"CY{2000 + at % 90}Q{at % 4 + 1}") for at in range(3000)]
    data = encode(document(facts))
    assert regular(data, None) is not None
    assert verdict(data) == verdict(data, compiled=False)


def test_a_document_in_memory_that_is_used_again_gives_the_same() -> None:
    """Nothing of what was taken refers to it; and nothing stays of the document before, however large it was."""
    facts = [fact(val=at / 8 + 0.12345678901234567, form=f"FORM {at}", frame=f"CY20{at:02}") for at in range(50)]
    many = {"dei": {"Shares": concept({"shares": facts})}, "us-gaap": {"Revenues": concept({"USD": [fact(start="2030-01-01")]})}}
    documents = [encode(document(many)), encode(document([fact()])), encode(document({}, entityName=None))]
    room = memoryview(bytearray(max(map(len, documents))))
    for data in documents * 2:
        room[: len(data)] = data
        for known in (None, REVENUES, OTHERS):
            found = regular(room[: len(data)], known)
            assert found is not None
            flattened = flatten(room[: len(data)], CIK, known)
            room[: len(data)] = bytes(len(data))
            assert found.batch.equals(flattened.batch)
            assert plain(flattened) == verdict(data, known, compiled=False)
            room[: len(data)] = data


def test_a_document_larger_than_the_room_that_is_kept_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(document([fact(val=at) for at in range(20)]))
    monkeypatch.setattr(_regular, "_KEPT_ROOM", len(data) - 1)
    monkeypatch.setattr(_regular, "_idle", [])
    assert regular(data, None) is not None
    assert _regular._idle == []
    assert verdict(data) == verdict(data, compiled=False)
    monkeypatch.setattr(_regular, "_KEPT_ROOM", len(data))
    assert verdict(data) == verdict(data, compiled=False)
    assert len(_regular._idle) == 1


@pytest.mark.parametrize("length", [1, 7, 8, 9, 15, 16, 17, 200])
def test_concepts_are_told_apart_by_all_of_their_names(length: int) -> None:
    """Each has the same name as the next but for its last letter, and is in two taxonomies."""
    names = ["N" * (length - 1) + letter for letter in "ABCDEFGH"]
    facts = {
        taxonomy: {name: concept({"USD": [fact(val=at)]}) for at, name in enumerate(names)}
        for taxonomy in ("us-gaap", "ifrs-full")
    }
    known = KnownConcepts({("us-gaap", name): at for at, name in enumerate(names) if at % 2})
    data = encode(document(facts))
    found = regular(data, known)
    assert found is not None
    assert found.batch.select(["concept_id", "value"]).to_pydict() == {"concept_id": [1, 3, 5, 7], "value": [1.0, 3.0, 5.0, 7.0]}
    assert verdict(data, known) == verdict(data, known, compiled=False)


def test_every_damage_at_every_place_is_judged_as_the_decoder_judges_it() -> None:
    """A document that breaks off, has another byte, or one more: after each of its bytes."""
    units = {"USD": [fact(start=without, val=-1.5, fy=None), fact(fp=None, frame="CY2024Q3I", form="10-K/A")], "EUR": []}
    data = encode(document({"dei": {}, "us-gaap": {"A": concept(units, label=None), "B": concept({"USD/shares": [fact()]})}}))
    assert regular(data, None) is not None
    damaged = {data[:at] for at in range(len(data))}
    for at in range(len(data)):
        damaged |= {data[:at] + byte + data[at + 1 :] for byte in (b"0", b'"', b"}", bytes([data[at] ^ 0x80]))}
        damaged |= {data[:at] + byte + data[at:] for byte in (b"1", b"\\", b",", b" ", b"\n")}
        damaged.add(data[:at] + data[at + 1 :])
    damaged.discard(data)
    for text in damaged:
        if regular(text, None) is not None:
            assert verdict(text) == verdict(text, compiled=False), text


def test_real_files_are_taken_by_position_and_give_what_decoding_gives(shared_data: Path) -> None:
    files = sorted((shared_data / "companyfacts_2010").glob("*.json"))[:40]
    assert files
    for path in files:
        data, cik = path.read_bytes(), int(path.stem[3:])
        assert regular(data, None) is not None, path.name
        by_position = flatten(data, cik)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(_scan, "library", None)
            decoded = flatten(data, cik)
        assert by_position.batch.equals(decoded.batch), path.name


@given(_regular_documents, st.data(), st.sampled_from([None, REVENUES, OTHERS]))
def test_a_damaged_regular_document_is_judged_as_the_decoder_judges_it(
    whole: dict[str, Any], draw: st.DataObject, known: KnownConcepts | None
) -> None:
    data = bytearray(encode(whole))
    at = draw.draw(st.integers(0, len(data) - 1))
    data[at : at + draw.draw(st.integers(0, 3))] = draw.draw(
        st.binary(max_size=2) | st.sampled_from([b'"', b",", b"}", b"]", b"0", b" ", b"\n\n"])
    )
    assert verdict(bytes(data), known) == verdict(bytes(data), known, compiled=False)
