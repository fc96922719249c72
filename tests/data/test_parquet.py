"""A file of the catalog gives the numbers that were written, or says that it is damaged."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.data.files import content_hash, write_all
from barque.data.importing.tables import read_table
from barque.data.parquet import ALWAYS, STRETCH, batches, parquet_content, rows_between, summary
from barque.data.sessions import IntArray
from barque.domain.errors import CorruptData
from tests.data.builders import MINUTE, bar_columns

WRITTEN_BY_PYARROW = Path(__file__).parent / "kept" / "pyarrow.parquet"

Numbers = dict[str, IntArray]
T = TypeVar("T")


def minutes(count: int) -> Numbers:
    return bar_columns([k * MINUTE for k in range(1, count + 1)])


def written(path: Path, columns: Numbers) -> Path:
    write_all({path: parquet_content(columns)})
    return path


def everything(path: Path, size: int = STRETCH) -> Numbers:
    parts = list(batches(path, list(minutes(1)), size, *ALWAYS))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def same(one: Numbers, other: Numbers) -> bool:
    return all(np.array_equal(one[name], other[name]) for name in minutes(1))


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Numbers]:
    columns = minutes(2 * STRETCH + 1_000)
    return written(tmp_path_factory.mktemp("long") / "bars.parquet", columns), columns


@pytest.fixture(scope="module")
def short_body(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(tmp_path_factory.mktemp("short") / "bars.parquet", minutes(300)).read_bytes()


@settings(max_examples=40)
@given(data=st.data(), size=st.sampled_from([1_000, STRETCH - 1, STRETCH, 3 * STRETCH]))
def test_any_stretch_of_time_is_read_as_it_was_written(
    long_file: tuple[Path, Numbers], data: st.DataObject, size: int
) -> None:
    path, columns = long_file
    edge = st.sampled_from([0, 1, STRETCH, 2 * STRETCH, columns["ts"].size]).map(
        lambda row: row * MINUTE
    )
    times = st.integers(-MINUTE, (columns["ts"].size + 2) * MINUTE) | edge
    start, end = sorted((data.draw(times), data.draw(times)))
    first, after = np.searchsorted(columns["ts"], (start, end))

    parts = list(batches(path, ["ts", "close"], size, start, end))

    read = [
        np.concatenate([np.empty(0, np.int64), *(p[n] for p in parts)]) for n in ("ts", "close")
    ]
    assert np.array_equal(read[0], columns["ts"][first:after])
    assert np.array_equal(read[1], columns["close"][first:after])
    assert all(0 < part["ts"].size <= size for part in parts)
    ends = columns["ts"][[first, after - 1]].tolist() if first < after else [0, 0]
    assert rows_between(path, start, end) == (after - first, *ends)


def test_a_file_says_its_rows_its_ends_and_its_hash(long_file: tuple[Path, Numbers]) -> None:
    path, columns = long_file

    found = summary(path)

    assert (found.rows, found.start, found.end) == (columns["ts"].size, MINUTE, columns["ts"][-1])
    assert found.content_hash == content_hash(columns)


def test_a_file_that_pyarrow_wrote_is_read_as_before() -> None:
    columns = minutes(100)

    found = summary(WRITTEN_BY_PYARROW)

    assert (found.rows, found.start, found.end) == (100, MINUTE, 100 * MINUTE)
    assert found.content_hash == content_hash(columns)
    assert same(everything(WRITTEN_BY_PYARROW, 30), columns)


def test_a_file_that_is_replaced_while_it_is_read_is_read_to_its_end(tmp_path: Path) -> None:
    columns = minutes(2 * STRETCH)
    path = written(tmp_path / "bars.parquet", columns)
    reading = batches(path, ["ts"], STRETCH, *ALWAYS)
    first = next(reading)

    written(path, minutes(10))

    rest = list(reading)
    assert np.array_equal(np.concatenate([part["ts"] for part in (first, *rest)]), columns["ts"])


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_refused_or_still_says_the_same(
    tmp_path_factory: pytest.TempPathFactory, short_body: bytes, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "bars.parquet"
    path.write_bytes(data.draw(damaged(short_body)))

    told = tried(lambda: (summary(path), everything(path)))

    if isinstance(told, CorruptData):
        assert f"{path} is damaged (" in str(told)
        assert str(told).endswith("Remove it and import its data again.")
    else:
        said, numbers = told
        assert (said.rows, said.start, said.end) == (300, MINUTE, 300 * MINUTE)
        assert same(numbers, minutes(300))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_somebody_elses_file_without_its_end_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    body = WRITTEN_BY_PYARROW.read_bytes()
    path = tmp_path_factory.mktemp("foreign") / "bars.parquet"
    path.write_bytes(data.draw(damaged(body, ("cut", "footer"))))

    told = tried(lambda: read_table(path))

    assert "bars.parquet" in str(told) if isinstance(told, CorruptData) else told.rows.size


@pytest.mark.parametrize("read", [everything, read_table])
def test_a_panic_of_the_library_is_an_error_like_any_other(
    tmp_path: Path, read: Callable[[Path], object]
) -> None:
    body = WRITTEN_BY_PYARROW.read_bytes()
    causes = set()
    for place in range(len(body) - footer(body), len(body)):
        path = tmp_path / f"{place}.parquet"
        path.write_bytes(body[:place] + bytes([body[place] ^ 0x08]) + body[place + 1 :])
        told = tried(lambda path=path: read(path))
        causes.add(type(told.__cause__) if isinstance(told, CorruptData) else None)

    assert pl.exceptions.PanicException in causes, "no bit makes this version panic: try others"


@pytest.mark.parametrize("body", [b"", b"PAR1PAR1", b"not Parquet", b"PAR1" + bytes(60) + b"PAR1"])
def test_what_is_no_parquet_at_all_is_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "bars.parquet"
    path.write_bytes(body)

    with pytest.raises(CorruptData, match="is damaged"):
        summary(path)


def test_a_parquet_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    pl.DataFrame({"ts": [1, 2]}).write_parquet(path)

    with pytest.raises(CorruptData, match="no rows, or no hash of them"):
        summary(path)


@pytest.mark.parametrize("part", ["pages", "footer"])
def test_the_damaged_part_is_named(tmp_path: Path, short_body: bytes, part: str) -> None:
    body = bytearray(short_body)
    body[100 if part == "pages" else -100] ^= 1
    path = tmp_path / "bars.parquet"
    path.write_bytes(body)

    with pytest.raises(CorruptData, match=f"its {part} (are|is) not"):
        everything(path)


def test_other_programs_read_a_sealed_file(short_body: bytes) -> None:
    frame = pl.read_parquet(short_body)

    assert same({name: frame[name].to_numpy() for name in frame.columns}, minutes(300))


def tried(read: Callable[[], T]) -> T | CorruptData:
    try:
        return read()
    except CorruptData as error:
        return error


@st.composite
def damaged(
    draw: st.DrawFn, body: bytes, accidents: Sequence[str] = ("cut", "bits", "footer", "zeros")
) -> bytes:
    """The bytes of a file after an accident: cut off, bits changed, or a block of zeros."""
    accident = draw(st.sampled_from(accidents))
    if accident == "cut":
        return body[: draw(st.integers(0, len(body) - 1))]
    first = len(body) - footer(body) if accident == "footer" else 0
    changed = bytearray(body)
    for at in draw(st.lists(st.integers(first, len(body) - 1), min_size=1, max_size=3)):
        if accident == "zeros":
            changed[at : at + 512] = bytes(len(changed[at : at + 512]))
        else:
            changed[at] ^= 1 << draw(st.integers(0, 7))
    return bytes(changed)


def footer(body: bytes) -> int:
    """How many bytes the footer takes, with its length and the mark at the end."""
    return int.from_bytes(body[-8:-4], "little") + 8
