"""What a model is asked to foresee, and when the answer is known."""

import numpy as np
from numpy.typing import NDArray

from barque.domain.errors import BadInput

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

NEVER = np.iinfo(np.int64).max
"""The `label_ts` of a bar whose label the data does not reach."""


def forward_returns(
    ts: IntArray, instrument: IntArray, close: FloatArray, horizon: int
) -> tuple[FloatArray, IntArray]:
    """Return what each bar's instrument earns over its next `horizon` bars, and when that is known.

    Rows are bars in the order of time, of several instruments mixed; `close` is adjusted for
    splits and dividends, so the return is a total return: close_{t+h} / close_t - 1. It becomes
    visible at the close of bar t + h. Where the data ends before, or a close is NaN, the return is
    NaN and the time NEVER.
    """
    if horizon < 1:
        raise BadInput(f"The label horizon is {horizon} bars; it must be at least 1.")
    order = np.argsort(instrument, kind="stable")
    now, later = order[:-horizon], order[horizon:]
    same = instrument[now] == instrument[later]
    forward = np.full(ts.size, np.nan)
    forward[now[same]] = close[later[same]] / close[now[same]] - 1.0
    visible = np.full(ts.size, NEVER)
    visible[now[same]] = ts[later[same]]
    visible[np.isnan(forward)] = NEVER
    return forward, visible


def bar_numbers(instrument: IntArray) -> IntArray:
    """Return how many bars of its instrument each row has seen, itself included."""
    order = np.argsort(instrument, kind="stable")
    sorted_ = instrument[order]
    first = np.searchsorted(sorted_, sorted_, side="left")
    numbers = np.empty(instrument.size, np.int64)
    numbers[order] = np.arange(instrument.size) - first + 1
    return numbers
