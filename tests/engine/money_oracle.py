"""The account's rules once more, slow and obvious: currencies, costs, margin, limits, endings.

Python integers and fractions, lists and dictionaries; shares no arithmetic with the kernels.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from barque.domain.costs import (
    BasisPoints,
    CostModels,
    MakerTaker,
    Percentage,
    PerContract,
    PerShare,
    SquareRoot,
    Ticks,
    VolumeShare,
)
from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import cash_digits
from barque.domain.margin import CashAccount, Leverage, Margin, Unlimited
from barque.domain.orders import Halt, OrderType, Reason, Side, TimeInForce
from barque.kernels import layout as at
from barque.risk.limits import Limits
from tests.engine.oracle import Holding, Oracle, Order

DAY = 86_400 * 10**9
RATE = 10**12


@dataclass
class Forced(Order):
    """An order by which the engine closes a position out."""


@dataclass
class MoneyOracle(Oracle):
    """An account on any terms. `cashes` are by currency; the first currency is the account's."""

    currencies: list[str] = field(default_factory=list)
    costs: CostModels = field(default_factory=CostModels)
    limits: Limits = field(default_factory=Limits)
    margin: Margin = field(default_factory=Unlimited)
    cashes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self):
        super().__post_init__()
        self.cashes = {c: self.cashes.get(c, 0) for c in self.currencies}
        self.rates = dict.fromkeys(self.currencies, 0) | {self.currencies[0]: RATE}
        self.reasons: dict[int, Reason] = {}
        self.canceled: dict[int, Reason] = {}
        self.ended: set[int] = set()
        self.volumes: dict[int, int] = {}
        self.halted = Halt.NOT
        self.closing_out = False
        self.now = self.day = 0
        self.slice_equity = self.day_equity = self.peak = self.cashes[self.currencies[0]]
        self.window_start, self.window_orders = -(10**30), 0
        self.volume = 0

    # What things are worth.

    def home(self, currency: str, amount: int) -> int:
        if currency == self.currencies[0]:
            return amount
        return round(Fraction(amount * self.rates[currency], RATE))

    @property
    def equity(self) -> int:
        total = 0
        for c in self.currencies:
            mine = [i for i, it in enumerate(self.instruments) if it.currency == c]
            total += self.home(c, self.cashes[c] + sum(self.value(i) for i in mine))
        return total

    def exposure(self, i: int, quantity: int, price: int) -> int:
        it = self.instruments[i]
        return self.home(it.currency, round(self.notional(i, price, quantity)))

    def sides(self, i: int) -> tuple[int, int]:
        """Worth if every buy filled, and if every sell filled."""
        holding = self.holdings[i]
        bought = sum(o.leaves for o in self.orders if o.i == i and o.side == Side.BUY)
        sold = sum(o.leaves for o in self.orders if o.i == i and o.side == Side.SELL)
        return (
            self.exposure(i, holding.position + bought, holding.last),
            self.exposure(i, holding.position - sold, holding.last),
        )

    def rate_of(self, i: int, what: str) -> Fraction:
        if isinstance(self.margin, CashAccount):
            return Fraction(what == "initial")
        if isinstance(self.margin, Unlimited):
            return Fraction(0)
        own: Leverage = self.margin.of.get(self.instruments[i].id, self.margin)
        return Fraction(getattr(own, what))

    def initial(self, i: int, sides: tuple[int, int]) -> int:
        return round(max(map(abs, sides)) * self.rate_of(i, "initial"))

    def kept(self, i: int) -> int:
        holding = self.holdings[i]
        what = "maintenance" if holding.position >= 0 else "of_short"
        worth = abs(self.exposure(i, holding.position, holding.last))
        return round(worth * self.rate_of(i, what))

    @property
    def maintenance(self) -> int:
        return sum(self.kept(i) for i in range(len(self.instruments)))

    # What happens.

    def event(self, row: list[int]) -> None:
        kind, i = row[at.KIND], row[at.INSTRUMENT]
        self.now, self.volume = row[at.TS], row[at.VOLUME]
        if kind == EventKind.FUNDING:
            self.fund(i, row[at.FUNDING_RATE], row[at.FUNDING_MARK])
        elif kind == EventKind.INTEREST:
            self.interest(i, *row[at.INTEREST_CREDIT : at.INTEREST_BORROW + 1])
        elif kind in (EventKind.EXPIRY, EventKind.DELISTING):
            self.end(i, row[at.SETTLEMENT_PRICE])
        else:
            super().event(row)
        if kind == EventKind.BAR:
            self.mark_rates(i)
        if row[at.FLAGS] & EventFlag.ENDS_SLICE:
            self.watch()

    def mark_rates(self, i: int) -> None:
        it, home = self.instruments[i], self.currencies[0]
        price = Fraction(self.holdings[i].last, 10**it.price_digits)
        for c in self.currencies[1:]:
            shift = Fraction(10) ** (12 + cash_digits(home) - cash_digits(c))
            if (it.base, it.currency) == (c, home):
                self.rates[c] = round(price * shift)
            elif (it.base, it.currency) == (home, c):
                self.rates[c] = round(shift / price)

    def pay(self, i: int, amount: int) -> None:
        self.cashes[self.instruments[i].currency] += amount

    def dividend(self, i: int, amount: int) -> None:
        it, holding = self.instruments[i], self.holdings[i]
        self.pay(i, round(Fraction(holding.position * amount, 10**it.quantity_digits)))
        if holding.position:
            self.lose_dividend(i, amount)

    def split(self, i: int, new: int, old: int) -> None:
        before, self.cash = self.cash, 0
        super().split(i, new, old)
        self.pay(i, self.cash)
        self.cash = before

    def fund(self, i: int, rate: int, mark: int) -> None:
        holding = self.holdings[i]
        worth = round(self.notional(i, mark or holding.last, holding.position))
        self.pay(i, -round(Fraction(worth * rate, RATE)))

    def interest(self, i: int, credit: int, debit: int, borrow: int) -> None:
        cash, holding = self.cashes[self.instruments[i].currency], self.holdings[i]
        self.pay(i, round(Fraction(cash * (credit if cash > 0 else debit), RATE)))
        if holding.position < 0:
            owed = round(self.notional(i, holding.last, holding.position))
            self.pay(i, round(Fraction(owed * borrow, RATE)))

    def end(self, i: int, price: int) -> None:
        if i in self.ended:
            return
        self.cancel([o for o in self.orders if o.i == i], Reason.ENDED)
        holding, it = self.holdings[i], self.instruments[i]
        price = price or holding.last
        worth = round(self.notional(i, price, holding.position))
        self.pay(i, worth - holding.cost if it.is_margined else worth)
        realized = holding.realized + worth - holding.cost
        self.holdings[i] = Holding(it, last=price, realized=realized)
        self.ended.add(i)

    def cancel(self, orders: list[Order], reason: Reason) -> None:
        for order in orders:
            self.orders.remove(order)
            self.canceled[order.id] = reason

    # Fills.

    def meet(self, order: Order, opened: int, high: int, low: int) -> None:
        self.slippage = self.slipped_by(order)
        super().meet(order, opened, high, low)

    def slipped_by(self, order: Order):
        """Return something that, multiplied with a price, is how far the price moves."""
        costs, it = self.costs_of(order.i), self.instruments[order.i]
        return Move(costs.slippage, it.price_units(it.tick), order.leaves, self.volume)

    def costs_of(self, i: int) -> CostModels:
        return self.costs.of.get(self.instruments[i].id, self.costs)

    def fill(self, order: Order, price: int) -> None:
        it, holding = self.instruments[order.i], self.holdings[order.i]
        price = max(1, price)
        quantity = order.side * order.leaves
        value = round(self.notional(order.i, price, quantity))
        is_maker = order.type == OrderType.LIMIT and price == order.price
        fee = self.charge(order.i, quantity, value, is_maker)
        paid = -fee if it.is_margined else -value - fee
        if (
            isinstance(self.margin, CashAccount)
            and order.side == Side.BUY
            and self.cashes[it.currency] + paid < 0
        ):
            self.cancel([order], Reason.NO_CASH)
            return
        realized = self.realize(holding, order.i, price, quantity, value)
        holding.realized += realized
        holding.position += quantity
        self.pay(order.i, paid + realized if it.is_margined else paid)
        self.orders.remove(order)
        self.fills.append((order.id, quantity, price, value, fee))
        day = self.now // DAY
        self.volumes[day] = self.volumes.get(day, 0) + self.home(it.currency, abs(value))

    def charge(self, i: int, quantity: int, value: int, is_maker: bool) -> int:
        it, model = self.instruments[i], self.costs_of(i).fee
        unit = 10 ** cash_digits(it.currency)
        size = Fraction(abs(quantity), 10**it.quantity_digits)
        match model:
            case Percentage(rate):
                return round(abs(value) * Fraction(rate))
            case PerContract(each):
                return round(size * Fraction(each) * unit)
            case PerShare():
                fee = max(round(size * Fraction(model.each) * unit), int(model.minimum * unit))
                if model.maximum is None:
                    return fee
                return min(fee, round(abs(value) * Fraction(model.maximum)))
            case MakerTaker():
                return round(abs(value) * Fraction(self.tier_rate(model, is_maker)))
        raise AssertionError(model)

    def tier_rate(self, model: MakerTaker, is_maker: bool):
        traded = sum(v for day, v in self.volumes.items() if day > self.now // DAY - 30)
        reached = [model]
        unit = 10 ** cash_digits(self.currencies[0])
        reached += [tier for tier in model.tiers if traded >= tier.volume * unit]
        return reached[-1].maker if is_maker else reached[-1].taker

    # What is asked.

    def request(self, ts, i, order_type, side, quantity, price, tif) -> None:
        order_id, self.next_id = self.next_id, self.next_id + 1
        reason = self.judge(i, order_type, side, quantity, price)
        self.reasons[order_id] = reason
        if reason != Reason.NONE:
            self.refused.append(order_id)
            return
        self.accept(Order(order_id, i, order_type, side, quantity, price, tif, ts))

    def accept(self, order: Order) -> None:
        if order.placed >= self.window_start + self.limits.window:
            self.window_start, self.window_orders = order.placed, 0
        self.window_orders += 1
        self.orders.append(order)

    def judge(self, i, order_type, side, quantity, price) -> Reason:
        it, holding, at_market = self.instruments[i], self.holdings[i], order_type == 1
        if i in self.ended:
            return Reason.ENDED
        if quantity <= 0 or (not at_market and price <= 0):
            return Reason.NOT_POSITIVE
        if quantity % it.quantity_units(it.lot):
            return Reason.OFF_LOT
        if not at_market and price % it.price_units(it.tick):
            return Reason.OFF_TICK
        same_side = sum(o.leaves for o in self.orders if o.i == i and o.side == side)
        after = holding.position + side * (same_side + quantity)
        if holding.position * side < 0 and holding.position * after >= 0:
            return Reason.NONE
        if self.halted:
            return Reason.HALTED
        if not holding.last or not self.rates[it.currency]:
            return Reason.NO_PRICE
        return self.judge_account(i, side, quantity, holding.last if at_market else price)

    def judge_account(self, i, side, quantity, price) -> Reason:
        limits, home = self.limits, 10 ** cash_digits(self.currencies[0])
        if self.closing_out:
            return Reason.LIQUIDATION
        in_window = self.now < self.window_start + limits.window
        if limits.orders is not None and in_window and self.window_orders >= limits.orders:
            return Reason.ORDER_RATE
        all_sides = [self.sides(k) for k in range(len(self.instruments))]
        added = self.exposure(i, side * quantity, price)
        up, down = all_sides[i]
        all_sides[i] = (up + added, down) if side == Side.BUY else (up, down + added)
        exposures = [max(map(abs, sides)) for sides in all_sides]
        net = abs(sum(sides[0 if side == Side.BUY else 1] for sides in all_sides))
        if limits.gross is not None and sum(exposures) > limits.gross * home:
            return Reason.GROSS_LIMIT
        if limits.net is not None and net > limits.net * home:
            return Reason.NET_LIMIT
        if self.beyond(sum(exposures), limits.leverage):
            return Reason.LEVERAGE_LIMIT
        if self.beyond(exposures[i], limits.concentration):
            return Reason.CONCENTRATION_LIMIT
        if isinstance(self.margin, Unlimited):
            return Reason.NONE
        return self.judge_margin(i, side, quantity, price, all_sides)

    def beyond(self, exposed: int, limit) -> bool:
        return limit is not None and exposed > round(self.equity * Fraction(limit))

    def judge_margin(self, i, side, quantity, price, all_sides) -> Reason:
        it, is_cash = self.instruments[i], isinstance(self.margin, CashAccount)
        if is_cash and side == Side.SELL:
            return Reason.SHORT_SALE
        value = round(self.notional(i, price, quantity))
        fee = self.charge(i, side * quantity, value, is_maker=False)
        bound = sum(self.initial(k, sides) for k, sides in enumerate(all_sides))
        covered = self.equity - bound >= self.home(it.currency, fee)
        if not is_cash:
            return Reason.NONE if covered else Reason.NO_MARGIN
        needed = fee if it.is_margined else value + fee
        return Reason.NONE if covered and self.cashes[it.currency] >= needed else Reason.NO_CASH

    # What is watched.

    def watch(self) -> None:
        day, equity = self.now // DAY, self.equity
        if day != self.day:
            self.day, self.day_equity = day, self.slice_equity
            if self.halted == Halt.DAILY_LOSS:
                self.halted = Halt.NOT
        self.peak, self.slice_equity = max(self.peak, equity), equity
        if self.lost(self.peak, self.limits.drawdown) and self.halted != Halt.DRAWDOWN:
            self.halt(Halt.DRAWDOWN)
        if self.lost(self.day_equity, self.limits.daily_loss) and not self.halted:
            self.halt(Halt.DAILY_LOSS)
        self.close_out()

    def lost(self, before: int, limit) -> bool:
        if limit is None:
            return False
        return 0 < before - self.equity > round(before * Fraction(limit))

    def halt(self, why: Halt) -> None:
        self.halted = why
        for i, holding in enumerate(self.holdings):
            for side in Side:
                mine = [o for o in self.orders if o.i == i and o.side == side]
                if holding.position * side + sum(o.leaves for o in mine) > 0:
                    self.cancel(mine, Reason.HALTED)

    def close_out(self) -> None:
        short = isinstance(self.margin, Leverage) and self.equity < self.maintenance
        if not self.closing_out and short:
            self.closing_out = True
            self.cancel(list(self.orders), Reason.LIQUIDATION)
        elif self.closing_out and not short:
            self.closing_out = False
            forced = [o for o in self.orders if isinstance(o, Forced)]
            self.cancel(forced, Reason.LIQUIDATION)
        if not self.closing_out:
            return
        held = [i for i, holding in enumerate(self.holdings) if holding.position]
        missing = self.maintenance - self.equity
        for i in sorted(held, key=lambda i: (-self.kept(i), i)):
            if missing > 0:
                missing -= self.kept(i)
                self.force(i)

    def force(self, i: int) -> None:
        position = self.holdings[i].position
        side = Side.SELL if position > 0 else Side.BUY
        closing = sum(o.leaves for o in self.orders if o.i == i and o.side == side)
        if abs(position) > closing:
            order_id, self.next_id = self.next_id, self.next_id + 1
            size = abs(position) - closing
            tif = TimeInForce.GTC
            self.accept(Forced(order_id, i, OrderType.MARKET, side, size, 0, tif, self.now))


@dataclass(frozen=True)
class Move:
    """How far slippage moves a price, written as a factor: price * Move."""

    model: object
    tick: int
    quantity: int
    volume: int

    def __rmul__(self, price: int) -> Fraction:
        match self.model:
            case BasisPoints(points):
                return price * Fraction(points) / 10_000
            case Ticks(ticks):
                return Fraction(ticks * self.tick)
            case VolumeShare(impact):
                shape = round(Fraction(self.share**2, RATE))
                return Fraction(price * round(shape * Fraction(impact)), RATE)
            case SquareRoot(factor):
                return Fraction(price * round(root_of(self.share) * Fraction(factor)), RATE)
        raise AssertionError(self.model)

    @property
    def share(self) -> int:
        if self.quantity >= self.volume:
            return RATE
        return round(Fraction(self.quantity * RATE, self.volume))


def root_of(share: int) -> int:
    """The nearest whole number to the square root of share · 10^12, found by halving."""
    low, high = 0, RATE
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (
            (middle, high) if (2 * middle - 1) ** 2 <= 4 * share * RATE else (low, middle - 1)
        )
    return low
