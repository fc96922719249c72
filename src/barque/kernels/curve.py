"""An equity curve, read in one pass that allocates nothing."""

from numba import njit

from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.compile import JIT


@njit(**JIT)
def scan(
    ts: IntArray, equity: IntArray, day: int, closes: FloatArray
) -> tuple[int, int, float, float]:
    """Return days, lowest equity, mean equity, and the deepest fall as a fraction of its peak.

    Writes the last equity of each UTC day that has one, `day` nanoseconds long, into `closes`,
    which has room for every row of the curve or every day it spans. The curve has a row, and its
    first equity is positive.
    """
    days, day_ends = 0, (ts[0] // day + 1) * day
    peak = trough = lowest = equity[0]
    total, deepest = 0.0, 0.0
    for k in range(equity.size):
        now = equity[k]
        total += now
        if ts[k] >= day_ends:
            closes[days] = equity[k - 1]
            days += 1
            day_ends = (ts[k] // day + 1) * day
        if now < trough:
            trough = now
        elif now > peak:
            lowest = min(lowest, trough)
            deepest = max(deepest, (peak - trough) / peak)
            peak = trough = now
    closes[days] = equity[-1]
    deepest = max(deepest, (peak - trough) / peak)
    return days + 1, min(lowest, trough), total / equity.size, deepest
