"""`barque deploy balance` and `assets`, as a person runs them."""

import signal
import socket
import time
from pathlib import Path

import pytest

from barque.service.assets import Assets
from tests.system.deployment.origins import ask, free_port, origin
from tests.system.runs import START_SECONDS, barque, started

pytestmark = pytest.mark.system


def test_balance_leads_to_who_is_there_until_it_is_stopped(tmp_path: Path) -> None:
    port = free_port()
    nobody = f"127.0.0.1:{free_port()}"
    with origin() as page:
        words = ("deploy", "balance", "--to", page.address, "--to", nobody, "--port", str(port))
        with started(tmp_path / "home", *words) as running:
            running.wait(lambda: "leads to" in running.said(), START_SECONDS)
            running.wait(lambda: "/health/ready" in page.paths(), START_SECONDS)

            found = [ask(port, "/api/v1/x").status for _ in range(6)]

            assert found == [200] * 6
            assert running.stop(signal.SIGINT) == 0


def test_a_balancer_that_is_killed_leaves_nobody_at_its_port(tmp_path: Path) -> None:
    port = free_port()
    words = ("deploy", "balance", "--to", f"127.0.0.1:{free_port()}", "--port", str(port))
    with started(tmp_path / "home", *words) as running:
        running.wait(lambda: "leads to" in running.said(), START_SECONDS)

        running.kill()

        deadline = time.monotonic() + 10
        while is_taken(port) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not is_taken(port)


def is_taken(port: int) -> bool:
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0


def test_assets_are_written_as_the_page_names_them(tmp_path: Path) -> None:
    written = barque(tmp_path / "home", "deploy", "assets", "--out", str(tmp_path / "files"))

    assert written.returncode == 0
    assert "aws s3 sync" in written.stdout
    found = {p.relative_to(tmp_path / "files").as_posix() for p in tmp_path.rglob("*.*")}
    assert found == {f"{Assets().address}{name}" for name in Assets().paths()}
