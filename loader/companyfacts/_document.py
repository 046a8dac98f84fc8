"""The shape of a companyfacts document, and the two ways to decode it.

`decode_ordinary` is for the documents that the SEC writes. It leaves nothing unread: a field that the shape does not name makes
it give up, because msgspec would skip that field's value without looking for bad numbers, bad text or deep nesting in it. What
it cannot see is a key that stands twice in one object (the last would win and the facts of the others be lost), so its caller
compares `key_count` with the document's colons. Whatever is not ordinary is examined value by value (`_examine`) before
`decode_anything_valid` may decode it.
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from loader.errors import DocumentError

INT16_MIN, INT16_MAX = -(2**15), 2**15 - 1

_Text = str | None | UnsetType
_CIK = re.compile(r"[0-9]{1,10}", re.ASCII)


class Row(msgspec.Struct, gc=False, forbid_unknown_fields=True, kw_only=True):
    """One fact as the SEC writes it: an instant has no start, and few facts have a frame. All else is there, be it as null."""

    # In the order in which the SEC writes them, which is the order msgspec looks for them in.
    start: _Text = UNSET
    end: str | None
    val: float | None
    accn: str | None
    # A year that does not fit is not ordinary: it may be too large a number for any type, which only the examination tells.
    fy: Annotated[int, msgspec.Meta(ge=INT16_MIN, le=INT16_MAX)] | None
    fp: str | None
    form: str | None
    filed: str | None
    frame: _Text = UNSET


#: How many fields a row has that lacks none.
ROW_FIELDS = len(Row.__struct_fields__)


class Concept(msgspec.Struct, forbid_unknown_fields=True):
    """All facts of one concept, by unit."""

    units: dict[str, list[Row]]
    label: _Text = UNSET
    description: _Text = UNSET


class Document(msgspec.Struct, forbid_unknown_fields=True):
    """A companyfacts document: facts by taxonomy and concept."""

    # Like the year of a fact: a larger number is not ordinary, and the examination says what is wrong with it.
    cik: Annotated[int, msgspec.Meta(ge=0, lt=10**10)] | str
    facts: dict[str, dict[str, Concept]]
    entityName: _Text = UNSET  # noqa: N815 (the SEC's spelling)

    @property
    def entity_name(self) -> str | None:
        """The company's name, None where it is null or missing."""
        return None if self.entityName is UNSET else self.entityName


class _TolerantRow(Row, gc=False, forbid_unknown_fields=False, kw_only=True):
    """A fact that may lack any field, may have fields that we do not know, and any whole number for its year.

    A missing field sets the row aside, it does not condemn the file.
    """

    end: _Text = UNSET  # type: ignore[assignment]  # wider than in Row, all of them: that is what this class is for
    val: float | UnsetType | None = UNSET  # type: ignore[assignment]
    accn: _Text = UNSET  # type: ignore[assignment]
    fy: int | UnsetType | None = UNSET  # type: ignore[assignment]
    fp: _Text = UNSET  # type: ignore[assignment]
    form: _Text = UNSET  # type: ignore[assignment]
    filed: _Text = UNSET  # type: ignore[assignment]


class _TolerantConcept(Concept, forbid_unknown_fields=False):
    """A concept that may have fields that we do not know."""

    units: dict[str, list[_TolerantRow]]  # type: ignore[assignment]


class _TolerantDocument(Document, forbid_unknown_fields=False):
    """A document that may have fields that we do not know."""

    facts: dict[str, dict[str, _TolerantConcept]]  # type: ignore[assignment]


_ORDINARY = msgspec.json.Decoder(Document)
_TOLERANT = msgspec.json.Decoder(_TolerantDocument)


def decode_ordinary(data: bytes) -> Document | None:
    r"""Decode a document in which nothing is unusual; None if something is.

    Nothing but duplicate keys can be wrong with what this returns. All text in it has been decoded, so bad UTF-8 is found;
    an escaped colon (\u003a) is unusual too, because it would make up for a duplicate key's colon in `key_count`.
    """
    if _escapes_a_colon(data):
        return None
    try:
        return _ORDINARY.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _escapes_a_colon(data: bytes) -> bool:
    # From backslash to backslash, of which there are few, is twenty times as fast as a search for the whole sequence.
    at = data.find(b"\\")
    while at >= 0:
        if data.startswith((b"u003a", b"u003A"), at + 1):
            return True
        at = data.find(b"\\", at + 2)
    return False


def key_count(document: Document, row_keys: int) -> int:
    """Colons that the document's bytes must have if each key in it stands once.

    A key is followed by one colon, and the other colons are inside strings. The colons of keys, labels and descriptions are
    counted here; one elsewhere (in a form's name, say) makes the count differ, which only means a closer look. A key that
    stands twice has lost at least its own colon from this count, so equality proves that there is none.

    Args:
        document: what was decoded.
        row_keys: keys present in all its rows.
    """
    keys = 2 + row_keys + (document.entityName is not UNSET)
    texts: list[_Text] = [document.entityName]
    for taxonomy, concepts in document.facts.items():
        keys += 1 + len(concepts)
        texts.append(taxonomy)
        for name, concept in concepts.items():
            label, description, units = concept.label, concept.description, concept.units
            keys += 1 + len(units) + (label is not UNSET) + (description is not UNSET)
            texts += (name, label, description, *units)
    return keys + "".join([text for text in texts if isinstance(text, str)]).count(":")


def decode_anything_valid(data: bytes) -> Document:
    """Decode a document that has passed the examination.

    Raises:
        DocumentError: only if the examination overlooked something.
    """
    try:
        return _TOLERANT.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DocumentError(str(error)) from error


def check_cik(found: object, expected: int) -> None:
    """Refuse a document about another company. Both spellings are in use: 320193 and "0000320193".

    Raises:
        DocumentError: it is another number, or none.
    """
    if isinstance(found, str):
        if not _CIK.fullmatch(found):
            raise DocumentError(f"cik is {found[:40]!r}, expected up to ten digits", "cik")
        found = int(found)
    if found != expected:
        raise DocumentError(f"the document is about CIK {str(found)[:40]}, expected CIK {expected}", "cik")
