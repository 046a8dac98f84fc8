"""From one file's facts to the columns, the order and the row groups of an export."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.companyfacts import Flattened, flatten
from loader.errors import InputError
from loader.export import COMPANIES, FACTS, Filer, Staging, _merge
from loader.export._columns import ENCODED, ORDER, sorted_facts
from loader.export._merge import cut
from loader.pipeline.keeper import FactKeeper, ReadFile
from loader.pipeline.tasks import Task, TaskFile
from tests.documents import CIK, concept, document, fact, without


def _flattened(facts: Mapping[str, object] | None = None, cik: int = CIK) -> Flattened:
    return flatten(orjson.dumps(document(facts, cik=cik)), cik)


def _rows(table: pa.RecordBatch | pa.Table) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = table.to_pylist()
    return rows


def test_a_fact_has_the_database_names_and_the_text_of_its_accession() -> None:
    """Value for value what the document says."""
    (row,) = _rows(sorted_facts(_flattened().batch))
    assert row == {
        "cik": CIK,
        "taxonomy": "us-gaap",
        "concept": "Revenues",
        "unit": "USD",
        "start_date": date(2023, 10, 1),
        "end_date": date(2024, 9, 28),
        "value": 391035000000.0,
        "accession": "0000320193-24-000123",
        "fy": 2024,
        "fp": "FY",
        "form": "10-K",
        "filed": date(2024, 11, 1),
        "frame": "CY2024",
    }


@given(st.integers(0, 10**10 - 1), st.integers(0, 99), st.integers(0, 10**6 - 1))
def test_every_accession_comes_out_as_it_went_in(filer: int, year: int, number: int) -> None:
    """With all its zeros."""
    accession = f"{filer:010d}-{year:02d}-{number:06d}"
    batch = _flattened({"us-gaap": {"Revenues": concept({"USD": [fact(accn=accession)]})}}).batch
    assert _rows(sorted_facts(batch))[0]["accession"] == accession


def test_facts_are_in_order_and_equal_ones_keep_that_of_the_document() -> None:
    """By names, then by dates with an instant first; what differs in nothing of the order stays as it was filed."""
    facts = {
        "us-gaap": {
            "b": concept({"USD": [fact(val=1), fact(val=2), fact(val=3, start=without), fact(val=4, end="2024-06-29")]}),
            "B": concept({"shares": [fact(val=5)], "USD": [fact(val=6, filed="2025-01-01"), fact(val=7)]}),
        },
        "dei": {"c": concept({"USD": [fact(val=8, accn="0000320193-24-000124"), fact(val=9)]})},
    }
    rows = _rows(sorted_facts(_flattened(facts).batch))
    assert [row["value"] for row in rows] == [9, 8, 7, 6, 5, 4, 3, 1, 2]


def test_the_order_is_that_of_the_words_that_name_it() -> None:
    """Every column of the order is one of the export."""
    assert set(ORDER) <= set(FACTS.names)
    assert ENCODED.names == FACTS.names


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 60))
def test_cutting_keeps_the_order_and_the_limit(sizes: list[int], limit: int) -> None:
    """Every filer is in one group, and a group that is too large has one filer of some size in it."""
    filers = [Filer(cik, cik, (), size) for cik, size in enumerate(sizes)]
    groups = cut(reversed(filers), limit)
    assert [filer for group in groups for filer in group] == filers
    for group in groups:
        assert sum(filer.size for filer in group) <= limit or sum(filer.size > 0 for filer in group) == 1


def _published(folder: Path, documents: dict[int, dict[str, object]]) -> Path:
    staging = Staging(folder / "set").open(resume=False)
    for cik, facts in documents.items():
        staging.keep(cik, "state", _flattened(facts, cik))
    filers = [Filer(cik, cik, (f"S{cik}",), 1) for cik in documents]
    staging.publish(filers, dict.fromkeys(documents, "state"), [], source="here", threads=1, stopped=lambda: False)
    staging.close()
    return folder / "set"


def _many(rows: int) -> dict[str, object]:
    by_concept = {f"Concept{n:02d}": concept({"USD": [fact(val=i) for i in range(rows // 10)]}) for n in range(10)}
    return {"us-gaap": by_concept}


def test_row_groups_are_of_one_large_company_or_of_whole_small_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that least and greatest CIK, and for a large company the concept, tell which ones to read; none is too large."""
    monkeypatch.setattr(_merge, "ROW_GROUP", 100)
    folder = _published(tmp_path, {1: _many(40), 2: _many(50), 3: _many(250), 4: _many(20), 5: {}})
    metadata = pq.read_metadata(folder / "facts" / "part-00000.parquet")
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    assert [group.num_rows for group in groups] == [90, 84, 84, 82, 20]
    ciks = [(group.column(0).statistics.min, group.column(0).statistics.max) for group in groups]
    assert ciks == [(1, 2), (3, 3), (3, 3), (3, 3), (4, 4)]
    concepts = [(group.column(2).statistics.min, group.column(2).statistics.max) for group in groups[1:4]]
    assert concepts == [("Concept00", "Concept03"), ("Concept03", "Concept06"), ("Concept06", "Concept09")]
    companies = pq.read_table(folder / "companies.parquet")
    assert companies.schema.equals(COMPANIES)
    assert companies.column("facts").to_pylist() == [40, 50, 250, 20, 0]


def test_a_set_without_any_fact_can_be_read(tmp_path: Path) -> None:
    """A filer can have filed nothing with numbers in it."""
    folder = _published(tmp_path, {1: {}})
    table = pq.read_table(folder / "facts")
    assert (table.num_rows, table.schema.names) == (0, FACTS.names)


def test_without_any_part_there_is_no_set(tmp_path: Path) -> None:
    """It would take the place of one with content."""
    staging = Staging(tmp_path / "set").open(resume=False)
    with pytest.raises(InputError, match="no facts were exported"):
        staging.publish([Filer(1, 1, (), 1)], {}, [], source="here", threads=1, stopped=lambda: False)
    assert not (tmp_path / "set").exists()


def test_a_company_of_two_filers_has_the_facts_of_both_under_their_own_ciks(tmp_path: Path) -> None:
    """Those that the predecessor filed after its time, too: they are facts of its file."""
    old = TaskFile(1, "old", 10, "state", until=date(2024, 1, 1))
    company = Task(2, ("NEW",), frozenset({7}), (TaskFile(2, "new", 10, "state"), old), 5)
    failed = Task(3, ("BAD",), frozenset({8}), (TaskFile(3, "bad", 10, "state"),), 5)
    staging = Staging(tmp_path / "set").open(resume=False)
    keeper = FactKeeper(staging, [company, failed])
    assert keeper.is_empty
    keeper.keep([ReadFile(file, "state", _flattened(cik=file.cik)) for file in company.files])
    keeper.failed(failed, "it is broken")
    made = keeper.publish(source="here", threads=1, stopped=lambda: False)
    keeper.close()
    assert made is not None
    assert [(one.symbols, one.reason) for one in made.failed] == [(("BAD",), "it is broken")]
    assert pq.read_table(tmp_path / "set" / "facts").column("cik").to_pylist() == [1, 2]
    companies = pq.read_table(tmp_path / "set" / "companies.parquet").select(["cik", "company_cik", "symbols", "facts"])
    assert companies.to_pylist() == [
        {"cik": 1, "company_cik": 2, "symbols": "NEW", "facts": 1},
        {"cik": 2, "company_cik": 2, "symbols": "NEW", "facts": 1},
    ]


def test_a_part_is_found_only_for_the_state_that_it_was_made_of(tmp_path: Path) -> None:
    """A file that was written again has no part yet; nor has one whose part a power cut has emptied."""
    staging = Staging(tmp_path / "set").open(resume=False)
    staging.keep(CIK, "state", _flattened())
    assert staging.has_kept(CIK, "state")
    assert not staging.has_kept(CIK, "another state")
    assert not staging.has_kept(CIK + 1, "state")
    assert Staging(tmp_path / "set").open(resume=True).has_kept(CIK, "state")
    (part,) = (staging.lock / "parts").iterdir()
    part.write_bytes(b"\0" * part.stat().st_size)
    assert not staging.has_kept(CIK, "state")
    staging.keep(CIK, "state", _flattened())
    assert not Staging(tmp_path / "set").open(resume=False).has_kept(CIK, "state")
