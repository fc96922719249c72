"""What a strategy in plain Python is told: for each event the hook to call, and what with.

A whole chunk is turned into Python values at once, kind by kind, which is many times faster than
reading it number by number. Each value is the one that `engine.dispatch` gives a compiled hook.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
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
        kinds = events[:, at.KIND]
        stops = (kinds < MARKET[0]) | (kinds > MARKET[1])
        hooks, told = self._calls(events, kinds)
        return zip(hooks, told, stops.tolist(), self._slices(events), strict=True)

    def _calls(self, events: IntArray, kinds: IntArray) -> tuple[Sequence[Hook], Sequence[Any]]:
        """Return hooks and values; those of the same kind are made together."""
        hooks: list[Hook] = [_ignore] * len(events)
        told: list[Any] = [None] * len(events)
        for kind in map(EventKind, np.unique(kinds).tolist()):
            if self._hooks[kind] is _ignore:
                continue
            which = kinds == kind
            if which.all():
                return [self._hooks[kind]] * len(events), list(self._values(kind, events, which))
            places = np.flatnonzero(which).tolist()
            for t, value in zip(places, self._values(kind, events, which), strict=True):
                hooks[t], told[t] = self._hooks[kind], value
        return hooks, told

    def _values(self, kind: EventKind, events: IntArray, which: Any) -> Iterable[Any]:
        if kind == EventKind.ASK_BAR:  # its other side stands before it
            bids, asks = events[np.flatnonzero(which) - 1], events[which]
            return zip(self._bars(bids), self._bars(asks), strict=True)
        return self._makers[kind](events if which.all() else events[which])

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

    def _slices(self, events: IntArray) -> list[int | None]:
        if not self._has_slice:
            return [None] * len(events)
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
        amounts = events[:, at.DIVIDEND_AMOUNT] / self._strategy._cash_scale
        return zip(events[:, at.INSTRUMENT].tolist(), amounts.tolist(), strict=True)

    def _funding(self, events: IntArray) -> Iterable[tuple[int, float]]:
        rates = events[:, at.FUNDING_RATE] / RATE
        return zip(events[:, at.INSTRUMENT].tolist(), rates.tolist(), strict=True)

    def _scales(self, events: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        which = events[:, at.INSTRUMENT]
        return which, self._rules[which, at.PRICE_SCALE], self._rules[which, at.QUANTITY_SCALE]


def _tuples(of: type[Any], columns: Sequence[Any]) -> Iterable[Any]:
    return map(partial(tuple.__new__, of), zip(*(c.tolist() for c in columns), strict=True))


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
