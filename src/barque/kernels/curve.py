"""An equity curve in one pass: the last equity of each day, and the deepest fall from a peak."""

from numba import njit

from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.compile import JIT
from barque.kernels.layout import CURVE_CASH, CURVE_EQUITY, CURVE_TS


@njit(**JIT)
def daily_closes(curve: IntArray, day: int, closes: FloatArray) -> int:
    """Write the last equity of each UTC day that has one, `day` nanoseconds long; return how many.

    `closes` must have room for every row of the curve, or for every day it spans.
    """
    count, day_ends = 0, 0
    for k in range(curve.shape[0]):
        ts = curve[k, CURVE_TS]
        if k == 0 or ts >= day_ends:
            count += 1
            day_ends = (ts // day + 1) * day
        closes[count - 1] = curve[k, CURVE_EQUITY]
    return count


@njit(**JIT)
def in_money(
    curve: IntArray, scale: int, ts: IntArray, equity: FloatArray, cash: FloatArray
) -> None:
    """Write the columns of a curve apart: time, equity and cash in currency of `scale` units."""
    for k in range(curve.shape[0]):
        ts[k] = curve[k, CURVE_TS]
        equity[k] = curve[k, CURVE_EQUITY] / scale
        cash[k] = curve[k, CURVE_CASH] / scale


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
