"""Turn bars into rows of the event layout, and rows of many sources into one ordered stream.

Everything the engine ever sees passes through `write_bars`, which is also where a bar is
examined: a bar that is not finite, sane, sorted and within the largest number is not written.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import LARGEST_VALUE
from barque.kernels.compile import JIT
from barque.kernels.layout import (
    CLOSE,
    EVENT_WIDTH,
    FLAGS,
    HIGH,
    INSTRUMENT,
    KIND,
    LOW,
    OPEN,
    START,
    TS,
    VOLUME,
)

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

ENDS_SLICE = int(EventFlag.ENDS_SLICE)
ENDS_SESSION = int(EventFlag.ENDS_SESSION)
BAR = int(EventKind.BAR)
DAY = 86_400 * 10**9
NEVER = 2**63 - 1
LARGEST = float(LARGEST_VALUE)
SPLITTER = 2.0**27 + 1.0


@njit(**JIT)
def to_units(value: float, scale: float) -> float:
    """Return value · scale as a whole number, ties to even; exact while it is below 2^50.

    The product is rounded once before it is rounded to a whole number, which matters only where
    the rounded product is a tie: there the sign of what the first rounding lost decides.
    """
    product = value * scale
    units = np.rint(product)
    if abs(product - units) == 0.5:
        lost = product_error(value, scale, product)
        if lost > 0.0:
            units = np.floor(product) + 1.0
        elif lost < 0.0:
            units = np.floor(product)
    return units


@njit(**JIT)
def product_error(a: float, b: float, product: float) -> float:
    """Return a·b - product exactly (Dekker 1971, with Veltkamp's splitting)."""
    c = SPLITTER * a
    a_high = c - (c - a)
    a_low = a - a_high
    c = SPLITTER * b
    b_high = c - (c - b)
    b_low = b - b_high
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@njit(**JIT)
def write_bars(
    ts: IntArray,
    start: IntArray,
    open_: FloatArray,
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    volume: FloatArray,
    price_scale: float,
    volume_scale: float,
    session_closes: IntArray,
    instrument: int,
    flags: int,
    previous_ts: int,
    previous_start: int,
    rows: IntArray,
) -> int:
    """Write bars as event rows and return -1, or the index of the first bar that is not sane.

    Prices and volumes are float64 and are scaled to units; `session_closes` is sorted and begins
    after the first bar's start. A bar of a day or more, or one during which its session closes,
    gets ENDS_SESSION. `flags` is set on every row.
    """
    session = 0
    for t in range(ts.size):
        o = to_units(open_[t], price_scale)
        h = to_units(high[t], price_scale)
        l = to_units(low[t], price_scale)  # noqa: E741
        c = to_units(close[t], price_scale)
        v = to_units(volume[t], volume_scale)
        begin = start[t]
        end = ts[t]
        in_order = previous_ts < end and previous_start <= begin and begin < end
        prices_sane = l > 0.0 and l <= o and l <= c and o <= h and c <= h and h <= LARGEST
        if not (in_order and prices_sane and v >= 0.0 and v <= LARGEST):
            return t
        while session < session_closes.size and session_closes[session] <= begin:
            session += 1
        row_flags = flags
        if end - begin >= DAY or (session < session_closes.size and session_closes[session] <= end):
            row_flags |= ENDS_SESSION
        rows[t, TS] = end
        rows[t, START] = begin
        rows[t, KIND] = BAR
        rows[t, INSTRUMENT] = instrument
        rows[t, OPEN] = np.int64(o)
        rows[t, HIGH] = np.int64(h)
        rows[t, LOW] = np.int64(l)
        rows[t, CLOSE] = np.int64(c)
        rows[t, VOLUME] = np.int64(v)
        rows[t, FLAGS] = row_flags
        previous_ts = end
        previous_start = begin
    return -1


@njit(**JIT)
def earliest(blocks: IntArray, heads: IntArray, sizes: IntArray) -> int:
    """Return the earliest ts that waits in any source, or NEVER."""
    now = NEVER
    for s in range(heads.size):
        if heads[s] < sizes[s]:
            now = min(now, blocks[s, heads[s], TS])
    return now


@njit(**JIT)
def merge_rows(
    blocks: IntArray, heads: IntArray, sizes: IntArray, ended: NDArray[np.bool_], out: IntArray
) -> int:
    """Move rows from `blocks[source]` to `out`, ordered by (ts, source), and return how many.

    Each source's rows have strictly increasing ts. Stops between two timestamps: when a source
    that has not ended is empty, when `out` might overflow, or when nothing is left. The last row
    of each timestamp gets ENDS_SLICE.
    """
    filled = 0
    now = earliest(blocks, heads, sizes)
    while now != NEVER and filled + heads.size <= out.shape[0]:
        following = NEVER
        must_refill = False
        for s in range(heads.size):
            if heads[s] < sizes[s] and blocks[s, heads[s], TS] == now:
                for column in range(EVENT_WIDTH):
                    out[filled, column] = blocks[s, heads[s], column]
                filled += 1
                heads[s] += 1
            if heads[s] < sizes[s]:
                following = min(following, blocks[s, heads[s], TS])
            elif not ended[s]:
                must_refill = True
        out[filled - 1, FLAGS] |= ENDS_SLICE
        if must_refill:
            break
        now = following
    return filled
