"""Every number has its words: in the code, on the page and in the guide."""

from dataclasses import fields
from pathlib import Path

import pytest

from barque.research.statistics import DEFINITIONS, Relative, Statistics
from barque.research.statistics.definitions import GROUPS, written

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "statistics.md").read_text()


def test_every_statistic_is_defined_and_every_definition_is_of_one() -> None:
    names = {field.name for kind in (Statistics, Relative) for field in fields(kind)}

    assert set(DEFINITIONS) == names


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_guide_says_what_the_code_says(name: str) -> None:
    one = DEFINITIONS[name]

    assert f"| `{name}` | {one.label} | {one.words} | {one.source} |" in GUIDE


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_has_its_place_in_the_guide(group: str) -> None:
    assert f"### {group}\n" in GUIDE


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("sharpe", None, "unknown"),
        ("total_return", 0.12345, "12.35%"),
        ("trades", 1234, "1,234"),
        ("fees_paid", 1234.5, "1,234.50"),
        ("avg_trade_duration", 0.25, "6.0 hours"),
        ("avg_trade_duration", 2.25, "2.2 days"),
        ("max_drawdown_duration", 1234.5, "1,234 days"),
        ("benchmark", "buy and hold", "buy and hold"),
    ],
)
def test_numbers_are_written_as_people_write_them(name, value, words: str) -> None:
    assert written(name, value) == words
