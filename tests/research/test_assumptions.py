"""What a run takes for granted is read off the numbers it ran with."""

import numpy as np
import pytest

from barque.kernels import layout as at
from barque.research.assumptions import assumptions
from tests.engine.histories import INSTRUMENTS


def said(account: dict | None = None, rules: dict | None = None) -> str:
    numbers = np.zeros(at.ACCOUNT_WIDTH, np.int64)
    table = np.zeros((len(INSTRUMENTS), at.INSTRUMENT_WIDTH), np.int64)
    for column, value in (account or {}).items():
        numbers[column] = value
    for (i, column), value in (rules or {}).items():
        table[i, column] = value
    return "\n".join(assumptions(numbers, table, INSTRUMENTS, "USD"))


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ({at.FILL_TIME: 0}, "meets the market from the next bar's open on"),
        ({at.FILL_TIME: 1}, "fills at the very close it was decided at"),
        ({at.FILL_TIME: 2}, "meets the next quote"),
        ({at.LATENCY: 250 * 10**6}, "250 ms after it was decided"),
        ({at.TOUCH_FILLS: 1}, "when the bar touches it"),
        ({at.TOUCH_FILLS: 0}, "when the bar goes beyond it"),
        ({at.STOP_FIRST: 1}, "the stop is met first"),
        ({at.STOP_FIRST: 0}, "the older order is met first"),
        ({at.MARGIN_MODEL: 0}, "Cash may go below zero"),
        ({at.CURRENCIES: 2}, "Other currencies are counted at the last rate"),
    ],
)
def test_each_rule_of_an_account_has_its_sentence(account, words: str) -> None:
    assert words in said(account)


def test_a_share_of_the_volume_is_said_of_its_instruments() -> None:
    words = said(rules={(1, at.PARTICIPATION): 10**11})

    assert "Orders of COIN.SIM fill at most 10 % of the volume." in words
    assert "Orders of ACME.XNAS, FUT.SIM fill without regard to volume." in words


def test_what_settles_only_profit_is_named() -> None:
    assert "Of FUT.SIM, only profit and loss" in said(rules={(2, at.MARGINED): 1})
