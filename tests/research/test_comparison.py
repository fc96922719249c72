"""Two backtests side by side: what was asked differently, and what came of it."""

import pytest

from barque.research.comparison import compare
from tests.research.results import result


@pytest.fixture(scope="module")
def pair():
    return result(120), result(120, seed=4)


def side_by_side(*results):
    found = [one.summary() | {"id": k + 1} for k, one in enumerate(results)]
    return compare(found, results)


def test_a_run_beside_itself_differs_in_nothing(pair) -> None:
    compared = side_by_side(pair[0], pair[0])

    assert compared.differences == {}
    assert compared.likeness[1].correlation == pytest.approx(1.0)
    assert compared.likeness[1].p_value is None, "nothing varies between them"
    assert all(one == two for one, two in compared.statistics.values())


def test_numbers_stand_in_the_order_of_the_runs(pair) -> None:
    compared = side_by_side(*pair)

    assert compared.statistics["sharpe"] == [one.statistics.sharpe for one in pair]
    assert compared.likeness[0] is None
    assert 0 <= compared.likeness[1].p_value <= 1


def test_what_was_asked_differently_is_named_down_to_the_parameter(pair) -> None:
    other = pair[0].summary() | {"id": 2, "parameters": {"quantity": 5.0}, "data_hash": "f"}

    compared = compare([pair[0].summary() | {"id": 1}, other], [None, None])

    assert compared.differences == {
        "parameters.quantity": [100.0, 5.0],
        "data_hash": ["0" * 64, "f"],
    }
    assert compared.likeness == [None, None]
