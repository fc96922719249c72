"""The rules of orders once more, slow and obvious: plain Python objects in one list, oldest first.

Shares no code with the kernels. What happens is told as tuples: what, order id, numbers. Costs are
none; money is `oracle.py`'s business.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from barque.domain.events import EventFlag, EventKind
from barque.domain.orders import (
    LIFE,
    FillTime,
    OrderFlag,
    OrderState,
    OrderType,
    Reason,
    Side,
    TimeInForce,
    Trigger,
)
from barque.domain.rules import Rules
from barque.kernels import layout as at

UNPRICED = {OrderType.MARKET, OrderType.MARKET_ON_OPEN, OrderType.MARKET_ON_CLOSE}
TWO_PRICES = {OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED}
STOPS = {OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP}
ONCE = {TimeInForce.IOC, TimeInForce.FOK}
LARGEST_GROUP = 8


@dataclass
class Order:
    id: int
    type: OrderType
    side: int
    quantity: int
    limit: int | None
    trigger: int | None
    trail: int
    tif: TimeInForce
    expires: int
    flags: OrderFlag
    group: int
    placed: int
    filled: int = 0
    works_from: int = 0
    state: OrderState = OrderState.INITIALIZED

    @property
    def leaves(self) -> int:
        return self.quantity - self.filled

    @property
    def reduces(self) -> bool:
        return OrderFlag.REDUCE_ONLY in self.flags

    @property
    def waits(self) -> bool:
        return OrderFlag.WAITS in self.flags

    @property
    def is_waiting(self) -> bool:
        return self.state == OrderState.WAITING

    @property
    def is_market_now(self) -> bool:
        at_market = self.limit is None and self.trigger is None
        return at_market and self.type not in (OrderType.MARKET_ON_OPEN, OrderType.MARKET_ON_CLOSE)

    @property
    def is_limit_now(self) -> bool:
        return self.limit is not None and self.trigger is None

    @property
    def is_stop_now(self) -> bool:
        return self.type in STOPS and self.trigger is not None

    @property
    def only_now(self) -> bool:
        return self.tif in ONCE and (self.is_market_now or self.is_limit_now)

    @property
    def columns_price(self) -> int:
        """The price as the engine keeps it: the limit, or the trigger of an order without one."""
        return (self.trigger if self.limit is None else self.limit) or 0

    def move(self, trigger: Trigger) -> None:
        self.state = LIFE[self.state, trigger]


@dataclass(frozen=True)
class Shown:
    """What one side of the market is shown by an event."""

    open: int
    high: int
    low: int
    close: int


@dataclass
class OrderOracle:
    tick: int
    lot: int
    rules: Rules = field(default_factory=Rules)
    orders: list[Order] = field(default_factory=list)
    told: list[tuple[object, ...]] = field(default_factory=list)
    position: int = 0
    last: int = 0
    bid: int = 0
    ask: int = 0
    now: int = 0
    in_session: bool = False
    next_id: int = 1
    left: dict[int, float] = field(default_factory=dict)
    is_shared: bool = False
    held_inside: int | None = None

    # What the market does.

    def event(self, row: list[int]) -> None:
        self.now = row[at.TS]
        if row[at.KIND] != EventKind.TIMER:
            self.meet_all(row)
        if row[at.FLAGS] & EventFlag.ENDS_SESSION:
            self.end_session(row[at.START], row[at.TS])

    def end_session(self, start: int, ts: int) -> None:
        before = len(self.told)
        self.in_session = False
        self.left = {Side.BUY: float("inf"), Side.SELL: float("inf")}
        for order in list(self.orders):
            works = not order.is_waiting and order.works_from <= start
            if order not in self.orders:
                continue
            if order.type == OrderType.MARKET_ON_CLOSE and works:
                self.auction(order, self.known(order.side), ts)
            elif order.tif == TimeInForce.DAY and order.placed <= start:
                self.end(order, Trigger.EXPIRE, Reason.SESSION_END)
        if len(self.told) > before:
            self.shrink()

    def meet_all(self, row: list[int]) -> None:
        before = len(self.told)
        self.offer(row)
        self.part(row, "open")
        self.follow(row, "open")
        if row[at.KIND] in (EventKind.BAR, EventKind.BID_BAR, EventKind.ASK_BAR):
            self.held_inside = self.position
            for part in ("stops", "limits") if self.rules.stop_first else ("inside",):
                self.part(row, part)
            self.follow(row, "best")
        self.part(row, "close")
        self.held_inside = None
        if len(self.told) > before:
            self.shrink()
        self.mark(row)

    def offer(self, row: list[int]) -> None:
        """How much each side may still take; both share a bar's or a trade's volume."""
        self.left = {Side.BUY: float("inf"), Side.SELL: float("inf")}
        self.is_shared = row[at.KIND] != EventKind.QUOTE
        if row[at.KIND] == EventKind.QUOTE:
            self.left[Side.BUY] = row[at.QUOTE_ASK_SIZE] // self.lot * self.lot
            self.left[Side.SELL] = row[at.QUOTE_BID_SIZE] // self.lot * self.lot
        elif self.rules.participation is not None:
            share = floor(row[at.VOLUME] * Fraction(self.rules.participation))
            self.left = dict.fromkeys(Side, share // self.lot * self.lot)

    def shown(self, row: list[int], side: int) -> Shown | None:
        kind = row[at.KIND]
        if kind == EventKind.QUOTE:
            bid = row[at.QUOTE_BID], row[at.QUOTE_BID_SIZE]
            ask = row[at.QUOTE_ASK], row[at.QUOTE_ASK_SIZE]
            price, size = ask if side == Side.BUY else bid
            return Shown(price, price, price, price) if price and size else None
        of_side = {EventKind.BID_BAR: Side.SELL, EventKind.ASK_BAR: Side.BUY}
        if of_side.get(kind, side) != side or row[at.OPEN] == 0:
            return None
        return Shown(row[at.OPEN], row[at.HIGH], row[at.LOW], row[at.CLOSE])

    def part(self, row: list[int], part: str) -> None:
        start, ts = row[at.START], row[at.TS]
        for order in list(self.orders):
            if order not in self.orders:
                continue
            shown = self.shown(row, order.side)
            expired = order.expires <= start if part == "open" else order.expires < ts
            if order.tif == TimeInForce.GTD and expired:
                self.end(order, Trigger.EXPIRE, Reason.TIME_OVER)
                continue
            if shown and not order.is_waiting and order.works_from <= start:
                self.meet(order, row, shown, part)
            if part == "close" and order.tif == TimeInForce.GTD and order.expires <= ts:
                self.end(order, Trigger.EXPIRE, Reason.TIME_OVER)

    def meet(self, order: Order, row: list[int], shown: Shown, part: str) -> None:
        start, ts = row[at.START], row[at.TS]
        kind, flags = row[at.KIND], row[at.FLAGS]
        late = (
            order.type == OrderType.MARKET
            and self.rules.fill_time == FillTime.NEXT_QUOTE
            and self.ask > 0
            and kind in (EventKind.BAR, EventKind.TRADE)
        )
        if part == "open":
            if order.type == OrderType.MARKET_ON_OPEN and not self.in_session:
                self.auction(order, shown.open, start)
            elif order.type != OrderType.MARKET_ON_OPEN and not late:
                self.walk(order, [shown.open], start, start)
        elif part == "close":
            if order.type == OrderType.MARKET_ON_CLOSE and flags & EventFlag.ENDS_SESSION:
                self.auction(order, shown.close, ts)
            elif (
                order.type == OrderType.TRAILING_STOP
                and order.trigger is not None
                and kind in (EventKind.BAR, EventKind.BID_BAR, EventKind.ASK_BAR)
                and (order.trigger - shown.close) * order.side <= 0
            ):
                self.walk(order, [order.trigger], ts, ts)
        elif not late and (part == "inside" or (part == "stops") == order.is_stop_now):
            prices = [shown.open] if order.only_now else [shown.open, shown.low, shown.high]
            price = self.walk(order, prices, start, ts)
            if price is not None:
                for led in list(self.orders):
                    now = led.group == order.id and led.waits and led.works_from == ts
                    now = now and led.state == OrderState.ACCEPTED and led.is_stop_now
                    seen = self.shown(row, led.side)
                    if now and seen and led in self.orders:
                        self.walk(led, [price, seen.low, seen.high], ts, ts)

    def walk(self, order: Order, prices: list[int], began: int, ended: int) -> int | None:
        """Show an order some prices, the first of which is where the market stands."""
        first = prices[0]
        filled_at = None
        if order.trigger is not None:
            up = (order.side == Side.BUY) == (order.type in STOPS)
            if up and max(prices) >= order.trigger:
                price = max(first, order.trigger)
            elif not up and min(prices) <= order.trigger:
                price = min(first, order.trigger)
            else:
                return None
            ts = began if price == first else ended
            if order.limit is None:
                filled_at = price if self.fill(order, price, ts) else None
            else:
                self.trigger(order, ts)
                if self.limit_price(order, [price]) is not None:
                    gets = self.limit_price(order, [price])
                    filled_at = gets if self.fill(order, gets, ts) else None
        elif order.limit is not None:
            price = self.limit_price(order, prices)
            if price is not None and self.fill(order, price, began if price == first else ended):
                filled_at = price
        elif order.is_market_now and self.fill(order, first, began):
            filled_at = first
        if order in self.orders and order.only_now:
            self.end(order, Trigger.CANCEL, Reason.UNFILLED)
        return filled_at

    def limit_price(self, order: Order, prices: list[int]) -> int | None:
        best = min(prices) if order.side == Side.BUY else max(prices)
        beyond = (order.limit - best) * order.side
        if beyond < 0 or (beyond == 0 and not self.rules.touch_fills):
            return None
        if OrderFlag.POST_ONLY in order.flags:
            return order.limit
        better = min if order.side == Side.BUY else max
        return better(order.limit, prices[0])

    def auction(self, order: Order, price: int, ts: int) -> None:
        self.fill(order, price, ts)
        if order in self.orders:
            self.end(order, Trigger.CANCEL, Reason.UNFILLED)

    def follow(self, row: list[int], which: str) -> None:
        for order in self.orders:
            shown = self.shown(row, order.side)
            trails = order.type == OrderType.TRAILING_STOP and order.trigger is not None
            if trails and shown and not order.is_waiting and order.works_from <= row[at.START]:
                best = shown.low if order.side == Side.BUY else shown.high
                nearer = self.trailing(order, shown.open if which == "open" else best)
                closest = min if order.side == Side.BUY else max
                order.trigger = closest(order.trigger, nearer)

    def trailing(self, order: Order, best: int) -> int:
        distance = order.trail
        if OrderFlag.TRAILS_BY_RATE in order.flags:
            distance = round(Fraction(best * order.trail, 10**12))
        return best + order.side * distance

    def mark(self, row: list[int]) -> None:
        kind = row[at.KIND]
        if kind == EventKind.BID_BAR:
            self.bid = row[at.CLOSE]
            return
        self.in_session = True
        if kind in (EventKind.BAR, EventKind.TRADE):
            self.last = row[at.CLOSE]
            return
        if kind == EventKind.QUOTE:
            self.bid, self.ask = row[at.QUOTE_BID], row[at.QUOTE_ASK]
        else:
            self.ask = row[at.CLOSE]
        if self.bid and self.ask:
            self.last = round(Fraction(self.bid + self.ask, 2))

    # What a fill does.

    def reducible(self, side: int, position: int) -> int:
        return max(0, -side * position) // self.lot * self.lot

    def wanted(self, order: Order) -> int:
        if not order.reduces:
            return order.leaves
        wanted = min(order.leaves, self.reducible(order.side, self.position))
        if self.held_inside is not None and not order.is_stop_now:
            wanted = min(wanted, self.reducible(order.side, self.held_inside))
        return wanted

    def fill(self, order: Order, price: int, ts: int) -> bool:
        wanted = self.wanted(order)
        quantity = min(wanted, self.left[order.side])
        if quantity < wanted and order.tif == TimeInForce.FOK:
            quantity = 0
        if quantity < order.leaves and order.trigger is not None:
            self.trigger(order, ts)
        if quantity == 0:
            return False
        self.left[order.side] -= quantity
        if self.is_shared:
            self.left[-order.side] -= quantity
        self.book(order, int(quantity), price, ts)
        return True

    def book(self, order: Order, quantity: int, price: int, ts: int) -> None:
        order.filled += quantity
        self.position += order.side * quantity
        is_whole = order.leaves == 0
        order.move(Trigger.FILL_REST if is_whole else Trigger.FILL_PART)
        self.tell("FILLED", order, order.side, quantity, price, ts, order.leaves)
        if is_whole:
            self.orders.remove(order)
        for other in list(self.orders):
            if other is order or other not in self.orders:
                continue
            if other.is_waiting and other.group == order.id:
                if is_whole or other.reduces:
                    self.release(other, price, ts)
            elif self.exclude_each_other(order, other):
                if other.leaves > quantity:
                    other.quantity -= quantity
                    self.amended(other, Reason.GROUP_FILLED)
                else:
                    self.end(other, Trigger.CANCEL, Reason.GROUP_FILLED)

    def exclude_each_other(self, a: Order, b: Order) -> bool:
        if self.is_led_by(a, b) or self.is_led_by(b, a):
            return True
        both = OrderFlag.ONE_CANCELS_OTHERS in a.flags and OrderFlag.ONE_CANCELS_OTHERS in b.flags
        return both and a.group == b.group

    def is_led_by(self, member: Order, leader: Order) -> bool:
        excludes = OrderFlag.ONE_CANCELS_OTHERS in member.flags and not member.waits
        return excludes and member.group == leader.id

    def release(self, order: Order, price: int, ts: int) -> None:
        order.move(Trigger.RELEASE)
        order.works_from = ts
        first = 0
        if order.type == OrderType.TRAILING_STOP:
            first = order.trigger = max(1, self.trailing(order, price))
        self.tell("RELEASED", order, first, ts)
        self.reject_taker(order, price)

    def reject_taker(self, order: Order, price: int) -> None:
        takes = price > 0 and (order.limit or 0) * order.side >= price * order.side
        if OrderFlag.POST_ONLY in order.flags and takes:
            self.end(order, Trigger.REJECT, Reason.WOULD_TAKE)

    def trigger(self, order: Order, ts: int) -> None:
        order.move(Trigger.TRIGGER)
        order.trigger, order.works_from = None, ts
        self.tell("TRIGGERED", order, order.limit or 0, ts)

    def shrink(self) -> None:
        for order in list(self.orders):
            if order not in self.orders:
                continue
            led = order.waits and any(o.id == order.group for o in self.orders)
            if not order.reduces or led:
                continue
            most = self.reducible(order.side, self.position)
            if most == 0:
                self.end(order, Trigger.CANCEL, Reason.NOTHING_TO_REDUCE)
            elif most < order.leaves:
                order.quantity = order.filled + most
                self.amended(order, Reason.NOTHING_TO_REDUCE)

    def amended(self, order: Order, reason: Reason) -> None:
        order.move(Trigger.AMEND)
        trigger = 0 if order.limit is None else order.trigger or 0
        self.tell("AMENDED", order, order.leaves, order.columns_price, trigger, reason)

    def end(self, order: Order, trigger: Trigger, reason: Reason) -> None:
        if order not in self.orders:
            return
        order.move(trigger)
        self.orders.remove(order)
        self.tell(order.state.name, order, reason, order.leaves)
        for led in list(self.orders):
            if led.is_waiting and led.group == order.id:
                self.end(led, Trigger.CANCEL, Reason.LEADER_ENDED)

    def tell(self, what: str, order: Order, *numbers: int) -> None:
        self.told.append((what, order.id, *numbers))

    # What the strategy asks.

    def requests(self, rows: list[list[int]]) -> None:
        first = self.next_id
        new = []
        for k, row in enumerate(rows):
            own = first + k
            if row[at.REQUEST_KIND] == at.SUBMIT:
                new.append(own)
                self.submit(own, row)
            elif row[at.REQUEST_KIND] == at.CANCEL:
                self.cancel(own - row[at.REQUEST_ORDER_ID])
            else:
                self.amend(own - row[at.REQUEST_ORDER_ID], row)
        if self.rules.fill_time == FillTime.SAME_CLOSE:
            self.fill_at_close(new)
        if rows:
            self.shrink()

    def fill_at_close(self, new: list[int]) -> None:
        for order in list(self.orders):
            is_new = order.id in new and order.type == OrderType.MARKET and not order.is_waiting
            if is_new and order in self.orders and self.wanted(order):
                self.book(order, self.wanted(order), self.known(order.side), self.now)

    def known(self, side: int) -> int:
        return (self.ask if side == Side.BUY else self.bid) or self.last

    def submit(self, order_id: int, row: list[int]) -> None:
        self.next_id = order_id + 1
        kind = OrderType(row[at.REQUEST_TYPE])
        price, trigger = row[at.REQUEST_PRICE], None
        flags = OrderFlag(row[at.REQUEST_FLAGS])
        if kind in UNPRICED:
            price = 0
        limit = price if kind in TWO_PRICES | {OrderType.LIMIT} else None
        if kind in TWO_PRICES:
            trigger = row[at.REQUEST_TRIGGER]
        elif kind in (OrderType.STOP, OrderType.MARKET_IF_TOUCHED):
            trigger = price
        order = Order(
            order_id, kind, row[at.REQUEST_SIDE], row[at.REQUEST_QUANTITY], limit, trigger,
            row[at.REQUEST_TRAIL], TimeInForce(row[at.REQUEST_TIME_IN_FORCE]),
            row[at.REQUEST_EXPIRES], flags,
            order_id - row[at.REQUEST_GROUP] if row[at.REQUEST_GROUP] else 0,
            self.now + self.rules.latency,
        )  # fmt: skip
        order.works_from = order.placed
        if kind == OrderType.TRAILING_STOP:
            order.trigger = self.trailing(order, self.known(order.side))
        most = self.reducible(order.side, self.position)
        if order.reduces and not order.waits and most:
            order.quantity = min(order.quantity, most)
        reason = self.why_not(order)
        if reason:
            order.move(Trigger.REFUSE)
            self.tell("REFUSED", order, reason)
            leader = next((o for o in self.orders if o.id == order.group), None)
            if order.waits and leader and not leader.filled:
                self.end(leader, Trigger.CANCEL, Reason.MEMBER_REFUSED)
            return
        order.move(Trigger.HOLD if order.waits else Trigger.ACCEPT)
        self.orders.append(order)
        self.tell("ACCEPTED", order, order.quantity, order.columns_price)
        if not order.waits:
            self.reject_taker(order, self.known(order.side))

    def why_not(self, order: Order) -> Reason:
        flags, tif = order.flags, order.tif
        grouped = bool(flags & (OrderFlag.WAITS | OrderFlag.ONE_CANCELS_OTHERS))
        rests = order.type == OrderType.LIMIT and tif not in ONCE
        if (
            OrderFlag.FORCED in flags
            or grouped != bool(order.group)
            or (OrderFlag.POST_ONLY in flags and not rests)
            or (OrderFlag.TRAILS_BY_RATE in flags and order.type != OrderType.TRAILING_STOP)
        ):
            return Reason.NOT_AN_ORDER
        if tif == TimeInForce.GTD and order.expires <= self.now:
            return Reason.TIME_OVER
        if order.type in TWO_PRICES:
            reason = self.why_not_price(order.trigger)
            if reason:
                return reason
        if order.type == OrderType.TRAILING_STOP:
            if not self.last:
                return Reason.NO_PRICE
            if order.trail <= 0:
                return Reason.NOT_POSITIVE
            if OrderFlag.TRAILS_BY_RATE not in flags and order.trail % self.tick:
                return Reason.OFF_TICK
        if order.group:
            members = [o for o in self.orders if order.group in (o.group, o.id)]
            leaders = [o for o in members if o.id == order.group and not o.group]
            if not leaders:
                return Reason.NO_LEADER
            if len(members) >= LARGEST_GROUP:
                return Reason.TOO_MANY_ORDERS
        return self.why_not_quantity(order) or self.why_not_reduce(order)

    def why_not_price(self, price: int) -> Reason:
        if price <= 0:
            return Reason.NOT_POSITIVE
        return Reason.OFF_TICK if price % self.tick else Reason.NONE

    def why_not_quantity(self, order: Order) -> Reason:
        price = order.columns_price
        if order.leaves <= 0 or (order.type not in UNPRICED and price <= 0):
            return Reason.NOT_POSITIVE
        if order.leaves % self.lot:
            return Reason.OFF_LOT
        free = order.type in UNPRICED or order.type == OrderType.TRAILING_STOP
        return Reason.OFF_TICK if not free and price % self.tick else Reason.NONE

    def why_not_reduce(self, order: Order) -> Reason:
        if order.reduces:
            nothing = not order.waits and not self.reducible(order.side, self.position)
            return Reason.NOTHING_TO_REDUCE if nothing else Reason.NONE
        return Reason.NONE if self.last else Reason.NO_PRICE

    def cancel(self, order_id: int) -> None:
        for order in list(self.orders):
            if order.id == order_id:
                self.end(order, Trigger.CANCEL, Reason.BY_REQUEST)
                return
        self.told.append(("CANCEL_REFUSED", order_id, Reason.UNKNOWN_ORDER))

    def amend(self, order_id: int, row: list[int]) -> None:
        order = next((o for o in self.orders if o.id == order_id), None)
        reason = Reason.UNKNOWN_ORDER
        if order is not None:
            reason = self.why_not_amend(order, row)
        if reason:
            self.told.append(("AMEND_REFUSED", order_id, reason))
            return
        order.quantity = order.filled + self.new_leaves(order, row)
        if row[at.REQUEST_PRICE]:
            order.limit = row[at.REQUEST_PRICE]
        if row[at.REQUEST_TRIGGER]:
            order.trigger = row[at.REQUEST_TRIGGER]
        order.works_from = self.now + self.rules.latency
        self.amended(order, Reason.BY_REQUEST)

    def new_leaves(self, order: Order, row: list[int]) -> int:
        leaves = order.leaves
        if row[at.REQUEST_QUANTITY]:
            leaves = row[at.REQUEST_QUANTITY] - order.filled
        led = order.waits and any(o.id == order.group for o in self.orders)
        if order.reduces and not led:
            leaves = min(leaves, self.reducible(order.side, self.position))
        return leaves

    def why_not_amend(self, order: Order, row: list[int]) -> Reason:
        limit, trigger = row[at.REQUEST_PRICE], row[at.REQUEST_TRIGGER]
        movable = order.trigger is not None and order.type != OrderType.TRAILING_STOP
        leaves = self.new_leaves(order, row)
        if (limit and order.limit is None) or (trigger and not movable) or leaves <= 0:
            return Reason.NOTHING_TO_CHANGE
        both = order.limit is not None
        if both and (trigger or order.trigger):
            reason = self.why_not_price(trigger or order.trigger)
            if reason:
                return reason
        new_price = (limit if both else trigger) or order.columns_price
        fixed = order.limit is None and order.trigger is None
        known = self.known(order.side)
        takes = known > 0 and (new_price - known) * order.side >= 0
        if OrderFlag.POST_ONLY in order.flags and takes:
            return Reason.WOULD_TAKE
        if not fixed and new_price <= 0:
            return Reason.NOT_POSITIVE
        if leaves % self.lot:
            return Reason.OFF_LOT
        on_tick = fixed or order.type == OrderType.TRAILING_STOP or new_price % self.tick == 0
        return Reason.NONE if on_tick else Reason.OFF_TICK
