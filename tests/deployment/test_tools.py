from pathlib import Path

import pytest

from barque.deployment.tools import LOCK, tools_python
from barque.domain.errors import NotReady


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose lock asks for nothing, and whose uv is a script of the test."""
    lock = tmp_path / LOCK
    lock.parent.mkdir(parents=True)
    lock.write_text("")
    return tmp_path


def uv(checkout: Path, *lines: str) -> None:
    script = checkout / "scripts" / "uv"
    script.parent.mkdir(exist_ok=True)
    script.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
    script.chmod(0o755)


def test_the_tools_are_installed_once_for_each_lock(checkout: Path, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    uv(checkout, f'echo "$1" >>{heard}', 'for place; do :; done; [ "$1" = pip ] || mkdir "$place"')

    first = tools_python(tmp_path / "cache", root=checkout)
    again = tools_python(tmp_path / "cache", root=checkout)
    (checkout / LOCK).write_text("# another lock")
    other = tools_python(tmp_path / "cache", root=checkout)

    assert first == again != other
    assert heard.read_text().split() == ["venv", "pip"] * 2


def test_a_failed_installation_says_why_and_is_tried_again(checkout: Path, tmp_path: Path) -> None:
    uv(checkout, "echo 'no index in reach' >&2", "exit 2")

    for _ in range(2):
        with pytest.raises(NotReady, match=r"no index in reach"):
            tools_python(tmp_path / "cache", root=checkout)


def test_a_checkout_without_uv_says_what_to_do(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(NotReady, match="install uv"):
        tools_python(tmp_path / "cache", root=checkout)
