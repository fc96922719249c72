"""Market data as the engine takes it: rows of the event layout, in one total order.

Events are ordered by (ts, kind, instrument, position in their source). A stream can be walked any
number of times; it reads and converts a chunk at a time, so data larger than memory works.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from barque.data.catalog import Catalog
from barque.data.events.aggregation import BarRule, told_between
from barque.data.events.panel import joined
from barque.data.events.parts import expiry
from barque.data.events.sources import ArraySource, ParquetSource, Part, Source, Told
from barque.data.events.timers import SessionEnds, Timer, TimerSource
from barque.data.files import combined_hash
from barque.data.kinds import ACTIONS, KINDS, MARKET, TICK
from barque.data.parquet import ALWAYS
from barque.data.sessions import IntArray
from barque.domain.errors import BadInput
from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import Instrument
from barque.kernels.event_rows import MERGE_NOW, MERGE_WIDTH, NEVER, merge_rows
from barque.kernels.layout import EVENT_WIDTH, FLAGS

CHUNK = 65_536
"""About as many rows as one chunk of a stream has: 5 MB, enough for the system's large pages."""

SMALLEST_BLOCK = 1_028
"""Rows of one source that are held while many are merged. Not a power of two: the same row of each
source would lie in the same few lines of the processor's cache."""

ENDS_SLICE = int(EventFlag.ENDS_SLICE)
ENDS_SESSION = int(EventFlag.ENDS_SESSION)


class EventStream:
    """The events of some instruments in their total order.

    Iterating yields C-contiguous int64 arrays (n, EVENT_WIDTH) of about 65,536 rows, cut only
    between timestamps. **A chunk is valid until the next one is asked for**: all are views of one
    buffer. `start` and `end` are the first and the last ts. `built` are bars that are built from
    the events while they are told.
    """

    def __init__(
        self,
        instruments: Sequence[Instrument],
        sources: Sequence[Source],
        built: Sequence[BarRule] = (),
    ) -> None:
        self.instruments = tuple(instruments)
        self.start = min(source.start for source in sources)
        self.end = max(source.end for source in sources)
        self._sources = sorted(sources, key=lambda source: source.order)
        self._built = tuple(built)

    def __iter__(self) -> Iterator[IntArray]:
        chunks = self._told()
        return told_between(chunks, self.instruments, self._built) if self._built else chunks

    @cached_property
    def rows(self) -> int:
        """How many events there are. With built bars, counting them takes a walk."""
        if self._built:
            return sum(map(len, self))
        return sum(source.rows for source in self._sources)

    @cached_property
    def content_hash(self) -> str:
        """A hash of every number and of what the numbers mean; computed when first asked for."""
        rows = sum(source.rows for source in self._sources)
        text = "\n".join((f"{rows} {self.start} {self.end}", *map(_meaning, self.instruments)))
        text += "".join(f"\n{rule}" for rule in self._built)
        parts = [hashlib.sha256(text.encode()).hexdigest()]
        return combined_hash(parts + [source.content_hash() for source in self._sources])

    def array(self) -> IntArray:
        """Return all events as one array (rows, EVENT_WIDTH) of its own, 80 bytes an event."""
        return np.concatenate([chunk.copy() for chunk in self])

    def _told(self) -> Iterator[IntArray]:
        told = joined(self._sources)
        if len(told) == 1 and told[0].rows_each:
            return _walk_alone(told[0])
        return _merge(told)


def events_of(
    instruments: Sequence[Instrument],
    parts: Sequence[Part],
    *,
    timers: Sequence[Timer] = (),
    built: Sequence[BarRule] = (),
) -> EventStream:
    """Return the events of market data in memory; `events.parts` has a constructor for each kind.

    An instrument with ticks and without bars gets a session end at each close of its calendar.
    """
    _check_once(instruments)
    number = {instrument.id: index for index, instrument in enumerate(instruments)}
    _check_parts(number, parts)
    told: list[Source] = [
        ArraySource(part, instruments[number[part.instrument]], number[part.instrument])
        for part in parts
    ]
    return _stream(instruments, told, timers, built)


def bar_events(
    instruments: Sequence[Instrument], frames: Mapping[str, Mapping[str, NDArray[Any]]]
) -> EventStream:
    """Return the events of bars in memory.

    `frames` maps an instrument's id to arrays of one length: ts (the close; int64 nanoseconds UTC
    or datetime64), open, high, low, close, volume and, if known, start. Float arrays hold prices
    and volumes as people write them, integer arrays hold units. Without start, a bar begins where
    the one before it closed, and the first is as long as the second (a lone bar: one minute).
    """
    _check_once(instruments)
    return events_of(instruments, [Part(one.id, "bar", _frame(one, frames)) for one in instruments])


def catalog_events(
    catalog: Catalog,
    instrument_ids: Sequence[str],
    period: str,
    start: int | None = None,
    end: int | None = None,
    *,
    kinds: Sequence[str] = ("bar",),
    timers: Sequence[Timer] = (),
    built: Sequence[BarRule] = (),
) -> EventStream:
    """Return market data of some instruments, with all that happened to them beside trading.

    `kinds` are the market data to be told, of MARKET; `period` is that of the bars, and says
    nothing of ticks. Only events with start <= ts < end, in nanoseconds UTC. Reads a few row
    groups at a time.
    """
    instruments = [catalog.instrument(one) for one in instrument_ids]
    _check_once(instruments)
    _check_market(kinds)
    span = (ALWAYS[0] if start is None else start, ALWAYS[1] if end is None else end)
    told: list[Source] = []
    for index, instrument in enumerate(instruments):
        for kind in kinds:
            told.append(_market_source(catalog, instrument, index, kind, span, period))
        for kind in ACTIONS:
            told.append(ParquetSource(catalog, instrument, index, kind, span))
    return _stream(instruments, told, timers, built)


def _market_source(
    catalog: Catalog,
    instrument: Instrument,
    index: int,
    kind: str,
    span: tuple[int, int],
    period: str,
) -> Source:
    if kind == "bar":
        catalog.bar_files(instrument, period)
    period = period if KINDS[kind].has_bars else TICK
    source = ParquetSource(catalog, instrument, index, kind, span, period)
    if not source.rows:
        what = f"{period} {kind}s" if KINDS[kind].has_bars else f"{kind}s"
        raise BadInput(
            f"{instrument.id} has no {what.replace('_', ' ')} in the time asked for. "
            "`barque data list` shows what there is."
        )
    return source


def _stream(
    instruments: Sequence[Instrument],
    told: Sequence[Source],
    timers: Sequence[Timer],
    built: Sequence[BarRule],
) -> EventStream:
    """Return the stream of some sources, with the ends of sessions and the timers it needs."""
    told = [source for source in told if source.rows]
    first, last = min(one.start for one in told), max(one.end for one in told)
    told += _ends(instruments, told, first, last)
    woken = [TimerSource(_checked(timer), first, last) for timer in timers]
    ends = [
        TimerSource(SessionEnds(instruments[i].calendar), first, last, index=i, flags=ENDS_SESSION)
        for i in _without_bars(told)
    ]
    return EventStream(instruments, [*told, *(one for one in ends + woken if one.rows)], built)


def _ends(
    instruments: Sequence[Instrument], told: Sequence[Source], first: int, last: int
) -> list[Source]:
    """Return the ends of instruments that expire meanwhile, unless the data tell of them."""
    event = int(EventKind.EXPIRY)
    known = {index for kind, index in _orders(told) if kind == event}
    return [
        ArraySource(expiry(one, ts=np.array([one.expiry], np.int64)), one, index)
        for index, one in enumerate(instruments)
        if one.expiry is not None and first <= one.expiry <= last and index not in known
    ]


def _without_bars(told: Sequence[Source]) -> list[int]:
    """Return the instruments that have ticks but no bars, which would end their sessions."""
    having = {
        kind: {i for event, i in _orders(told) if event == KINDS[kind].event} for kind in MARKET
    }
    return sorted((having["trade"] | having["quote"]) - having["bar"] - having["quote_bar"])


def _orders(told: Sequence[Source]) -> list[tuple[int, int]]:
    return [source.order for source in told]


def _walk_alone(source: Told) -> Iterator[IntArray]:
    block = np.empty((_room(source, CHUNK), EVENT_WIDTH), np.int64)
    for count in source.walk(block, ENDS_SLICE):
        yield block[:count]


def _room(source: Told, rows: int) -> int:
    """Return how many rows of a source are held: at least so many and whole timestamps, or all."""
    each = max(1, source.rows_each)
    return min(source.rows, -(-rows // each) * each)


def _merge(sources: Sequence[Told]) -> Iterator[IntArray]:
    size = max(SMALLEST_BLOCK, CHUNK // len(sources))
    last = np.cumsum([_room(source, size) for source in sources])
    held = np.empty((last[-1], EVENT_WIDTH), np.int64)
    blocks = np.split(held, last[:-1])
    walks = [source.walk(block, 0) for source, block in zip(sources, blocks, strict=True)]
    first = np.array([0, *last[:-1]])
    heads, ends = first.copy(), first.copy()
    ended = np.zeros(len(sources), np.bool_)
    has_ties = np.array([source.rows_each != 1 for source in sources])
    out = np.empty(
        (CHUNK + sum(max(1, source.rows_each) for source in sources), EVENT_WIDTH), np.int64
    )
    merge = np.zeros(MERGE_WIDTH, np.int64)
    merge[MERGE_NOW] = NEVER
    filled = 0
    while True:
        for empty in np.flatnonzero((heads == ends) & ~ended):
            heads[empty] = first[empty]
            ends[empty] = first[empty] + next(walks[empty], 0)
            ended[empty] = heads[empty] == ends[empty]
        if ended.all():
            break
        filled = merge_rows(held, heads, ends, ended, has_ties, merge, out, filled, CHUNK)
        if merge[MERGE_NOW] == NEVER and filled >= CHUNK:
            yield out[:filled]
            filled = 0
        elif filled == len(out):  # one ts has more events than there is room for
            out = np.concatenate([out, np.empty_like(out)])
    if filled:
        out[filled - 1, FLAGS] |= ENDS_SLICE
        yield out[:filled]


def _frame(
    instrument: Instrument, frames: Mapping[str, Mapping[str, NDArray[Any]]]
) -> Mapping[str, NDArray[Any]]:
    if instrument.id not in frames:
        raise BadInput(f"There are no bars for {instrument.id}; there are for {sorted(frames)}.")
    return frames[instrument.id]


def _check_once(instruments: Sequence[Instrument]) -> None:
    ids = [instrument.id for instrument in instruments]
    if not ids or len(set(ids)) < len(ids):
        raise BadInput(f"The instruments are {ids}; at least one is required, and each only once.")


def _check_parts(number: Mapping[str, int], parts: Sequence[Part]) -> None:
    found = Counter((part.instrument, part.kind) for part in parts)
    if not found:
        raise BadInput("There are no events; at least one part of market data is required.")
    for (instrument, kind), times in found.items():
        if instrument not in number:
            raise BadInput(f"There are {kind} events of {instrument}, which is not in this run.")
        if times > 1:
            raise BadInput(f"The {kind} events of {instrument} are given twice; join them first.")


def _check_market(kinds: Sequence[str]) -> None:
    unknown = [kind for kind in kinds if kind not in MARKET]
    if unknown or not kinds or len(set(kinds)) < len(kinds):
        raise BadInput(
            f"The market data asked for is {list(kinds)}; choose among {', '.join(MARKET)}, each "
            "once."
        )


def _checked(timer: Timer) -> Timer:
    if timer.id < 0:
        raise BadInput(f"A timer has the id {timer.id}; ids are at least 0.")
    return timer


def _meaning(instrument: Instrument) -> str:
    digits = (instrument.price_digits, instrument.quantity_digits, instrument.multiplier_digits)
    return f"{instrument.id} {instrument.currency} {instrument.multiplier} {digits}"
