"""What the README shows is what there is."""

import re
from pathlib import Path

import pytest

from tests.cli.keyboard import REPOSITORY

README = (REPOSITORY / "README.md").read_text()
PAGES = sorted(p for p in REPOSITORY.glob("docs/**/*.md") if "proof" not in p.parts)


def test_the_first_strategy_is_the_example_that_the_tests_run() -> None:
    shown = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]

    assert shown == (REPOSITORY / "examples" / "first_strategy.py").read_text()


def test_its_backtest_is_the_command_that_the_tests_run() -> None:
    command = "barque backtest run examples/first_strategy.py --instrument AAPL.XNAS"

    assert f"$ {command}\n" in README
    assert "examples/first_strategy.py" in (REPOSITORY / "tests/cli/test_backtest.py").read_text()


@pytest.mark.parametrize("page", [REPOSITORY / "README.md", *PAGES], ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())

    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("target", re.findall(r"^make (\S+)", README, re.MULTILINE))
def test_every_make_target_it_names_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
