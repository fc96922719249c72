"""What the guides show, runs."""

import ast
import re

import pytest

from barque.bootstrap.strategies import describe, find_strategy
from tests.cli.keyboard import REPOSITORY, answer, type_in

GUIDE = (REPOSITORY / "docs" / "guides" / "strategies.md").read_text()
STATISTICS = (REPOSITORY / "docs" / "guides" / "statistics.md").read_text()
SWEEPS = (REPOSITORY / "docs" / "guides" / "sweeps.md").read_text()
FILES = (".csv", ".parquet")
PYTHON = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
WHOLE = [block for block in PYTHON if "backtest(" in block]
BLOCKS = [block for block in PYTHON if block not in WHOLE]
CLASSES = [re.findall(r"^class (\w+)", block, re.MULTILINE) for block in BLOCKS]
COMMANDS = re.findall(r"^\$ barque (.*)$", GUIDE, re.MULTILINE)
STRATEGIES = [(block, name) for block, names in zip(BLOCKS, CLASSES, strict=True) for name in names]


@pytest.mark.parametrize(("block", "name"), STRATEGIES, ids=[name for _, name in STRATEGIES])
def test_every_strategy_of_the_guide_trades_and_is_refused_nothing(home, tmp_path, block, name):
    file = tmp_path / "shown.py"
    file.write_text(block)
    parameters = describe(name, find_strategy(f"{file}:{name}")).parameters
    whole_shares = ("--set", "quantity=10") if "quantity" in parameters else ()

    found = answer("backtest", "run", f"{file}:{name}", "-i", "AAPL.XNAS", *whole_shares)

    assert found["statistics"]["fills"] > 10
    assert found["refused"] == 0


@pytest.mark.parametrize("block", WHOLE)
def test_every_whole_run_of_the_guide_trades_and_is_refused_nothing(block):
    names = {}

    exec(block, names)

    assert len(names["result"].fills) > 10
    assert len(names["result"].refusals) == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_guide_works(home, command):
    result = type_in(*command.split())

    assert result.exit_code == 0, result.output


def test_the_commands_of_the_guide_to_statistics_work_one_after_the_other(home, tmp_path):
    commands = re.findall(r"^\$ barque (.*)$", STATISTICS, re.MULTILINE)
    assert len(commands) > 5

    for command in commands:
        words = (tmp_path / word if word.endswith(FILES) else word for word in command.split())
        result = type_in(*words)

        assert result.exit_code == 0, f"{command}: {result.output}"


def test_the_commands_of_the_guide_to_sweeps_work_one_after_the_other(home, tmp_path):
    commands = re.findall(r"^\$ barque (.*)$", SWEEPS, re.MULTILINE)
    assert len(commands) == 3

    for command in commands:
        words = (tmp_path / word if word.endswith(".svg") else word for word in command.split())
        result = type_in(*words)

        assert result.exit_code == 0, f"{command}: {result.output}"
    assert (home / "reports" / "sweep-1.html").exists()


def classes(text):
    return {
        node.name: ast.dump(node) for node in ast.parse(text).body if isinstance(node, ast.ClassDef)
    }


def test_what_the_guide_shows_is_what_the_examples_hold():
    guide = {name: text for block in BLOCKS for name, text in classes(block).items()}

    for file in (REPOSITORY / "examples").glob("*.py"):
        for name, text in classes(file.read_text()).items():
            assert guide[name] == text, f"{name} in {file.name}"
