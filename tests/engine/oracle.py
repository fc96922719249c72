"""The engine's rules once more, slow and obvious: Python integers and fractions, lists and loops.

Shares no arithmetic with the kernels. `cash` rounds where the rules say so (half to even);
`exact_cash` never rounds, and `roundings` counts how often the other one did.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import Instrument
from barque.domain.orders import OrderType, Side, TimeInForce
from barque.kernels import layout as at

LIMIT_BUY, LIMIT_SELL = (OrderType.LIMIT, Side.BUY), (OrderType.LIMIT, Side.SELL)
STOP_BUY, STOP_SELL = (OrderType.STOP, Side.BUY), (OrderType.STOP, Side.SELL)


@dataclass
class Order:
    id: int
    i: int
    type: OrderType
    side: Side
    leaves: int
    price: int
    tif: TimeInForce
    placed: int


@dataclass
class Holding:
    instrument: Instrument
    position: int = 0
    cost: int = 0
    last: int = 0
    realized: int = 0


@dataclass
class Oracle:
    instruments: list[Instrument]
    cash: int
    fee: Fraction = Fraction(0)
    fee_per_unit: Fraction = Fraction(0)  # cash units for one whole unit
    slippage: Fraction = Fraction(0)
    max_position: int = 10**15
    next_id: int = 1
    roundings: int = 0
    orders: list[Order] = field(default_factory=list)
    fills: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    curve: list[int] = field(default_factory=list)

    def __post_init__(self):
        self.holdings = [Holding(instrument) for instrument in self.instruments]
        self.exact_cash = Fraction(self.cash)

    def round(self, amount: Fraction) -> int:
        self.roundings += 1
        return round(amount)

    def notional(self, i: int, price: int, quantity: int) -> Fraction:
        it = self.instruments[i]
        return Fraction(price * quantity * it.multiplier, 10**it.notional_digits)

    def event(self, row: list[int]) -> None:
        kind, i = row[at.KIND], row[at.INSTRUMENT]
        if kind == EventKind.BAR:
            for part in (self.at_open, self.stop_inside, self.limit_inside):
                for order in [o for o in self.orders if o.i == i and o.placed <= row[at.START]]:
                    part(order, row)
            self.holdings[i].last = row[at.CLOSE]
            if row[at.FLAGS] & EventFlag.ENDS_SESSION:
                self.orders = [
                    o
                    for o in self.orders
                    if not (o.i == i and o.tif == TimeInForce.DAY and o.placed <= row[at.START])
                ]
        elif kind == EventKind.DIVIDEND:
            self.dividend(i, row[at.DIVIDEND_AMOUNT])
        elif kind == EventKind.SPLIT:
            self.split(i, row[at.SPLIT_NEW], row[at.SPLIT_OLD])

    def at_open(self, order: Order, row: list[int]) -> None:
        self.meet(order, row[at.OPEN], row[at.OPEN], row[at.OPEN])

    def stop_inside(self, order: Order, row: list[int]) -> None:
        if order.type == OrderType.STOP:
            self.meet(order, row[at.OPEN], row[at.HIGH], row[at.LOW])

    def limit_inside(self, order: Order, row: list[int]) -> None:
        if order.type == OrderType.LIMIT:
            self.meet(order, row[at.OPEN], row[at.HIGH], row[at.LOW])

    def meet(self, order: Order, opened: int, high: int, low: int) -> None:
        price = None
        if order.type == OrderType.MARKET:
            price = opened
        elif (order.type, order.side) in {LIMIT_BUY, STOP_SELL} and low <= order.price:
            price = min(opened, order.price)
        elif (order.type, order.side) in {LIMIT_SELL, STOP_BUY} and high >= order.price:
            price = max(opened, order.price)
        if price is None:
            return
        if order.type != OrderType.LIMIT:
            price += order.side * round(price * self.slippage)
        self.fill(order, price)

    def fill(self, order: Order, price: int) -> None:
        it, holding = self.instruments[order.i], self.holdings[order.i]
        quantity = order.side * order.leaves
        exact = self.notional(order.i, price, quantity)
        value = self.round(exact)
        fee_exact = (
            abs(exact) * self.fee,
            Fraction(abs(quantity), 10**it.quantity_digits) * self.fee_per_unit,
        )
        fee = self.round(abs(value) * self.fee) + self.round(fee_exact[1])
        realized = self.realize(holding, order.i, price, quantity, value)
        holding.realized += realized
        if it.is_margined:
            self.cash += realized - fee
            self.exact_cash += realized - sum(fee_exact)
        else:
            self.cash -= value + fee
            self.exact_cash -= exact + sum(fee_exact)
        holding.position += quantity
        self.orders.remove(order)
        self.fills.append((order.id, quantity, price, value, fee))

    def realize(self, holding: Holding, i: int, price: int, quantity: int, value: int) -> int:
        closes = holding.position * quantity < 0
        if not closes:
            holding.cost += value
            return 0
        closed = -holding.position if abs(quantity) > abs(holding.position) else quantity
        closed_value = value if closed == quantity else round(self.notional(i, price, closed))
        cost = round(Fraction(holding.cost * abs(closed), abs(holding.position)))
        holding.cost += value - closed_value - cost
        return -closed_value - cost

    def dividend(self, i: int, amount: int) -> None:
        position, digits = self.holdings[i].position, self.instruments[i].quantity_digits
        if position:
            exact = Fraction(position * amount, 10**digits)
            self.cash += self.round(exact)
            self.exact_cash += exact
            self.lose_dividend(i, amount)

    def lose_dividend(self, i: int, amount: int) -> None:
        it, holding = self.instruments[i], self.holdings[i]
        unit = it.multiplier * 10**it.quantity_digits
        fall = round(Fraction(amount * 10**it.notional_digits, unit))
        if fall < holding.last:
            holding.last -= fall

    def split(self, i: int, new: int, old: int) -> None:
        holding = self.holdings[i]
        sign = 1 if holding.position >= 0 else -1
        whole, fraction = divmod(abs(holding.position) * new, old)
        worth = round(self.notional(i, holding.last, sign * fraction))
        lieu = self.round(Fraction(worth, new))
        self.roundings += 1
        cost = 0
        if fraction:
            cost = round(Fraction(holding.cost * fraction, abs(holding.position) * new))
        self.exact_cash += self.notional(i, holding.last, sign * fraction) / new
        self.cash += lieu
        if self.instruments[i].is_margined:
            self.cash -= cost
            self.exact_cash -= cost
        holding.cost -= cost
        holding.realized += lieu - cost
        holding.position = sign * whole
        holding.last = round(Fraction(holding.last * old, new))
        self.split_orders(i, new, old)

    def split_orders(self, i: int, new: int, old: int) -> None:
        it = self.instruments[i]
        tick, lot = it.price_units(it.tick), it.quantity_units(it.lot)
        for order in [o for o in self.orders if o.i == i]:
            order.leaves = order.leaves * new // old // lot * lot
            order.price = round(Fraction(order.price * old, new * tick)) * tick
            dead = order.leaves == 0 or (order.price == 0 and order.type != OrderType.MARKET)
            if new < old or dead:
                self.orders.remove(order)

    def request(self, ts, i, order_type, side, quantity, price, tif) -> None:
        order_id, self.next_id = self.next_id, self.next_id + 1
        holding, it = self.holdings[i], self.instruments[i]
        same_side = sum(o.leaves for o in self.orders if o.i == i and o.side == side)
        after = holding.position + side * (same_side + quantity)
        reduces = holding.position * after >= 0 and (holding.position * side) < 0
        venue_ok = (
            quantity > 0
            and quantity % it.quantity_units(it.lot) == 0
            and (
                order_type == OrderType.MARKET
                or (price > 0 and price % it.price_units(it.tick) == 0)
            )
        )
        if not venue_ok or not (reduces or (holding.last and abs(after) <= self.max_position)):
            self.refused.append(order_id)
            return
        self.orders.append(Order(order_id, i, order_type, side, quantity, price, tif, ts))

    @property
    def equity(self) -> int:
        return self.cash + sum(self.value(i) for i in range(len(self.holdings)))

    def value(self, i: int) -> int:
        """What a position is worth; of a margined one only what it has earned."""
        holding = self.holdings[i]
        worth = round(self.notional(i, holding.last, holding.position))
        return worth - holding.cost if self.instruments[i].is_margined else worth
