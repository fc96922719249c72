"""Losses and margin are watched when a slice ends: examples that a person can follow."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from barque.domain.costs import CostModels, OwnFee, OwnSlippage
from barque.domain.errors import BadInput
from barque.domain.events import EventKind
from barque.domain.margin import REG_T, CashAccount, Leverage
from barque.domain.orders import Halt, OrderType, Reason, Side, TimeInForce
from barque.engine.engine import Engine
from barque.engine.memory import memory_of, remember
from barque.kernels import layout as at
from barque.risk.limits import Limits
from barque.strategies import Strategy, compiled
from tests.engine.histories import COIN, EQUITY, HOUR, Request, scripted
from tests.engine.money_histories import EURO_SHARE, EURUSD

D = Decimal
DOLLAR = 10**8
BUY, SELL = Side.BUY, Side.SELL
BOLT = replace(EQUITY, id="BOLT.XNAS")


def bar(slice_: int, price: int, i: int = 0, *, flags: int = 1, hours: int = 1) -> list[int]:
    ts = (slice_ + 1) * hours * HOUR
    price *= DOLLAR
    return [ts, ts - HOUR, int(EventKind.BAR), i, price, price, price, price, 0, flags]


def ask(side: Side, quantity: int, i: int = 0, price: int = 0) -> Request:
    kind = OrderType.LIMIT if price else OrderType.MARKET
    return Request(i, kind, side, quantity, price * DOLLAR, TimeInForce.GTC)


def live(rows, script, instruments=(EQUITY,), **terms):
    engine = Engine(scripted(script), instruments, **({"cash": D(1_000)} | terms))
    return engine, engine.process(np.array(rows, np.int64)).records


def of_kind(records, kind: int):
    return records[records[:, at.RECORD_KIND] == kind]


def whys(records, kind: int, column: int) -> list[Reason]:
    return [Reason(row[column]) for row in of_kind(records, kind)]


# 1,000 dollars buy 20 shares at 100 on half margin. At 67 the equity is 340 and a quarter of 1,340
# is 335; at 66 it is 320 and 330.
def test_regulation_t_closes_a_long_out_below_a_quarter() -> None:
    script = {0: [ask(BUY, 20)], 1: [ask(BUY, 1, price=50)]}
    prices = [100, 100, 67, 66, 65, 65]

    engine, records = live([bar(k, p) for k, p in enumerate(prices)], script, margin=REG_T)

    began, over = of_kind(records, at.LIQUIDATION).tolist()
    assert began[at.RECORD_AT] == 4
    assert began[at.A0 : at.A3] == [320 * DOLLAR, 330 * DOLLAR, 1]
    assert over[at.RECORD_AT : at.A3] == [5, 300 * DOLLAR, 0, 0]
    assert whys(records, at.REFUSED, at.A6) == [Reason.NO_MARGIN]
    sold = of_kind(records, at.FILLED)[1]
    assert sold[[at.A1, at.A2, at.A3]].tolist() == [SELL, 20, 65 * DOLLAR]
    assert engine.state.account[at.CASH] == 300 * DOLLAR


# 10 shares sold short at 100: equity 1,000, and three tenths of the position are kept. At 153 the
# equity is 470 and 459 are kept; at 154 it is 460 and 462.
def test_regulation_t_closes_a_short_out_below_three_tenths() -> None:
    script = {0: [ask(SELL, 10)]}
    prices = [100, 100, 153, 154, 150]

    _, records = live([bar(k, p) for k, p in enumerate(prices)], script, margin=REG_T)

    began, _ = of_kind(records, at.LIQUIDATION)
    assert began[[at.RECORD_AT, at.A0, at.A1]].tolist() == [4, 460 * DOLLAR, 462 * DOLLAR]


@pytest.mark.parametrize(("quantity", "reasons"), [(20, []), (21, [Reason.NO_MARGIN])])
def test_regulation_t_lets_half_be_borrowed_and_no_more(quantity, reasons) -> None:
    _, records = live([bar(0, 100)], {0: [ask(BUY, quantity)]}, margin=REG_T)

    assert whys(records, at.REFUSED, at.A6) == reasons


def test_orders_at_work_bind_margin_as_if_they_were_filled() -> None:
    script = {0: [ask(BUY, 15, price=90), ask(BUY, 6)]}

    _, records = live([bar(0, 100)], script, margin=REG_T)

    assert whys(records, at.REFUSED, at.A6) == [Reason.NO_MARGIN]


def test_the_largest_position_is_closed_first_and_only_what_it_takes() -> None:
    script = {1: [ask(BUY, 60, 0), ask(BUY, 30, 1)]}
    leverage = Leverage(initial=D("0.1"), maintenance=D("0.1"))
    rows = [bar(k, p, i, flags=i) for k, p in enumerate([100, 100, 97, 97, 97]) for i in (0, 1)]

    engine, records = live(rows, script, (EQUITY, BOLT), margin=leverage)

    forced = [row for row in of_kind(records, at.ACCEPTED) if row[at.A5] >= 256]
    assert [(row[at.RECORD_INSTRUMENT], row[at.A3]) for row in forced] == [(0, 60)]
    assert engine.state.instruments[:, at.POSITION].tolist() == [0, 30]
    assert engine.state.account[at.LIQUIDATED] == 0


def test_of_equal_positions_as_many_are_closed_as_it_takes() -> None:
    script = {1: [ask(BUY, 45, 0), ask(BUY, 45, 1)]}
    leverage = Leverage(initial=D("0.1"), maintenance=D("0.1"))
    rows = [bar(k, p, i, flags=i) for k, p in enumerate([100, 100, 92, 92]) for i in (0, 1)]

    _, records = live(rows, script, (EQUITY, BOLT), margin=leverage)

    forced = [row for row in of_kind(records, at.ACCEPTED) if row[at.A5] >= 256]
    assert [(row[at.RECORD_INSTRUMENT], row[at.A3]) for row in forced] == [(0, 45), (1, 45)]
    assert forced[0][at.RECORD_AT] == forced[1][at.RECORD_AT]


def test_while_it_is_closed_out_an_account_opens_nothing_and_may_reduce() -> None:
    script = {1: [ask(BUY, 60, 0), ask(BUY, 30, 1)], 5: [ask(BUY, 1, 1), ask(SELL, 30, 1)]}
    leverage = Leverage(initial=D("0.1"), maintenance=D("0.1"))
    rows = [bar(k, p, i, flags=i) for k, p in enumerate([100, 100, 97, 97]) for i in (0, 1)]

    engine, records = live(rows, script, (EQUITY, BOLT), margin=leverage)

    assert whys(records, at.REFUSED, at.A6) == [Reason.LIQUIDATION]
    assert engine.state.instruments[:, at.POSITION].tolist() == [0, 0]


# 16 shares for 1,000 dollars and 600 borrowed: at 50 the equity is 200, and so is a quarter of 800.
def test_an_account_that_is_exactly_at_its_maintenance_margin_is_not_closed_out() -> None:
    script = {0: [ask(BUY, 16)]}
    prices = [100, 100, 50, 50]

    engine, records = live([bar(k, p) for k, p in enumerate(prices)], script, margin=REG_T)

    account = engine.state.account
    assert account[[at.EQUITY, at.MAINTENANCE_MARGIN]].tolist() == [200 * DOLLAR, 200 * DOLLAR]
    assert not len(of_kind(records, at.LIQUIDATION))
    assert engine.state.instruments[0, at.POSITION] == 16


def half_closed(price: int):
    """Live to where a close-out of two shares at 97 sees only the smaller one again, at `price`.

    60 and 30 shares at 100 for 900 dollars and 8,100 borrowed; a tenth is kept. At 97 the 60 are
    to be sold. No bar meets that order, and at 106 for the other equity and margin are both 900.
    """
    script = {1: [ask(BUY, 60, 0), ask(BUY, 30, 1)]}
    leverage = Leverage(initial=D("0.1"), maintenance=D("0.1"))
    rows = [bar(k, p, i, flags=i) for k, p in enumerate([100, 100, 97]) for i in (0, 1)]
    both = (EQUITY, BOLT)
    return live([*rows, bar(3, price, 1)], script, both, margin=leverage, cash=D(900))


@pytest.mark.parametrize(
    ("price", "is_over", "equity", "kept"), [(105, False, 870, 897), (106, True, 900, 900)]
)
def test_a_close_out_is_over_as_soon_as_the_equity_is_exactly_enough(
    price, is_over, equity, kept
) -> None:
    engine, records = half_closed(price)

    account = engine.state.account
    assert account[[at.EQUITY, at.MAINTENANCE_MARGIN]].tolist() == [equity * DOLLAR, kept * DOLLAR]
    told = of_kind(records, at.LIQUIDATION)[:, at.A2].tolist()
    assert told == ([1, 0] if is_over else [1])
    assert account[at.LIQUIDATED] == (not is_over)


def test_what_a_close_out_still_has_at_work_is_canceled_once_the_account_is_covered() -> None:
    engine, records = half_closed(107)

    (forced,) = (row for row in of_kind(records, at.ACCEPTED) if row[at.A5] >= 256)
    canceled = of_kind(records, at.CANCELED)
    assert canceled[:, [at.RECORD_AT, at.A0, at.A1]].tolist() == [
        [7, forced[at.A0], Reason.LIQUIDATION]
    ]
    assert engine.state.instruments[:, at.POSITION].tolist() == [60, 30]
    assert engine.state.instruments[:, at.FIRST_ORDER].tolist() == [-1, -1]


def test_a_daily_loss_halts_until_the_next_day_and_a_drawdown_for_good() -> None:
    script = {k: [ask(BUY, 1)] for k in (1, 4, 5, 7)} | {0: [ask(BUY, 5)]}
    # Two bars a day; five shares of 100 lose 10 each, then a sixth with them.
    prices = [100, 100, 100, 88, 88, 88, 88, 70, 70]
    limits = Limits(daily_loss=D("0.05"), drawdown=D("0.15"))
    rows = [bar(k, p, hours=12) for k, p in enumerate(prices)]

    engine, records = live(rows, script, limits=limits)

    halts = [(row[at.RECORD_AT], Halt(row[at.A0])) for row in of_kind(records, at.HALT)]
    assert halts == [(4, Halt.DAILY_LOSS), (6, Halt.NOT), (8, Halt.DRAWDOWN)]
    refused = of_kind(records, at.REFUSED)[:, [at.RECORD_AT, at.A6]].tolist()
    assert refused == [[5, Reason.HALTED], [8, Reason.HALTED]]
    assert engine.state.account[at.HALTED] == Halt.DRAWDOWN


def test_a_halt_for_a_loss_cancels_what_could_open_and_keeps_what_reduces() -> None:
    script = {0: [ask(BUY, 5)], 1: [ask(BUY, 1, price=50), ask(SELL, 5, price=200)]}
    rows = [bar(k, p) for k, p in enumerate([100, 100, 90])]

    _, records = live(rows, script, limits=Limits(drawdown=D("0.01")))

    assert of_kind(records, at.CANCELED)[:, [at.A0, at.A1]].tolist() == [[2, Reason.HALTED]]


def test_a_cash_account_pays_first_and_sells_only_what_it_has() -> None:
    script = {0: [ask(BUY, 11), ask(SELL, 1), ask(BUY, 10)], 1: [ask(SELL, 10)]}
    rows = [bar(k, 100) for k in range(3)]

    engine, records = live(rows, script, margin=CashAccount())

    assert whys(records, at.REFUSED, at.A6) == [Reason.NO_CASH, Reason.SHORT_SALE]
    assert engine.state.account[at.CASH] == 1_000 * DOLLAR


def test_a_cash_account_does_not_pay_a_price_that_ran_away() -> None:
    engine, records = live([bar(0, 100), bar(1, 101)], {0: [ask(BUY, 10)]}, margin=CashAccount())

    assert whys(records, at.CANCELED, at.A1) == [Reason.NO_CASH]
    assert engine.state.account[at.CASH] == 1_000 * DOLLAR


def test_an_order_rate_counts_what_was_accepted_in_its_window() -> None:
    script = {k: [ask(BUY, 1), ask(BUY, 1)] for k in range(3)}
    limits = Limits(orders=3, window=2 * HOUR)

    _, records = live([bar(k, 10) for k in range(3)], script, limits=limits)

    assert of_kind(records, at.REFUSED)[:, [at.A0, at.A6]].tolist() == [[4, Reason.ORDER_RATE]]


# Cash in each currency; a share for 50 euros at 1.25 dollars. 1,000 + 100 · 1.25 before and after.
def test_equity_counts_every_currency_at_its_last_rate() -> None:
    def rows(k: int, euro: float) -> list[list[int]]:
        pair = bar(k, 0, 1)
        pair[at.OPEN : at.CLOSE + 1] = [int(euro * DOLLAR)] * 4
        return [bar(k, 50, 0, flags=0), pair]

    script = {1: [ask(BUY, 1)]}
    engine = Engine(
        scripted(script),
        (EURO_SHARE, EURUSD),
        cash={"USD": D(1_000), "EUR": D(100)},
        currency="USD",
    )

    curve = engine.process(np.array([*rows(0, 1.25), *rows(1, 1.25), *rows(2, 1.5)])).curve

    assert curve[:, at.CURVE_EQUITY].tolist() == [1_125 * DOLLAR, 1_125 * DOLLAR, 1_150 * DOLLAR]
    assert engine.strategy.cash(1) == 50.0
    assert engine.strategy.rate(1) == 1.5
    assert engine.strategy.currency(0) == 1


def test_what_has_no_rate_yet_is_not_traded() -> None:
    engine = Engine(
        scripted({0: [ask(BUY, 1)]}), (EURO_SHARE, EURUSD), cash={"EUR": D(100)}, currency="USD"
    )

    records = engine.process(np.array([bar(0, 50)])).records

    assert whys(records, at.REFUSED, at.A6) == [Reason.NO_PRICE]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"instruments": (EURO_SHARE, EQUITY)}, "say which of them"),
        ({"instruments": (EURO_SHARE,), "currency": "USD"}, "EURUSD or USDEUR"),
        ({"cash": {"CHF": D(1)}}, "cash in CHF"),
        ({"instruments": ()}, "at least one instrument"),
    ],
)
def test_currencies_that_do_not_go_together_are_refused(words, said) -> None:
    words = {"instruments": (EQUITY,), "cash": D(1)} | words

    with pytest.raises(BadInput, match=said):
        Engine(Strategy(), words.pop("instruments"), **words)


class Numbers(Strategy):
    """Buys 20, then asks for one more at each bar, and remembers the numbers of its orders."""

    def on_start(self):
        self.orders = np.zeros(8, np.int64)
        self.bars = 0

    def on_bar(self, bar):
        self.orders[self.bars] = self.buy(bar.instrument, 1.0 if self.bars else 20.0)
        self.bars += 1


@pytest.mark.parametrize("kind", [Numbers, compiled(type("CompiledNumbers", (Numbers,), {}))])
def test_after_a_close_out_orders_have_the_same_numbers_when_it_is_recovered(kind) -> None:
    rows = np.array([bar(k, p) for k, p in enumerate([100, 100, 67, 66, 65, 65])], np.int64)
    then, now = (Engine(kind(), [EQUITY], cash=D(1_000), margin=REG_T) for _ in range(2))

    now.recall(rows, then.process(rows).records)

    assert then.strategy.orders.tolist() == [1, 2, 3, 5, 6, 7, 0, 0]
    np.testing.assert_array_equal(now.strategy.orders, then.strategy.orders)


class Looks(Strategy):
    """Buys once, and remembers what it saw of its account at each bar."""

    def on_start(self):
        self.seen = np.zeros((8, 3))
        self.bars = 0

    def on_bar(self, bar):
        self.seen[self.bars, 0] = self.margin_free()
        self.seen[self.bars, 1] = self.cash()
        self.seen[self.bars, 2] = self.cash(1)
        self.bars += 1
        if self.bars == 1:
            self.buy(bar.instrument, 10.0)


@pytest.mark.parametrize("kind", [Looks, compiled(type("CompiledLooks", (Looks,), {}))])
def test_a_strategy_sees_the_margin_that_is_free_at_each_bar(kind) -> None:
    engine = Engine(kind(), [EQUITY], cash=D(1_000), margin=REG_T)

    engine.process(np.array([bar(k, p) for k, p in enumerate([100, 100, 90, 80])], np.int64))

    # Equity less half of ten shares; at the first bar nothing is bound yet.
    assert engine.strategy.seen[:4, 0].tolist() == [1_000.0, 500.0, 450.0, 400.0]
    assert engine.strategy.seen[:4, 1].tolist() == [1_000.0, 0.0, 0.0, 0.0]
    assert np.isnan(engine.strategy.seen[:4, 2]).all()


def fee(price: float, quantity: float, notional: float, is_maker: bool) -> float:
    return 2.0


def slippage(price: float, quantity: float, volume: float, bid: float, ask: float) -> float:
    return 1.0


OWN = CostModels(fee=OwnFee(fee), slippage=OwnSlippage(slippage))


@pytest.mark.parametrize("kind", [Looks, compiled(type("CompiledOwn", (Looks,), {}))])
def test_models_of_ones_own_are_charged_in_every_style(kind) -> None:
    engine = Engine(kind(), [EQUITY], cash=D(1_000), costs=OWN)

    records = engine.process(np.array([bar(k, 100) for k in range(2)], np.int64)).records

    assert of_kind(records, at.FILLED)[:, [at.A3, at.A5]].tolist() == [[101 * DOLLAR, 2 * DOLLAR]]


def test_a_memory_keeps_the_functions_of_the_process_it_is_put_into() -> None:
    kind = compiled(type("CompiledMemory", (Looks,), {}))
    first, second = (Engine(kind(), [EQUITY], cash=D(1_000), costs=OWN) for _ in range(2))
    memory = {name: array.copy() for name, array in memory_of(first).items()}
    memory["instruments"][:, [at.FEE_FUNCTION, at.SLIPPAGE_FUNCTION]] = 1  # of a process long gone

    remember(second, memory)
    records = second.process(np.array([bar(k, 100) for k in range(2)], np.int64)).records

    assert of_kind(records, at.FILLED)[:, at.A5].tolist() == [2 * DOLLAR]


def test_other_terms_of_the_account_refuse_a_memory() -> None:
    kind = compiled(type("CompiledTerms", (Looks,), {}))
    lived = Engine(kind(), [EQUITY], cash=D(1_000), margin=CashAccount())
    other = Engine(kind(), [EQUITY], cash=D(1_000))

    with pytest.raises(BadInput, match=r"another (instruments|account)"):
        remember(other, memory_of(lived))


HUGE = 10**15


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        (EventKind.FUNDING, {at.FUNDING_RATE: HUGE, at.FUNDING_MARK: HUGE}),
        (EventKind.INTEREST, {at.INTEREST_DEBIT: HUGE, at.INTEREST_CREDIT: HUGE}),
        (EventKind.INTEREST, {at.INTEREST_BORROW: HUGE}),
        (EventKind.EXPIRY, {at.SETTLEMENT_PRICE: HUGE}),
    ],
)
def test_a_payment_that_does_not_fit_halts_and_is_not_made(kind, columns) -> None:
    script = {0: [ask(SELL, 5_000)]}
    event = [3 * HOUR, 3 * HOUR, int(kind), 0, 0, 0, 0, 0, 0, 1]
    for column, value in columns.items():
        event[column] = value
    cash = D(39_000_000_000)

    engine, records = live([bar(0, 1), bar(1, 1), event], script, cash=cash)

    before = (int(cash) + 5_000) * DOLLAR
    if at.INTEREST_BORROW in columns:  # 5,000 dollars at 100,000 % are no matter
        before -= 5_000 * 1_000 * DOLLAR
        assert not len(of_kind(records, at.HALT))
    else:
        assert [row[at.A0] for row in of_kind(records, at.HALT)] == [Halt.NUMBER_RANGE]
    assert engine.state.account[at.CASH] == before
    assert engine.state.instruments[0, at.POSITION] == -5_000


def test_a_rate_that_makes_an_account_too_large_halts_and_is_not_taken() -> None:
    def rows(k: int, price: int) -> list[list[int]]:
        pair = bar(k, 0, 1)
        pair[at.OPEN : at.CLOSE + 1] = [price] * 4
        return [bar(k, 50, 0, flags=0), pair]

    engine = Engine(scripted({}), (EURO_SHARE, EURUSD), cash={"EUR": D(10_000)}, currency="USD")

    records = engine.process(np.array([*rows(0, DOLLAR), *rows(1, HUGE)])).records

    assert [row[at.A0] for row in of_kind(records, at.HALT)] == [Halt.NUMBER_RANGE]
    assert engine.state.account[at.EQUITY] == 10_000 * DOLLAR


def test_coins_and_shares_of_one_currency_are_as_before() -> None:
    engine = Engine(scripted({}), (EQUITY, COIN), cash=D(1_000))

    assert engine.state.account[at.WATCHED] == 0
    assert len(engine.state.account) == at.ACCOUNT_WIDTH + at.CURRENCY_WIDTH
