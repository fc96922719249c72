"""`barque verify determinism`: equal for the honest, different for a strategy of chance."""

import json

import pytest

from tests.cli.keyboard import answer, type_in

MARKET = ("--instrument", "AAPL.XNAS", "--from", "2010-01-01", "--to", "2010-06-01")

BY_HASH_ORDER = '''
from barque.strategies import Strategy

class ByHashOrder(Strategy):
    """Buys as many as the first letter says, in an order that changes with each process."""

    def on_bar(self, bar):
        letters = {chr(97 + k) for k in range(26)}
        self.buy(bar.instrument, ord(next(iter(letters))))
'''


@pytest.mark.system
def test_a_strategy_that_hangs_on_hash_order_is_caught(home, tmp_path):
    file = tmp_path / "by_hash_order.py"
    file.write_text(BY_HASH_ORDER)

    result = type_in("verify", "determinism", file, *MARKET, "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 1, result.output
    assert not found["equal"]
    assert found["warm"]["records"] != found["cold"]["records"]
    assert found["warm"]["data"] == found["cold"]["data"]


@pytest.mark.system
def test_a_compiled_strategy_is_the_same_whoever_compiled_it(home):
    found = answer("verify", "determinism", "sma_cross", *MARKET)

    assert found["equal"]
    assert found["warm"]["record_count"] > 0
    assert not (home / "store.sqlite").exists(), "to verify is no trial"


def test_what_the_other_process_refuses_is_said_here(home):
    result = type_in("verify", "determinism", "sma_cross", *MARKET, "--set", "fast=40")

    assert result.exit_code == 2
    assert "fast is 40 and slow is 30" in result.stderr


LOOKS_AHEAD = '''
from barque.strategies import Strategy

class LooksAhead(Strategy):
    """Buys before a rise."""

    def prepare(self, bars):
        self.closes = bars[0]["close"].to_list() + [0]
        self.row = 0

    def on_bar(self, bar):
        self.row += 1
        if self.closes[self.row] > bar.close:
            self.buy(bar.instrument, 1)
'''


def test_a_strategy_that_looks_ahead_is_caught_with_the_time(home, tmp_path):
    file = tmp_path / "looks_ahead.py"
    file.write_text(LOOKS_AHEAD)

    result = type_in("verify", "lookahead", file, *MARKET)

    assert result.exit_code == 1, result.output
    assert "2010-" in result.stdout
    assert "The past hangs on the future" in result.stdout


def test_a_strategy_that_comes_with_barque_does_not_look_ahead(home):
    found = answer("verify", "lookahead", "sma_cross", *MARKET, "--cuts", "4")

    assert found["clean"]
    assert (found["cuts"], found["runs"]) == (4, 20)
    assert not (home / "store.sqlite").exists(), "to verify is no trial"


def test_what_fails_in_the_file_is_said_with_its_line(home, tmp_path):
    file = tmp_path / "fails.py"
    file.write_text(LOOKS_AHEAD.replace(" + [0]", " + [no_such_name]"))

    result = type_in("verify", "lookahead", file, *MARKET)

    assert result.exit_code == 2
    assert "no_such_name" in result.stderr
    assert "line 8" in result.stderr
