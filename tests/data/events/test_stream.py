import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from barque.data.catalog import Catalog, Table
from barque.data.events import stream as stream_module
from barque.data.events.stream import EventStream, bar_events, catalog_events
from barque.data.kinds import EVENT
from barque.domain.errors import BadInput, CorruptData, NotReady, UnknownName
from barque.domain.events import EventFlag, EventKind
from barque.kernels.layout import (
    CLOSE,
    DIVIDEND_AMOUNT,
    EVENT_WIDTH,
    FLAGS,
    HIGH,
    INSTRUMENT,
    KIND,
    LOW,
    OPEN,
    SPLIT_NEW,
    SPLIT_OLD,
    START,
    TS,
    VOLUME,
)
from tests.data.builders import (
    DAY,
    MINUTE,
    bar_columns,
    coin,
    minute_bars,
    nanoseconds,
    sane_bars,
    share,
)

Bars = dict[str, NDArray[Any]]


def one(bars: Bars, **changes: Any) -> EventStream:
    instrument = coin(**changes)
    return bar_events([instrument], {instrument.id: bars})


@given(sane_bars())
def test_units_in_memory_arrive_unchanged_in_their_columns(bars: Bars) -> None:
    rows = one(bars).array()

    places = {"ts": TS, "open": OPEN, "high": HIGH, "low": LOW, "close": CLOSE, "volume": VOLUME}
    for name, place in places.items():
        assert rows[:, place].tolist() == bars[name].tolist()
    assert set(rows[:, KIND]) == {EventKind.BAR}


@given(sane_bars())
def test_prices_as_people_write_them_become_the_same_events_as_units(bars: Bars) -> None:
    written = {name: column / 1e8 for name, column in bars.items() if name != "ts"}

    assert (one(written | {"ts": bars["ts"]}).array() == one(bars).array()).all()


def test_without_a_start_a_bar_begins_where_the_one_before_it_closed() -> None:
    bars = minute_bars(70_000)

    rows = one(bars).array()

    assert rows[1:, START].tolist() == bars["ts"][:-1].tolist()
    assert rows[0, START] == bars["ts"][0] - MINUTE


@pytest.mark.parametrize("second", [-(2**63) + 10**9, -5, 2**63 - 1])
def test_a_first_bar_as_long_as_the_second_begins_no_earlier_than_time_itself(second: int) -> None:
    first = -(2**63) + 3
    bars = minute_bars(2) | {"ts": np.array([first, second])}

    assert one(bars).array()[:, [START, TS]].tolist() == [[-(2**63), first], [first, second]]


def test_a_time_that_is_none_is_not_taken_for_the_earliest() -> None:
    bars = minute_bars(2) | {"ts": np.array([-(2**63), 0])}

    with pytest.raises(CorruptData, match="row 1: ts is NaT"):
        one(bars).array()


def test_times_may_be_datetimes() -> None:
    bars = minute_bars(5)
    dated = bars | {"ts": bars["ts"].astype("M8[ns]").astype("M8[s]")}

    assert (one(dated).array() == one(bars).array()).all()


def test_a_bar_that_meets_utc_midnight_ends_the_session_of_a_coin() -> None:
    rows = one(minute_bars(3 * 1_440, first=DAY + MINUTE)).array()

    ends = rows[rows[:, FLAGS] & EventFlag.ENDS_SESSION != 0]
    assert ends[:, TS].tolist() == [2 * DAY, 3 * DAY, 4 * DAY]


def test_every_daily_bar_ends_a_session() -> None:
    bars = minute_bars(9) | {"ts": DAY * np.arange(1, 10)}

    rows = one(bars, calendar="24/5").array()

    assert (rows[:, FLAGS] & EventFlag.ENDS_SESSION != 0).all()


def test_a_half_day_in_new_york_ends_with_the_bar_that_meets_its_close() -> None:
    instrument = share()
    bars = minute_bars(300, first=nanoseconds("2013-07-03T13:31"))

    rows = bar_events([instrument], {instrument.id: bars}).array()

    ends = rows[rows[:, FLAGS] & EventFlag.ENDS_SESSION != 0]
    assert ends[:, TS].tolist() == [nanoseconds("2013-07-03T17:00")]


def test_what_comes_later_does_not_change_what_was_told() -> None:
    bars = minute_bars(5_000)
    earlier = {name: column[:3_000] for name, column in bars.items()}

    assert (one(bars).array()[:3_000] == one(earlier).array()).all()


@given(st.lists(sane_bars(), min_size=1, max_size=5))
def test_several_instruments_are_told_in_the_total_order(frames: list[Bars]) -> None:
    instruments = [coin(f"C{index}") for index in range(len(frames))]
    stream = bar_events(
        instruments, {one.id: bars for one, bars in zip(instruments, frames, strict=True)}
    )

    rows = stream.array()

    order = rows[:, [TS, KIND, INSTRUMENT]].tolist()
    assert order == sorted(order)
    assert len(rows) == stream.rows == sum(bars["ts"].size for bars in frames)
    assert (stream.start, stream.end) == (rows[0, TS], rows[-1, TS])
    last_of_ts = np.append(rows[1:, TS] != rows[:-1, TS], True)
    assert ((rows[:, FLAGS] & EventFlag.ENDS_SLICE != 0) == last_of_ts).all()
    for index, bars in enumerate(frames):
        assert rows[rows[:, INSTRUMENT] == index, CLOSE].tolist() == bars["close"].tolist()


def test_instruments_that_share_some_of_their_times_are_told_in_the_total_order() -> None:
    chance = np.random.default_rng(8)
    instruments = [coin(f"C{index}") for index in range(7)]
    frames = {}
    for index, instrument in enumerate(instruments):
        bars = minute_bars(9_000, seed=index)
        kept = chance.random(9_000) > (0.0, 0.0, 0.0, 0.001, 0.01, 0.5, 0.0)[index]
        kept[:100] = kept[-50:] = True
        kept[500:700] = index % 2 == 0
        frames[instrument.id] = {name: column[kept] for name, column in bars.items()}

    rows = bar_events(instruments, frames).array()

    order = rows[:, [TS, INSTRUMENT]]
    assert (order[np.lexsort((order[:, 1], order[:, 0]))] == order).all()
    last_of_ts = np.append(rows[1:, TS] != rows[:-1, TS], True)
    assert ((rows[:, FLAGS] & EventFlag.ENDS_SLICE != 0) == last_of_ts).all()
    for index, bars in enumerate(frames.values()):
        own = rows[rows[:, INSTRUMENT] == index]
        assert (own[:, TS] == bars["ts"]).all()
        assert (own[:, CLOSE] == np.rint(bars["close"] * 1e8)).all()


def test_chunks_are_about_as_large_as_promised_and_never_split_a_timestamp() -> None:
    instruments = [coin(f"C{index}") for index in range(3)]
    frames = {one.id: minute_bars(60_000, seed=at) for at, one in enumerate(instruments)}

    chunks = [chunk.copy() for chunk in bar_events(instruments, frames)]

    assert len(chunks) == 180_000 // stream_module.CHUNK + 1
    assert all(len(chunk) >= stream_module.CHUNK for chunk in chunks[:-1])
    assert all(len(chunk) <= stream_module.CHUNK + 3 for chunk in chunks)
    assert all(a[-1, TS] < b[0, TS] for a, b in pairwise(chunks))
    assert all(chunk.flags.c_contiguous and chunk.dtype == np.int64 for chunk in chunks)


def test_a_sparse_instrument_waits_for_the_next_block_of_a_dense_one() -> None:
    dense, sparse = minute_bars(100_000), minute_bars(2_000)
    sparse["ts"] = DAY + 50 * MINUTE * np.arange(2_000)
    stream = bar_events([coin("A"), coin("B")], {"A.BINANCE": dense, "B.BINANCE": sparse})

    order = stream.array()[:, [TS, INSTRUMENT]]

    expected = [(ts, 0) for ts in dense["ts"]] + [(ts, 1) for ts in sparse["ts"]]
    assert (order == np.array(sorted(expected))).all()


def test_a_stream_can_be_walked_again_and_is_the_same() -> None:
    stream = one(minute_bars(100))

    assert (stream.array() == stream.array()).all()


def test_memory_stays_flat_while_arrays_are_converted() -> None:
    bars = minute_bars(500_000)
    stream = one(bars)
    sum(len(chunk) for chunk in stream)

    tracemalloc.start()
    sum(len(chunk) for chunk in stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 1.5 * stream_module.CHUNK * EVENT_WIDTH * 8


FAULTS = [
    ("close", np.nan, "close is nan; a finite number is required"),
    ("open", np.inf, "open is inf; a finite number is required"),
    ("low", 0.0, "low is 0.0; a price must be positive"),
    ("low", -1.0, "low is -1.0; a price must be positive"),
    ("high", 1.0, "high is 1.0; it may not be below the open"),
    ("low", 900.0, "low is 900.0; it may not be above the open"),
    ("high", 1e8, "high is 100000000.0; at most 1e"),
    ("volume", -0.5, "volume is -0.5; it may not be negative"),
    ("volume", np.nan, "volume is nan; a finite number is required"),
]


@pytest.mark.parametrize(("column", "value", "message"), FAULTS)
@pytest.mark.parametrize("row", [0, 7, stream_module.CHUNK, 69_999])
def test_an_insane_bar_in_memory_is_named_by_its_row(
    column: str, value: float, message: str, row: int
) -> None:
    bars = minute_bars(70_000)
    bars[column][row] = value

    with pytest.raises(CorruptData) as error:
        one(bars).array()

    assert f"BTCUSDT.BINANCE in memory, row {row + 1}: {message}" in str(error.value)


@pytest.mark.parametrize("row", [1, stream_module.CHUNK])
@pytest.mark.parametrize(
    ("step", "message"), [(0, "each time may occur only once"), (-1, "sorted by time")]
)
def test_times_in_memory_must_rise(row: int, step: int, message: str) -> None:
    bars = minute_bars(70_000)
    bars["ts"][row] = bars["ts"][row - 1] + step

    with pytest.raises(CorruptData, match=f"row {row + 1}: ts is .*{message}"):
        one(bars).array()


def test_a_bar_must_begin_before_it_closes() -> None:
    bars = minute_bars(5)
    bars["start"] = bars["ts"] - MINUTE
    bars["start"][3] = bars["ts"][3]

    with pytest.raises(CorruptData, match=r"row 4: start is .*begin before it closes"):
        one(bars).array()


def test_frames_that_do_not_fit_are_refused() -> None:
    bars = minute_bars(5)

    with pytest.raises(BadInput, match="have no volume"):
        one({name: column for name, column in bars.items() if name != "volume"})
    with pytest.raises(BadInput, match="one length"):
        one(bars | {"close": bars["close"][:4]})
    with pytest.raises(BadInput, match="mixed or wrong types"):
        one(bars | {"close": bars["close"].astype(np.int64)})
    with pytest.raises(CorruptData, match="no bars in memory"):
        one({name: column[:0] for name, column in bars.items()})
    with pytest.raises(BadInput, match="There are no bars for"):
        bar_events([coin()], {})
    with pytest.raises(BadInput, match="each only once"):
        bar_events([coin(), coin()], {coin().id: bars})


def test_the_content_hash_tells_other_data_and_other_units_apart() -> None:
    bars = minute_bars(10)
    other = bars | {"volume": bars["volume"] + 1}

    hashes = [
        one(bars).content_hash,
        one(other).content_hash,
        one(bars, price_digits=7).content_hash,
    ]

    assert len(set(hashes)) == 3
    assert one(minute_bars(10)).content_hash == hashes[0]


def filled_catalog(root: Path) -> Catalog:
    """Two shares, one-minute bars from 1 to 3,000 and 5 to 2,000 minutes, and what befell them."""
    catalog = Catalog(root)
    split = {"ts": [100 * MINUTE], "new": [7], "old": [1]}
    dividend = {"ts": [100 * MINUTE, 200 * MINUTE], "amount": [5, 6]}
    for instrument, minutes in ((share("AAA"), range(1, 3_001)), (share("BBB"), range(5, 2_001))):
        bars = bar_columns([minute * MINUTE for minute in minutes])
        tables = [
            Table("split", EVENT, {name: np.array(column) for name, column in split.items()}),
            Table("dividend", EVENT, {name: np.array(column) for name, column in dividend.items()}),
            Table("bar", "1m", bars),
        ]
        catalog.write(instrument, tables)
    return catalog


def test_the_catalog_streams_bars_and_corporate_actions_in_the_total_order(tmp_path: Path) -> None:
    stream = catalog_events(filled_catalog(tmp_path), ["AAA.XNAS", "BBB.XNAS"], "1m")

    rows = stream.array()

    order = rows[:, [TS, KIND, INSTRUMENT]].tolist()
    assert order == sorted(order)
    assert len(rows) == stream.rows == 3_000 + 1_996 + 2 + 4
    at_split = rows[rows[:, TS] == 100 * MINUTE]
    assert at_split[:, KIND].tolist() == [10, 10, 20, 20, 50, 50]
    assert at_split[:, INSTRUMENT].tolist() == [0, 1, 0, 1, 0, 1]
    assert (at_split[:, FLAGS] & EventFlag.ENDS_SLICE).tolist() == [0, 0, 0, 0, 0, 1]
    assert at_split[0, [SPLIT_NEW, SPLIT_OLD]].tolist() == [7, 1]
    assert at_split[2, DIVIDEND_AMOUNT] == 5
    assert at_split[0, START] == at_split[0, TS]


@settings(max_examples=30)
@given(st.integers(0, 3_100), st.integers(0, 3_100))
def test_a_part_of_the_catalog_is_the_same_events_cut_at_two_times(
    tmp_path_factory: pytest.TempPathFactory, first: int, last: int
) -> None:
    root = tmp_path_factory.getbasetemp() / "part-of-the-catalog"
    catalog = Catalog(root) if root.exists() else filled_catalog(root)
    whole = catalog_events(catalog, ["AAA.XNAS"], "1m").array()
    start, end = first * MINUTE, last * MINUTE
    expected = whole[(whole[:, TS] >= start) & (whole[:, TS] < end)]

    if not (expected[:, KIND] == EventKind.BAR).any():
        with pytest.raises(BadInput, match="no 1m bars in the time asked for"):
            catalog_events(catalog, ["AAA.XNAS"], "1m", start, end)
        return
    stream = catalog_events(catalog, ["AAA.XNAS"], "1m", start, end)

    assert (stream.array() == expected).all()
    assert (stream.rows, stream.start, stream.end) == (
        len(expected),
        expected[0, TS],
        expected[-1, TS],
    )


def test_a_data_set_in_several_files_is_one_stream(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    for first in (1, 101, 201):
        bars = bar_columns([minute * MINUTE for minute in range(first, first + 100)])
        catalog.write(coin(), [Table("bar", "1m", bars)])

    rows = catalog_events(catalog, [coin().id], "1m").array()

    assert rows[:, TS].tolist() == [minute * MINUTE for minute in range(1, 301)]


def test_a_large_catalog_is_read_a_batch_at_a_time(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    bars = bar_columns(list(range(MINUTE, 400_001 * MINUTE, MINUTE)))
    catalog.write(coin(), [Table("bar", "1m", bars)])
    stream = catalog_events(catalog, [coin().id], "1m")

    assert [len(chunk) for chunk in stream] == [65_536] * 6 + [6_784]


def test_bars_the_catalog_lacks_are_asked_for_in_words(tmp_path: Path) -> None:
    catalog = filled_catalog(tmp_path)

    with pytest.raises(NotReady, match=r"no bars of '1h'.*it has 1m"):
        catalog_events(catalog, ["AAA.XNAS"], "1h")
    with pytest.raises(UnknownName, match=r"Did you mean 'AAA\.XNAS'"):
        catalog_events(catalog, ["AAAA.XNAS"], "1m")


def test_a_damaged_bar_in_the_catalog_stops_the_stream(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    bars = bar_columns([MINUTE, 2 * MINUTE, 3 * MINUTE])
    bars["high"][1] = 1
    catalog.write(coin(), [Table("bar", "1m", bars)])

    with pytest.raises(
        CorruptData, match=r"parquet, row 2: high is 1 units; it may not be below the open"
    ):
        catalog_events(catalog, [coin().id], "1m").array()
