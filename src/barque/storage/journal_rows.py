"""The journal rows that are written around the kernels: slices, positions, signals, requests.

Every function returns int64 rows of `kernels.layout` RECORD columns, ready to be put between the
kernels' own rows and given to `records.encode_journal`. `at` is the market-log position of the
event that caused the row, as in RECORD_AT.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from barque.kernels import layout
from barque.storage.records import NO_INSTRUMENT, JournalKind, Rows

_POSITION_COLUMNS = [
    layout.POSITION,
    layout.COST,
    layout.LAST,
    layout.VALUE,
    layout.REALIZED,
    layout.INSTRUMENT_FEES,
    layout.DIVIDENDS,
]

_SMALL = [
    layout.REQUEST_KIND,
    layout.REQUEST_TYPE,
    layout.REQUEST_TIME_IN_FORCE,
    layout.REQUEST_FLAGS,
]
"""What a request says in numbers from 0 to 255."""

_LARGE = [
    layout.REQUEST_SIDE,
    layout.REQUEST_QUANTITY,
    layout.REQUEST_PRICE,
    layout.REQUEST_ORDER_ID,
    layout.REQUEST_TRIGGER,
    layout.REQUEST_TRAIL,
    layout.REQUEST_EXPIRES,
    layout.REQUEST_GROUP,
]


def slice_row(ts: int, at: int, *, equity: int, cash: int) -> Rows:
    """Say that the market was consumed up to position `at`, and what the account was worth."""
    return plain_row(JournalKind.SLICE, ts, at, (at, equity, cash))


def plain_row(kind: JournalKind, ts: int, at: int, numbers: Sequence[int] = ()) -> Rows:
    """Return one row without an instrument: an epoch, a command or a snapshot."""
    rows = _rows(kind, ts, at, np.array([NO_INSTRUMENT]))
    rows[0, layout.A0 : layout.A0 + len(numbers)] = numbers
    return rows


def position_rows(ts: int, at: int, instruments: Rows, changed: NDArray[np.intp]) -> Rows:
    """Say what the ledger holds of the instruments numbered `changed`.

    `instruments` is the engine's (n, INSTRUMENT_WIDTH) state.
    """
    rows = _rows(JournalKind.POSITION, ts, at, changed)
    rows[:, layout.A0 : layout.A0 + len(_POSITION_COLUMNS)] = instruments[changed][
        :, _POSITION_COLUMNS
    ]
    return rows


def signal_rows(
    ts: int,
    at: int,
    instruments: NDArray[np.intp],
    predictions: NDArray[np.float64],
    exposures: NDArray[np.float64],
) -> Rows:
    """Say what the strategy thinks of each instrument; a prediction of NaN means there is none."""
    rows = _rows(JournalKind.SIGNAL, ts, at, instruments)
    rows[:, layout.A0] = np.ascontiguousarray(predictions).view(np.int64)
    rows[:, layout.A1] = np.ascontiguousarray(exposures).view(np.int64)
    return rows


def request_rows(ts: int, at: int, requests: Rows) -> Rows:
    """Keep what a plain-Python strategy asked for: (n, REQUEST_WIDTH) rows."""
    rows = _rows(JournalKind.REQUEST, ts, at, requests[:, layout.REQUEST_INSTRUMENT])
    for byte, column in enumerate(_SMALL):
        rows[:, layout.A0] += requests[:, column] << 8 * byte
    rows[:, layout.A1 : layout.A1 + len(_LARGE)] = requests[:, _LARGE]
    return rows


def requests_of(rows: Rows) -> Rows:
    """Return the (n, REQUEST_WIDTH) requests kept by `request_rows`."""
    requests = np.zeros((len(rows), layout.REQUEST_WIDTH), np.int64)
    requests[:, layout.REQUEST_INSTRUMENT] = rows[:, layout.RECORD_INSTRUMENT]
    for byte, column in enumerate(_SMALL):
        requests[:, column] = rows[:, layout.A0] >> 8 * byte & 255
    requests[:, _LARGE] = rows[:, layout.A1 : layout.A1 + len(_LARGE)]
    return requests


def _rows(kind: JournalKind, ts: int, at: int, instruments: NDArray[np.integer]) -> Rows:
    rows = np.zeros((len(instruments), layout.RECORD_WIDTH), np.int64)
    rows[:, layout.RECORD_KIND] = kind
    rows[:, layout.RECORD_TS] = ts
    rows[:, layout.RECORD_INSTRUMENT] = instruments
    rows[:, layout.RECORD_AT] = at
    return rows
