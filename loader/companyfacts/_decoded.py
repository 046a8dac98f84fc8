"""A document that is not regular, decoded and examined."""

from __future__ import annotations

from loader.companyfacts._columns import Gathered, gather
from loader.companyfacts._document import Document, decode_anything_valid, decode_ordinary, key_count
from loader.companyfacts._examine import examine
from loader.companyfacts._known import KnownConcepts


def decoded(data: bytes, cik: int, wanted: KnownConcepts | None) -> tuple[Document, Gathered]:
    """The way of all documents that are not regular: an object for each fact."""
    document = decode_ordinary(data)
    if document is not None:
        gathered, keys = gather(document, wanted)
        if key_count(document, keys) == data.count(b":"):
            return document, gathered
    examine(data, cik)
    document = decode_anything_valid(data)
    gathered, _ = gather(document, wanted)
    return document, gathered
