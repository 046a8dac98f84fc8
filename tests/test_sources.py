"""loader.sources: which files a source has, and reading one of them."""

from __future__ import annotations

import errno
import math
import os
import socket
import stat as stat_module
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from loader.errors import InputError, MissingFileError, ReadError, ReadTimeoutError, TransientReadError
from loader.sources import MAX_FILE_BYTES, FileEntry, file_name, locate_source, open_source, read, stat
from loader.sources._entry import CHUNK_BYTES
from tests.documents import document, encode

NAME = "CIK0000320193.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "companyfacts"
    path.mkdir()
    return path


def put(folder: Path, name: str = NAME, content: bytes = b"{}") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def names(folder: Path) -> list[str]:
    return [Path(entry.path).name for entry in open_source(folder).entries().values()]


def read_now(path: Path | str) -> bytes:
    return bytes(read(str(path), deadline=time.monotonic() + 30))


# ---------------------------------------------------------------------------------------------------------------------------
# What a folder has


def test_every_companyfacts_file_of_a_folder_is_an_entry_in_the_order_of_ciks(folder: Path) -> None:
    for cik in (1652044, 1, 320193, 9999999999):
        put(folder, file_name(cik), b"x" * (cik % 100))
    entries = open_source(folder).entries()
    assert list(entries) == [1, 320193, 1652044, 9999999999]
    path = folder / NAME
    os.utime(path, ns=(0, 1730505599 * 10**9))  # a second before midnight, in UTC
    written = path.stat()
    fingerprint = f"93-1730505599000000000-{written.st_ctime_ns}"
    assert open_source(folder).entries()[320193] == FileEntry(
        320193, str(path), 93, fingerprint, date(2024, 11, 1), modified=1730505599 * 10**9
    )


@pytest.mark.parametrize(
    "name",
    [
        *("CIK320193.json", "CIK00000320193.json", "CIK0000320193.JSON", "cik0000320193.json", "CIK0000320193.json.gz"),
        *("CIK0000320193 (1).json", ".CIK0000320193.json", "CIK0000320193.json~", "CIK0000320193.json\n", "CIK000032019x.json"),
        *(
            "CIK\u0660000320193.json",
            "XCIK0000320193.json",
            "CIK0000320193-submissions-001.json",
            "company_tickers_exchange.json",
        ),
    ],
)
def test_other_names_are_left_alone(folder: Path, name: str) -> None:
    put(folder, name)
    assert open_source(folder).entries() == {}
    with pytest.raises(ReadError, match="not named like a companyfacts file"):
        stat(str(folder / name))


def test_subfolders_are_left_alone_whatever_their_name(folder: Path) -> None:
    (folder / NAME).mkdir()
    put(folder / NAME, file_name(7))
    assert names(folder) == []


def test_a_link_inside_the_folder_is_a_file_and_one_out_of_it_is_left_alone(folder: Path, tmp_path: Path) -> None:
    inside = put(folder, "original.json", b"inside")
    outside = put(tmp_path, "outside.json", b"outside")
    (folder / file_name(1)).symlink_to(inside)
    (folder / file_name(2)).symlink_to("original.json")
    (folder / file_name(3)).symlink_to(outside)
    (folder / file_name(4)).symlink_to("../outside.json")
    (folder / file_name(5)).symlink_to("nowhere.json")
    (folder / file_name(6)).symlink_to(file_name(6))
    (folder / file_name(7)).symlink_to(tmp_path)
    (folder / file_name(8)).symlink_to(file_name(3))
    assert names(folder) == [file_name(1), file_name(2)]
    entry = open_source(folder).entries()[1]
    assert read_now(entry.path) == b"inside"
    assert stat(entry.path) == entry
    for cik in (3, 4, 8):
        for look in (read_now, stat):
            with pytest.raises(ReadError, match="leads out of its folder"):
                look(str(folder / file_name(cik)))
    for look in (read_now, stat):
        with pytest.raises(MissingFileError):
            look(str(folder / file_name(5)))
        with pytest.raises(ReadError):
            look(str(folder / file_name(6)))


def test_a_folder_whose_name_begins_like_the_source_is_out_of_it(folder: Path, tmp_path: Path) -> None:
    beside = tmp_path / "companyfacts-private"
    beside.mkdir()
    (folder / NAME).symlink_to(put(beside))
    assert names(folder) == []


def test_a_source_reached_through_a_link_is_a_source(folder: Path, tmp_path: Path) -> None:
    put(folder, "original.json", b"content")
    (folder / NAME).symlink_to("original.json")
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert names(link) == [NAME]
    assert read_now(link / NAME) == b"content"


def test_locations_are_absolute_so_that_the_mapping_holds_from_anywhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder)
    monkeypatch.chdir(folder.parent)
    source = open_source("./x/../companyfacts/")
    assert source.location == str(folder)
    assert source.entries()[320193].path == str(folder / NAME)


def test_a_file_of_the_same_size_and_time_that_took_its_place_has_another_fingerprint(folder: Path) -> None:
    path, other = put(folder, content=b"12345"), put(folder, file_name(7), b"54321")
    os.utime(path, ns=(0, 10**18))
    first = stat(str(path))
    # As cp -p, rsync -t and unzip do: the time of the content comes along.
    os.utime(other, ns=(0, 10**18))
    while other.stat().st_ctime_ns == path.stat().st_ctime_ns:  # the file system's clock has its own pace
        os.utime(other, ns=(0, 10**18))
    other.replace(path)
    second = stat(str(path))
    assert (first.size, first.modified) == (second.size, second.modified)
    assert first.fingerprint != second.fingerprint


def test_a_rewritten_file_has_another_fingerprint(folder: Path) -> None:
    path = put(folder, content=b"12345")
    os.utime(path, ns=(0, 10**18))
    first = stat(str(path))
    path.write_bytes(b"54321")
    os.utime(path, ns=(0, 10**18 + 1))
    second = stat(str(path))
    assert first.size == second.size
    assert first.fingerprint != second.fingerprint


def test_whether_a_folder_holds_a_company_is_said_of_its_files_and_not_of_other_things_with_such_a_name(folder: Path) -> None:
    put(folder, file_name(5))
    (folder / file_name(7)).mkdir()
    put(folder, "CIK8.json")
    source = open_source(folder)
    assert [cik for cik in range(10) if source.holds_any(cik.__eq__)] == [5] == list(source.entries())


def test_a_folder_that_vanishes_gives_one_clear_line(folder: Path) -> None:
    source = open_source(folder)
    folder.rmdir()
    with pytest.raises(InputError, match="cannot be listed"):
        source.entries()


# ---------------------------------------------------------------------------------------------------------------------------
# Opening a source


def test_a_source_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    put(tmp_path)
    for location in (tmp_path / "nowhere", tmp_path / NAME / "below-a-file", tmp_path / "x.zip"):
        with pytest.raises(InputError, match=r"no companyfacts source at .*: give the SEC's companyfacts\.zip"):
            open_source(location)


def test_a_file_is_neither_a_folder_nor_an_archive(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"neither a folder nor a \.zip archive"):
        open_source(put(tmp_path))


@pytest.mark.parametrize("location", ["a\0b", "x" * 5000, "\udcff"])
def test_an_impossible_path_is_one_clear_line(location: str) -> None:
    with pytest.raises(InputError) as refused:
        open_source(location)
    assert "\n" not in str(refused.value)


def test_auto_is_the_folder_or_else_the_zip_or_else_nothing(tmp_path: Path) -> None:
    assert locate_source(tmp_path) is None
    assert locate_source(tmp_path / "nowhere") is None
    archive = put(tmp_path, "companyfacts.zip")
    assert locate_source(tmp_path) == archive
    (tmp_path / "companyfacts").mkdir()
    assert locate_source(tmp_path) == tmp_path / "companyfacts"


# ---------------------------------------------------------------------------------------------------------------------------
# Reading


@pytest.mark.parametrize("size", [0, 1, 2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20 + 17])
def test_a_file_of_any_size_is_read_whole(folder: Path, size: int) -> None:
    content = (encode(document()) * (size // 100 + 1))[:size]
    assert read_now(put(folder, content=content)) == content


def test_a_missing_file_is_told_apart_from_an_unreadable_one(folder: Path) -> None:
    put(folder)
    for path in (folder / file_name(7), folder / NAME / file_name(7), folder / "no" / file_name(7), Path(f"a\0/{file_name(7)}")):
        for look in (read_now, stat):
            with pytest.raises(MissingFileError) as missing:
                look(str(path))
            assert not missing.value.transient
            assert "\n" not in str(missing.value)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.mkdir()


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(path.parent)  # the path of a socket may be 108 characters long
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


def _device(path: Path) -> None:
    try:
        os.mknod(path, stat_module.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero: it never ends
    except PermissionError:
        pytest.skip("making a device takes more rights than this user has")


@pytest.mark.parametrize("make", [_pipe, _folder, _socket, _device])
@pytest.mark.timeout(10)
def test_what_is_not_a_regular_file_is_neither_listed_nor_read_nor_waited_for(folder: Path, make: Callable[[Path], None]) -> None:
    path = folder / NAME
    make(path)
    assert names(folder) == []
    for look in (read_now, stat):
        with pytest.raises(ReadError) as refused:
            look(str(path))
        assert not refused.value.transient


def test_a_file_that_may_not_be_read_is_not_tried_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(folder)
    path.chmod(0)
    if os.access(path, os.R_OK):  # the superuser may read everything: let the system say what it says to others

        def denied(*_: object) -> int:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

        monkeypatch.setattr(os, "open", denied)
    with pytest.raises(ReadError, match="cannot be read: Permission denied") as refused:
        read_now(path)
    assert not refused.value.transient


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EMFILE])
def test_a_fault_that_can_pass_is_transient(folder: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    path = put(folder)

    def failing(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "readv", failing)
    with pytest.raises(TransientReadError, match="cannot be read") as failed:
        read_now(path)
    assert failed.value.transient


def test_a_read_ends_at_its_deadline(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(folder, content=b"x" * (3 * CHUNK_BYTES))
    instants = iter([0.0, 1.0, 2.0, 3.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(instants))
    with pytest.raises(ReadTimeoutError, match=f"{2 * CHUNK_BYTES} of {3 * CHUNK_BYTES} bytes") as late:
        read(str(path), deadline=1.5)
    assert late.value.transient


def test_a_deadline_that_has_passed_lets_nothing_be_read(folder: Path) -> None:
    with pytest.raises(ReadTimeoutError):
        read(str(put(folder)), deadline=-math.inf)


@pytest.mark.parametrize("room", [None, 0, CHUNK_BYTES + 1, CHUNK_BYTES + 2, 2 * CHUNK_BYTES])
@pytest.mark.parametrize("change", [CHUNK_BYTES + 2, CHUNK_BYTES, 0])
def test_a_file_that_changes_while_it_is_read_is_not_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch, room: int | None, change: int
) -> None:
    """It has `change` bytes when the first piece of it has been read."""
    path = put(folder, content=b"x" * (CHUNK_BYTES + 1))
    system_read = os.readv

    def changing(descriptor: int, places: list[memoryview]) -> int:
        got = system_read(descriptor, places)
        if got == CHUNK_BYTES:
            os.truncate(path, change)
        return got

    monkeypatch.setattr(os, "readv", changing)
    with pytest.raises(TransientReadError, match="changed while it was read"):
        read(str(path), deadline=math.inf, room=None if room is None else memoryview(bytearray(room)))


@pytest.mark.parametrize("name", [NAME, file_name(2)])
def test_files_are_read_into_the_room_that_is_given(folder: Path, name: str) -> None:
    """One after the other, as long as they are smaller; one byte more shows whether a file has grown."""
    room = memoryview(bytearray(8))
    (folder / file_name(2)).symlink_to(NAME)
    for content in (b"1234567", b"", b"123"):
        put(folder, content=content)
        found = read(str(folder / name), deadline=math.inf, room=room)
        assert bytes(found) == bytes(room[: len(content)]) == content
    room[0] = 0
    assert bytes(found) != content
    put(folder, content=b"12345678")
    assert bytes(read(str(folder / name), deadline=math.inf, room=room)) == b"12345678"
    assert room[0] == 0


def test_a_file_far_larger_than_any_document_is_not_read_into_memory(folder: Path) -> None:
    path = put(folder)
    os.truncate(path, MAX_FILE_BYTES + 1)  # takes no space on the disk
    for look in (read_now, stat):
        with pytest.raises(ReadError, match="more than 128 MiB"):
            look(str(path))


def test_reading_closes_what_it_opens(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(folder)
    (folder / file_name(7)).mkdir()
    opened: list[int] = []
    closed: list[int] = []
    system_open, system_close = os.open, os.close

    def opening(name: str, flags: int) -> int:
        opened.append(system_open(name, flags))
        return opened[-1]

    def closing(descriptor: int) -> None:
        closed.append(descriptor)
        system_close(descriptor)

    monkeypatch.setattr(os, "open", opening)
    monkeypatch.setattr(os, "close", closing)
    read_now(path)
    with pytest.raises(ReadError):
        read_now(folder / file_name(7))
    with pytest.raises(ReadTimeoutError):
        read(str(path), deadline=-math.inf)
    assert len(opened) == 3
    assert closed == opened


def test_real_folders_are_listed_whole(shared_data: Path) -> None:
    for name in ("companyfacts", "companyfacts_core", "companyfacts_2010"):
        entries = open_source(shared_data / name).entries()
        assert len(entries) == len(list((shared_data / name).glob("CIK*.json")))
        assert all(stat(entry.path) == entry for entry in entries.values())
