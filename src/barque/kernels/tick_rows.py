"""Turn trades and quotes into rows of the event layout, and examine them on the way.

Ticks may share a ts, and then keep their order. Numbers are float64 and are scaled to units.
"""

import numpy as np
from numba import njit

from barque.domain.events import EventFlag, EventKind
from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.compile import JIT
from barque.kernels.event_rows import LARGEST, to_units
from barque.kernels.layout import (
    CLOSE,
    FLAGS,
    HIGH,
    INSTRUMENT,
    KIND,
    LOW,
    OPEN,
    QUOTE_ASK,
    QUOTE_ASK_SIZE,
    QUOTE_BID,
    QUOTE_BID_SIZE,
    START,
    TS,
    VOLUME,
)

TRADE = int(EventKind.TRADE)
QUOTE = int(EventKind.QUOTE)
BUYER_TOOK = int(EventFlag.BUYER_TOOK)
SELLER_TOOK = int(EventFlag.SELLER_TOOK)


@njit(**JIT)
def write_trades(
    ts: IntArray,
    price: FloatArray,
    size: FloatArray,
    side: IntArray,
    price_scale: float,
    size_scale: float,
    instrument: int,
    flags: int,
    previous_ts: int,
    rows: IntArray,
) -> int:
    """Write trades as event rows; return -1, or the index of the first that is not sane.

    A trade is a bar of one price. `side` is 1 where a buyer took, -1 where a seller did, else 0.
    """
    for t in range(ts.size):
        p = to_units(price[t], price_scale)
        v = to_units(size[t], size_scale)
        numbers_sane = p > 0.0 and p <= LARGEST and v >= 0.0 and v <= LARGEST
        if ts[t] < previous_ts or not numbers_sane or side[t] < -1 or side[t] > 1:
            return t
        took = BUYER_TOOK if side[t] > 0 else SELLER_TOOK
        rows[t, TS] = rows[t, START] = ts[t]
        rows[t, KIND] = TRADE
        rows[t, INSTRUMENT] = instrument
        rows[t, OPEN] = rows[t, HIGH] = rows[t, LOW] = rows[t, CLOSE] = np.int64(p)
        rows[t, VOLUME] = np.int64(v)
        rows[t, FLAGS] = flags if side[t] == 0 else flags | took
        previous_ts = ts[t]
    return -1


@njit(**JIT)
def write_quotes(
    ts: IntArray,
    bid: FloatArray,
    ask: FloatArray,
    bid_size: FloatArray,
    ask_size: FloatArray,
    price_scale: float,
    size_scale: float,
    instrument: int,
    flags: int,
    previous_ts: int,
    rows: IntArray,
) -> int:
    """Write quotes as event rows; return -1, or the index of the first that is not sane.

    A side whose price or size is 0 is not there, and both become 0. The sides may cross.
    """
    for t in range(ts.size):
        b, a = to_units(bid[t], price_scale), to_units(ask[t], price_scale)
        b_size, a_size = to_units(bid_size[t], size_scale), to_units(ask_size[t], size_scale)
        sane = b >= 0.0 and a >= 0.0 and b_size >= 0.0 and a_size >= 0.0
        sane = sane and max(b, a) <= LARGEST and max(b_size, a_size) <= LARGEST
        if b == 0.0 or b_size == 0.0:
            b = b_size = 0.0
        if a == 0.0 or a_size == 0.0:
            a = a_size = 0.0
        if ts[t] < previous_ts or not sane:
            return t
        rows[t, TS] = rows[t, START] = ts[t]
        rows[t, KIND] = QUOTE
        rows[t, INSTRUMENT] = instrument
        rows[t, QUOTE_BID] = np.int64(b)
        rows[t, QUOTE_ASK] = np.int64(a)
        rows[t, QUOTE_BID_SIZE] = np.int64(b_size)
        rows[t, QUOTE_ASK_SIZE] = np.int64(a_size)
        rows[t, VOLUME] = 0
        rows[t, FLAGS] = flags
        previous_ts = ts[t]
    return -1
