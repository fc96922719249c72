"""An equity curve, read in passes that allocate nothing."""

from numba import njit

from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.compile import JIT
from barque.kernels.layout import CURVE_CASH, CURVE_EQUITY, CURVE_TS


@njit(**JIT)
def scan(curve: IntArray, day: int, closes: FloatArray) -> tuple[int, float, float, float]:
    """Return days, lowest equity, mean equity, and the deepest fall as a fraction of its peak.

    Writes the last equity of each UTC day that has one, `day` nanoseconds long, into `closes`,
    which has room for every row of the curve or every day it spans. The curve has a row.
    """
    days, day_ends, peak = 0, 0, 0
    lowest, total, deepest = curve[0, CURVE_EQUITY], 0.0, 0.0
    for k in range(curve.shape[0]):
        ts, equity = curve[k, CURVE_TS], curve[k, CURVE_EQUITY]
        if days == 0 or ts >= day_ends:
            days += 1
            day_ends = (ts // day + 1) * day
        closes[days - 1] = equity
        total += equity
        if equity >= peak:
            peak = equity
        elif (peak - equity) > deepest * peak:
            deepest = (peak - equity) / peak
        if equity < lowest:
            lowest = equity
    return days, lowest, total / curve.shape[0], deepest


@njit(**JIT)
def in_money(
    curve: IntArray, scale: int, ts: IntArray, equity: FloatArray, cash: FloatArray
) -> None:
    """Write the columns of a curve apart: time, equity and cash in currency of `scale` units."""
    for k in range(curve.shape[0]):
        ts[k] = curve[k, CURVE_TS]
        equity[k] = curve[k, CURVE_EQUITY] / scale
        cash[k] = curve[k, CURVE_CASH] / scale
