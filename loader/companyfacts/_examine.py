"""The slow, complete examination of a document that is not quite ordinary: it is accepted, or refused with reason and place.

Everything is read here, fields that nobody asked for included, so that a document is never accepted because its fault happens to
lie in a part that the decoder skips. Order of the verdicts: encoding, grammar and numbers (orjson), nesting, keys that stand
twice, then the shape.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from loader.companyfacts._document import check_cik
from loader.errors import DocumentError

#: A companyfacts document is 7 levels deep. What is deeper than this is refused, wherever it is, so that the verdict does not
#: depend on how much of the interpreter's stack is in use.
MAX_NESTING = 64

_MAX_NAME = 80  # characters of a name from the document that a message repeats

_BRACKET_OR_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{},:]|[^\s\[\]{},:"]++', re.DOTALL)
_PLAIN_NAME = re.compile(r"[\w/-]+")
_NOT_A_NUMBER = re.compile(r"[+-]?(?:NaN|Infinity|inf|nan)")

_ROW_TEXTS = ("start", "end", "accn", "fp", "form", "filed", "frame")


_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a number",
    float: "a number with a fraction",
    str: "a string",
    list: "a list",
}


class _Repeating(dict[str, Any]):
    """An object in which a key stands twice."""

    key: str


def examine(data: bytes, cik: int) -> None:
    """Read all of a document and refuse it if anything in it is wrong.

    Raises:
        DocumentError: with the reason, and the place such as ``facts.us-gaap.Assets.units.USD[3].val``.
    """
    text = _text(data)
    _check_grammar(data, text)
    _check_nesting(text)
    document = json.loads(text, object_pairs_hook=_object)
    _check_keys(document, "")
    _check_shape(document, cik)


def _text(data: bytes) -> str:
    if not data:
        raise DocumentError("the file is empty")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        raise DocumentError("the text is in UTF-16 or UTF-32, expected UTF-8", "byte 0")
    if data.startswith(b"\xef\xbb\xbf"):
        raise DocumentError("the text begins with a byte-order mark", "byte 0")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise DocumentError("the text is not valid UTF-8", _place(data[: error.start].decode(), f"byte {error.start}")) from error


def _check_grammar(data: bytes, text: str) -> None:
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError as error:
        position = error.pos
        if not text.strip():
            raise DocumentError("the file has nothing but white space in it") from error
        if "depth" in error.msg:
            reason = f"nested deeper than {MAX_NESTING} levels"
        elif "infinity" in error.msg:
            reason = "a number is too large for 64 bits of floating point"
        elif match := _NOT_A_NUMBER.match(text, position):
            reason = f"{match.group()} is not a number in JSON"
        elif position >= len(text):
            reason = "the text breaks off"
        else:
            reason = f"malformed JSON, {error.msg}"
        raise DocumentError(reason, _place(text[:position], f"character {position}")) from error


def _check_nesting(text: str) -> None:
    depth = 0
    for match in _BRACKET_OR_STRING.finditer(text):
        mark = match.group()
        if mark in "[{":
            depth += 1
            if depth > MAX_NESTING:
                raise DocumentError(f"nested deeper than {MAX_NESTING} levels", f"character {match.start()}")
        elif mark in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    repeating = _Repeating(plain)
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            repeating.key = key
            break
        seen.add(key)
    return repeating


def _check_keys(value: Any, place: str) -> None:
    """Refuse a key that stands twice in one object: one of its values would be lost."""
    if isinstance(value, _Repeating):
        raise DocumentError("the key stands twice in one object", _member(place, value.key))
    if isinstance(value, dict):
        for key, member in value.items():
            if isinstance(member, dict | list):
                _check_keys(member, _member(place, key))
    elif isinstance(value, list):
        for number, element in enumerate(value):
            if isinstance(element, dict | list):
                _check_keys(element, f"{place}[{number}]")


def _check_shape(document: Any, cik: int) -> None:
    _expect(document, dict, "")
    if "cik" not in document:
        raise DocumentError("cik is missing")
    if isinstance(document["cik"], bool) or not isinstance(document["cik"], int | str):
        raise _wrong(document["cik"], "a whole number or a string of digits", "cik")
    _expect_text(document, "entityName", "")
    if "facts" not in document:
        raise DocumentError("facts is missing")
    for concepts, taxonomy_place in _members(document["facts"], "facts"):
        for concept, place in _members(concepts, taxonomy_place):
            _expect(concept, dict, place)
            _expect_text(concept, "label", place)
            _expect_text(concept, "description", place)
            if "units" not in concept:
                raise DocumentError("units is missing", place)
            for rows, unit_place in _members(concept["units"], _member(place, "units")):
                _expect(rows, list, unit_place)
                for number, row in enumerate(rows):
                    _check_row(row, f"{unit_place}[{number}]")
    check_cik(document["cik"], cik)


def _check_row(row: Any, place: str) -> None:
    _expect(row, dict, place)
    value = row.get("val")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise _wrong(value, "a number or null", _member(place, "val"))
    year = row.get("fy")
    if year is not None and (isinstance(year, bool) or not isinstance(year, int)):
        raise _wrong(year, "a whole number or null", _member(place, "fy"))
    for name in _ROW_TEXTS:
        _expect_text(row, name, place)


def _members(value: Any, place: str) -> Iterator[tuple[Any, str]]:
    _expect(value, dict, place)
    for name, member in value.items():
        yield member, _member(place, name)


def _expect(value: Any, kind: type, place: str) -> None:
    if not isinstance(value, kind):
        raise _wrong(value, "an object" if kind is dict else "a list", place)


def _expect_text(holder: dict[str, Any], name: str, place: str) -> None:
    value = holder.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong(value, "a string or null", _member(place, name))


def _wrong(value: Any, expected: str, place: str) -> DocumentError:
    return DocumentError(f"{_kind(value)} where {expected} was expected", place or "the top level")


def _kind(value: Any) -> str:
    return "null" if value is None else _KINDS.get(type(value), "an object")


def _member(place: str, name: str) -> str:
    """The place of a member: plain names as they are, others quoted so that the place stays one readable line."""
    if len(name) > _MAX_NAME:
        name = name[:_MAX_NAME] + "..."
    shown = name if _PLAIN_NAME.fullmatch(name) else ascii(name)
    return f"{place}.{shown}" if place else shown


def _place(before: str, offset: str) -> str:
    """Where in the document's tree the text before a fault ends."""
    path = _path(before)
    return f"{path} ({offset})" if path else offset


def _path(before: str) -> str:
    """The JSON path that the end of an incomplete document is at."""
    holders: list[str | int | None] = []  # the key or the index that is open at each level
    last = ""
    for match in _TOKEN.finditer(before):
        mark = match.group()
        if mark == "{":
            holders.append(None)
        elif mark == "[":
            holders.append(0)
        elif mark in "]}":
            del holders[-1:]
        elif mark == "," and holders:
            holders[-1] = holders[-1] + 1 if isinstance(holders[-1], int) else None
        elif mark == ":" and holders and not isinstance(holders[-1], int):
            holders[-1] = _unquoted(last)
        last = mark
    place = ""
    for holder in holders[:MAX_NESTING]:
        if isinstance(holder, int):
            place += f"[{holder}]"
        elif holder is not None:
            place = _member(place, holder)
    return place


def _unquoted(token: str) -> str:
    try:
        name = json.loads(token)
    except json.JSONDecodeError:
        return token
    return name if isinstance(name, str) else token
