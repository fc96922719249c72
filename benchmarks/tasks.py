"""What the contests are about: the pairs of a sweep, and the closes of a portfolio."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SWEEP_BARS = 100_000
PAIRS = tuple((fast, slow) for fast in range(5, 55, 5) for slow in range(60, 460, 20))
"""Windows of the fast and the slow mean; the rest of the rule is that of `rule`."""

INSTRUMENTS, DAYS = 500, 2_500
PORTFOLIO_CASH = 100_000_000
BUFFER = 0.02
DAY = 86_400 * 10**9
FIRST_DAY = 1_420_156_800_000_000_000  # 2015-01-02, in ns
SEED = 500


class Panel(NamedTuple):
    """Daily prices (days, instruments) with two decimals; `ts` are the closes, ns UTC."""

    ts: NDArray[np.int64]
    open: NDArray[np.float64]
    close: NDArray[np.float64]


def panel() -> Panel:
    """Return the same random walks on every machine."""
    chance = np.random.default_rng(SEED)
    moves = chance.standard_normal((DAYS, INSTRUMENTS)) * 0.012
    close = np.round(50.0 * np.exp(np.cumsum(moves, axis=0)), 2) + 1.0
    opening = np.concatenate((close[:1], close[:-1]))
    ts = FIRST_DAY + np.arange(1, DAYS + 1, dtype=np.int64) * DAY
    return Panel(ts, opening, close)
