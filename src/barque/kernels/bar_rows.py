"""Turn bars into rows of the event layout, those of many instruments in their order at once.

Every bar of trades the engine ever sees passes through `write_bars`, which is also where it is
examined: a bar that is not finite, sane, sorted and within the largest number is not written.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import LARGEST_VALUE
from barque.kernels.addresses import float_at, int_at, prefetch, write_numbers
from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.compile import INNER, JIT, called
from barque.kernels.event_rows import NEVER, to_units
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
from barque.kernels.tables import events_of

ENDS_SESSION = int(EventFlag.ENDS_SESSION)
BAR = int(EventKind.BAR)
DAY = 86_400 * 10**9
LARGEST = float(LARGEST_VALUE)
BEFORE_EVERYTHING = -(2**63)
assert list(range(OPEN, OPEN + 5)) == [OPEN, HIGH, LOW, CLOSE, VOLUME], "written as one"

# An instrument whose bars are written: panel[i, column].
NUMBER = 0  # its index in the run
NEXT_CLOSE = 1  # place in `closes` of the next time at which its session closes
AFTER_CLOSES = 2  # the place after its last close
PREVIOUS_TS = 3  # of the last bar that was written, or of what is taken for one
PREVIOUS_START = 4
PRICES_WHOLE = 5  # 1 where prices are int64, 0 where they are float64
SIZES_WHOLE = 6  # the same of volumes
SAYS_START = 7  # 1 where bars say when they begin, 0 where that is when the last one closed
ADDRESSES = 8  # the addresses of ts, start, open, high, low, close and volume
PANEL_WIDTH = 15

PRICE, SIZE = 0, 1
"""The columns of `scales`: by what prices and volumes are multiplied to become units."""

TILE = 256
"""Bars of one instrument that are read and written together. The numbers of a column lie beside one
another: one here and one there of hundreds of columns would wait for memory at each of them."""
AHEAD = 4 * EVENT_WIDTH * 8
"""Bytes before which a row's place is fetched; the rows of one instrument lie far apart."""
LINE = 64
"""Bytes that a processor fetches at once."""


@njit(**JIT)
def write_addresses(
    panel: IntArray,
    i: int,
    count: int,
    ts: IntArray,
    start: IntArray,
    open_: NDArray[Any],
    high: NDArray[Any],
    low: NDArray[Any],
    close: NDArray[Any],
    volume: NDArray[Any],
) -> bool:
    """Write where the columns of an instrument begin; many times faster than NumPy tells it.

    Returns whether all have `count` numbers, each where a number may lie in memory.
    """
    odd = write_address(panel, i, 0, ts, count)
    odd |= write_address(panel, i, 1, start, count)
    odd |= write_address(panel, i, 2, open_, count)
    odd |= write_address(panel, i, 3, high, count)
    odd |= write_address(panel, i, 4, low, count)
    odd |= write_address(panel, i, 5, close, count)
    odd |= write_address(panel, i, 6, volume, count)
    return odd == 0


@njit(**INNER)
def write_address(panel: IntArray, i: int, k: int, column: NDArray[Any], count: int) -> int:
    """Write where a column begins; return 0 if that and its length are as they should be."""
    address = column.ctypes.data
    panel[i, ADDRESSES + k] = address
    return (address % 8) | (column.size ^ count)


@njit(**JIT)
def write_bars(
    panel: IntArray,
    scales: FloatArray,
    closes: IntArray,
    first: int,
    count: int,
    flags: int,
    rows: IntArray,
) -> int:
    """Write `count` bars of each instrument, from bar `first` on, ordered by (bar, instrument).

    Returns -1, or the row of a bar that is not sane. Bar t of every instrument has the same ts,
    on whose last row `flags` is set. A bar of a day or more, or one during which its session
    closes, gets ENDS_SESSION.
    """
    instruments, beginning, table = panel.shape[0], rows.ctypes.data, events_of(rows)
    for begun in range(0, count, TILE):
        many = min(TILE, count - begun)
        for i in range(instruments):
            if i + 1 < instruments:
                fetch(panel, i + 1, first + begun, many)
            of_last = flags if i == instruments - 1 else 0
            row = begun * instruments + i
            place = beginning + row * EVENT_WIDTH * 8
            bad = write_tile(
                panel, scales, i, closes, first + begun, many, of_last, table, row, place
            )
            if bad >= 0:
                return bad
    return -1


@njit(**INNER)
def fetch(panel: IntArray, i: int, first: int, many: int) -> None:
    """Have the processor fetch bars of an instrument while it works on another's."""
    for column in range(ADDRESSES, PANEL_WIDTH):
        address = panel[i, column] + 8 * first
        for line in range(0, 8 * many + LINE, LINE):
            prefetch(address + line)


@njit(**INNER)
def write_tile(
    panel: IntArray,
    scales: FloatArray,
    i: int,
    closes: IntArray,
    first: int,
    many: int,
    flags: int,
    rows: Any,
    row: int,
    place: int,
) -> int:
    """Write bars of an instrument as rows from `row` on; return -1, or the row of an insane one.

    `place` is the address of that row. Prices and volumes are written for four bars at a time, and
    where these may not be as they should, or are fewer, for each of them once more.
    """
    number, instruments = panel[i, NUMBER], panel.shape[0]
    at, after = panel[i, NEXT_CLOSE], panel[i, AFTER_CLOSES]
    close = closes[at] if at < after else NEVER
    previous_ts, previous_start = panel[i, PREVIOUS_TS], panel[i, PREVIOUS_START]
    says_start, stride, is_odd = panel[i, SAYS_START] != 0, instruments * EVENT_WIDTH * 8, True
    prices_whole, sizes_whole = panel[i, PRICES_WHOLE] != 0, panel[i, SIZES_WHOLE] != 0
    price_scale, size_scale = scales[i, PRICE], scales[i, SIZE]
    ts, start = panel[i, ADDRESSES], panel[i, ADDRESSES + 1]
    open_, high = panel[i, ADDRESSES + 2], panel[i, ADDRESSES + 3]
    low, last, volume = panel[i, ADDRESSES + 4], panel[i, ADDRESSES + 5], panel[i, ADDRESSES + 6]
    for n in range(many):
        k = 8 * (first + n)
        prefetch(place + AHEAD)
        if n % 4 == 0:
            is_odd = many - n < 4 or write_numbers(
                open_ + k, high + k, low + k, last + k, volume + k,
                prices_whole, sizes_whole, price_scale, size_scale, place + OPEN * 8, stride,
            )  # fmt: skip
        end = int_at(ts + k)
        begin = int_at(start + k) if says_start else previous_ts
        if not (previous_ts < end and previous_start <= begin and begin < end):
            return row
        if is_odd and not write_one_by_one(panel, scales, i, first + n, rows, row):
            return row
        while close <= begin:
            at += 1
            close = closes[at] if at < after else NEVER
        ends = end - begin >= DAY or close <= end
        rows[row, TS] = end
        rows[row, START] = begin
        rows[row, KIND] = BAR
        rows[row, INSTRUMENT] = number
        rows[row, FLAGS] = flags | ENDS_SESSION if ends else flags
        row += instruments
        place += stride
        previous_ts, previous_start = end, begin
    panel[i, NEXT_CLOSE] = at
    panel[i, PREVIOUS_TS], panel[i, PREVIOUS_START] = previous_ts, previous_start
    return -1


@called
def write_one_by_one(
    panel: IntArray, scales: FloatArray, i: int, t: int, rows: Any, row: int
) -> bool:
    """Write prices and volume of bar `t` into a row, ties exactly; return whether they are sane."""
    are_whole, scale = panel[i, PRICES_WHOLE] != 0, scales[i, PRICE]
    o = to_units(number_at(panel[i, ADDRESSES + 2] + 8 * t, are_whole), scale)
    h = to_units(number_at(panel[i, ADDRESSES + 3] + 8 * t, are_whole), scale)
    l = to_units(number_at(panel[i, ADDRESSES + 4] + 8 * t, are_whole), scale)  # noqa: E741
    c = to_units(number_at(panel[i, ADDRESSES + 5] + 8 * t, are_whole), scale)
    if not (l > 0.0 and l <= o and l <= c and o <= h and c <= h and h <= LARGEST):
        return False
    volume = number_at(panel[i, ADDRESSES + 6] + 8 * t, panel[i, SIZES_WHOLE] != 0)
    v = to_units(volume, scales[i, SIZE])
    if not (v >= 0.0 and v <= LARGEST):
        return False
    rows[row, OPEN], rows[row, HIGH] = np.int64(o), np.int64(h)
    rows[row, LOW], rows[row, CLOSE] = np.int64(l), np.int64(c)
    rows[row, VOLUME] = np.int64(v)
    return True


@njit(**INNER)
def number_at(address: int, is_whole: bool) -> float:
    """Return the number at an address: a float64, or an int64 as one."""
    return float(int_at(address)) if is_whole else float_at(address)
