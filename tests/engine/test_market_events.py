"""Every kind of event reaches its hook, marks what it shows, and is lived through again alike."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.data.events import parts
from barque.data.events.aggregation import RenkoBars, TimeBars
from barque.data.events.stream import events_of
from barque.data.events.timers import Every
from barque.domain.instruments import Instrument, InstrumentKind
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.strategies import Strategy, compiled
from tests.data.ticks import some_bars, some_quote_bars, some_quotes, some_trades
from tests.engine.histories import HOUR
from tests.engine.test_recovery import same_memory, same_state, slices

CASH = Decimal(1_000_000)
MINUTE = HOUR // 60

TRADE, QUOTE, QUOTE_BAR, BAR, BUILT, SPLIT, DIVIDEND, FUNDING, END, TIMER, SLICE = range(11)


def dollar_instrument(symbol: str, quantity_digits: int) -> Instrument:
    return Instrument(
        id=f"{symbol}.SIM", kind=InstrumentKind.SPOT, currency="USD", price_digits=8,
        quantity_digits=quantity_digits, tick=Decimal("0.01"), lot=Decimal(1),
    )  # fmt: skip


PAIR = [dollar_instrument("AAA", 0), dollar_instrument("BBB", 4)]


class Listener(Strategy):
    """Writes down all that it is told, as it sees its account then, and trades now and then."""

    def on_start(self):
        self.heard = np.zeros((5_000, 10))
        self.count = 0

    def write(self, what, i, a, b, c, d, e):
        row = self.heard[self.count]
        row[0], row[1], row[2], row[3], row[4], row[5], row[6] = what, i, a, b, c, d, e
        if 0 <= i < self.instrument_count:
            row[7], row[8] = self.position(i), self.last(i)
        row[9] = self.equity()
        self.count += 1
        if self.count % 7 == 0:
            self.buy(self.count % self.instrument_count, 3.0)
        if self.count % 11 == 0:
            self.sell(self.count % self.instrument_count, 2.0)

    def on_trade(self, trade):
        self.write(TRADE, trade.instrument, trade.ts, trade.price, trade.size, trade.side,
                   trade.price_units)  # fmt: skip

    def on_quote(self, quote):
        self.write(
            QUOTE, quote.instrument, quote.ts, quote.bid, quote.ask, quote.bid_size, quote.ask_size
        )

    def on_quote_bar(self, bid, ask):
        self.write(QUOTE_BAR, ask.instrument, ask.ts - bid.ts, bid.close, ask.close, bid.volume,
                   ask.volume)  # fmt: skip

    def on_bar(self, bar):
        self.write(BAR, bar.instrument, bar.ts, bar.open, bar.high, bar.close_units, bar.volume)

    def on_built_bar(self, bar, rule):
        self.write(BUILT, bar.instrument, bar.ts, bar.open, bar.close, bar.volume, rule)

    def on_split(self, instrument, new, old):
        self.write(SPLIT, instrument, new, old, 0.0, 0.0, 0.0)

    def on_dividend(self, instrument, amount):
        self.write(DIVIDEND, instrument, amount, 0.0, 0.0, 0.0, 0.0)

    def on_funding(self, instrument, rate):
        self.write(FUNDING, instrument, rate, 0.0, 0.0, 0.0, 0.0)

    def on_end(self, instrument):
        self.write(END, instrument, 0.0, 0.0, 0.0, 0.0, 0.0)

    def on_timer(self, id, ts):
        self.write(TIMER, -1, id, ts, 0.0, 0.0, 0.0)

    def on_slice(self, ts):
        self.write(SLICE, -1, ts, 0.0, 0.0, 0.0, 0.0)


@compiled
class CompiledListener(Listener):
    """The same, as machine code."""


def everything(seed: int, count: int) -> np.ndarray:
    """Return events of every kind, of two instruments, that share many a ts."""
    a, b = PAIR
    chance = np.random.default_rng(seed)
    ts = (1 + np.sort(chance.permutation(40)[:3])) * MINUTE
    happened = [
        parts.splits(a, ts=ts[:1], new=[2], old=[1]),
        parts.dividends(a, ts=ts[:2], amount=[0.25, 0.5]),
        parts.symbol_changes(b, ts=ts[1:2]),
        parts.funding(b, ts=ts, rate=[0.0001, -0.0002, 0.0003], mark=[100.0, np.nan, 90.0]),
        parts.interest(a, ts=ts[2:], credit=[1e-5], debit=[2e-5], borrow=[1e-5]),
        parts.expiry(b, ts=[50 * MINUTE], price=[99.5]),
        parts.delisting(a, ts=[51 * MINUTE]),
    ]
    makers = [some_trades, some_quotes, some_bars, some_quote_bars]
    told = [make(one, seed + k, count) for k, one in enumerate(PAIR) for make in makers]
    built = [TimeBars("5m"), RenkoBars(Decimal("0.20"), of="quote")]
    return events_of(PAIR, told + happened, timers=[Every("15m", id=4)], built=built).array()


def lived(strategy: Strategy, events: np.ndarray, records: int = 0):
    engine = Engine(strategy, PAIR, cash=CASH)
    if records:
        engine.state.records = np.empty((records, at.RECORD_WIDTH), np.int64)
    outcome = engine.process(events)
    return engine, outcome.records, outcome.curve


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 120))
def test_compiled_and_plain_hooks_hear_and_do_the_same(seed, count):
    events = everything(seed, count)

    plain, plain_records, plain_curve = lived(Listener(), events)
    machine, records, curve = lived(CompiledListener(), events)

    np.testing.assert_array_equal(plain.strategy.heard, machine.strategy.heard)
    np.testing.assert_array_equal(plain_records, records)
    np.testing.assert_array_equal(plain_curve, curve)
    same_state(plain, machine)


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 120), st.floats(0, 1), st.booleans())
def test_cut_anywhere_and_recovered_it_goes_on_as_if_nothing_happened(seed, count, share, plain):
    events = everything(seed, count)
    make = Listener if plain else CompiledListener
    engine, records, curve = lived(make(), events)
    pieces = slices(events)
    cut = int(share * len(pieces))
    seen = sum(map(len, pieces[:cut]))
    facts = records[records[:, at.RECORD_AT] <= seen]
    recovered = Engine(make(), PAIR, cash=CASH)

    known = recovered.recall(events[:seen], facts)
    rest = [recovered.process(piece) for piece in pieces[cut:]]

    np.testing.assert_array_equal(np.concatenate([facts, *(r.records for r in rest)]), records)
    np.testing.assert_array_equal(np.concatenate([known, *(r.curve for r in rest)]), curve)
    same_state(engine, recovered)
    same_memory(engine, recovered)


@pytest.mark.parametrize("make", [Listener, CompiledListener])
def test_it_does_not_matter_where_the_records_run_out_of_room(make):
    events = everything(3, 120)
    needed = 20 * (256 + 128) + 17

    roomy, records, _ = lived(make(), events)
    tight, others, _ = lived(make(), events, records=needed)

    assert len(records) > 60
    np.testing.assert_array_equal(others, records)
    np.testing.assert_array_equal(tight.strategy.heard, roomy.strategy.heard)


def test_every_hook_is_heard_so_that_there_is_something_to_compare():
    engine, records, _ = lived(CompiledListener(), everything(3, 120))

    heard = engine.strategy.heard[: engine.strategy.count]
    assert set(heard[:, 0].astype(int)) == set(range(11))
    assert (heard[heard[:, 0] == TIMER][:, 2] == 4).all()
    assert at.FILLED in records[:, at.RECORD_KIND]


class OnlyBars(Strategy):
    """Counts the bars it is told."""

    def on_start(self):
        self.bars = 0

    def on_bar(self, bar):
        self.bars += 1


@compiled
class CompiledOnlyBars(OnlyBars):
    """The same, as machine code."""


@pytest.mark.parametrize("make", [OnlyBars, CompiledOnlyBars])
def test_without_a_hook_of_their_own_built_bars_are_told_as_bars(make):
    events = events_of(PAIR, [some_trades(PAIR[0], 1, 200)], built=[TimeBars("5m")]).array()

    engine, _, _ = lived(make(), events)

    assert engine.strategy.bars == (events[:, at.KIND] == 55).sum() > 3


def marked(*given_: parts.Part) -> list[float]:
    """Return the last price after each event."""
    events = events_of(PAIR, list(given_)).array()
    engine = Engine(OnlyBars(), PAIR, cash=CASH)
    lasts = []
    for t in range(len(events)):
        engine.process(events[t : t + 1])
        lasts.append(int(engine.state.instruments[0, at.LAST]))
    return lasts


def test_a_quote_marks_to_the_even_middle_and_half_a_quote_marks_nothing():
    quotes = parts.quotes(
        PAIR[0], ts=[1, 2, 3, 4], bid=[10, 11, 0, 20], ask=[13, 12, 30, 21],
        bid_size=[1, 1, 0, 1], ask_size=[1, 1, 1, 1],
    )  # fmt: skip

    assert marked(quotes) == [12, 12, 12, 20]


def test_a_quote_bar_marks_to_the_middle_of_its_closes_once_its_ask_is_known():
    bar = parts.quote_bars(
        PAIR[0], ts=[MINUTE], start=[0], bid_open=5, bid_high=9, bid_low=4, bid_close=6,
        ask_open=7, ask_high=19, ask_low=7, ask_close=11,
    )  # fmt: skip

    assert marked(bar) == [0, 8]


def test_trades_mark_to_their_price_and_built_bars_mark_nothing():
    trades = parts.trades(PAIR[0], ts=[1, 2, MINUTE + 1], price=[100, 105, 103], size=[1, 1, 1])
    events = events_of(PAIR, [trades], built=[TimeBars("1m")]).array()
    engine = Engine(OnlyBars(), PAIR, cash=CASH)

    lasts = [
        engine.process(row[None]) and int(engine.state.instruments[0, at.LAST]) for row in events
    ]

    assert events[:, at.KIND].tolist() == [40, 40, 55, 40]
    assert lasts == [100, 105, 105, 103]


def test_orders_never_meet_a_bar_that_was_built_of_what_they_met():
    class Limit(Strategy):
        def on_start(self):
            self.asked = 0

        def on_built_bar(self, bar, rule):
            if self.asked == 0:
                self.asked = self.buy_limit(0, 1.0, 1.0)

    bars = parts.trades(PAIR[0], ts=[1, MINUTE + 1, 3 * MINUTE], price=[2.0] * 3, size=[1] * 3)
    events = events_of(PAIR, [bars], built=[TimeBars("1m")]).array()
    events[events[:, at.KIND] == 55, at.LOW] = 1  # as if it had seen what no trade has

    _, records, _ = lived(Limit(), events)

    assert at.ACCEPTED in records[:, at.RECORD_KIND]
    assert at.FILLED not in records[:, at.RECORD_KIND]


def test_a_day_order_on_ticks_expires_when_the_session_does():
    class Day(Strategy):
        def on_start(self):
            self.asked = 0

        def on_trade(self, trade):
            if self.asked == 0:
                self.asked = self.buy_limit(0, 1.0, 1.0, True)

    day = 24 * HOUR
    ticks = parts.trades(PAIR[0], ts=[day, 2 * day - 5, 2 * day + 5], price=[2.0] * 3, size=[1] * 3)

    _, records, _ = lived(Day(), events_of(PAIR, [ticks]).array())

    expired = records[records[:, at.RECORD_KIND] == at.EXPIRED]
    assert expired[:, at.RECORD_TS].tolist() == [2 * day]
