"""Tell a compiled strategy what happened: which hook an event calls, and what it is given."""

from typing import Any

from numba import njit

from barque.domain.events import Bar, EventFlag, EventKind, Quote, Trade
from barque.kernels.arrays import IntArray
from barque.kernels.compile import JIT
from barque.kernels.layout import (
    BUILDER_SHIFT,
    CLOSE,
    DIVIDEND_AMOUNT,
    FLAGS,
    FUNDING_RATE,
    HIGH,
    INSTRUMENT,
    KIND,
    LOW,
    OPEN,
    PRICE_SCALE,
    QUANTITY_SCALE,
    QUOTE_ASK,
    QUOTE_ASK_SIZE,
    QUOTE_BID,
    QUOTE_BID_SIZE,
    SPLIT_NEW,
    SPLIT_OLD,
    START,
    TIMER_ID,
    TS,
    VOLUME,
)
from barque.kernels.money import RATE
from barque.strategies.native import Layout
from barque.strategies.strategy import HOOKS, has_hook

SPLIT = int(EventKind.SPLIT)
DIVIDEND = int(EventKind.DIVIDEND)
TRADE = int(EventKind.TRADE)
QUOTE = int(EventKind.QUOTE)
BAR = int(EventKind.BAR)
ASK_BAR = int(EventKind.ASK_BAR)
BUILT_BAR = int(EventKind.BUILT_BAR)
FUNDING = int(EventKind.FUNDING)
EXPIRY = int(EventKind.EXPIRY)
DELISTING = int(EventKind.DELISTING)
TIMER = int(EventKind.TIMER)
ENDS_SLICE = int(EventFlag.ENDS_SLICE)
BUYER_TOOK = int(EventFlag.BUYER_TOOK)
SELLER_TOOK = int(EventFlag.SELLER_TOOK)


@njit(**JIT)
def bar_of(instruments: IntArray, events: IntArray, t: int) -> Bar:
    """Return event `t` as a strategy sees a bar: prices and volume in whole units."""
    i = events[t, INSTRUMENT]
    price_scale, quantity_scale = instruments[i, PRICE_SCALE], instruments[i, QUANTITY_SCALE]
    return Bar(
        events[t, TS],
        events[t, START],
        i,
        events[t, OPEN] / price_scale,
        events[t, HIGH] / price_scale,
        events[t, LOW] / price_scale,
        events[t, CLOSE] / price_scale,
        events[t, VOLUME] / quantity_scale,
        events[t, CLOSE],
    )


@njit(**JIT)
def quote_of(instruments: IntArray, events: IntArray, t: int) -> Quote:
    """Return event `t` as a strategy sees a quote."""
    i = events[t, INSTRUMENT]
    price_scale, quantity_scale = instruments[i, PRICE_SCALE], instruments[i, QUANTITY_SCALE]
    return Quote(
        events[t, TS],
        i,
        events[t, QUOTE_BID] / price_scale,
        events[t, QUOTE_ASK] / price_scale,
        events[t, QUOTE_BID_SIZE] / quantity_scale,
        events[t, QUOTE_ASK_SIZE] / quantity_scale,
    )


@njit(**JIT)
def trade_of(instruments: IntArray, events: IntArray, t: int) -> Trade:
    """Return event `t` as a strategy sees a trade."""
    i, flags = events[t, INSTRUMENT], events[t, FLAGS]
    side = 0
    if flags & BUYER_TOOK:
        side = 1
    elif flags & SELLER_TOOK:
        side = -1
    return Trade(
        events[t, TS],
        i,
        events[t, CLOSE] / instruments[i, PRICE_SCALE],
        events[t, VOLUME] / instruments[i, QUANTITY_SCALE],
        side,
        events[t, CLOSE],
    )


def decider(layout: Layout) -> Any:
    """Return the compiled dispatch of one event to the hooks a strategy has.

    A hook that it lacks costs nothing: the question is answered when the loop is compiled.
    """
    tell_market, tell_action = _market_teller(layout), _action_teller(layout)
    has_slice = has_hook(layout.owner, "on_slice")
    acts = any(has_hook(layout.owner, hook) for hook in HOOKS["action"])

    @njit(**(JIT | {"cache": False}))
    def decide(
        strategy: Any, account: IntArray, instruments: IntArray, events: IntArray, t: int
    ) -> None:
        kind = events[t, KIND]
        if acts and not TRADE <= kind <= BUILT_BAR:
            tell_action(strategy, events, t, kind)
        else:
            tell_market(strategy, instruments, events, t, kind)
        if has_slice and events[t, FLAGS] & ENDS_SLICE:
            strategy.on_slice(events[t, TS])

    return decide


def _market_teller(layout: Layout) -> Any:
    has_bar, has_built, has_trade, has_quote, has_quote_bar = (
        has_hook(layout.owner, hook) for hook in HOOKS["market"]
    )

    @njit(**(JIT | {"cache": False}))
    def tell(strategy: Any, instruments: IntArray, events: IntArray, t: int, kind: int) -> None:
        if has_bar and (kind == BAR or (kind == BUILT_BAR and not has_built)):
            strategy.on_bar(bar_of(instruments, events, t))
        if has_built and kind == BUILT_BAR:
            strategy.on_built_bar(bar_of(instruments, events, t), events[t, FLAGS] >> BUILDER_SHIFT)
        if has_trade and kind == TRADE:
            strategy.on_trade(trade_of(instruments, events, t))
        if has_quote and kind == QUOTE:
            strategy.on_quote(quote_of(instruments, events, t))
        if has_quote_bar and kind == ASK_BAR:
            strategy.on_quote_bar(
                bar_of(instruments, events, t - 1), bar_of(instruments, events, t)
            )

    return tell


def _action_teller(layout: Layout) -> Any:
    has_split, has_dividend, has_funding, has_end, has_timer = (
        has_hook(layout.owner, hook) for hook in HOOKS["action"]
    )

    @njit(**(JIT | {"cache": False}))
    def tell(strategy: Any, events: IntArray, t: int, kind: int) -> None:
        i = events[t, INSTRUMENT]
        if has_split and kind == SPLIT:
            strategy.on_split(i, events[t, SPLIT_NEW], events[t, SPLIT_OLD])
        if has_dividend and kind == DIVIDEND:
            strategy.on_dividend(i, events[t, DIVIDEND_AMOUNT] / strategy._cash_scale_of(i))
        if has_funding and kind == FUNDING:
            strategy.on_funding(i, events[t, FUNDING_RATE] / RATE)
        if has_end and kind in (EXPIRY, DELISTING):
            strategy.on_end(i)
        if has_timer and kind == TIMER and events[t, TIMER_ID] >= 0:
            strategy.on_timer(events[t, TIMER_ID], events[t, TS])

    return tell
