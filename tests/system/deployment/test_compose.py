"""The whole stack with Compose: an account trades behind NGINX, roles are rolled and killed."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import sync_playwright

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.compose.files import LAPTOP, read_stack
from barque.deployment.monitoring_setup import dead_panels
from barque.service.assets import Assets
from tests.system.containers import ROOT, Docker
from tests.system.runs import CHROMIUM

pytestmark = pytest.mark.system

PROJECT = f"barque-test-{os.getpid()}"  # two runs may share an engine
UP_SECONDS = 1_200
WELL_SECONDS = 180
BUDGET_SECONDS = 120  # budgets are counted every two minutes
LARGEST_COMPRESSED_MB = 600
REQUESTS = 500
FILE = f"{Assets().address}page.js"
ASKED = ("", FILE, "api/v1/accounts", "api/v1/feed", "api/v1/accounts/paper/fills?limit=20")


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


class RunningStack:
    """A stack that was started with `barque deploy up`."""

    def __init__(self, docker: Docker, secrets: Path) -> None:
        self.docker, self.port, self.meters = docker, free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._environment = docker.environment | {
            "BARQUE_SECRETS": str(secrets),
            "BARQUE_PROMETHEUS_PORT": str(self.meters),
            "BARQUE_PACE": "2",
        }

    def barque(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "barque.cli", "deploy", *words, "--project", PROJECT],
            cwd=ROOT, env=os.environ | self._environment, capture_output=True, text=True,
            timeout=UP_SECONDS, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def up(self, *words: str) -> dict:
        options = ("--target", "compose", "--without-registry", "--port", str(self.port))
        return json.loads(self.barque("up", *options, "--json", *words))

    def ask(self, path: str, port: int | None = None) -> Any:
        with urlopen(f"http://127.0.0.1:{port or self.port}/{path}", timeout=10) as answer:
            return json.load(answer)

    def container(self, service: str) -> str:
        labels = [
            f"com.docker.compose.{k}={v}" for k, v in (("project", PROJECT), ("service", service))
        ]
        filters = [word for label in labels for word in ("--filter", f"label={label}")]
        return self.docker("ps", "--quiet", *filters).stdout.split()[0]

    def inside(self, service: str, *command: str, check: bool = True) -> str:
        done = self.docker("exec", self.container(service), *command, check=False)
        assert not check or done.returncode == 0, done.stderr
        return (done.stdout + done.stderr).strip()

    def fills(self) -> list[dict]:
        return self.ask("api/v1/accounts/paper/fills?limit=1000&after=0")

    def position(self) -> int:
        return self.ask("api/v1/accounts/paper")["market_position"]

    def wait(self, done, seconds: float = WELL_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, self.docker("ps", "--all").stdout
            time.sleep(0.5)


@pytest.fixture(scope="module")
def stack(docker: Docker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    one = RunningStack(docker, tmp_path_factory.mktemp("stack") / "secrets")
    try:
        answer = one.up()
        assert {c["service"] for c in answer["containers"]} == set(read_stack(ROOT, LAPTOP).started)
        assert {c["health"] for c in answer["containers"]} == {"healthy"}
        assert answer["account"]["name"] == "paper"
        yield one
    finally:
        one.barque("down", "--forget", "--ha", check=False)


def test_the_account_trades_behind_the_balancer(stack: RunningStack) -> None:
    before = stack.position()

    stack.wait(lambda: stack.position() > before)
    stack.wait(lambda: len(stack.fills()) > 20)

    assert stack.ask("health/ready") == {"status": "ready", "missing": []}


def test_the_page_is_whole_behind_the_balancer(stack: RunningStack) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        page, wrong = browser.new_page(), []
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))

        page.goto(stack.url)
        page.get_by_text("Connected").wait_for(timeout=30_000)
        page.get_by_role("row").filter(has_text="Buy").first.wait_for(timeout=30_000)

        assert not wrong
        browser.close()


def test_every_target_of_prometheus_is_up(stack: RunningStack) -> None:
    def targets() -> list[dict]:
        return stack.ask("api/v1/targets", stack.meters)["data"]["activeTargets"]

    stack.wait(lambda: len(targets()) >= 2 and {one["health"] for one in targets()} == {"up"})

    assert {"api", "trader"} <= {one["labels"]["job"] for one in targets()}


def test_no_panel_is_dead(stack: RunningStack) -> None:
    def read_and_look() -> list[str]:
        for path in ASKED:
            with urlopen(f"{stack.url}{path}", timeout=10) as answer:
                answer.read()
        return dead_panels(f"http://127.0.0.1:{stack.meters}")

    stack.wait(lambda: not read_and_look(), WELL_SECONDS + BUDGET_SECONDS)


def test_who_has_no_edge_cannot_speak(stack: RunningStack) -> None:
    """Every pair of our roles and another part, on every port that the design knows."""
    ports = {edge.target: edge.port for edge in BARQUE.edges} | {"prometheus": 9090}
    services = set(read_stack(ROOT, LAPTOP).started)
    open_edges = {(edge.source, edge.target) for edge in BARQUE.open_edges()}
    knock = (
        "import socket,sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 2); "
        "print('through')"
    )

    tried = 0
    for source in ("api", "trader"):
        for target in sorted(services - {source}):
            said = stack.inside(
                source, "python", "-c", knock, target, str(ports.get(target, 8080)), check=False
            )
            if (target, source) in open_edges or (source, target) in open_edges:
                continue  # they share a network: the answer may come back
            assert "rror" in said, (source, target, said)
            assert "through" not in said, (source, target)
            tried += 1

    assert tried >= 10


def test_only_what_must_is_on_a_network_with_a_way_out(stack: RunningStack) -> None:
    def on_networks(service: str) -> set[bool]:
        shown = stack.docker("inspect", stack.container(service)).stdout
        networks = json.loads(shown)[0]["NetworkSettings"]["Networks"]
        inspected = json.loads(stack.docker("network", "inspect", *networks).stdout)
        return {one["Internal"] for one in inspected if one["Name"] != "none"}

    for service in ("api", "trader", "database", "pgbouncer"):
        assert on_networks(service) == {True}, service
    assert on_networks("balancer") == on_networks("alertmanager") == {True, False}


def test_no_secret_is_in_an_environment_or_an_argument(stack: RunningStack) -> None:
    secrets = {
        stack.inside("database", "cat", f"/run/secrets/{name}")
        for name in ("database_password", "replication_password")
    }

    for service in read_stack(ROOT, LAPTOP).started:
        shown = stack.docker("inspect", stack.container(service)).stdout
        assert not [secret for secret in secrets if secret in shown], service


class Load:
    """Readers that ask without a pause, and count what they got."""

    def __init__(self, url: str, readers: int = 4) -> None:
        self.answers: Counter[object] = Counter()
        self._url, self._over = url, threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(k,)) for k in range(readers)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def failed(self) -> dict[object, int]:
        return {answer: count for answer, count in self.answers.items() if answer != 200}

    def _read(self, k: int) -> None:
        while not self._over.is_set():
            k += 1
            try:
                with urlopen(self._url + ASKED[k % len(ASKED)], timeout=20) as answer:
                    answer.read()
                    self.answers[answer.status] += 1
            except (HTTPError, OSError) as error:
                self.answers[repr(error)] += 1
            time.sleep(0.02)


def test_the_page_is_rolled_without_a_failed_request(
    stack: RunningStack, capsys: pytest.CaptureFixture[str]
) -> None:
    before = stack.container("api")

    with Load(stack.url) as load:
        stack.up("--roll", "api")
        stack.wait(lambda: load.answers.total() >= REQUESTS)

    after = stack.container("api")
    with capsys.disabled():
        print(f"\nrolled the page under load: {load.answers.total()} requests, {load.failed}")
    assert after != before
    assert load.answers.total() >= REQUESTS
    assert not load.failed


def test_a_trader_that_is_killed_comes_back_and_goes_on(stack: RunningStack) -> None:
    container = stack.container("trader")
    pid, restarts = state_of(stack, container)
    before = stack.fills()

    os.kill(pid, 9)
    stack.wait(lambda: state_of(stack, container)[1] > restarts)
    assert stack.fills()[: len(before)] == before  # the page goes on
    reached = stack.position()
    stack.wait(lambda: stack.position() > reached, WELL_SECONDS * 2)

    after = stack.fills()
    assert after[: len(before)] == before
    ids = [(one["seq"], one["client_order_id"]) for one in after]
    assert len(set(ids)) == len(ids)
    stack.wait(lambda: stack.ask("health/ready")["status"] == "ready")


def state_of(stack: RunningStack, container: str) -> tuple[int, int]:
    """The process of a container, and how often it was restarted."""
    shown = stack.docker("inspect", "--format", "{{.State.Pid}} {{.RestartCount}}", container)
    pid, restarts = map(int, shown.stdout.split())
    return pid, restarts


@pytest.mark.parametrize("role", ["api", "trader"])
def test_an_image_is_small_enough_and_says_what_is_in_it(
    stack: RunningStack, role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tag = f"barque-{role}:local"
    unpacked = int(stack.docker("image", "inspect", "--format", "{{.Size}}", tag).stdout)
    saved = subprocess.run(
        f"docker save {tag} | gzip --stdout | wc --bytes", shell=True, capture_output=True,
        text=True, check=True, env=os.environ | stack.docker.environment,
    )  # fmt: skip
    compressed = int(saved.stdout) // 1_000_000
    bill = json.loads(stack.docker.run(tag, "cat", "/opt/barque/sbom.json"))
    names = {one["name"] for one in bill["components"]}

    with capsys.disabled():
        print(f"\n{tag}: {unpacked // 1_000_000} MB unpacked, {compressed} MB compressed")
    assert compressed <= LARGEST_COMPRESSED_MB
    assert bill["bomFormat"] == "CycloneDX"
    assert {"numpy", "fastapi", "libc6"} <= names
    assert ("lightgbm" in names) is (role == "trader")
    assert not {"pytest", "mypy", "cyclonedx-bom", "uv"} & names
    labels = json.loads(
        stack.docker("image", "inspect", "--format", "{{json .Config.Labels}}", tag).stdout
    )
    assert labels["org.opencontainers.image.base.digest"].startswith("sha256:")


def test_two_pages_and_a_replica_that_follows(stack: RunningStack) -> None:
    answer = stack.up("--ha")

    assert Counter(one["service"] for one in answer["containers"])["api"] == 2
    assert {one["health"] for one in answer["containers"]} == {"healthy"}
    ask = "PGPASSWORD=$(cat /run/secrets/database_password) psql -h 127.0.0.1 -U barque -tAc '{}'"

    def following() -> str:
        question = ask.format("select state from pg_stat_replication")
        return stack.inside("database", "sh", "-c", question)

    stack.wait(lambda: following() == "streaming")
    stack.inside("database", "sh", "-c", ask.format("create table seen as select 42 as n"))
    stack.wait(lambda: read_on_the_replica(stack, "select n from seen") == "42")
    assert "read-only" in read_on_the_replica(stack, "create table other (n int)")


def read_on_the_replica(stack: RunningStack, question: str) -> str:
    """What the replica answers to who asks PgBouncer for `barque_read`."""
    password = stack.inside("database", "cat", "/run/secrets/database_password")
    address = f"host=127.0.0.1 port=6432 user=barque password={password} dbname=barque_read"
    return stack.inside("pgbouncer", "psql", address, "-tAc", question, check=False)
