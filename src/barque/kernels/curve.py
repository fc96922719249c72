"""An equity curve in one pass: the last equity of each day, and the deepest fall from a peak."""

from numba import njit

from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.compile import JIT
from barque.kernels.layout import CURVE_EQUITY, CURVE_TS


@njit(**JIT)
def daily_closes(curve: IntArray, day: int, closes: FloatArray) -> int:
    """Write the last equity of each UTC day that has one, `day` nanoseconds long; return how many.

    `closes` must have room for every row of the curve, or for every day it spans.
    """
    count = 0
    for k in range(curve.shape[0]):
        new = k == 0 or curve[k, CURVE_TS] // day != curve[k - 1, CURVE_TS] // day
        count += 1 if new else 0
        closes[count - 1] = curve[k, CURVE_EQUITY]
    return count


@njit(**JIT)
def deepest_fall(curve: IntArray) -> float:
    """Return the largest fall from a running peak of equity, as a fraction of the peak."""
    peak, deepest = 0, 0.0
    for k in range(curve.shape[0]):
        equity = curve[k, CURVE_EQUITY]
        if equity >= peak:
            peak = equity
        elif (peak - equity) > deepest * peak:
            deepest = (peak - equity) / peak
    return deepest
