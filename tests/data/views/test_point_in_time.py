"""What was known on a day is all that a view as of that day holds."""

from pathlib import Path

import pytest

from barque.data.catalog import Catalog
from barque.data.importing.importer import import_file
from barque.data.views.point_in_time import adjusted_bars
from barque.data.views.universe import read_universe
from barque.domain.errors import BadInput, CorruptData
from tests.data.builders import NOW, nanoseconds, share

HEADER = "date,open,high,low,close,volume,dividend,split\n"
ROWS = [
    "2014-06-05,646,650,640,648,100,0,1\n",
    "2014-06-06,648,652,640,644,100,0,1\n",
    "2014-06-09,92,94,91,93,700,0,7\n",
    "2014-06-10,93,95,92,94,700,0.93,1\n",
    "2014-06-11,94,96,93,95,700,0,2\n",
]
CLOSES = [f"2014-06-{day:02}T20:00" for day in (5, 6, 9, 10, 11)]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return imported(tmp_path / "whole", ROWS)


def imported(folder: Path, rows: list[str]) -> Catalog:
    folder.mkdir()
    (folder / "bars.csv").write_text(HEADER + "".join(rows))
    catalog = Catalog(folder / "catalog")
    import_file(catalog, folder / "bars.csv", share(), "1d", now=NOW)
    return catalog


def closes(catalog: Catalog, day: int, **words: bool) -> list[float]:
    as_of = nanoseconds(CLOSES[day])
    return adjusted_bars(catalog, share().id, "1d", as_of, **words)["close"].to_list()


def test_prices_are_adjusted_for_what_had_happened_and_for_nothing_later(catalog: Catalog) -> None:
    assert closes(catalog, 1) == [648, 644]
    assert closes(catalog, 2) == pytest.approx([648 / 7, 644 / 7, 93])
    assert closes(catalog, 3, dividends=False) == pytest.approx([648 / 7, 644 / 7, 93, 94])
    assert closes(catalog, 3) == pytest.approx([0.99 * 648 / 7, 0.99 * 644 / 7, 0.99 * 93, 94])
    assert closes(catalog, 4)[-2:] == pytest.approx([94 / 2, 95])


@pytest.mark.parametrize("day", range(len(ROWS)))
def test_a_view_is_the_same_whatever_comes_after_it(
    catalog: Catalog, tmp_path: Path, day: int
) -> None:
    ended = imported(tmp_path / "ended", ROWS[: day + 1])

    assert closes(catalog, day) == closes(ended, day)


def test_a_value_traded_is_the_same_before_and_after_a_split(catalog: Catalog) -> None:
    as_of = nanoseconds(CLOSES[-1])

    bars = adjusted_bars(catalog, share().id, "1d", as_of, dividends=False)

    traded = catalog.frame(share().id, "bar", "1d")
    value = traded["close"] * traded["volume"]
    assert (bars["close"] * bars["volume"]).to_list() == pytest.approx(value.to_list())


def test_before_the_first_bar_there_is_nothing_to_see(catalog: Catalog) -> None:
    with pytest.raises(BadInput, match="no bars of 1d before 2014-06-05"):
        adjusted_bars(catalog, share().id, "1d", nanoseconds(CLOSES[0]) - 1)


UNIVERSE = """instrument,entry,exit
AAPL.XNAS,2010-01-01,
GONE.XNYS,2005-01-01,2012-06-01
BACK.XNYS,2005-01-01,2008-01-01
BACK.XNYS,2011-01-01,
"""


@pytest.mark.parametrize(
    ("day", "members"),
    [
        ("2004-12-31", ()),
        ("2005-01-01", ("BACK.XNYS", "GONE.XNYS")),
        ("2008-01-01", ("GONE.XNYS",)),
        ("2011-01-01", ("AAPL.XNAS", "BACK.XNYS", "GONE.XNYS")),
        ("2020-01-01", ("AAPL.XNAS", "BACK.XNYS")),
    ],
)
def test_a_universe_holds_those_who_were_there_that_day(
    tmp_path: Path, day: str, members: tuple[str, ...]
) -> None:
    (tmp_path / "universe.csv").write_text(UNIVERSE)

    universe = read_universe(tmp_path / "universe.csv")

    assert universe.members(nanoseconds(day)) == members
    assert universe.ever() == ("AAPL.XNAS", "BACK.XNYS", "GONE.XNYS")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("AAPL.XNAS,2012-01-01,\n", "row 5, column 'entry': AAPL.XNAS is still there"),
        ("NEW.XNYS,2012-01-01,2012-01-01\n", "row 5, column 'exit': it must be after"),
        ("NEW,2012-01-01,\n", "row 5, column 'instrument': 'NEW' is no SYMBOL.VENUE"),
        ("NEW.XNYS,soon,\n", "row 5, column 'entry'"),
        ("NEW.XNYS,2012-01-01,later\n", "row 5, column 'exit'"),
    ],
)
def test_a_stay_that_cannot_be_is_named(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "universe.csv").write_text(UNIVERSE + line)

    with pytest.raises(CorruptData, match=message):
        read_universe(tmp_path / "universe.csv")
