"""Files of quotes, trades, quote bars, funding, dividends, splits and factors, CSV and Parquet."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.data.catalog import Catalog
from barque.data.importing.importer import Prepared, prepare_file
from barque.data.importing.shapes.reading import Said
from barque.data.views.point_in_time import adjusted_bars
from barque.domain.errors import BadInput, BarqueError, CorruptData
from barque.domain.instruments import Instrument, InstrumentKind
from tests.data.builders import MINUTE, NOW, coin, nanoseconds, share

TRADES = """time,price,qty,side
2024-01-31T12:00:00.000000001Z,100.5,1.5,buy
2024-01-31T12:00:00.000000001Z,100.25,2,SELL
2024-01-31T12:00:01Z,100,0.5,
"""
QUOTES = """time,bid,bid_size,ask,ask_size
2024-01-31T12:00:00Z,100,1,100.5,2
2024-01-31T12:00:00Z,,,100.25,3
2024-01-31T12:00:01Z,99,4,0,0
"""
QUOTE_BARS = """timestamp,bid_open,bid_high,bid_low,bid_close,ask_open,ask_high,ask_low,ask_close
2024-01-31 12:00,100,101,99,100,100.5,101.5,99.5,100.5
2024-01-31 12:01,,,,,100.5,101,100,100.5
"""
FUNDING = """timestamp,funding_rate,mark_price
2024-01-31 00:00,0.0001,42000.5
2024-01-31 08:00,-0.00025,
"""
INTEREST = """timestamp,credit,debit
2024-01-30,0.0001,0.0002
2024-01-31,,0.0003
"""
DELISTINGS = """timestamp,delisting
2024-01-31 21:00,0.35
"""
ACTIONS = """date,dividend,split
2014-05-08,3.29,1
2014-06-09,0,7
2014-08-07,0.47,1
"""
FACTORS = """date,price_factor,split_factor,reference_price
1998-01-02,0.9,0.1428571,1
2014-05-07,0.9,0.1428571,592.33
2014-06-06,0.9050269,0.1428571,645.57
2014-08-06,0.9050269,1,94.96
2050-12-31,1,1,0
"""

FILES = {
    "trades": TRADES,
    "quotes": QUOTES,
    "quote_bars": QUOTE_BARS,
    "funding": FUNDING,
    "interest": INTEREST,
    "delistings": DELISTINGS,
    "actions": ACTIONS,
    "factors": FACTORS,
}


def written(folder: Path, text: str) -> Path:
    path = folder / "given.csv"
    path.write_text(text)
    return path


def prepared(path: Path, instrument: Instrument, **said: object) -> Prepared:
    return prepare_file(path, instrument, Said(**said), now=NOW)  # type: ignore[arg-type]


def columns(found: Prepared, kind: str) -> dict[str, list[int]]:
    (table,) = (one for one in found.tables if one.kind == kind)
    return {name: column.tolist() for name, column in table.columns.items()}


def owner(holds: str) -> Instrument:
    return share() if holds in ("actions", "factors") else coin()


def test_trades_keep_their_order_their_nanoseconds_and_their_side(tmp_path: Path) -> None:
    found = columns(prepared(written(tmp_path, TRADES), coin()), "trade")

    noon = nanoseconds("2024-01-31T12:00:00")
    assert found["ts"] == [noon + 1, noon + 1, noon + 10**9]
    assert found["price"] == [10_050_000_000, 10_025_000_000, 10_000_000_000]
    assert found["size"] == [150_000_000, 200_000_000, 50_000_000]
    assert found["side"] == [1, -1, 0]


def test_a_side_of_a_quote_may_be_missing(tmp_path: Path) -> None:
    found = columns(prepared(written(tmp_path, QUOTES), coin()), "quote")

    assert found["bid"] == [10**10, 0, 99 * 10**8]
    assert found["ask_size"] == [2 * 10**8, 3 * 10**8, 0]


def test_quote_bars_begin_at_their_stamp_or_close_at_it(tmp_path: Path) -> None:
    path = written(tmp_path, QUOTE_BARS)

    opened = columns(prepared(path, coin()), "quote_bar")
    closed = columns(prepared(path, coin(), stamp="close"), "quote_bar")

    noon = nanoseconds("2024-01-31T12:00:00")
    assert opened["start"] == [noon, noon + MINUTE]
    assert closed["ts"] == opened["start"]
    assert opened["bid_low"] == [99 * 10**8, 0]
    assert opened["ask_high"] == [10_150_000_000, 10_100_000_000]
    assert "bid_size" not in opened


def test_funding_is_a_rate_and_the_mark_may_be_missing(tmp_path: Path) -> None:
    found = columns(prepared(written(tmp_path, FUNDING), coin()), "funding")

    assert found["rate"] == [10**8, -25 * 10**7]
    assert found["mark"] == [4_200_050_000_000, 0]


def test_interest_is_three_rates_and_what_is_not_said_is_nothing(tmp_path: Path) -> None:
    found = columns(prepared(written(tmp_path, INTEREST), coin()), "interest")

    assert found["ts"] == [nanoseconds("2024-01-30"), nanoseconds("2024-01-31")]
    assert found["credit"] == [10**8, 0]
    assert found["debit"] == [2 * 10**8, 3 * 10**8]
    assert found["borrow"] == [0, 0]


@pytest.mark.parametrize(("price", "units"), [("0.35", 35_000_000), ("", 0)])
def test_a_delisting_pays_a_price_or_the_last_one(tmp_path: Path, price: str, units: int) -> None:
    text = replaced(DELISTINGS, "0.35", price)

    found = columns(prepared(written(tmp_path, text), coin()), "delisting")

    assert found == {"ts": [nanoseconds("2024-01-31T21:00")], "price": [units]}


def test_dividends_and_splits_happen_at_the_open_of_their_session(tmp_path: Path) -> None:
    found = prepared(written(tmp_path, ACTIONS), share())

    days = ["2014-05-08T13:30", "2014-06-09T13:30", "2014-08-07T13:30"]
    opens = [nanoseconds(one) for one in days]
    paid, split = columns(found, "dividend"), columns(found, "split")
    assert (paid["ts"], paid["amount"]) == ([opens[0], opens[2]], [329_000_000, 47_000_000])
    assert (split["ts"], split["new"], split["old"]) == ([opens[1]], [7], [1])


def test_factors_stand_for_the_same_dividends_and_splits(tmp_path: Path) -> None:
    found = prepared(written(tmp_path, FACTORS), share())

    paid, split = columns(found, "dividend"), columns(found, "split")
    assert paid["ts"][0] == nanoseconds("2014-05-08T13:30")
    assert paid["amount"][0] == pytest.approx(3.29 * 10**8, abs=10**4)
    assert split == {"ts": [nanoseconds("2014-06-09T13:30")], "new": [7], "old": [1]}


@pytest.mark.parametrize("holds", FILES)
def test_csv_and_parquet_become_the_same_data_and_the_facts_say_what_it_holds(
    tmp_path: Path, holds: str
) -> None:
    path = written(tmp_path, FILES[holds])
    frame = pl.read_csv(path)
    frame.write_parquet(tmp_path / "given.parquet")
    hashes = []

    for name in ("given.csv", "given.parquet"):
        found = prepared(tmp_path / name, owner(holds))
        catalog = Catalog(tmp_path / name.replace(".", "-"))
        catalog.write(found.instrument, found.tables)
        hashes.append([one.content_hash for one in catalog.datasets()])
        assert found.facts[0].value == holds

    assert hashes[0] == hashes[1]


def test_only_the_rows_that_are_asked_for_are_taken(tmp_path: Path) -> None:
    text = "time,price,size,exchange,late\n" + "".join(
        f"2024-01-31 12:00:0{t},100,1,{'PQ'[t % 2]},{'true' if t > 3 else 'false'}\n"
        for t in range(6)
    )
    path = written(tmp_path, text)

    found = prepared(path, coin(), only={"exchange": "Q", "late": "false"})

    assert len(columns(found, "trade")["ts"]) == 2
    with pytest.raises(BadInput, match="no rows with exchange 'Z'; it has"):
        prepared(path, coin(), only={"exchange": "Z"})
    with pytest.raises(CorruptData, match="has no column 'place'"):
        prepared(path, coin(), only={"place": "Q"})


def replaced(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


WRONG = {
    "a price that is none": (TRADES, ",100.25,", ",cheap,", r"row 2, column 'price'.*'cheap'"),
    "no price": (TRADES, ",100.25,", ",,", r"row 2, column 'price'"),
    "a price of 0": (TRADES, ",100.25,", ",0,", r"row 2, column 'price'.*positive"),
    "a negative size": (TRADES, ",2,", ",-2,", r"row 2, column 'qty'.*not be negative"),
    "a side that is none": (TRADES, "SELL", "short", r"row 2, column 'side'.*'short'; buy or 1"),
    "trades out of order": (TRADES, "12:00:01Z", "11:00:00Z", r"row 3, column 'time'.*sorted"),
    "a trade to come": (TRADES, "2024-01-31T12:00:01Z", "2031-01-01", r"row 3.*in the future"),
    "a quote of minus one": (QUOTES, "99,4", "-1,4", r"row 3, column 'bid'.*negative"),
    "a quote in words": (QUOTES, ",,,100.25", ",none,,100.25", r"row 2, column 'bid'.*'none'"),
    "a quote bar upside down": (
        QUOTE_BARS,
        "100.5,101,100,",
        "100.5,100,100,",
        r"row 2, column 'ask_high'.*below the open",
    ),
    "half a side": (QUOTE_BARS, "00,100,101,99,", "00,100,101,,", r"row 1, column 'bid_low'"),
    "a quote bar to come": (QUOTE_BARS, "2024-01-31 12:01", "2031-01-01", r"row 2.*in the future"),
    "more than all of it": (FUNDING, "0.0001,", "1.5,", r"rate is 15.*a number from -"),
    "a rate that is none": (FUNDING, "-0.00025", "?", r"row 2, column 'funding_rate'"),
    "interest of more than all": (INTEREST, "0.0003", "1.5", r"debit is 15.*a number from -"),
    "interest in words": (INTEREST, "0.0003", "low", r"row 2, column 'debit'"),
    "a negative pay-out": (DELISTINGS, "0.35", "-1", r"row 1, column 'delisting'"),
    "a delisting to come": (DELISTINGS, "2024-01-31", "2031-01-01", r"row 1.*in the future"),
    "a negative mark": (FUNDING, "42000.5", "-1", r"row 1, column 'mark_price'"),
    "a negative dividend": (ACTIONS, "3.29", "-3.29", r"row 1, column 'dividend'"),
    "a split of 0": (ACTIONS, "0,7", "0,0", r"row 2, column 'split'"),
    "a day without a session": (ACTIONS, "2014-06-09", "2014-06-08", r"row 2.*is no session"),
    "nothing at all": (
        "date,dividend\n2014-05-08,1\n",
        "-08,1",
        "-08,0",
        "no dividend other than 0",
    ),
    "factors out of order": (FACTORS, "2014-05-07", "2014-06-07", r"row 3.*must be sorted"),
    "a factor of 0": (FACTORS, "0.9050269,1,", "0,1,", r"row 4, column 'price_factor'"),
    "falling factors": (FACTORS, "0.9050269,1,", "0.5,1,", r"row 3, column 'price_factor'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused_with_file_row_and_column(tmp_path: Path, name: str) -> None:
    text, old, new, says = WRONG[name]
    path = written(tmp_path, replaced(text, old, new))
    instrument = share() if text in (ACTIONS, FACTORS) or "dividend" in text else coin()
    catalog = Catalog(tmp_path / "catalog")

    with pytest.raises(BadInput, match=says):
        catalog.write(instrument, prepared(path, instrument, period="1m").tables)

    assert not (tmp_path / "catalog").exists()


CELLS = ("", "nan", "inf", "-1", "0", "1e300", "x", "9" * 40, "2024-01-31", '"', "é")


@settings(max_examples=120)
@given(st.sampled_from(sorted(FILES)), st.integers(0, 60), st.sampled_from(CELLS))
def test_any_cell_may_be_anything_and_is_taken_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, holds: str, place: int, cell: str
) -> None:
    lines = [line.split(",") for line in FILES[holds].strip().split("\n")]
    row, column = divmod(place, len(lines[0]))
    lines[row % len(lines)][column] = cell
    path = written(tmp_path_factory.mktemp("fuzz"), "\n".join(map(",".join, lines)))

    catalog = Catalog(path.parent / "catalog")
    try:
        found = prepared(path, owner(holds), period="1m")
        catalog.write(found.instrument, found.tables)
    except BarqueError:
        assert catalog.datasets() == []


def real(symbol: str, kind: InstrumentKind, **changes: object) -> Instrument:
    return coin(symbol, kind=kind, currency="USD", **changes)


SWAP = real("BTCUSDT-PERP", InstrumentKind.PERPETUAL)
FX = real("EURUSD", InstrumentKind.FX, calendar="24/5", quantity_digits=0, lot=Decimal(1000))

REAL = {
    "forex/eurusd_hour_bidask.parquet": (FX, "quote_bar", {}),
    "equity_intraday/us_equity_minute_quote.parquet": (share("SPY"), "quote_bar", {}),
    "ticks/equity_trades_BAC.parquet": (share("BAC"), "trade", {}),
    "ticks/equity_quotes_BAC.parquet": (share("BAC"), "quote", {"exchange": "Q"}),
    "orderbook/binance_spot_btcusdt_20240808_trades.parquet": (coin(), "trade", {}),
    "orderbook/binance_spot_btcusdt_20240808_bookticker.parquet": (coin(), "quote", {}),
    "crypto/binance_perp_funding_8h.parquet": (SWAP, "funding", {}),
}


@pytest.mark.parametrize("file", REAL)
def test_real_files_are_imported_whole(test_data: Path, tmp_path: Path, file: str) -> None:
    instrument, kind, only = REAL[file]
    theirs = pl.read_parquet(test_data / file).filter(symbol=instrument.symbol, **only)

    found = prepared(test_data / file, instrument, only=only)
    datasets = Catalog(tmp_path).write(instrument, found.tables)

    assert [(one.kind, one.rows) for one in datasets] == [(kind, theirs.height)]
    assert theirs.height > 200


def test_the_factors_of_real_shares_are_the_splits_and_dividends_that_were(test_data: Path) -> None:
    file = test_data / "equity_daily_raw/factor_file.parquet"

    found = prepared(file, share("AAPL"))

    split, paid = columns(found, "split"), columns(found, "dividend")
    days = np.array(split["ts"]).astype("M8[ns]").astype("M8[D]").astype(str).tolist()
    assert days == ["2000-06-21", "2005-02-28", "2014-06-09", "2020-08-31"]
    assert (split["new"], split["old"]) == ([2, 2, 7, 4], [1, 1, 1, 1])
    paid_on = np.array(paid["ts"]).astype("M8[ns]").astype("M8[D]").astype(str).tolist()
    assert paid_on[:2] == ["2012-08-09", "2012-11-07"]
    assert np.array(paid["amount"][:2]) / 10**8 == pytest.approx([2.65, 2.65], rel=2e-3)


def test_prices_adjusted_by_what_factors_stand_for_are_those_the_factors_give(
    test_data: Path, tmp_path: Path
) -> None:
    folder, catalog, apple = test_data / "equity_daily_raw", Catalog(tmp_path), share("AAPL")
    for file in ("us_equity_daily_raw.parquet", "factor_file.parquet"):
        catalog.write(apple, prepared(folder / file, apple).tables)
    theirs = pl.read_parquet(folder / "factor_file.parquet").filter(symbol="AAPL")
    as_of = nanoseconds("2018-12-31T21:00")

    ours = adjusted_bars(catalog, "AAPL.XNAS", "1d", as_of)

    days = ours["start"].dt.date()
    at = theirs["timestamp"].dt.date().search_sorted(days).to_numpy()
    factor = (theirs["price_factor"] * theirs["split_factor"]).to_numpy()[at]
    assert ours.height > 5_000
    np.testing.assert_allclose(ours["factor"], factor / factor[-1], rtol=2e-4)
