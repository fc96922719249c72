"""A trader's sign of life says what it does, and when its feed last turned."""

import asyncio
import time

import pytest

from barque.bootstrap.signs import Signs
from barque.domain.errors import CannotContinue
from barque.runtime.feed import FeedState
from barque.service.market import FeedPhase
from barque.storage.store import FeedSign
from barque.telemetry import Metrics


class Kept(list):
    async def save_feed_sign(self, sign):
        self.append(sign)


class FullDisk:
    async def save_feed_sign(self, sign):
        raise CannotContinue("the disk is full")


def signs_of(store, **turning):
    sign = FeedSign(feed="any", phase=FeedPhase.PREPARING, alive_ts=0)
    return Signs(sign, store, Metrics(), FeedState(2.0, **turning) if turning else None)


def value(signs, name, **labels):
    return signs.metrics.registry.get_sample_value(name, labels)


def test_while_it_prepares_each_sign_is_of_now():
    kept = Kept()
    before = time.time_ns()

    asyncio.run(signs_of(kept).tell(FeedPhase.PREPARING, "Learn, 3 of 10"))

    assert kept[0].alive_ts >= before
    assert (kept[0].phase, kept[0].detail) == ("preparing", "Learn, 3 of 10")


def test_a_feed_that_hangs_in_a_living_process_grows_old():
    kept = Kept()

    asyncio.run(signs_of(kept, alive_ts=17, ts=5).tell(FeedPhase.RUNNING))

    assert kept[0].alive_ts == 17


def test_a_feed_that_told_all_is_finished_and_the_trader_lives_on():
    signs = signs_of(Kept(), alive_ts=17, ts=5, finished=True)
    before = time.time_ns()

    asyncio.run(signs.tell(FeedPhase.RUNNING))

    assert signs.seen().phase is FeedPhase.FINISHED
    assert signs.seen().alive_ts >= before
    assert signs.seen().ts == 5


def test_a_sign_that_cannot_be_kept_does_not_stop_the_trader():
    signs = signs_of(FullDisk())

    asyncio.run(signs.tell(FeedPhase.RECOVERING))

    assert value(signs, "barque_store_errors_total", operation="write") == 1
    assert signs.seen().phase is FeedPhase.RECOVERING


def test_each_sign_is_measured():
    signs = signs_of(Kept(), alive_ts=17 * 10**9, ts=5)

    asyncio.run(signs.tell(FeedPhase.RUNNING))

    assert value(signs, "barque_feed_alive_timestamp_seconds", feed="any") == 17
    phases = {
        phase: value(signs, "barque_feed_phase", feed="any", phase=phase) for phase in FeedPhase
    }
    assert phases == {phase: float(phase is FeedPhase.RUNNING) for phase in FeedPhase}


def test_it_beats_until_it_is_cancelled(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("barque.bootstrap.signs.EVERY_SECONDS", 0.001)
    kept = Kept()

    async def main():
        task = asyncio.create_task(signs_of(kept).beat())
        while len(kept) < 5:
            await asyncio.sleep(0.001)
        task.cancel()

    asyncio.run(main())

    times = [sign.alive_ts for sign in kept]
    assert times == sorted(times)
