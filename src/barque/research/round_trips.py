"""Round trips: what was bought and sold again, and what it earned.

Two ways to pair a purchase with a sale. *Flat to flat*: a trip begins when a position opens and
ends when nothing of it is left, however many fills that took; its cost is the ledger's average.
*First in, first out* (FIFO): each sale closes the oldest purchase that is still there, so a
position of three purchases is three trips. Both add up, to the last unit, to what the ledger
realized and paid in fees.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from barque.kernels import layout as at
from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.round_trips import (
    BOOK_TRIP,
    BOOK_WIDTH,
    COUNT_HELD,
    COUNT_INSTRUMENTS,
    COUNT_SINCE,
    COUNT_TIME,
    COUNT_TRIPS,
    COUNT_WIDTH,
    HELD_WIDTH,
    TRIP_WIDTH,
    keep_book,
)

ONE = np.ones(1)
"""The rate of the only currency of most accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The journal of a run, read once. Columns are those of `kernels.round_trips`.

    `sums` has a row for each instrument, and one for each currency with what belongs to no
    instrument. `rates` say what a cash unit of each is worth in cash units of the account's
    currency, of which `scale` are one.
    """

    trips: IntArray
    held: IntArray
    sums: IntArray
    rates: FloatArray
    scale: int
    totals: FloatArray
    """The sum of each column of `sums`, in the account's currency."""
    traded: float
    """Bought plus sold notional, in the account's currency."""
    _since: int | None
    _time: int

    def total(self, column: int) -> float:
        """Return the sum of an amount over all instruments, in the account's currency."""
        return float(self.totals[column])

    def time_held(self, end: int) -> int:
        """Return the ns up to `end` in which anything was held."""
        return self._time + (end - self._since if self._since is not None else 0)


def read_book(
    records: IntArray, rates: FloatArray, scale: int, currency_rates: FloatArray = ONE
) -> Book:
    """Read the journal (n, RECORD_WIDTH) of a run.

    `rates` are those of its instruments, `currency_rates` those of the account's currencies.
    """
    all_rates = np.concatenate((rates, currency_rates))
    sums, counts = np.zeros((len(all_rates), BOOK_WIDTH), np.int64), np.zeros(COUNT_WIDTH, np.int64)
    sums[:, BOOK_TRIP] = -1
    traded = np.zeros(len(all_rates))
    trips, held = (
        np.empty((len(records) + 1, width), np.int64) for width in (TRIP_WIDTH, HELD_WIDTH)
    )
    taken = np.require(records, np.int64, ["C", "W"])
    keep_book(taken, len(rates), sums, traded, trips, held, counts)
    return Book(
        trips=trips[: counts[COUNT_TRIPS]],
        held=held[: counts[COUNT_HELD]],
        sums=sums,
        rates=all_rates,
        scale=scale,
        totals=_totals(sums, all_rates, scale),
        traded=float(traded @ all_rates) / scale,
        _since=int(counts[COUNT_SINCE]) if counts[COUNT_INSTRUMENTS] else None,
        _time=int(counts[COUNT_TIME]),
    )


def _totals(sums: IntArray, rates: FloatArray, scale: int) -> FloatArray:
    """Add up what is the account's own in whole units, exactly, and the rest at its rates."""
    is_own = rates == 1.0
    totals: FloatArray = sums[is_own].sum(axis=0) / scale
    if not is_own.all():
        totals += sums[~is_own].T @ rates[~is_own] / scale
    return totals


@dataclass(slots=True)
class Lot:
    """What one fill opened and nothing has closed yet; `cost` is signed cash, `fee` positive."""

    ts: int
    quantity: int
    cost: int
    fee: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A part of a purchase and the sale that closed it, in units. `profit` is before fees."""

    instrument: int
    side: int
    entry_ts: int
    exit_ts: int
    quantity: int
    entry_value: int
    exit_value: int
    fees: int

    @property
    def profit(self) -> int:
        return -self.exit_value - self.entry_value


def fifo(records: IntArray, instruments: int) -> tuple[list[Pair], list[list[Lot]]]:
    """Pair what was closed with what was opened first; return the pairs and what is still open.

    Values are signed cash paid. Where a lot is closed in parts, each part bears its share of cost
    and fee by quantity, rounded down, and the last what is left. Cash in lieu of a fraction after
    a split lowers the cost of the oldest lot.
    """
    lots: list[deque[Lot]] = [deque() for _ in range(instruments)]
    pairs: list[Pair] = []
    kinds = (at.FILLED, at.SPLIT_APPLIED, at.SETTLED)
    for row in records[np.isin(records[:, at.RECORD_KIND], kinds)].tolist():
        i = row[at.RECORD_INSTRUMENT]
        if row[at.RECORD_KIND] == at.FILLED:
            side, ts = row[at.A1], row[at.A6]
            rest = Lot(ts, side * row[at.A2], row[at.A4], row[at.A5])
            pairs.extend(_close_by(lots[i], rest, i))
            if rest.quantity:
                lots[i].append(rest)
        elif row[at.RECORD_KIND] == at.SETTLED and lots[i]:
            held = sum(lot.quantity for lot in lots[i])
            paid = abs(row[at.A2]) * (-1 if held > 0 else 1)
            pairs.extend(_close_by(lots[i], Lot(row[at.RECORD_TS], -held, paid, 0), i))
        elif lots[i]:
            pairs.extend(_split(lots[i], row, i))
    return pairs, [list(open_) for open_ in lots]


def _close_by(lots: deque[Lot], fill: Lot, i: int) -> Iterator[Pair]:
    """Close lots, oldest first, by `fill`, until it or they are used up."""
    while fill.quantity and lots and (lots[0].quantity > 0) != (fill.quantity > 0):
        lot, size = lots[0], min(abs(lots[0].quantity), abs(fill.quantity))
        side = 1 if lot.quantity > 0 else -1
        opened, closed = _take(lot, size), _take(fill, size)
        yield Pair(
            i, side, lot.ts, fill.ts, size, opened.cost, closed.cost, opened.fee + closed.fee
        )
        if not lot.quantity:
            lots.popleft()


def _take(lot: Lot, size: int) -> Lot:
    """Take `size` off a lot, with its part of cost and fee."""
    whole, sign = abs(lot.quantity), 1 if lot.quantity > 0 else -1
    taken = Lot(lot.ts, sign * size, lot.cost * size // whole, lot.fee * size // whole)
    lot.quantity -= taken.quantity
    lot.cost -= taken.cost
    lot.fee -= taken.fee
    return taken


def _split(lots: deque[Lot], row: list[int], i: int) -> Iterator[Pair]:
    """Spread the position after a split over the lots; what has nothing left is closed."""
    before, after = row[at.A2], row[at.A3]
    lots[0].cost -= row[at.A4]
    passed = 0
    for lot in list(lots):
        start, passed = passed, passed + lot.quantity
        kept = abs(passed) * abs(after) // abs(before) - abs(start) * abs(after) // abs(before)
        side = 1 if lot.quantity > 0 else -1
        lot.quantity = side * kept
        if not kept:
            lots.remove(lot)
            yield Pair(i, side, lot.ts, row[at.RECORD_TS], 0, lot.cost, 0, lot.fee)
