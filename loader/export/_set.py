"""What a set of facts is to have, and what it has, in plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Filer:
    """One file of the source, of which the set is to have the facts.

    Attributes:
        cik: the filer.
        company_cik: the present filer of the same company.
        symbols: of the company.
        size: of the file, in bytes, as it was planned: what the cutting into files goes by.
    """

    cik: int
    company_cik: int
    symbols: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A Parquet file of the set: its name in it, whose facts it has, and how many."""

    name: str
    first_cik: int
    last_cik: int
    companies: int
    facts: int
    bytes: int


@dataclass(frozen=True, slots=True)
class FailedFiler:
    """A company whose facts are not in the set, and why in one line."""

    symbols: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSet:
    """An exported set, as its manifest has it.

    Attributes:
        directory: where it is, as an absolute path.
        companies: filers whose facts are in it.
        facts_read: facts in their documents: always `facts` plus the sum of `set_aside`.
        facts: rows of the set.
        set_aside: reason -> facts that no column can hold (`loader.companyfacts.SET_ASIDE_REASONS`).
        failed: companies that are not in it.
        files: the Parquet files of the facts, in the order of CIKs.
        left_behind: what was found in the set before that is not of any set, and where it is now; None for nothing.
    """

    directory: str
    companies: int
    facts_read: int
    facts: int
    set_aside: Mapping[str, int]
    failed: Sequence[FailedFiler]
    files: Sequence[ExportedFile]
    left_behind: str | None = None

    @property
    def bytes(self) -> int:
        """Of all files of facts."""
        return sum(file.bytes for file in self.files)

    @property
    def notes(self) -> list[str]:
        """The set in a line for people, and what else they should know."""
        counts = f"{self.facts_read:,} read = {self.facts:,} in {self.directory} + {sum(self.set_aside.values()):,} set aside"
        size = f"{self.companies:,} filers, {len(self.files):,} files, {self.bytes / 2**20:,.1f} MiB"
        lines = [f"all facts: {counts}; {size}"]
        if self.left_behind is not None:
            lines.append(
                f"files that are not of an export came into {self.directory} meanwhile: they are in {self.left_behind} now"
            )
        return lines
