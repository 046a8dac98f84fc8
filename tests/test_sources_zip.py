"""loader.sources on a zip archive: read in place, by many threads, and never believed."""

from __future__ import annotations

import gc
import math
import os
import resource
import struct
import threading
import time
import tracemalloc
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib

from loader.errors import InputError, MissingFileError, ReadError, ReadTimeoutError, TransientReadError
from loader.sources import MAX_FILE_BYTES, Snapshot, _archive, file_name, open_source, read, stat
from loader.sources._directory import MAX_DIRECTORY_BYTES, read_directory
from tests.archives import END, LOCAL, RECORD, Packed, archive, deflated, zip_folder

NAME = b"CIK0000320193.json"
CONTENT = b'{"cik":320193,"entityName":"Apple Inc.","facts":{}}' * 50


def put(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "companyfacts.zip"


def of(place: Path, cik: int = 320193) -> str:
    return f"{place}/{file_name(cik)}"


def read_now(place: Path, cik: int = 320193) -> bytes:
    return bytes(read(of(place, cik), deadline=time.monotonic() + 30))


def good(cik: int, content: bytes = CONTENT, **more: object) -> Packed:
    return Packed(file_name(cik).encode(), content, **more)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------------------------------------
# What is read


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_members_are_entries_with_the_paths_of_files_in_a_folder_of_the_archives_name(tmp_path: Path, method: int) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for cik in (320193, 7, 9999999999):
        (folder / file_name(cik)).write_bytes(CONTENT * (cik % 5 + 1))
    (folder / "readme.txt").write_text("not ours")
    place = zip_folder(folder, tmp_path / "facts.ZIP", method=method)
    source = open_source(place)
    assert source.location == str(place)
    entries = source.entries()
    assert list(entries) == [7, 320193, 9999999999]
    for cik, entry in entries.items():
        content = (folder / file_name(cik)).read_bytes()
        assert (entry.cik, entry.path, entry.size, entry.fault) == (cik, of(place, cik), len(content), None)
        assert entry.fingerprint == f"{len(content)}-crc{zlib.crc32(content):08x}"
        assert 0 < entry.packed <= len(content)
        assert stat(entry.path) == entry
        assert read_now(place, cik) == content


def test_the_day_of_an_archive_is_that_of_its_newest_member(place: Path) -> None:
    source = Snapshot.of(open_source(put(place, archive([good(7), Packed(b"readme.txt")]))))
    assert (source.day, source.entries()[7].day) == (date(2024, 11, 1), date(2024, 11, 1))
    assert Snapshot.of(open_source(put(place, archive([])))).day is None


@pytest.mark.parametrize("size", [0, 1, 2**20, 16 * 2**20 - 1, 16 * 2**20, 16 * 2**20 + 1])
@pytest.mark.parametrize("method", [0, 8])
def test_a_member_of_any_size_is_read_whole(place: Path, size: int, method: int) -> None:
    content = os.urandom(size // 16) * 17 + b"x" * 16
    content = content[:size]
    put(place, archive([good(320193, content, method=method)]))
    assert read_now(place) == content


def test_bytes_before_the_archive_a_comment_and_a_signature_in_it_do_not_matter(place: Path) -> None:
    for before, comment in ((b"#!/bin/sh\nexit\n", b""), (b"", b"from the SEC"), (b"x" * 70000, b"a" + END + b"b" * 30)):
        put(place, archive([good(7), good(320193)], before=before, comment=comment))
        assert read_now(place) == CONTENT
        assert list(open_source(place).entries()) == [7, 320193]


def test_zip64_is_read_with_and_without_bytes_before_it(place: Path) -> None:
    for before in (b"", b"x" * 100):
        for members in (
            [good(320193, wide=True)],
            [good(7), good(320193, wide=True, flags=8, local={"crc": 0, "size": 0, "packed": 0})],
        ):
            put(place, archive(members, wide=True, before=before))
            assert read_now(place) == CONTENT


def test_an_archive_with_more_members_than_16_bits_count_is_read(place: Path) -> None:
    with zipfile.ZipFile(place, "w") as archived:
        for cik in range(1, 65600):
            archived.writestr(zipfile.ZipInfo(file_name(cik)), b"{}")
    assert len(open_source(place).entries()) == 65599
    assert read_now(place, 65599) == b"{}"


def test_sizes_behind_the_data_are_taken_from_the_directory(place: Path) -> None:
    descriptor = b"PK\x07\x08" + struct.pack("<3L", zlib.crc32(CONTENT), len(deflated(CONTENT)), len(CONTENT))
    unknown = {"crc": 0, "size": 0, "packed": 0}
    put(
        place,
        archive([good(320193, flags=8, local=unknown, behind=descriptor), good(7, flags=8, local=unknown, behind=descriptor)]),
    )
    assert read_now(place) == read_now(place, 7) == CONTENT


@given(st.binary(max_size=5000), st.integers(0, 9))
def test_what_python_packs_comes_out_again(tmp_path_factory: pytest.TempPathFactory, content: bytes, level: int) -> None:
    place = tmp_path_factory.mktemp("any") / "companyfacts.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archived:
        archived.writestr(file_name(320193), content)
    assert read_now(place) == content


def test_a_folder_that_is_named_like_an_archive_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "companyfacts.zip"
    folder.mkdir()
    put(folder / file_name(320193), CONTENT)
    entry = open_source(folder).entries()[320193]
    assert stat(entry.path) == entry
    assert (read_now(folder), entry.packed) == (CONTENT, 0)


def test_other_names_are_left_alone(place: Path) -> None:
    others = (b"CIK320193.json", b"cik0000320193.json", b"CIK0000320193.json.gz", b"CIK0000320193.json\n", b"x", b"", b"\xff\xfe")
    put(place, archive([Packed(name) for name in others] + [good(7)]))
    assert list(open_source(place).entries()) == [7]
    for look in (stat, lambda path: read(path, deadline=math.inf)):
        with pytest.raises(ReadError, match="not named like a companyfacts file"):
            look(f"{place}/CIK320193.json")
        with pytest.raises(MissingFileError, match=r"has no CIK0000000008\.json .*mappings refresh"):
            look(of(place, 8))


# ---------------------------------------------------------------------------------------------------------------------------
# Many readers, one archive


def test_all_readers_share_one_reading_of_the_directory_and_one_open_file(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = {cik: os.urandom(2000) * cik for cik in range(1, 41)}
    put(place, archive([good(cik, content) for cik, content in contents.items()]))
    calls: Counter[str] = Counter()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            calls[name] += 1
            return function(*arguments)

        return call

    monkeypatch.setattr(os, "open", counted("open", os.open))
    monkeypatch.setattr(_archive, "read_directory", counted("read_directory", read_directory))
    together = threading.Barrier(10)

    def reader(first: int) -> dict[int, bytes]:
        together.wait()
        return {cik: read_now(place, cik) for cik in (*range(first, 41), *range(1, first))}

    with ThreadPoolExecutor(10) as pool:
        for found in pool.map(reader, range(1, 40, 4)):
            assert found == contents
    assert calls == {"open": 1, "read_directory": 1}


def test_an_archive_that_nobody_uses_any_more_is_closed(tmp_path: Path) -> None:
    def descriptors() -> int:
        return len(list(Path("/dev/fd").iterdir()))

    before = descriptors()
    for number in range(20):
        assert read_now(put(tmp_path / f"{number}.zip", archive([good(320193)]))) == CONTENT
    gc.collect()
    assert descriptors() <= before + 2


def test_inflating_and_summing_let_other_threads_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a call is inside the library, another thread gets its turns: the interpreter's lock is not held."""
    put(place, archive([good(320193, b"0123456789abcdef" * (100 * 2**16))]))
    inside, done = threading.Event(), threading.Event()

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            inside.set()
            try:
                return function(*arguments)
            finally:
                inside.clear()

        return call

    class Inflater:
        def __init__(self, bits: int) -> None:
            self._own = isal_zlib.decompressobj(bits)
            self.decompress = watched(self._own.decompress)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._own, name)

    library = SimpleNamespace(decompressobj=Inflater, crc32=watched(isal_zlib.crc32))
    monkeypatch.setattr(_archive, "isal_zlib", library)

    def work() -> None:
        read_now(place)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    turns = 0
    while not done.is_set():
        turns += inside.is_set()
    thread.join()
    assert turns > 100


# ---------------------------------------------------------------------------------------------------------------------------
# Replaced, changed, gone


def test_an_archive_made_anew_with_the_same_members_is_not_taken_for_news(place: Path) -> None:
    put(place, archive([good(320193), good(7, b"1")]))
    before = stat(of(place))
    os.utime(put(place, archive([good(7, b"other"), good(320193, method=0)], comment=b"anew")), ns=(0, 0))
    after = stat(of(place))
    assert after.fingerprint == before.fingerprint
    assert read_now(place) == CONTENT
    put(place, archive([good(320193, CONTENT[:-1] + b"!")]))
    assert stat(of(place)).fingerprint != before.fingerprint


def test_a_replaced_archive_is_read_from_then_on(place: Path) -> None:
    put(place, archive([good(320193, b"old")]))
    assert read_now(place) == b"old"
    put(place.with_suffix(".new"), archive([good(320193, b"new")])).replace(place)
    assert read_now(place) == b"new"


def test_an_archive_that_is_written_to_while_it_is_read_is_not_taken(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(place, archive([good(320193), good(7)]))
    open_source(place)
    system_read = os.pread

    def changing(descriptor: int, size: int, offset: int) -> bytes:
        with place.open("r+b") as file:
            file.write(b"XXXX")
        os.utime(place, ns=(0, 12345))
        return system_read(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", changing)
    with pytest.raises(TransientReadError, match="changed while it was read"):
        read_now(place, 7)
    monkeypatch.undo()
    # Afterwards it is looked at anew, and what is wrong with it is said.
    assert read_now(place, 7) == CONTENT
    with pytest.raises(ReadError, match="is not where the directory says"):
        read_now(place)


def test_an_archive_that_is_gone_is_a_missing_file(place: Path) -> None:
    source = open_source(put(place, archive([good(320193)])))
    place.unlink()
    for look in (stat, lambda path: read(path, deadline=math.inf)):
        with pytest.raises(MissingFileError):
            look(of(place))
    with pytest.raises(InputError, match="cannot be read"):
        source.entries()


def test_an_archive_that_becomes_useless_costs_each_of_its_companies_a_line(place: Path) -> None:
    put(place, archive([good(320193)]))
    assert read_now(place) == CONTENT
    put(place, place.read_bytes()[:100])
    for _ in range(2):
        with pytest.raises(ReadError, match="cut off") as told:
            read_now(place)
        assert not told.value.transient


@pytest.mark.parametrize("moment", [0, 1, 2])
def test_a_read_ends_at_its_deadline(place: Path, monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    """Between chunks of packed data, and between pieces of what comes out."""
    content = os.urandom(2**20 + 1) + b"x" * (40 * 2**20)
    put(place, archive([good(320193, content)]))
    instants = iter([0.0] * moment + [2.0] * 100)
    monkeypatch.setattr(time, "monotonic", lambda: next(instants))
    with pytest.raises(ReadTimeoutError, match="did not come in time") as late:
        read(of(place), deadline=1.5)
    assert late.value.transient


def test_a_fault_of_the_disk_is_transient(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(place, archive([good(320193)]))
    open_source(place)

    def failing(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pread", failing)
    with pytest.raises(TransientReadError, match="Input/output error"):
        read_now(place)


# ---------------------------------------------------------------------------------------------------------------------------
# No archive


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is no zip archive"),
        (b"{}", "is no zip archive"),
        (b"PK", "is no zip archive"),
        (END, "is no zip archive"),
        (LOCAL + b"x" * 100000, "cut off"),
        (archive([good(7)])[:-1], "cut off"),
        (archive([good(7)]) + b"more", "cut off"),
        (archive([good(7), good(8)], counted=1), "2 readable members where it should have 1"),
        (archive([good(7)], counted=2), "1 readable members where it should have 2"),
        (archive([good(7)]).replace(RECORD, b"PK\x01\x03"), "0 readable members where it should have 1"),
        (archive([good(7, wide=True)]).replace(struct.pack("<2H", 1, 24), struct.pack("<2H", 1, 8)), "has 0 readable"),
        (END + struct.pack("<4H2LH", 0, 0, 0, 0, 1000, 0, 0), "outside the file"),
        (END + struct.pack("<4H2LH", 0, 0, 0, 0, 0, 1000, 0), "outside the file"),
        (b"x" * 20 + END + struct.pack("<4H2LH", 1, 0, 0, 0, 0, 0, 0), "part of a divided archive"),
        (b"x" * 20 + END + struct.pack("<4H2LH", 0, 0, 0, 5, 0, 0, 0), "part of a divided archive"),
        (archive([good(7)], wide=True).replace(b"PK\x06\x06", b"PK\x06\x05"), "64-bit end is not where"),
        (archive([good(7)], wide=True)[:-22] + END + struct.pack("<4H2LH", 0, 0, 2, 2, 2**32 - 1, 2**32 - 1, 0), "contradict"),
        (archive([Packed(b"companyfacts/CIK0000000007.json")]), "has its files in a folder, such as 'companyfacts/"),
    ],
)
def test_what_is_no_archive_of_use_is_refused_in_one_line_that_names_it(place: Path, data: bytes, words: str) -> None:
    put(place, data)
    with pytest.raises(InputError, match=words) as refused:
        open_source(place)
    assert str(place) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_directory_beyond_all_measure_is_refused_before_it_is_read(place: Path) -> None:
    with place.open("wb") as file:
        file.truncate(MAX_DIRECTORY_BYTES + 1)  # holes: it takes no room on the disk
        file.seek(0, os.SEEK_END)
        file.write(END + struct.pack("<4H2LH", 0, 0, 0, 0, MAX_DIRECTORY_BYTES + 1, 0, 0))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="its directory has 64 MiB"):
            open_source(place)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("at", range(0, 100, 7))
def test_an_archive_that_is_cut_anywhere_is_refused(place: Path, at: int) -> None:
    whole = archive([good(7), good(320193)])
    put(place, whole[: len(whole) * at // 100])
    with pytest.raises(InputError):
        open_source(place)


# ---------------------------------------------------------------------------------------------------------------------------
# Members that cannot be trusted

_BOMB = b"\0" * (4 * 2**20)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([good(320193), good(320193, b"another")], "more than once"),
        ([good(320193, flags=1)], "is encrypted"),
        ([good(320193, flags=0x40)], "is encrypted"),
        ([good(320193, flags=0x2000)], "is encrypted"),
        ([good(320193, flags=0x20)], "packed by method 8"),
        ([good(320193, method=12, data=b"x")], "packed by method 12"),
        ([good(320193, attributes=0o120777 << 16)], "is a link"),
        ([good(320193, attributes=0o010644 << 16)], "not a regular file"),
        ([good(320193, attributes=0x10)], "a folder"),
        ([good(320193, central={"size": MAX_FILE_BYTES + 1})], "more than 128 MiB"),
        ([good(320193, central={"packed": MAX_FILE_BYTES + 1})], "more than 128 MiB"),
        ([good(320193, central={"offset": 10**6})], "outside the archive"),
        ([good(320193, central={"offset": 2**32 - 2})], "outside the archive"),
        ([good(320193, central={"packed": 10**6})], "overlaps with what follows"),
        ([good(320193, central={"packed": 200}), good(8)], "overlaps with what follows"),
        ([good(320193), good(8, central={"offset": 0})], "overlaps with what follows"),
        ([good(8), Packed(b"../CIK0000320193.json")], "has a path in its name"),
        ([good(8), Packed(b"/CIK0000320193.json")], "has a path in its name"),
        ([good(8), Packed(b"a\\CIK0000320193.json")], "has a path in its name"),
        ([good(8), Packed(b"C:CIK0000320193.json")], "has a path in its name"),
    ],
)
def test_a_member_that_the_directory_condemns_has_its_reason(place: Path, members: list[Packed], words: str) -> None:
    """It is an entry all the same: its company fails with the reason instead of seeming absent."""
    put(place, archive([*members, good(7)]))
    entries = open_source(place).entries()
    assert entries[7].fault is None
    assert (entries[320193].path, entries[320193].size) == (of(place), 0)
    for look in (stat, lambda path: read(path, deadline=math.inf)):
        with pytest.raises(ReadError, match=words) as refused:
            look(of(place))
        assert not refused.value.transient
        assert str(refused.value).startswith(of(place))
        assert "\n" not in str(refused.value)
    assert read_now(place, 7) == CONTENT


def test_a_member_beside_one_with_a_path_is_read(place: Path) -> None:
    put(place, archive([Packed(b"old/CIK0000320193.json", b"old"), good(320193), Packed(b"../CIK0000320193.json", b"evil")]))
    assert read_now(place) == CONTENT


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (good(320193, local={"name": b"CIK0000000008.json"}), "header of its own that differs"),
        (good(320193, local={"name": b"CIK000000000008.json"}), "header of its own that differs"),
        (good(320193, local={"method": 0}), "header of its own that differs"),
        (good(320193, local={"flags": 1}), "header of its own that differs"),
        (good(320193, local={"size": 5}), "header of its own that differs"),
        (good(320193, local={"crc": 5}), "header of its own that differs"),
        (good(320193, local={"size": 0, "packed": 0, "crc": 0}), "header of its own that differs"),
        (good(320193, local={"crc": 5}, central={"crc": 5}), "CRC-32"),
        (good(320193, local={"size": 9}, central={"size": 9}), "more than the 9 bytes"),
        (good(320193, local={"size": 10**6}, central={"size": 10**6}), "bytes instead of 1000000"),
        (good(320193, data=deflated(CONTENT)[:-4]), "in the middle of its packed data"),
        (good(320193, data=b""), "in the middle of its packed data"),
        (good(320193, data=deflated(CONTENT) + b"more"), "more packed data than belong to it"),
        (good(320193, data=b"\xff" * 20), "cannot be unpacked"),
        (good(320193, method=0, data=CONTENT[:-1]), "bytes instead of"),
        (good(320193, b"x" * 100, data=deflated(_BOMB)), "more than the 100 bytes"),
    ],
)
def test_a_damaged_member_costs_itself_alone(place: Path, member: Packed, words: str) -> None:
    put(place, archive([good(7), member, good(8)]))
    with pytest.raises(ReadError, match=words) as refused:
        read_now(place)
    assert not refused.value.transient
    assert str(refused.value).startswith(of(place))
    assert "\n" not in str(refused.value)
    assert read_now(place, 7) == read_now(place, 8) == CONTENT


def test_a_member_that_is_not_where_the_directory_says_is_refused(place: Path) -> None:
    put(place, archive([good(320193, central={"offset": 1, "packed": 1}), good(7)]))
    with pytest.raises(ReadError, match="is not where the directory says"):
        read_now(place)
    assert read_now(place, 7) == CONTENT


def test_a_bomb_is_stopped_when_it_gives_more_than_it_said(place: Path) -> None:
    """Judged by what comes out: 1 GiB of zeros in 1 MiB, said to be 5 MB, takes no more than that."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join(packer.compress(bytes(2**24)) for _ in range(64)) + packer.flush()
    put(place, archive([good(320193, b"x" * (5 * 10**6), data=data)]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ReadError, match="more than the 5000000 bytes"):
        read_now(place)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 2**10


@given(st.integers(0, 10**6), st.integers(0, 255))
def test_whatever_byte_is_changed_the_content_is_right_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, value: int
) -> None:
    data = bytearray(archive([good(7), good(320193)]))
    data[at % len(data)] = value
    place = put(tmp_path_factory.mktemp("flipped") / "companyfacts.zip", bytes(data))
    try:
        content = read_now(place)
    except InputError:
        return
    assert content == CONTENT


def test_a_pipe_named_like_an_archive_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.zip")
    with pytest.raises(InputError, match="neither a folder nor"):
        open_source(tmp_path / "x.zip")
