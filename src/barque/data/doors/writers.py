"""Which door each kind of market data passes on its way into the engine."""

from typing import Protocol

import numpy as np

from barque.data.doors.actions import ActionWriter
from barque.data.doors.bars import BarWriter, Show
from barque.data.doors.panel import Columns
from barque.data.doors.quote_bars import QuoteBarWriter
from barque.data.doors.ticks import QuoteWriter, TradeWriter
from barque.data.kinds import Kind
from barque.data.sessions import IntArray
from barque.domain.instruments import Instrument
from barque.kernels.bar_rows import BEFORE_EVERYTHING
from barque.kernels.layout import EVENT_WIDTH


class Writer(Protocol):
    """Writes columns as rows of the event layout, chunk after chunk, and examines them."""

    def write(self, columns: Columns, rows: IntArray) -> int:
        """Write the events of some rows of columns (at least one); return how many events.

        Raises CorruptData at the first row that is not sane, and says where it is.
        """


def writer_for(
    kind: Kind,
    instrument: Instrument,
    index: int,
    show: Show,
    flags: int = 0,
    last: int = BEFORE_EVERYTHING,
) -> Writer:
    """Return what writes `kind` for the instrument with number `index` in the run.

    `flags` is set on every row; sessions are known up to `last`.
    """
    match kind.name:
        case "bar":
            return BarWriter(instrument, index, show, flags, last)
        case "quote_bar":
            return QuoteBarWriter(instrument, index, show, flags, last)
        case "trade":
            return TradeWriter(instrument, index, show, flags)
        case "quote":
            return QuoteWriter(instrument, index, show, flags)
        case _:
            return ActionWriter(kind, instrument, index, show, flags)


def examine(kind: Kind, instrument: Instrument, columns: Columns, where: str) -> None:
    """Raise CorruptData, naming row and column in `where`, unless every row is sane."""

    def show(row: int, column: str, value: object) -> str:
        return f"{where}, row {row + 1}: {column} is {value} units"

    rows = np.empty((columns["ts"].size * kind.rows_each, EVENT_WIDTH), np.int64)
    writer_for(kind, instrument, 0, show).write(columns, rows)
