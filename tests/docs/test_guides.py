"""The commands and the Python of the guides to fills, costs and parity run."""

import re

import numpy as np
import pytest

from barque.domain.rules import Rules
from tests.cli.conftest import empty_home, home, sample_catalog  # noqa: F401 - fixtures
from tests.cli.keyboard import REPOSITORY, type_in
from tests.research.markets import events_of, stocks
from tests.research.results import Past, Swinging

GUIDES = REPOSITORY / "docs" / "guides"
FILLS = (GUIDES / "fills-and-costs.md").read_text()
PARITY = (GUIDES / "parity.md").read_text()
OF_AN_ACCOUNT = ("up", "paper", "verify parity", "verify determinism")
"""What tests/system/test_guides.py runs: it needs an account that traded, or fresh processes."""


def commands(text: str) -> list[str]:
    return re.findall(r"^\$ barque (.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("guide", [FILLS, PARITY], ids=["fills", "parity"])
def test_the_commands_work_one_after_the_other(home, tmp_path, guide) -> None:  # noqa: F811
    for toml in re.findall(r"```toml\n(.*?)```", guide, re.DOTALL):
        (tmp_path / "careful.toml").write_text(toml)
    for command in commands(guide):
        if command.startswith(OF_AN_ACCOUNT):
            continue
        words = (tmp_path / word if word.endswith(".toml") else word for word in command.split())

        result = type_in(*words)

        assert result.exit_code == 0, f"{command}: {result.output}"


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", FILLS, re.DOTALL))
def test_the_python_that_is_shown_runs_and_trades(block) -> None:
    closes = 100 + np.cumsum(np.random.default_rng(7).normal(0, 1, (250, 2)), axis=0)
    names = {"strategy": Swinging(), "events": Past(tuple(stocks(2)), events_of(closes))}

    exec(block, names)

    assert len(names["result"].fills) > 10


@pytest.mark.parametrize("setting", re.findall(r"`(\w+) = [^`]+`", PARITY + FILLS))
def test_every_setting_that_is_named_exists(setting) -> None:
    assert setting in Rules.__slots__
