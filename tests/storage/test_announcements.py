import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.domain.orders import Halt, Reason
from barque.storage.announcements import announce, plain
from barque.storage.records import JournalKind, Rows
from barque.storage.store import Account

from .accounts import INSTRUMENTS, NOW, row
from .journals import journals

ACCOUNT = Account(
    id=7,
    name="paper",
    strategy="trend",
    currency="USD",
    created_ts=NOW,
    instruments=INSTRUMENTS,
    spec={},
)


def told(rows: Rows) -> tuple[str, dict[str, Any]]:
    kind, payload = announce(rows.tolist()[0], ACCOUNT)
    return kind, json.loads(payload)


@given(st.decimals(-(10**12), 10**12, places=8))
def test_money_is_written_exactly_and_without_an_exponent(amount: Decimal) -> None:
    assert Decimal(plain(amount)) == amount
    assert "E" not in plain(amount)


@pytest.mark.parametrize(
    ("amount", "written"), [("100.00", "100"), ("0.00000001", "0.00000001"), ("1E+3", "1000")]
)
def test_zeros_that_say_nothing_are_left_out(amount: str, written: str) -> None:
    assert plain(Decimal(amount)) == written


@given(journals())
def test_every_record_can_be_told(rows: Rows) -> None:
    for k in range(len(rows)):
        kind, payload = told(rows[k : k + 1])

        assert JournalKind[kind.upper()] == rows[k, 0]
        assert isinstance(payload, dict)


def test_a_market_order_has_no_price() -> None:
    kind, payload = told(row(JournalKind.ACCEPTED, 3, 1, -1, 20, 0, 2, instrument=1))

    assert kind == "accepted"
    assert payload == {
        "order_id": 3,
        "client_order_id": "BQ-7-3",
        "instrument": "MSFT.XNAS",
        "type": "MARKET",
        "side": "SELL",
        "time_in_force": "DAY",
        "quantity": "20",
        "price": None,
    }


def test_a_refusal_of_nonsense_is_told_as_it_was_asked() -> None:
    nonsense = row(JournalKind.REFUSED, 4, 99, 0, 5, 6, 8, Reason.UNKNOWN_INSTRUMENT, instrument=-1)

    _, payload = told(nonsense)

    assert (payload["instrument"], payload["type"], payload["side"]) == ("", "99", "0")
    assert payload["why"] == "no such instrument in this run"


def test_a_halt_names_its_cause() -> None:
    _, payload = told(row(JournalKind.HALT, Halt.NUMBER_RANGE, 10**18, -3, instrument=2))

    assert payload["instrument"] == "KO.XNYS"
    assert payload["why"] == "an amount did not fit into the ledger's range"
    assert payload["operands"] == ["1000000000000000000", "-3"]
