"""The parts of the run by themselves: the memory budget, the tasks, the lock, the live state."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from loader.database import Mapping
from loader.errors import DatabaseError, RunLockedError
from loader.pipeline import Snapshot, WorkerView, is_locked, read_state
from loader.pipeline.live import state_path, write_state
from loader.pipeline.lock import run_lock
from loader.pipeline.memory import ByteBudget, MemoryPlan, reading_weight
from loader.pipeline.resident import MIB
from loader.pipeline.tasks import group_tasks
from loader.reference.successions import Succession, known_successions
from loader.sources import FileEntry


def mapping(cik: int, stock_id: int, symbol: str) -> Mapping:
    """A row of the mapping table."""
    return Mapping(str(cik), stock_id, symbol, symbol, f"/facts/CIK{cik:010d}.json")


def test_a_lease_waits_until_there_is_room_and_stop_ends_the_waiting() -> None:
    """No more bytes are out than there are; a stopping run does not wait."""
    budget, stop = ByteBudget(100), threading.Event()
    first = budget.lease(70, stop)
    assert first is not None
    got: list[object] = []
    waiting = threading.Thread(target=lambda: got.append(budget.lease(40, stop)))
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    first.settle(60)
    waiting.join(5)
    assert len(got) == 1
    stop.set()
    assert budget.lease(90, stop) is None


def test_a_large_file_is_not_overtaken_by_small_ones() -> None:
    """Leases are given in the order of asking."""
    budget, stop = ByteBudget(100), threading.Event()
    first = budget.lease(50, stop)
    assert first is not None
    order: list[str] = []

    def ask(name: str, size: int) -> threading.Thread:
        thread = threading.Thread(target=lambda: order.append(name) if budget.lease(size, stop) else None)
        thread.start()
        thread.join(0.05)
        return thread

    threads = [ask("large", 100), ask("small", 1)]
    assert order == []
    first.release()
    threads[0].join(5)
    assert order == ["large"]
    stop.set()
    threads[1].join(5)


def test_the_budget_knows_when_only_a_commit_can_help() -> None:
    """Readers that wait while none is at work: then what was collected must go to the writer, or all would wait for ever."""
    budget, stop = ByteBudget(100), threading.Event()
    lease = budget.lease(80, stop)
    assert lease is not None
    waiting = threading.Thread(target=budget.lease, args=(80, stop))
    waiting.start()
    waiting.join(0.05)
    assert not budget.stalled  # the first one is still being read
    lease.settle(80)
    assert budget.stalled
    lease.release()
    lease.release()
    waiting.join(5)
    assert not waiting.is_alive()


def test_a_paused_budget_still_lets_one_company_through() -> None:
    """A process that is over its limit goes on, one company at a time."""
    budget, stop = ByteBudget(100), threading.Event()
    budget.paused = True
    lease = budget.lease(10, stop)
    assert lease is not None
    waiting = threading.Thread(target=budget.lease, args=(10, stop))
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    lease.release()
    waiting.join(5)
    assert not waiting.is_alive()


def test_a_size_that_never_fits_is_refused() -> None:
    """Waiting for it would never end."""
    with pytest.raises(ValueError, match="never fit"):
        ByteBudget(100).lease(101, threading.Event())


def test_less_memory_means_fewer_readers_and_smaller_batches() -> None:
    """The shares grow with the limit and stay within it; with the default, ten readers are fed."""
    sizes = [4 * MIB] * 100
    plans = [MemoryPlan.of(limit, 124 * MIB, sizes) for limit in (256, 512, 1024, 2048)]
    for smaller, larger in pairwise(plans):
        assert smaller.readers < larger.readers
        assert smaller.batch < larger.batch
    assert plans[0].readers == 1
    assert plans[-1].readers >= 10
    for limit, plan in zip((512, 1024, 2048), plans[1:], strict=True):
        assert plan.reading + plan.facts <= (limit - 124) * MIB
        assert reading_weight(sizes[0]) <= plan.reading


def test_symbols_of_one_company_are_one_task() -> None:
    """GOOG and GOOGL share a file: it is read once."""
    (task,) = group_tasks([mapping(1652044, 1, "GOOG"), mapping(1652044, 2, "GOOGL")], {}, ())
    assert (task.symbols, set(task.stock_ids), len(task.files)) == (("GOOG", "GOOGL"), {1, 2}, 1)


def test_an_earlier_cik_belongs_to_the_same_task() -> None:
    """All files of a company are one task under its latest CIK, also when only one of two symbols has the earlier one."""
    rows = [mapping(1288776, 1, "GOOG"), mapping(1652044, 1, "GOOG"), mapping(1652044, 2, "GOOGL"), mapping(320193, 3, "AAPL")]
    states = {
        row.edgar_file_path: FileEntry(int(row.cik), row.edgar_file_path, size, fingerprint)
        for row, size, fingerprint in ((rows[0], 5, "a"), (rows[1], 7, "b"))
    }
    apple, alphabet = group_tasks(rows, states, known_successions())
    assert apple.symbols == ("AAPL",)
    assert (alphabet.cik, [file.cik for file in alphabet.files]) == (1652044, [1652044, 1288776])
    assert (alphabet.size, alphabet.fingerprint) == (12, "b a")
    assert (apple.size, apple.fingerprint) == (0, None)
    assert [file.until for file in alphabet.files] == [None, date(2015, 10, 2)]


def test_the_present_filer_names_the_company_whatever_its_number() -> None:
    """A successor registers later, but nothing orders CIKs in time."""
    followed = (Succession(900, 100, date(2020, 1, 1), "a test"),)
    (task,) = group_tasks([mapping(100, 1, "A"), mapping(900, 1, "A")], {}, followed)
    assert (task.cik, [file.cik for file in task.files]) == (100, [100, 900])


def test_well_known_companies_come_first_then_the_alphabet() -> None:
    """AAPL, MSFT, GOOGL, AMZN, NVDA, then by symbol, whatever the order of the rows."""
    symbols = ["ZTS", "NVDA", "A", "MSFT", "AMZN", "AAPL", "GOOGL"]
    rows = [mapping(number, number, symbol) for number, symbol in enumerate(symbols, 1)]
    for given in (rows, rows[::-1]):
        tasks = group_tasks(given, {}, ())
        assert [task.symbols[0] for task in tasks] == ["AAPL", "MSFT", "GOOGL", "AMZN", "NVDA", "A", "ZTS"]
        assert [task.priority for task in tasks] == [10] * 5 + [5] * 2


def test_a_second_loader_is_told_who_is_at_work(tmp_path: Path) -> None:
    """The message names the process and what to do; a link to the database leads to the same lock."""
    db = tmp_path / "x.db"
    db.touch()
    (tmp_path / "link.db").symlink_to(db)
    with run_lock(db):
        assert is_locked(db)
        with (
            pytest.raises(RunLockedError, match=rf"process {os.getpid()}, since .* `loader status`"),
            run_lock(tmp_path / "link.db"),
        ):
            pytest.fail("two loaders hold one database")
    assert not is_locked(db)


def test_the_lock_of_a_killed_loader_is_free(tmp_path: Path) -> None:
    """The operating system frees it; nobody has to remove a file."""
    code = "import os, signal, sys\nfrom pathlib import Path\nfrom loader.pipeline.lock import run_lock\n"
    code += f"with run_lock(Path({str(tmp_path / 'x.db')!r})): os.kill(os.getpid(), signal.SIGKILL)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with run_lock(tmp_path / "x.db"):
        assert is_locked(tmp_path / "x.db")


def test_a_database_below_a_regular_file_is_refused_in_one_line(tmp_path: Path) -> None:
    """No folder can be made there."""
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseError, match="cannot be written"), run_lock(tmp_path / "file" / "sub" / "x.db"):
        pytest.fail("locked below a file")


def test_the_live_state_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """It says whose it is and whether a loader is at work; without one, or with rubbish, there is none."""
    db = tmp_path / "x.db"
    assert read_state(db) is None
    workers = (WorkerView(1, 3, "AAPL"), WorkerView(2, 4, None))
    write_state(db, Snapshot(7, "loading", 10, 3, 1, 1, 2.5, 96.0, 1, workers))
    state = read_state(db)
    assert state is not None
    assert (state.pid, state.alive) == (os.getpid(), False)
    assert state.snapshot["rate_per_minute"] == 96.0
    assert state.snapshot["workers"] == [
        {"worker_id": 1, "processed": 3, "current": "AAPL"},
        {"worker_id": 2, "processed": 4, "current": None},
    ]
    with run_lock(db):
        again = read_state(db)
        assert again is not None
        assert again.alive
    state_path(db).write_text("{")
    assert read_state(db) is None


def test_a_state_file_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """It is advisory: the truth is in the database."""
    write_state(tmp_path / "missing" / "x.db", Snapshot(None, "preparing", 0, 0, 0, 0, 0.0, 0.0, 0, ()))
    assert not (tmp_path / "missing").exists()
