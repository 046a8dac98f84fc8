"""Which companies a run may leave alone: those that would come out as they are in the database.

What a company's statements are made of is in four places, and all are compared: its files (by their fingerprints), the program
and its rules, what the run asks for, and the mapping of the company to its stocks (by `Task.basis`). That they are still there
as they were written is for the database to say (`Held`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from loader._program import PROGRAM
from loader.database import EarlierLoad, Held
from loader.pipeline.tasks import Task
from loader.standardize import Rules

#: The coarsest clock of a file system (FAT) tells every second second. A file that was written shorter than this before it was
#: read could have been written once more, with the same size, in the same tick of that clock: no fingerprint would tell.
SETTLED_AFTER: Final = timedelta(seconds=2)


def recipe(rules: Rules, rules_version: int) -> str:
    """What makes statements of facts, the same for all companies of a run: the program, its rules, and what of the facts counts.

    The program is in it beside the version of its rules: a table of concepts that somebody has edited counts as well.
    """
    return f"program {PROGRAM}, rules {rules_version}, {rules.vintage}, as of {rules.as_of}"


def unchanged(tasks: Iterable[Task], recipe: str, held: Held) -> dict[int, int]:
    """The companies that would come out as they are in the database, by CIK, with the run that loaded each.

    Args:
        tasks: all companies of the run.
        recipe: of the run.
        held: what the database holds.
    """
    same = {}
    for task in tasks:
        load = held.loads.get(task.cik)
        if (
            load is not None
            and load.fingerprint == task.fingerprint
            and load.basis == task.basis(recipe)
            and _is_settled(task, load)
            and all(held.owners.get(stock) == task.cik for stock in task.stock_ids)
        ):
            same[task.cik] = load.run_id
    return same


def _is_settled(task: Task, load: EarlierLoad) -> bool:
    """Whether all files had been left alone for long enough when they were read."""
    begun = (load.run_started - SETTLED_AFTER).timestamp() * 1e9
    return all(file.modified is None or file.modified <= begun for file in task.files)
