"""The engine's arrays as compiled code takes them."""

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from numba.core.errors import TypingError

from barque.kernels.compile import JIT
from barque.kernels.layout import ORDER_WIDTH
from barque.kernels.tables import account_of, orders_of

WITHOUT_CACHE = JIT | {"cache": False}
ROWS = 5


@njit(**WITHOUT_CACHE)
def written(orders: Any, account: Any, row: int, column: int, number: int) -> tuple[int, int]:
    orders, account = orders_of(orders), account_of(account)
    orders[row, column] += number
    account[column] = orders[row, column]
    orders[row][column] *= 2
    return orders.shape[0] * 1000 + orders.shape[1], account.shape[0]


@njit(**WITHOUT_CACHE)
def taken_twice(account: Any) -> int:
    return account_of(account_of(account))[0]


@given(
    row=st.integers(0, ROWS - 1),
    column=st.integers(0, ORDER_WIDTH - 1),
    number=st.integers(-(10**12), 10**12),
)
def test_a_number_written_to_a_table_stands_in_the_array(
    row: int, column: int, number: int
) -> None:
    orders = np.arange(ROWS * ORDER_WIDTH).reshape(ROWS, ORDER_WIDTH)
    account = np.zeros(ORDER_WIDTH, np.int64)
    expected = orders.copy()
    expected[row, column] = 2 * (expected[row, column] + number)

    shapes = written(orders, account, row, column, number)

    assert shapes == (ROWS * 1000 + ORDER_WIDTH, ORDER_WIDTH)
    np.testing.assert_array_equal(orders, expected)
    assert account.nonzero()[0].tolist() in ([], [column])
    assert 2 * account[column] == orders[row, column]


def test_a_table_is_a_table_of_itself() -> None:
    assert taken_twice(np.array([7])) == 7


def test_outside_of_compiled_code_an_array_stays_what_it_is() -> None:
    array = np.zeros(3, np.int64)

    assert account_of(array) is array


@pytest.mark.parametrize(
    "array", [np.zeros((8, 3), np.int64)[:, 0], np.zeros(3)], ids=["with gaps", "of floats"]
)
def test_what_is_not_numbers_side_by_side_is_no_table(array: Any) -> None:
    with pytest.raises(TypingError):
        taken_twice(array)


@pytest.mark.parametrize("index", [-1, 3])
def test_with_checks_on_the_process_stops_at_an_index_outside(index: int) -> None:
    script = f"""
import numpy as np
from numba import njit
from barque.kernels.compile import JIT
from barque.kernels.tables import account_of

@njit(**JIT | {{"cache": False}})
def number(account, index):
    return account_of(account)[index]

account = np.array([5, 6, 7])
assert number(account, 2) == 7
print("inside", flush=True)
number(account, {index})
print("outside", flush=True)
"""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"NUMBA_BOUNDSCHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stdout == "inside\n"
    assert ran.returncode < 0, "a signal stopped it"
