"""The door every quote bar passes: what was bid and what was asked during a period."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from barque.data.doors.bars import (
    BarWriter,
    Faults,
    Values,
    bar_faults,
    scale_of,
    size_faults,
)
from barque.data.doors.panel import Columns
from barque.data.kinds import ASK_PRICES, BID_PRICES
from barque.data.sessions import IntArray
from barque.kernels.event_rows import write_quote_bars

SIDES = (*BID_PRICES, *ASK_PRICES)
SIZES = ("bid_size", "ask_size")
NO_SIZES = np.empty(0)


@dataclass(slots=True)
class QuoteBarWriter(BarWriter):
    """Writes quote bars: the bid side and the ask side of each, as two events.

    A side is whole, or all of it is missing (0 or NaN); one side must be there. The sides of good
    vendors cross now and then: they are taken as they come, and `barque data check` counts them.
    """

    rows_each: ClassVar[int] = 2

    def _put(self, columns: Columns, ts: IntArray, start: IntArray, rows: IntArray) -> int:
        prices = np.stack([columns[name].astype(np.float64) for name in SIDES])
        sizes = np.stack([_size(columns, name, ts.size) for name in SIZES])
        bad: int = write_quote_bars(
            ts,
            start,
            np.where(np.isnan(prices), 0.0, prices),
            sizes,
            *self._scales(columns),
            self._closes_after(start),
            self.index,
            self.flags,
            *self._previous,
            rows,
        )
        return bad

    def _scales(self, columns: Columns) -> tuple[float, float]:
        sizes = columns.get(SIZES[0], NO_SIZES)
        return (
            scale_of(columns["bid_open"], self.instrument.price_digits),
            scale_of(sizes, self.instrument.quantity_digits),
        )

    def _faults(self, bar: Values, columns: Columns) -> Faults:
        bar = dict.fromkeys(SIZES, 0) | bar
        scales = self._scales(columns)
        there = [any(_quoted(bar[name]) for name in side) for side in (BID_PRICES, ASK_PRICES)]
        yield "bid_open", not any(there), "a bid or an ask is required"
        for side, size, is_there in zip((BID_PRICES, ASK_PRICES), SIZES, there, strict=True):
            yield from size_faults(bar, size, scales[1])
            if is_there:
                yield from bar_faults(bar, side, size, scales)


def _quoted(price: float) -> bool:
    return price != 0 and price == price  # a NaN is not itself


def _size(columns: Columns, name: str, count: int) -> NDArray[np.float64]:
    if name not in columns:
        return np.zeros(count)
    sizes: NDArray[np.float64] = columns[name].astype(np.float64)
    return sizes
