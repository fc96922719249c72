"""Visitors are led to who is well, slowly to who is new, and never to who leaves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.deployment.edge.load_balancing import RULES, Phase, Targets, ingress_annotations

NAMES = st.sampled_from(["a", "b", "c", "d"])
HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.just("join"), NAMES, st.booleans()),
        st.tuples(st.just("seen"), NAMES, st.booleans()),
        st.tuples(st.just("drain"), NAMES, st.just(False)),
    ),
    max_size=40,
)


def played(happenings: list[tuple[str, str, bool]], weight: int = 10) -> tuple[Targets, float]:
    """Targets after a history, ten seconds between what happens."""
    targets, now = Targets(canary_weight=weight), 0.0
    for what, name, flag in happenings:
        if what == "join" and name not in targets.targets:
            targets = targets.joined(name, now, canary=flag)
        elif what == "seen":
            targets = targets.seen(name, flag, now)
        elif what == "drain" and name in targets.targets:
            targets = targets.drained(name, now)
        now += RULES.interval
    return targets, now


def well(*names: str, now: float = 0.0, canary: tuple[str, ...] = (), weight: int = 0) -> Targets:
    """Targets that have served for long."""
    targets = Targets(canary_weight=weight)
    for name in (*names, *canary):
        targets = targets.joined(name, now, canary=name in canary)
        for _ in range(RULES.healthy):
            targets = targets.seen(name, True, now)
    return targets


@given(happenings=HAPPENINGS, later=st.floats(0, 100))
def test_nobody_is_led_to_who_leaves_or_is_ill_while_somebody_is_well(
    happenings: list, later: float
) -> None:
    targets, now = played(happenings)
    weights = targets.weights(now + later)

    phases = {name: one.phase for name, one in targets.targets.items()}
    assert weights.keys() == phases.keys()
    for name, phase in phases.items():
        if phase is Phase.DRAINING:
            assert weights[name] == 0
        if Phase.HEALTHY in phases.values() and phase is not Phase.HEALTHY:
            assert weights[name] == 0


@given(happenings=HAPPENINGS)
def test_whoever_is_there_and_does_not_leave_is_enough_to_serve(happenings: list) -> None:
    targets, now = played(happenings)

    staying = [one for one in targets.targets.values() if one.phase is not Phase.DRAINING]

    assert any(targets.weights(now).values()) is bool(staying)


@given(happenings=HAPPENINGS, name=NAMES)
def test_a_weight_never_falls_while_a_target_only_warms_up(happenings: list, name: str) -> None:
    targets, now = played(happenings)

    over_time = [targets.weights(now + step).get(name, 0) for step in range(0, 40, 5)]

    assert over_time == sorted(over_time)


def test_a_target_is_believed_after_two_good_answers_and_doubted_after_three_bad_ones() -> None:
    targets = well("old").joined("new", 0)

    once = targets.seen("new", True, 10)
    twice = once.seen("new", True, 20)
    broken = targets.seen("new", True, 10).seen("new", False, 20).seen("new", True, 30)
    doubted = twice.seen("new", False, 30).seen("new", False, 40)
    ill = doubted.seen("new", False, 50)

    phases = [t.targets["new"].phase for t in (once, twice, broken, doubted, ill)]
    assert phases == ["initial", "healthy", "initial", "healthy", "unhealthy"]


def test_a_new_target_warms_up_over_half_a_minute_beside_an_old_one() -> None:
    targets = well("old", "older").joined("new", 100)
    targets = targets.seen("new", True, 100).seen("new", True, 100)

    shares = []
    for second in (101, 115, 130, 200):
        weights = targets.weights(second)
        shares.append(round(weights["new"] / weights["old"], 2))

    assert shares == [0.03, 0.5, 1.0, 1.0]


def test_the_first_of_all_need_not_warm_up_for_nobody_else_serves() -> None:
    targets = Targets().joined("first", 0).seen("first", True, 0).seen("first", True, 0)

    assert targets.weights(0)["first"] == targets.weights(1_000)["first"]


def test_a_drained_target_is_kept_until_its_time_is_over() -> None:
    targets = well("one", "two").drained("one", 100)

    assert "one" in targets.gone(100 + RULES.drain - 1).targets
    assert "one" not in targets.gone(100 + RULES.drain).targets
    assert targets.seen("one", True, 110).targets["one"].phase is Phase.DRAINING


@pytest.mark.parametrize("weight", [0, 1, 10, 50])
def test_a_canary_gets_its_share_however_many_targets_there_are(weight: int) -> None:
    targets = well("a", "b", "c", canary=("x", "y"), weight=weight)
    weights = targets.weights(1_000)

    canaries = weights["x"] + weights["y"]

    assert canaries / sum(weights.values()) == pytest.approx(weight / 100, abs=0.001)


def test_without_a_well_canary_everybody_goes_to_the_stable_ones_and_the_reverse() -> None:
    ill = well("a", canary=("x",), weight=10)
    for _ in range(RULES.unhealthy):
        ill = ill.seen("x", False, 10)

    assert ill.weights(1_000) == {"a": 10_000, "x": 0}


def test_the_ingress_is_told_the_same_rules() -> None:
    longer = ingress_annotations(replace(RULES, slow_start=45, path="/elsewhere"))

    assert longer["alb.ingress.kubernetes.io/healthcheck-path"] == "/elsewhere"
    assert (
        "slow_start.duration_seconds=45,"
        in (longer["alb.ingress.kubernetes.io/target-group-attributes"])
    )
