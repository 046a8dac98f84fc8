"""The assembler: collects companies into batches and standardises them, as many at a time as there are threads for it.

The last step of a batch is done while the first ones of the next are, where there is memory for that: there is only ever one
batch in it.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Final

import polars as pl
from polars import selectors as cs

from loader.database.writer import TaskOutcome, WriteBatch
from loader.frames import in_this_thread
from loader.pipeline.memory import ByteBudget, Lease, standardizing_weight
from loader.pipeline.progress import Progress
from loader.pipeline.readers import TICK
from loader.pipeline.work import Collected
from loader.standardize import Draft, Rules, Statements, joined, standardize, statement_frame, statements_of, workings

_USED: Final = "used"

#: A call of the standardiser costs 40 ms however little there is to do, and a microsecond for each fact. So small companies are
#: standardised some batches at a time, until they have so many facts together, or there are so many batches of them. Each is
#: still a transaction of its own.
ENOUGH_FACTS: Final = 100_000
_MOST_BATCHES: Final = 10

#: What Polars raises for values that the rules cannot take.
_CANNOT_TAKE: Final = (pl.exceptions.ComputeError, pl.exceptions.InvalidOperationError)


@dataclass(frozen=True, slots=True)
class Assembled:
    """A batch for the writer, with the memory that it gives back when it is committed."""

    batch: WriteBatch
    leases: Sequence[Lease]


class Assembler:
    """Makes batches of what the readers hand over.

    What comes is standardised together as soon as it is a whole number of batches with facts enough, or weighs `weight` bytes, or
    nothing more is to come, or readers wait for memory that only a commit can free. Then it is cut into batches. Which companies
    share one depends on timing; what is loaded of each does not. When the run is to end early, what is not yet with the writer is
    dropped, and read again by the next run.

    Args:
        handover: from the readers.
        batches: to the writer.
        total: companies to expect.
        companies: the most companies in a batch.
        weight: bytes that standardising what stands together may take; the last company can exceed them.
        rules: for the standardiser.
        threads: how many batches are standardised at the same time, besides one in its last step.
        is_overlapping: whether the next batch may be begun before the last step of this one is done.
        budget: the memory for facts, of which the companies hold leases.
        progress: counters.
        stop: set when the run is to end early.
    """

    def __init__(
        self,
        handover: queue.Queue[Collected],
        batches: queue.Queue[Sequence[Assembled] | None],
        *,
        total: int,
        companies: int,
        weight: int,
        rules: Rules,
        threads: int,
        is_overlapping: bool,
        budget: ByteBudget,
        progress: Progress,
        stop: threading.Event,
    ) -> None:
        self._handover = handover
        self._batches = batches
        self._total = total
        self._companies = companies
        self._weight = weight
        self._rules = rules
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="standardizer")
        self._finisher = ThreadPoolExecutor(1, thread_name_prefix="finisher")
        self._finishing: Future[None] | None = None
        self._is_overlapping = is_overlapping
        self._turn = threading.Lock()
        self._budget = budget
        self._progress = progress
        self._stop = stop

    def run(self) -> None:
        """Work until every company has come, or the run is to stop."""
        with self._finisher, self._pool:
            self._collect()

    def _collect(self) -> None:
        pending: list[Collected] = []
        received = facts = 0
        # While some batches are made, the next one comes together.
        making: set[Future[None]] = set()
        while received < self._total and not self._stop.is_set():
            making = _still_going(making, timeout=0)
            if self._finishing is not None and self._finishing.done():
                self._finishing.result()  # what it has raised, while the readers may be waiting for its batch's memory
            try:
                one = self._handover.get(timeout=TICK)
            except queue.Empty:
                if not (pending and self._budget.stalled):
                    continue
            else:
                pending.append(one)
                received += 1
                facts += sum(batch.num_rows for batch in one.facts)
                if received < self._total and not self._is_enough(len(pending), facts):
                    continue
            while len(making) == self._threads:
                making = _still_going(making)
            making.add(self._pool.submit(self._make, pending))
            pending, facts = [], 0
        while making:
            making = _still_going(making)
        self._wait_for_finisher()
        self._pass_on(None)

    def _make(self, pending: Sequence[Collected]) -> None:
        # By the run's order, not by that of arrival: the same companies always make the same batches.
        ordered = sorted(pending, key=lambda one: one.ticket.order)
        with self._progress.stage("standardize"):
            draft = _drafted([one for one in ordered if one.facts], self._rules)
        with self._turn:
            self._wait_for_finisher()
            self._finishing = self._finisher.submit(self._finish, ordered, draft)
            if not self._is_overlapping:
                self._wait_for_finisher()

    def _wait_for_finisher(self) -> None:
        if self._finishing is not None:
            self._finishing.result()

    def _finish(self, ordered: Sequence[Collected], draft: Draft | None) -> None:
        if not self._stop.is_set():
            self._pass_on(self._assemble(ordered, draft))

    def _is_enough(self, companies: int, facts: int) -> bool:
        if standardizing_weight(facts) >= self._weight:
            return True
        batches, begun = divmod(companies, self._companies)
        return not begun and (facts >= ENOUGH_FACTS or batches >= _MOST_BATCHES)

    def _pass_on(self, assembled: Sequence[Assembled] | None) -> None:
        while not self._stop.is_set():
            try:
                self._batches.put(assembled, timeout=TICK)
            except queue.Full:
                continue
            self._progress.queued(self._batches.qsize())
            return

    def _assemble(self, ordered: Sequence[Collected], draft: Draft | None) -> Sequence[Assembled]:
        with self._progress.stage("standardize"):
            statements, reasons = _finished([one for one in ordered if one.facts], draft, self._rules)
        usage: dict[int, Counter[str]] = {}
        for cik, reason, facts in statements.usage.iter_rows() if statements else ():
            usage.setdefault(cik, Counter())[reason] += facts
        batches = []
        for first in range(0, len(ordered), self._companies):
            companies = ordered[first : first + self._companies]
            ciks = [one.ticket.task.cik for one in companies]
            outcomes = [
                _outcome(one, usage.get(cik, Counter()), reasons.get(cik)) for cik, one in zip(ciks, companies, strict=True)
            ]
            own = statements if statements is None or len(companies) == len(ordered) else statements.of(ciks)
            batches.append(Assembled(WriteBatch(own, outcomes), [one.lease for one in companies if one.lease]))
            self._progress.tell("batch_assembled")
        return batches


def _still_going(making: set[Future[None]], timeout: float | None = None) -> set[Future[None]]:
    """Wait until one of them has come to its end, raise what it has raised, and return the others."""
    done, going = wait(making, timeout, FIRST_COMPLETED)
    for one in done:
        one.result()
    return going


@in_this_thread
def _drafted(collected: Sequence[Collected], rules: Rules) -> Draft | None:
    """All steps but the last; None where there is nothing to do, or something that the rules cannot take."""
    if not collected:
        return None
    try:
        return workings(_frame(collected), rules).draft
    except _CANNOT_TAKE:
        return None


def _finished(collected: Sequence[Collected], draft: Draft | None, rules: Rules) -> tuple[Statements | None, dict[int, str]]:
    """As `_standardized`, of which all but the last step may have been done."""
    if draft is None:
        return _standardized(collected, rules)
    try:
        statements = statements_of(draft)
    except _CANNOT_TAKE:
        return _standardized(collected, rules)
    return _without_broken(statements, collected)


@in_this_thread
def _standardized(collected: Sequence[Collected], rules: Rules) -> tuple[Statements | None, dict[int, str]]:
    """The statements of all companies for which there are any, and the reasons of those for which there are none, by CIK."""
    if not collected:
        return None, {}
    try:
        statements = standardize(_frame(collected), rules)
    except _CANNOT_TAKE as error:
        # One company's file must not cost the others theirs: find it.
        if len(collected) == 1:
            return None, {collected[0].ticket.task.cik: f"its facts cannot be standardised: {str(error).splitlines()[0]}"}
        halves = (collected[: len(collected) // 2], collected[len(collected) // 2 :])
        found = [_standardized(half, rules) for half in halves]
        made = [statements for statements, _ in found if statements is not None]
        return joined(made) if made else None, {cik: reason for _, reasons in found for cik, reason in reasons.items()}
    return _without_broken(statements, collected)


def _frame(collected: Sequence[Collected]) -> pl.DataFrame:
    return statement_frame([batch for one in collected for batch in one.facts])


def _without_broken(statements: Statements, collected: Sequence[Collected]) -> tuple[Statements, dict[int, str]]:
    broken = _beyond_numbers(statements)
    if broken:
        statements = statements.of({one.ticket.task.cik for one in collected} - broken)
    return statements, dict.fromkeys(broken, "its values are too large to be added up: no statement could be made")


def _beyond_numbers(statements: Statements) -> set[int]:
    """Companies with an infinite or undefined value, which SQLite would keep as NULL or as a number that nobody filed."""
    # All values of the statements are among those of the cells.
    odd = statements.cells.select("cik", cs.float()).filter(pl.any_horizontal(~cs.float().is_finite()))
    return set(odd.get_column("cik").to_list())


def _outcome(one: Collected, usage: Counter[str], reason: str | None) -> TaskOutcome:
    task = one.ticket.task
    reason = one.reason or (reason and f"{task.files[0].path}: {reason}")
    common = TaskOutcome(
        cik=task.cik,
        file_ciks=tuple(file.cik for file in task.files),
        stock_ids=task.stock_ids,
        state="failed" if reason else "completed",
        reason=reason,
        attempts=one.ticket.attempts,
        file_path=task.paths,
        file_size=one.size or task.size,
        fingerprint=one.fingerprint or task.fingerprint,
        entity_name=one.entity_name,
    )
    if reason:
        return common
    used = usage.pop(_USED, 0)
    return replace(common, facts_read=one.facts_read, facts_used=used, set_aside=dict(Counter(one.set_aside) + usage))
