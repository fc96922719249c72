"""A strategy is found by name or by file; what is wrong with a file is said with its line."""

import sys

import pytest

from barque.bootstrap.strategies import find_strategy, list_strategies
from barque.domain.errors import BadInput, UnknownName
from barque.strategies.library.sma_cross import SmaCross

STRATEGY = "from barque.strategies import Strategy\n"


@pytest.fixture
def write(tmp_path):
    def written(text, name="mine.py"):
        file = tmp_path / name
        file.write_text(text)
        return file

    return written


@pytest.mark.parametrize("name", ["sma_cross", "sma-cross", "SmaCross"])
def test_a_built_in_strategy_has_one_name_in_any_spelling(name):
    assert find_strategy(name) is SmaCross


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'buy_and_hold'"):
        find_strategy("buy_and_holt")


def test_every_built_in_strategy_is_found_by_its_own_name():
    for one in list_strategies():
        assert find_strategy(one.name).parameters() == one.parameters


def test_the_only_strategy_of_a_file_needs_no_name(write):
    file = write(f"{STRATEGY}class Mine(Strategy): ...\n")

    assert find_strategy(str(file)).__name__ == "Mine"


def test_what_a_file_imports_is_not_its_own(write):
    file = write(
        "from barque.strategies import Signals, Strategy\nclass Mine(Strategy): ...\n"
        "class _Hidden(Strategy): ...\n"
    )

    assert find_strategy(str(file)).__name__ == "Mine"


def test_one_of_several_is_chosen_by_its_name(write):
    file = write(f"{STRATEGY}class One(Strategy): ...\nclass Two(Strategy): ...\n")

    assert find_strategy(f"{file}:Two").__name__ == "Two"
    with pytest.raises(BadInput, match=r"2 strategies: One, Two\. Choose one, as .*:One"):
        find_strategy(str(file))
    with pytest.raises(UnknownName, match="Did you mean 'Two'"):
        find_strategy(f"{file}:Twoo")


def test_a_file_may_import_its_neighbours(write, monkeypatch):
    monkeypatch.setattr(sys, "path", sys.path.copy())
    write("WINDOW = 7\n", "neighbour_of_mine.py")
    file = write(f"{STRATEGY}import neighbour_of_mine\nclass Mine(Strategy):\n"
                 "    window: int = neighbour_of_mine.WINDOW\n")  # fmt: skip

    assert find_strategy(str(file)).parameters() == {"window": 7}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class Mine(\n", r"mine\.py, line 1: "),
        ("import no_such_module_here\n", r"mine\.py, line 1: ModuleNotFoundError"),
        ("\n\n1 / 0\n", r"mine\.py, line 3: ZeroDivisionError: division by zero"),
        ("def f():\n    raise KeyError\n\nf()\n", r"mine\.py, line 2, in f: KeyError"),
        ("raise SystemExit(0)\n", r"mine\.py, line 1: SystemExit"),
        ("x = 1\n", "has no strategy; write a class that inherits from"),
        ("\0", r"mine\.py"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_with_line_and_cause(write, text, said):
    file = write(text)

    with pytest.raises(BadInput, match=said):
        find_strategy(str(file))


def test_a_mistake_in_a_feature_is_said_with_its_line(write):
    file = write("from barque.features import Sma\n\nSma(0)\n")

    with pytest.raises(BadInput, match=r"mine\.py, line 3: .*window"):
        find_strategy(str(file))


def test_a_file_that_is_not_there_is_answered_with_the_nearest(write):
    file = write(STRATEGY, "my_strategy.py")

    with pytest.raises(BadInput, match=r"Did you mean .*my_strategy\.py\?"):
        find_strategy(str(file.with_name("my_stratgy.py")))
    with pytest.raises(BadInput, match="no folder"):
        find_strategy(str(file.parent / "nowhere" / "my_strategy.py"))
    with pytest.raises(BadInput, match=r"ends in \.py"):
        find_strategy(str(write("", "strategy.txt")))
