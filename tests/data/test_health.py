"""`data check` finds what was planted, and in good data nothing."""

import itertools
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from barque.data.health.check import check_file
from barque.data.health.findings import LEVELS, Health
from barque.data.health.picture import picture
from barque.data.sessions import session_spans
from tests.data.builders import NOW, nanoseconds

HOUR = 3_600 * 10**9
Frame = pl.DataFrame


def coin_hours(rows: int = 600) -> Frame:
    """Hours of a market that never closes, wandering by up to 1 %."""
    return walk(nanoseconds("2024-01-01") + HOUR * np.arange(rows))


def share_minutes() -> Frame:
    """Every minute of three months of New York sessions."""
    opens, closes = session_spans("XNYS", nanoseconds("2013-02-01"), nanoseconds("2013-05-01"))
    grid = [np.arange(a, b, 60 * 10**9) for a, b in zip(opens, closes, strict=True)]
    return walk(np.concatenate(grid))


def walk(ts: np.ndarray) -> Frame:
    chance = np.random.default_rng(7)
    close = 100 * np.exp(np.cumsum(chance.uniform(-0.01, 0.01, ts.size)))
    open_ = np.append(100.0, close[:-1])
    return pl.DataFrame(
        {
            "timestamp": pl.Series(ts).cast(pl.Datetime("ns", "UTC")),
            "open": open_,
            "high": np.maximum(open_, close) * 1.001,
            "low": np.minimum(open_, close) * 0.999,
            "close": close,
            "volume": chance.uniform(900, 1100, ts.size),
        }
    )


def checked(folder: Path, frame: Frame, **words: str) -> Health:
    path = folder / "market.parquet"
    frame.write_parquet(path)
    return check_file(path, now=NOW, **words)


def found(health: Health) -> dict[str, list[int]]:
    """Return the rows of each check."""
    by_check = itertools.groupby(
        sorted(health.findings, key=lambda one: one.check), lambda f: f.check
    )
    return {check: [p.row for one in some for p in one.places] for check, some in by_check}


def put(frame: Frame, row: int, **values: float) -> Frame:
    """Return the frame with other values in a row, counted from 1."""
    here = pl.int_range(1, pl.len() + 1) == row
    return frame.with_columns(
        pl.when(here).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


@pytest.mark.parametrize("frame", [coin_hours(), share_minutes()], ids=["coin", "share"])
def test_in_good_data_nothing_is_found(tmp_path: Path, frame: Frame) -> None:
    health = checked(tmp_path, frame)

    assert health.findings == ()
    assert health.rows == frame.height
    assert (health.calendar, health.period) in {("24/7", "1h"), ("XNYS", "1m")}


PLANTED = [
    ("not_a_number", {"close": float("nan")}),
    ("not_positive", {"low": 0.0}),
    ("not_positive", {"low": -5.0}),
    ("bad_ohlc", {"high": 1.0}),
    ("bad_ohlc", {"low": 1e6}),
    ("negative_volume", {"volume": -1.0}),
    ("zero_volume", {"volume": 0.0}),
    ("outlier", {"close": 1e4, "high": 1e4}),
]


@pytest.mark.parametrize(("check", "values"), PLANTED)
def test_a_bad_cell_is_found_with_its_row_and_nothing_else_is(
    tmp_path: Path, check: str, values: dict[str, float]
) -> None:
    health = checked(tmp_path, put(coin_hours(), 300, **values))

    assert found(health) == {check: [300]}


def test_rows_that_are_double_missing_or_out_of_order_are_found(tmp_path: Path) -> None:
    good = coin_hours()
    double = pl.concat([good[:300], good[299:]])
    missing = pl.concat([good[:300], good[305:]])
    swapped = pl.concat([good[:300], good[301:302], good[300:301], good[302:]])

    assert found(checked(tmp_path, double)) == {"duplicate": [301]}
    assert found(checked(tmp_path, missing)) == {"gap": [300]}
    assert found(checked(tmp_path, swapped)) == {"unsorted": [302]}
    assert "5 bars are missing" in checked(tmp_path, missing).findings[0].says


def test_a_time_that_has_not_come_is_found(tmp_path: Path) -> None:
    frame = walk(NOW - 2 * HOUR + HOUR * np.arange(5))

    assert found(checked(tmp_path, frame, calendar="24/7"))["future"] == [4, 5]


@pytest.mark.parametrize("ratio", [2.0, 3.0, 7.0, 0.1])
def test_a_split_that_was_not_adjusted_is_found_unless_the_file_states_it(
    tmp_path: Path, ratio: float
) -> None:
    after = pl.int_range(1, pl.len() + 1) >= 300
    scale = pl.when(after).then(1 / ratio).otherwise(1.0)
    prices = [pl.col(name) * scale for name in ("open", "high", "low", "close")]
    raw = coin_hours().with_columns(*prices, pl.col("volume") / scale)
    stated = put(raw.with_columns(split=pl.lit(1.0)), 300, split=ratio)

    assert found(checked(tmp_path, raw)) == {"unadjusted_split": [300]}
    assert found(checked(tmp_path, stated)) == {}


def test_a_crash_is_no_split(tmp_path: Path) -> None:
    after = pl.int_range(1, pl.len() + 1) >= 300
    scale = pl.when(after).then(0.5).otherwise(1.0)
    prices = [pl.col(name) * scale for name in ("open", "high", "low", "close")]
    crash = put(coin_hours().with_columns(*prices), 300, volume=20_000.0)

    assert found(checked(tmp_path, crash)) == {}


@pytest.mark.parametrize(("zone", "hours"), [("America/New_York", -4), ("Asia/Tokyo", 9)])
def test_local_times_that_pass_for_utc_are_found(tmp_path: Path, zone: str, hours: int) -> None:
    local = pl.col("timestamp").dt.convert_time_zone(zone).dt.replace_time_zone("UTC")
    frame = share_minutes().with_columns(local)

    health = checked(tmp_path, frame, calendar="XNYS")

    (mistake,) = [one for one in health.findings if one.check == "time_zone"]
    assert f"{hours:+d} h off" in mistake.says or f"{hours - 1:+d} h off" in mistake.says


def test_a_bar_on_a_holiday_is_found(tmp_path: Path) -> None:
    days = np.array(["2013-07-02", "2013-07-03", "2013-07-04", "2013-07-05"], "M8[ns]")

    health = checked(tmp_path, walk(days.astype(np.int64)), calendar="XNYS")

    assert found(health) == {"no_session": [3]}


def test_quotes_that_cross_are_found(tmp_path: Path) -> None:
    times = coin_hours(6)["timestamp"]
    quotes = {"bid": [9.0, 9, 11, 10, 0, 12], "ask": [10.0, 10, 10, 10, 10, 0]}

    health = checked(tmp_path, pl.DataFrame({"timestamp": times, **quotes}))

    assert found(health) == {"crossed": [3]}


def test_each_symbol_is_judged_by_itself(tmp_path: Path) -> None:
    cheap = coin_hours().with_columns(symbol=pl.lit("CHEAP"))
    dear = cheap.with_columns(pl.col("open", "high", "low", "close") * 50, symbol=pl.lit("DEAR"))

    health = checked(tmp_path, pl.concat([cheap, put(dear, 9, low=-1.0)]))

    assert [(one.symbol, one.check) for one in health.findings] == [("DEAR", "not_positive")]


def test_the_picture_shows_every_check_that_found_something(tmp_path: Path) -> None:
    bad = put(put(coin_hours(), 300, low=0.0), 100, volume=0.0)

    drawn = picture(checked(tmp_path, bad))

    texts = [
        one.text for one in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert {"not positive", "zero volume"} <= set(texts)
    assert "nothing was found" in picture(checked(tmp_path, coin_hours()))


def test_a_check_that_nobody_graded_does_not_exist(tmp_path: Path) -> None:
    assert {check for check, _ in PLANTED} <= set(LEVELS)


EXPECTED = {
    "crypto/binance_spot_5m": {"gap": 8, "zero_volume": 112},
    "crypto/binance_spot_BTCUSDT_1h": {"gap": 27, "zero_volume": 3},
    "crypto/binance_perp_1m": {},
    "equity_daily_raw/us_equity_daily_raw": {"gap": 1, "unadjusted_split": 7},
    "macro/factor_etf_close_daily": {},
    "macro/sp500_index_close_daily": {},
    "macro/vix_daily": {"bad_ohlc": 47, "gap": 4, "no_session": 1},
    "orderbook/binance_spot_btcusdt_20240808_lob10": {},
    "ticks/equity_quotes_BAC": {},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_in_real_data_just_the_known_flaws_are_found(test_data: Path, name: str) -> None:
    health = check_file(test_data / f"{name}.parquet", now=NOW)

    counts: dict[str, int] = {}
    for one in health.findings:
        counts[one.check] = counts.get(one.check, 0) + one.count
    assert counts == EXPECTED[name]


def test_the_splits_of_raw_prices_are_those_of_the_factor_file(test_data: Path) -> None:
    folder = test_data / "equity_daily_raw"
    factors = pl.read_parquet(folder / "factor_file.parquet")
    after = pl.col("split_factor").shift(-1).over("symbol")
    splits = factors.filter(
        (after / pl.col("split_factor") > 1.4) & (pl.col("timestamp").dt.year() < 2019)
    )

    health = check_file(folder / "us_equity_daily_raw.parquet", now=NOW)

    seen = {one.symbol: one.count for one in health.findings if one.check == "unadjusted_split"}
    assert sum(seen.values()) == splits.height
