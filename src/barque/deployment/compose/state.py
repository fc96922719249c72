"""How the containers of a stack are: read from the engine, judged in one place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SERVICE = "com.docker.compose.service"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerState:
    """One container. `health` is `none` for one that has no check."""

    id: str
    service: str
    name: str
    state: str
    health: str
    image: str
    since: str
    restarts: int
    last_check: str = ""

    @property
    def is_well(self) -> bool:
        """Whether it runs, and is healthy if anybody asks."""
        return self.state == "running" and self.health in ("healthy", "none")

    @property
    def is_lost(self) -> bool:
        """Whether waiting will not help: it ended, or its check failed for good."""
        return self.state in ("exited", "dead") or self.health == "unhealthy"


def states_of(containers: Iterable[Mapping[str, Any]]) -> list[ContainerState]:
    """Return the states of containers as `docker inspect` tells them, by service and age."""
    states = [_state(one) for one in containers]
    return sorted(states, key=lambda one: (one.service, one.since))


def _state(container: Mapping[str, Any]) -> ContainerState:
    state = container["State"]
    health = state.get("Health") or {}
    checks = health.get("Log") or []
    return ContainerState(
        id=container["Id"],
        service=container["Config"]["Labels"][SERVICE],
        name=container["Name"].lstrip("/"),
        state=state["Status"],
        health=health.get("Status", "none"),
        image=container["Config"]["Image"],
        since=state["StartedAt"],
        restarts=container["RestartCount"],
        last_check=checks[-1]["Output"].strip() if checks else "",
    )
