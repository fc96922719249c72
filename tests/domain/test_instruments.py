"""Units: what a number stands for, there and back, and what is refused at the door."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.domain.errors import BadInput
from barque.domain.instruments import (
    LARGEST_MONEY,
    LARGEST_VALUE,
    Instrument,
    InstrumentKind,
    cash,
    cash_digits,
    cash_units,
    rate_units,
)


def instrument(**changed) -> Instrument:
    words = {
        "id": "ACME.XNAS", "kind": InstrumentKind.EQUITY, "currency": "USD", "price_digits": 8,
        "quantity_digits": 2, "tick": Decimal("0.01"), "lot": Decimal("0.25"),
    }  # fmt: skip
    return Instrument(**(words | changed))


@given(st.integers(-LARGEST_VALUE, LARGEST_VALUE), st.integers(0, 7))
def test_units_go_there_and_back(units: int, digits: int) -> None:
    it = instrument(price_digits=8, quantity_digits=digits, lot=Decimal(1))

    assert it.price_units(it.price(units)) == units
    assert it.quantity_units(it.quantity(units)) == units


@given(st.integers(-LARGEST_MONEY, LARGEST_MONEY), st.sampled_from(["USD", "JPY", "KRW"]))
def test_money_goes_there_and_back(units: int, currency: str) -> None:
    assert cash_units(cash(units, currency), currency) == units


def test_a_currency_fixes_its_cash_unit() -> None:
    assert cash_digits("USD") == 8
    assert cash_units(Decimal("1.5"), "JPY") == 15_000


def test_a_rate_is_counted_in_millionths_of_a_millionth() -> None:
    assert rate_units(Decimal("0.001")) == 10**9


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(BadInput, match="finite"):
        instrument().price_units(Decimal(number))


def test_more_decimals_than_units_are_refused_and_never_rounded() -> None:
    with pytest.raises(BadInput, match="more than 8 decimals"):
        instrument().price_units(Decimal("0.000000001"))


def test_the_largest_number_is_allowed_and_the_next_one_is_not() -> None:
    it = instrument()
    largest = it.price(LARGEST_VALUE)

    assert it.price_units(largest) == LARGEST_VALUE
    with pytest.raises(BadInput, match="coarser units"):
        it.price_units(largest + it.price(1))


@pytest.mark.parametrize(
    ("flaw", "words"),
    [
        ({"id": "ACME"}, "SYMBOL.VENUE"),
        ({"price_digits": 3, "quantity_digits": 3}, "between 0 and 15"),
        ({"price_digits": 12, "quantity_digits": 12}, "between 0 and 15"),
        ({"multiplier": 0}, "at least 1"),
        ({"tick": Decimal("0.0000000001")}, "decimals"),
        ({"lot": Decimal("0.001")}, "decimals"),
    ],
)
def test_an_instrument_that_cannot_be_counted_is_refused(flaw, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        instrument(**flaw)


def test_symbol_and_venue_are_told_apart_at_the_last_dot() -> None:
    it = instrument(id="BRK.B.XNYS")

    assert (it.symbol, it.venue) == ("BRK.B", "XNYS")


@pytest.mark.parametrize(
    ("id", "kind", "currency", "base"),
    [
        ("EURUSD.SIM", InstrumentKind.FX, "USD", "EUR"),
        ("USD/JPY.SIM", InstrumentKind.FX, "JPY", "USD"),
        ("BTC-USDT.BINANCE", InstrumentKind.SPOT, "USDT", "BTC"),
        ("EURUSD.SIM", InstrumentKind.FX, "EUR", ""),
        ("SUSD.XNAS", InstrumentKind.EQUITY, "USD", ""),
    ],
)
def test_a_pair_says_what_it_is_a_pair_of(id, kind, currency, base) -> None:
    assert instrument(id=id, kind=kind, currency=currency).base == base


def test_futures_and_perpetuals_are_margined_unless_it_is_said_otherwise() -> None:
    margined = {kind for kind in InstrumentKind if instrument(kind=kind).is_margined}

    assert margined == {InstrumentKind.FUTURE, InstrumentKind.PERPETUAL}
    assert instrument(kind=InstrumentKind.FX, margined=True).is_margined
    assert not instrument(kind=InstrumentKind.FUTURE, margined=False).is_margined
