"""Build bars out of ticks or smaller bars: one scalar step, and the loop that calls it.

The rules of each sort of bar are in `data.events.aggregation`, where people look for them. A
*piece* is what a bar is built from: a trade, the middle of a quote, or a smaller bar. State and
rule of one builder are two rows of int64.
"""

from numba import njit

from barque.domain.events import EventKind
from barque.domain.instruments import LARGEST_MONEY, LARGEST_VALUE
from barque.kernels.arrays import IntArray
from barque.kernels.compile import JIT
from barque.kernels.event_rows import ENDS_SLICE, NEVER
from barque.kernels.layout import (
    BUILDER_SHIFT,
    CLOSE,
    EVENT_WIDTH,
    FLAGS,
    HIGH,
    INSTRUMENT,
    KIND,
    LOW,
    OPEN,
    QUOTE_ASK,
    QUOTE_BID,
    START,
    TS,
    VOLUME,
)
from barque.kernels.money import middle, mul_div

# How bars are cut.
BY_TIME = 1
BY_TICKS = 2
BY_VOLUME = 3
BY_VALUE = 4
BY_BRICKS = 5

# The rule of one builder: rule[column].
RULE_CUT = 0
RULE_SIZE = 1  # nanoseconds (0: a whole session), pieces, quantity, cash or price units
RULE_FROM = 2  # EventKind of the pieces
RULE_INSTRUMENT = 3
RULE_MULTIPLIER = 4
RULE_DIVISOR = 5  # of a notional
RULE_IN_SESSION = 6  # 1: pieces outside of sessions are left out
RULE_NUMBER = 7  # of the builder in its run
RULE_WIDTH = 8

# What a builder knows: state[column].
PIECES = 0  # in the bar that is being built; 0: there is none
BEGAN = 1
BUILT_OPEN = 2
BUILT_HIGH = 3
BUILT_LOW = 4
BUILT_CLOSE = 5
BUILT_VOLUME = 6
TOTAL = 7  # of what RULE_SIZE counts
ENDS = 8  # when the bar of BY_TIME closes
SEEN = 9  # ts of the last piece
SESSION = 10  # number of the session in which the last piece was, or which came next
BRICK_LOW = 11  # the last brick; both are the same price before the first
BRICK_HIGH = 12
HAS_BRICK = 13
TOO_LARGE = 14  # 1: a volume or a value does not fit, and nothing is built any more
STATE_WIDTH = 16

TRADE = int(EventKind.TRADE)
QUOTE = int(EventKind.QUOTE)
BUILT_BAR = int(EventKind.BUILT_BAR)
BEFORE_EVERYTHING = -(2**63)
LARGEST = LARGEST_VALUE
MONEY = LARGEST_MONEY


@njit(**JIT)
def build(
    rule: IntArray,
    state: IntArray,
    opens: IntArray,
    closes: IntArray,
    events: IntArray,
    begin: int,
    rows: IntArray,
) -> tuple[int, int]:
    """Take pieces from events[begin:] and write the bars that they finish into `rows`.

    Returns the number of the next event and how many rows were written. Where `rows` is full,
    call it again from that event on, even if there are no more events: a brick may be owed.
    """
    filled = 0
    for t in range(begin, events.shape[0]):
        filled = write_finished(rule, state, rows, filled)
        if filled == rows.shape[0]:
            return t, filled
        if is_piece(rule, events, t):
            filled = take_piece(rule, state, opens, closes, events, t, rows, filled)
    return events.shape[0], write_finished(rule, state, rows, filled)


@njit(**JIT)
def is_piece(rule: IntArray, events: IntArray, t: int) -> bool:
    """Return whether event `t` is what this builder builds from; half a quote has no middle."""
    kind = events[t, KIND]
    if kind != rule[RULE_FROM] or events[t, INSTRUMENT] != rule[RULE_INSTRUMENT]:
        return False
    return kind != QUOTE or (events[t, QUOTE_BID] > 0 and events[t, QUOTE_ASK] > 0)


@njit(**JIT)
def take_piece(
    rule: IntArray,
    state: IntArray,
    opens: IntArray,
    closes: IntArray,
    events: IntArray,
    t: int,
    rows: IntArray,
    filled: int,
) -> int:
    """Take one piece: close the bar that ended before it, then add it. Return rows filled."""
    kind = events[t, KIND]
    began, seen = events[t, START], events[t, TS]
    # A tick belongs to the stretch that begins at its ts; a bar to the one that ends with it.
    at = seen if kind in (TRADE, QUOTE) else seen - 1
    filled = close_by(rule, state, at, rows, filled)
    if rule[RULE_CUT] == BY_TIME:
        begin, end = stretch_of(rule, state, opens, closes, at)
        if end == BEFORE_EVERYTHING:
            return filled
        began = begin
        state[ENDS] = end
    if kind == QUOTE:
        price = middle(events[t, QUOTE_BID], events[t, QUOTE_ASK])
        add(rule, state, began, seen, price, price, price, price, 0)
    else:
        add(
            rule, state, began, seen, events[t, OPEN], events[t, HIGH], events[t, LOW],
            events[t, CLOSE], events[t, VOLUME],
        )  # fmt: skip
    return filled


@njit(**JIT)
def stretch_of(
    rule: IntArray, state: IntArray, opens: IntArray, closes: IntArray, at: int
) -> tuple[int, int]:
    """Return begin and end of the time bar that holds the moment `at`.

    Its end is BEFORE_EVERYTHING where no bar does: outside of sessions, if those are left out.
    """
    s = state[SESSION]
    while s < closes.size and closes[s] <= at:
        s += 1
    state[SESSION] = s
    lower, upper, inside = BEFORE_EVERYTHING, NEVER, closes.size == 0
    if s < closes.size and opens[s] <= at:
        lower, upper, inside = opens[s], closes[s], True
    else:
        if s > 0:
            lower = closes[s - 1]
        if s < closes.size:
            upper = opens[s]
    if rule[RULE_IN_SESSION] == 1 and not inside:
        return 0, BEFORE_EVERYTHING
    size = rule[RULE_SIZE]
    if size == 0:
        return lower, upper
    begin = at // size * size
    return max(begin, lower), min(begin + size, upper)


@njit(**JIT)
def add(
    rule: IntArray,
    state: IntArray,
    began: int,
    seen: int,
    open_: int,
    high: int,
    low: int,
    close: int,
    volume: int,
) -> None:
    """Add one piece to the bar that is being built, or begin one with it."""
    if state[PIECES] == 0:
        state[BEGAN] = began
        state[BUILT_OPEN], state[BUILT_HIGH], state[BUILT_LOW] = open_, high, low
        state[BUILT_VOLUME] = state[TOTAL] = 0
    state[PIECES] += 1
    state[SEEN] = seen
    state[BUILT_HIGH] = max(state[BUILT_HIGH], high)
    state[BUILT_LOW] = min(state[BUILT_LOW], low)
    state[BUILT_CLOSE] = close
    state[BUILT_VOLUME] += volume
    if state[BUILT_VOLUME] > LARGEST:
        state[TOO_LARGE] = 1
    count(rule, state, close, volume)


@njit(**JIT)
def count(rule: IntArray, state: IntArray, close: int, volume: int) -> None:
    """Count a piece toward the size of its bar."""
    cut = rule[RULE_CUT]
    if cut == BY_TICKS:
        state[TOTAL] += 1
    elif cut == BY_VOLUME:
        state[TOTAL] += volume
    elif cut == BY_VALUE:
        if volume > MONEY // rule[RULE_MULTIPLIER]:
            state[TOO_LARGE] = 1
            return
        value, ok = mul_div(close, volume * rule[RULE_MULTIPLIER], rule[RULE_DIVISOR])
        state[TOTAL] += value
        if not ok:
            state[TOO_LARGE] = 1
    elif cut == BY_BRICKS and state[HAS_BRICK] == 0:
        state[BRICK_LOW] = state[BRICK_HIGH] = close // rule[RULE_SIZE] * rule[RULE_SIZE]
        state[HAS_BRICK] = 1


@njit(**JIT)
def close_by(rule: IntArray, state: IntArray, at: int, rows: IntArray, filled: int) -> int:
    """Write the time bar that has ended by the moment `at`, if there is one."""
    if rule[RULE_CUT] == BY_TIME and state[PIECES] > 0 and state[ENDS] <= at:
        write_bar(rule, state, state[ENDS], rows, filled)
        return filled + 1
    return filled


@njit(**JIT)
def write_finished(rule: IntArray, state: IntArray, rows: IntArray, filled: int) -> int:
    """Write the bars that the last piece finished, as far as there is room."""
    if rule[RULE_CUT] == BY_TIME or state[TOO_LARGE] == 1:
        return filled
    if rule[RULE_CUT] != BY_BRICKS:
        if state[PIECES] > 0 and state[TOTAL] >= rule[RULE_SIZE] and filled < rows.shape[0]:
            write_bar(rule, state, state[SEEN], rows, filled)
            filled += 1
        return filled
    while filled < rows.shape[0] and lay_brick(rule, state):
        write_bar(rule, state, state[SEEN], rows, filled)
        filled += 1
    return filled


@njit(**JIT)
def lay_brick(rule: IntArray, state: IntArray) -> bool:
    """Turn what is being built into a brick if the last price is a whole one away."""
    size, close = rule[RULE_SIZE], state[BUILT_CLOSE]
    if state[HAS_BRICK] == 0:
        return False
    if close >= state[BRICK_HIGH] + size:
        from_, to = state[BRICK_HIGH], state[BRICK_HIGH] + size
    elif close <= state[BRICK_LOW] - size:
        from_, to = state[BRICK_LOW], state[BRICK_LOW] - size
    else:
        return False
    state[BUILT_OPEN] = from_
    state[BRICK_LOW] = state[BUILT_LOW] = min(from_, to)
    state[BRICK_HIGH] = state[BUILT_HIGH] = max(from_, to)
    return True


@njit(**JIT)
def write_bar(rule: IntArray, state: IntArray, ts: int, rows: IntArray, k: int) -> None:
    """Write the bar that is being built as row `k`, and begin anew.

    Further bricks of the same piece begin and end with it, and have no volume.
    """
    is_brick = rule[RULE_CUT] == BY_BRICKS
    rows[k, TS] = ts
    rows[k, START] = state[BEGAN]
    rows[k, KIND] = BUILT_BAR
    rows[k, INSTRUMENT] = rule[RULE_INSTRUMENT]
    rows[k, OPEN] = state[BUILT_OPEN]
    rows[k, HIGH] = state[BUILT_HIGH]
    rows[k, LOW] = state[BUILT_LOW]
    rows[k, CLOSE] = state[BUILT_CLOSE]
    if is_brick:
        rising = state[BUILT_OPEN] == state[BRICK_LOW]
        rows[k, CLOSE] = state[BRICK_HIGH] if rising else state[BRICK_LOW]
    rows[k, VOLUME] = state[BUILT_VOLUME]
    rows[k, FLAGS] = rule[RULE_NUMBER] << BUILDER_SHIFT
    state[PIECES] = 0
    state[BUILT_VOLUME] = state[TOTAL] = 0
    state[BEGAN] = ts


@njit(**JIT)
def weave(events: IntArray, built: IntArray, out: IntArray) -> None:
    """Merge events and built bars, each in the total order, into `out`, and end slices anew."""
    a = b = 0
    for k in range(out.shape[0]):
        from_built = a == events.shape[0] or (b < built.shape[0] and _earlier(built, b, events, a))
        for column in range(EVENT_WIDTH):
            out[k, column] = built[b, column] if from_built else events[a, column]
        if from_built:
            b += 1
        else:
            a += 1
        out[k, FLAGS] &= ~ENDS_SLICE
        if k > 0 and out[k, TS] != out[k - 1, TS]:
            out[k - 1, FLAGS] |= ENDS_SLICE
    if out.shape[0] > 0:
        out[out.shape[0] - 1, FLAGS] |= ENDS_SLICE


@njit(**JIT)
def _earlier(built: IntArray, b: int, events: IntArray, a: int) -> bool:
    if built[b, TS] != events[a, TS]:
        return built[b, TS] < events[a, TS]
    return built[b, KIND] < events[a, KIND]
