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
