"""What the market did is what its events say, however many of them there are."""

import numpy as np
import pytest

from barque.domain.events import EventFlag, EventKind
from barque.kernels import layout as at
from barque.research.market import bars_between, buy_and_hold, watch
from tests.research.markets import DAY, events_of, stocks
from tests.research.results import Past, past


def flat(*closes: float, count: int = 1) -> Past:
    return Past(tuple(stocks(count)), events_of(np.array(closes, np.float64).reshape(-1, count)))


def with_action(prices: Past, day: int, kind: EventKind, **columns: int) -> Past:
    row = np.zeros(at.EVENT_WIDTH, np.int64)
    row[[at.TS, at.START]] = prices.events[day, at.START]
    row[at.KIND], row[at.FLAGS] = kind, EventFlag.ENDS_SLICE
    for name, value in columns.items():
        row[getattr(at, name)] = value
    return Past(prices.instruments, np.insert(prices.events, day, row, axis=0))


def test_holding_one_share_earns_what_its_price_does() -> None:
    benchmark = buy_and_hold("it", flat(100, 110, 99))

    assert benchmark.at(np.arange(1, 4) * DAY + DAY // 2).tolist() == pytest.approx([1, 1.1, 0.99])


def test_a_split_changes_nothing_for_who_holds() -> None:
    split = with_action(flat(100, 50, 55), 1, EventKind.SPLIT, SPLIT_NEW=2, SPLIT_OLD=1)

    assert buy_and_hold("it", split).growth[-1] == pytest.approx(1.1)


def test_a_dividend_is_reinvested_at_the_price_it_leaves() -> None:
    """Ten dollars of a hundred are paid out and the price falls by ten: nothing was lost."""
    paid = with_action(flat(100, 90), 1, EventKind.DIVIDEND, DIVIDEND_AMOUNT=10 * 10**8)

    assert buy_and_hold("it", paid).growth[-1] == pytest.approx(1.0)


def test_funding_is_paid_by_who_holds() -> None:
    paid = with_action(flat(100, 100), 1, EventKind.FUNDING, FUNDING_RATE=10**10)

    assert buy_and_hold("it", paid).growth[-1] == pytest.approx(0.99)


def test_equal_parts_of_several_shares_are_held() -> None:
    two = flat(100, 10, 120, 10, 150, 20, count=2)

    assert buy_and_hold("both", two).growth[-1] == pytest.approx((1.5 + 2.0) / 2)


def test_quotes_are_worth_their_middle() -> None:
    both = flat(100, 102)
    both.events[0, at.KIND], both.events[1, at.KIND] = EventKind.BID_BAR, EventKind.ASK_BAR
    both.events[:, at.TS] = both.events[0, at.TS]

    assert watch(both).prices.closes[-1, 0] == 101.0


def test_candles_cover_the_whole_run_and_are_in_todays_shares() -> None:
    told = past(days=300)

    market = watch(told)

    first = told.events[told.events[:, at.INSTRUMENT] == 0]
    bars = first[first[:, at.KIND] == EventKind.BAR]
    split = int(first[first[:, at.KIND] == EventKind.SPLIT][0, at.TS])
    factor = np.where(bars[:, at.TS] < split, 0.5, 1.0)
    there = market.candles[0][market.candles[0, :, 3] > 0]
    assert there[:, 1].max() == pytest.approx((bars[:, at.HIGH] * factor).max() / 1e8)
    assert there[:, 2].min() == pytest.approx((bars[:, at.LOW] * factor).min() / 1e8)
    assert there[-1, 3] == bars[-1, at.CLOSE] / 1e8
    assert there[0, 0] == pytest.approx(bars[0, at.OPEN] * factor[0] / 1e8)
    assert market.adjustment(0, np.array([split - 1, split])).tolist() == [0.5, 1.0]


def test_bars_of_a_time_are_those_and_no_others() -> None:
    bars = bars_between(flat(100, 110, 120, 130), 0, 2 * DAY, 3 * DAY)

    assert bars[:, [0, 4]].tolist() == [[2 * DAY, 110], [3 * DAY, 120]]
