"""Plays a role's scaling policy against demand: replicas, waiting, cost, flapping, hand-overs.

A second at a time, without chance: the same policy and trace give the same answer. Waiting is that
of a queue with many servers (Erlang C; Kleinrock 1975, Queueing Systems 1, section 3.5) as long as
they keep up, and that of a fluid once they do not: backlog / (replicas x capacity).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from barque.deployment.auto_scaling import Metric, RoleScaling, read_scaling
from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.cloud_architecture import Role
from barque.deployment.scaling.autoscaler import SYNC_SECONDS, Autoscaler, Reading
from barque.deployment.scaling.traces import Trace
from barque.domain.errors import UnknownName

NODE_SECONDS = 75
REPLICAS_A_NODE = 3
NODE_KEPT_SECONDS = 600
DOLLARS_A_CORE_HOUR = 0.055
ACCOUNTS_A_REPLICA = 200
HANDOVERS_A_SECOND = 20
SOCKETS_A_REPLICA = 667
STEADY_MEMORY = 0.6
BEFORE_AND_AFTER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Change:
    """One move of the autoscaler: served events a second in the minute before and after it."""

    second: int
    before: int
    after: int
    served_before: float
    served_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What a policy did with a trace, by the second and in sum.

    `demand` and `served` are events a second, `waiting` the 99th percentile in seconds, `dollars`
    the price of replicas at DOLLARS_A_CORE_HOUR (a memory's share is in it).
    """

    role: str
    trace: str
    words: str
    demand: list[float]
    served: list[float]
    wished: list[int]
    ready: list[int]
    waiting: list[float]
    changes: list[Change]
    dollars: float
    interrupted: int
    patience: float

    @property
    def most(self) -> int:
        return max(self.wished)

    @property
    def worst_waiting(self) -> float:
        return max(self.waiting)

    @property
    def usual_waiting(self) -> float:
        """Return the median over all seconds of the 99th percentile."""
        return sorted(self.waiting)[len(self.waiting) // 2]

    @property
    def late_share(self) -> float:
        """Return the share of seconds in which the 99th percentile was above the patience."""
        return sum(one > self.patience for one in self.waiting) / len(self.waiting)

    @property
    def flaps(self) -> int:
        """Return how often it turned round: grew after it shrank, or the reverse."""
        ways = [change.after > change.before for change in self.changes]
        return sum(a != b for a, b in pairwise(ways))


@dataclass(slots=True)
class _Fleet:
    """The replicas there are: when each can serve, and which nodes carry them."""

    ready_after: int
    ready_at: list[int] = field(default_factory=list)
    nodes: list[tuple[int, int]] = field(default_factory=list)

    def resize(self, now: int, replicas: int) -> None:
        del self.ready_at[replicas:]
        nodes = self._nodes(now)
        while len(self.ready_at) < replicas:
            waits = NODE_SECONDS if len(self.ready_at) >= nodes * REPLICAS_A_NODE else 0
            self.ready_at.append(now + waits + self.ready_after)
        self.nodes.append((now, math.ceil(replicas / REPLICAS_A_NODE)))

    def ready(self, now: int) -> int:
        return sum(at <= now for at in self.ready_at)

    def _nodes(self, now: int) -> int:
        """Return the nodes that stand: an empty one is kept for a while."""
        last = self.nodes[-1][1] if self.nodes else 1
        return max([count for at, count in self.nodes if at > now - NODE_KEPT_SECONDS] + [last])


def simulate_role(
    root: Path, name: str, environment: str, trace: Trace, most: int | None = None
) -> Simulation:
    """Play the checkout's policy of a role in an environment, with another `most` if given."""
    scaling = read_scaling(root)
    if name not in scaling.roles:
        raise UnknownName("role", name, scaling.roles, "barque deploy plan")
    policy = scaling.roles[name]
    if environment not in policy.bounds:
        raise UnknownName("environment", environment, policy.bounds, "barque deploy plan")
    role = next(one for one in BARQUE.roles if one.name == name)
    least, usual = policy.bounds[environment]
    bounds = least, max(least, usual if most is None else most)
    return simulate(role, policy, trace, bounds, trace.scheduled)


@dataclass(frozen=True, slots=True)
class _Moment:
    """The load as metrics see it. `busy` is the share of the ready replicas' time that is used."""

    worth: float
    busy: float
    backlog: float
    replicas: int
    ready: int
    blind: bool


def simulate(
    role: Role,
    policy: RoleScaling,
    trace: Trace,
    bounds: tuple[int, int],
    scheduled: range = range(0),
) -> Simulation:
    """Play `policy` within `bounds` against a trace; in `scheduled` seconds its schedules hold."""
    least, most = bounds
    scaler, fleet = Autoscaler(policy, least, most), _Fleet(policy.ready_after)
    fleet.ready_at = [0] * least
    wanted, backlog, interrupted = len(fleet.ready_at), 0.0, 0
    demand, served, wished, ready, waiting, moves = [], [], [], [], [], []
    for now, worth in enumerate(trace.demand):
        arriving, serving = worth * policy.capacity, fleet.ready(now)
        room = serving * policy.capacity
        done = min(arriving + backlog, room)
        backlog += arriving - done
        if now % SYNC_SECONDS == 0:
            scaler.least = _least(policy, bounds, now in scheduled)
            blind = now in trace.blind
            moment = _Moment(worth, done / room if room else 0.0, backlog, wanted, serving, blind)
            readings = [_reading(one, policy, moment) for one in policy.metrics]
            decided = scaler.decide(now, wanted, readings)
            if decided != wanted:
                moves.append((now, wanted, decided))
                interrupted += _interrupted(role, policy, wanted - decided)
                fleet.resize(now, decided)
                wanted = decided
        demand.append(arriving)
        served.append(done)
        wished.append(wanted)
        ready.append(serving)
        waiting.append(_waiting(now, arriving, backlog, serving, policy.capacity))
    return Simulation(
        role=role.name,
        trace=trace.name,
        words=trace.words,
        demand=demand,
        served=served,
        wished=wished,
        ready=ready,
        waiting=waiting,
        changes=[_change(served, move) for move in moves],
        dollars=sum(wished) / 3_600 * role.cpu * DOLLARS_A_CORE_HOUR,
        interrupted=interrupted,
        patience=policy.patience,
    )


def _least(policy: RoleScaling, bounds: tuple[int, int], scheduled: bool) -> int:
    least, most = bounds
    if not scheduled:
        return least
    return min(most, max([least, *(schedule.least for schedule in policy.schedules)]))


def _reading(metric: Metric, policy: RoleScaling, now: _Moment) -> Reading:
    """Return what a metric says now, the way its kind follows from the load."""
    target = metric.target
    if now.blind:
        return Reading(None, target)
    match metric.name:
        case "cpu":
            return Reading(now.busy, target, silent=now.replicas - now.ready)
        case "memory":
            return Reading(STEADY_MEMORY, target)
        case "sockets":
            return Reading(now.worth * SOCKETS_A_REPLICA / max(now.replicas, 1), target)
        case "jobs":
            jobs = now.backlog + now.busy * now.ready
            return Reading(jobs / max(now.replicas, 1), target)
        case _:  # an age or a lag: how long what arrives now will wait
            age = now.backlog / policy.capacity / max(now.ready, 1)
            return Reading(age, target, counted=now.ready)


def _interrupted(role: Role, policy: RoleScaling, leaving: int) -> int:
    """Return how many accounts are cut off: those not handed over when the grace has passed."""
    if leaving <= 0 or not role.handed_over:
        return 0
    handed_over = role.grace * HANDOVERS_A_SECOND if policy.drains else 0
    return leaving * max(0, ACCOUNTS_A_REPLICA - handed_over)


def _waiting(now: int, arriving: float, backlog: float, replicas: int, capacity: float) -> float:
    """Return the 99th percentile of the time in the system, in seconds.

    Close to saturation the formula speaks of a queue that has stood for ever: nobody has waited
    longer than since the beginning.
    """
    if not replicas:
        return backlog / capacity
    room, load = replicas * capacity, arriving / capacity
    queued = backlog / room + math.log(100) / capacity
    if load >= replicas or not load:
        return queued
    delayed = erlang_c(replicas, load)
    steady = math.log(max(delayed * 100, 1.0)) / (room - arriving)
    return queued + min(steady, now + 1.0)


def erlang_c(servers: int, load: float) -> float:
    """Return the share of arrivals that wait (Erlang 1917); `load` in erlang, below `servers`."""
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def _change(served: Sequence[float], move: tuple[int, int, int]) -> Change:
    second, before, after = move
    earlier = served[max(0, second - BEFORE_AND_AFTER_SECONDS) : second]
    settled = second + BEFORE_AND_AFTER_SECONDS
    later = served[settled : settled + BEFORE_AND_AFTER_SECONDS]
    return Change(second, before, after, _mean(earlier), _mean(later))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
