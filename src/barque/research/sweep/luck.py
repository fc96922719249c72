"""What the best of many trials is worth."""

import math
from dataclasses import dataclass

import numpy as np

from barque.kernels.arrays import FloatArray
from barque.research.statistics import Statistics
from barque.research.statistics.ratios import NORMAL, probabilistic_sharpe

EULER = 0.5772156649015329


@dataclass(frozen=True, slots=True, kw_only=True)
class Luck:
    """How a Sharpe ratio looks when one knows how often somebody looked. None: not known.

    `expected_best` is the Sharpe ratio of a year that the best of so many trials would show if none
    had any skill, `deflated_sharpe` the chance that the true one is above it, and
    `probabilistic_sharpe` the chance that it is above 0, as if there had been one trial.
    """

    trials: int
    sharpe: float | None
    expected_best: float | None
    deflated_sharpe: float | None
    probabilistic_sharpe: float | None


def luck(found: Statistics, sharpes: FloatArray, trials: int) -> Luck:
    """Judge a run by the Sharpe ratios of a year of all points of its sweep (NaN: unknown).

    Bailey and López de Prado (2014), The Deflated Sharpe Ratio, eq. 1 and 2. The trials are taken
    to be independent, which neighbours are not: the truth is better than this says, not worse.
    """
    best = expected_best(sharpes, trials)
    deflated = None
    per_year = found.periods_per_year
    if None not in (best, found.sharpe, per_year, found.skew, found.kurtosis):
        assert best is not None
        assert found.sharpe is not None
        assert per_year is not None
        assert found.skew is not None
        assert found.kurtosis is not None
        root = math.sqrt(per_year)
        deflated = probabilistic_sharpe(
            found.sharpe / root, found.periods, found.skew, found.kurtosis, best / root
        )
    return Luck(
        trials=trials,
        sharpe=found.sharpe,
        expected_best=best,
        deflated_sharpe=deflated,
        probabilistic_sharpe=found.probabilistic_sharpe,
    )


def expected_best(sharpes: FloatArray, trials: int) -> float | None:
    """Return what the highest of `trials` Sharpe ratios is on average if the true ones are all 0.

    In the unit of `sharpes`, whose spread (ddof 1) stands for that of an estimate.
    """
    known = sharpes[np.isfinite(sharpes)]
    if len(known) < 2 or trials < 2:
        return None
    spread = float(np.std(known, ddof=1))
    one, other = NORMAL.inv_cdf(1.0 - 1.0 / trials), NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return spread * ((1.0 - EULER) * one + EULER * other)
