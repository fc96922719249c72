"""Turn quote bars into rows of the event layout, and rows of many sources into one stream.

Every quote bar the engine ever sees passes through `write_quote_bars`, which is also where it is
examined: one that is not finite, sane, sorted and within the largest number is not written.
`kernels.bar_rows` does the same for bars of trades, `kernels.tick_rows` for trades and quotes.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import LARGEST_VALUE
from barque.kernels.arrays import FloatArray, IntArray
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

ENDS_SLICE = int(EventFlag.ENDS_SLICE)
ENDS_SESSION = int(EventFlag.ENDS_SESSION)
BID_BAR = int(EventKind.BID_BAR)
ASK_BAR = int(EventKind.ASK_BAR)
DAY = 86_400 * 10**9
NEVER = 2**63 - 1
LARGEST = float(LARGEST_VALUE)
SPLITTER = 2.0**27 + 1.0

# Where a merge stands: merge[column].
MERGE_NOW = 0  # the ts that is being told, NEVER between two of them
MERGE_SOURCE = 1  # the source whose turn it is
MERGE_WIDTH = 2

TILE = 16
"""Timestamps that are moved together where all sources share them."""
ALONE = 16
"""Timestamps that are moved one by one before it is tried again whether sources share them."""


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
def write_quote_bars(
    ts: IntArray,
    start: IntArray,
    prices: FloatArray,
    sizes: FloatArray,
    price_scale: float,
    size_scale: float,
    session_closes: IntArray,
    instrument: int,
    flags: int,
    previous_ts: int,
    previous_start: int,
    rows: IntArray,
) -> int:
    """Write quote bars, two rows each; return -1, or the index of the first that is not sane.

    `prices` are the bid's open, high, low and close, then the ask's; `sizes` the bid's and the
    ask's. A side without quotes is all 0, and one side must have some. The sides may cross.
    ENDS_SESSION, as for bars, is set on the ask side, and so are `flags`.
    """
    session = 0
    for t in range(ts.size):
        begin, end = start[t], ts[t]
        if not (previous_ts < end and previous_start <= begin and begin < end):
            return t
        rows[2 * t, OPEN] = rows[2 * t + 1, OPEN] = 0
        for side in range(2):
            if not _write_side(prices, sizes, price_scale, size_scale, t, side, rows):
                return t
        bid, ask = rows[2 * t], rows[2 * t + 1]
        if bid[OPEN] == 0 and ask[OPEN] == 0:
            return t
        while session < session_closes.size and session_closes[session] <= begin:
            session += 1
        ends = end - begin >= DAY
        ends = ends or (session < session_closes.size and session_closes[session] <= end)
        for side in range(2):
            row = 2 * t + side
            rows[row, TS] = end
            rows[row, START] = begin
            rows[row, KIND] = ASK_BAR if side else BID_BAR
            rows[row, INSTRUMENT] = instrument
            rows[row, FLAGS] = (flags | ENDS_SESSION if ends else flags) if side else 0
        previous_ts = end
        previous_start = begin
    return -1


@njit(**JIT)
def _write_side(
    prices: FloatArray,
    sizes: FloatArray,
    price_scale: float,
    size_scale: float,
    t: int,
    side: int,
    rows: IntArray,
) -> bool:
    """Write prices and size of one side of a quote bar; return whether they are sane."""
    row = 2 * t + side
    o = to_units(prices[4 * side, t], price_scale)
    h = to_units(prices[4 * side + 1, t], price_scale)
    l = to_units(prices[4 * side + 2, t], price_scale)  # noqa: E741
    c = to_units(prices[4 * side + 3, t], price_scale)
    v = to_units(sizes[side, t], size_scale)
    quoted = l > 0.0 and l <= o and l <= c and o <= h and c <= h and h <= LARGEST
    silent = o == 0.0 and h == 0.0 and l == 0.0 and c == 0.0
    if not ((quoted or silent) and v >= 0.0 and v <= LARGEST):
        return False
    if silent:
        v = 0.0
    rows[row, OPEN] = np.int64(o)
    rows[row, HIGH] = np.int64(h)
    rows[row, LOW] = np.int64(l)
    rows[row, CLOSE] = np.int64(c)
    rows[row, VOLUME] = np.int64(v)
    return True


@njit(**JIT)
def earliest(held: IntArray, heads: IntArray, ends: IntArray) -> int:
    """Return the earliest ts that waits in any source, or NEVER."""
    now = NEVER
    for s in range(heads.size):
        if heads[s] < ends[s]:
            now = min(now, held[heads[s], TS])
    return now


@njit(**JIT)
def merge_shared(
    held: IntArray,
    heads: IntArray,
    ends: IntArray,
    has_ties: NDArray[np.bool_],
    out: IntArray,
    filled: int,
    enough: int,
) -> int:
    """Move up to TILE timestamps that all sources with rows there share; return as `merge_rows`.

    Moves nothing where they share less than two. Rows of one source lie beside one another, and
    are read together: reading a row here and a row there of hundreds of sources, timestamp by
    timestamp, waits for memory at each of them.
    """
    now = earliest(held, heads, ends)
    count, members, leader = TILE, 0, 0
    for s in range(heads.size):
        if heads[s] < ends[s] and held[heads[s], TS] == now:
            if has_ties[s]:
                return filled
            leader = s if members == 0 else leader
            members += 1
            count = min(count, ends[s] - heads[s])
    if members == 0:
        return filled
    count = min(count, (out.shape[0] - filled) // members, (enough - filled) // members + 1)
    if count < 2:
        return filled
    first = heads[leader]
    last = held[first + count - 1, TS]
    for s in range(heads.size):
        if heads[s] < ends[s] and now < held[heads[s], TS] <= last:
            return filled
    place = 0
    for s in range(heads.size):
        if heads[s] < ends[s] and held[heads[s], TS] == now:
            for k in range(count):
                if held[heads[s] + k, TS] != held[first + k, TS]:
                    return filled
                row = filled + k * members + place
                for column in range(EVENT_WIDTH):
                    out[row, column] = held[heads[s] + k, column]
            place += 1
    for s in range(heads.size):
        if heads[s] < ends[s] and held[heads[s], TS] == now:
            heads[s] += count
    for k in range(count):
        out[filled + (k + 1) * members - 1, FLAGS] |= ENDS_SLICE
    return filled + count * members


@njit(**JIT)
def must_refill(heads: IntArray, ends: IntArray, ended: NDArray[np.bool_]) -> bool:
    """Return whether some source that has not ended has no rows."""
    for s in range(heads.size):  # noqa: SIM110 - compiled: a generator would be allocated
        if heads[s] == ends[s] and not ended[s]:
            return True
    return False


@njit(**JIT)
def merge_rows(
    held: IntArray,
    heads: IntArray,
    ends: IntArray,
    ended: NDArray[np.bool_],
    has_ties: NDArray[np.bool_],
    merge: IntArray,
    out: IntArray,
    filled: int,
    enough: int,
) -> int:
    """Move rows of `held` to `out` from row `filled` on; return how many it has then.

    Those of a source that wait are from `heads` up to `ends`. Ordered by (ts, source, position in
    the source); the last row of each ts gets ENDS_SLICE. Stops when a source that has not ended
    must be refilled, when `out` is full, when a ts is whole and `out` has `enough` rows, or when
    nothing is left. MERGE_NOW is NEVER exactly when `out` ends with a whole ts. Every source that
    has not ended has rows when this is called. `has_ties` says which sources may have several rows
    of one ts.
    """
    now, s, alone = merge[MERGE_NOW], merge[MERGE_SOURCE], 1  # what was begun is ended first
    if now == NEVER:
        now, s, alone = earliest(held, heads, ends), 0, 0
    while now != NEVER:
        if s == 0 and alone == 0:
            shared = merge_shared(held, heads, ends, has_ties, out, filled, enough)
            if shared > filled:
                filled = shared
                if filled >= enough or must_refill(heads, ends, ended):
                    break
                now = earliest(held, heads, ends)
                continue
            alone = ALONE
        alone = max(0, alone - 1)
        resumed, following = s > 0, NEVER
        while s < heads.size:
            head, end = heads[s], ends[s]
            while head < end and held[head, TS] == now:
                if filled == out.shape[0]:
                    heads[s] = head
                    merge[MERGE_NOW], merge[MERGE_SOURCE] = now, s
                    return filled
                for column in range(EVENT_WIDTH):
                    out[filled, column] = held[head, column]
                filled += 1
                head += 1
            heads[s] = head
            if head < end:
                following = min(following, held[head, TS])
            elif not ended[s]:  # its next rows may have this ts as well
                merge[MERGE_NOW], merge[MERGE_SOURCE] = now, s
                return filled
            s += 1
        out[filled - 1, FLAGS] |= ENDS_SLICE
        now, s = earliest(held, heads, ends) if resumed else following, 0
        if filled >= enough:
            break
    merge[MERGE_NOW], merge[MERGE_SOURCE] = NEVER, 0
    return filled
