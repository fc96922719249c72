"""`barque deploy balance` and `assets`, as a person runs them."""

import signal
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


def test_assets_are_written_as_the_page_names_them(tmp_path: Path) -> None:
    written = barque(tmp_path / "home", "deploy", "assets", "--out", str(tmp_path / "files"))

    assert written.returncode == 0
    assert "aws s3 sync" in written.stdout
    found = {p.relative_to(tmp_path / "files").as_posix() for p in tmp_path.rglob("*.*")}
    assert found == {f"{Assets().address}{name}" for name in Assets().paths()}
