"""What a file holds as facts of its company: a predecessor's under the CIK of the present filer, and none after its time."""

from __future__ import annotations

from datetime import date
from typing import Final

import pyarrow as pa

from loader.pipeline.tasks import TaskFile

#: Why a fact is set aside that a predecessor filed when its successor had registered (rule 11).
AFTER_SUCCESSION: Final = "filed_by_a_predecessor_after_the_succession"


def company_facts(facts: pa.RecordBatch, file: TaskFile, cik: int) -> tuple[pa.RecordBatch, int]:
    """One file's facts as those of its company: under the company's CIK, and none that a predecessor filed after its time.

    Returns:
        The facts, and how many were set aside as `AFTER_SUCCESSION`.
    """
    own = facts if file.until is None else facts.filter(_filed_before(facts, file.until))
    if cik != file.cik:
        place = own.schema.get_field_index("cik")
        own = own.set_column(place, own.schema.field(place), pa.repeat(pa.scalar(cik, pa.int64()), own.num_rows))
    return own, facts.num_rows - own.num_rows


def _filed_before(facts: pa.RecordBatch, day: date) -> pa.BooleanArray:
    import pyarrow.compute as pc  # noqa: PLC0415  # few companies have a predecessor, and it takes time to import

    return pc.less(facts.column("filed"), pa.scalar(day, pa.date32()))
