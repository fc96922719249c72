import numpy as np
import pytest

from barque.data.events import parts
from barque.data.events.stream import events_of
from barque.data.events.timers import At, BeforeClose, Every, Timer
from barque.domain.errors import BadInput
from barque.domain.events import EventKind
from barque.kernels import layout as at
from tests.data.builders import DAY, MINUTE, coin, nanoseconds, share

HOUR = 60 * MINUTE


def woken(*timers: Timer, first: int, last: int, instrument=None) -> list[tuple[int, int]]:
    instrument = instrument or coin()
    bars = parts.bars(instrument, ts=[first, last], open=1, high=1, low=1, close=1, volume=1)
    rows = events_of([instrument], [_wide(bars)], timers=timers).array()
    rows = rows[rows[:, at.KIND] == EventKind.TIMER]
    return [(int(row[at.TS]), int(row[at.TIMER_ID])) for row in rows]


def _wide(part):
    """Give single values the length of the times."""
    size = part.columns["ts"].size
    columns = {name: np.resize(column, size) for name, column in part.columns.items()}
    return type(part)(part.instrument, part.kind, columns)


def test_every_hour_is_every_full_hour_from_the_first_event_to_the_last() -> None:
    times = woken(Every("1h"), first=DAY + MINUTE, last=DAY + 3 * HOUR)

    assert times == [(DAY + k * HOUR, 0) for k in (1, 2, 3)]


def test_a_long_run_is_woken_as_often_as_a_short_one() -> None:
    times = woken(Every("1d"), first=DAY, last=400 * DAY)

    assert times == [(k * DAY, 0) for k in range(1, 401)]


def test_given_times_are_told_once_and_only_within_the_run() -> None:
    timer = At((5 * DAY, 2 * DAY, 2 * DAY, 99 * DAY), id=3)

    assert woken(timer, first=DAY, last=6 * DAY) == [(2 * DAY, 3), (5 * DAY, 3)]


def test_before_the_close_knows_half_days() -> None:
    times = woken(
        BeforeClose("XNYS", "10m"),
        first=nanoseconds("2013-07-02"),
        last=nanoseconds("2013-07-06"),
        instrument=share(),
    )

    closes = ["2013-07-02T19:50", "2013-07-03T16:50", "2013-07-05T19:50"]
    assert times == [(nanoseconds(time), 0) for time in closes]


def test_timers_of_one_ts_are_told_in_their_order_after_everything_else() -> None:
    instrument = coin()
    stream = events_of(
        [instrument],
        [parts.bars(instrument, ts=[DAY], open=1, high=1, low=1, close=1, volume=1)],
        timers=[Every("1d", id=7), Every("1h", id=2)],
    )

    rows = stream.array()

    assert rows[:, at.KIND].tolist() == [EventKind.BAR, EventKind.TIMER, EventKind.TIMER]
    assert rows[1:, at.TIMER_ID].tolist() == [7, 2]


def test_ids_below_zero_are_not_for_users() -> None:
    with pytest.raises(BadInput, match="ids are at least 0"):
        woken(Every("1h", id=-1), first=DAY, last=2 * DAY)
