"""The two roles, watched by a real Prometheus, and somebody told by a real Alertmanager."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest

from barque.deployment.monitoring_setup import dead_panels
from tests.system.deployment.watching import (
    PATIENCE_SECONDS,
    alertmanager,
    asked,
    free_port,
    listening,
    prometheus,
    until,
)
from tests.system.runs import START_SECONDS, started

pytestmark = pytest.mark.system

VISITED = ("api/v1/accounts", "api/v1/feed", "api/v1/accounts/paper/fills?limit=10", "")


@pytest.fixture
def visitor() -> Iterator["Visitor"]:
    one = Visitor()
    yield one
    one.leave.set()


class Visitor:
    """Somebody who reads the page, ten times a second at most."""

    def __init__(self) -> None:
        self.leave = threading.Event()

    def visit(self, url: str) -> None:
        threading.Thread(target=self._read, args=(url,), daemon=True).start()

    def _read(self, url: str) -> None:
        while not self.leave.wait(0.1):
            for path in VISITED:
                with suppress(OSError), urlopen(f"{url}{path}", timeout=5) as answer:
                    answer.read()


def test_no_panel_is_dead_and_a_dead_trader_wakes_somebody(
    prepared: Path, tmp_path: Path, visitor: Visitor
) -> None:
    ports = {"api": free_port(), "trader": free_port()}
    addresses = {role: f"127.0.0.1:{port}" for role, port in ports.items()}
    words = {role: ("run", role, "--port", str(port)) for role, port in ports.items()}
    with (
        started(prepared, *words["trader"], "--pace", "2") as trader,
        started(prepared, *words["api"]) as api,
        listening() as listener,
        alertmanager(tmp_path, listener) as manager,
        prometheus(tmp_path, addresses | {"alertmanager": manager}) as url,
    ):
        api.wait(api.is_ready, START_SECONDS)
        visitor.visit(api.url())

        until(lambda: not dead_panels(url), PATIENCE_SECONDS, "every panel shows something")

        firing = {one["metric"]["alertname"] for one in asked(url, 'ALERTS{alertstate="firing"}')}
        assert firing == {"Watchdog"}, firing
        assert {one["metric"]["job"] for one in asked(url, "up == 1")} == {
            *addresses,
            "prometheus",
            "alertmanager",
        }
        until(lambda: listener.at("/watchdog"), PATIENCE_SECONDS, "the watchdog is heard")
        assert not listener.at("/pager")

        trader.kill()

        until(lambda: listener.at("/pager"), PATIENCE_SECONDS, "the pager is called")
        page = listener.at("/pager")[0]
        assert page["event_action"] == "trigger"
        assert page["payload"]["summary"] == "No trader answers"
        assert page["payload"]["custom_details"]["runbook"] == "docs/runbooks/TraderDown.md"
