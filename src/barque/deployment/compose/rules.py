"""What the Compose files must keep: the design's parts and edges, and what hardens a container."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Finding
from barque.deployment.cloud_architecture import Architecture, Status, Tier
from barque.deployment.compose.files import (
    FOLDER,
    HIGHLY_AVAILABLE,
    LAPTOP,
    Content,
    Stack,
    bound_paths,
    read_stack,
)

CARRIED = (Tier.PUBLIC, Tier.PRIVATE, Tier.DATABASE)
AT_AWS_ALONE = {"endpoints", "keda"}
IN_TWO_ALONE = {"replica"}
"""Parts that the laptop leaves out."""

WITHIN_THE_DATABASE = {frozenset(("database", "replica"))}
"""What RDS does by itself and PostgreSQL does over a network: a replica streams."""

LOOPBACK = "127.0.0.1:"
OBSERVED = "observed"
SECRET_WORDS = re.compile(r"PASSWORD|SECRET|TOKEN|CREDENTIAL|PRIVATE_KEY|AUTH(?!_)", re.IGNORECASE)
UNITS = {"k": 2**10, "m": 2**20, "g": 2**30}
MEBIBYTE = 2**20


def findings(root: Path, architecture: Architecture = BARQUE) -> Sequence[Finding]:
    """Return what is wrong with the Compose files of a checkout."""
    found = []
    for files in (LAPTOP, HIGHLY_AVAILABLE):
        stack = read_stack(root, files)
        where = str(FOLDER / files[-1])
        for rule in RULES:
            found += [Finding(where, words) for words in rule(stack, architecture)]
        found += [Finding(where, words) for words in _missing_files(stack, root)]
    return list(dict.fromkeys(found))


def _parts(stack: Stack, architecture: Architecture) -> Iterator[str]:
    expected = {
        part.name
        for part in architecture.parts
        if part.tier in CARRIED and part.status is Status.BUILT and part.name not in AT_AWS_ALONE
    } - (IN_TWO_ALONE if stack.files == LAPTOP else set())
    for name in sorted(expected - stack.started.keys()):
        yield f"The part {name} of the design has no service."
    for name in sorted(stack.started.keys() - expected):
        yield f"The service {name} is no built part of the design."


def _edges(stack: Stack, architecture: Architecture) -> Iterator[str]:
    here = stack.started.keys()
    open_edges = {
        frozenset((edge.source, edge.target))
        for edge in architecture.open_edges()
        if {edge.source, edge.target} <= here
    } | {pair for pair in WITHIN_THE_DATABASE if pair <= here}
    for pair in sorted(map(sorted, open_edges - stack.pairs())):
        yield f"{' and '.join(pair)} share no network, and the design has an edge between them."
    for pair in sorted(map(sorted, stack.pairs() - open_edges)):
        yield f"{' and '.join(pair)} share a network, and the design has no edge between them."


def _networks(stack: Stack, architecture: Architecture) -> Iterator[str]:
    networks = stack.content.get("networks", {})
    used = {name for service in stack.services for name in stack.networks_of(service)}
    for name in sorted(used - networks.keys()):
        yield f"The network {name} is used and not described."
    for name in sorted(networks.keys() - used):
        yield f"The network {name} is described and not used."
    for name, described in networks.items():
        here = [service for service in stack.started if name in stack.networks_of(service)]
        if not (described or {}).get("internal") and len(here) > 1:
            yield f"The network {name} leads out of Docker for {' and '.join(here)}: internal: true"


def _ports(stack: Stack, service: str) -> list[str]:
    return [str(port) for port in stack.services[service].get("ports", [])]


def published(stack: Stack, architecture: Architecture) -> Iterator[str]:
    """Yield ports that are published to more than the machine itself."""
    for name in stack.services:
        for port in _ports(stack, name):
            if not port.startswith(LOOPBACK):
                yield f"{name} publishes {port} to every network; begin it with {LOOPBACK}"


def _roles(stack: Stack, architecture: Architecture) -> Iterator[str]:
    for role in architecture.roles:
        one = stack.started.get(role.name)
        if one is None or role.status is not Status.BUILT:
            continue
        if one.get("command") != ["run", role.name]:
            yield f"{role.name} runs {one.get('command')}, not `run {role.name}`."
        if str(one.get("environment", {}).get("BARQUE_PORT")) != str(role.port):
            yield f"{role.name} must listen on {role.port}: set BARQUE_PORT."
        if _seconds(one.get("stop_grace_period", "10s")) < role.grace:
            yield f"{role.name} may take {role.grace} s to stop: raise stop_grace_period."
        if _bytes(one.get("mem_limit", "0m")) < role.memory * MEBIBYTE:
            yield f"{role.name} asks for {role.memory} MiB: raise mem_limit."


def hardened(stack: Stack, architecture: Architecture) -> Iterator[str]:
    """Yield what a container may do and should not."""
    for name, one in stack.services.items():
        yield from (f"{name}: {words}" for words in _soft(one))


def _soft(one: Content) -> Iterator[str]:
    if one.get("read_only") is not True:
        yield "its root can be written; set read_only: true."
    if one.get("cap_drop") != ["ALL"] or one.get("cap_add"):
        yield "it keeps capabilities; set cap_drop: [ALL] and no cap_add."
    if "no-new-privileges:true" not in one.get("security_opt", []):
        yield "it may gain privileges; set security_opt: [no-new-privileges:true]."
    if one.get("privileged") or "host" in (one.get(key) for key in ("pid", "ipc", "network_mode")):
        yield "it shares the host; take privileged, pid, ipc and network_mode: host away."
    if "docker.sock" in str(one.get("volumes")):
        yield "it may command the engine; take the socket away."
    if not one.get("mem_limit") or not one.get("pids_limit"):
        yield "it may take all memory or processes; set mem_limit and pids_limit."
    if not one.get("logging", {}).get("options", {}).keys() >= {"max-size", "max-file"}:
        yield "its log grows without end; set logging options max-size and max-file."
    if not one.get("healthcheck", {}).get("test"):
        yield "nobody knows how it is; give it a healthcheck."
    if not one.get("restart"):
        yield "it stays down when it dies; set restart."


def images(stack: Stack, architecture: Architecture) -> Iterator[str]:
    """Yield images that can change, and services that run as root."""
    for name, one in stack.services.items():
        image = str(one.get("image", ""))
        tag = image.rpartition("/")[2].partition(":")[2]
        if "@sha256:" not in image and tag in ("", "latest"):
            yield f"{name}: the image {image!r} changes by itself; name a version or a digest."
        ours = image.startswith("barque-")
        if not ours and "user" not in one:
            yield f"{name}: it runs as whoever the image says; set user."
        if str(one.get("user", "")).partition(":")[0] in ("0", "root") and not one.get("profiles"):
            yield f"{name}: it runs as root; set another user."


def secrets(stack: Stack, architecture: Architecture) -> Iterator[str]:
    """Yield secrets that are not handed on as files."""
    for name, one in stack.services.items():
        environment = one.get("environment", {})
        for variable, value in environment.items():
            by_file = variable.endswith("_FILE") or str(value).startswith("/run/secrets/")
            if SECRET_WORDS.search(variable) and not by_file and str(value) != "false":
                yield f"{name}: {variable} is a secret in the environment; hand it on as a file."
    described = stack.content.get("secrets", {})
    used = {secret for one in stack.services.values() for secret in one.get("secrets", [])}
    for name in sorted(used ^ set(described)):
        yield f"The secret {name} is used or described, but not both."
    for name, one in described.items():
        if "file" not in one:
            yield f"The secret {name} must be a file."


def _order(stack: Stack, architecture: Architecture) -> Iterator[str]:
    for name, one in stack.services.items():
        for other, wanted in one.get("depends_on", {}).items():
            if other not in stack.services:
                yield f"{name} waits for {other}, which is no service."
            elif wanted.get("condition") == "service_healthy" and not stack.services[other].get(
                "healthcheck"
            ):
                yield f"{name} waits until {other} is healthy, and nobody asks {other}."


def _missing_files(stack: Stack, root: Path) -> Iterator[str]:
    for name, one in stack.services.items():
        for path in bound_paths(one):
            if path.startswith(".") and not (root / FOLDER / path).exists():
                yield f"{name} is given {path}, which is not there."


RULES = (
    _parts, _edges, _networks, published, _roles, hardened, images, secrets, _order,
)  # fmt: skip


def _seconds(text: str) -> float:
    scale = {"s": 1, "m": 60, "h": 3_600}
    return sum(float(n) * scale[unit] for n, unit in re.findall(r"([\d.]+)([smh])", str(text)))


def _bytes(text: str) -> int:
    found = re.fullmatch(r"(\d+)([kmg])b?", str(text).lower())
    return int(found[1]) * UNITS[found[2]] if found else int(text)
