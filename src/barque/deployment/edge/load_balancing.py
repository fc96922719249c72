"""How requests are spread over pages: the rules, stated once, and a balancer that follows them.

The rules are the Application Load Balancer's: a target is asked whether it is ready, is believed
after a few answers, warms up, finishes what it has when it is to go, and a share of the visitors
may go to a canary. `Targets` is what such a balancer knows, as a value; `weights` is what follows
from it. NGINX, which knows none of this by itself, is told the weights (balancer.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

FULL = 100
"""The weight of all warm targets of a group that gets every visitor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When a target is well, and how it comes and goes. Times are in seconds.

    `healthy` and `unhealthy` are how many answers in a row are believed. `idle` is how long a
    connection may be silent: longer than the 20 s between a socket's pings.
    """

    path: str = "/health/ready"
    status: int = 200
    interval: float = 10
    timeout: float = 5
    healthy: int = 2
    unhealthy: int = 3
    slow_start: float = 30
    drain: float = 60
    idle: int = 120
    algorithm: str = "round_robin"
    most_canary: int = 50
    longest_body: int = 65_536
    rate_in_five_minutes: int = 3_000


RULES = Rules()


class Phase(StrEnum):
    """How a target stands."""

    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    DRAINING = "draining"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One page behind the balancer.

    `since` is when its phase began, `streak` how often in a row it answered otherwise than its
    phase says. One that is `warm` needs no slow start: nobody else was there to serve.
    """

    canary: bool = False
    phase: Phase = Phase.INITIAL
    since: float = 0.0
    streak: int = 0
    warm: bool = False


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets by address, and how many of a hundred visitors go to the canary."""

    targets: Mapping[str, Target] = field(default_factory=dict)
    canary_weight: int = 0
    rules: Rules = RULES

    def joined(self, address: str, now: float, *, canary: bool = False) -> "Targets":
        """Return them with a new target, which gets nobody before it was well for a while."""
        return self._with(address, Target(canary=canary, since=now))

    def drained(self, address: str, now: float) -> "Targets":
        """Return them with a target that gets nobody anew and may finish what it has."""
        return self._with(
            address, replace(self.targets[address], phase=Phase.DRAINING, since=now, streak=0)
        )

    def gone(self, now: float) -> "Targets":
        """Return them without those that had their time to finish."""
        kept = {
            address: one
            for address, one in self.targets.items()
            if one.phase is not Phase.DRAINING or now - one.since < self.rules.drain
        }
        return replace(self, targets=kept)

    def seen(self, address: str, well: bool, now: float) -> "Targets":
        """Return them after a target answered that it is ready, or did not."""
        one = self.targets.get(address)
        if one is None or one.phase is Phase.DRAINING:
            return self
        if well is (one.phase is Phase.HEALTHY):
            return self._with(address, replace(one, streak=0))
        streak = one.streak + 1
        if streak < (self.rules.healthy if well else self.rules.unhealthy):
            return self._with(address, replace(one, streak=streak))
        phase = Phase.HEALTHY if well else Phase.UNHEALTHY
        warm = well and not self._somebody_serves(one.canary)
        return self._with(address, replace(one, phase=phase, since=now, streak=0, warm=warm))

    def weights(self, now: float) -> dict[str, int]:
        """Return how many turns each target gets; 0 for none.

        If nobody of all is well, everybody who is not leaving is asked: a doubtful answer is better
        than none, as the Application Load Balancer decides too.
        """
        well = {a: t for a, t in self.targets.items() if t.phase is Phase.HEALTHY}
        if not well:
            return {a: int(t.phase is not Phase.DRAINING) for a, t in self.targets.items()}
        shares = self._shares(well)
        return {
            address: self._turns(one, shares[one.canary], now) if address in well else 0
            for address, one in self.targets.items()
        }

    def _shares(self, well: Mapping[str, Target]) -> dict[bool, float]:
        """Return the weight of one warm target of each group."""
        members = {
            canary: [t for t in well.values() if t.canary is canary] for canary in (False, True)
        }
        group = {False: FULL - self.canary_weight, True: self.canary_weight}
        if not all(members.values()):
            group = {False: FULL, True: FULL}
        return {canary: group[canary] * FULL / max(len(members[canary]), 1) for canary in group}

    def _turns(self, one: Target, full: float, now: float) -> int:
        if full == 0:
            return 0
        cold = self.rules.slow_start > 0 and not one.warm
        part = min(1.0, (now - one.since) / self.rules.slow_start) if cold else 1.0
        return max(1, round(full * part))

    def _somebody_serves(self, canary: bool) -> bool:
        return any(
            one.phase is Phase.HEALTHY and one.canary is canary for one in self.targets.values()
        )

    def _with(self, address: str, one: Target) -> "Targets":
        return replace(self, targets={**self.targets, address: one})


def ingress_annotations(rules: Rules = RULES) -> dict[str, str]:
    """Return the rules as the load balancer's controller in Kubernetes reads them."""
    prefix = "alb.ingress.kubernetes.io"
    return {
        f"{prefix}/healthcheck-path": rules.path,
        f"{prefix}/healthcheck-interval-seconds": f"{rules.interval:g}",
        f"{prefix}/healthcheck-timeout-seconds": f"{rules.timeout:g}",
        f"{prefix}/healthy-threshold-count": str(rules.healthy),
        f"{prefix}/unhealthy-threshold-count": str(rules.unhealthy),
        f"{prefix}/success-codes": str(rules.status),
        f"{prefix}/target-group-attributes": (
            f"slow_start.duration_seconds={rules.slow_start:g},"
            f"deregistration_delay.timeout_seconds={rules.drain:g},"
            f"load_balancing.algorithm.type={rules.algorithm}"
        ),
        f"{prefix}/load-balancer-attributes": f"idle_timeout.timeout_seconds={rules.idle}",
    }
