"""Costs, margin and limits are said as they are, of the instruments whose they are."""

from decimal import Decimal

import pytest

from barque.domain.costs import (
    BasisPoints,
    CostModels,
    MakerTaker,
    OwnFee,
    OwnSlippage,
    Percentage,
    PerContract,
    PerShare,
    Spread,
    SquareRoot,
    Ticks,
    Tier,
    VolumeShare,
)
from barque.domain.margin import REG_T, CashAccount
from barque.engine.state import new_state
from barque.research.assumptions import assumptions
from barque.research.terms import Terms
from barque.risk.limits import Limits
from tests.research.markets import stocks

D = Decimal
STOCKS = stocks(2)
FIRST, SECOND = (one.id for one in STOCKS)


def said(**given) -> tuple[str, ...]:
    state = new_state(STOCKS, **Terms(**given).arguments)
    return assumptions(state.account, state.instruments, STOCKS, "USD")


def own_fee(price, quantity, notional, is_maker):
    return 1.0


def own_slippage(price, quantity, volume, bid, ask):
    return 0.01


@pytest.mark.parametrize(
    ("fee", "words"),
    [
        (Percentage(D(0)), "no fee"),
        (Percentage(D("0.00025")), "0.025 % of its notional"),
        (Percentage(D("0.001"), D("0.5")), "0.1 % of its notional and 0.5 USD a unit"),
        (PerContract(D("0.85")), "0.85 USD a unit"),
        (
            PerShare(each=D("0.005"), minimum=D(1), maximum=D("0.01")),
            "0.005 USD a unit, at least 1 USD, at most 1 % of its notional",
        ),
        (
            MakerTaker(
                maker=D("-0.0001"), taker=D("0.0005"), tiers=(Tier(D(10**6), D(0), D("0.0004")),)
            ),
            "-0.01 % of its notional when it made liquidity and 0.05 % when it took it; from a "
            "30-day volume of 1,000,000 USD on 0 % and 0.04 %",
        ),
        (OwnFee(own_fee), "what a function of your own says"),
    ],
)
def test_every_fee_is_said(fee, words) -> None:
    assert f"A fill pays {words}." in said(costs=CostModels(fee=fee))


@pytest.mark.parametrize(
    ("slippage", "words"),
    [
        (BasisPoints(D(0)), "nothing to the price"),
        (BasisPoints(D("2.5")), "2.5 basis points to the price"),
        (Ticks(2), "2 ticks to the price"),
        (Spread(), "half of the last quoted spread to the price"),
        (VolumeShare(D("0.1")), "0.1 of the price times the square of their share of the volume"),
        (SquareRoot(D(1)), "1 of the price times the square root of their share of the volume"),
        (OwnSlippage(own_slippage), "to the price what a function of your own says"),
    ],
)
def test_every_slippage_is_said(slippage, words) -> None:
    assert f"Market and stop orders lose {words}." in said(costs=CostModels(slippage=slippage))


def test_what_an_instrument_has_of_its_own_is_said_of_it() -> None:
    costs = CostModels(fee=Percentage(D("0.01")), of={SECOND: CostModels(fee=PerContract(D(1)))})

    words = said(costs=costs)

    assert f"{FIRST}: A fill pays 1 % of its notional." in words
    assert f"{SECOND}: A fill pays 1 USD a unit." in words


def test_margin_is_said_with_its_rates() -> None:
    assert "Cash may go below zero" in "".join(said())
    assert "Nothing is borrowed" in "".join(said(margin=CashAccount()))
    assert (
        "Margin is 50 % of a position's notional to open it and 25 % (short 30 %) to keep it."
        in said(margin=REG_T)
    )


def test_without_limits_that_is_said() -> None:
    assert said()[-1] == "No limits are set: only the engine's number range binds."


def test_every_limit_is_said() -> None:
    limits = Limits(
        position=D(50), notional=D("1000.5"), price_band=D("0.2"), gross=D(10**6), net=D(5),
        leverage=D("1.5"), concentration=D("0.25"), orders=9, window=60 * 10**9,
        daily_loss=D("0.05"), drawdown=D("0.2"),
    )  # fmt: skip

    assert said(limits=limits)[-3:] == (
        "Limits of an order are a position of 50 units, long or short, a value of 1,000.5 USD, "
        "a price within 20 % of the last.",
        "Limits of the account are gross exposure 1,000,000 USD, net exposure 5 USD, leverage "
        "1.5, 25 % of the equity in one instrument, 9 orders in 1m.",
        "A loss of more than 5 % of the equity that the day began with or 20 % of the highest "
        "equity halts the account.",
    )


def test_a_loss_alone_is_no_limit_of_orders() -> None:
    words = said(limits=Limits(drawdown=D("0.5")))

    assert words[-1] == "A loss of more than 50 % of the highest equity halts the account."
    assert not any("No limits" in one for one in words)
