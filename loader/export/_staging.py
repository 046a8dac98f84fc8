"""The set while it is made, and the one step in which it takes the place of the set before."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

import orjson

from loader.companyfacts import Flattened
from loader.errors import InputError, UsageError
from loader.export import _merge
from loader.export._files import flush, replacing, told
from loader.export._merge import Source, cut, merge, write_companies
from loader.export._parts import find_part, write_part
from loader.export._set import ExportedFile, FactSet, FailedFiler, Filer

_FORMAT: Final = "loader facts"
_VERSION: Final = 1

_FACTS: Final = "facts"
_COMPANIES: Final = "companies.parquet"
_MANIFEST: Final = "manifest.json"

#: Names of ours, and no others, are ever taken away.
_OWN_FACTS: Final = re.compile(r"part-[0-9]{5}\.parquet(\.new)?", re.ASCII)
_OWN_TOP: Final = re.compile(r"(companies\.parquet|manifest\.json)(\.new)?", re.ASCII)
_OWN_PARTS: Final = re.compile(r"CIK[0-9]{10}-[0-9a-f]{16}\.arrow(\.new)?", re.ASCII)

_SOME: Final = 3


class Staging:
    """The folder beside a set in which the next one is made.

    It has not the place of a set, so no reader takes it for one. Only the holder of `Staging.lock` may use it.

    Args:
        directory: where the set is going to be.

    Raises:
        UsageError: it is not a place for a set.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = Path(os.path.realpath(directory))
        check_place(self.directory)
        self._folder = self.directory.with_name(f".{self.directory.name}.partial")
        self._before = self.directory.with_name(f".{self.directory.name}.before")
        self._parts = self._folder / "parts"
        self._set = self._folder / "set"

    @property
    def lock(self) -> Path:
        """What is locked while a set is made for this folder."""
        return self._folder

    def open(self, *, resume: bool) -> Self:
        """Make ready: a set that was just taking its place when the program died takes it now.

        Args:
            resume: keep the parts that are there.

        Raises:
            UsageError: the folder is not one for a set.
            OutputError: it, or the one that it is in, cannot be written.
        """
        check_place(self.directory)
        with told(self.directory):
            self._recover()
            if self._before.exists():
                raise UsageError(f"{self._before} has files that came into an earlier export: move them away")
            _remove_set(self._set)
            if not resume:
                _remove(self._parts, _OWN_PARTS)
            self._parts.mkdir(parents=True, exist_ok=True)
        return self

    def keep(self, cik: int, fingerprint: str, flattened: Flattened) -> None:
        """Keep the facts of one file in that state. Safe in many threads at once.

        Raises:
            OutputError: the disk does not take them.
        """
        write_part(self._parts, cik, fingerprint, flattened)

    def has_kept(self, cik: int, fingerprint: str) -> bool:
        """Whether an earlier process has kept the facts of a file in that state, and they can be read."""
        return find_part(self._parts, cik, fingerprint, verify=True) is not None

    def publish(
        self,
        filers: Iterable[Filer],
        fingerprints: Mapping[int, str],
        failed: Sequence[FailedFiler],
        *,
        source: str,
        threads: int,
        stopped: Callable[[], bool],
    ) -> FactSet | None:
        """Merge the parts into a set and let it take the place of the one before; None when it was stopped meanwhile.

        Args:
            filers: all that were asked for, the failed ones too: the cutting into files goes by all of them.
            fingerprints: CIK -> the state of the file whose part is taken; of the failed ones there is none.
            failed: companies that are not in the set.
            source: where the files were, in words.
            threads: files written at once.
            stopped: asked between companies whether to end early; nothing is published then.

        Raises:
            InputError: no part was kept, so there is nothing that could take the place of the set before.
            UsageError: meanwhile there is something else in its place.
            OutputError: the disk does not take it.
        """
        groups = [
            sources for group in cut(filers, _merge.GROUP_BYTES) if (sources := self._sources(group, fingerprints)) is not None
        ]
        if not groups:
            raise InputError(
                f"no facts were exported to {self.directory}: " + (failed[0].reason if failed else "no company was asked for")
            )
        with told(self._set):
            (self._set / _FACTS).mkdir(parents=True)
        names = [f"{_FACTS}/part-{number:05d}.parquet" for number in range(len(groups))]
        with ThreadPoolExecutor(threads, thread_name_prefix="merge") as pool:
            pending = [
                pool.submit(merge, self._parts, sources, self._set, name, stopped)
                for sources, name in zip(groups, names, strict=True)
            ]
            files = [file for future in pending if (file := future.result()) is not None]
        if stopped():
            return None
        write_companies(
            ((source, name) for sources, name in zip(groups, names, strict=True) for source in sources), self._set / _COMPANIES
        )
        made = self._described([source for sources in groups for source in sources], files, failed)
        self._write_manifest(made, source)
        return self._take_place(made)

    def close(self) -> None:
        """Take everything away that was kept; a set that was published stays."""
        with told(self._folder):
            _remove_set(self._set)
            _remove(self._parts, _OWN_PARTS)
            with suppress(OSError):  # something that is not ours lies in it
                self._folder.rmdir()

    def _sources(self, filers: Iterable[Filer], fingerprints: Mapping[int, str]) -> list[Source] | None:
        """The parts of a group; None where there are none, so that no file is made of it."""
        found = []
        for filer in filers:
            fingerprint = fingerprints.get(filer.cik)
            if fingerprint is None:
                continue
            part = find_part(self._parts, filer.cik, fingerprint, verify=False)
            if part is None:
                raise AssertionError(f"the part of CIK {filer.cik} was kept and is gone")
            found.append(Source(filer, fingerprint, part))
        return found or None

    def _described(self, sources: Sequence[Source], files: Sequence[ExportedFile], failed: Sequence[FailedFiler]) -> FactSet:
        set_aside: Counter[str] = Counter()
        for source in sources:
            set_aside.update(source.part.set_aside)
        made = FactSet(
            directory=str(self.directory),
            companies=len(sources),
            facts_read=sum(source.part.facts_read for source in sources),
            facts=sum(file.facts for file in files),
            set_aside=dict(sorted(set_aside.items())),
            failed=tuple(failed),
            files=tuple(files),
        )
        if made.facts_read != made.facts + sum(made.set_aside.values()):
            raise AssertionError(f"{made.facts_read} facts were read, {made.facts} written and {set_aside} set aside")
        return made

    def _write_manifest(self, made: FactSet, source: str) -> None:
        content = {
            "format": _FORMAT,
            "version": _VERSION,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "source": source,
            **{name: value for name, value in asdict(made).items() if name not in {"directory", "left_behind"}},
        }
        with replacing(self._set / _MANIFEST) as temporary:
            temporary.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
            flush(temporary)

    # -- taking the place -------------------------------------------------------------------------------------------------------

    def _take_place(self, made: FactSet) -> FactSet:
        flush(self._set / _FACTS)
        flush(self._set)
        check_place(self.directory)
        with told(self.directory):
            if self.directory.exists():
                self.directory.replace(self._before)
            try:
                self._set.replace(self.directory)
            except OSError:
                if self._before.exists():
                    self._before.replace(self.directory)
                raise
            flush(self.directory.parent)
            # What came into the folder in the last instant is not of the set: it stays where the old set is.
            left = None if _remove_set(self._before) else str(self._before)
        return replace(made, left_behind=left)

    def _recover(self) -> None:
        """After a death between the two renamings there is no set in the place: put the new one there, or else the old one."""
        if not self.directory.exists() and self._before.exists():
            (self._set if is_set(self._set) else self._before).replace(self.directory)
        _remove_set(self._before)


def check_place(directory: Path) -> None:
    """See that a set may take this place: nothing is there, an empty folder, or an earlier set.

    Raises:
        UsageError: something else is there.
        OutputError: it cannot be looked at.
    """
    with told(directory):
        if not directory.exists():
            return
        if not directory.is_dir():
            raise UsageError(f"{directory} is not a folder: give a new or an empty one for the facts")
        # The working folder would be another one for the shell that is in it.
        if os.path.ismount(directory) or directory == Path.cwd():
            kind = "a mount point" if os.path.ismount(directory) else "the working folder"
            raise UsageError(f"{directory} is {kind}, which cannot be replaced as a whole: give a folder in it for the facts")
        names = sorted(item.name for item in directory.iterdir())
        foreign = [name for name in names if name != _FACTS and not _OWN_TOP.fullmatch(name)]
        if (directory / _FACTS).is_dir():
            foreign += [f"{_FACTS}/{item.name}" for item in (directory / _FACTS).iterdir() if not _OWN_FACTS.fullmatch(item.name)]
    if foreign or (names and not is_set(directory)):
        listed = ", ".join((foreign or names)[:_SOME]) + (", …" if len(foreign or names) > _SOME else "")
        raise UsageError(
            f"{directory} has files that are not of an export ({listed}): give a new or an empty folder for the facts"
        )


def is_set(directory: Path) -> bool:
    """Whether a folder is a whole set."""
    try:
        content = orjson.loads((directory / _MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("format") == _FORMAT


def _remove_set(folder: Path) -> bool:
    """Take away a set, or what there is of one; whether nothing is left."""
    # The manifest first: what remains after a death in the middle is no set.
    _remove_names(folder, _OWN_TOP)
    _remove(folder / _FACTS, _OWN_FACTS)
    with suppress(OSError):
        folder.rmdir()
    return not folder.exists()


def _remove(folder: Path, own: re.Pattern[str]) -> None:
    _remove_names(folder, own)
    with suppress(OSError):  # not there, or something that is not ours is in it
        folder.rmdir()


def _remove_names(folder: Path, own: re.Pattern[str]) -> None:
    if folder.is_dir():
        for item in sorted(folder.iterdir(), reverse=True):
            if own.fullmatch(item.name):
                item.unlink(missing_ok=True)
