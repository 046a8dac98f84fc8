"""Facts to columns by their positions in the text, for documents in which every fact is written exactly as the SEC writes it.

The SEC's program writes all facts alike: the same keys in the same order, without white space, and dates, accession numbers,
years and periods of fixed lengths. Where a regular expression has proved that of each byte of all facts, a fact's fields can be
taken from their positions, for thousands of facts in one step and without building an object for each. A document with any fact
that is written differently, however valid, is left to the decoder.

Matching, and most of the arithmetic, leave the interpreter's lock to other threads.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loader.companyfacts._columns import Gathered, Names, day_of, faults_of_dates, recoded
from loader.companyfacts._document import decode_outline

Positions = NDArray[np.int64]
Words = NDArray[np.uint64]

_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_FACT: Final = (
    r'\{(?:"start":"' + _DATE + r'",)?'
    r'"end":"' + _DATE + r'",'
    r'"val":-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?,'
    r'"accn":"[0-9]{10}-[0-9]{2}-[0-9]{6}",'
    r'"fy":(?:[1-9][0-9]{3}|null),'
    r'"fp":(?:"[A-Z0-9]{2}"|null),'
    # JSON may write a slash with a backslash before it.
    r'"form":"(?:[-A-Z0-9 /]|\\/){1,16}",'
    r'"filed":"' + _DATE + r'"'
    r'(?:,"frame":"CY[0-9]{4}(?:Q[1-4]I?)?")?\}'
)
#: The lists of facts of a document, one after the other.
_LISTS: Final = rf"\A(?:\[(?:{_FACT}(?:,{_FACT})*)?\])*\z"

#: A list's number in its place; what may be mistaken for one.
_NUMBERED: Final = re.compile(rb"\[[0-9]")

# Where the fields are, in bytes. A start before the end shifts all that follows.
_START: Final = len('{"start":"')
_SHIFT: Final = len('"start":"0000-00-00",')
_END: Final = len('{"end":"')
_VALUE: Final = len('{"end":"0000-00-00","val":')
_ACCESSION_AFTER_VALUE: Final = len(',"accn":"')
_YEAR_AFTER_ACCESSION: Final = len('0000000000-00-000000","fy":')
_PERIOD_AFTER_YEAR: Final = len('0000,"fp":')  # a null is as long as a year
_FORM_AFTER_PERIOD: Final = len('null,"form":"')  # and as long as a period in its quotes
_FILED_AFTER_FORM: Final = len('","filed":"')
_FRAME_AFTER_FILED: Final = len('0000-00-00","frame":"')
_CENTURY: Final = "CY"

# Which comma of a fact ends its value and its form, where the fact has no start.
_COMMA_AFTER_VALUE: Final = 2
_COMMA_AFTER_FORM: Final = 6

#: Bytes in a word: eight digits are made a number in a few steps, for all facts at once.
_WORD: Final = 8
#: Room before and behind the text, so that a word may reach over its bounds.
_MARGIN: Final = 32
_ZEROS: Final = np.uint64(int.from_bytes(b"0" * _WORD, "little"))
#: The longest whole number of the pattern, without its sign, in words.
_NUMBER_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Regular:
    """A regular document.

    Attributes:
        cik: as the document has it.
        entity_name: the company's name, None where it is null or missing.
        gathered: the facts of the wanted concepts.
    """

    cik: int | str
    entity_name: str | None
    gathered: Gathered


def regular(data: bytes, wanted: Container[tuple[str, str]] | None) -> Regular | None:
    """Take the facts of wanted concepts (None: of all) out of a document; None if it is not proved to be regular.

    The lists of facts are cut out of the text, and what is left, a tenth of it, is decoded with their numbers in their places.
    """
    lists, text = _cut(data)
    # What stood there as a number in brackets before would be taken for one of ours.
    outline = decode_outline(text) if len(_NUMBERED.findall(text)) == len(lists) else None
    if outline is None:
        return None
    mine: list[int] = []
    names: list[tuple[str, str, str]] = []
    numbers: list[int] = []
    for taxonomy, by_concept in outline.facts.items():
        for name, concept in by_concept.items():
            is_wanted = wanted is None or (taxonomy, name) in wanted
            for unit, number in concept.units.items():
                numbers += number
                if is_wanted and number:
                    names.append((taxonomy, name, unit))
                    mine += number
    # Each list in its place, and none in a string.
    if numbers != list(range(len(lists))):
        return None
    facts = [lists[number] for number in mine]
    text = b"".join(facts)
    taken = set(mine)
    others = b"".join([one for number, one in enumerate(lists) if number not in taken])
    if not (_are_regular(text) and _are_regular(others)):
        return None
    ends = np.cumsum([len(one) for one in facts], dtype=np.int64)
    return Regular(outline.cik, outline.entity_name, _Facts(text).gathered(names, ends, not_wanted=_count(others, "{")))


def _cut(data: bytes) -> tuple[list[memoryview], bytes]:
    """The lists of objects in a text, and the text with their numbers in their places."""
    whole = memoryview(data)
    lists: list[memoryview] = []
    outline: list[bytes | memoryview] = []
    after = 0
    # A regular list has no brackets inside. Searching for bytes is faster than any comparison of all of them.
    while (begin := data.find(b"[{", after)) >= 0 and (end := data.find(b"]", begin)) >= 0:
        outline += (whole[after:begin], b"[%d]" % len(lists))
        after = end + 1
        lists.append(whole[begin:after])
    outline.append(whole[after:])
    return lists, b"".join(outline)


def _are_regular(lists: bytes) -> bool:
    offsets = pa.py_buffer(np.array([0, len(lists)], np.int64))
    text = pa.LargeBinaryArray.from_buffers(pa.large_binary(), 1, [None, offsets, pa.py_buffer(lists)])
    return bool(pc.match_substring_regex(text, _LISTS)[0].as_py())


def _count(text: bytes, mark: str) -> int:
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == ord(mark)))


class _Facts:
    """The facts of regular lists, and where their fields are.

    Args:
        lists: the lists, one after the other.
    """

    def __init__(self, lists: bytes) -> None:
        self._lists = lists
        padded = np.zeros(len(lists) + 2 * _MARGIN, np.uint8)
        padded[_MARGIN:-_MARGIN] = np.frombuffer(lists, np.uint8)
        self._words: Words = np.ndarray(len(padded) - _WORD + 1, np.dtype("<u8"), padded.data, strides=(1,))
        self._text = text = padded[_MARGIN:]
        #: Where each fact begins, and where it ends.
        self._at = text_at = np.flatnonzero(text == ord("{"))
        self._close = np.flatnonzero(text == ord("}"))
        self._has_start = text[text_at + len('{"')] == ord("s")
        # Braces and commas in their order: the n-th comma of a fact is n behind its brace.
        marks = np.flatnonzero((text == ord(",")) | (text == ord("{")))
        brace = np.flatnonzero(text[marks] == ord("{")) + self._has_start
        self._value = text_at + _VALUE + _SHIFT * self._has_start
        self._value_end = marks[brace + _COMMA_AFTER_VALUE]
        self._form_end = marks[brace + _COMMA_AFTER_FORM] - len('"')

    def gathered(self, names: list[tuple[str, str, str]], ends: Positions, not_wanted: int) -> Gathered:
        """The facts as columns.

        Args:
            names: taxonomy, concept and unit of each list.
            ends: where each list ends.
            not_wanted: how many facts other lists have.
        """
        accession = self._value_end + _ACCESSION_AFTER_VALUE
        year = accession + _YEAR_AFTER_ACCESSION
        period = year + _PERIOD_AFTER_YEAR
        form = period + _FORM_AFTER_PERIOD
        filed = self._form_end + _FILED_AFTER_FORM
        frame = filed + _FRAME_AFTER_FILED + len(_CENTURY)
        frame_length = self._close - len('"') - frame
        has_period = self._text[period] == ord('"')
        start = self._days(self._at + _START, self._has_start)
        end = self._days(self._at + _END + _SHIFT * self._has_start)
        day_filed = self._days(filed)
        facts = np.diff(np.searchsorted(self._at, ends), prepend=0).tolist()
        taxonomies, concepts, units = Names(), Names(), Names()
        for (taxonomy, concept, unit), count in zip(names, facts, strict=True):
            taxonomies.add(taxonomy, count)
            concepts.add(concept, count)
            units.add(unit, count)
        return Gathered(
            rows=len(self._at),
            not_wanted=not_wanted,
            names=(taxonomies.column(), concepts.column(), units.column()),
            start=start,
            end=end,
            value=pa.array(self._values()),
            accession=pa.array(self._accessions(accession)),
            year=pa.array(self._years(year), mask=self._text[year] == ord("n")),
            period=self._texts(period + len('"'), np.full(len(period), 2), has_period),
            form=self._texts(form, self._form_end - form),
            filed=day_filed,
            frame=self._texts(frame, frame_length, frame_length >= 0, before=_CENTURY),
            faults=faults_of_dates(start, end, day_filed, started=pa.array(self._has_start)),
        )

    def _load(self, at: Positions) -> Words:
        """The eight bytes from each position on, the first of them the lowest."""
        return self._words[at + _MARGIN]

    def _days(self, at: Positions, there: NDArray[np.bool_] | None = None) -> pa.Date32Array:
        """Dates; null where there is none, or no such day."""
        year_month, month_day = self._load(at), self._load(at + 2)
        year = _digit(year_month, 0) * 1000 + _digit(year_month, 1) * 100 + _digit(year_month, 2) * 10 + _digit(year_month, 3)
        month = _digit(year_month, 5) * 10 + _digit(year_month, 6)
        day = _digit(month_day, 6) * 10 + _digit(month_day, 7)
        encoded = pa.array(((year * 100 + month) * 100 + day).astype(np.int32)).dictionary_encode()
        found = pa.array(map(_day_of_number, encoded.dictionary.to_pylist()), pa.int32()).take(encoded.indices).view(pa.date32())
        return found if there is None else pc.if_else(pa.array(there), found, pa.scalar(None, pa.date32()))

    def _accessions(self, at: Positions) -> NDArray[np.int64]:
        middle, end = self._load(at + 8), self._load(at + 12)
        filer = _number(self._load(at)) * 100 + _digit(middle, 0) * 10 + _digit(middle, 1)
        year = _digit(middle, 3) * 10 + _digit(middle, 4)
        serial = _number(_last(end, np.full(len(at), 6)))
        return (filer * 100 + year) * 1_000_000 + serial

    def _years(self, at: Positions) -> NDArray[np.int16]:
        word = self._load(at)
        return (_digit(word, 0) * 1000 + _digit(word, 1) * 100 + _digit(word, 2) * 10 + _digit(word, 3)).astype(np.int16)

    def _values(self) -> NDArray[np.float64]:
        negative = self._text[self._value] == ord("-")
        digits = self._value_end - self._value - negative
        whole = np.zeros(len(digits), np.int64)
        for block in reversed(range(_NUMBER_WORDS)):
            there = np.clip(digits - block * _WORD, 0, _WORD)
            whole = whole * 10**_WORD + _number(_last(self._load(self._value_end - (block + 1) * _WORD), there))
        values = whole.astype(np.float64)
        np.negative(values, out=values, where=negative)
        # Few values are fractions.
        for fact in np.searchsorted(self._at, np.flatnonzero(self._text == ord("."))) - 1:
            values[fact] = float(self._lists[self._value[fact] : self._value_end[fact]])
        return values

    def _texts(
        self, at: Positions, length: Positions, there: NDArray[np.bool_] | None = None, *, before: str = ""
    ) -> pa.DictionaryArray:
        """Texts of some bytes each, encoded; null where there is none."""
        mask = None if there is None else ~there
        if there is not None:
            length = np.where(there, length, 0)
        if length.max(initial=0) > _WORD:
            texts = [self._lists[one : one + size].decode() for one, size in zip(at.tolist(), length.tolist(), strict=True)]
            return pa.array([before + text.replace("\\/", "/") for text in texts], pa.string(), mask=mask).dictionary_encode()
        encoded = pa.array(_first(self._load(at), length), mask=mask).dictionary_encode()
        texts = [word.to_bytes(_WORD, "little").rstrip(b"\0").decode() for word in encoded.dictionary.to_pylist()]
        return recoded(encoded.indices, [before + text.replace("\\/", "/") for text in texts])


@lru_cache(maxsize=2**16)  # two centuries of days, which companies share
def _day_of_number(date: int) -> int | None:
    """The day of a date written as a number, 20240928."""
    return day_of(f"{date // 10_000:04}-{date // 100 % 100:02}-{date % 100:02}")


def _digit(words: Words, place: int) -> Positions:
    """The digit at one of the eight places of each word."""
    return ((words >> np.uint64(place * 8)) & np.uint64(0xF)).astype(np.int64)


def _number(words: Words) -> Positions:
    """The number that the eight digits of each word are: pairs of digits, then of pairs, then of fours are put together."""
    pairs = words - _ZEROS
    pairs = (pairs * np.uint64(10) + (pairs >> np.uint64(8))) & np.uint64(0x00FF00FF00FF00FF)
    fours = (pairs * np.uint64(100) + (pairs >> np.uint64(16))) & np.uint64(0x0000FFFF0000FFFF)
    return ((fours * np.uint64(10_000) + (fours >> np.uint64(32))) & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _first(words: Words, length: Positions) -> Words:
    """The words with zero bytes behind the first bytes of each."""
    # A shift by the whole word has no defined result, so a length of nothing is done apart.
    beyond = ((_WORD - length) * 8 % 64).astype(np.uint64)
    return np.where(length > 0, (words << beyond) >> beyond, np.uint64(0))


def _last(words: Words, length: Positions) -> Words:
    """The words with the digit zero before the last bytes of each."""
    before = ((_WORD - length) * 8 % 64).astype(np.uint64)
    kept = ((words >> before) << before) | np.where(before > 0, _ZEROS >> (np.uint64(64) - before) % np.uint64(64), np.uint64(0))
    return np.where(length > 0, kept, _ZEROS)
