"""The files that are loaded: built once for one set of arguments, kept, and taken again where they are whole.

Two corpora. The index: companies of real size, synthetic ones and, where the real files are there, copies of these under
CIKs of their own, in turns, so that every part of it has the same mix. The filers: what else is in the SEC's archive,
thousands of small files; their sizes are drawn from a log-normal distribution, and each is the document of about that size
from a ladder of synthetic and real ones, the smallest thinned to a few filings and concepts.
"""

from __future__ import annotations

import bisect
import csv
import hashlib
import io
import os
import random
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

import loader.demo
from loader.demo import build_corpus

#: Numbers of the copies and of the filers: far above the SEC's own, so that nobody takes them for the companies they are
#: made from.
_FIRST_COPY: Final = 9_500_001
_FIRST_FILER: Final = 9_600_001
#: Sizes of the filers, in bytes: the median, and the standard deviation of the logarithm. With it 18,500 of them take 2.7
#: GB: half are below 64 kB, one in a hundred above 1.3 MB. With the index that is a quarter of the SEC's archive.
MEDIAN_FILER: Final = 64_000
SIGMA_FILER: Final = 1.3
#: The ladder: sizes to ask for, and how many companies of each.
_RUNGS: Final = (20_000, 150_000, 300_000, 500_000, 700_000, 1_000_000, 1_500_000, 2_500_000, 4_000_000)
_COMPANIES_A_RUNG: Final = 20
#: Below the first rung a document has only its newest filings, so many of them, and of their concepts only one in so many.
_THINNED: Final = ((1, 1), (4, 1), (8, 1), (8, 2), (8, 4), (8, 8), (8, 16), (4, 40))
#: A filer is one of so many documents of about the drawn size, so that not all of a size are the same.
_NEIGHBOURS: Final = 5

_CIK: Final = re.compile(rb'("cik"\s*:\s*)("?)0*(\d+)"?')
_NAME: Final = re.compile(rb'("entityName"\s*:\s*)"(?:[^"\\]|\\.)*"')

#: Where corpora are kept unless told otherwise: beside the data, which no commit takes along.
DIRECTORY: Final = Path("data/bench")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Company:
    """One file of a corpus.

    Attributes:
        path: of the file.
        symbol: made up from the number.
        bytes: its size.
        real: whether it is a copy of a real file.
    """

    path: Path
    symbol: str
    bytes: int
    real: bool

    @property
    def cik(self) -> int:
        """As the file's name has it."""
        return int(self.path.stem[3:])


@dataclass(frozen=True, slots=True)
class Sample:
    """Some companies of a corpus as the loader wants them.

    Attributes:
        folder: their files, and no others.
        stocks: the CSV of the companies that are members of the index.
        tickers: the ticker file, with the same companies.
        companies: all of them.
    """

    folder: Path
    stocks: Path
    tickers: Path
    companies: tuple[Company, ...]

    @property
    def megabytes(self) -> float:
        """Size of the files, in units of 1,000,000 bytes."""
        return sum(company.bytes for company in self.companies) / 1e6


def real_files() -> tuple[Path, ...]:
    """The complete real files, where they are; they are never part of the repository."""
    data = Path(os.environ.get("LOADER_SHARED_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    return tuple(sorted((data / "companyfacts").glob("CIK*.json")))


def index(
    directory: Path, companies: int, *, megabytes: float = 4.0, real: Sequence[Path] = (), seed: int = 1, say: Say = print
) -> tuple[Company, ...]:
    """The corpus of real size.

    Args:
        directory: where corpora are kept.
        companies: how many.
        megabytes: about how large a synthetic file is; the real ones are 1 to 5.
        real: complete real files, of which every second company is a copy; none for synthetic ones alone.
        seed: another seed gives other figures in the synthetic files.
        say: told what is going on, when there is something to wait for.
    """
    arguments = {"companies": companies, "megabytes": megabytes, "real": _told(real), "seed": seed}

    def build(folder: Path) -> Iterator[tuple[str, bool]]:
        synthetic = companies - companies // 2 if real else companies
        with _synthetic(folder.parent, synthetic, int(megabytes * 1e6), seed) as built:
            for place in range(companies):
                if real and place % 2:
                    number = place // 2
                    cik = _FIRST_COPY + number
                    name, data = _file_name(cik), renumber(real[number % len(real)].read_bytes(), cik)
                    (folder / name).write_bytes(data)
                else:
                    name = built[place // 2 if real else place].name
                    shutil.move(built[place // 2 if real else place], folder / name)
                yield name, bool(real and place % 2)

    return _kept(directory, "index", arguments, build, say)


def filers(directory: Path, companies: int, *, real: Sequence[Path] = (), seed: int = 1, say: Say = print) -> tuple[Company, ...]:
    """The small files of the archive; arguments as for the index."""
    arguments = {"companies": companies, "real": _told(real), "seed": seed}

    def build(folder: Path) -> Iterator[tuple[str, bool]]:
        ladder = _ladder(folder.parent, real, seed)
        sizes = [len(data) for data, _ in ladder]
        source = random.Random(seed)  # noqa: S311  # sizes, no secrets
        for number in range(companies):
            size = source.lognormvariate(0, SIGMA_FILER) * MEDIAN_FILER
            first = max(0, min(bisect.bisect(sizes, size) - _NEIGHBOURS // 2, len(ladder) - _NEIGHBOURS))
            data, is_real = ladder[first + source.randrange(min(_NEIGHBOURS, len(ladder)))]
            cik = _FIRST_FILER + number
            (folder / _file_name(cik)).write_bytes(renumber(data, cik))
            yield _file_name(cik), is_real

    return _kept(directory, "filers", arguments, build, say)


def sample(directory: Path, companies: Iterable[Company], *, members: int | None = None) -> Sample:
    """Companies in a folder of their own; the files are hard links, so it must be on the corpus's disk.

    Args:
        directory: made; must not be there.
        companies: any of any corpora.
        members: how many of them, from the first, are members of the index; None for all.
    """
    taken = tuple(companies)
    made = Sample(directory / "companyfacts", directory / "stocks.csv", directory / "company_tickers_exchange.json", taken)
    made.folder.mkdir(parents=True)
    rows = []
    for company in taken:
        (made.folder / company.path.name).hardlink_to(company.path)
        rows.append([company.cik, f"Benchmark {company.cik}", company.symbol, "NYSE"])
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["symbol", "company_name", "is_sp500"])
    table.writerows([row[2], row[1], 1] for row in rows[:members])
    made.stocks.write_text(text.getvalue(), encoding="utf-8")
    made.tickers.write_bytes(orjson.dumps({"fields": ["cik", "name", "ticker", "exchange"], "data": rows[:members]}))
    return made


def archive(companies: Sequence[Company], path: Path, say: Say = print) -> Path:
    """The same files as a zip, as the SEC packs them, taken again where it is there: a corpus built anew has none yet."""
    if path.exists():
        return path
    say(f"packing {len(companies)} files into {path.name}")
    part = path.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
        for company in companies:
            packed.write(company.path, company.path.name)
    return part.replace(path)


def warm(companies: Iterable[Company]) -> None:
    """Read every file once, so that it is in the page cache."""
    for company in companies:
        company.path.read_bytes()


def renumber(data: bytes, cik: int) -> bytes:
    """A document under another CIK, spelled as it spells its own, and under a name that says so; accession numbers stay."""

    def other(found: re.Match[bytes]) -> bytes:
        return b'%b"%010d"' % (found[1], cik) if found[2] else b"%b%d" % (found[1], cik)

    # Only its head: the two come first, and a search through megabytes is not for nothing.
    head = _NAME.sub(rb'\g<1>"Benchmark %d"' % cik, _CIK.sub(other, data[:1000], count=1), count=1)
    return head + data[1000:]


def thinned(data: bytes, filings: int, one_in: int) -> bytes:
    """A document with the facts of its newest filings alone, and one in so many concepts: what a young or a small filer has."""
    document = orjson.loads(data)
    units = [rows for concepts in document["facts"].values() for each in concepts.values() for rows in each["units"].values()]
    kept = set(sorted({(row["filed"], row["accn"]) for rows in units for row in rows})[-filings:])
    facts: dict[str, dict[str, Any]] = {}
    for taxonomy, concepts in document["facts"].items():
        for name in list(concepts)[::one_in]:
            thin = {
                unit: [row for row in rows if (row["filed"], row["accn"]) in kept]
                for unit, rows in concepts[name]["units"].items()
            }
            if any(thin.values()):
                left = {unit: rows for unit, rows in thin.items() if rows}
                facts.setdefault(taxonomy, {})[name] = {**concepts[name], "units": left}
    return orjson.dumps({**document, "facts": facts})


def _ladder(scratch: Path, real: Sequence[Path], seed: int) -> list[tuple[bytes, bool]]:
    """Documents by size, and whether each is real."""
    documents = [(path.read_bytes(), True) for path in real]
    for size in _RUNGS:
        with _synthetic(scratch, _COMPANIES_A_RUNG, size, seed) as built:
            whole = [path.read_bytes() for path in built]
        documents += [(data, False) for data in whole]
        if size == _RUNGS[0]:
            documents += [(thinned(data, *how), False) for data in whole for how in _THINNED]
    return sorted(documents, key=lambda document: (len(document[0]), document[0]))


@contextmanager
def _synthetic(scratch: Path, companies: int, size: int, seed: int) -> Iterator[list[Path]]:
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        built = build_corpus(Path(folder), companies=companies, seed=seed, target_bytes=size)
        yield sorted(built.companyfacts.glob("CIK*.json"))


def _kept(
    directory: Path, kind: str, arguments: dict[str, Any], build: Callable[[Path], Iterable[tuple[str, bool]]], say: Say
) -> tuple[Company, ...]:
    """The corpus of these arguments, from disk where it is whole; the code that makes it counts as an argument."""
    made_by = [Path(__file__), *sorted(Path(loader.demo.__file__).parent.glob("*.py"))]
    digest = hashlib.sha256(orjson.dumps(arguments) + b"".join(path.read_bytes() for path in made_by)).hexdigest()
    home = directory / f"{kind}-{arguments['companies']}-{digest[:8]}"
    folder, listing = home / "companyfacts", home / "corpus.json"
    if not _is_whole(folder, listing):
        say(f"building {arguments['companies']} companies in {home}")
        shutil.rmtree(home, ignore_errors=True)
        folder.mkdir(parents=True)
        listed = [{"name": name, "real": real, "bytes": (folder / name).stat().st_size} for name, real in build(folder)]
        # Written last: where it is, everything is.
        listing.write_bytes(orjson.dumps({"arguments": arguments, "companies": listed}))
    return tuple(
        Company(folder / each["name"], f"B{int(each['name'][3:13])}", each["bytes"], each["real"])
        for each in orjson.loads(listing.read_bytes())["companies"]
    )


def _is_whole(folder: Path, listing: Path) -> bool:
    if not listing.exists():
        return False
    there = {path.name: path.stat().st_size for path in folder.iterdir()}
    return there == {each["name"]: each["bytes"] for each in orjson.loads(listing.read_bytes())["companies"]}


def _told(real: Sequence[Path]) -> list[tuple[str, int]]:
    return [(path.name, path.stat().st_size) for path in real]


def _file_name(cik: int) -> str:
    return f"CIK{cik:010d}.json"
