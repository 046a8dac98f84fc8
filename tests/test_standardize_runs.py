"""Keys that come in runs: numbers and orders are those that a look at every row gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from loader.standardize.runs import any_of_run, begins, in_order, numbered, ordered, repeated, run_numbers

_KEYS = st.lists(st.integers(0, 5), max_size=30).map(lambda keys: np.array(keys, np.int64))


@given(_KEYS)
def test_a_run_begins_where_the_key_changes(keys: np.ndarray) -> None:
    changes = [row for row in range(len(keys)) if row == 0 or keys[row] != keys[row - 1]]
    assert begins(keys).tolist() == changes
    assert repeated(keys[begins(keys)], begins(keys), len(keys)).tolist() == keys.tolist()
    assert keys[begins(keys)][run_numbers(keys)].tolist() == keys.tolist()


@given(_KEYS, st.integers(0, 30))
def test_what_holds_for_one_row_of_a_run_holds_for_any_of_it_and_for_no_other(keys: np.ndarray, row: int) -> None:
    runs = np.cumsum(np.diff(keys, prepend=-1) != 0)
    here = np.arange(len(keys)) == row
    assert any_of_run(here, run_numbers(keys)).tolist() == [row < len(keys) and run == runs[row] for run in runs]


@given(_KEYS)
def test_every_row_has_the_number_of_its_key_whether_the_keys_stand_together_or_not(keys: np.ndarray) -> None:
    row, number = numbered(keys)
    assert keys[row].tolist() == sorted(set(keys.tolist()))
    assert keys[row][number].tolist() == keys.tolist()


@given(st.one_of(_KEYS, st.lists(st.integers(-(2**62), 2**62 - 1), max_size=30).map(lambda keys: np.array(keys, np.int64))))
def test_rows_are_ordered_by_their_keys_whether_these_leave_room_for_the_row_or_not(keys: np.ndarray) -> None:
    order, sorted_keys = ordered(keys)
    assert order.tolist() == sorted(range(len(keys)), key=lambda row: keys[row])
    assert sorted_keys.tolist() == sorted(keys.tolist())


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_what_the_first_key_leaves_open_the_others_decide_and_then_the_place(rows: list[tuple[int, int, int]]) -> None:
    first, second, third = np.array(rows, np.int64).reshape(-1, 3).T
    order = in_order(first, lambda tied: [second[tied], third[tied]])
    assert order.tolist() == sorted(range(len(rows)), key=lambda row: rows[row])
