"""An equity curve, read in one pass that allocates nothing."""

from numba import njit

from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.compile import JIT


@njit(**JIT)
def scan(
    ts: IntArray, equity: IntArray, first: int, day: int, closes: FloatArray, days: IntArray
) -> tuple[int, int, float, float, int]:
    """Return days, lowest equity, mean equity, the deepest fall and the longest time under water.

    `first` is what the account began with: the first peak. The fall is a fraction of its peak;
    the time, in ns, is from a peak until equity is there again, or until the curve ends. Writes
    the last equity of each UTC day that has one, `day` nanoseconds long, into `closes` and the
    day's number into `days`, which have room for every row of the curve or every day it spans.
    The curve has a row, and `first` is positive.
    """
    count, day_ends = 0, (ts[0] // day + 1) * day
    peak = trough = lowest = first
    peak_ts = ts[0]
    longest = 0
    total, deepest = 0.0, 0.0
    for k in range(equity.size):
        now = equity[k]
        total += now
        if ts[k] >= day_ends:
            closes[count] = equity[k - 1]
            days[count] = day_ends // day - 1
            count += 1
            day_ends = (ts[k] // day + 1) * day
        if now >= peak:
            if trough < peak:
                lowest = min(lowest, trough)
                deepest = max(deepest, (peak - trough) / peak)
                longest = max(longest, ts[k] - peak_ts)
            peak = trough = now
            peak_ts = ts[k]
        elif now < trough:
            trough = now
    closes[count] = equity[-1]
    days[count] = day_ends // day - 1
    if trough < peak:
        deepest = max(deepest, (peak - trough) / peak)
        longest = max(longest, ts[-1] - peak_ts)
    return count + 1, min(lowest, trough), total / equity.size, deepest, longest
