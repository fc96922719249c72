"""`barque strategy`: what there is, and a new one that runs at once."""

import pytest

from tests.cli.keyboard import answer, type_in


def test_every_strategy_is_listed_with_style_and_parameters():
    listed = {one["name"]: one for one in answer("strategy", "list")["strategies"]}

    assert {"buy_and_hold", "sma_cross", "trend"} <= set(listed)
    assert listed["sma_cross"]["style"] == "compiled"
    assert listed["sma_cross"]["parameters"] == {"fast": 10, "slow": 30, "quantity": 100.0}
    assert listed["trend"]["style"] == "signals"
    assert all(one["summary"].endswith(".") for one in listed.values())
    assert "sma_cross" in type_in("strategy", "list").stdout


def test_a_file_is_described_like_a_built_in_one(empty_home):
    (found,) = answer("strategy", "list", "examples/first_strategy.py")["strategies"]

    assert found["style"] == "plain"
    assert found["summary"].startswith("Buys 100 at a fall")


def test_a_new_strategy_runs_at_once(home, tmp_path):
    written = answer("strategy", "new", "MyIdea", "--folder", tmp_path / "mine")

    run = answer("backtest", "run", written["file"], "-i", "AAPL.XNAS", "--set", "dip=0.03")

    assert written["file"].endswith("my_idea.py")
    assert run["strategy"] == "MyIdea"
    assert run["statistics"]["fills"] > 10


def test_a_new_strategy_never_overwrites_one(tmp_path):
    mine = tmp_path / "idea.py"
    mine.write_text("# mine")

    result = type_in("strategy", "new", "idea", "--folder", tmp_path)

    assert result.exit_code == 2
    assert "exists already" in result.stderr
    assert mine.read_text() == "# mine"


@pytest.mark.parametrize("name", ["", "1st", "a b", "../idea", "class", "a.b"])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    result = type_in("strategy", "new", name, "--folder", tmp_path)

    assert result.exit_code == 2
    assert "cannot be called" in result.stderr
    assert not list(tmp_path.iterdir())
