"""Ticks, quote bars and what happens beside trading come out of the catalog as they went in."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from barque.data.catalog import Catalog, Table
from barque.data.events import parts
from barque.data.events.sources import Part
from barque.data.events.stream import catalog_events, events_of
from barque.data.files import write_all
from barque.data.kinds import EVENT, KINDS, TICK
from barque.data.parquet import parquet_content
from barque.domain.errors import BadInput, CorruptData
from tests.data.builders import MINUTE, coin, share
from tests.data.ticks import some_bars, some_quote_bars, some_quotes, some_trades

COIN = coin(price_digits=2, quantity_digits=6)
PERIODS = {"trade": TICK, "quote": TICK, "bar": "1m", "quote_bar": "1m"}


def table(part: Part) -> Table:
    """Return a part as the catalog takes it: columns of int64 in their order."""
    names = [name for name in KINDS[part.kind].every_column if name in part.columns]
    columns = {name: part.columns[name].astype(np.int64) for name in names}
    return Table(part.kind, PERIODS.get(part.kind, EVENT), columns)


def everything() -> list[Part]:
    return [
        some_trades(COIN, 1, 500),
        some_quotes(COIN, 2, 400),
        some_bars(COIN, 3, 200),
        some_quote_bars(COIN, 4, 200),
        parts.splits(COIN, ts=[5 * MINUTE], new=[2], old=[1]),
        parts.dividends(COIN, ts=[6 * MINUTE], amount=[7]),
        parts.symbol_changes(COIN, ts=[7 * MINUTE]),
        parts.funding(COIN, ts=[8 * MINUTE], rate=[10**8], mark=[99]),
        parts.interest(COIN, ts=[9 * MINUTE], credit=[1], debit=[2], borrow=[3]),
        parts.expiry(COIN, ts=[10 * MINUTE], price=[98]),
        parts.delisting(COIN, ts=[11 * MINUTE], price=[97]),
    ]


def test_every_kind_comes_out_of_the_catalog_as_the_events_of_memory(tmp_path: Path) -> None:
    catalog, given = Catalog(tmp_path), everything()
    catalog.write(COIN, [table(part) for part in given])
    market = ["trade", "quote", "bar", "quote_bar"]

    stream = catalog_events(catalog, [COIN.id], "1m", kinds=market)

    np.testing.assert_array_equal(stream.array(), events_of([COIN], given).array())
    assert len(catalog.datasets()) == len(given)


def test_a_run_chooses_which_market_it_is_told(tmp_path: Path) -> None:
    catalog, given = Catalog(tmp_path), everything()
    catalog.write(COIN, [table(part) for part in given])

    only = catalog_events(catalog, [COIN.id], "1m", kinds=["trade"])

    chosen = [part for part in given if part.kind not in ("quote", "bar", "quote_bar")]
    np.testing.assert_array_equal(only.array(), events_of([COIN], chosen).array())
    with pytest.raises(BadInput, match="choose among trade, quote, bar, quote_bar"):
        catalog_events(catalog, [COIN.id], "1m", kinds=["split"])


@pytest.mark.parametrize(("first", "last"), [(0, 3_000), (60, 600), (599, 601), (2_000, 99_999)])
def test_ticks_of_a_part_of_the_time_are_cut_at_whole_times(
    tmp_path: Path, first: int, last: int
) -> None:
    catalog = Catalog(tmp_path)
    catalog.write(COIN, [table(some_trades(COIN, 1, 500))])
    whole = catalog_events(catalog, [COIN.id], "1m", kinds=["trade"]).array()
    start, end = first * 10**9, last * 10**9

    cut = catalog_events(catalog, [COIN.id], "1m", start, end, kinds=["trade"]).array()

    expected = whole[(whole[:, 0] >= start) & (whole[:, 0] < end)]
    np.testing.assert_array_equal(cut, expected)


def test_ticks_are_appended_file_by_file_and_never_within_a_ts(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    ticks = table(some_trades(COIN, 1, 500)).columns
    cut = int(np.flatnonzero(np.diff(ticks["ts"]))[250]) + 1
    halves = [
        {name: c[part] for name, c in ticks.items()} for part in (slice(cut), slice(cut, None))
    ]

    for half in halves:
        catalog.write(COIN, [Table("trade", TICK, half)])

    assert catalog.datasets()[0].rows == 500
    stream = catalog_events(catalog, [COIN.id], "1m", kinds=["trade"])
    assert stream.rows >= 500
    again = {name: column[cut - 1 :] for name, column in ticks.items()}
    with pytest.raises(BadInput, match="covers only a part of it"):
        catalog.write(COIN, [Table("trade", TICK, again)])


def test_funding_of_a_catalog_from_before_there_were_mark_prices_is_read(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.write(
        COIN,
        [
            table(some_bars(COIN, 3, 200)),
            Table("funding", EVENT, {"ts": np.array([MINUTE]), "rate": np.array([10**8])}),
        ],
    )

    rows = catalog_events(catalog, [COIN.id], "1m").array()

    assert rows[rows[:, 2] == 60][:, 4:6].tolist() == [[10**8, 0]]
    assert catalog.frame(COIN.id, "funding", EVENT)["mark"].to_list() == [0.0]


def test_insane_ticks_are_refused_when_written_and_named_by_file_and_row_when_read(
    tmp_path: Path,
) -> None:
    catalog = Catalog(tmp_path)
    good, bad = table(some_quotes(COIN, 2, 400)), table(some_quotes(COIN, 2, 400))
    bad.columns["bid"][300] = -5

    with pytest.raises(CorruptData, match=r"The quote data of BTCUSDT.BINANCE, row 301: bid is"):
        catalog.write(COIN, [bad])
    assert not catalog.datasets()
    catalog.write(COIN, [good])
    (kept,) = catalog.files(COIN, "quote", TICK)
    write_all({kept: parquet_content(bad.columns)})
    start = int(good.columns["ts"][10])

    with pytest.raises(
        CorruptData, match=rf"{kept}, row 301: bid is .* units; it may not be negative"
    ):
        catalog_events(catalog, [COIN.id], "1m", start, kinds=["quote"]).array()


def test_ticks_the_catalog_lacks_are_asked_for_in_words(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.write(share(), [table(some_bars(share(), 3, 20))])

    with pytest.raises(BadInput, match=r"AAPL.XNAS has no trades in the time asked for"):
        catalog_events(catalog, ["AAPL.XNAS"], "1m", kinds=["trade"])


def test_a_data_set_larger_than_the_memory_runs(tmp_path: Path) -> None:
    catalog, rows = Catalog(tmp_path), 500_000
    chance = np.random.default_rng(1)
    for part in range(4):
        ticks = parts.trades(
            coin(),
            ts=(part * rows + np.arange(rows)) * 10**6,
            price=10**10 + chance.integers(0, 10**6, rows),
            size=chance.integers(1, 10**8, rows),
        )
        catalog.write(coin(), [table(ticks)])

    run = subprocess.run(
        [sys.executable, "-m", "tests.data.limited", str(tmp_path), "96"],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip

    assert run.stdout.split("\n")[:2] == [str(4 * rows), "too large for the memory"], run.stderr
