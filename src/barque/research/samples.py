"""Samples to learn from: what was known at a bar's close, and what came of it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from barque.domain.errors import BadInput
from barque.domain.events import EventKind
from barque.domain.instruments import Instrument
from barque.features import FeatureSet, observe_events
from barque.kernels import layout
from barque.research.labels import bar_numbers, forward_returns

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """One row per bar, in the order of time: features, and the return that followed.

    `ts` is the bar's close and `label_ts` the moment from which `forward_return` was known, both
    nanoseconds UTC; `instrument` is the index in the run. `features` is float64 (rows, features).
    """

    ts: IntArray
    instrument: IntArray
    features: FloatArray
    forward_return: FloatArray
    label_ts: IntArray

    def __len__(self) -> int:
        return self.ts.size

    def where(self, rows: NDArray[np.bool_]) -> "Samples":
        """Return some of the samples."""
        return Samples(*(getattr(self, field.name)[rows] for field in fields(self)))

    @property
    def rose(self) -> FloatArray:
        """1.0 where the instrument earned something, 0.0 where it did not."""
        return (self.forward_return > 0.0).astype(np.float64)

    @property
    def content_hash(self) -> str:
        """sha256 of all columns."""
        digest = hashlib.sha256()
        for field in fields(self):
            digest.update(np.ascontiguousarray(getattr(self, field.name)).tobytes())
        return digest.hexdigest()


def collect(
    events: Iterable[IntArray],
    instruments: Sequence[Instrument],
    features: FeatureSet,
    horizon: int,
) -> Samples:
    """Return a sample for every bar of `events` at which all features are known.

    `events` are chunks of int64 (n, EVENT_WIDTH) in their total order (`kernels.layout`). No bar,
    or none beyond the warm-up, raises `BadInput`.
    """
    ints, floats = features.state(len(instruments))
    units = unit_rows(instruments)
    parts = [_observed(chunk, features, ints, floats, units) for chunk in events]
    if not any(part[0].size for part in parts):
        raise BadInput("There are no bars to learn from; import data for these instruments.")
    ts, instrument, values, close = (np.concatenate(column) for column in zip(*parts, strict=True))
    samples = Samples(ts, instrument, values, *forward_returns(ts, instrument, close, horizon))
    known = bar_numbers(instrument) >= features.warmup
    if not known.any():
        raise BadInput(
            f"No instrument has {features.warmup} bars, which the features need to become known; "
            "import more data or choose shorter windows."
        )
    return samples.where(known)


def unit_rows(instruments: Sequence[Instrument]) -> IntArray:
    """Return the units of instruments as rows of `kernels.layout`; other columns are zero."""
    rows = np.zeros((len(instruments), layout.INSTRUMENT_WIDTH), np.int64)
    for row, instrument in zip(rows, instruments, strict=True):
        row[layout.PRICE_SCALE] = 10**instrument.price_digits
        row[layout.QUANTITY_SCALE] = 10**instrument.quantity_digits
        row[layout.NOTIONAL_DIVISOR] = 10**instrument.notional_digits
        row[layout.MULTIPLIER] = instrument.multiplier
    return rows


Part = tuple[IntArray, IntArray, FloatArray, FloatArray]


def _observed(
    chunk: IntArray, features: FeatureSet, ints: IntArray, floats: FloatArray, units: IntArray
) -> Part:
    values = np.empty((len(chunk), len(features)))
    closes = np.empty(len(chunk))
    observe_events(features.program, ints, floats, units, chunk, values, closes)
    bars = chunk[:, layout.KIND] == EventKind.BAR
    rows = chunk[bars]
    return rows[:, layout.TS], rows[:, layout.INSTRUMENT], values[bars], closes[bars]
