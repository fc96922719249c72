import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barque.data.catalog import Catalog, Table
from barque.data.kinds import EVENT
from barque.data.sessions import IntArray
from barque.domain.errors import BadInput, CorruptData, NotReady, UnknownName
from tests.data.builders import MINUTE, bar_columns, coin, share
from tests.data.test_tick_catalog import table
from tests.data.ticks import some_bars, some_quote_bars, some_quotes, some_trades


def bars(*minutes: int) -> Table:
    return Table("bar", "1m", bar_columns([minute * MINUTE for minute in minutes]))


def everything_in(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def test_what_is_written_is_listed_with_its_rows_times_and_hash(tmp_path: Path) -> None:
    written = Catalog(tmp_path).write(coin(), [bars(1, 2, 5)])

    assert Catalog(tmp_path).datasets() == written
    listed = written[0]
    assert (listed.instrument, listed.kind, listed.period) == ("BTCUSDT.BINANCE", "bar", "1m")
    assert (listed.rows, listed.start, listed.end) == (3, MINUTE, 5 * MINUTE)
    assert len(listed.content_hash) == 64


def test_an_instrument_comes_back_as_it_went_in(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    instruments = [share("BRK.B"), coin("XRPUSDT-PERP", tick=Decimal("0.0001"), multiplier=50)]
    for instrument in instruments:
        catalog.write(instrument, [bars(1)])

    assert catalog.instruments() == instruments
    assert catalog.instrument("BRK.B.XNAS") == instruments[0]


def test_a_frame_has_utc_times_and_numbers_as_people_write_them(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    columns = {name: np.array([value], np.int64) for name, value in BAR_IN_UNITS.items()}
    catalog.write(share(), [Table("bar", "1m", columns)])

    frame = catalog.frame("AAPL.XNAS", "bar", "1m")

    assert frame["ts"].dtype == pl.Datetime("ns", "UTC")
    assert frame.drop("ts", "start").row(0) == (80.69, 81.0, 77.37, 77.62, 2_487_300.0)


BAR_IN_UNITS = {
    "ts": 2 * MINUTE,
    "start": MINUTE,
    "open": 8_069_000_000,
    "high": 8_100_000_000,
    "low": 7_737_000_000,
    "close": 7_762_000_000,
    "volume": 2_487_300,
}


def test_a_frame_of_events_is_empty_when_there_are_none(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    amount = {"ts": np.array([MINUTE]), "amount": np.array([73_000_000])}
    catalog.write(share(), [bars(1), Table("dividend", EVENT, amount)])

    assert catalog.frame("AAPL.XNAS", "dividend", EVENT)["amount"].to_list() == [0.73]
    assert catalog.frame("AAPL.XNAS", "split", EVENT).columns == ["ts", "new", "old"]
    assert catalog.frame("AAPL.XNAS", "split", EVENT).is_empty()


def test_the_hash_depends_on_the_numbers_and_not_on_the_place(tmp_path: Path) -> None:
    here = Catalog(tmp_path / "here").write(coin(), [bars(1, 2)])
    there = Catalog(tmp_path / "there").write(coin("OTHER"), [bars(1, 2)])
    other = Catalog(tmp_path / "other").write(coin(), [bars(1, 3)])

    assert here[0].content_hash == there[0].content_hash != other[0].content_hash


def test_writing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.write(coin(), [bars(1, 2)])
    before = everything_in(tmp_path)

    catalog.write(coin(), [bars(1, 2)])

    assert everything_in(tmp_path) == before


def test_a_longer_history_replaces_the_shorter_one_it_covers(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.write(coin(), [bars(2, 3)])
    catalog.write(coin(), [bars(5, 6)])

    catalog.write(coin(), [bars(*range(1, 9))])

    assert [one.rows for one in catalog.datasets()] == [8]
    assert len(list(tmp_path.rglob("*.parquet"))) == 1


def test_a_file_that_was_left_beside_the_one_that_replaced_it_is_not_read(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.write(coin(), [bars(2, 3)])
    (old,) = tmp_path.rglob("*.parquet")
    content = old.read_bytes()
    catalog.write(coin(), [bars(1, 2, 3, 4)])

    old.write_bytes(content)

    assert [one.rows for one in catalog.datasets()] == [4]


@pytest.mark.parametrize("minutes", [(3, 9), (2, 3), (0, 1), (4, 5)])
def test_a_history_that_covers_only_a_part_is_refused(
    tmp_path: Path, minutes: tuple[int, ...]
) -> None:
    catalog = Catalog(tmp_path)
    catalog.write(coin(), [bars(1, 2, 3, 4)])
    before = everything_in(tmp_path)

    with pytest.raises(BadInput, match="covers only a part"):
        catalog.write(coin(), [bars(*minutes)])

    assert everything_in(tmp_path) == before


def test_units_cannot_change_under_what_is_there(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.write(coin(), [bars(1)])

    with pytest.raises(BadInput, match="with price_digits 8, not 7"):
        catalog.write(coin(price_digits=7), [bars(1)])
    catalog.write(coin(tick=Decimal("0.5")), [bars(1)])

    assert catalog.instrument(coin().id).tick == Decimal("0.5")


@pytest.mark.parametrize("ts", [[], [2 * MINUTE, MINUTE], [MINUTE, MINUTE]])
def test_rows_that_are_not_sorted_are_refused(tmp_path: Path, ts: list[int]) -> None:
    with pytest.raises(CorruptData, match="empty or not sorted"):
        Catalog(tmp_path).write(coin(), [bars(1), Table("bar", "5m", bar_columns(ts))])

    assert everything_in(tmp_path) == {}


@pytest.mark.parametrize("symbol", ["../../etc", "A/B", ".", "", "A B"])
def test_an_id_cannot_name_a_place_outside_the_catalog(tmp_path: Path, symbol: str) -> None:
    with pytest.raises(BadInput, match="cannot be kept"):
        Catalog(tmp_path / "root").write(replace(coin(), id=f"{symbol}.X"), [bars(1)])
    with pytest.raises(UnknownName):
        Catalog(tmp_path / "root").instrument(f"{symbol}.X")

    assert everything_in(tmp_path) == {}


def test_a_write_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = Catalog(tmp_path)
    catalog.write(coin(), [bars(5)])
    before = everything_in(tmp_path)
    syncs: list[int] = []

    def full_disk(descriptor: int) -> None:
        syncs.append(descriptor)
        if len(syncs) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    amount: dict[str, IntArray] = {"ts": np.array([MINUTE]), "amount": np.array([1])}
    with pytest.raises(OSError, match="No space left"):
        catalog.write(coin(), [Table("dividend", EVENT, amount), bars(1, 2)])

    assert everything_in(tmp_path) == before


def test_a_name_nobody_knows_is_answered_with_the_nearest(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.write(coin(), [bars(1)])

    with pytest.raises(UnknownName, match=r"Did you mean 'BTCUSDT\.BINANCE'"):
        catalog.instrument("BTCUSD.BINANCE")
    with pytest.raises(NotReady, match="it has 1m"):
        catalog.frame("BTCUSDT.BINANCE", "bar", "1h")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((), r"no bars at all\. `barque data import`"),
        ((some_quotes,), r"no bars at all, but quotes \(`--market quote`\)\. .*`--build 1h`"),
        ((some_quote_bars,), r"but quote bars \(`--market quote_bar --period 1m`\)\. `barque"),
        ((some_quotes, some_trades), r"but quotes \(.* and trades \(`--market trade`\)\."),
        ((some_quotes, some_bars), r"it has 1m\. `barque data import`"),
    ],
)
def test_who_wants_bars_that_are_not_there_is_told_what_is_and_how_to_ask_for_it(
    tmp_path: Path, parts, said
) -> None:
    catalog = Catalog(tmp_path)
    interest = {name: np.array([MINUTE]) for name in ("ts", "credit", "debit", "borrow")}
    tables = [table(make(coin(), 2, 4)) for make in parts]
    catalog.write(coin(), [Table("interest", EVENT, interest), *tables])

    with pytest.raises(NotReady, match=said):
        catalog.bar_files(coin(), "1d")


def test_damage_on_disk_is_named(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.write(coin(), [bars(1, 2)])
    (parquet,) = tmp_path.rglob("*.parquet")
    parquet.write_bytes(parquet.read_bytes()[:40])

    with pytest.raises(CorruptData, match=r"\.parquet is damaged"):
        catalog.datasets()
    (tmp_path / "BINANCE/BTCUSDT/instrument.json").write_text('{"id": 1}')
    with pytest.raises(CorruptData, match="does not describe an instrument"):
        catalog.instruments()
