"""The journal of a run, read once: what was held when, and each round trip from flat to flat.

A round trip begins with the fill that opens a position and ends with the fill, the settlement or
the split that leaves nothing of it. A fill that turns a position ends one trip and begins the
next: each bears its part of the fee by quantity. The amounts of all trips together are the
ledger's own, to the last unit.
"""

from numba import njit

from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.compile import JIT
from barque.kernels.layout import (
    A0,
    A1,
    A2,
    A3,
    A4,
    A5,
    A6,
    A7,
    A8,
    A9,
    DIVIDEND_PAID,
    FILLED,
    FUNDED,
    INTEREST_PAID,
    RECORD_INSTRUMENT,
    RECORD_KIND,
    RECORD_TS,
    SETTLED,
    SPLIT_APPLIED,
)
from barque.kernels.money import mul_div

# One round trip: trips[k, column]. Amounts are in cash units of the instrument's currency.
TRIP_INSTRUMENT = 0
TRIP_SIDE = 1  # 1 for long, -1 for short
TRIP_ENTRY_TS = 2
TRIP_EXIT_TS = 3
TRIP_OPEN = 4  # 1 while something of it is held
TRIP_FILLS = 5
TRIP_ENTERED = 6  # quantity that opened or added, in units of after the last split
TRIP_EXITED = 7
TRIP_ENTRY_VALUE = 8  # |notional| of what opened or added
TRIP_EXIT_VALUE = 9
TRIP_REALIZED = 10  # before fees
TRIP_FEES = 11
TRIP_CARRY = 12  # dividends, funding and borrowing while it was held: received less paid
TRIP_WIDTH = 13

# What a position became: held[k, column].
HELD_TS = 0
HELD_INSTRUMENT = 1
HELD_QUANTITY = 2
HELD_COST = 3
HELD_VALUE = 4
HELD_WIDTH = 5

# The sums of one instrument: book[i, column]. After the instruments, a row for each currency.
BOOK_POSITION = 0
BOOK_COST = 1
BOOK_TRIP = 2  # row of the trip that is open, -1 for none
BOOK_FILLS = 3
BOOK_FEES = 4
BOOK_REALIZED = 5
BOOK_DIVIDENDS = 6
BOOK_FUNDING = 7
BOOK_INTEREST = 8
BOOK_WIDTH = 9

# What `keep_book` counted: counts[column].
COUNT_TRIPS = 0
COUNT_HELD = 1
COUNT_INSTRUMENTS = 2  # that are held now
COUNT_SINCE = 3  # ts at which the first of them was bought
COUNT_TIME = 4  # ns in which something was held, up to the last time when nothing was
COUNT_WIDTH = 5

# What closed trips come to: sums[column]. Profits are in the account's currency.
SUM_TRIPS = 0
SUM_WINS = 1
SUM_LOSSES = 2
SUM_WON = 3
SUM_LOST = 4  # positive
SUM_PROFIT = 5
SUM_SQUARES = 6  # of the distances of profits from their mean
SUM_LARGEST = 7  # |profit|
SUM_EARNED = 8  # profit as a part of the entry's notional
SUM_BEST = 9  # of those parts
SUM_WORST = 10
SUM_HELD = 11  # ns
SUM_WIDTH = 12


@njit(**JIT)
def add_up(trips: IntArray, rates: FloatArray, sums: FloatArray) -> None:
    """Add up the closed trips (n, TRIP_WIDTH). All sums begin at 0.

    `rates` are what a cash unit of each instrument's currency is worth in the account's currency.
    """
    for k in range(trips.shape[0]):
        if trips[k, TRIP_OPEN] == 0:
            _add_trip(trips, k, rates, sums)
    if sums[SUM_TRIPS] == 0.0:
        return
    mean = sums[SUM_PROFIT] / sums[SUM_TRIPS]
    for k in range(trips.shape[0]):
        if trips[k, TRIP_OPEN] == 0:
            sums[SUM_SQUARES] += (_profit(trips, k, rates) - mean) ** 2


@njit(**JIT)
def _profit(trips: IntArray, k: int, rates: FloatArray) -> float:
    earned = trips[k, TRIP_REALIZED] - trips[k, TRIP_FEES] + trips[k, TRIP_CARRY]
    return earned * rates[trips[k, TRIP_INSTRUMENT]]


@njit(**JIT)
def _add_trip(trips: IntArray, k: int, rates: FloatArray, sums: FloatArray) -> None:
    profit, earned = _profit(trips, k, rates), 0.0
    entry = trips[k, TRIP_ENTRY_VALUE] * rates[trips[k, TRIP_INSTRUMENT]]
    if entry > 0.0:
        earned = profit / entry
    if sums[SUM_TRIPS] == 0.0:
        sums[SUM_BEST] = sums[SUM_WORST] = earned
    sums[SUM_BEST], sums[SUM_WORST] = max(sums[SUM_BEST], earned), min(sums[SUM_WORST], earned)
    sums[SUM_TRIPS] += 1.0
    if profit > 0.0:
        sums[SUM_WINS] += 1.0
        sums[SUM_WON] += profit
    elif profit < 0.0:
        sums[SUM_LOSSES] += 1.0
        sums[SUM_LOST] -= profit
    sums[SUM_PROFIT] += profit
    sums[SUM_LARGEST] = max(sums[SUM_LARGEST], abs(profit))
    sums[SUM_EARNED] += earned
    sums[SUM_HELD] += trips[k, TRIP_EXIT_TS] - trips[k, TRIP_ENTRY_TS]


@njit(**JIT)
def keep_book(
    records: IntArray,
    instruments: int,
    book: IntArray,
    traded: FloatArray,
    trips: IntArray,
    held: IntArray,
    counts: IntArray,
) -> None:
    """Write trips, positions and sums. All but BOOK_TRIP, which is -1, begin at 0.

    `trips` and `held` have a row for each record and one more for a fill that turns a position;
    `traded` is the sum of |notional| by instrument. Kinds that move no money are passed over.
    """
    for k in range(records.shape[0]):
        kind = records[k, RECORD_KIND]
        if kind == FILLED:
            _fill(records, k, book, traded, trips, held, counts)
        elif kind == SPLIT_APPLIED:
            _split(records, k, book, trips, held, counts)
        elif kind == SETTLED:
            _settle(records, k, book, traded, trips, held, counts)
        elif kind == DIVIDEND_PAID:
            _carry(records, k, instruments, book, trips, BOOK_DIVIDENDS)
        elif kind == FUNDED:
            _carry(records, k, instruments, book, trips, BOOK_FUNDING)
        elif kind == INTEREST_PAID:
            _carry(records, k, instruments, book, trips, BOOK_INTEREST)


@njit(**JIT)
def _fill(
    records: IntArray,
    k: int,
    book: IntArray,
    traded: FloatArray,
    trips: IntArray,
    held: IntArray,
    counts: IntArray,
) -> None:
    i, ts = records[k, RECORD_INSTRUMENT], records[k, A6]
    side, quantity = records[k, A1], records[k, A2]
    value, fee, realized = records[k, A4], records[k, A5], records[k, A8]
    before, cost = book[i, BOOK_POSITION], book[i, BOOK_COST]
    traded[i] += abs(float(value))
    book[i, BOOK_FILLS] += 1
    book[i, BOOK_FEES] += fee
    book[i, BOOK_REALIZED] += realized
    closed = min(quantity, abs(before)) if before * side < 0 else 0
    if closed > 0:
        closing_fee, closing_value = fee, value
        if closed < quantity:  # it turns the position: the ledger closed all of it at its cost
            closing_fee, _ = mul_div(fee, closed, quantity)
            closing_value = -realized - cost
        trip = book[i, BOOK_TRIP]
        trips[trip, TRIP_FILLS] += 1
        trips[trip, TRIP_EXITED] += closed
        trips[trip, TRIP_EXIT_VALUE] += abs(closing_value)
        trips[trip, TRIP_REALIZED] += realized
        trips[trip, TRIP_FEES] += closing_fee
        fee, value = fee - closing_fee, value - closing_value
    book[i, BOOK_POSITION] = before + side * quantity
    book[i, BOOK_COST] = cost + records[k, A4] + realized
    if closed > 0 and closed == abs(before):
        _close(i, ts, book, trips, counts)
    if closed < quantity:
        if book[i, BOOK_TRIP] < 0:
            _open(i, ts, side, book, trips, counts)
        trip = book[i, BOOK_TRIP]
        trips[trip, TRIP_FILLS] += 1
        trips[trip, TRIP_ENTERED] += quantity - closed
        trips[trip, TRIP_ENTRY_VALUE] += abs(value)
        trips[trip, TRIP_FEES] += fee
    _hold(i, ts, records[k, A9], book, held, counts)


@njit(**JIT)
def _split(
    records: IntArray, k: int, book: IntArray, trips: IntArray, held: IntArray, counts: IntArray
) -> None:
    i, ts = records[k, RECORD_INSTRUMENT], records[k, RECORD_TS]
    trip = book[i, BOOK_TRIP]
    if trip < 0:
        return
    lieu, cost = records[k, A4], records[k, A5]
    for column in (TRIP_ENTERED, TRIP_EXITED):
        scaled, ok = mul_div(trips[trip, column], records[k, A0], records[k, A1])
        if ok:
            trips[trip, column] = scaled
    trips[trip, TRIP_EXIT_VALUE] += abs(lieu)
    trips[trip, TRIP_REALIZED] += lieu - cost
    book[i, BOOK_REALIZED] += lieu - cost
    book[i, BOOK_COST] -= cost
    book[i, BOOK_POSITION] = records[k, A3]
    if records[k, A3] == 0:
        _close(i, ts, book, trips, counts)
    _hold(i, ts, records[k, A7], book, held, counts)


@njit(**JIT)
def _settle(
    records: IntArray,
    k: int,
    book: IntArray,
    traded: FloatArray,
    trips: IntArray,
    held: IntArray,
    counts: IntArray,
) -> None:
    i, ts = records[k, RECORD_INSTRUMENT], records[k, RECORD_TS]
    trip = book[i, BOOK_TRIP]
    if trip < 0:
        return
    value = abs(records[k, A2])
    traded[i] += float(value)
    trips[trip, TRIP_EXITED] += abs(book[i, BOOK_POSITION])
    trips[trip, TRIP_EXIT_VALUE] += value
    trips[trip, TRIP_REALIZED] += records[k, A3]
    book[i, BOOK_REALIZED] += records[k, A3]
    book[i, BOOK_POSITION] = book[i, BOOK_COST] = 0
    _close(i, ts, book, trips, counts)
    _hold(i, ts, 0, book, held, counts)


@njit(**JIT)
def _carry(
    records: IntArray, k: int, instruments: int, book: IntArray, trips: IntArray, column: int
) -> None:
    """Book cash that a position earned or cost while it was held, or a currency's cash itself."""
    i = records[k, RECORD_INSTRUMENT]
    if i < 0:
        i = instruments + records[k, A3]  # interest of a currency: its number
    book[i, column] += records[k, A0]
    if book[i, BOOK_TRIP] >= 0:
        trips[book[i, BOOK_TRIP], TRIP_CARRY] += records[k, A0]


@njit(**JIT)
def _open(i: int, ts: int, side: int, book: IntArray, trips: IntArray, counts: IntArray) -> None:
    trip = counts[COUNT_TRIPS]
    counts[COUNT_TRIPS] = trip + 1
    for column in range(TRIP_WIDTH):
        trips[trip, column] = 0
    trips[trip, TRIP_INSTRUMENT] = i
    trips[trip, TRIP_SIDE] = side
    trips[trip, TRIP_ENTRY_TS] = ts
    trips[trip, TRIP_OPEN] = 1
    book[i, BOOK_TRIP] = trip
    if counts[COUNT_INSTRUMENTS] == 0:
        counts[COUNT_SINCE] = ts
    counts[COUNT_INSTRUMENTS] += 1


@njit(**JIT)
def _close(i: int, ts: int, book: IntArray, trips: IntArray, counts: IntArray) -> None:
    trip = book[i, BOOK_TRIP]
    trips[trip, TRIP_EXIT_TS] = ts
    trips[trip, TRIP_OPEN] = 0
    book[i, BOOK_TRIP] = -1
    counts[COUNT_INSTRUMENTS] -= 1
    if counts[COUNT_INSTRUMENTS] == 0:
        counts[COUNT_TIME] += ts - counts[COUNT_SINCE]


@njit(**JIT)
def _hold(i: int, ts: int, value: int, book: IntArray, held: IntArray, counts: IntArray) -> None:
    row = counts[COUNT_HELD]
    counts[COUNT_HELD] = row + 1
    held[row, HELD_TS] = ts
    held[row, HELD_INSTRUMENT] = i
    held[row, HELD_QUANTITY] = book[i, BOOK_POSITION]
    held[row, HELD_COST] = book[i, BOOK_COST]
    held[row, HELD_VALUE] = value
