"""Turn bars into rows of the event layout, those of many instruments in their order at once.

Every bar of trades the engine ever sees passes through `write_bars`, which is also where it is
examined: a bar that is not finite, sane, sorted and within the largest number is not written.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import LARGEST_VALUE
from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.compile import INNER, JIT
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

ENDS_SESSION = int(EventFlag.ENDS_SESSION)
BAR = int(EventKind.BAR)
DAY = 86_400 * 10**9
LARGEST = float(LARGEST_VALUE)
BEFORE_EVERYTHING = -(2**63)

# An instrument whose bars are written: panel[i, column].
NUMBER = 0  # its index in the run
NEXT_CLOSE = 1  # place in `closes` of the next time at which its session closes
AFTER_CLOSES = 2  # the place after its last close
PREVIOUS_TS = 3  # of the last bar that was written, or BEFORE_EVERYTHING
PREVIOUS_START = 4
COLUMNS = 5  # for each of ts, start, open, high, low, close, volume: what COLUMN_WIDTH holds
ADDRESS = 0  # where the first number is
STRIDE = 1  # how many bytes lie between one and the next
IS_WHOLE = 2  # 1 where they are int64, 0 where they are float64
COLUMN_WIDTH = 3
PANEL_WIDTH = COLUMNS + 7 * COLUMN_WIDTH

PRICE, SIZE = 0, 1
"""The columns of `scales`: by what prices and volumes are multiplied to become units."""

TILE = 256
"""Bars of one instrument that are read and written together. The numbers of a column lie beside one
another: one here and one there of hundreds of columns would wait for memory at each of them."""
AHEAD = 4 * EVENT_WIDTH * 8
"""Bytes before which a row's place is fetched; the rows of one instrument lie far apart."""
LINE = 64
"""Bytes that a processor fetches at once."""


@intrinsic
def float_at(context: Any, address: Any, k: Any) -> Any:
    """Return the float64 at an address, or the one `k` places after it."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = builder.inttoptr(args[0], ir.DoubleType().as_pointer())
        return builder.load(builder.gep(pointer, [args[1]]))

    return types.float64(types.int64, types.int64), generate


@intrinsic
def int_at(context: Any, address: Any) -> Any:
    """Return the int64 at an address."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(builder.inttoptr(args[0], ir.IntType(64).as_pointer()))

    return types.int64(types.int64), generate


@intrinsic
def prefetch(context: Any, address: Any) -> Any:
    """Have the processor fetch what lies at an address; harmless where nothing lies."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        builder.call(fetch, [builder.inttoptr(args[0], byte), number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(types.int64), generate


@njit(**JIT)
def address_of(column: NDArray[Any]) -> int:
    """Return where the numbers of a column begin; many times faster than NumPy tells it."""
    return column.ctypes.data


@njit(**JIT)
def write_bars(
    panel: IntArray,
    scales: FloatArray,
    closes: IntArray,
    first: int,
    count: int,
    flags: int,
    values: FloatArray,
    tile: IntArray,
    rows: IntArray,
) -> int:
    """Write `count` bars of each instrument, from bar `first` on, ordered by (bar, instrument).

    Returns -1, or the row of a bar that is not sane. Bar t of every instrument has the same ts,
    on whose last row `flags` is set. A bar of a day or more, or one during which its session
    closes, gets ENDS_SESSION. `values` (TILE) and `tile` (EVENT_WIDTH, TILE + 1) are room to work
    in: bar k of a tile is `tile[:, k + 1]`, after the one that was written before it.
    """
    instruments = panel.shape[0]
    for begun in range(0, count, TILE):
        many = min(TILE, count - begun)
        for i in range(instruments):
            if i + 1 < instruments:
                fetch(panel, i + 1, first + begun, many)
            read_times(panel, i, first + begun, many, tile)
            read_numbers(panel, scales, i, first + begun, many, values, tile)
            bad = first_insane(tile, many)
            if bad >= 0:
                return (begun + bad) * instruments + i
            of_last = flags if i == instruments - 1 else 0
            write_tile(panel, i, closes, tile, many, of_last, rows, begun * instruments + i)
    return -1


@njit(**INNER)
def fetch(panel: IntArray, i: int, first: int, many: int) -> None:
    """Have the processor fetch bars of an instrument while it works on another's."""
    for column in range(COLUMNS, PANEL_WIDTH, COLUMN_WIDTH):
        stride = panel[i, column + STRIDE]
        address = panel[i, column + ADDRESS] + first * stride
        if stride == 8:
            for line in range(0, 8 * many + LINE, LINE):
                prefetch(address + line)


@njit(**INNER)
def read_times(panel: IntArray, i: int, first: int, many: int, tile: IntArray) -> None:
    """Read the times of some bars of an instrument, and remember the last."""
    tile[TS, 0], tile[START, 0] = panel[i, PREVIOUS_TS], panel[i, PREVIOUS_START]
    for c in range(2):
        column = COLUMNS + c * COLUMN_WIDTH
        stride = panel[i, column + STRIDE]
        address = panel[i, column + ADDRESS] + first * stride
        for k in range(many):
            tile[TS + c, k + 1] = int_at(address + k * stride)
    panel[i, PREVIOUS_TS], panel[i, PREVIOUS_START] = tile[TS, many], tile[START, many]


@njit(**INNER)
def read_numbers(
    panel: IntArray,
    scales: FloatArray,
    i: int,
    first: int,
    many: int,
    values: FloatArray,
    tile: IntArray,
) -> None:
    """Read prices and volumes of some bars of an instrument as units; ties are rare."""
    for c in range(5):
        scale = scales[i, SIZE if c == 4 else PRICE]
        read_column(panel, i, COLUMNS + (2 + c) * COLUMN_WIDTH, first, many, values)
        ties = 0
        for k in range(many):
            product = values[k] * scale
            units = np.rint(product)
            ties += abs(product - units) == 0.5
            tile[OPEN + c, k + 1] = whole(units)
        if ties > 0:
            for k in range(many):
                tile[OPEN + c, k + 1] = whole(to_units(values[k], scale))


@njit(**INNER)
def read_column(
    panel: IntArray, i: int, column: int, first: int, many: int, values: FloatArray
) -> None:
    """Read some numbers of a column, wherever they lie."""
    stride = panel[i, column + STRIDE]
    address = panel[i, column + ADDRESS] + first * stride
    if panel[i, column + IS_WHOLE]:
        for k in range(many):
            values[k] = float(int_at(address + k * stride))
    elif stride == 8:  # several at once
        for k in range(many):
            values[k] = float_at(address, k)
    else:
        for k in range(many):
            values[k] = float_at(address + k * stride, 0)


@njit(**INNER)
def whole(units: float) -> int:
    """Return units as an integer, or -1 where they are no number or too large."""
    return int(units if abs(units) <= LARGEST else -1.0)


@njit(**INNER)
def first_insane(tile: IntArray, many: int) -> int:
    """Return the first bar of a tile that is not sane, or -1."""
    sane = 0
    for k in range(many):
        sane += is_sane(tile, k + 1)
    if sane < many:
        for k in range(many):
            if not is_sane(tile, k + 1):
                return k
    return -1


@njit(**INNER)
def is_sane(tile: IntArray, k: int) -> bool:
    """Return whether a bar is in order and its numbers make sense; without a jump."""
    end, begin = tile[TS, k], tile[START, k]
    o, h, l, c = tile[OPEN, k], tile[HIGH, k], tile[LOW, k], tile[CLOSE, k]  # noqa: E741
    in_order = (tile[TS, k - 1] < end) & (tile[START, k - 1] <= begin) & (begin < end)
    prices_sane = (l > 0) & (l <= o) & (l <= c) & (o <= h) & (c <= h)
    return in_order & prices_sane & (tile[VOLUME, k] >= 0)


@njit(**INNER)
def write_tile(
    panel: IntArray,
    i: int,
    closes: IntArray,
    tile: IntArray,
    many: int,
    flags: int,
    rows: IntArray,
    row: int,
) -> None:
    """Write bars of an instrument as rows from `row` on, and find where its sessions end."""
    number, instruments = panel[i, NUMBER], panel.shape[0]
    at, after = panel[i, NEXT_CLOSE], panel[i, AFTER_CLOSES]
    close = closes[at] if at < after else NEVER
    place = rows.ctypes.data + row * EVENT_WIDTH * 8 + AHEAD
    for k in range(1, many + 1):
        prefetch(place)
        end, begin = tile[TS, k], tile[START, k]
        while close <= begin:
            at += 1
            close = closes[at] if at < after else NEVER
        ends = end - begin >= DAY or close <= end
        rows[row, TS] = end
        rows[row, START] = begin
        rows[row, KIND] = BAR
        rows[row, INSTRUMENT] = number
        rows[row, OPEN] = tile[OPEN, k]
        rows[row, HIGH] = tile[HIGH, k]
        rows[row, LOW] = tile[LOW, k]
        rows[row, CLOSE] = tile[CLOSE, k]
        rows[row, VOLUME] = tile[VOLUME, k]
        rows[row, FLAGS] = flags | ENDS_SESSION if ends else flags
        row += instruments
        place += instruments * EVENT_WIDTH * 8
    panel[i, NEXT_CLOSE] = at
