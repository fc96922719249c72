"""Walk-forward training finds what is there, finds nothing in noise, and never sees the future."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barque.domain.errors import BadInput
from barque.features import DEFAULT_FEATURES
from barque.kernels import layout
from barque.models import LightGbmLearner, to_bytes
from barque.research.samples import collect
from barque.research.walk_forward import Fold, WalkForward, walk_forward
from tests.research.markets import DAY, noise, real_stocks, stocks, trends

pytest.importorskip("lightgbm")

SMALL = LightGbmLearner(trees=30, leaves=7, samples_per_leaf=50)


def run(events: np.ndarray, instruments: int, **changed) -> WalkForward:
    options = {"folds": 4, "learner": SMALL, **changed}
    return walk_forward([events], stocks(instruments), DEFAULT_FEATURES, **options)


@pytest.mark.parametrize("seed", [1, 2])
def test_noise_has_no_edge(seed: int) -> None:
    metrics = run(noise(seed, days=1_500, instruments=8), 8).metrics

    assert metrics.folds == 4
    assert metrics.auc == pytest.approx(0.5, abs=0.04)
    assert metrics.information_coefficient == pytest.approx(0.0, abs=0.05)


def test_what_can_be_foreseen_is_found() -> None:
    metrics = run(trends(seed=1, days=1_000, instruments=8), 8).metrics

    assert metrics.auc > 0.65
    assert min(metrics.fold_auc) > 0.6
    assert metrics.information_coefficient > 0.2
    assert metrics.hit_rate > metrics.base_rate


def test_no_training_label_is_visible_after_its_fold_starts() -> None:
    events = noise(seed=3, days=600, instruments=3)
    found = run(events, 3)
    samples = collect([events], stocks(3), DEFAULT_FEATURES, horizon=5)

    for fold, trees in zip(found.folds, found.schedule.trees, strict=False):
        train, test = fold.trains_on(samples), fold.tests_on(samples)
        assert samples.label_ts[train].max() <= fold.start <= samples.ts[test].min()
        assert trees.provenance.last_label_visible <= fold.start
        assert trees.provenance.rows == train.sum()
        # Purged: what was sampled before the fold but decided in it.
        assert ((samples.ts < fold.start) & ~train).sum() == 3 * 4


def test_folds_touch_and_do_not_overlap() -> None:
    events = noise(seed=4, days=600, instruments=2)
    found = run(events, 2, folds=7)
    samples = collect([events], stocks(2), DEFAULT_FEATURES, horizon=5)

    tested = sum(fold.tests_on(samples).astype(int) for fold in found.folds)

    assert [fold.end for fold in found.folds[:-1]] == [fold.start for fold in found.folds[1:]]
    after_start = (samples.ts >= found.folds[0].start) & (samples.ts < found.folds[-1].end)
    np.testing.assert_array_equal(tested, after_start)


def test_a_planted_leak_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fold that trains on all samples before it, decided or not, would know the future."""
    monkeypatch.setattr(Fold, "trains_on", lambda fold, samples: samples.ts < fold.start)

    with pytest.raises(BadInput, match="know the future"):
        run(noise(seed=5, days=600, instruments=3), 3)


def test_the_future_does_not_matter() -> None:
    """Other prices after a fold's start leave every earlier model and prediction as it was."""
    events, other = noise(6, 700, 3), noise(7, 700, 3)
    before = run(events, 3)
    now = before.folds[2].start
    future = events[:, layout.TS] > now
    after = run(np.where(future[:, None], other, events), 3)

    known = pl.col("ts") <= now
    columns = ["ts", "instrument", "fold", "prediction"]
    assert (
        before.predictions.filter(known)
        .select(columns)
        .equals(after.predictions.filter(known).select(columns))
    )
    assert [to_bytes(trees) for trees in before.schedule.trees[:3]] == [
        to_bytes(trees) for trees in after.schedule.trees[:3]
    ]
    assert to_bytes(before.schedule.trees[-1]) != to_bytes(after.schedule.trees[-1])


def test_nothing_after_the_end_of_training_is_used() -> None:
    until = 500 * DAY
    events = noise(8, 700, 3)
    past = events[events[:, layout.TS] <= until]

    whole, cut = run(events, 3, train_until=until), run(past, 3)

    assert [*map(to_bytes, whole.schedule.trees)] == [*map(to_bytes, cut.schedule.trees)]
    assert whole.metrics == cut.metrics
    assert whole.schedule.usable_from[-1] == until


def test_predictions_are_those_of_the_schedule_and_their_labels_are_known() -> None:
    found = run(noise(9, 600, 3), 3)
    frame = found.predictions

    assert frame.columns == ["ts", "instrument", "fold", "prediction", "forward_return", "label_ts"]
    assert frame["prediction"].is_between(0, 1).all()
    assert frame.drop_nulls().height == found.metrics.samples
    assert (frame.drop_nulls()["label_ts"] <= found.folds[-1].end).all()
    assert frame["forward_return"].null_count() == frame["label_ts"].null_count() == 3 * 4


def test_the_same_data_and_seed_give_the_same_models() -> None:
    events = noise(10, 500, 2)

    assert [*map(to_bytes, run(events, 2).schedule.trees)] == [
        *map(to_bytes, run(events, 2).schedule.trees)
    ]


def test_progress_is_told_from_nothing_to_all() -> None:
    told: list[tuple[int, int]] = []

    run(noise(11, 500, 2), 2, progress=lambda done, total: told.append((done, total)))

    assert told == [(k, 6) for k in range(7)]


@pytest.mark.parametrize(("days", "folds"), [(140, 4), (500, 0), (130, 400)])
def test_too_little_data_is_refused(days: int, folds: int) -> None:
    with pytest.raises(BadInput, match="folds"):
        run(noise(12, days, 1), 1, folds=folds)


def test_real_stocks_are_foreseen_a_little_or_not_at_all(test_data: Path) -> None:
    """On daily bars an accuracy above 60 % would be a leak."""
    events, instruments = real_stocks(test_data, 10)

    metrics = walk_forward([events], instruments, DEFAULT_FEATURES, folds=5, learner=SMALL).metrics

    assert metrics.folds == 5
    assert 0.45 < metrics.auc < 0.58
    assert metrics.hit_rate < 0.60
    assert abs(metrics.information_coefficient) < 0.10
