"""The shape of a feature program and of the state it works on: which column means what.

A program is an int64 array with one row per feature. The state of instrument i is the row
`ints[i]` and the row `floats[i]`: a header, then rings with the recent past, then the memory of
the features that keep one. A ring of capacity n takes 2n columns and every value is written
twice, n apart, so the last w ≤ n values always lie side by side and end at column NEWEST.

Prices in the state are int64 *adjusted units*: the raw price in price units times FACTOR, which
grows by every split and dividend as it happens. The past is never rewritten.
"""

from enum import IntEnum, unique

# One feature: program[k, column].
OP = 0
WINDOW = 1
OTHER = 2  # a second whole number, by feature: slow window, bars skipped, band width
WARMUP = 3  # bars until the feature is known
MEMORY = 4  # first column of its own memory in `floats`
PROGRAM_WIDTH = 5

# One instrument: ints[i, column].
COUNT = 0  # bars seen
CAPACITY = 1  # bars a ring holds
NEWEST = 2  # column of the newest value, counted from its ring's first
OPEN = 3  # this bar's open, adjusted units
TS = 4  # this bar's close, nanoseconds UTC
INT_HEADER = 8

CLOSES = 0  # the rings of whole numbers, adjusted units
HIGHS = 1
LOWS = 2
INT_RINGS = 3

# One instrument: floats[i, column].
FACTOR = 0  # adjusted price / raw price
SPLIT_FACTOR = 1  # the part of FACTOR that splits made; shares are divided by it
SCALE = 2  # price units in a price of one
FLOAT_HEADER = 4

RETURNS = 0  # the rings of real numbers: one-bar return of the adjusted close
VOLUMES = 1  # shares, adjusted for splits
TURNOVERS = 2  # close times volume, quote currency
FLOAT_RINGS = 3


@unique
class Op(IntEnum):
    """What a row of a program computes. A number that was ever used keeps its meaning."""

    SMA = 1
    EMA = 2
    RETURN = 3
    MOMENTUM = 4
    DISTANCE_FROM_SMA = 5
    MACD_LINE = 6
    RSI = 7
    STOCHASTIC = 8
    EFFICIENCY = 9
    VOLATILITY = 10
    SKEW = 11
    MAX_RETURN = 12
    PARKINSON_VOLATILITY = 13
    ATR = 14
    NORMALIZED_ATR = 15
    BOLLINGER_B = 16
    DRAWDOWN = 17
    RANGE = 18
    CLOSE_LOCATION = 19
    GAP = 20
    UP_SHARE = 21
    VOLUME_RATIO = 22
    AMIHUD = 23
    DAY_OF_WEEK = 24


MEANING = 1
"""Raised whenever a formula changes, so that a model never meets features it was not trained on."""

LONGEST_WINDOW = 2000
"""Bars. A sum of so many prices of at most LARGEST_ADJUSTED units fits an int64."""

LARGEST_ADJUSTED = 10**15
"""Adjusted units. A bar beyond it is not used, and the history starts again."""
