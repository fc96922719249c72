"""Simulations: no account is interrupted, nothing flaps, nothing is invented."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.deployment.auto_scaling import RoleScaling, read_scaling
from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.cloud_architecture import Role
from barque.deployment.scaling.simulator import Simulation, erlang_c, simulate, simulate_role
from barque.deployment.scaling.traces import TRACES, Trace
from barque.domain.errors import UnknownName

ROOT = Path(__file__).resolve().parents[3]
SCALING = read_scaling(ROOT)
LATER = 30  # replicas that the api may have once it need not stand beside the trader


def role(name: str) -> Role:
    return next(one for one in BARQUE.roles if one.name == name)


def played(trace: str, name: str = "api") -> Simulation:
    return simulate_role(ROOT, name, "prod", TRACES[trace], LATER)


@pytest.mark.parametrize("trace", TRACES)
@pytest.mark.parametrize("name", SCALING.roles)
def test_no_trace_interrupts_an_account(trace: str, name: str) -> None:
    assert played(trace, name).interrupted == 0


@pytest.mark.parametrize("trace", TRACES)
def test_the_api_turns_round_once_at_most_in_an_hour(trace: str) -> None:
    assert played(trace).flaps <= 1


def test_the_api_catches_up_with_a_step_and_stays() -> None:
    simulation = played("step")

    assert simulation.served[-1] == simulation.demand[-1]
    assert simulation.waiting[-1] < 0.05
    assert simulation.late_share < 0.05


def test_without_metrics_nothing_moves() -> None:
    simulation, blind = played("missing"), TRACES["missing"].blind

    assert not [one for one in simulation.changes if one.second in blind]
    assert [one for one in simulation.changes if one.second >= blind.stop]


def test_before_the_market_opens_the_schedule_has_made_room() -> None:
    simulation = played("open")
    opened = 1_200

    assert simulation.ready[opened] == 4
    assert simulation.ready[0] == 2


def test_a_trader_cut_off_without_handing_over_is_counted() -> None:
    """The measure can be red: so many replicas leave, with all their accounts."""
    careless = replace_policy(SCALING.roles["api"], drains=False)
    owner = replace(role("trader"), grace=5)

    simulation = simulate(owner, careless, TRACES["spike"], (1, 10))

    assert simulation.interrupted > 0


def replace_policy(policy: RoleScaling, **changes: object) -> RoleScaling:
    import msgspec

    return msgspec.structs.replace(policy, **changes)


demands = st.lists(st.tuples(st.integers(30, 600), st.floats(0, 20)), min_size=1, max_size=6).map(
    lambda parts: tuple(worth for seconds, worth in parts for _ in range(seconds))
)


@settings(max_examples=30)
@given(demand=demands)
def test_what_is_served_was_asked_for_and_is_within_what_is_ready(
    demand: tuple[float, ...],
) -> None:
    policy = SCALING.roles["api"]

    simulation = simulate(role("api"), policy, Trace("any", "", demand), (1, 12))
    again = simulate(role("api"), policy, Trace("any", "", demand), (1, 12))

    assert sum(simulation.served) <= sum(simulation.demand) * (1 + 1e-12)
    assert all(
        served <= ready * policy.capacity * (1 + 1e-12)
        for served, ready in zip(simulation.served, simulation.ready, strict=True)
    )
    assert all(1 <= one <= 12 for one in simulation.wished)
    assert simulation == again


def test_erlang_c_is_that_of_the_textbooks() -> None:
    """M/M/1 waits with the share of its load; two servers at 1 erlang with one third."""
    assert erlang_c(1, 0.7) == pytest.approx(0.7)
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert math.isclose(erlang_c(10, 8.0), 0.409, abs_tol=5e-4)


def test_an_unknown_role_is_told_with_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'trader'"):
        simulate_role(ROOT, "trade", "prod", TRACES["step"])
