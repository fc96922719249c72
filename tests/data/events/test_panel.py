"""Bars that share their times are told as one: the same events, whichever way they take."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from barque.data.doors.bars import nanoseconds as as_nanoseconds
from barque.data.events import parts
from barque.data.events import stream as stream_module
from barque.data.events.panel import PanelSource, joined
from barque.data.events.sources import Part
from barque.data.events.stream import EventStream, bar_events, events_of
from barque.data.events.timers import Every
from barque.data.sessions import DAY, session_closes
from barque.domain.errors import BadInput, CorruptData
from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import Instrument
from barque.kernels import layout as at
from barque.kernels.event_rows import to_units
from tests.data.builders import MINUTE, coin, minute_bars, nanoseconds

Bars = dict[str, NDArray[Any]]
BAR_COLUMNS = ("open", "high", "low", "close", "volume")
CALENDARS = ("24/7", "XNYS", "24/5")
HALF_DAY = nanoseconds("2013-07-03T13:31")


def coins(count: int) -> list[Instrument]:
    return [coin(f"C{k}", calendar=CALENDARS[k % 3], price_digits=8 - k % 2) for k in range(count)]


def told_apart(stream: EventStream) -> NDArray[np.int64]:
    """The same stream by the ordinary way: each instrument's bars by themselves, then merged."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stream_module, "joined", list)
        return stream.array()


def ways(stream: EventStream) -> list[str]:
    return [type(told).__name__ for told in joined(stream._sources)]


def way_of_bars(instruments: list[Instrument], frames: dict[str, Bars]) -> str:
    """Return what tells them: one instrument's bars are read where they are, or told in blocks."""
    ready = [np.dtype(np.int64), np.dtype(np.float64), np.dtype("M8[ns]")]
    columns = [column for bars in frames.values() for column in bars.values()]
    is_ready = all(one.dtype in ready and one.flags.c_contiguous for one in columns)
    return "PanelSource" if len(instruments) > 1 or is_ready else "ArraySource"


@contextmanager
def chunks_of(size: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stream_module, "CHUNK", size)
        patched.setattr(stream_module, "SMALLEST_BLOCK", min(size, stream_module.SMALLEST_BLOCK))
        yield


def shaped(bars: Bars, shape: str) -> Bars:
    """The same numbers as arrays of another kind."""
    numbers = {name: bars[name] for name in BAR_COLUMNS}
    match shape:
        case "units":
            numbers = {name: np.rint(one * 1e4).astype(np.int64) for name, one in numbers.items()}
        case "short units":
            numbers = {name: np.rint(one * 1e4).astype(np.int32) for name, one in numbers.items()}
        case "mixed units":
            numbers = {name: np.rint(one * 1e4).astype(np.int64) for name, one in numbers.items()}
            numbers["high"] = numbers["high"].astype(np.int32)
        case "strided":
            matrix = np.stack([*numbers.values(), bars["close"]], axis=1)
            numbers = {name: matrix[:, k] for k, name in enumerate(numbers)}
        case "backwards":
            numbers = {name: one[::-1].copy()[::-1] for name, one in numbers.items()}
        case "foreign":
            numbers = {name: one.astype(">f8") for name, one in numbers.items()}
        case "narrow":
            numbers = {name: one.astype(np.float32) for name, one in numbers.items()}
        case "unaligned":
            packed = np.zeros(len(bars["ts"]), [("odd", "u1"), *((name, "f8") for name in numbers)])
            for name, one in numbers.items():
                packed[name] = one
            numbers = {name: packed[name] for name in numbers}
    return bars | numbers


SHAPES = (
    "written",
    "units",
    "short units",
    "mixed units",
    "strided",
    "backwards",
    "foreign",
    "narrow",
    "unaligned",
)
TIMES = ("the same", "equal", "datetimes", "seconds")
STARTS = ("none", "given", "datetimes", "strided")


def timed(bars: Bars, ts: NDArray[np.int64], times: str, start: str, length: int) -> Bars:
    begins = ts - length
    dated = {"the same": ts, "equal": ts.copy(), "datetimes": ts.view("M8[ns]")}
    dated["seconds"] = ts.view("M8[ns]").astype("M8[s]")
    begun = {"given": begins, "datetimes": begins.view("M8[ns]")}
    begun["strided"] = np.stack([begins, begins], axis=1)[:, 0]
    return bars | {"ts": dated[times]} | ({} if start == "none" else {"start": begun[start]})


@st.composite
def panels(draw: st.DrawFn) -> tuple[list[Instrument], dict[str, Bars]]:
    instruments = coins(draw(st.integers(1, 5)))
    count = draw(st.sampled_from([1, 2, 30, 255, 256, 257, 700]))
    step = draw(st.sampled_from([MINUTE, 7 * MINUTE, DAY]))
    ts = HALF_DAY // MINUTE * MINUTE + step * np.arange(1, count + 1, dtype=np.int64)
    frames = {}
    for k, instrument in enumerate(instruments):
        bars = minute_bars(count, seed=draw(st.integers(0, 99)))
        if draw(st.booleans()):  # prices between two units
            bars["close"] = bars["low"] = bars["low"] - 5e-9
        shape, times = draw(st.sampled_from(SHAPES)), draw(st.sampled_from(TIMES))
        frames[instrument.id] = timed(
            shaped(bars, shape), ts, times, draw(st.sampled_from(STARTS)), MINUTE + k
        )
    return instruments, frames


def obviously(instruments: list[Instrument], frames: dict[str, Bars]) -> list[list[int]]:
    """Every event of bars, one after another, by the rules as they are written down."""
    rows = []
    for index, (one, bars) in enumerate(zip(instruments, frames.values(), strict=True)):
        ts = as_nanoseconds(bars["ts"]).tolist()
        step = ts[1] - ts[0] if len(ts) > 1 else MINUTE
        starts = [ts[0] - step, *ts[:-1]]
        if "start" in bars:
            starts = as_nanoseconds(bars["start"]).tolist()
        closes = session_closes(one.calendar, starts[0], ts[-1])
        digits = (*(one.price_digits,) * 4, one.quantity_digits)
        for t, (begin, end) in enumerate(zip(starts, ts, strict=True)):
            scales = [
                10.0**d if bars[n].dtype.kind == "f" else 1.0
                for n, d in zip(BAR_COLUMNS, digits, strict=True)
            ]
            units = [
                int(to_units(float(bars[n][t]), s))
                for n, s in zip(BAR_COLUMNS, scales, strict=True)
            ]
            ends = end - begin >= DAY or bool(((closes > begin) & (closes <= end)).any())
            flags = EventFlag.ENDS_SESSION * ends | EventFlag.ENDS_SLICE * (one is instruments[-1])
            rows.append([end, begin, EventKind.BAR, index, *units, flags])
    return sorted(rows, key=lambda row: (row[at.TS], row[at.INSTRUMENT]))


@settings(max_examples=60, deadline=None)
@given(panels(), st.sampled_from([3, 100, 65_536]))
def test_bars_that_share_their_times_are_told_as_they_are_one_by_one(
    panel: tuple[list[Instrument], dict[str, Bars]], chunk: int
) -> None:
    stream = bar_events(*panel)

    with chunks_of(chunk):
        together, apart = stream.array(), told_apart(stream)

    assert ways(stream) == [way_of_bars(*panel)]
    assert together.tolist() == apart.tolist() == obviously(*panel)


@settings(max_examples=30, deadline=None)
@given(panels(), st.sampled_from([3, 100, 65_536]))
def test_other_events_are_told_between_them(
    panel: tuple[list[Instrument], dict[str, Bars]], chunk: int
) -> None:
    instruments, frames = panel
    ts = as_nanoseconds(frames[instruments[0].id]["ts"])
    stream = events_of(
        instruments,
        [
            *(Part(one, "bar", bars) for one, bars in frames.items()),
            parts.dividends(instruments[-1], ts=ts[::2], amount=np.full(len(ts[::2]), 0.5)),
            parts.splits(instruments[0], ts=ts[-1:] + 1, new=[2], old=[1]),
            parts.quotes(
                instruments[0],
                ts=np.repeat(ts, 2), bid=np.ones(2 * len(ts)), ask=np.full(2 * len(ts), 2.0),
                bid_size=np.ones(2 * len(ts)), ask_size=np.ones(2 * len(ts)),
            ),
        ],
        timers=[Every("1h")],
    )  # fmt: skip

    with chunks_of(chunk):
        together, apart = stream.array(), told_apart(stream)

    assert way_of_bars(*panel) in ways(stream)
    assert together.tolist() == apart.tolist()
    assert len(together) == stream.rows


def panel_of(count: int, instruments: int = 3) -> tuple[list[Instrument], dict[str, Bars]]:
    ones = coins(instruments)
    ts = minute_bars(count)["ts"]
    return ones, {one.id: minute_bars(count, seed=k) | {"ts": ts} for k, one in enumerate(ones)}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("close", np.nan), ("open", np.inf), ("low", -np.inf), ("low", 0.0), ("low", 900.0),
        ("high", 1.0), ("high", 1e9), ("volume", -0.5), ("volume", np.nan), ("volume", 1e300),
        ("start", 2**62), ("start", -(2**62)), ("ts", 0), ("ts", 2**62),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("i", "row"), [(0, 1), (1, 7), (2, 256), (2, 29_998)])
def test_a_bad_bar_is_refused_with_the_words_of_the_ordinary_way(
    column: str, value: float, i: int, row: int
) -> None:
    instruments, frames = panel_of(30_000)
    for bars in frames.values():
        bars["start"] = bars["ts"] - MINUTE
    frames[instruments[i].id][column][row] = value
    stream = bar_events(instruments, frames)

    with pytest.raises(CorruptData) as apart:
        told_apart(stream)
    with pytest.raises(CorruptData) as together:
        stream.array()

    assert ways(stream) == ["PanelSource"]
    assert str(together.value) == str(apart.value)
    if column != "ts":  # which all instruments share
        assert instruments[i].id in str(together.value)


def test_what_was_told_before_a_bad_bar_was_right() -> None:
    instruments, frames = panel_of(60_000)
    expected = bar_events(instruments, frames).array()
    frames[instruments[1].id]["close"][50_000] = np.nan

    chunks = iter(bar_events(instruments, frames))
    before = len(instruments) * 50_000 // stream_module.CHUNK  # chunks without the bad bar
    first = [next(chunks).copy() for _ in range(before)]

    assert (np.concatenate(first) == expected[: sum(map(len, first))]).all()
    with pytest.raises(CorruptData, match="row 50001: close is nan"):
        next(chunks)


def test_only_bars_that_all_share_their_times_are_told_together() -> None:
    instruments, frames = panel_of(50)
    later = frames | {instruments[2].id: minute_bars(50, first=DAY + MINUTE)}
    shorter = frames | {instruments[2].id: minute_bars(49)}
    equal = frames | {instruments[2].id: minute_bars(50)}

    assert ways(bar_events(instruments, frames)) == ["PanelSource"]
    assert ways(bar_events(instruments, equal)) == ["PanelSource"]
    assert ways(bar_events(instruments, later)) == ["ArraySource"] * 3
    assert ways(bar_events(instruments, shorter)) == ["ArraySource"] * 3
    assert ways(bar_events(instruments[:1], frames)) == ["PanelSource"]


@pytest.mark.parametrize("shape", ["strided", "foreign", "narrow", "short units"])
def test_one_instrument_s_columns_are_never_converted_whole(shape: str) -> None:
    count, instrument = 600_000, coin("A")
    bars = shaped(minute_bars(count), shape)
    stream = bar_events([instrument], {instrument.id: bars})
    next(iter(stream))  # what compiles, compiles now

    tracemalloc.start()
    told = sum(map(len, stream))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    columns, block = 5 * 8 * count, 8 * at.EVENT_WIDTH * stream_module.CHUNK
    assert told == count
    assert peak < 3 * block < block + columns


def test_a_timestamp_of_many_instruments_is_never_split() -> None:
    instruments, frames = panel_of(6, instruments=90)

    with chunks_of(8):
        chunks = [chunk.copy() for chunk in bar_events(instruments, frames)]

    assert [len(chunk) for chunk in chunks] == [90] * 6
    assert all(len(set(chunk[:, at.TS])) == 1 for chunk in chunks)


def test_columns_of_matrices_are_read_where_they_are() -> None:
    days, instruments = 20_000, coins(9)
    whole = minute_bars(days)
    matrices = {
        name: np.asfortranarray(np.repeat(whole[name][:, None], 9, axis=1))
        for name in (*BAR_COLUMNS, "ts")
    }
    matrices["start"] = matrices.pop("ts") - MINUTE
    frames = {
        one.id: {"ts": whole["ts"]} | {name: grid[:, k] for name, grid in matrices.items()}
        for k, one in enumerate(instruments)
    }
    copied = {one: {name: c.copy() for name, c in bars.items()} for one, bars in frames.items()}
    stream = bar_events(instruments, frames)
    expected = bar_events(instruments, copied).array()

    tracemalloc.start()
    told = sum(len(chunk) for chunk in stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert told == 9 * days
    assert peak < 1.1 * stream_module.CHUNK * at.EVENT_WIDTH * 8
    assert (stream.array() == expected).all()


def test_the_hash_is_of_the_data_and_not_of_the_way() -> None:
    instruments, frames = panel_of(50)
    stream = bar_events(instruments, frames)

    together = stream.content_hash

    assert together == "50a6884c6b0fd179d39263357f7dac4b237a6fa176d98283b73028fd2ad4b3b3"
    assert len({*(source.content_hash() for source in stream._sources)}) == 3


def test_columns_of_more_than_one_dimension_are_refused() -> None:
    instruments, frames = panel_of(4)
    square = {name: column.reshape(2, 2) for name, column in minute_bars(4).items()}

    with pytest.raises(BadInput, match=r"arrays of .*\(2, 2\).*; one length is required"):
        bar_events(instruments, frames | {instruments[1].id: square})


def test_a_panel_holds_the_rows_of_all_its_bars() -> None:
    instruments, frames = panel_of(50)

    (panel,) = joined(bar_events(instruments, frames)._sources)

    assert isinstance(panel, PanelSource)
    assert (panel.rows, panel.rows_each) == (150, 3)
