"""Fees and slippage against the examples of their sources, computed by hand."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from barque.domain.costs import (
    BasisPoints,
    CostModels,
    Fee,
    MakerTaker,
    OwnFee,
    OwnSlippage,
    Percentage,
    PerContract,
    PerShare,
    Slippage,
    Spread,
    SquareRoot,
    Ticks,
    Tier,
    VolumeShare,
)
from barque.engine.state import State, new_state
from barque.kernels import costs
from barque.kernels import layout as at
from barque.kernels.money import RATE
from tests.engine.histories import EQUITY

CENT, DOLLAR = 10**6, 10**8
VALUE = 10**15
D = Decimal


@njit
def fee(account, instruments, quantity, price, value, is_maker, day):
    return costs.fee(account, instruments, 0, quantity, price, value, is_maker, day)


@njit
def slipped(instruments, side, price, quantity, volume):
    return costs.slipped(instruments, 0, side, price, quantity, volume)


@njit
def count_volume(account, day, amount):
    costs.count_volume(account, day, amount)


def under(model: Fee | Slippage) -> State:
    word = "fee" if isinstance(model, Fee) else "slippage"
    return new_state([EQUITY], cash=D(1), costs=CostModels(**{word: model}))


def charged(model: Fee, quantity: int, price: int, *, maker: bool = False) -> Decimal:
    state = under(model)
    amount, ok = fee(
        state.account, state.instruments, quantity, price, quantity * price, maker, 20_000
    )
    assert ok
    return D(amount).scaleb(-8)


def price_got(model: Slippage, side: int, price: int, quantity: int = 1, volume: int = 0) -> int:
    state = under(model)
    state.instruments[0, [at.BID, at.ASK]] = 99 * DOLLAR, 99 * DOLLAR + 7 * CENT
    got, ok = slipped(state.instruments, side, price, quantity, volume)
    assert ok
    return got


# The three examples of "IBKR Pro Fixed" on Interactive Brokers' page of commissions for US shares.
@pytest.mark.parametrize(
    ("shares", "price", "expected"),
    [(100, 25 * DOLLAR, "1.00"), (1_000, 25 * DOLLAR, "5.00"), (1_000, 25 * CENT, "2.50")],
)
def test_per_share_charges_what_interactive_brokers_says(shares, price, expected) -> None:
    model = PerShare(each=D("0.005"), minimum=D(1), maximum=D("0.01"))

    assert charged(model, shares, price) == charged(model, -shares, price) == D(expected)


def test_a_maximum_below_the_minimum_wins() -> None:
    model = PerShare(each=D("0.005"), minimum=D(1), maximum=D("0.01"))

    assert charged(model, 10, 5 * DOLLAR) == D("0.5")


def test_a_percentage_and_an_amount_a_contract_are_what_they_say() -> None:
    assert charged(Percentage(D("0.001")), 30, 10 * DOLLAR) == D("0.3")
    assert charged(Percentage(D("0.001"), D("0.02")), -30, 10 * DOLLAR) == D("0.9")
    assert charged(PerContract(D("0.85")), -3, 4_000 * DOLLAR) == D("2.55")


def test_a_maker_may_be_paid_and_a_taker_pays() -> None:
    model = MakerTaker(maker=D("-0.0001"), taker=D("0.0005"))

    assert charged(model, 100, 100 * DOLLAR, maker=True) == D("-1")
    assert charged(model, 100, 100 * DOLLAR) == D(5)


TIERED = MakerTaker(
    maker=D("0.001"),
    taker=D("0.001"),
    tiers=(Tier(D(1_000), D("0.0009"), D("0.0010")), Tier(D(5_000), D("0.0008"), D("0.0009"))),
)


@pytest.mark.parametrize(
    ("traded", "later", "maker", "taker"),
    [
        (999, 0, 10, 10),
        (1_000, 0, 9, 10),
        (5_000, 0, 8, 9),
        (5_000, 29, 8, 9),
        (5_000, 30, 10, 10),
        (5_000, 5_000, 10, 10),
    ],
)
def test_a_tier_is_reached_by_the_volume_of_thirty_days(traded, later, maker, taker) -> None:
    state, value = under(TIERED), 10_000 * DOLLAR
    count_volume(state.account, 20_000, traded * DOLLAR)

    def ask(is_maker: bool):
        return fee(state.account, state.instruments, 1, value, value, is_maker, 20_000 + later)

    assert ask(True) == (maker * DOLLAR, True)
    assert ask(False) == (taker * DOLLAR, True)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10**12)), max_size=40))
def test_the_volume_of_thirty_days_is_the_sum_of_their_fills(steps) -> None:
    state, day, past = under(TIERED), 20_000, []
    account = state.account

    for later, amount in steps:
        day += later
        count_volume(account, day, amount)
        past.append((day, amount))

    first = account[at.VOLUME_OF_DAYS]
    kept = account[first + 1 : first + 31].sum()
    assert kept == sum(amount for then, amount in past if then > day - 30)


def test_ticks_and_basis_points_move_the_price_against_the_taker() -> None:
    assert price_got(Ticks(2), 1, 10 * DOLLAR) == 10 * DOLLAR + 2 * CENT
    assert price_got(Ticks(2), -1, 10 * DOLLAR) == 10 * DOLLAR - 2 * CENT
    assert price_got(BasisPoints(D(5)), -1, 10 * DOLLAR) == 10 * DOLLAR - CENT // 2


def test_a_price_never_falls_below_one_unit() -> None:
    assert price_got(Ticks(2), -1, CENT) == 1


def test_a_spread_costs_half_of_what_was_last_quoted() -> None:
    assert price_got(Spread(), 1, 99 * DOLLAR) == 99 * DOLLAR + 7 * CENT // 2


@pytest.mark.parametrize("unknown", [at.BID, at.ASK])
def test_a_spread_that_was_never_quoted_costs_nothing(unknown: int) -> None:
    state = under(Spread())
    state.instruments[0, [at.BID, at.ASK]] = DOLLAR, DOLLAR
    state.instruments[0, unknown] = 0

    assert slipped(state.instruments, 1, 99 * DOLLAR, 1, 1) == (99 * DOLLAR, True)


# Zipline: impact · share² of the price, with its defaults 0.1 and a share of 2.5 %.
def test_volume_share_is_impact_times_the_square_of_the_share() -> None:
    got = price_got(VolumeShare(), 1, 100 * DOLLAR, quantity=25, volume=1_000)

    assert got == 100 * DOLLAR + 625_000  # 100 · 0.1 · 0.025² = 0.00625


# A fifth of a day's volume at 1 % volatility: √0.04 · 1 % = 0.2 % of the price.
def test_square_root_is_volatility_times_the_root_of_the_share() -> None:
    got = price_got(SquareRoot(D("0.01")), -1, 100 * DOLLAR, quantity=40, volume=1_000)

    assert got == 100 * DOLLAR - 20 * CENT


@pytest.mark.parametrize("model", [VolumeShare(D("0.5")), SquareRoot(D("0.5"))])
@pytest.mark.parametrize("volume", [0, 3, 5])
def test_a_share_of_an_unknown_or_small_volume_is_all_of_it(model, volume) -> None:
    assert price_got(model, 1, 2 * DOLLAR, quantity=5, volume=volume) == 3 * DOLLAR


@given(st.integers(1, VALUE), st.integers(0, RATE - 1), st.sampled_from([1, -1]))
def test_a_taker_gets_a_worse_price_by_the_slippage_rate(price: int, rate: int, side: int) -> None:
    rules = np.zeros((1, at.INSTRUMENT_WIDTH), np.int64)
    rules[0, at.SLIPPAGE_RATE] = rate

    got, ok = slipped(rules, side, price, 1, 1)

    assert ok
    assert got == max(1, price + side * round(Fraction(price * rate, RATE)))


@given(st.integers(-VALUE, VALUE), st.integers(-(4 * 10**18), 4 * 10**18), st.integers(0, RATE))
def test_a_fee_that_does_not_fit_is_refused(quantity: int, value: int, rate: int) -> None:
    state = under(Percentage(D(rate).scaleb(-12)))
    state.instruments[0, at.FEE_PER_UNIT] = 10**6

    amount, ok = fee(state.account, state.instruments, quantity, 1, value, False, 0)

    exact = round(Fraction(abs(value) * rate, RATE)) + abs(quantity) * 10**6
    assert ok == (exact <= 4 * 10**18) or abs(exact - 4 * 10**18) < 4_096
    assert not ok or amount == exact


def own_fee(price: float, quantity: float, notional: float, is_maker: bool) -> float:
    return 0.25 if is_maker else 1.5 + notional / 1000.0


def own_slippage(price: float, quantity: float, volume: float, bid: float, ask: float) -> float:
    return (ask - bid) * abs(quantity) / volume + price / 100.0


def not_a_number(price: float, quantity: float, notional: float, is_maker: bool) -> float:
    return price * np.nan


def raises(price: float, quantity: float, notional: float, is_maker: bool) -> float:
    if quantity < 1e9:
        raise ValueError("no fee is known")
    return 1.0


def divides_by_nothing(price: float, quantity: float, notional: float, is_maker: bool) -> float:
    return notional / (price - price)


def slips_nowhere(price: float, quantity: float, volume: float, bid: float, ask: float) -> float:
    return price / (volume - volume)


def test_a_fee_of_ones_own_is_what_its_function_returns() -> None:
    assert charged(OwnFee(own_fee), -100, 50 * DOLLAR) == D("6.5")
    assert charged(OwnFee(own_fee), -100, 50 * DOLLAR, maker=True) == D("0.25")


def test_slippage_of_ones_own_is_what_its_function_returns() -> None:
    got = price_got(OwnSlippage(own_slippage), -1, 50 * DOLLAR, quantity=100, volume=200)

    # Half of the volume at a spread of 0.07, and a hundredth of the price.
    assert got == 50 * DOLLAR - 7 * CENT // 2 - 50 * CENT


@pytest.mark.parametrize("function", [not_a_number, raises, divides_by_nothing])
def test_a_function_that_returns_no_number_is_refused(function) -> None:
    state = under(OwnFee(function))

    assert not fee(state.account, state.instruments, 1, DOLLAR, DOLLAR, False, 0)[1]


def test_slippage_that_fails_is_refused() -> None:
    state = under(OwnSlippage(slips_nowhere))

    assert not slipped(state.instruments, 1, DOLLAR, 1, 1)[1]


BESIDE = [
    Percentage(D("0.001")),
    PerContract(D("0.5")),
    PerShare(each=D("0.005"), minimum=D(1), maximum=D("0.01")),
    MakerTaker(maker=D("-0.0001"), taker=D("0.0005"), tiers=(Tier(D(1), D(0), D("0.0003")),)),
    OwnFee(lambda price, quantity, notional, is_maker: 2.5),
]


@pytest.mark.parametrize("model", BESIDE, ids=lambda model: type(model).__name__)
def test_a_rate_is_charged_beside_every_fee_model(model: Fee) -> None:
    state = under(model)
    trade = (100, 50 * DOLLAR, 5_000 * DOLLAR, False, 20_000)
    before, _ = fee(state.account, state.instruments, *trade)

    state.instruments[0, at.FEE_RATE] += RATE // 10_000

    after, ok = fee(state.account, state.instruments, *trade)
    assert ok
    assert after - before == DOLLAR // 2  # a basis point of 5,000


@pytest.mark.parametrize(
    "model",
    [
        BasisPoints(D(3)), Ticks(2), Spread(), VolumeShare(D("0.1")), SquareRoot(D("0.1")),
        OwnSlippage(lambda price, quantity, volume, bid, ask: 0.25),
    ],
    ids=lambda model: type(model).__name__,
)  # fmt: skip
def test_ticks_and_a_rate_move_the_price_beside_every_slippage_model(model: Slippage) -> None:
    state = under(model)
    state.instruments[0, [at.BID, at.ASK]] = 99 * DOLLAR, 99 * DOLLAR + 7 * CENT
    before, _ = slipped(state.instruments, -1, 100 * DOLLAR, 10, 1_000)

    state.instruments[0, at.SLIPPAGE_TICKS] += 3
    state.instruments[0, at.SLIPPAGE_RATE] += RATE // 10_000

    after, ok = slipped(state.instruments, -1, 100 * DOLLAR, 10, 1_000)
    assert ok
    assert before - after == 3 * CENT + CENT
