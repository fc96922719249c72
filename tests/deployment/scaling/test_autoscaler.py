"""The autoscaler does what Kubernetes' documentation says, and never more than policies allow."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.deployment.auto_scaling import Movement, RoleScaling, Step
from barque.deployment.scaling.autoscaler import Autoscaler, Reading, wish

FREE = Movement(window=0, policies=(Step(every=15, percent=10_000),))


def policy(up: Movement = FREE, down: Movement = FREE) -> RoleScaling:
    return RoleScaling(bounds={}, capacity=1, patience=1, ready_after=0, up=up, down=down)


@pytest.mark.parametrize(
    ("replicas", "value", "target", "wished"),
    [
        (3, 200, 100, 6),  # "the number of replicas will be doubled, since 200 / 100 = 2.0"
        (4, 50, 100, 2),  # "the number of replicas will be halved"
        (10, 109, 100, 10),  # within the tolerance of 0.1
        (10, 111, 100, 12),
        (10, 91, 100, 10),
        (10, 89, 100, 9),
        (1, 0, 100, 0),
        (0, 150, 100, 2),
        (0, 0, 100, 0),
    ],
)
def test_the_published_formula(replicas: int, value: float, target: float, wished: int) -> None:
    assert wish(replicas, [Reading(value, target)]) == wished


def test_the_metric_that_wants_most_decides() -> None:
    assert wish(4, [Reading(50, 100), Reading(150, 100)]) == 6


def test_a_missing_metric_stops_shrinking_and_not_growing() -> None:
    assert wish(4, [Reading(50, 100), Reading(None, 100)]) == 4
    assert wish(4, [Reading(150, 100), Reading(None, 100)]) == 6
    assert wish(4, [Reading(None, 100)]) == 4


def test_silent_replicas_count_as_idle_when_growing_and_as_busy_when_shrinking() -> None:
    assert wish(4, [Reading(200, 100, silent=2)]) == 4  # 2 x 200 over 4 is the target itself
    assert wish(6, [Reading(300, 100, silent=2)]) == 12  # 4 x 300 over 6
    assert wish(4, [Reading(25, 100, silent=2)]) == 3  # (2 x 25 + 2 x 100) over 4


def test_the_example_of_80_pods_shrinks_by_ten_percent_then_by_four() -> None:
    """ "during the first iteration 8 replicas will be reduced … 72 … rounded up to 8"."""
    down = Movement(window=0, policies=(Step(every=60, replicas=4), Step(every=60, percent=10)))
    scaler, replicas, went = Autoscaler(policy(down=down), 10, 100), 80, []

    for minute in range(12):
        replicas = scaler.decide(minute * 60.0, replicas, [Reading(0, 1)])
        went.append(replicas)

    assert went == [72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20, 16]


def test_shrinking_waits_until_the_window_has_seen_nothing_higher() -> None:
    scaler = Autoscaler(policy(down=Movement(window=300, policies=FREE.policies)), 1, 100)
    scaler.decide(0, 10, [Reading(1, 1)])

    early = scaler.decide(285, 10, [Reading(0.1, 1)])
    late = scaler.decide(600, 10, [Reading(0.1, 1)])

    assert (early, late) == (10, 1)


steps = st.builds(
    lambda every, count, by_share: Step(
        every=every, **({"percent": count * 10} if by_share else {"replicas": count})
    ),
    st.sampled_from([15, 30, 60, 300]),
    st.integers(1, 10),
    st.booleans(),
)
movements = st.builds(
    Movement,
    window=st.sampled_from([0, 60, 300]),
    policies=st.tuples(steps) | st.tuples(steps, steps),
)
loads = st.lists(st.none() | st.floats(0, 20), min_size=1, max_size=80)


@given(up=movements, down=movements, values=loads, least=st.integers(0, 5), room=st.integers(1, 40))
def test_it_never_leaves_its_bounds_nor_moves_faster_than_a_policy_allows(
    up: Movement, down: Movement, values: list[float | None], least: int, room: int
) -> None:
    scaler, replicas = Autoscaler(policy(up, down), least, least + room), least
    history = [replicas]

    for k, value in enumerate(values):
        replicas = scaler.decide(k * 15.0, replicas, [Reading(value, 1)])
        history.append(replicas)

    assert all(least <= one <= least + room for one in history)
    for before, after in pairwise(history):
        movement = up if after > before else down
        most = max(
            step.replicas or before * (step.percent or 0) / 100 + 1 for step in movement.policies
        )
        assert abs(after - before) <= most


@given(values=loads)
def test_it_never_shrinks_while_the_window_remembers_a_higher_wish(
    values: list[float | None],
) -> None:
    window = 300
    down = Movement(window=window, policies=FREE.policies)
    scaler, replicas, wished = Autoscaler(policy(down=down), 1, 50), 1, []

    for k, value in enumerate(values):
        now = k * 15
        wished.append((now, max(1, min(50, wish(replicas, [Reading(value, 1)])))))
        after = scaler.decide(now, replicas, [Reading(value, 1)])
        if after < replicas:
            assert after >= max(one for at, one in wished if at > now - window)
        replicas = after
