"""What a strategy in plain Python is told: for each event the hook to call, and what with.

A whole chunk is turned into Python values at once, kind by kind, which is many times faster than
reading it number by number. Each value is the one that `engine.dispatch` gives a compiled hook.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from barque.domain.events import Bar, EventFlag, EventKind, Quote, Trade
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.kernels.money import RATE
from barque.strategies.strategy import Strategy

ENDS_SLICE = int(EventFlag.ENDS_SLICE)
MARKET = (EventKind.TRADE, EventKind.BUILT_BAR)
"""The first and the last kind of what a market shows."""

Hook = Callable[[Any], None]


class Telling:
    """Turns chunks of events into calls of one strategy's hooks."""

    def __init__(self, strategy: Strategy, instruments: IntArray) -> None:
        self._strategy, self._rules = strategy, instruments
        self._has_slice = hasattr(strategy, "on_slice")
        self._hooks = {kind: self._hook(kind) for kind in EventKind}
        self._makers: dict[EventKind, Callable[[IntArray], Iterable[Any]]] = {
            EventKind.BAR: self._bars,
            EventKind.BUILT_BAR: self._built_bars,
            EventKind.TRADE: self._trades,
            EventKind.QUOTE: self._quotes,
            EventKind.SPLIT: _columns(at.INSTRUMENT, at.SPLIT_NEW, at.SPLIT_OLD),
            EventKind.DIVIDEND: self._dividends,
            EventKind.FUNDING: self._funding,
            EventKind.EXPIRY: _columns(at.INSTRUMENT),
            EventKind.DELISTING: _columns(at.INSTRUMENT),
            EventKind.TIMER: _columns(at.TIMER_ID, at.TS),
        }

    def of(self, events: IntArray) -> Iterator[tuple[Hook, Any, bool, int | None]]:
        """Yield what to do at each event: (hook, what it is told, must catch up, ts of the slice).

        Where the account must catch up, it does so before the hook; the ts is None where no slice
        ends that the strategy wants to hear of.
        """
        kinds, which = np.unique(events[:, at.KIND], return_inverse=True)
        hooks = [self._hooks[kind] for kind in map(EventKind, kinds.tolist())]
        told = [self._values(EventKind(kind), events) for kind in kinds.tolist()]
        stops = [not MARKET[0] <= kind <= MARKET[1] for kind in kinds.tolist()]
        slices = self._slices(events)
        if len(kinds) == 1:
            each = len(events)
            return zip(repeat(hooks[0], each), told[0], repeat(stops[0], each), slices, strict=True)
        # The values of a kind come in the order of its events: `next` is the right one.
        values = map(next, _by_row(told, which))
        return zip(_by_row(hooks, which), values, _by_row(stops, which), slices, strict=True)

    def _values(self, kind: EventKind, events: IntArray) -> Iterator[Any]:
        """Yield what the events of one kind tell, one after another, as they are asked for."""
        which = events[:, at.KIND] == kind
        mine = events if which.all() else events[which]
        if self._hooks[kind] is _ignore:
            return repeat(None, len(mine))
        if kind == EventKind.ASK_BAR:  # its other side stands before it
            bids = events[np.flatnonzero(which) - 1]
            return zip(self._bars(bids), self._bars(mine), strict=True)
        return iter(self._makers[kind](mine))

    def _hook(self, kind: EventKind) -> Hook:
        """Return what to call with the value of an event of this kind."""
        own = partial(getattr, self._strategy)
        match kind:
            case EventKind.BAR:
                return own("on_bar", _ignore)
            case EventKind.BUILT_BAR if hasattr(self._strategy, "on_built_bar"):
                return _spread(own("on_built_bar"))
            case EventKind.BUILT_BAR:
                on_bar = own("on_bar", _ignore)
                return on_bar if on_bar is _ignore else lambda told: on_bar(told[0])
            case EventKind.TRADE:
                return own("on_trade", _ignore)
            case EventKind.QUOTE:
                return own("on_quote", _ignore)
            case EventKind.TIMER:
                return _timer(own("on_timer", _ignore))
        several = {
            EventKind.ASK_BAR: "on_quote_bar",
            EventKind.SPLIT: "on_split",
            EventKind.DIVIDEND: "on_dividend",
            EventKind.FUNDING: "on_funding",
            EventKind.EXPIRY: "on_end",
            EventKind.DELISTING: "on_end",
        }
        return _spread(own(several.get(kind, ""), _ignore))

    def _slices(self, events: IntArray) -> Iterable[int | None]:
        if not self._has_slice:
            return repeat(None, len(events))
        ends = ((events[:, at.FLAGS] & ENDS_SLICE) != 0).tolist()
        return [
            ts if end else None for ts, end in zip(events[:, at.TS].tolist(), ends, strict=True)
        ]

    def _bars(self, events: IntArray) -> Iterable[Bar]:
        which, price_scale, quantity_scale = self._scales(events)
        columns: list[NDArray[Any]] = [events[:, at.TS], events[:, at.START], which]
        columns += [events[:, k] / price_scale for k in (at.OPEN, at.HIGH, at.LOW, at.CLOSE)]
        columns += [events[:, at.VOLUME] / quantity_scale, events[:, at.CLOSE]]
        return _tuples(Bar, columns)

    def _built_bars(self, events: IntArray) -> Iterable[tuple[Bar, int]]:
        numbers = (events[:, at.FLAGS] >> at.BUILDER_SHIFT).tolist()
        return zip(self._bars(events), numbers, strict=True)

    def _trades(self, events: IntArray) -> Iterable[Trade]:
        which, price_scale, quantity_scale = self._scales(events)
        flags = events[:, at.FLAGS]
        side = ((flags & EventFlag.BUYER_TOOK) != 0).astype(np.int64)
        side -= (flags & EventFlag.SELLER_TOOK) != 0
        price, size = events[:, at.CLOSE], events[:, at.VOLUME]
        columns = [events[:, at.TS], which, price / price_scale, size / quantity_scale, side, price]
        return _tuples(Trade, columns)

    def _quotes(self, events: IntArray) -> Iterable[Quote]:
        which, price_scale, quantity_scale = self._scales(events)
        columns: list[NDArray[Any]] = [events[:, at.TS], which]
        columns += [events[:, k] / price_scale for k in (at.QUOTE_BID, at.QUOTE_ASK)]
        columns += [events[:, k] / quantity_scale for k in (at.QUOTE_BID_SIZE, at.QUOTE_ASK_SIZE)]
        return _tuples(Quote, columns)

    def _dividends(self, events: IntArray) -> Iterable[tuple[int, float]]:
        which = events[:, at.INSTRUMENT].tolist()
        scales = [self._strategy._cash_scale_of(i) for i in which]
        amounts = events[:, at.DIVIDEND_AMOUNT] / np.array(scales)
        return zip(which, amounts.tolist(), strict=True)

    def _funding(self, events: IntArray) -> Iterable[tuple[int, float]]:
        rates = events[:, at.FUNDING_RATE] / RATE
        return zip(events[:, at.INSTRUMENT].tolist(), rates.tolist(), strict=True)

    def _scales(self, events: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        which = events[:, at.INSTRUMENT]
        return which, self._rules[which, at.PRICE_SCALE], self._rules[which, at.QUANTITY_SCALE]


def _tuples(of: type[Any], columns: Sequence[Any]) -> Iterable[Any]:
    return map(partial(tuple.__new__, of), zip(*(c.tolist() for c in columns), strict=True))


def _by_row(values: Sequence[Any], which: IntArray) -> list[Any]:
    """Return the value of each row, of which `which` is the number."""
    chosen = np.empty(len(values), object)
    chosen[:] = values
    rows: list[Any] = chosen[which].tolist()
    return rows


def _columns(*places: int) -> Callable[[IntArray], Iterable[Any]]:
    return lambda events: zip(*(events[:, place].tolist() for place in places), strict=True)


def _spread(hook: Callable[..., None]) -> Hook:
    """Return `hook` for one value that holds all its arguments."""
    return hook if hook is _ignore else lambda told: hook(*told)


def _timer(hook: Callable[..., None]) -> Hook:
    """Return `hook` for (id, ts); what a run wakes itself for is not told."""
    return hook if hook is _ignore else lambda told: hook(*told) if told[0] >= 0 else None


def _ignore(told: Any) -> None:
    """A hook that a strategy does not have."""
