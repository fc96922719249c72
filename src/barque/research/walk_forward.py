"""Training as it would have gone: each model sees the past, and is judged on what came next."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from barque.domain.errors import BadInput
from barque.domain.instruments import Instrument
from barque.features import FeatureSet
from barque.models import LightGbmLearner, ModelSchedule, Trees
from barque.research.labels import NEVER
from barque.research.metrics import Metrics, measure
from barque.research.samples import Samples, collect

IntArray = NDArray[np.int64]
Progress = Callable[[int, int], None]

FEWEST_ROWS = 100
"""Training samples below which a model is not worth the name."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A stretch of time to predict, start ≤ ts < end, by a model of what was known at its start."""

    start: int
    end: int

    def trains_on(self, samples: Samples) -> NDArray[np.bool_]:
        """Whether each sample's label was visible at or before the start: the rest is purged."""
        return samples.label_ts <= self.start

    def tests_on(self, samples: Samples) -> NDArray[np.bool_]:
        """Whether each sample lies in the stretch to predict."""
        return (samples.ts >= self.start) & (samples.ts < self.end)


@dataclass(frozen=True, slots=True, eq=False)
class WalkForward:
    """What a walk-forward training found.

    `schedule` holds one model per fold and a last one, trained on all that was visible at the end
    and usable from there on. `predictions` has a row per out-of-sample bar: ts, instrument, fold,
    prediction (the chance of a rise), forward_return and label_ts, both null where unknown.
    """

    schedule: ModelSchedule
    predictions: pl.DataFrame
    metrics: Metrics
    folds: tuple[Fold, ...]


def walk_forward(
    events: Iterable[IntArray],
    instruments: Sequence[Instrument],
    features: FeatureSet,
    *,
    horizon: int = 5,
    folds: int = 10,
    train_until: int | None = None,
    learner: LightGbmLearner | None = None,
    progress: Progress | None = None,
) -> WalkForward:
    """Train a model of rising over `horizon` bars, again and again through history.

    `events` are chunks of int64 (n, EVENT_WIDTH) in total order. Nothing that became visible after
    `train_until` (nanoseconds UTC; the last bar if it is None) is used: trade the last model on
    what comes after. `progress` is called with steps done and in all. Too little data raises
    `BadInput`.
    """
    tell = progress or (lambda done, total: None)
    tell(0, folds + 2)
    samples = collect(events, instruments, features, horizon)
    until = int(samples.ts[-1]) if train_until is None else train_until
    stretches = split(samples, folds, until)
    train = partial(_train, samples, features, horizon, learner or LightGbmLearner())
    models = []
    # Each training keeps to one thread and lets other threads run meanwhile.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for trees in pool.map(train, (*stretches, Fold(until, NEVER))):
            models.append(trees)
            tell(len(models), folds + 2)
    starts = (*(fold.start for fold in stretches), until)
    schedule = ModelSchedule(usable_from=starts, trees=tuple(models))
    found = _judge(schedule, samples, stretches, instruments)
    tell(folds + 2, folds + 2)
    return found


def split(samples: Samples, folds: int, until: int) -> tuple[Fold, ...]:
    """Divide time up to `until` into a first stretch only to learn from, and `folds` to predict.

    All stretches have about as many bar times. They touch and do not overlap.
    """
    times = np.unique(samples.ts[samples.label_ts <= until])
    if folds < 1 or times.size <= folds:
        raise BadInput(
            f"There are {times.size} labelled times up to the end of training, to be divided into "
            f"{folds} folds and a start; use fewer folds (at least 1) or more data."
        )
    starts = [int(block[0]) for block in np.array_split(times, folds + 1)[1:]]
    return tuple(Fold(*edges) for edges in pairwise([*starts, until]))


def _train(
    samples: Samples, features: FeatureSet, horizon: int, learner: LightGbmLearner, fold: Fold
) -> Trees:
    samples = samples.where(fold.trains_on(samples))
    if len(samples) < FEWEST_ROWS:
        raise BadInput(
            f"A model would be trained on {len(samples)} samples; at least {FEWEST_ROWS} are "
            "needed. Use fewer folds or more data."
        )
    return learner.fit(
        samples.features,
        samples.rose,
        feature_names=features.names,
        feature_fingerprint=features.fingerprint,
        label_horizon=horizon,
        train_start=int(samples.ts[0]),
        train_end=int(samples.ts[-1]),
        last_label_visible=int(samples.label_ts.max()),
        data_hash=samples.content_hash,
    )


def _judge(
    schedule: ModelSchedule,
    samples: Samples,
    folds: tuple[Fold, ...],
    instruments: Sequence[Instrument],
) -> WalkForward:
    """Predict every fold just as it is done live: by the newest model usable at a bar's time."""
    until = folds[-1].end
    seen = samples.where((samples.ts >= folds[0].start) & (samples.ts < until))
    predicted = schedule.predict(seen.ts, seen.features)
    fold = np.searchsorted([fold.start for fold in folds], seen.ts, side="right") - 1
    labelled = seen.label_ts <= until
    metrics = measure(predicted[labelled], seen.where(labelled), fold[labelled])
    names = pl.Series([instrument.id for instrument in instruments])
    known = pl.lit(pl.Series(labelled))
    predictions = pl.DataFrame(
        {
            "ts": seen.ts,
            "instrument": names.gather(seen.instrument),
            "fold": fold,
            "prediction": predicted,
            "forward_return": seen.forward_return,
            "label_ts": seen.label_ts,
        }
    ).with_columns(pl.when(known).then(pl.col("forward_return", "label_ts")))
    return WalkForward(schedule, predictions, metrics, folds)
