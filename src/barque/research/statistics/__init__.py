"""Return, risk and trading in numbers, each with its definition.

Returns are taken between the last equities of successive UTC days that have one. A year is 365.25
days; `periods_per_year` is the number of those returns a year, as observed, unless it is given.
Standard deviations have ddof 1, returns compound, the risk-free rate is zero unless it is given.
What cannot be known is `None`, never NaN. An equity of nothing or less has no return: after one,
there is no statistic of returns. `definitions` has every number's words and source.
"""

from barque.research.statistics.curve import DAY, YEAR, DailyCurve, daily
from barque.research.statistics.definitions import DEFINITIONS, Definition
from barque.research.statistics.performance import USUAL, Conventions, Performance, performance
from barque.research.statistics.relative import Benchmark, Relative, relative
from barque.research.statistics.summary import Statistics, statistics
from barque.research.statistics.trading import Trading, trading

__all__ = [
    "DAY",
    "DEFINITIONS",
    "USUAL",
    "YEAR",
    "Benchmark",
    "Conventions",
    "DailyCurve",
    "Definition",
    "Performance",
    "Relative",
    "Statistics",
    "Trading",
    "daily",
    "performance",
    "relative",
    "statistics",
    "trading",
]
