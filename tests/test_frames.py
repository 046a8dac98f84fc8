"""Polars in the calling thread: same results, same errors."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest

from loader.errors import LoaderError
from loader.frames import in_this_thread

FRAME = pl.DataFrame({"key": [3, 1, 2, 1], "value": [1.0, 2.0, 3.0, 4.0]})


@in_this_thread
def sums(frame: pl.DataFrame, *, least: int) -> tuple[int, pl.DataFrame]:
    kept = frame.filter(pl.col("key") >= least).group_by("key").agg(pl.col("value").sum()).sort("key")
    return threading.get_ident(), kept


def test_a_function_has_its_arguments_its_result_and_its_thread() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda least: (threading.get_ident(), *sums(FRAME, least=least)), [1, 2, 3] * 20))
    for least, (caller, worker, result) in zip([1, 2, 3] * 20, found, strict=True):
        assert worker == caller
        assert result.rows() == [row for row in [(1, 6.0), (2, 3.0), (3, 1.0)] if row[0] >= least]


def test_one_inside_another_is_done_too() -> None:
    @in_this_thread
    def outer() -> int:
        return sums(FRAME, least=2)[1].height

    assert outer() == 2


@pytest.mark.parametrize("error", [LoaderError("told"), ValueError("told"), KeyboardInterrupt("told")])
def test_an_error_comes_out_as_it_is(error: BaseException) -> None:
    """Interrupts too: a notebook's user stops a long cell with one."""

    @in_this_thread
    def failing() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        failing()
    assert caught.value is error


def test_an_error_of_polars_keeps_its_type() -> None:
    """The run tells values that the rules cannot take from bugs by it."""
    with pytest.raises(pl.exceptions.InvalidOperationError):
        in_this_thread(lambda: pl.DataFrame({"text": ["a"]}).select(pl.col("text").cast(pl.Int64)))()
