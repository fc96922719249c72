"""The Compose files keep the design, and every rule that says so has been seen to fail."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.cloud_architecture import Edge, Status
from barque.deployment.compose.files import HIGHLY_AVAILABLE, LAPTOP, read_stack
from barque.deployment.compose.rules import findings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the Compose files are made of."""
    for folder in ("deploy/docker", "deploy/monitoring"):
        shutil.copytree(ROOT / folder, tmp_path / folder, dirs_exist_ok=True)
    return tmp_path


def words(root: Path) -> str:
    return "\n".join(f"{one.where}: {one.words}" for one in findings(root))


def test_the_compose_files_keep_every_rule() -> None:
    assert findings(ROOT) == []


def test_the_laptop_has_the_parts_that_are_built_and_ha_the_replica_too() -> None:
    laptop, both = read_stack(ROOT, LAPTOP), read_stack(ROOT, HIGHLY_AVAILABLE)

    assert set(both.started) - set(laptop.started) == {"replica"}
    assert both.services["api"]["scale"] == 2
    assert both.services["trader-2"]["profiles"] == ["planned"]
    assert both.services["trader-2"]["command"] == ["run", "trader"]


def test_no_planned_role_has_a_service() -> None:
    planned = {role.name for role in BARQUE.roles if role.status is Status.PLANNED}

    assert not planned & set(read_stack(ROOT, HIGHLY_AVAILABLE).services)


def replaced(old: str, new: str, count: int = 1) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, count)

    return change


def added(text: str) -> Callable[[str], str]:
    return lambda old: old.replace("\nnetworks:\n  front", f"{text}\nnetworks:\n  front", 1)


RESEARCH = "\n  research:\n    <<: *hardened\n    image: barque-research:local\n"
BALANCER_ON_DATABASE = replaced(
    "[front, balancer-api]", "[front, balancer-api, pgbouncer-database]"
)

FAULTS: list[tuple[str, Callable[[str], str], str]] = [
    ("a part is gone", replaced("\n  cache:\n", "\n  valkey:\n"), "The part cache"),
    (
        "a stranger",
        replaced("\n  cache:\n", "\n  valkey:\n"),
        "The service valkey is no built part",
    ),
    ("a planned role", added(RESEARCH), "The service research is no built part"),
    (
        "an edge is cut",
        replaced("[balancer-api, prometheus-api]", "[balancer-api]"),
        "api and prometheus share no network",
    ),
    ("an edge too many", BALANCER_ON_DATABASE, "balancer and database share a network"),
    ("the default network", replaced("    networks: [prometheus-trader]\n", ""), "default"),
    (
        "the cache speaks",
        replaced("network_mode: none # nobody speaks to it yet", "networks: [balancer-api]"),
        "api and cache share a network",
    ),
    (
        "a way out",
        replaced("prometheus-trader: {internal: true}", "prometheus-trader: {}"),
        "The network prometheus-trader leads out of Docker",
    ),
    (
        "an unused network",
        replaced("networks:\n  front", "networks:\n  spare: {}\n  front"),
        "spare",
    ),
    (
        "an open port",
        replaced("127.0.0.1:${BARQUE_PUBLISHED_PORT", "${BARQUE_PUBLISHED_PORT"),
        "balancer publishes",
    ),
    ("all addresses", replaced("127.0.0.1:${BARQUE_PROM", "0.0.0.0:${BARQUE_PROM"), "0.0.0.0"),
    ("another role", replaced("[run, trader]", "[up]"), "trader runs ['up']"),
    ("another port", replaced('BARQUE_PORT: "8001"', 'BARQUE_PORT: "8000"'), "listen on 8001"),
    ("no grace", replaced("stop_grace_period: 90s", "stop_grace_period: 10s"), "api may take 90 s"),
    ("no room", replaced("mem_limit: 3g", "mem_limit: 512m"), "trader asks for 1536 MiB"),
    ("a writable root", replaced("read_only: true", "read_only: false"), "root can be written"),
    ("capabilities", replaced("cap_drop: [ALL]", "cap_drop: [NET_RAW]"), "keeps capabilities"),
    (
        "a capability",
        replaced("cap_drop: [ALL]", "cap_drop: [ALL]\n  cap_add: [SYS_ADMIN]"),
        "keeps capabilities",
    ),
    ("privileges", replaced('["no-new-privileges:true"]', "[]"), "may gain privileges"),
    ("privileged", replaced("pids_limit: 256", "pids_limit: 256\n  privileged: true"), "shares"),
    ("the host's network", replaced("network_mode: none", "network_mode: host"), "shares the host"),
    (
        "the engine's socket",
        replaced('["home:/data"]', '["home:/data", "/var/run/docker.sock:/docker.sock"]'),
        "may command the engine",
    ),
    ("all memory", replaced("    mem_limit: 256m\n", ""), "may take all memory"),
    ("all processes", replaced("  pids_limit: 256\n", ""), "may take all memory or processes"),
    ("an endless log", replaced('max-size: 10m, max-file: "3"', "tag: x"), "grows without end"),
    ("no health", replaced("test: [CMD, health, ready]", "interval: 1s"), "nobody knows how it is"),
    ("no restart", replaced("  restart: unless-stopped\n", ""), "stays down"),
    ("latest", replaced("redis:7.2.5-bookworm", "redis:latest"), "changes by itself"),
    ("no version", replaced("redis:7.2.5-bookworm", "redis"), "changes by itself"),
    ("no user", replaced('    user: "70:70"\n', ""), "pgbouncer: it runs as whoever"),
    ("root", replaced('user: "70:70"', 'user: "0:0"'), "pgbouncer: it runs as root"),
    (
        "a secret in the environment",
        replaced("BARQUE_HOSTS: trader", "DATABASE_PASSWORD: hunter2"),
        "is a secret in the environment",
    ),
    (
        "a secret that nobody reads",
        replaced("secrets: [pgbouncer_users]", "secrets: []"),
        "The secret pgbouncer_users is used or described, but not both",
    ),
    (
        "a secret from the environment",
        replaced('{file: "${BARQUE_SECRETS:-./secrets}/cache_password"}', "{environment: X}"),
        "The secret cache_password must be a file",
    ),
    (
        "a wait for nobody",
        replaced("database: {condition: service_healthy}", "storage: {condition: service_healthy}"),
        "which is no service",
    ),
    ("a lost file", replaced("./redis:/etc", "./valkey:/etc"), "./valkey, which is not there"),
]


@pytest.mark.parametrize(
    ("change", "complaint"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_a_planted_fault_is_found(
    checkout: Path, change: Callable[[str], str], complaint: str
) -> None:
    file = checkout / "deploy/docker/compose.yaml"
    file.write_text(change(file.read_text()))

    assert complaint in words(checkout)


def test_a_replica_that_nobody_may_reach_is_found(checkout: Path) -> None:
    file = checkout / "deploy/docker/compose.ha.yaml"
    both = "networks: [pgbouncer-replica, replica-database]"
    file.write_text(replaced(both, "networks: [replica-database]")(file.read_text()))

    assert "pgbouncer and replica share no network" in words(checkout)


def test_an_edge_that_is_opened_in_the_design_must_be_opened_here() -> None:
    opened = Edge(source="api", target="cache", port=6379, words="fan-out")
    design = replace(BARQUE, edges=(*(e for e in BARQUE.edges if e.target != "cache"), opened))

    found = [one.words for one in findings(ROOT, design)]

    assert "api and cache share no network, and the design has an edge between them." in found
