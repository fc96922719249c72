"""What other programs write is understood, said, and refused where it could mean two things."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.data.catalog import Catalog
from barque.data.importing.importer import Prepared, prepare_file
from barque.data.importing.shapes.reading import Said, Stamp
from barque.data.importing.shapes.understanding import SHAPES
from barque.domain.errors import BadInput, BarqueError, CorruptData
from barque.domain.instruments import Instrument
from tests.data.builders import HEADER, NOW, coin, nanoseconds, share

MINUTES = [1_706_704_200_000 + 60_000 * t for t in range(3)]
NUMBERS = [("100.5", "101", "99.25", "100", "1.5"), ("100", "100", "99", "99.5", "0")]
NUMBERS.append(("99.5", "120", "99.5", "110", "2.25"))


def prepared(path: Path, instrument: Instrument | None = None, **said: object) -> Prepared:
    return prepare_file(path, instrument or coin(), Said(**said), now=NOW)  # type: ignore[arg-type]


def bars(found: Prepared) -> dict[str, list[float]]:
    table = found.tables[-1]
    one = found.instrument
    scale = dict.fromkeys(("open", "high", "low", "close"), 10.0**one.price_digits)
    scale["volume"] = 10.0**one.quantity_digits
    return {name: (table.columns[name] / scale.get(name, 1)).tolist() for name in table.columns}


def understood(found: Prepared) -> dict[str, str]:
    return {fact.what: fact.value for fact in found.facts}


def binance(folder: Path) -> Path:
    lines = [
        ",".join((str(ms), *row, str(ms + 59_999), "1", "2", "3", "4", "0"))
        for ms, row in zip(MINUTES, NUMBERS, strict=True)
    ]
    path = folder / "BTCUSDT-1m-2024-01.csv"
    path.write_text("\n".join(lines))
    return path


def binance_zip(folder: Path) -> Path:
    path = folder / "BTCUSDT-1m-2024-01.zip"
    with ZipFile(path, "w") as archive:
        archive.write(binance(folder), "BTCUSDT-1m-2024-01.csv")
    return path


def ccxt(folder: Path) -> Path:
    path = folder / "ohlcv.json"
    rows = [[ms, *map(float, row)] for ms, row in zip(MINUTES, NUMBERS, strict=True)]
    path.write_text(json.dumps(rows))
    return path


def freqtrade(folder: Path) -> Path:
    path = folder / "BTC_USDT-1m.feather"
    times = pl.Series(MINUTES).cast(pl.Datetime("ms", "UTC"))
    columns = zip(*(map(float, row) for row in NUMBERS), strict=True)
    names = ("open", "high", "low", "close", "volume")
    frame = pl.DataFrame({"date": times, **dict(zip(names, columns, strict=True))})
    frame.write_ipc(path, compression="lz4")
    return path


def lean(folder: Path) -> Path:
    path = folder / "20240131_trade.zip"
    midnight = nanoseconds("2024-01-31") // 10**6
    lines = [",".join((str(ms - midnight), *row)) for ms, row in zip(MINUTES, NUMBERS, strict=True)]
    with ZipFile(path, "w") as archive:
        archive.writestr("20240131_btcusdt_minute_trade.csv", "\n".join(lines))
    return path


def pandas(folder: Path) -> Path:
    path = folder / "frame.csv"
    times = pl.Series(MINUTES).cast(pl.Datetime("ms")).dt.to_string("%Y-%m-%d %H:%M:%S")
    lines = [",".join((time, *row)) for time, row in zip(times, NUMBERS, strict=True)]
    path.write_text("Date,Open,High,Low,Close,Volume\n" + "\n".join(lines))
    return path


WRITERS = [binance, binance_zip, ccxt, freqtrade, lean, pandas]


@pytest.mark.parametrize("write", WRITERS)
def test_the_same_bars_are_the_same_in_every_shape(
    tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    found = prepared(write(tmp_path))

    table = found.tables[-1]
    assert understood(found)["shape"] == write.__name__.partition("_")[0]
    assert understood(found)["period"] == "1m"
    assert understood(found)["stamp"] == "open"
    assert table.columns["start"].tolist() == [ms * 10**6 for ms in MINUTES]
    assert table.columns["ts"].tolist() == [ms * 10**6 + 60 * 10**9 for ms in MINUTES]
    names = ("open", "high", "low", "close", "volume")
    rows = zip(*(bars(found)[name] for name in names), strict=True)
    assert list(rows) == [tuple(map(float, row)) for row in NUMBERS]


def test_a_binance_file_may_have_names_and_microseconds(tmp_path: Path) -> None:
    header = "open_time,open,high,low,close,volume,close_time,quote_volume,count,a,b,ignore\n"
    path = tmp_path / "klines.csv"
    text = binance(tmp_path).read_text()
    for ms in MINUTES:
        text = text.replace(str(ms), f"{ms}000")
    path.write_text(header + text)

    found = prepared(path)

    assert understood(found)["shape"] == "binance"
    assert found.tables[-1].columns["start"].tolist() == [ms * 10**6 for ms in MINUTES]


def test_lean_shares_are_in_new_york_time_and_in_ten_thousandths(tmp_path: Path) -> None:
    daily, minute = tmp_path / "spy.zip", tmp_path / "20131007_trade.zip"
    with ZipFile(daily, "w") as archive:
        archive.writestr("spy.csv", "20130703 00:00,1612500,1615000,1610000,1614000,100\n")
    with ZipFile(minute, "w") as archive:
        lines = [f"{ms},1612500,1615000,1610000,1614000,100" for ms in (34_200_000, 34_260_000)]
        archive.writestr("20131007_spy_minute_trade.csv", "\n".join(lines))

    day, minutes = prepared(daily, share(), period="1d"), prepared(minute, share())

    assert bars(day)["open"] == [161.25]
    assert day.tables[-1].columns["ts"].tolist() == [nanoseconds("2013-07-03T17:00")]
    assert minutes.tables[-1].columns["start"][0] == nanoseconds("2013-10-07T13:30")
    assert understood(minutes)["time zone"] == "America/New_York"


YAHOO = "Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits\n"


def test_yahoos_prices_are_restored_to_what_was_traded(tmp_path: Path) -> None:
    path = tmp_path / "AAPL.csv"
    path.write_text(
        YAHOO
        + "2014-06-05 00:00:00-04:00,92.25,92.75,91.75,92.5,80,7000,0.5,0.0\n"
        + "2014-06-06 00:00:00-04:00,92.25,92.75,91.75,92.25,80,7000,0.0,0.0\n"
        + "2014-06-09 00:00:00-04:00,92.75,94.0,91.75,93.75,80,5000,0.0,7.0\n"
    )

    found = prepared(path, share())

    assert understood(found)["prices"] == "multiplied by every later split"
    assert bars(found)["close"] == [647.5, 645.75, 93.75]
    assert bars(found)["volume"] == [1000, 1000, 5000]
    split, dividend = found.tables[:2]
    assert (split.kind, split.columns["new"].tolist()) == ("split", [7])
    assert (dividend.kind, dividend.columns["amount"].tolist()) == ("dividend", [350_000_000])


def test_yahoos_prices_that_were_adjusted_for_dividends_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "AAPL.csv"
    path.write_text(
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n2014-06-05,1,1,1,1,1,0,0"
    )

    with pytest.raises(BadInput, match="auto_adjust=False"):
        prepared(path, share(), period="1d")


def test_a_day_is_the_exchanges_own_wherever_its_midnight_is(tmp_path: Path) -> None:
    tokyo = replace(share(), id="7203.XTKS", calendar="XTKS")
    path = tmp_path / "toyota.csv"
    path.write_text(
        HEADER + "2024-01-30 00:00:00+09:00,2,3,1,2,5\n2024-01-31 00:00:00+09:00,2,3,1,2,5\n"
    )

    found = prepared(path, tokyo)

    closes = [nanoseconds("2024-01-30T06:00"), nanoseconds("2024-01-31T06:00")]
    assert found.tables[-1].columns["ts"].tolist() == closes


def minutes_of_a_session(path: Path, first: str) -> Path:
    times = np.datetime64(first, "s") + 60 * np.arange(390).astype("m8[s]")
    path.write_text(HEADER + "".join(f"{str(t).replace('T', ' ')},2,3,1,2,5\n" for t in times))
    return path


def test_local_times_that_pass_for_utc_are_refused_until_somebody_says_which(
    tmp_path: Path,
) -> None:
    path = minutes_of_a_session(tmp_path / "local.csv", "2013-10-07T09:30")

    with pytest.raises(BadInput, match="--zone America/New_York or --zone UTC"):
        prepared(path, share())
    found = prepared(path, share(), zone="America/New_York")

    assert found.tables[-1].columns["start"][0] == nanoseconds("2013-10-07T13:30")


def test_bars_that_seem_stamped_with_their_close_are_refused_until_somebody_says_so(
    tmp_path: Path,
) -> None:
    path = minutes_of_a_session(tmp_path / "close.csv", "2013-10-07T13:31")

    with pytest.raises(BadInput, match="--stamp close"):
        prepared(path, share())
    found = prepared(path, share(), stamp=Stamp.CLOSE)

    assert found.tables[-1].columns["start"][0] == nanoseconds("2013-10-07T13:30")
    assert found.tables[-1].columns["ts"][-1] == nanoseconds("2013-10-07T20:00")


def test_a_stamp_that_the_shape_contradicts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="stamps a bar with its open"):
        prepared(binance(tmp_path), stamp=Stamp.CLOSE)


@pytest.mark.parametrize(("form", "month"), [("%d/%m/%Y", "02"), ("%m/%d/%Y", "01")])
def test_a_day_that_may_be_a_month_needs_a_word(tmp_path: Path, form: str, month: str) -> None:
    path = tmp_path / "slashes.csv"
    path.write_text(HEADER + "01/02/2024,2,3,1,2,5\n")

    with pytest.raises(BadInput, match=r"row 1.*--time-format"):
        prepared(path, period="1d")
    found = prepared(path, period="1d", time_format=form)

    day = "01" if month == "02" else "02"
    assert found.tables[-1].columns["start"].tolist() == [nanoseconds(f"2024-{month}-{day}")]


REFUSED = [
    ("date,time,open,high,low,close,volume\n1,2,3,4,5,6,7\n", {}, "--column timestamp=date"),
    (HEADER + "2024-01-31 12:00,2,3,1,2,5\n", {}, "only one time.*--period"),
    (HEADER + "2024-01-01,2,3,1,2,5\n2024-01-08,2,3,1,2,5\n", {"period": "1w"}, "'1w' is unknown"),
    (HEADER + "2024-01-01 01:00,2,3,1,2,5\n2024-01-03 01:00,2,3,1,2,5\n", {}, "say it with --per"),
    (HEADER + "2024-01-01 01:00,2,3,1,2,5\n2024-01-01 01:01,2,3,1,2,5\n", {"period": "1h"}, "over"),
    ("2024-01-01,1,1,1,1,1,9\n", {}, "no line of column names"),
    (HEADER + "2024-01-01,2,3,1,2,5\n", {"shape": "leen"}, "Did you mean 'lean'"),
    (HEADER + "2024-01-01,2,3,1,2,5\n", {"zone": "Berlin", "period": "1d"}, "'Berlin' is unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said", "message"), REFUSED)
def test_what_could_mean_two_things_is_refused(
    tmp_path: Path, text: str, said: dict[str, str], message: str
) -> None:
    path = tmp_path / "unclear.csv"
    path.write_text(text)

    with pytest.raises(BadInput, match=message):
        prepared(path, **said)


def test_an_hour_that_clocks_show_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text(HEADER + "2024-11-03 00:30,2,3,1,2,5\n2024-11-03 01:30,2,3,1,2,5\n")

    with pytest.raises(CorruptData, match="row 2, column 'timestamp'"):
        prepared(path, zone="America/New_York", period="1m")


def test_what_the_instrument_rounds_is_said(tmp_path: Path) -> None:
    cents = replace(coin(), price_digits=0, tick=Decimal(1))

    found = prepared(pandas(tmp_path), cents)

    reasons = {fact.what: (fact.value, fact.why) for fact in found.facts}
    assert reasons["price digits"] == ("1 seen, 0 kept", "rounded to what the instrument keeps")
    assert reasons["volume digits"] == ("2 seen, 8 kept", "nothing is rounded")


ENDINGS = [".csv", ".parquet", ".feather", ".zip", ".json"]


@settings(max_examples=100)
@given(st.binary(max_size=200), st.sampled_from(ENDINGS))
def test_bytes_that_are_no_bars_are_refused_in_every_shape(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, ending: str
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / f"fuzz{ending}"
    path.write_bytes(content)

    with pytest.raises(BarqueError):
        prepared(path)


@settings(max_examples=150, derandomize=True)
@given(st.sampled_from(WRITERS), st.data())
def test_a_file_of_which_bytes_changed_is_read_sanely_or_not_at_all(
    tmp_path_factory: pytest.TempPathFactory,
    write: Callable[[Path], Path],
    data: st.DataObject,
) -> None:
    path = write(tmp_path_factory.mktemp("fuzz"))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)

    try:
        found = prepared(path)
    except BarqueError:
        return

    columns = found.tables[-1].columns
    assert (np.diff(columns["ts"]) > 0).all()
    assert (columns["low"] > 0).all()
    assert (columns["high"] >= np.maximum(columns["open"], columns["close"])).all()
    assert (columns["volume"] >= 0).all()


json_cells = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)


@settings(max_examples=100)
@given(st.lists(st.lists(json_cells, max_size=7) | json_cells, max_size=4) | json_cells)
def test_json_that_is_no_bars_is_refused(
    tmp_path_factory: pytest.TempPathFactory, document: object
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "fuzz.json"
    path.write_text(json.dumps(document))

    with pytest.raises(BarqueError):
        prepared(path)


def test_every_shape_has_a_name_of_its_own_and_a_test() -> None:
    names = {shape.name for shape in SHAPES}

    tested = {write.__name__.partition("_")[0] for write in WRITERS} | {"yahoo"}
    assert len(names) == len(SHAPES)
    assert names == tested


def test_nothing_is_written_by_looking(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")

    prepared(pandas(tmp_path))

    assert not catalog.root.exists()
