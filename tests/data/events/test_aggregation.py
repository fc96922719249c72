"""Bars that are built: the rules as examples, and law 2, stream equals batch, bit for bit."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.data.events import parts
from barque.data.events.aggregation import (
    BarBuilder,
    BarRule,
    DollarBars,
    RenkoBars,
    TickBars,
    TimeBars,
    VolumeBars,
    build_bars,
)
from barque.data.events.stream import events_of
from barque.domain.errors import BadInput, CorruptData
from barque.domain.events import EventFlag, EventKind
from barque.kernels import layout as at
from tests.data.builders import DAY, MINUTE, coin, nanoseconds, share
from tests.data.ticks import SECOND, some_bars, some_quotes, some_trades

COIN = coin(price_digits=2, quantity_digits=6)
UNIT = 10**6  # of quantity

MAKERS = {"trade": some_trades, "quote": some_quotes, "bar": some_bars}
RULES: list[BarRule] = [
    *(TimeBars(period, of) for period in ("1m", "7m", "1d") for of in MAKERS),
    TimeBars("7m", outside=True),
    *(TickBars(count, of) for count in (1, 7) for of in MAKERS),
    *(VolumeBars(Decimal(volume), of) for volume in (1, 200) for of in ("trade", "bar")),
    *(DollarBars(Decimal(amount), of) for amount in (1, 9_000) for of in ("trade", "bar")),
    *(RenkoBars(Decimal(size), of) for size in ("0.01", "0.50") for of in MAKERS),
]


def told(of: str, seed: int, count: int, first: int = 0) -> np.ndarray:
    instrument = COIN
    return events_of([instrument], [MAKERS[of](instrument, seed, count, first)]).array()


def trades(*ticks: tuple[int, float, float], instrument=COIN) -> np.ndarray:
    ts, price, size = zip(*ticks, strict=True)
    return events_of(
        [instrument],
        [parts.trades(instrument, ts=ts, price=np.array(price, float), size=np.array(size, float))],
    ).array()


def bars_of(events: np.ndarray, rule: BarRule, instrument=COIN) -> list[tuple]:
    """Return (start, ts, open, high, low, close, volume) of each bar, in whole units."""
    rows = build_bars([events], instrument, rule)
    assert (rows[:, at.KIND] == EventKind.BUILT_BAR).all()
    prices = rows[:, at.OPEN : at.CLOSE + 1] / 10**instrument.price_digits
    volume = rows[:, at.VOLUME] / 10**instrument.quantity_digits
    times = rows[:, [at.START, at.TS]].tolist()
    return [
        (*time, *price, size)
        for time, price, size in zip(times, prices.tolist(), volume.tolist(), strict=True)
    ]


@settings(max_examples=150)
@given(
    st.sampled_from(RULES),
    st.integers(0, 2**32),
    st.integers(1, 300),
    st.lists(st.integers(0, 300), max_size=6),
)
def test_however_the_events_are_divided_the_bars_are_the_same(
    rule: BarRule, seed: int, count: int, cuts: list[int]
) -> None:
    events = told(rule.of, seed, count)
    whole, streamed = BarBuilder(COIN, rule), BarBuilder(COIN, rule)
    at_once = whole.add(events)

    piecewise = [streamed.add(part) for part in np.split(events, sorted(cuts))]

    np.testing.assert_array_equal(np.concatenate(piecewise), at_once)
    np.testing.assert_array_equal(streamed.unfinished(), whole.unfinished())


@settings(max_examples=100)
@given(st.sampled_from(RULES), st.integers(0, 2**32), st.integers(1, 200))
def test_event_by_event_the_bars_are_those_of_the_batch(
    rule: BarRule, seed: int, count: int
) -> None:
    events = told(rule.of, seed, count)
    streamed = BarBuilder(COIN, rule)

    one_by_one = [streamed.add(events[t : t + 1]) for t in range(len(events))]
    one_by_one.append(streamed.until(int(events[-1, at.TS])))

    np.testing.assert_array_equal(np.concatenate(one_by_one), build_bars([events], COIN, rule))


@settings(max_examples=150)
@given(st.sampled_from(RULES), st.integers(0, 2**32), st.integers(1, 300))
def test_the_bars_are_those_of_the_obvious_way(rule: BarRule, seed: int, count: int) -> None:
    events = told(rule.of, seed, count)

    rows = build_bars([events], COIN, rule)

    columns = [at.START, at.TS, at.OPEN, at.HIGH, at.LOW, at.CLOSE, at.VOLUME]
    assert [tuple(row) for row in rows[:, columns].tolist()] == obvious(rule, events)


def obvious(rule: BarRule, events: np.ndarray) -> list[tuple]:
    """Build bars in plain Python, from lists of pieces (began, seen, o, h, l, c, v)."""
    pieces = [piece for row in events.tolist() if (piece := as_piece(row, rule.of)) is not None]
    if isinstance(rule, RenkoBars):
        return bricks(pieces, int(rule.size * 100))
    if isinstance(rule, TimeBars):
        return by_clock(pieces, rule, int(events[-1, at.TS]))
    bars, open_, total = [], [], 0
    for piece in pieces:
        open_.append(piece)
        total += counted(rule, piece)
        if total >= wanted(rule):
            bars.append((open_[0][0], piece[1], *summed(open_)))
            open_, total = [], 0
    return bars


def as_piece(row: list[int], of: str):
    if row[at.KIND] != {"trade": 40, "quote": 45, "bar": 50}[of]:
        return None
    if of == "quote":
        bid, ask = row[at.QUOTE_BID], row[at.QUOTE_ASK]
        if not bid or not ask:
            return None
        middle = round((bid + ask) / 2)
        return (row[at.START], row[at.TS], *[middle] * 4, 0)
    return (row[at.START], row[at.TS], *row[at.OPEN : at.VOLUME + 1])


def summed(pieces: list[tuple]) -> tuple:
    highs, lows = [piece[3] for piece in pieces], [piece[4] for piece in pieces]
    volume = sum(piece[6] for piece in pieces)
    return pieces[0][2], max(highs), min(lows), pieces[-1][5], volume


def counted(rule: BarRule, piece: tuple) -> int:
    if isinstance(rule, TickBars):
        return 1
    if isinstance(rule, VolumeBars):
        return piece[6]
    return piece[5] * piece[6]  # two and six digits make the eight of cash


def wanted(rule: BarRule) -> int:
    if isinstance(rule, TickBars):
        return rule.count
    return int(rule.quantity * UNIT if isinstance(rule, VolumeBars) else rule.amount * 10**8)


def by_clock(pieces: list[tuple], rule: TimeBars, last: int) -> list[tuple]:
    size = {"1m": MINUTE, "7m": 7 * MINUTE, "1d": DAY}[rule.period]
    stretches: dict[tuple[int, int], list[tuple]] = {}
    for piece in pieces:
        moment = piece[1] - 1 if rule.of == "bar" else piece[1]
        day = moment // DAY * DAY  # sessions of a coin are days
        begin = max(moment // size * size, day)
        stretches.setdefault((begin, min(moment // size * size + size, day + DAY)), []).append(
            piece
        )
    return [(*when, *summed(held)) for when, held in stretches.items() if when[1] <= last]


def bricks(pieces: list[tuple], size: int) -> list[tuple]:
    laid: list[tuple] = []
    began, volume, low, high = None, 0, None, None
    for piece in pieces:
        began = piece[0] if began is None else began
        volume += piece[6]
        if low is None:
            low = high = piece[5] // size * size
        while piece[5] >= high + size or piece[5] <= low - size:
            rising = piece[5] >= high + size
            a, b = (high, high + size) if rising else (low, low - size)
            low, high = min(a, b), max(a, b)
            laid.append((piece[1] if began is None else began, piece[1], a, high, low, b, volume))
            began, volume = None, 0
    return laid


def test_a_tick_on_the_minute_opens_the_bar_that_begins_then() -> None:
    events = trades(
        (1 * MINUTE, 10, 1), (2 * MINUTE - 1, 12, 2), (2 * MINUTE, 11, 3), (4 * MINUTE, 9, 1)
    )

    bars = bars_of(events, TimeBars("1m"))

    assert bars == [
        (1 * MINUTE, 2 * MINUTE, 10, 12, 10, 12, 3),
        (2 * MINUTE, 3 * MINUTE, 11, 11, 11, 11, 3),
    ]  # nothing in the third minute; the fourth is not over


def test_a_smaller_bar_that_closes_on_the_hour_belongs_to_the_hour_that_ends() -> None:
    ts = np.array([20, 60, 80]) * MINUTE
    smaller = parts.bars(
        COIN, ts=ts, start=ts - 20 * MINUTE, open=[100, 110, 120], high=[115, 125, 130],
        low=[95, 105, 115], close=[110, 120, 125], volume=[1, 2, 4],
    )  # fmt: skip

    rows = build_bars([events_of([COIN], [smaller]).array()], COIN, TimeBars("1h", of="bar"))

    assert rows[:, [at.START, at.TS]].tolist() == [[0, 60 * MINUTE]]
    assert rows[0, at.OPEN : at.VOLUME + 1].tolist() == [100, 125, 95, 120, 3]


def test_no_bar_goes_across_the_close_and_what_is_outside_is_left_out_or_apart() -> None:
    instrument = share()
    close = nanoseconds("2013-07-03T17:00")  # a half day
    before, after = nanoseconds("2013-07-03T13:00"), close + 10 * MINUTE
    ticks = [
        (before, 8, 1),
        (close - 45 * MINUTE, 10, 1),
        (close - 1, 11, 1),
        (after, 12, 1),
        (after + DAY, 13, 1),
    ]
    events = trades(*ticks, instrument=instrument)

    inside = bars_of(events, TimeBars("2h"), instrument)
    all_ = bars_of(events, TimeBars("2h", outside=True), instrument)
    day = bars_of(events, TimeBars("1d"), instrument)

    begin, opened = nanoseconds("2013-07-03T16:00"), nanoseconds("2013-07-03T13:30")
    assert inside == [(begin, close, 10, 11, 10, 11, 2)]
    assert [bar[:2] for bar in all_] == [
        (nanoseconds("2013-07-03T12:00"), opened),
        (begin, close),
        (close, nanoseconds("2013-07-03T18:00")),
    ]
    assert day == [(opened, close, 10, 11, 10, 11, 2)]


def test_a_piece_is_never_divided() -> None:
    events = trades((1, 10, 3), (2, 11, 9), (3, 12, 1), (4, 13, 4))

    assert bars_of(events, VolumeBars(Decimal(5))) == [
        (1, 2, 10, 11, 10, 11, 12),
        (3, 4, 12, 13, 12, 13, 5),
    ]
    assert bars_of(events, DollarBars(Decimal(120))) == [(1, 2, 10, 11, 10, 11, 12)]
    assert bars_of(events, TickBars(3)) == [(1, 3, 10, 12, 10, 12, 13)]


def test_a_turn_takes_two_bricks_and_one_trade_may_lay_many() -> None:
    events = trades((1, 101, 1), (2, 109, 2), (3, 130, 4), (4, 111, 8), (5, 110, 16), (6, 100, 32))

    bars = bars_of(events, RenkoBars(Decimal(10)))

    assert bars == [
        (1, 3, 100, 110, 100, 110, 7),
        (3, 3, 110, 120, 110, 120, 0),
        (3, 3, 120, 130, 120, 130, 0),
        (4, 5, 120, 120, 110, 110, 24),
        (6, 6, 110, 110, 100, 100, 32),
    ]


def test_more_bricks_than_are_written_at_once_are_all_laid() -> None:
    bars = bars_of(trades((1, 1, 1), (2, 100, 1)), RenkoBars(Decimal("0.01")))

    assert len(bars) == 9_900
    assert bars[-1][5] == 100


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 200))
def test_built_bars_are_told_in_the_total_order_and_nothing_else_changes(
    seed: int, count: int
) -> None:
    two = [COIN, share()]
    given_ = [
        maker(one, seed + k, count)
        for k, one in enumerate(two)
        for maker in (some_trades, some_quotes)
    ]
    built = [
        TimeBars("1m"),
        TickBars(5, of="quote", instrument=COIN.id),
        RenkoBars(Decimal("0.10")),
    ]
    plain = events_of(two, given_).array()

    stream = events_of(two, given_, built=built)
    rows = stream.array()

    is_built = rows[:, at.KIND] == EventKind.BUILT_BAR
    others, flags = rows[~is_built], ~np.int64(EventFlag.ENDS_SLICE)
    others[:, at.FLAGS] &= flags
    plain[:, at.FLAGS] &= flags
    np.testing.assert_array_equal(others, plain)
    order = rows[:, [at.TS, at.KIND, at.INSTRUMENT]].tolist()
    assert order == sorted(order)
    ends = rows[:, at.FLAGS] & EventFlag.ENDS_SLICE != 0
    assert (ends == np.append(rows[1:, at.TS] != rows[:-1, at.TS], True)).all()
    for number, rule in enumerate(built):
        for index, one in enumerate(two):
            wanted_ = [rule.instrument in (None, one.id)] and build_bars(
                [plain], one, rule, index=index
            )
            mine = rows[
                is_built & (rows[:, at.INSTRUMENT] == index) & (rows[:, at.FLAGS] >> 8 == number)
            ]
            if rule.instrument not in (None, one.id):
                assert not len(mine)
            else:
                np.testing.assert_array_equal(mine[:, : at.FLAGS], wanted_[:, : at.FLAGS])
    assert stream.rows == len(rows)


def test_what_cannot_be_built_is_said() -> None:
    with pytest.raises(BadInput, match="cannot be built of 'news'"):
        BarBuilder(COIN, TimeBars("1m", of="news"))
    with pytest.raises(BadInput, match="Quotes have no volume"):
        BarBuilder(COIN, VolumeBars(Decimal(1), of="quote"))
    with pytest.raises(BadInput, match="at least one is required"):
        BarBuilder(COIN, TickBars(0))
    with pytest.raises(BadInput, match=r"A bar of 1d is a session"):
        BarBuilder(COIN, TimeBars("1d", outside=True))
    with pytest.raises(BadInput, match="which is not in this run"):
        events_of([COIN], [some_trades(COIN, 1, 5)], built=[TickBars(1, instrument="X.Y")]).array()


def test_more_volume_than_can_be_counted_stops_the_run() -> None:
    huge = parts.trades(COIN, ts=[1, 2], price=[1, 1], size=[10**15, 10**15])
    events = events_of([COIN], [huge]).array()

    with pytest.raises(CorruptData, match="more volume or value than can be counted"):
        build_bars([events], COIN, TickBars(5))


def test_a_bar_that_is_over_is_known_when_any_event_has_come_later() -> None:
    other = share()
    mine = parts.trades(COIN, ts=[10 * SECOND], price=[100], size=[1])
    later = parts.trades(other, ts=[10 * SECOND, 10 * MINUTE], price=[100, 100], size=[1, 1])

    rows = events_of(
        [COIN, other], [mine, later], built=[TimeBars("1m", instrument=COIN.id)]
    ).array()

    assert rows[:, at.KIND].tolist() == [40, 40, EventKind.BUILT_BAR, 40]
    assert rows[2, at.TS] == MINUTE
