"""What a person expects of bars, groups and auctions, one example each, through a strategy."""

from decimal import Decimal

import numpy as np
import pytest

from barque.domain.errors import BadInput
from barque.domain.events import EventFlag, EventKind
from barque.domain.orders import FillTime, Reason
from barque.domain.rules import Rules
from barque.engine.engine import Engine
from barque.engine.state import Costs
from barque.kernels import layout as at
from barque.risk.limits import NO_LIMITS, Limits
from barque.strategies import FOK, IOC, Strategy, compiled
from tests.engine.histories import EQUITY

HOUR, DOLLAR = 3600 * 10**9, 10**8
TOLD = {
    at.FILLED: "filled", at.CANCELED: "canceled", at.EXPIRED: "expired", at.REFUSED: "refused",
    at.REJECTED: "rejected", at.TRIGGERED: "triggered", at.RELEASED: "released",
    at.AMENDED: "amended", at.AMEND_REFUSED: "amend refused",
}  # fmt: skip


class Asks(Strategy):
    """Asks what a function says after each bar."""

    def on_slice(self, ts):
        self.asks.get(self.slices, lambda strategy: None)(self)
        self.slices += 1


class BuysAtOnce(Strategy):
    """Buys 10 at each close."""

    def on_slice(self, ts):
        self.buy(0, 10)


@compiled
class BuysAtOnceCompiled(Strategy):
    """Buys 10 at each close."""

    def on_slice(self, ts):
        self.buy(0, 10)


def bar(o, h, l, c, *, ends_session=False, volume=0):  # noqa: E741
    return (o, h, l, c, volume, ends_session)


FLAT = bar(100, 100, 100, 100)


def run(bars, asks, *, rules=None, costs=None, limits=NO_LIMITS):
    """Run over hourly bars in dollars; return (order, what, quantity or reason, price) by bar."""
    return tell(market(bars), asks, rules, costs, limits)


def tell(events, asks, rules=None, costs=None, limits=NO_LIMITS):
    strategy = Asks()
    strategy.asks, strategy.slices = asks, 0
    engine = Engine(
        strategy,
        [EQUITY],
        cash=Decimal(1_000_000),
        rules=rules or Rules(),
        costs=costs or Costs(),
        limits=limits,
    )
    records = engine.process(events).records
    return [(row[at.RECORD_AT] - 1, *fact(row)) for row in records.tolist() if row[0] in TOLD]


def market(bars):
    """Return hourly bars as events."""
    rows = np.zeros((len(bars), at.EVENT_WIDTH), np.int64)
    for k, (o, h, l, c, volume, ends_session) in enumerate(bars):  # noqa: E741
        rows[k, : at.FLAGS + 1] = (
            (k + 1) * HOUR, k * HOUR, EventKind.BAR, 0,
            *(round(price * DOLLAR) for price in (o, h, l, c)), volume,
            EventFlag.ENDS_SLICE | (EventFlag.ENDS_SESSION if ends_session else 0),
        )  # fmt: skip
    return rows


def quotes(both_sides):
    """Return hourly quotes of 1,000 at each side as events."""
    rows = np.zeros((len(both_sides), at.EVENT_WIDTH), np.int64)
    for k, (bid, ask) in enumerate(both_sides):
        rows[k, : at.FLAGS + 1] = (
            (k + 1) * HOUR, (k + 1) * HOUR, EventKind.QUOTE, 0,
            bid * DOLLAR, ask * DOLLAR, 1_000, 1_000, 0, EventFlag.ENDS_SLICE,
        )  # fmt: skip
    return rows


def fact(row):
    kind = row[at.RECORD_KIND]
    if kind == at.FILLED:
        return row[at.A0], "filled", row[at.A2], row[at.A3] / DOLLAR
    if kind == at.AMENDED:
        return row[at.A0], "amended", row[at.A1]
    if kind == at.TRIGGERED:
        return row[at.A0], "triggered"
    if kind == at.RELEASED:
        return row[at.A0], "released"
    return row[at.A0], TOLD[kind], Reason(row[at.A6 if kind == at.REFUSED else at.A1]).name


def both(strategy):
    """A long of 10 at 100 with a stop at 95 and a target at 105."""
    strategy.bracket(0, 10, stop=95.0, target=105.0)


def test_stop_and_target_inside_one_bar_the_stop_is_met_first() -> None:
    told = run([FLAT, FLAT, bar(100, 106, 94, 100)], {0: both})

    assert told[-2:] == [(2, 2, "filled", 10, 95.0), (2, 3, "canceled", "GROUP_FILLED")]


def test_a_run_may_choose_that_the_older_of_both_is_met_first() -> None:
    def older_target(strategy):
        entry = strategy.buy(0, 10)
        target = strategy.sell(0, 10, limit=105.0, reduce_only=True, after=entry, oco=entry)
        assert target == entry + 1
        strategy.sell(0, 10, stop=95.0, reduce_only=True, after=entry, oco=entry)

    wild = [FLAT, FLAT, bar(100, 106, 94, 100)]

    chosen = run(wild, {0: older_target}, rules=Rules(stop_first=False))

    assert chosen[-2:] == [(2, 2, "filled", 10, 105.0), (2, 3, "canceled", "GROUP_FILLED")]
    assert run(wild, {0: older_target})[-2][:4] == (2, 3, "filled", 10)


def test_exits_released_at_the_open_meet_the_inside_of_that_bar() -> None:
    told = run([FLAT, bar(100, 106, 96, 100)], {0: both})

    assert told == [
        (1, 1, "filled", 10, 100.0), (1, 2, "released"), (1, 3, "released"),
        (1, 3, "filled", 10, 105.0), (1, 2, "canceled", "GROUP_FILLED"),
    ]  # fmt: skip


def test_of_exits_released_inside_a_bar_only_the_stop_meets_the_rest_of_it() -> None:
    def pullback(strategy):
        strategy.bracket(0, 10, stop=95.0, target=105.0, limit=98.0)

    high_and_low = run([FLAT, bar(100, 106, 97, 100), FLAT], {0: pullback})
    low = run([FLAT, bar(100, 106, 94, 100)], {0: pullback})

    assert high_and_low == [
        (1, 1, "filled", 10, 98.0), (1, 2, "released"), (1, 3, "released")
    ]  # fmt: skip
    assert low[-2:] == [(1, 2, "filled", 10, 95.0), (1, 3, "canceled", "GROUP_FILLED")]


def test_a_limit_released_inside_a_bar_meets_none_of_it_though_it_may_open_a_position() -> None:
    def reversal(strategy):
        entry = strategy.buy(0, 10, limit=98.0)
        strategy.sell(0, 20, limit=105.0, after=entry)

    told = run([FLAT, bar(100, 106, 97, 100), bar(100, 106, 100, 100)], {0: reversal})

    assert told == [
        (1, 1, "filled", 10, 98.0), (1, 2, "released"), (2, 2, "filled", 20, 105.0)
    ]  # fmt: skip


def test_a_short_bracket_is_the_mirror() -> None:
    def short(strategy):
        strategy.bracket(0, -10, stop=105.0, target=95.0)

    told = run([FLAT, FLAT, bar(100, 106, 94, 100)], {0: short})

    assert told[-2:] == [(2, 2, "filled", 10, 105.0), (2, 3, "canceled", "GROUP_FILLED")]


@pytest.mark.parametrize(
    ("exits", "told"),
    [
        ({"stop": 95.0}, [(1, 2, "released"), (2, 2, "filled", 10, 95.0)]),
        ({"target": 105.0}, [(1, 2, "released"), (2, 2, "filled", 10, 105.0)]),
        ({"trail": 5.0}, [(1, 2, "released"), (2, 2, "filled", 10, 95.0)]),
        ({}, []),
    ],
)
def test_an_exit_of_a_bracket_that_has_no_price_is_left_out(exits, told) -> None:
    found = run(
        [FLAT, FLAT, bar(100, 106, 94, 100)], {0: lambda strategy: strategy.bracket(0, 10, **exits)}
    )

    assert found == [(1, 1, "filled", 10, 100.0), *told]


def test_no_entry_works_without_the_stop_that_was_asked_for_with_it() -> None:
    def off_tick(strategy):
        strategy.bracket(0, 10, stop=95.001, target=105.0)

    told = run([FLAT, FLAT], {0: off_tick})

    assert told == [
        (0, 2, "refused", "OFF_TICK"), (0, 1, "canceled", "MEMBER_REFUSED"),
        (0, 3, "refused", "NO_LEADER"),
    ]  # fmt: skip


def test_exits_of_an_entry_that_is_canceled_are_canceled_with_it() -> None:
    def waiting(strategy):
        strategy.bracket(0, 10, stop=85.0, target=105.0, limit=90.0)

    told = run([FLAT, FLAT], {0: waiting, 1: lambda strategy: strategy.cancel(0, 1)})

    assert [fact[1:] for fact in told] == [
        (1, "canceled", "BY_REQUEST"), (2, "canceled", "LEADER_ENDED"),
        (3, "canceled", "LEADER_ENDED"),
    ]  # fmt: skip


def test_a_partly_filled_entry_is_protected_for_what_is_held() -> None:
    rules = Rules(participation=Decimal("0.1"))
    thin, crash = bar(100, 101, 99, 100, volume=40), bar(100, 101, 90, 91, volume=1_000)

    def entry(strategy):
        strategy.bracket(0, 10, stop=95.0, target=105.0)

    told = run([FLAT, thin, crash], {0: entry}, rules=rules)

    assert told == [
        (1, 1, "filled", 4, 100.0), (1, 2, "released"), (1, 3, "released"),
        (2, 1, "filled", 6, 100.0), (2, 2, "filled", 10, 95.0), (2, 3, "canceled", "GROUP_FILLED"),
    ]  # fmt: skip


def test_when_a_partly_filled_entry_is_canceled_its_exits_shrink_to_what_is_held() -> None:
    rules = Rules(participation=Decimal("0.1"))
    thin = bar(100, 101, 99, 100, volume=40)

    told = run([FLAT, thin], {0: both, 1: lambda strategy: strategy.cancel(0, 1)}, rules=rules)

    assert told[-2:] == [(1, 2, "amended", 4), (1, 3, "amended", 4)]


def test_an_exit_that_is_changed_while_its_entry_still_fills_stays_whole() -> None:
    rules = Rules(participation=Decimal("0.1"))
    thin, crash = bar(100, 101, 99, 100, volume=40), bar(100, 101, 90, 91, volume=1_000)

    told = run(
        [FLAT, thin, crash],
        {0: both, 1: lambda strategy: strategy.amend(0, 2, stop=96.0)},
        rules=rules,
    )

    assert told[3:] == [
        (1, 2, "amended", 10), (2, 1, "filled", 6, 100.0), (2, 2, "filled", 10, 96.0),
        (2, 3, "canceled", "GROUP_FILLED"),
    ]  # fmt: skip


def test_an_exit_that_is_changed_before_its_entry_fills_stays_whole() -> None:
    def waiting(strategy):
        strategy.bracket(0, 10, limit=99.0, stop=95.0, target=105.0)

    quiet, down = bar(100, 101, 99.5, 100), bar(100, 101, 95.5, 97)

    told = run(
        [FLAT, quiet, down, down],
        {0: waiting, 1: lambda strategy: strategy.amend(0, 2, stop=96.0)},
    )

    assert told[:1] == [(1, 2, "amended", 10)]
    assert (2, 2, "filled", 10, 96.0) in told


def test_exits_go_when_the_position_is_closed_another_way() -> None:
    told = run([FLAT, FLAT, FLAT], {0: both, 1: lambda strategy: strategy.sell(0, 10)})

    assert told[-3:] == [
        (2, 4, "filled", 10, 100.0), (2, 2, "canceled", "NOTHING_TO_REDUCE"),
        (2, 3, "canceled", "NOTHING_TO_REDUCE"),
    ]  # fmt: skip


def test_of_two_orders_that_exclude_each_other_one_fills() -> None:
    def straddle(strategy):
        up = strategy.buy(0, 10, stop=103.0)
        strategy.sell(0, 10, stop=97.0, oco=up)

    told = run([FLAT, bar(100, 104, 99, 104), bar(104, 104, 90, 90)], {0: straddle})

    assert told == [(1, 1, "filled", 10, 103.0), (1, 2, "canceled", "GROUP_FILLED")]


def test_a_plain_order_waits_until_the_one_before_it_is_filled_whole() -> None:
    rules = Rules(participation=Decimal("0.1"))

    def chain(strategy):
        first = strategy.buy(0, 10)
        strategy.sell(0, 4, after=first)

    thin = bar(100, 101, 99, 100, volume=50)

    told = run([FLAT, thin, thin, thin], {0: chain}, rules=rules)

    assert told == [
        (1, 1, "filled", 5, 100.0), (2, 1, "filled", 5, 100.0), (2, 2, "released"),
        (3, 2, "filled", 4, 100.0),
    ]  # fmt: skip


def test_a_change_passes_the_gate_as_an_order_does() -> None:
    asks = {
        0: lambda strategy: strategy.buy(0, 5, limit=95.0),
        1: lambda strategy: strategy.amend(0, 1, quantity=11),
        2: lambda strategy: strategy.amend(0, 1, quantity=10),
    }

    told = run([FLAT] * 4, asks, limits=Limits(position=Decimal(10)))

    assert told == [(1, 1, "amend refused", "POSITION_LIMIT"), (2, 1, "amended", 10)]


def test_a_trailing_stop_follows_and_fills_where_the_market_turns() -> None:
    def trail(strategy):
        strategy.buy(0, 10)
        strategy.sell(0, 10, trail=5.0)

    rise = bar(100, 108, 99, 107)  # the low comes before the high: not met, then at 103

    told = run([FLAT, rise, bar(107, 109, 104, 105), bar(105, 105, 103, 104)], {0: trail})

    assert told[1:] == [(3, 2, "filled", 10, 104.0)]


def test_a_trailing_stop_is_met_on_the_way_from_the_best_price_to_the_close() -> None:
    def trail(strategy):
        strategy.buy(0, 10)
        strategy.sell(0, 10, trail_rate=0.05)

    told = run([FLAT, bar(100, 120, 99, 110)], {0: trail})

    assert told[1:] == [(1, 2, "filled", 10, 114.0)]


def test_a_trailing_stop_follows_a_gap_before_it_meets_the_rest_of_the_bar() -> None:
    def trail(strategy):
        strategy.buy(0, 10)
        strategy.sell(0, 10, trail=5.0)

    told = run([FLAT, FLAT, bar(110, 111, 104, 110)], {0: trail})

    assert told[1:] == [(2, 2, "filled", 10, 105.0)]


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (106.0, [(1, 1, "triggered"), (1, 1, "filled", 10, 105.0)]),
        (104.0, [(1, 1, "triggered"), (2, 1, "filled", 10, 104.0)]),
    ],
)
def test_a_stop_limit_fills_at_its_trigger_or_waits_for_its_limit(limit, told) -> None:
    def breakout(strategy):
        strategy.buy(0, 10, stop=105.0, limit=limit)

    bars = [FLAT, bar(100, 107, 99, 106), bar(106, 107, 103, 104)]

    assert run(bars, {0: breakout}) == told


def test_a_stop_limit_that_the_open_jumps_over_is_a_limit_order_for_the_rest_of_the_bar() -> None:
    def breakout(strategy):
        strategy.buy(0, 10, stop=105.0, limit=106.0)

    told = run([FLAT, bar(108, 109, 106, 107)], {0: breakout})

    assert told == [(1, 1, "triggered"), (1, 1, "filled", 10, 106.0)]


@pytest.mark.parametrize(
    ("touch", "limit", "told"),
    [
        (95.0, 0.0, [(1, 1, "filled", 10, 95.0)]),
        (95.0, 96.0, [(1, 1, "triggered"), (1, 1, "filled", 10, 95.0)]),
        (95.0, 94.0, [(1, 1, "triggered"), (2, 1, "filled", 10, 94.0)]),
    ],
)
def test_an_order_if_touched(touch, limit, told) -> None:
    def dip(strategy):
        strategy.buy(0, 10, touch=touch, limit=limit)

    bars = [FLAT, bar(100, 101, 93.5, 99), bar(99, 99, 94, 95)]

    assert run(bars, {0: dip}) == told


def test_slippage_is_paid_by_all_but_limits() -> None:
    costs = Costs(slippage=Decimal("0.01"))

    def four(strategy):
        strategy.buy(0, 1)
        strategy.buy(0, 1, stop=102.0)
        strategy.buy(0, 1, limit=98.0)
        strategy.buy(0, 1, touch=97.0)
        strategy.buy(0, 1, stop=102.0, limit=103.0)

    told = run([FLAT, bar(100, 103, 96, 100)], {0: four}, costs=costs)

    prices = {fact[1]: fact[4] for fact in told if fact[2] == "filled"}
    assert prices == {1: 101.0, 2: 103.02, 3: 98.0, 4: 97.97, 5: 102.0}


def test_orders_for_the_open_and_the_close_of_a_session() -> None:
    def auctions(strategy):
        strategy.buy(0, 10, on_open=True)
        strategy.sell(0, 10, on_close=True)

    session = [bar(100, 100, 100, 100), bar(101, 101, 101, 101, ends_session=True)]
    next_session = [bar(102, 102, 102, 102), bar(103, 103, 103, 103, ends_session=True)]

    told = run(session + next_session, {0: auctions})

    assert told == [(1, 2, "filled", 10, 101.0), (2, 1, "filled", 10, 102.0)]


def test_what_an_auction_does_not_fill_is_canceled() -> None:
    rules = Rules(participation=Decimal("0.1"))
    bars = [bar(100, 100, 100, 100, ends_session=True), bar(101, 101, 101, 101, volume=50)]

    told = run(bars, {0: lambda strategy: strategy.buy(0, 10, on_open=True)}, rules=rules)

    assert told == [(1, 1, "filled", 5, 101.0), (1, 1, "canceled", "UNFILLED")]


def test_orders_share_a_bars_volume_oldest_first() -> None:
    rules = Rules(participation=Decimal("0.1"))

    def three(strategy):
        strategy.buy(0, 6)
        strategy.sell(0, 6)
        strategy.buy(0, 6)

    some = bar(100, 100, 100, 100, volume=100)

    told = run([FLAT, some, some], {0: three}, rules=rules)

    assert [fact[1:4] for fact in told] == [
        (1, "filled", 6), (2, "filled", 4), (2, "filled", 2), (3, "filled", 6)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tif", "told"),
    [
        (IOC, [(1, 1, "filled", 5, 100.0), (1, 1, "canceled", "UNFILLED")]),
        (FOK, [(1, 1, "canceled", "UNFILLED")]),
    ],
)
def test_an_order_for_now_takes_what_there_is_or_all_or_nothing(tif, told) -> None:
    rules = Rules(participation=Decimal("0.1"))
    bars = [FLAT, bar(100, 100, 100, 100, volume=50), bar(100, 100, 100, 100, volume=500)]

    assert run(bars, {0: lambda strategy: strategy.buy(0, 10, tif=tif)}, rules=rules) == told


def test_a_limit_for_now_meets_the_open_and_nothing_else() -> None:
    told = run(
        [FLAT, bar(100, 101, 90, 100)], {0: lambda strategy: strategy.buy(0, 1, limit=95, tif=IOC)}
    )

    assert told == [(1, 1, "canceled", "UNFILLED")]


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        (2, [(1, 1, "filled", 1, 95.0)]),
        (1.5, [(1, 1, "expired", "TIME_OVER")]),  # before the bar in which it would fill is over
        (1, [(1, 1, "expired", "TIME_OVER")]),
    ],
)
def test_an_order_meets_no_price_that_may_be_later_than_its_time(hours, told) -> None:
    expires = int(hours * HOUR)

    def dip(strategy):
        strategy.buy(0, 1, limit=95.0, expires=expires)

    if hours == 1:
        assert run([FLAT, FLAT], {0: dip}) == [(0, 1, "refused", "TIME_OVER")]
    else:
        assert run([FLAT, bar(100, 101, 94, 100)], {0: dip}) == told


def test_a_post_only_order_that_would_take_is_rejected() -> None:
    def makers(strategy):
        strategy.buy(0, 1, limit=100.0, post_only=True)
        strategy.buy(0, 1, limit=99.0, post_only=True)

    told = run([FLAT, bar(98, 98, 98, 98)], {0: makers})

    assert told == [(0, 1, "rejected", "WOULD_TAKE"), (1, 2, "filled", 1, 99.0)]


def test_a_reduce_only_order_is_taken_for_what_there_is_to_reduce() -> None:
    def reduce(strategy):
        strategy.sell(0, 30, reduce_only=True)
        strategy.buy(0, 30, reduce_only=True)

    told = run([FLAT, FLAT, FLAT], {0: lambda strategy: strategy.buy(0, 10), 1: reduce})

    assert told[1:] == [(1, 3, "refused", "NOTHING_TO_REDUCE"), (2, 2, "filled", 10, 100.0)]


def test_a_decision_may_fill_at_its_own_close() -> None:
    rules = Rules(fill_time=FillTime.SAME_CLOSE)
    bars = [bar(100, 103, 99, 102), bar(105, 106, 94, 95)]

    told = run(bars, {0: both}, rules=rules)

    assert told[0] == (0, 1, "filled", 10, 102.0)
    assert told[-2:] == [(1, 3, "filled", 10, 105.0), (1, 2, "canceled", "GROUP_FILLED")]


def test_an_order_that_takes_time_to_arrive_misses_the_next_open() -> None:
    rules = Rules(latency=1)

    told = run([FLAT, bar(101, 101, 101, 101), bar(102, 102, 102, 102)],
               {0: lambda strategy: strategy.buy(0, 1)}, rules=rules)  # fmt: skip

    assert told == [(2, 1, "filled", 1, 102.0)]


def test_a_change_keeps_what_was_filled_and_counts_it() -> None:
    rules = Rules(participation=Decimal("0.1"))
    some = bar(100, 100, 100, 100, volume=40)
    asks = {
        0: lambda strategy: strategy.buy(0, 10, limit=100.0),
        1: lambda strategy: strategy.amend(0, 1, quantity=6, limit=99.0),
    }

    told = run([FLAT, some, some, bar(99, 99, 99, 99, volume=40)], asks, rules=rules)

    assert told == [
        (1, 1, "filled", 4, 100.0), (1, 1, "amended", 2), (3, 1, "filled", 2, 99.0)
    ]  # fmt: skip


@pytest.mark.parametrize("quantity", [3, 4])
def test_an_order_cannot_be_changed_to_what_was_filled_or_less(quantity) -> None:
    rules = Rules(participation=Decimal("0.1"))
    some = bar(100, 100, 100, 100, volume=40)
    asks = {
        0: lambda strategy: strategy.buy(0, 10, limit=100.0),
        1: lambda strategy: strategy.amend(0, 1, quantity=quantity),
    }

    told = run([FLAT, some, some], asks, rules=rules)

    assert told == [
        (1, 1, "filled", 4, 100.0), (1, 1, "amend refused", "NOTHING_TO_CHANGE"),
        (2, 1, "filled", 4, 100.0),
    ]  # fmt: skip


@pytest.mark.parametrize("quantity", [0.5, 1.5, 2.0001, -1.5])
def test_a_fraction_of_a_share_is_refused_and_never_rounded(quantity) -> None:
    asks = {
        0: lambda strategy: strategy.buy(0, quantity),
        1: lambda strategy: strategy.sell(0, 10, limit=101.0),
        2: lambda strategy: strategy.amend(0, 2, quantity=quantity),
    }

    told = run([FLAT] * 3, asks)

    assert told == [(0, 1, "refused", "OFF_LOT"), (2, 2, "amend refused", "OFF_LOT")]


def test_what_only_floats_are_off_is_a_whole_share() -> None:
    told = run([FLAT, FLAT], {0: lambda strategy: strategy.buy(0, 3.3 / 1.1)})

    assert 3.3 / 1.1 != 3
    assert told == [(1, 1, "filled", 3, 100.0)]


def test_a_trailing_stop_begins_at_the_quote_that_it_follows() -> None:
    wide = [(98, 102)] * 2

    def trail(strategy):
        strategy.buy(0, 1, trail=2.0)
        strategy.sell(0, 1, trail=2.0)

    told = tell(quotes([*wide, (98, 103), (97, 103), (96, 104)]), {0: trail})

    assert told == [(4, 1, "filled", 1, 104.0), (4, 2, "filled", 1, 96.0)]


def test_rules_that_contradict_themselves_are_said_in_words() -> None:
    with pytest.raises(BadInput, match="cannot fill at the close it was decided at"):
        Rules(fill_time=FillTime.SAME_CLOSE, latency=1)
    with pytest.raises(BadInput, match="participation is 0; it is a fraction above 0"):
        Rules(participation=Decimal(0))
    with pytest.raises(BadInput, match="latency is -1 ns"):
        Rules(latency=-1)


@pytest.mark.parametrize("decides", [BuysAtOnce, BuysAtOnceCompiled])
def test_what_fills_at_the_close_it_was_decided_at_is_in_the_equity_of_that_close(decides) -> None:
    costs = Costs(fee_per_unit=Decimal(1))
    rules = Rules(fill_time=FillTime.SAME_CLOSE)
    engine = Engine(decides(), [EQUITY], cash=Decimal(1_000_000), rules=rules, costs=costs)
    past = market([FLAT, bar(102, 102, 102, 102)])

    lived = engine.process(past)

    assert lived.curve[:, at.CURVE_EQUITY].tolist() == [999_990 * DOLLAR, 1_000_000 * DOLLAR]
    assert lived.curve[:, at.CURVE_CASH].tolist() == [998_990 * DOLLAR, 997_960 * DOLLAR]
    recovered = Engine(decides(), [EQUITY], cash=Decimal(1_000_000), rules=rules, costs=costs)
    np.testing.assert_array_equal(recovered.recall(past, lived.records), lived.curve)
