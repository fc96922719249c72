"""A curve made small enough to draw without losing what it shows."""

import numpy as np

from barque.kernels.arrays import FloatArray, IntArray


def thin(values: FloatArray, points: int) -> IntArray:
    """Return which values to keep: first, last, and the lowest and highest of each stretch.

    At most about `points` of them, in order. Both ends of the deepest fall are kept as well, in
    units and as a fraction, so the largest drawdown of what is drawn is that of the whole.
    """
    count = len(values)
    if count <= points:
        return np.arange(count)
    stretch = -(-2 * count // points)
    whole = count // stretch * stretch
    rows = values[:whole].reshape(-1, stretch)
    starts = np.arange(len(rows)) * stretch
    kept = [starts + rows.argmin(axis=1), starts + rows.argmax(axis=1), np.array([0, count - 1])]
    if whole < count:
        rest = values[whole:]
        kept.append(whole + np.array([rest.argmin(), rest.argmax()]))
    peaks = np.maximum.accumulate(values)
    falls = peaks - values
    with np.errstate(over="ignore"):  # a fall from next to nothing
        fractions = np.divide(falls, peaks, out=np.zeros(count), where=peaks > 0)
    for trough in (int(falls.argmax()), int(fractions.argmax())):
        kept.append(np.array([values[: trough + 1].argmax(), trough]))
    found: IntArray = np.unique(np.concatenate(kept)).astype(np.int64)
    return found
