"""Every kind of market event from memory: its columns, its place, and what its door refuses."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.data.events import parts
from barque.data.events import stream as stream_module
from barque.data.events.sources import Part
from barque.data.events.stream import EventStream, bar_events, events_of
from barque.data.kinds import ASK_PRICES, BID_PRICES
from barque.domain.errors import BadInput, CorruptData
from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import InstrumentKind
from barque.kernels import layout as at
from tests.data.builders import DAY, MINUTE, coin, minute_bars, nanoseconds, share
from tests.data.ticks import SECOND, some_bars, some_quote_bars, some_quotes, some_trades

COIN, SHARE = coin(), share()


def rows_of(*given_: Part, **changes: Any) -> np.ndarray:
    return events_of([COIN, SHARE], list(given_), **changes).array()


def flat(count: int) -> dict[str, np.ndarray]:
    return {name: np.ones(count) for name in ("open", "high", "low", "close", "volume")}


def kinds(rows: np.ndarray) -> list[EventKind]:
    return [EventKind(kind) for kind in rows[:, at.KIND]]


def test_a_trade_is_a_bar_of_one_price_and_says_who_took() -> None:
    rows = rows_of(
        parts.trades(
            COIN, ts=[5, 5, 7], price=[1.5, 2.5, 3.5], size=[1.0, 0.5, 2.0], side=[1, -1, 0]
        )
    )

    trades = rows[:3]
    assert (
        trades[:, at.OPEN].tolist()
        == trades[:, at.LOW].tolist()
        == [15 * 10**7, 25 * 10**7, 35 * 10**7]
    )
    assert trades[:, at.VOLUME].tolist() == [10**8, 5 * 10**7, 2 * 10**8]
    assert (trades[:, at.FLAGS] & 12).tolist() == [EventFlag.BUYER_TOOK, EventFlag.SELLER_TOOK, 0]
    assert (trades[:, at.FLAGS] & EventFlag.ENDS_SLICE).tolist() == [0, 1, 1]


def test_a_side_of_a_quote_without_price_or_size_is_not_there() -> None:
    rows = rows_of(
        parts.quotes(
            COIN, ts=[1, 2, 3, 4], bid=[1.0, 1.0, np.nan, 1.0], ask=[2.0, 0.5, 2.0, 1.0],
            bid_size=[3.0, 0.0, 3.0, 1.0], ask_size=[4.0, 4.0, 4.0, 1.0],
        )
    )  # fmt: skip

    columns = [at.QUOTE_BID, at.QUOTE_ASK, at.QUOTE_BID_SIZE, at.QUOTE_ASK_SIZE]
    assert (rows[:, columns] / 10**8).tolist() == [
        [1, 2, 3, 4],
        [0, 0.5, 0, 4],
        [0, 2, 0, 4],
        [1] * 4,
    ]


def test_sides_that_cross_are_told_as_they_stand() -> None:
    crossing = [
        parts.quotes(COIN, ts=[DAY], bid=4, ask=3, bid_size=1, ask_size=1),
        parts.quote_bars(
            coin("B"), ts=[DAY], bid_open=4, bid_high=5, bid_low=4, bid_close=5,
            ask_open=3, ask_high=4, ask_low=3, ask_close=4, start=[DAY - MINUTE],
        ),
    ]  # fmt: skip

    quote, bid, ask, _ = events_of([COIN, coin("B")], crossing).array()  # and the day's end

    assert quote[[at.QUOTE_BID, at.QUOTE_ASK]].tolist() == [4, 3]
    assert (bid[at.CLOSE], ask[at.CLOSE]) == (5, 4)


def test_the_sides_of_a_quote_bar_stand_together_and_the_ask_ends_the_session() -> None:
    both = [
        parts.quote_bars(
            one, ts=[DAY], bid_open=3, bid_high=5, bid_low=2, bid_close=4, bid_size=7,
            ask_open=4, ask_high=6, ask_low=3, ask_close=5, ask_size=8, start=[DAY - MINUTE],
        )
        for one in (COIN, coin("B"))
    ]  # fmt: skip

    rows = events_of([COIN, coin("B")], both).array()

    assert kinds(rows) == [EventKind.BID_BAR, EventKind.ASK_BAR] * 2
    assert rows[:, at.INSTRUMENT].tolist() == [0, 0, 1, 1]
    assert rows[0, [at.OPEN, at.HIGH, at.LOW, at.CLOSE, at.VOLUME]].tolist() == [3, 5, 2, 4, 7]
    assert rows[1, [at.OPEN, at.HIGH, at.LOW, at.CLOSE, at.VOLUME]].tolist() == [4, 6, 3, 5, 8]
    assert (rows[:, at.FLAGS] & EventFlag.ENDS_SESSION != 0).tolist() == [False, True] * 2
    assert (rows[:, at.FLAGS] & EventFlag.ENDS_SLICE != 0).tolist() == [False] * 3 + [True]


def test_quote_bars_alone_end_each_slice_with_the_ask_whatever_the_chunk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bars = some_quote_bars(COIN, 3, 50)
    expected = rows_of(bars)
    monkeypatch.setattr(stream_module, "CHUNK", 7)

    chunks = [chunk.copy() for chunk in events_of([COIN], [bars])]

    assert [len(chunk) for chunk in chunks] == [8] * 12 + [4]
    assert (np.concatenate(chunks) == expected).all()
    assert (expected[:, at.FLAGS] & EventFlag.ENDS_SLICE).tolist() == [0, 1] * 50


def test_what_happens_beside_trading_is_told_in_its_order_with_its_numbers() -> None:
    rows = rows_of(
        parts.delisting(SHARE, ts=[9], price=[12.5]),
        parts.expiry(COIN, ts=[9]),
        parts.interest(COIN, ts=[9], credit=[0.01], debit=[0.02], borrow=[0.03]),
        parts.funding(COIN, ts=[9, 10], rate=[0.0001, -0.0002], mark=[np.nan, 7.0]),
        parts.symbol_changes(COIN, ts=[9]),
        parts.dividends(COIN, ts=[9], amount=[0.5]),
        parts.splits(COIN, ts=[9], new=[7], old=[2]),
    )

    at_nine = rows[:7]
    assert kinds(at_nine) == sorted(kinds(at_nine))
    assert at_nine[0, [at.SPLIT_NEW, at.SPLIT_OLD]].tolist() == [7, 2]
    assert at_nine[1, at.DIVIDEND_AMOUNT] == 5 * 10**7
    assert rows[[3, 7]][:, [at.FUNDING_RATE, at.FUNDING_MARK]].tolist() == [
        [10**8, 0],
        [-2 * 10**8, 7 * 10**8],
    ]
    columns = [at.INTEREST_CREDIT, at.INTEREST_DEBIT, at.INTEREST_BORROW]
    assert at_nine[4, columns].tolist() == [10**10, 2 * 10**10, 3 * 10**10]
    assert at_nine[5:, at.SETTLEMENT_PRICE].tolist() == [0, 1_250_000_000]


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 300))
def test_ticks_of_two_instruments_are_told_in_the_total_order(seed: int, count: int) -> None:
    given_ = [
        maker(one, seed + k, count)
        for k, one in enumerate((COIN, SHARE))
        for maker in (some_quotes, some_trades, some_bars, some_quote_bars)
    ]

    rows = rows_of(*given_)

    kind = np.where(rows[:, at.KIND] == EventKind.ASK_BAR, EventKind.BID_BAR, rows[:, at.KIND])
    order = list(
        zip(rows[:, at.TS].tolist(), kind.tolist(), rows[:, at.INSTRUMENT].tolist(), strict=True)
    )
    assert order == sorted(order)
    last_of_ts = np.append(rows[1:, at.TS] != rows[:-1, at.TS], True)
    assert ((rows[:, at.FLAGS] & EventFlag.ENDS_SLICE != 0) == last_of_ts).all()
    for part in given_[1::4]:  # trades of one ts keep their order
        mine = rows[(rows[:, at.KIND] == EventKind.TRADE)]
        mine = mine[mine[:, at.INSTRUMENT] == [COIN.id, SHARE.id].index(part.instrument)]
        assert mine[:, at.CLOSE].tolist() == part.columns["price"].tolist()


@pytest.mark.parametrize("size", [7, 64, 1_000])
def test_however_small_the_blocks_are_the_events_are_the_same(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    given_ = [some_trades(COIN, 1, 5_000), some_quotes(SHARE, 2, 3_000), some_bars(SHARE, 3, 900)]
    whole = rows_of(*given_)
    monkeypatch.setattr(stream_module, "SMALLEST_BLOCK", size)
    monkeypatch.setattr(stream_module, "CHUNK", size)

    chunks = [chunk.copy() for chunk in events_of([COIN, SHARE], given_)]

    assert len(chunks) > 5
    assert all(chunk[-1, at.FLAGS] & EventFlag.ENDS_SLICE for chunk in chunks)
    np.testing.assert_array_equal(np.concatenate(chunks), whole)


def test_more_ticks_of_one_ts_than_a_chunk_holds_stay_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream_module, "CHUNK", 64)
    monkeypatch.setattr(stream_module, "SMALLEST_BLOCK", 16)
    many = parts.trades(COIN, ts=[1] * 1_000 + [2], price=np.arange(1, 1_002), size=[1] * 1_001)

    chunks = [chunk.copy() for chunk in events_of([COIN], [many])]

    assert [len(chunk) for chunk in chunks] == [1_000, 1]
    assert chunks[0][:, at.CLOSE].tolist() == list(range(1, 1_001))


def test_a_session_of_ticks_ends_at_the_close_of_the_calendar() -> None:
    day = nanoseconds("2013-07-03T13:30")
    ticks = parts.trades(
        SHARE,
        ts=day + MINUTE * np.arange(24 * 60),
        price=100.0 + np.zeros(1_440),
        size=np.ones(1_440, np.int64),
    )

    rows = rows_of(ticks)

    ends = rows[rows[:, at.FLAGS] & EventFlag.ENDS_SESSION != 0]
    assert ends[:, at.TS].tolist() == [nanoseconds("2013-07-03T17:00")]
    assert kinds(ends) == [EventKind.TIMER]
    with_bars = rows_of(
        ticks, parts.bars(SHARE, ts=[day], open=1, high=1, low=1, close=1, volume=1)
    )
    assert not (with_bars[:, at.KIND] == EventKind.TIMER).any()


SILENT = dict.fromkeys((*BID_PRICES, *ASK_PRICES), 0.0)
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("trades", {"price": np.nan}, "trade in memory, row 3: price is nan; a finite number"),
    ("trades", {"price": 0.0}, "row 3: price is 0.0; a price must be positive"),
    ("trades", {"price": 1e8}, "row 3: price is 100000000.0; at most"),
    ("trades", {"size": -1.0}, "row 3: size is -1.0; it may not be negative"),
    ("trades", {"side": 2}, "row 3: side is 2; 1 "),
    ("trades", {"ts": 0}, "row 3: ts is 1970.*; rows must be sorted"),
    ("quotes", {"bid": np.inf}, "quote in memory, row 3: bid is inf; a finite number"),
    ("quotes", {"ask": np.inf}, "row 3: ask is inf; a finite number"),
    ("quotes", {"bid": -1.0}, "row 3: bid is -1.0; it may not be negative"),
    ("quotes", {"ask_size": np.inf}, "row 3: ask_size is inf; a finite number"),
    ("quotes", {"ts": 0}, "row 3: ts is 1970.*; rows must be sorted"),
    ("quote_bars", {"bid_close": 103.0}, "quote_bar in memory, row 3: bid_high is 101.0; it may"),
    ("quote_bars", {"ask_low": np.nan}, "row 3: ask_low is nan; a finite number"),
    ("quote_bars", {"bid_size": -1.0}, "row 3: bid_size is -1.0; it may not be negative"),
    ("quote_bars", SILENT, "row 3: bid_open is 0.0; a bid or an ask is required"),
    ("quote_bars", {"ts": 0}, "row 3: ts is 1970.*; rows must be sorted"),
    ("funding", {"rate": 1.5}, "funding in memory, row 3: rate is 1.5; a number from -1 to 1"),
    ("funding", {"rate": np.nan}, "row 3: rate is nan; a number from -1 to 1"),
    ("funding", {"mark": -1.0}, "row 3: mark is -1.0; a number from 0"),
    ("funding", {"ts": 2 * SECOND}, "row 3: ts is 1970.*; each time may occur only once"),
    ("interest", {"borrow": np.inf}, "row 3: borrow is inf; a number from -1 to 1"),
    ("dividends", {"amount": -0.5}, "row 3: amount is -0.5; a number from 0"),
    ("splits", {"new": 0}, "row 3: new is 0; a number from 1 to 1,000"),
    ("expiry", {"price": -1.0}, "row 3: price is -1.0; a number from 0"),
]  # fmt: skip

SANE: dict[str, dict[str, float]] = {
    "trades": {"price": 100.0, "size": 2.0, "side": 1},
    "quotes": {"bid": 100.0, "ask": 101.0, "bid_size": 1.0, "ask_size": 1.0},
    "quote_bars": {
        "bid_open": 100.5, "bid_high": 101.0, "bid_low": 99.0, "bid_close": 100.0, "bid_size": 1.0,
        "ask_open": 101.5, "ask_high": 102.0, "ask_low": 100.0, "ask_close": 101.0, "ask_size": 1.0,
    },
    "funding": {"rate": 0.0001, "mark": 100.0},
    "interest": {"credit": 0.01, "debit": 0.02, "borrow": 0.0},
    "dividends": {"amount": 0.5},
    "splits": {"new": 2, "old": 1},
    "expiry": {"price": 100.0},
}  # fmt: skip


@pytest.mark.parametrize(("kind", "flaw", "message"), FAULTS)
def test_what_is_not_sane_is_named_by_its_row_and_column(
    kind: str, flaw: dict[str, Any], message: str
) -> None:
    columns = {"ts": np.arange(1, 6) * SECOND}
    columns |= {name: np.array([value] * 5) for name, value in SANE[kind].items()}
    assert len(rows_of(getattr(parts, kind)(COIN, **columns))) >= 5
    for name, value in flaw.items():
        columns[name][2] = value

    with pytest.raises(CorruptData, match=message):
        rows_of(getattr(parts, kind)(COIN, **columns))


def test_parts_that_do_not_fit_a_run_are_refused() -> None:
    trade = parts.trades(COIN, ts=[1], price=[1.0], size=[1.0])

    with pytest.raises(BadInput, match="which is not in this run"):
        events_of([SHARE], [trade])
    with pytest.raises(BadInput, match="given twice"):
        events_of([COIN], [trade, trade])
    with pytest.raises(BadInput, match="at least one part"):
        events_of([COIN], [])
    with pytest.raises(BadInput, match=r"sizes of the quote events .* mixed or wrong types"):
        rows_of(parts.quotes(COIN, ts=[1], bid=[1.0], ask=[1.0], bid_size=[1], ask_size=[1.0]))
    with pytest.raises(CorruptData, match="has no trade events in memory"):
        rows_of(parts.trades(COIN, ts=[], price=[], size=[]))


def test_bars_alone_are_the_same_events_as_ever() -> None:
    bars = minute_bars(500)

    one = events_of([COIN], [parts.bars(COIN, **bars)])
    other = bar_events([COIN], {COIN.id: bars})

    assert (one.array() == other.array()).all()
    assert one.content_hash == other.content_hash


def test_the_hash_tells_kinds_and_timers_apart() -> None:
    from barque.data.events.aggregation import TimeBars
    from barque.data.events.timers import Every

    def stream(part: Part, **changes: Any) -> EventStream:
        return events_of([COIN], [part], **changes)

    expiry, delisting = parts.expiry(COIN, ts=[9]), parts.delisting(COIN, ts=[9])
    trade = parts.trades(COIN, ts=[1, 10**10], price=[1.0, 1.0], size=[1.0, 1.0])

    hashes = [stream(expiry).content_hash, stream(delisting).content_hash]
    hashes += [stream(trade).content_hash, stream(trade, timers=[Every("1s")]).content_hash]
    hashes += [stream(trade, built=[TimeBars("1s")]).content_hash]

    assert len(set(hashes)) == 5


@pytest.mark.parametrize(("day", "ends"), [(2, True), (5, True), (0, False), (6, False)])
def test_an_instrument_that_expires_among_the_events_ends_there(day: int, ends: bool) -> None:
    future = replace(SHARE, kind=InstrumentKind.FUTURE, expiry=day * DAY)
    bars = parts.bars(future, ts=[k * DAY for k in range(1, 6)], **flat(5))

    rows = events_of([future], [bars]).array()

    expired = rows[rows[:, at.KIND] == EventKind.EXPIRY]
    assert expired[:, at.TS].tolist() == [day * DAY] * ends
    assert (expired[:, at.SETTLEMENT_PRICE] == 0).all()


def test_an_expiry_that_the_data_tell_is_told_once() -> None:
    future = replace(SHARE, kind=InstrumentKind.FUTURE, expiry=3 * DAY)
    bars = parts.bars(future, ts=[k * DAY for k in range(1, 6)], **flat(5))

    rows = events_of([future], [bars, parts.expiry(future, ts=3 * DAY, price=7.0)]).array()

    expired = rows[rows[:, at.KIND] == EventKind.EXPIRY]
    assert expired[:, [at.TS, at.SETTLEMENT_PRICE]].tolist() == [[3 * DAY, 7 * 10**8]]
