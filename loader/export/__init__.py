"""All facts as Parquet: one set of files in one folder, written as a whole or not at all.

    DIR/facts/part-00000.parquet ...   the facts, in order over all files (`FACTS`)
    DIR/companies.parquet              a row for each filer whose facts are there (`COMPANIES`)
    DIR/manifest.json                  what is in the set, what was set aside, and who failed

A set is made in two steps beside its folder, in `.DIR.partial`: each file's facts become a part as they are read, in whatever
order; when the last has come, the parts are merged in the order of CIKs into files that are cut by the sizes of the source's
files alone. So the same source gives the same bytes, however the reading went, and an interrupted run can go on with the parts
it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loader._lazy import at_first_use
from loader.export._set import ExportedFile, FactSet, FailedFiler, Filer

if TYPE_CHECKING:
    from loader.export._columns import FACTS
    from loader.export._merge import COMPANIES
    from loader.export._staging import Staging
else:
    # What needs Parquet: most runs export nothing.
    __getattr__ = at_first_use(__name__, {"COMPANIES": "_merge", "FACTS": "_columns", "Staging": "_staging"})

__all__ = ["COMPANIES", "FACTS", "ExportedFile", "FactSet", "FailedFiler", "Filer", "Staging"]
