"""The compiled step of a feature program: one bar in, one number per feature out.

History is the same step in a loop, so a stream and a batch cannot disagree, and nothing here can
see a later bar. Copy `ints` and `floats` to save the state; go on with the copies to restore it.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from barque.domain.events import EventKind
from barque.features import formulas
from barque.features.program import (
    CAPACITY,
    CLOSES,
    COUNT,
    FACTOR,
    HIGHS,
    LARGEST_ADJUSTED,
    LOWS,
    MEMORY,
    NEWEST,
    OP,
    OPEN,
    OTHER,
    RETURNS,
    SCALE,
    SPLIT_FACTOR,
    TS,
    TURNOVERS,
    VOLUMES,
    WARMUP,
    WINDOW,
    Op,
)
from barque.kernels import layout
from barque.kernels.compile import INNER, JIT

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

SPLIT = int(EventKind.SPLIT)
DIVIDEND = int(EventKind.DIVIDEND)
BAR = int(EventKind.BAR)
(
    SMA,
    EMA,
    RETURN,
    MOMENTUM,
    DISTANCE_FROM_SMA,
    MACD_LINE,
    RSI,
    STOCHASTIC,
    EFFICIENCY,
    VOLATILITY,
    SKEW,
    MAX_RETURN,
    PARKINSON_VOLATILITY,
    ATR,
    NORMALIZED_ATR,
    BOLLINGER_B,
    DRAWDOWN,
    RANGE,
    CLOSE_LOCATION,
    GAP,
    UP_SHARE,
    VOLUME_RATIO,
    AMIHUD,
    DAY_OF_WEEK,
) = map(int, Op)


@njit(**INNER)
def write_int(ints: IntArray, i: int, ring: int, value: int) -> None:
    """Put a whole number at the head of a ring, in both of its places."""
    at = formulas.newest_int(ints, i, ring)
    ints[i, at] = value
    ints[i, at - ints[i, CAPACITY]] = value


@njit(**INNER)
def write_float(ints: IntArray, floats: FloatArray, i: int, ring: int, value: float) -> None:
    """Put a real number at the head of a ring, in both of its places."""
    at = formulas.newest_float(ints, i, ring)
    floats[i, at] = value
    floats[i, at - ints[i, CAPACITY]] = value


@njit(**INNER)
def adjusted(floats: FloatArray, i: int, price: float) -> float:
    """Return a raw price in adjusted units, a whole number."""
    # The first rounding finds the price units the float came from, the second adjusts them.
    return np.rint(np.rint(price * floats[i, SCALE]) * floats[i, FACTOR])


@njit(**INNER)
def remember(
    ints: IntArray,
    floats: FloatArray,
    i: int,
    ts: int,
    open: float,
    high: float,
    low: float,
    close: float,
    volume: float,
) -> None:
    """Take one usable bar into the rings of instrument i."""
    ints[i, NEWEST] = ints[i, COUNT] % ints[i, CAPACITY] + ints[i, CAPACITY]
    ints[i, COUNT] += 1
    ints[i, TS] = ts
    ints[i, OPEN] = int(adjusted(floats, i, open))
    write_int(ints, i, CLOSES, int(adjusted(floats, i, close)))
    write_int(ints, i, HIGHS, int(adjusted(floats, i, high)))
    write_int(ints, i, LOWS, int(adjusted(floats, i, low)))
    earned = formulas.momentum(ints, i, 1, 0) if ints[i, COUNT] > 1 else 0.0
    write_float(ints, floats, i, RETURNS, earned)
    write_float(ints, floats, i, VOLUMES, volume / floats[i, SPLIT_FACTOR])
    write_float(ints, floats, i, TURNOVERS, close * volume)


@njit(**INNER)
def compute(program: IntArray, k: int, ints: IntArray, floats: FloatArray, i: int) -> float:
    """Compute feature k from the state of instrument i. Smoothed features move by one bar."""
    op = program[k, OP]
    n = program[k, WINDOW]
    other = program[k, OTHER]
    memory = program[k, MEMORY]
    # Smoothed features first: they need every bar, known or not.
    if op == EMA:
        return formulas.ema(ints, floats, i, n, memory)
    if op == MACD_LINE:
        return formulas.macd_line(ints, floats, i, n, other, memory)
    if op == RSI:
        return formulas.rsi(ints, floats, i, n, memory)
    if op == ATR:
        return formulas.atr(ints, floats, i, n, memory)
    if op == NORMALIZED_ATR:
        return formulas.normalized_atr(ints, floats, i, n, memory)
    if ints[i, COUNT] < program[k, WARMUP]:
        return math.nan
    return from_window(op, n, other, ints, floats, i)


@njit(**INNER)
def from_window(op: int, n: int, other: int, ints: IntArray, floats: FloatArray, i: int) -> float:
    """Compute a feature that has no memory of its own, once its window is full."""
    if op == SMA:
        return formulas.sma(ints, floats, i, n)
    if op in (RETURN, MOMENTUM):
        return formulas.momentum(ints, i, n, other)
    if op == DISTANCE_FROM_SMA:
        return formulas.distance_from_sma(ints, i, n)
    if op == STOCHASTIC:
        return formulas.stochastic(ints, i, n)
    if op == EFFICIENCY:
        return formulas.efficiency(ints, i, n)
    if op == VOLATILITY:
        return formulas.volatility(ints, floats, i, n)
    if op == SKEW:
        return formulas.skew(ints, floats, i, n)
    if op == MAX_RETURN:
        return formulas.max_return(ints, floats, i, n)
    if op == PARKINSON_VOLATILITY:
        return formulas.parkinson_volatility(ints, i, n)
    if op == BOLLINGER_B:
        return formulas.bollinger_b(ints, i, n, other)
    if op == DRAWDOWN:
        return formulas.drawdown(ints, i, n)
    if op == UP_SHARE:
        return formulas.up_share(ints, i, n)
    if op == VOLUME_RATIO:
        return formulas.volume_ratio(ints, floats, i, n)
    if op == AMIHUD:
        return formulas.amihud(ints, floats, i, n)
    return from_bar(op, ints, i)


@njit(**INNER)
def from_bar(op: int, ints: IntArray, i: int) -> float:
    """Compute a feature without parameters."""
    if op == RANGE:
        return formulas.bar_range(ints, i)
    if op == CLOSE_LOCATION:
        return formulas.close_location(ints, i)
    if op == GAP:
        return formulas.gap(ints, i)
    if op == DAY_OF_WEEK:
        return formulas.day_of_week(ints, i)
    return math.nan


@njit(**INNER)
def usable(floats: FloatArray, i: int, high: float, low: float, close_units: int) -> bool:
    """Whether a bar's prices are positive and small enough to be summed exactly."""
    return low > 0.0 and close_units > 0 and adjusted(floats, i, high) <= LARGEST_ADJUSTED


@njit(**JIT)
def observe(
    program: IntArray,
    ints: IntArray,
    floats: FloatArray,
    i: int,
    ts: int,
    open: float,
    high: float,
    low: float,
    close: float,
    volume: float,
    close_units: int,
    out: FloatArray,
) -> None:
    """Take the bar of instrument i that closed at `ts`, and write every feature into `out`.

    Prices are raw, in quote currency; `close_units` is the close in price units, which tells the
    size of a unit; `volume` is in whole units of quantity. `out[k]` is NaN until feature k is
    known. A bar without positive prices, or beyond 10^15 adjusted units, makes every feature
    unknown, and its history starts again.
    """
    floats[i, SCALE] = np.rint(close_units / close)
    if usable(floats, i, high, low, close_units):
        remember(ints, floats, i, ts, open, high, low, close, volume)
    else:
        ints[i, COUNT] = 0
    for k in range(program.shape[0]):
        value = compute(program, k, ints, floats, i) if ints[i, COUNT] > 0 else math.nan
        out[k] = value if ints[i, COUNT] >= program[k, WARMUP] else math.nan


@njit(**JIT)
def adjust_split(ints: IntArray, floats: FloatArray, i: int, new: int, old: int) -> None:
    """Let the features of instrument i see through a split of `old` shares into `new` ones.

    Call it before the first bar in new shares.
    """
    if new > 0 and old > 0:
        floats[i, FACTOR] = floats[i, FACTOR] * new / old
        floats[i, SPLIT_FACTOR] = floats[i, SPLIT_FACTOR] * new / old


@njit(**JIT)
def adjust_dividend(ints: IntArray, floats: FloatArray, i: int, amount: float) -> None:
    """Let the features of instrument i see through a cash dividend, as if it were reinvested.

    `amount` is per share, in the currency of the price. Call it before the first bar without the
    dividend. A dividend of the whole price or more changes nothing.
    """
    if ints[i, COUNT] > 0:
        close = float(ints[i, formulas.newest_int(ints, i, CLOSES)])
        last = formulas.in_prices(floats, i, close)
        if 0.0 < amount < last:
            floats[i, FACTOR] = floats[i, FACTOR] * last / (last - amount)


@njit(**JIT)
def dividend_in_prices(
    cash: float, price_scale: float, quantity_scale: float, divisor: float, multiplier: float
) -> float:
    """Return by how much a dividend of `cash` units for one whole unit of quantity moves the price.

    The others are an instrument's PRICE_SCALE, QUANTITY_SCALE, NOTIONAL_DIVISOR and MULTIPLIER. One
    formula for those who learn and those who trade, so that both see the same features to the bit.
    """
    return cash * divisor / (quantity_scale * multiplier) / price_scale


@njit(**JIT)
def adjusted_close(ints: IntArray, floats: FloatArray, i: int) -> float:
    """Return the newest close of instrument i with splits undone and dividends reinvested.

    Ratios of two such closes are total returns. NaN when the newest bar was not usable.
    """
    if ints[i, COUNT] == 0:
        return math.nan
    return float(ints[i, formulas.newest_int(ints, i, CLOSES)]) / floats[i, SCALE]


@njit(**JIT)
def observe_bars(
    program: IntArray,
    ints: IntArray,
    floats: FloatArray,
    i: int,
    ts: IntArray,
    open: FloatArray,
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    volume: FloatArray,
    close_units: IntArray,
    out: FloatArray,
) -> None:
    """Take many bars of instrument i: `observe` in a loop, row t of `out` for bar t."""
    for t in range(ts.size):
        observe(
            program,
            ints,
            floats,
            i,
            ts[t],
            open[t],
            high[t],
            low[t],
            close[t],
            volume[t],
            close_units[t],
            out[t],
        )


@njit(**INNER)
def observe_event(
    program: IntArray,
    ints: IntArray,
    floats: FloatArray,
    instruments: IntArray,
    event: IntArray,
    out: FloatArray,
) -> None:
    """Take one market event of any kind (`kernels.layout`); only a bar writes `out`.

    Of `instruments` it reads PRICE_SCALE, QUANTITY_SCALE, NOTIONAL_DIVISOR and MULTIPLIER.
    """
    i = event[layout.INSTRUMENT]
    kind = event[layout.KIND]
    price_scale = float(instruments[i, layout.PRICE_SCALE])
    quantity_scale = float(instruments[i, layout.QUANTITY_SCALE])
    if kind == BAR:
        observe(
            program,
            ints,
            floats,
            i,
            event[layout.TS],
            event[layout.OPEN] / price_scale,
            event[layout.HIGH] / price_scale,
            event[layout.LOW] / price_scale,
            event[layout.CLOSE] / price_scale,
            event[layout.VOLUME] / quantity_scale,
            event[layout.CLOSE],
            out,
        )
    elif kind == SPLIT:
        adjust_split(ints, floats, i, event[layout.SPLIT_NEW], event[layout.SPLIT_OLD])
    elif kind == DIVIDEND:
        amount = dividend_in_prices(
            float(event[layout.DIVIDEND_AMOUNT]),
            price_scale,
            quantity_scale,
            float(instruments[i, layout.NOTIONAL_DIVISOR]),
            float(instruments[i, layout.MULTIPLIER]),
        )
        adjust_dividend(ints, floats, i, amount)


@njit(**JIT)
def observe_events(
    program: IntArray,
    ints: IntArray,
    floats: FloatArray,
    instruments: IntArray,
    events: IntArray,
    out: FloatArray,
    closes: FloatArray,
) -> None:
    """Take many market events in their order.

    For the event in row t that is a bar, `out[t]` gets the features and `closes[t]` the adjusted
    close; rows of other events are left alone.
    """
    for t in range(events.shape[0]):
        observe_event(program, ints, floats, instruments, events[t], out[t])
        if events[t, layout.KIND] == BAR:
            closes[t] = adjusted_close(ints, floats, events[t, layout.INSTRUMENT])
