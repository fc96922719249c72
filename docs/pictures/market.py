"""Small markets: a few bars, quotes or trades an hour apart, in dollars."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import Instrument, InstrumentKind
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray

HOUR = 3_600 * 10**9
MINUTE = HOUR // 60
FIRST = 20_458 * 24 * HOUR + 10 * HOUR
"""Monday, 5 January 2026, 10:00 UTC."""

ACME = Instrument(
    id="ACME.SIM", kind=InstrumentKind.EQUITY, currency="USD", price_digits=8, quantity_digits=0,
    tick=Decimal("0.01"), lot=Decimal(1),
)  # fmt: skip
DOLLAR = 10**8
"""Price units of a dollar."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Open, high, low and close of an hour."""

    open: float
    high: float
    low: float
    close: float
    volume: int = 1_000
    ends_session: bool = False
    instrument: int = 0


CALM = Bar(100, 101, 99, 100.5)


@dataclass(frozen=True, slots=True)
class QuoteBar:
    """An hour of quotes: the bar of the bid and the bar of the ask."""

    bid: Bar
    ask: Bar


@dataclass(frozen=True, slots=True)
class Quote:
    """The best bid and ask, with sizes."""

    bid: float
    ask: float
    bid_size: int
    ask_size: int


@dataclass(frozen=True, slots=True)
class Night:
    """Hours in which nothing trades."""

    hours: int = 14


@dataclass(frozen=True, slots=True)
class Together:
    """What several instruments show in one hour."""

    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that is no price, at the beginning of the next hour: its columns by number."""

    kind: EventKind
    columns: tuple[tuple[int, int], ...]


Part = Bar | QuoteBar | Quote | Night | Together | Happening


def slices(parts: Sequence[Part]) -> list[IntArray]:
    """Return the events of a market, one array (n, EVENT_WIDTH) for each moment."""
    found, now = [], FIRST
    for part in parts:
        if isinstance(part, Night):
            now += part.hours * HOUR
            continue
        rows = np.array(_rows(part, now), np.int64)
        rows[-1, at.FLAGS] |= int(EventFlag.ENDS_SLICE)
        found.append(rows)
        now += 0 if isinstance(part, Happening) else HOUR
    return found


def _rows(part: Part, now: int) -> list[list[int]]:
    match part:
        case Bar():
            return [_bar(part, EventKind.BAR, now)]
        case Together():
            return [_bar(bar, EventKind.BAR, now) for bar in part.bars]
        case QuoteBar():
            sides = ((part.bid, EventKind.BID_BAR), (part.ask, EventKind.ASK_BAR))
            return [_bar(bar, kind, now) for bar, kind in sides]
        case Quote():
            row = _row(EventKind.QUOTE, now, now)
            row[at.QUOTE_BID], row[at.QUOTE_ASK] = units(part.bid), units(part.ask)
            row[at.QUOTE_BID_SIZE], row[at.QUOTE_ASK_SIZE] = part.bid_size, part.ask_size
            return [row]
        case Happening():
            row = _row(part.kind, now + 1, now + 1)  # after the slice that ended just now
            for column, value in part.columns:
                row[column] = value
            return [row]
    raise AssertionError(f"{part} is no part of a market")


def _row(kind: EventKind, start: int, ts: int) -> list[int]:
    row = [0] * at.EVENT_WIDTH
    row[at.KIND], row[at.START], row[at.TS] = kind, start, ts
    return row


def _bar(bar: Bar, kind: EventKind, now: int) -> list[int]:
    row = _row(kind, now + 2, now + HOUR)  # what happens between two bars comes before the open
    row[at.OPEN], row[at.HIGH] = units(bar.open), units(bar.high)
    row[at.LOW], row[at.CLOSE] = units(bar.low), units(bar.close)
    row[at.VOLUME], row[at.INSTRUMENT] = bar.volume, bar.instrument
    row[at.FLAGS] = int(EventFlag.ENDS_SESSION) if bar.ends_session else 0
    return row


def units(price: float) -> int:
    """Return a price in dollars as price units."""
    return round(price * DOLLAR)
