"""Market data as the engine takes it: rows of the event layout, in one total order.

Events are ordered by (ts, kind, instrument, position in their source). A stream can be walked any
number of times; it reads and converts a chunk at a time, so data larger than memory works.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from barque.data.catalog import Catalog
from barque.data.files import combined_hash
from barque.data.parquet import ALWAYS
from barque.data.sessions import IntArray
from barque.data.sources import ACTIONS, ArrayBars, ParquetActions, ParquetBars, Source
from barque.domain.errors import BadInput
from barque.domain.events import EventFlag
from barque.domain.instruments import Instrument
from barque.kernels.event_rows import merge_rows
from barque.kernels.layout import EVENT_WIDTH

CHUNK = 65_536
"""About as many rows as one chunk of a stream has."""

SMALLEST_BLOCK = 1_024

ENDS_SLICE = int(EventFlag.ENDS_SLICE)


class EventStream:
    """The events of some instruments in their total order.

    Iterating yields C-contiguous int64 arrays (n, EVENT_WIDTH) of about 65,536 rows, cut only
    between timestamps. **A chunk is valid until the next one is asked for**: all are views of one
    buffer. `rows` is the number of events, `start` and `end` are the first and the last ts.
    """

    def __init__(self, instruments: Sequence[Instrument], sources: Sequence[Source]) -> None:
        self.instruments = tuple(instruments)
        self.rows = sum(source.rows for source in sources)
        self.start = min(source.start for source in sources)
        self.end = max(source.end for source in sources)
        self._sources = tuple(sources)

    def __iter__(self) -> Iterator[IntArray]:
        if len(self._sources) == 1:
            return _walk_alone(self._sources[0])
        return _merge(self._sources)

    @cached_property
    def content_hash(self) -> str:
        """A hash of every number and of what the numbers mean; computed when first asked for."""
        text = "\n".join((f"{self.rows} {self.start} {self.end}", *map(_meaning, self.instruments)))
        parts = [hashlib.sha256(text.encode()).hexdigest()]
        return combined_hash(parts + [source.content_hash() for source in self._sources])

    def array(self) -> IntArray:
        """Return all events as one array (rows, EVENT_WIDTH) of its own, 80 bytes an event."""
        return np.concatenate([chunk.copy() for chunk in self])


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
    return EventStream(
        instruments,
        [
            ArrayBars(instrument, index, _frame(instrument, frames))
            for index, instrument in enumerate(instruments)
        ],
    )


def catalog_events(
    catalog: Catalog,
    instrument_ids: Sequence[str],
    period: str,
    start: int | None = None,
    end: int | None = None,
) -> EventStream:
    """Return the bars of `period` of some instruments, with their splits and dividends.

    Only events with start <= ts < end, in nanoseconds UTC. Reads a few row groups at a time.
    """
    instruments = [catalog.instrument(one) for one in instrument_ids]
    _check_once(instruments)
    span = (ALWAYS[0] if start is None else start, ALWAYS[1] if end is None else end)
    sources: list[Source] = [
        source
        for kind in ACTIONS
        for index, instrument in enumerate(instruments)
        if (source := ParquetActions(catalog, instrument, index, kind, span)).rows
    ]
    for index, instrument in enumerate(instruments):
        bars = ParquetBars(catalog, instrument, index, period, span)
        if not bars.rows:
            raise BadInput(
                f"{instrument.id} has no {period} bars in the time asked for. "
                "`barque data list` shows what there is."
            )
        sources.append(bars)
    return EventStream(instruments, sources)


def _walk_alone(source: Source) -> Iterator[IntArray]:
    block = np.empty((min(CHUNK, source.rows), EVENT_WIDTH), np.int64)
    for count in source.walk(block, ENDS_SLICE):
        yield block[:count]


def _merge(sources: Sequence[Source]) -> Iterator[IntArray]:
    size = max(SMALLEST_BLOCK, CHUNK // len(sources))
    blocks = np.empty((len(sources), size, EVENT_WIDTH), np.int64)
    heads, sizes = np.zeros((2, len(sources)), np.int64)
    ended = np.zeros(len(sources), np.bool_)
    walks = [source.walk(block, 0) for source, block in zip(sources, blocks, strict=True)]
    out = np.empty((CHUNK + len(sources), EVENT_WIDTH), np.int64)
    filled = 0
    while not ended.all():
        for empty in np.flatnonzero((heads == sizes) & ~ended):
            heads[empty], sizes[empty] = 0, next(walks[empty], 0)
            ended[empty] = sizes[empty] == 0
        filled += merge_rows(blocks, heads, sizes, ended, out[filled:])
        if filled >= CHUNK:
            yield out[:filled]
            filled = 0
    if filled:
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


def _meaning(instrument: Instrument) -> str:
    digits = (instrument.price_digits, instrument.quantity_digits, instrument.multiplier_digits)
    return f"{instrument.id} {instrument.currency} {instrument.multiplier} {digits}"
