"""The features a strategy or a model looks at, in a fixed order."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barque.domain.errors import BadInput
from barque.features.activity import (
    Amihud,
    CloseLocation,
    DayOfWeek,
    Gap,
    Range,
    UpShare,
    VolumeRatio,
)
from barque.features.dispersion import (
    BollingerB,
    Drawdown,
    MaxReturn,
    NormalizedAtr,
    ParkinsonVolatility,
    Skew,
    Volatility,
)
from barque.features.feature import Feature
from barque.features.program import (
    CAPACITY,
    FACTOR,
    FLOAT_HEADER,
    FLOAT_RINGS,
    INT_HEADER,
    INT_RINGS,
    MEANING,
    PROGRAM_WIDTH,
    SPLIT_FACTOR,
)
from barque.features.trend import (
    DistanceFromSma,
    Efficiency,
    MacdLine,
    Momentum,
    Return,
    Rsi,
    Stochastic,
)

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """Some features in a fixed order, as one program for the compiled step.

    >>> features = FeatureSet((Return(5), Rsi(14)))
    >>> features.names, features.warmup
    (('return_5', 'rsi_14'), 15)
    """

    features: tuple[Feature, ...]

    def __post_init__(self) -> None:
        if not self.features:
            raise BadInput("A feature set is empty; name at least one feature, as Return(5).")
        twice = {name for name in self.names if self.names.count(name) > 1}
        if twice:
            raise BadInput(f"A feature set names {sorted(twice)} twice; each may occur once.")

    def __len__(self) -> int:
        return len(self.features)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @property
    def warmup(self) -> int:
        """Bars of an instrument until all of its features are known."""
        return max(feature.warmup for feature in self.features)

    @property
    def program(self) -> IntArray:
        """The set as int64 (features, PROGRAM_WIDTH), read-only: see `features.program`."""
        rows = np.zeros((len(self), PROGRAM_WIDTH), np.int64)
        memory = self._first_memory
        for row, feature in zip(rows, self.features, strict=True):
            window, other = (*feature.parameters, 0, 0)[:2]
            row[:] = (feature.op, window, other, feature.warmup, memory)
            memory += feature.memory
        rows.flags.writeable = False
        return rows

    @property
    def fingerprint(self) -> str:
        """What tells two feature sets apart: sha256 of names, program and meaning of formulas."""
        digest = hashlib.sha256(f"{MEANING} {' '.join(self.names)}".encode())
        digest.update(self.program.astype("<i8").tobytes())
        return digest.hexdigest()

    def state(self, instruments: int) -> tuple[IntArray, FloatArray]:
        """Return fresh state for so many instruments: (`ints`, `floats`), one row each."""
        memory = sum(feature.memory for feature in self.features)
        ints = np.zeros((instruments, INT_HEADER + INT_RINGS * 2 * self._capacity), np.int64)
        floats = np.zeros((instruments, self._first_memory + memory), np.float64)
        ints[:, CAPACITY] = self._capacity
        floats[:, FACTOR] = 1.0
        floats[:, SPLIT_FACTOR] = 1.0
        return ints, floats

    @property
    def _capacity(self) -> int:
        # Two at least: the one-bar return reads the close before.
        return max(2, *(feature.lookback for feature in self.features))

    @property
    def _first_memory(self) -> int:
        return FLOAT_HEADER + FLOAT_RINGS * 2 * self._capacity


DEFAULT_FEATURES = FeatureSet(
    (
        Return(1),
        Return(5),
        Return(20),
        Momentum(120, 5),
        DistanceFromSma(10),
        DistanceFromSma(50),
        MacdLine(12, 26),
        Rsi(14),
        Stochastic(14),
        Efficiency(10),
        Volatility(20),
        Volatility(60),
        ParkinsonVolatility(20),
        NormalizedAtr(14),
        BollingerB(20),
        Skew(60),
        MaxReturn(20),
        Drawdown(60),
        UpShare(20),
        Range(),
        CloseLocation(),
        Gap(),
        VolumeRatio(20),
        Amihud(20),
        DayOfWeek(),
    )
)
"""What a model sees unless it is told otherwise. None of them depends on the level of a price."""
