import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.data.catalog import Catalog
from barque.data.events.stream import catalog_events
from barque.data.importing.importer import described, import_file, import_sample
from barque.data.kinds import EVENT
from barque.domain.errors import BadInput, BarqueError, CorruptData
from barque.kernels.layout import KIND, START, TS
from tests.data.builders import HEADER, NOW, coin, nanoseconds, share

SAMPLE = Path(__file__).resolve().parents[3] / "sample"

SANE = """\
2024-01-31 23:58,100.5,101,99.25,100,1.5
2024-01-31 23:59,100,100,99,99.5,0
2024-02-01 00:05,99.5,120,99.5,110,2.25
"""


def csv(tmp_path: Path, text: str, name: str = "bars.csv") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def closes(catalog: Catalog, period: str = "1m") -> list[int]:
    return catalog_events(catalog, [coin().id], period).array()[:, TS].tolist()


def test_a_csv_of_minutes_is_stamped_with_its_closes(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")

    (dataset,) = import_file(catalog, csv(tmp_path, HEADER + SANE), coin(), "1m", now=NOW)

    assert dataset.rows == 3
    times = ["2024-01-31T23:59", "2024-02-01T00:00", "2024-02-01T00:06"]
    assert closes(catalog) == [nanoseconds(time) for time in times]
    frame = catalog.frame(coin().id, "bar", "1m")
    assert frame["high"].to_list() == [101.0, 100.0, 120.0]
    assert (frame["ts"] - frame["start"]).dt.total_minutes().to_list() == [1, 1, 1]


@pytest.mark.parametrize(
    "header",
    [
        "timestamp,open,high,low,close,volume",
        "date,open,high,low,close,volume",
        "datetime,open,high,low,close,volume",
        "Time,Open,High,Low,Close,Volume",
        " Date , OPEN,High ,Low,Close,Volume",
        ",Open,High,Low,Close,Volume",
    ],
)
def test_columns_may_be_called_as_other_programs_call_them(tmp_path: Path, header: str) -> None:
    catalog = Catalog(tmp_path / "catalog")

    import_file(catalog, csv(tmp_path, f"{header}\n{SANE}"), coin(), "1m", now=NOW)

    assert len(closes(catalog)) == 3


@pytest.mark.parametrize(
    "written",
    [
        "2024-01-31 12:30",
        "2024-01-31 12:30:00",
        "2024-01-31T12:30:00Z",
        "2024-01-31T12:30:00.000+00:00",
        "2024-01-31 07:30:00-05:00",
        "2024-01-31 12:30:00 UTC",
        "1706704200",
        "1706704200000",
        "1706704200000000",
        "1706704200000000000",
    ],
)
def test_a_time_may_be_written_in_many_ways(tmp_path: Path, written: str) -> None:
    catalog = Catalog(tmp_path / "catalog")

    import_file(catalog, csv(tmp_path, f"{HEADER}{written},2,3,1,2,5\n"), coin(), "1m", now=NOW)

    assert closes(catalog) == [nanoseconds("2024-01-31T12:31")]


@pytest.mark.parametrize("written", ["2024-01-31", "20240131"])
def test_a_day_may_be_written_in_two_ways(tmp_path: Path, written: str) -> None:
    catalog = Catalog(tmp_path / "catalog")

    import_file(catalog, csv(tmp_path, f"{HEADER}{written},2,3,1,2,5\n"), coin(), "1d", now=NOW)

    assert closes(catalog, "1d") == [nanoseconds("2024-02-01")]


@pytest.mark.parametrize(
    "dtype", [pl.Datetime("ms"), pl.Datetime("ns", "UTC"), pl.Int64, pl.String]
)
def test_csv_and_parquet_say_the_same(tmp_path: Path, dtype: pl.DataType) -> None:
    frame = pl.read_csv(csv(tmp_path, HEADER + SANE))
    times = frame["timestamp"].str.to_datetime("%Y-%m-%d %H:%M", time_unit="ns")
    if dtype != pl.String:
        frame = frame.with_columns(timestamp=times.cast(dtype))
    frame.write_parquet(tmp_path / "bars.parquet")

    hashes = []
    for name in ("bars.csv", "bars.parquet"):
        catalog = Catalog(tmp_path / "catalogs" / name)
        (dataset,) = import_file(catalog, tmp_path / name, coin(), "1m", now=NOW)
        hashes.append(dataset.content_hash)

    assert hashes[0] == hashes[1]


def test_daily_shares_take_their_hours_from_the_calendar(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")
    rows = "2013-07-03,10,11,9,10,5\n2013-07-05,10,11,9,10,5\n"

    import_file(catalog, csv(tmp_path, HEADER + rows), share(), "1d", now=NOW)

    events = catalog_events(catalog, ["AAPL.XNAS"], "1d").array()
    starts = [nanoseconds("2013-07-03T13:30"), nanoseconds("2013-07-05T13:30")]
    ends = [nanoseconds("2013-07-03T17:00"), nanoseconds("2013-07-05T20:00")]
    assert [events[:, START].tolist(), events[:, TS].tolist()] == [starts, ends]


def test_splits_and_dividends_happen_at_the_open_of_their_day(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")
    header = "date,open,high,low,close,volume,dividend,split\n"
    rows = "2014-06-06,645,650,640,645,5,0,1\n2014-06-09,92,94,91,93,5,0.47,7.00000700001\n"

    import_file(catalog, csv(tmp_path, header + rows), share(), "1d", now=NOW)

    events = catalog_events(catalog, ["AAPL.XNAS"], "1d").array()
    opens = nanoseconds("2014-06-09T13:30")
    assert events[:, KIND].tolist() == [50, 10, 20, 50]
    assert events[1:3, TS].tolist() == [opens, opens]
    assert catalog.frame("AAPL.XNAS", "split", EVENT).row(0)[1:] == (7, 1)
    assert catalog.frame("AAPL.XNAS", "dividend", EVENT)["amount"].to_list() == [0.47]


@pytest.mark.parametrize(
    ("ratio", "new", "old"),
    [("0.1", 1, 10), ("1.33333333333", 4, 3), ("0.166666666667", 1, 6), ("3.000003", 3, 1)],
)
def test_a_split_ratio_is_read_as_the_fraction_it_stands_for(
    tmp_path: Path, ratio: str, new: int, old: int
) -> None:
    catalog = Catalog(tmp_path / "catalog")
    text = f"date,open,high,low,close,volume,split\n2014-06-06,2,3,1,2,5,{ratio}\n"

    import_file(catalog, csv(tmp_path, text), share(), "1d", now=NOW)

    assert catalog.frame("AAPL.XNAS", "split", EVENT).row(0)[1:] == (new, old)


FAULTS = [
    ("nan,101,99,100,1", "open", "'nan'; a finite number"),
    (",101,99,100,1", "open", "None; a finite number"),
    ("abc,101,99,100,1", "open", "'abc'; a finite number"),
    ("100,101,99,100,inf", "volume", "'inf'; a finite number"),
    ("100,101,0,100,1", "low", "0.0; a price must be positive"),
    ("100,101,-5,100,1", "low", "-5.0; a price must be positive"),
    ("100,101,1e-9,100,1", "low", "1e-09; a price must be positive, at least one unit"),
    ("100,99.5,99,99,1", "high", "99.5; it may not be below the open"),
    ("99,99.5,99,100,1", "high", "99.5; it may not be below the close"),
    ("100,101,100.5,100.7,1", "low", "100.5; it may not be above the open"),
    ("100,101,99.5,99,1", "low", "99.5; it may not be above the close"),
    ("100,1e8,99,100,1", "high", "100000000.0; at most 1e+07"),
    ("100,101,99,100,-1", "volume", "-1.0; it may not be negative"),
]


@pytest.mark.parametrize(("cells", "column", "message"), FAULTS)
def test_a_bad_cell_is_named_by_file_row_column_and_value(
    tmp_path: Path, cells: str, column: str, message: str
) -> None:
    catalog = Catalog(tmp_path / "catalog")
    path = csv(tmp_path, f"{HEADER}{SANE}2024-02-01 00:07,{cells}\n")

    with pytest.raises(CorruptData) as error:
        import_file(catalog, path, coin(), "1m", now=NOW)

    assert f"bars.csv, row 4, column '{column}': the value is {message}" in str(error.value)
    assert not catalog.root.exists()


@pytest.mark.parametrize(
    ("time", "message"),
    [
        ("2024-02-01 00:05", "each time may occur only once"),
        ("2024-01-31 23:59", "sorted by time"),
        ("yesterday", "a date or time is required"),
        ("", "a date or time is required"),
        ("2024-02-30 00:00", "a date or time is required"),
        ("2031-01-01 00:00", "in the future; it is now 2030-03-17"),
    ],
)
def test_a_bad_time_is_named(tmp_path: Path, time: str, message: str) -> None:
    catalog = Catalog(tmp_path / "catalog")
    path = csv(tmp_path, f"{HEADER}{SANE}{time},100,101,99,100,1\n")

    with pytest.raises(CorruptData) as error:
        import_file(catalog, path, coin(), "1m", now=NOW)

    assert "bars.csv, row 4, column 'timestamp': " in str(error.value)
    assert message in str(error.value)
    assert not catalog.root.exists()


def test_a_bar_that_has_not_closed_yet_is_refused(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")
    path = csv(tmp_path, HEADER + "2024-01-31 00:00,2,3,1,2,5\n")
    close = nanoseconds("2024-02-01")

    with pytest.raises(CorruptData, match="closes at 2024-02-01T00:00:00 UTC, in the future"):
        import_file(catalog, path, coin(), "1d", now=close - 1)
    import_file(catalog, path, coin(), "1d", now=close)

    assert closes(catalog, "1d") == [close]


def test_a_day_without_a_session_is_refused(tmp_path: Path) -> None:
    path = csv(tmp_path, HEADER + "2013-07-03,2,3,1,2,5\n2013-07-04,2,3,1,2,5\n")

    with pytest.raises(CorruptData, match=r"row 2.*2013-07-04 is no session of the calendar XNYS"):
        import_file(Catalog(tmp_path / "catalog"), path, share(), "1d", now=NOW)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "cannot be read"),
        ("header.csv", HEADER.encode(), "has no rows"),
        ("short.csv", b"timestamp,open,high,low,close\n2024-01-01,1,1,1,1\n", "no column 'volume'"),
        ("timeless.csv", b"open,high,low,close,volume\n1,1,1,1,1\n", "no column 'timestamp'"),
        ("ragged.csv", HEADER.encode() + b"2024-01-01,1,1,1,1,1,1,1\n", "cannot be read"),
        ("broken.parquet", b"PAR1 this is not Parquet PAR1", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(CorruptData, match=message):
        import_file(Catalog(tmp_path / "catalog"), tmp_path / name, coin(), "1m", now=NOW)

    assert not (tmp_path / "catalog").exists()


def test_a_file_of_another_sort_or_none_is_refused(tmp_path: Path) -> None:
    for path, message in ((tmp_path / "a.xlsx", "none of .csv"), (tmp_path / "b.csv", "no file")):
        with pytest.raises(BadInput, match=message):
            import_file(Catalog(tmp_path / "catalog"), path, coin(), "1m", now=NOW)


def test_of_several_symbols_only_the_instruments_rows_are_taken(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")
    text = "symbol,date,open,high,low,close,volume\n"
    text += (
        "ETHUSDT,2024-01-01,1,1,1,1,1\nBTCUSDT,2024-01-01,9,9,9,9,1\nBTCUSDT,2024-01-02,9,9,0,9,1\n"
    )

    with pytest.raises(CorruptData, match="row 3, column 'low'"):
        import_file(catalog, csv(tmp_path, text), coin(), "1d", now=NOW)
    with pytest.raises(BadInput, match=r"no rows with symbol 'ADAUSDT'; it has \['BTCUSDT'"):
        import_file(catalog, csv(tmp_path, text), coin("ADAUSDT"), "1d", now=NOW)
    import_file(catalog, csv(tmp_path, text), coin("ETHUSDT"), "1d", now=NOW)

    assert [one.rows for one in catalog.datasets()] == [1]


@settings(max_examples=60)
@given(st.binary(max_size=300), st.sampled_from([".csv", ".parquet"]))
def test_no_bytes_at_all_get_past_the_door_as_anything_but_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    path = folder / f"fuzz{suffix}"
    path.write_bytes(content)

    with pytest.raises(BarqueError):
        import_file(Catalog(folder / "catalog"), path, coin(), "1m", now=NOW)

    assert not (folder / "catalog").exists()


cells = st.sampled_from(
    ["", "0", "-1", "1", "1e300", "1e999", "nan", "-inf", "2024-01-31", "99999999999999999999", "x"]
)


def damage_a_cell(rows: list[list[str]], chance: random.Random, cell: str) -> None:
    chance.choice(rows)[chance.randrange(6)] = cell


def repeat_a_row(rows: list[list[str]], chance: random.Random, cell: str) -> None:
    rows.insert(chance.randrange(len(rows)), list(chance.choice(rows)))


def drop_a_cell(rows: list[list[str]], chance: random.Random, cell: str) -> None:
    chance.choice(rows).pop()


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from([damage_a_cell, repeat_a_row, drop_a_cell]), max_size=2),
    st.randoms(use_true_random=False),
    cells,
)
def test_a_damaged_file_is_imported_sanely_or_not_at_all(
    tmp_path_factory: pytest.TempPathFactory,
    damages: list[Callable[[list[list[str]], random.Random, str], None]],
    chance: random.Random,
    cell: str,
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    catalog = Catalog(folder / "catalog")
    rows = [line.split(",") for line in SANE.splitlines()]
    for damage in damages:
        if all(len(row) == 6 for row in rows):
            damage(rows, chance, cell)
    path = csv(folder, HEADER + "\n".join(map(",".join, rows)))

    try:
        import_file(catalog, path, coin(), "1m", now=NOW)
    except BarqueError:
        assert not catalog.root.exists()
        return

    frame = catalog.frame(coin().id, "bar", "1m")
    assert (frame["low"] > 0).all()
    assert (frame["low"] <= frame.select(pl.min_horizontal("open", "close")).to_series()).all()
    assert (frame["high"] >= frame.select(pl.max_horizontal("open", "close")).to_series()).all()
    assert (frame["volume"] >= 0).all()
    assert frame["ts"].is_sorted()
    assert frame["ts"].is_unique().all()


@given(
    st.lists(st.decimals("0.00000001", "9999999", places=8), min_size=1, max_size=20),
    st.integers(0, 10**15),
)
def test_a_written_price_is_kept_to_the_last_digit(
    tmp_path_factory: pytest.TempPathFactory, prices: list[Decimal], volume: int
) -> None:
    folder = tmp_path_factory.mktemp("digits")
    catalog = Catalog(folder / "catalog")
    quantity = Decimal(volume).scaleb(-8)
    lines = [
        f"{1_700_000_000 + 60 * t},{price},{price},{price},{price},{quantity:f}"
        for t, price in enumerate(prices)
    ]

    import_file(catalog, csv(folder, HEADER + "\n".join(lines)), coin(), "1m", now=NOW)

    (file,) = catalog.files(coin(), "bar", "1m")
    stored = pl.read_parquet(file)
    assert stored["close"].to_list() == [coin().price_units(price) for price in prices]
    assert set(stored["volume"]) == {volume}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    catalog = Catalog(tmp_path_factory.mktemp("sample"))
    told: list[tuple[int, int]] = []
    import_sample(catalog, SAMPLE, lambda _, done, total: told.append((done, total)), now=NOW)
    assert told == [(done, 36) for done in range(1, 37)]
    return catalog


def test_the_bundled_sample_is_imported_whole(sample: Catalog) -> None:
    rows: dict[tuple[str, str], int] = {}
    for one in sample.datasets():
        rows[one.kind, one.period] = rows.get((one.kind, one.period), 0) + one.rows

    assert len(sample.instruments()) == 36
    assert rows[("bar", "1d")] == 30 * 4_822
    assert rows[("bar", "1h")] == 172_800 + 46_981
    assert rows[("bar", "1m")] == 86_398
    assert rows[("funding", EVENT)] == 532


def test_the_split_of_apple_is_at_the_open_of_its_day(sample: Catalog) -> None:
    splits = sample.frame("AAPL.XNAS", "split", EVENT).rows()

    assert [(str(ts)[:16], new, old) for ts, new, old in splits] == [
        ("2000-06-21 13:30", 2, 1),
        ("2005-02-28 14:30", 2, 1),
        ("2014-06-09 13:30", 7, 1),
    ]


def test_across_a_split_of_the_sample_the_adjusted_price_hardly_moves(sample: Catalog) -> None:
    moves = {}
    for instrument in sample.instruments():
        for ts, new, old in sample.frame(instrument.id, "split", EVENT).rows():
            bars = sample.frame(instrument.id, "bar", "1d").sort("ts")
            at = int(bars["start"].search_sorted(ts))
            assert bars["start"][at] == ts
            moves[instrument.id, str(ts)] = bars["open"][at] * new / old / bars["close"][at - 1]

    assert len(moves) > 30
    assert {key: move for key, move in moves.items() if not 0.8 < move < 1.25} == {}


def test_importing_the_sample_again_changes_nothing(sample: Catalog) -> None:
    before = sample.datasets()

    import_sample(sample, SAMPLE, now=NOW)

    assert sample.datasets() == before


def test_the_sample_is_small_and_every_file_is_in_its_notice() -> None:
    sizes = {path.name: path.stat().st_size for path in SAMPLE.glob("*.parquet")}
    notice = (SAMPLE / "NOTICE").read_text()

    assert max(sizes.values()) <= 5_000_000
    assert sum(sizes.values()) <= 12_000_000
    assert all(name in notice for name in sizes)
    wanted = {one.file for one in described(SAMPLE)} | {one.funding for one in described(SAMPLE)}
    assert wanted - {None} == set(sizes)


def test_the_sample_is_an_unchanged_part_of_its_source(test_data: Path) -> None:
    source = pl.read_parquet(test_data / "equity_daily" / "us_equity_daily.parquet")
    bundled = pl.read_parquet(SAMPLE / "us_equity_daily.parquet")

    same = source.join(bundled, on=bundled.columns, how="semi")

    assert same.height == bundled.height
    assert np.isfinite(bundled["close"].to_numpy()).all()


def test_a_folder_that_describes_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not describe data sets"):
        described(tmp_path)
