"""What the guide to parity asks of an account that traded, and of fresh processes."""

import re
from pathlib import Path

import pytest

from tests.cli.keyboard import REPOSITORY
from tests.system.runs import barque

pytestmark = pytest.mark.system

PARITY = (REPOSITORY / "docs" / "guides" / "parity.md").read_text()
COMMANDS = re.findall(r"^\$ barque (paper .*|verify .*)$", PARITY, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_about_an_account_works(undisturbed: Path, command: str) -> None:
    answer = barque(undisturbed, *command.split())

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout
