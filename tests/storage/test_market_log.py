import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.domain.errors import CannotContinue
from barque.kernels import layout
from barque.storage.market_log import MarketLog, MarketLogWriter
from barque.storage.records import RECORD_SIZE, Rows
from barque.storage.segments import list_segments, read_sealed


def market(count: int, first: int = 0) -> Rows:
    events = np.arange(first * 10, (first + count) * 10, dtype=np.int64)
    return np.ascontiguousarray(events.reshape(count, layout.EVENT_WIDTH))


def everything(log: MarketLog, from_position: int = 0) -> Rows:
    return np.concatenate([market(0), *log.read(from_position)])


def told(folder: Path, count: int, segment_events: int = 100) -> Path:
    """A log that was told `count` events, one append each, and closed."""
    with MarketLogWriter(folder, segment_events) as log:
        for k in range(count):
            log.append(market(1, k), receive_ts=k)
    return folder


def open_file(folder: Path) -> Path:
    return list_segments(folder)[-1].path


@settings(max_examples=50)
@given(st.lists(st.integers(0, 7), max_size=8), st.integers(1, 9), st.data())
def test_any_stretch_is_read_as_it_was_appended(
    tmp_path_factory: pytest.TempPathFactory,
    appends: list[int],
    segment_events: int,
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("log")
    total = sum(appends)
    with MarketLogWriter(folder, segment_events) as log:
        lengths = [log.append(market(n, sum(appends[:k])), 1) for k, n in enumerate(appends)]

    reader = MarketLog(folder)
    start = data.draw(st.integers(0, total))
    end = data.draw(st.integers(start, total))
    stretch = np.concatenate([market(0), *reader.read(start, end)])

    assert lengths == np.cumsum(appends, dtype=int).tolist()
    assert reader.length == total
    assert (stretch == market(total)[start:end]).all()
    assert len(stretch) == end - start


def test_it_is_known_when_each_event_was_learned_of(tmp_path: Path) -> None:
    log = MarketLog(told(tmp_path, 25, segment_events=10))

    received = [log.received(position) for position in range(25)]

    assert [segment.is_sealed for segment in list_segments(tmp_path)] == [True, True, False]
    assert received == list(range(25))


def test_a_full_segment_is_sealed_and_says_the_same(tmp_path: Path) -> None:
    told(tmp_path, 7, segment_events=3)

    segments = list_segments(tmp_path)

    assert [(s.start, s.is_sealed) for s in segments] == [(0, True), (3, True), (6, False)]
    assert (read_sealed(segments[1]) == market(3, 3)).all()
    assert (everything(MarketLog(tmp_path)) == market(7)).all()


def test_a_segment_that_pyarrow_sealed_is_read_as_before() -> None:
    [segment] = list_segments(Path(__file__).parent / "kept")

    assert (read_sealed(segment) == market(16)).all()


def test_a_reader_sees_what_a_writer_appends_after_it_was_opened(tmp_path: Path) -> None:
    reader = MarketLog(tmp_path)
    with MarketLogWriter(tmp_path, 3) as log:
        seen = []
        for k in range(8):
            log.append(market(1, k), k)
            seen.append(len(everything(reader)))

    assert seen == list(range(1, 9))


@pytest.mark.parametrize("cut", range(1, RECORD_SIZE + 1))
def test_a_record_torn_at_any_byte_is_forgotten_and_written_again(tmp_path: Path, cut: int) -> None:
    path = open_file(told(tmp_path, 3))
    path.write_bytes(path.read_bytes()[:-cut])

    assert (everything(MarketLog(tmp_path)) == market(2)).all()
    with MarketLogWriter(tmp_path) as log:
        kept = log.length
        log.append(market(1, 2), 2)

    assert kept == 2
    assert (everything(MarketLog(tmp_path)) == market(3)).all()


def test_blocks_that_a_power_cut_left_unwritten_are_forgotten(tmp_path: Path) -> None:
    path = open_file(told(tmp_path, 3))
    path.write_bytes(path.read_bytes() + bytes(2 * RECORD_SIZE + 5))

    reader = MarketLog(tmp_path)

    assert reader.length == 3
    assert (everything(reader) == market(3)).all()
    with MarketLogWriter(tmp_path) as log:
        assert log.length == 3
    assert path.stat().st_size == 3 * RECORD_SIZE


@settings(max_examples=50)
@given(st.integers(0, 5 * RECORD_SIZE - 1), st.integers(1, 255))
def test_a_changed_byte_in_the_open_segment_stops_everybody(
    tmp_path_factory: pytest.TempPathFactory, where: int, change: int
) -> None:
    folder = told(tmp_path_factory.mktemp("log"), 5)
    body = bytearray(open_file(folder).read_bytes())
    body[where] ^= change
    open_file(folder).write_bytes(bytes(body))

    named = f"000000000000000.open: record {where // RECORD_SIZE} is damaged"

    with pytest.raises(CannotContinue, match=named):
        everything(MarketLog(folder))
    with pytest.raises(CannotContinue, match=named):
        MarketLogWriter(folder)
    assert open_file(folder).read_bytes() == body


@settings(max_examples=50)
@given(st.data(), st.integers(1, 255))
def test_any_changed_byte_in_a_sealed_segment_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, change: int
) -> None:
    folder = told(tmp_path_factory.mktemp("log"), 4, segment_events=4)
    sealed = list_segments(folder)[0].path
    body = bytearray(sealed.read_bytes())
    body[data.draw(st.integers(0, len(body) - 1))] ^= change
    sealed.write_bytes(bytes(body))

    with pytest.raises(CannotContinue, match="segment from position 0 on is damaged"):
        everything(MarketLog(folder))


def test_a_missing_segment_is_named(tmp_path: Path) -> None:
    told(tmp_path, 9, segment_events=3)
    list_segments(tmp_path)[1].path.unlink()

    with pytest.raises(CannotContinue, match="event at position 3 is missing"):
        everything(MarketLog(tmp_path))


def test_a_position_beyond_the_end_is_not_read(tmp_path: Path) -> None:
    told(tmp_path, 3)

    with pytest.raises(CannotContinue, match="holds 3 events and cannot be read from position 4"):
        everything(MarketLog(tmp_path), from_position=4)


def test_a_second_writer_is_told_to_wait_for_the_first(tmp_path: Path) -> None:
    with MarketLogWriter(tmp_path), pytest.raises(CannotContinue, match="another process"):
        MarketLogWriter(tmp_path)

    MarketLogWriter(tmp_path).close()


def test_a_crash_between_sealing_and_going_on_is_repaired(tmp_path: Path) -> None:
    path = open_file(told(tmp_path, 3))
    unsealed = path.read_bytes()
    with MarketLogWriter(tmp_path, segment_events=3) as log:
        assert log.length == 3
    path.write_bytes(unsealed)  # as if the open segment had not been removed yet
    (tmp_path / "000000000000003.open").unlink()

    with MarketLogWriter(tmp_path, segment_events=3) as log:
        log.append(market(1, 3), 3)

    assert (everything(MarketLog(tmp_path)) == market(4)).all()
    assert not path.exists()


def test_a_log_that_could_not_be_written_takes_nothing_more(tmp_path: Path) -> None:
    log = MarketLogWriter(tmp_path)
    log.append(market(2), 1)
    full = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115
    log._file, file = full.fileno(), log._file

    with pytest.raises(CannotContinue, match="No space left"):
        log.append(market(1, 2), 2)
    log._file = file
    with pytest.raises(CannotContinue, match="an earlier append failed"):
        log.append(market(1, 2), 2)

    full.close()
    log.close()
    assert (everything(MarketLog(tmp_path)) == market(2)).all()


FIRST_SEAL = """
import sys
from pathlib import Path
from tests.storage.test_market_log import everything, market
from barque.storage.market_log import MarketLog, MarketLogWriter
with MarketLogWriter(Path(sys.argv[1]), 4) as log:
    log.append(market(6), 0)
    assert len(everything(log)) == 6
sys.exit("pandas" in sys.modules)
"""


def test_sealing_and_reading_a_segment_does_not_wait_for_pandas(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_SEAL, str(tmp_path / "log")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        cwd=Path(__file__).parents[2],
        timeout=60,
    )

    assert done.returncode == 0
    assert len(list((tmp_path / "log").glob("*.parquet"))) == 1
