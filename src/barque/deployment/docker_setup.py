"""The stack on one machine: built, started, watched, rolled and stopped with Compose.

Nothing is decided here that the design or the Compose files say already: which services there are
is read from Compose, and what `well` means is their health checks'.
"""

import json
import os
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.compose.engine import Engine, find_engine
from barque.deployment.compose.files import FOLDER, read_stack
from barque.deployment.compose.images import (
    ROLE_IMAGES,
    Progress,
    build_images,
    build_parts,
    local_base,
    local_parts,
    pull_parts,
)
from barque.deployment.compose.state import ContainerState, states_of
from barque.domain.errors import BadInput, CannotContinue, NotReady

WRITTEN_BY_A_PERSON = ("pager_key", "ticket_url", "watchdog_url")
"""Secrets that cannot be drawn: whom Alertmanager tells. While they are empty it tells nobody."""

LONGEST_START_SECONDS = 900.0
POLL_SECONDS = 1.0
SETTLE_SECONDS = 3.0
"""How long a balancer may take to find a page that has become healthy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack in a checkout: `project` names it to Compose, `port` is where its page is."""

    engine: Engine
    project: str = "barque"
    port: int = 8000
    highly_available: bool = False
    longest_start: float = LONGEST_START_SECONDS

    @property
    def files(self) -> list[Path]:
        names = ["compose.yaml", *(["compose.ha.yaml"] if self.highly_available else [])]
        return [self.engine.root / FOLDER / name for name in names]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def compose(self, *words: str) -> str:
        """Run a Compose command on this stack."""
        return self.engine.compose(self.files, "--project-name", self.project, *words)

    def states(self) -> list[ContainerState]:
        """Return how its containers are."""
        return states_of(self.engine.containers(self.project))

    def services(self) -> list[str]:
        """Return the services that Compose starts."""
        return self.compose("config", "--services").split()


def open_stack(
    root: Path, *, project: str = "barque", port: int = 8000, highly_available: bool = False,
    **environment: str,
) -> Stack:  # fmt: skip
    """Return the stack of a checkout, with an engine that answers."""
    variables = {
        "BARQUE_PUBLISHED_PORT": str(port),
        "DOCKER_BUILDKIT": "0",
        "BARQUE_SECRETS": os.environ.get("BARQUE_SECRETS", str(root / FOLDER / "secrets")),
    }
    variables |= {image.variable: image.tag for image in ROLE_IMAGES}
    engine = find_engine(root, **variables | environment)
    if engine.has_image(local_parts()["NGINX_IMAGE"]):
        chosen = {k: v for k, v in local_parts().items() if k not in os.environ}
        engine = replace(engine, environment=chosen | engine.environment)
    return Stack(engine=engine, project=project, port=port, highly_available=highly_available)


def bring_up(
    stack: Stack, progress: Progress, *, base: str | None = None, registry: bool = True
) -> Stack:
    """Build what is to be built, start everything, and return when all of it is well.

    Without a `registry` the base and the parts are made from Debian's packages.
    """
    engine = stack.engine
    if not registry:
        base = base or local_base(engine)
        parts = build_parts(engine, base, progress)
        engine = replace(engine, environment=engine.environment | parts)
        stack = replace(stack, engine=engine)
    build_images(engine, base, progress)
    pull_parts(engine, _foreign_images(stack), progress)
    write_secrets(Path(engine.environment["BARQUE_SECRETS"]))
    progress("Start the services", 0, 0)
    stack.compose("up", "--detach", "--remove-orphans")
    wait_until_well(stack, progress)
    return stack


def write_secrets(folder: Path) -> None:
    """Draw the secrets of this machine, unless they were drawn: files that no other user can find.

    The folder is closed; the files in it are not, since each is read by a user of its container.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    passwords = {name: secrets.token_hex(24) for name in ("database", "replication", "grafana")}
    texts = {f"{name}_password": word for name, word in passwords.items()}
    texts["cache_password"] = f"requirepass {secrets.token_hex(24)}"
    if not (folder / "database_password").exists():
        texts["pgbouncer_users"] = f'"barque" "{passwords["database"]}"\n'
    for name, text in (texts | dict.fromkeys(WRITTEN_BY_A_PERSON, "")).items():
        if not (folder / name).exists():
            (folder / name).write_text(text)
            (folder / name).chmod(0o444)


def wait_until_well(stack: Stack, progress: Progress, services: Iterable[str] = ()) -> None:
    """Return when every container, or every one of `services`, is well; say why if it cannot be."""
    wanted, deadline = set(services), time.monotonic() + stack.longest_start
    while True:
        states = [one for one in stack.states() if not wanted or one.service in wanted]
        missing = [one for one in states if not one.is_well]
        progress("Wait until all is well", len(states) - len(missing), len(states))
        if states and not missing:
            return
        lost = [one for one in missing if one.is_lost]
        if lost or time.monotonic() > deadline:
            raise CannotContinue("\n".join(_complaint(stack, one) for one in lost or missing))
        time.sleep(POLL_SECONDS)


def roll(stack: Stack, role: str, progress: Progress) -> None:
    """Replace every container of a role with a new one.

    A page is replaced beside the old one: it is asked only once it is ready, and the old one ends
    what it answers. A role that owns accounts can be there only once: the old one finishes its
    slice and lets go, then the new one takes over.
    """
    known = {one.name: one for one in BARQUE.roles}
    if role not in known or not (old := _running(stack, role)):
        raise BadInput(f"No {role!r} runs in the stack {stack.project}. `barque deploy status`.")
    if known[role].handed_over:
        progress(f"Replace the {role}", 0, 1)
        stack.compose("up", "--detach", "--no-deps", "--force-recreate", role)
        wait_until_well(stack, progress, [role])
        return
    progress(f"Start a new {role}", 0, len(old))
    scale = ["up", "--detach", "--no-deps", "--no-recreate", "--scale"]
    stack.compose(*scale, f"{role}={2 * len(old)}", role)
    wait_until_well(stack, progress, [role])
    time.sleep(SETTLE_SECONDS)
    for done, one in enumerate(old):
        progress(f"Drain the old {role}", done, len(old))
        stack.engine.docker("stop", "--time", str(known[role].grace), one.id)
        stack.engine.docker("rm", one.id)
    progress(f"Drain the old {role}", len(old), len(old))


def take_down(stack: Stack, *, forget: bool = False) -> None:
    """Stop and remove the containers; what they keep stays unless it is to be forgotten."""
    stack.compose("down", "--remove-orphans", *(["--volumes"] if forget else []))


def account_of(stack: Stack) -> dict[str, Any] | None:
    """Return how the paper account stands, asked through the balancer; None if nobody answers."""
    try:
        accounts = _ask(f"{stack.url}api/v1/accounts")
        if not accounts:
            return None
        name = accounts[-1]["name"]
        curve = _ask(f"{stack.url}api/v1/accounts/{name}/equity?points=10")
        feed = _ask(f"{stack.url}api/v1/feed")
    except (OSError, ValueError):
        return None
    equity = curve[-1]["equity"] if curve else None
    return {"name": name, "equity": equity, "phase": feed["phase"], "market_ts": feed["ts"]}


def _ask(url: str) -> Any:
    with urlopen(url, timeout=5) as answer:  # noqa: S310 # an address of our own
        return json.load(answer)


def _running(stack: Stack, service: str) -> list[ContainerState]:
    return [one for one in stack.states() if one.service == service and one.state == "running"]


def _foreign_images(stack: Stack) -> list[str]:
    """Return the images that others make, of the services that are started."""
    ours = {image.tag for image in ROLE_IMAGES} | set(local_parts().values())
    names = tuple(file.name for file in stack.files)
    variables = {**os.environ, **stack.engine.environment}
    read = read_stack(stack.engine.root, names, variables)
    return sorted({str(one["image"]) for one in read.started.values()} - ours)


def _complaint(stack: Stack, one: ContainerState) -> str:
    logs = stack.engine.docker("logs", "--tail", "5", one.id, check=False)
    words = (
        f"{one.name} is {one.state}, {one.health}. Its check said: {one.last_check or 'nothing'}"
    )
    return f"{words}\n{logs}".rstrip()


def is_possible(stack: Stack) -> None:
    """Raise NotReady when the stack was never started."""
    if not stack.states():
        raise NotReady(
            f"No stack {stack.project} is here. `barque deploy up --target compose` starts it."
        )
