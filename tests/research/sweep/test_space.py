"""Points are named by numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.domain.errors import BadInput, UnknownName
from barque.research.sweep.space import Axis, Space, read_space

KNOWN = {"fast": 10, "slow": 30, "stop": 0.1}


def test_a_grid_has_every_combination_once():
    space = read_space(["fast=5:15:5", "slow=20,50"], KNOWN)

    points = [tuple(space.point(k).values()) for k in range(len(space))]

    assert points == [(5, 20), (5, 50), (10, 20), (10, 50), (15, 20), (15, 50)]


def test_steps_with_decimals_are_the_numbers_that_were_written():
    space = read_space(["stop=0.1:0.5:0.1"], KNOWN)

    assert space.axes[0].values == (0.1, 0.2, 0.3, 0.4, 0.5)


def test_whole_numbers_need_no_step():
    assert read_space(["fast=3:6"], KNOWN).axes[0].values == (3, 4, 5, 6)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_number_and_place_say_the_same(sizes):
    space = Space(tuple(Axis(f"p{k}", tuple(range(size))) for k, size in enumerate(sizes)))

    for number in range(len(space)):
        assert space.number_of(space.places(number)) == number
        assert list(space.point(number).values()) == list(space.places(number))
        assert number in space.around(number)


def test_neighbours_are_one_step_away_on_every_axis():
    space = read_space(["fast=1:4", "slow=1:4"], KNOWN)

    corner = [tuple(space.point(k).values()) for k in space.around(0)]
    middle = [tuple(space.point(k).values()) for k in space.around(space.number_of((1, 2)))]

    assert sorted(corner) == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert sorted(middle) == [(a, b) for a in (1, 2, 3) for b in (2, 3, 4)]


def test_drawn_points_are_the_same_for_the_same_seed_and_never_twice():
    one, again, other = (
        [tuple(space.point(k).values()) for k in range(len(space))]
        for space in (
            read_space(["fast=1:30", "slow=1:30"], KNOWN, 100, seed) for seed in (7, 7, 8)
        )
    )

    assert one == again != other
    assert len(set(one)) == 100


def test_a_range_without_steps_is_drawn_from():
    space = read_space(["stop=0.1:0.3", "fast=5,6"], KNOWN, 50, 1)

    points = [space.point(k) for k in range(50)]

    assert all(0.1 <= point["stop"] <= 0.3 for point in points)
    assert {point["fast"] for point in points} == {5, 6}
    assert len({point["stop"] for point in points}) == 50
    assert points[3] == space.point(3)


def test_more_draws_than_points_are_all_points():
    space = read_space(["fast=1:3"], KNOWN, 50, 1)

    assert sorted(space.point(k)["fast"] for k in range(len(space))) == [1, 2, 3]


@pytest.mark.parametrize(
    ("vary", "draws", "said"),
    [
        (["fast"], None, "NAME=FROM:TO:STEP"),
        (["fast="], None, "NAME=FROM:TO:STEP"),
        (["fast=1:2:3:4"], None, "FROM:TO"),
        (["fast=9:3"], None, "FROM below TO"),
        (["fast=1:9:0"], None, "more than 0"),
        (["fast=1:9:-1"], None, "more than 0"),
        (["fast=a,b"], None, "'a' is not a number"),
        (["fast=nan:3"], None, "'nan' is not a number"),
        (["fast=1e99,2"], None, "not a number that can be used"),
        (["fast=1.5,2"], None, "whole numbers"),
        (["fast=1,1"], None, "twice"),
        (["stop=0.1:0.2"], None, "needs a step"),
        (["stop=0.2:0.2"], 5, "give it by --set"),
        (["stop=0:1:0.0000001"], None, "at most 10,000"),
        (["fast=1:9000", "slow=1:9000"], None, "81,000,000 points"),
        (["fast=1:3", "fast=4:5"], None, "each once"),
        ([], None, "at least one parameter"),
        (["fast=1:3"], 0, "0 points"),
    ],
)
def test_what_cannot_be_varied_is_refused_in_words(vary, draws, said):
    with pytest.raises(BadInput, match=said):
        read_space(vary, KNOWN, draws)


def test_a_parameter_nobody_knows_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'fast'"):
        read_space(["fsat=1:3"], KNOWN)
