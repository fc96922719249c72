"""Bars of a venue that speaks HTTP on this machine: pages, interruptions, busy hours, nonsense."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from barque.data.catalog import Catalog, Table
from barque.data.download import keeping, patience
from barque.data.download.download import Download, Downloaded
from barque.data.download.keeping import NOTE
from barque.data.download.sources import BarSource, Wanted, open_source, source_name
from barque.data.kinds import KINDS
from barque.domain.errors import BadInput, CannotContinue, CorruptData, NotReady, UnknownName
from barque.domain.instruments import InstrumentKind
from tests.data.download.venue import (
    MINUTE,
    Venue,
    answering,
    breaking_off,
    hanging,
    kline,
    open_venue,
    trickling,
)

FIRST = 1_700_000_040_000  # 2023-11-14 22:14 UTC
BARS = 2_500
END = FIRST + BARS * MINUTE
LATER = (END + 300 * 86_400_000) * 10**6
SPAN = (FIRST * 10**6, END * 10**6)

BTC = Wanted("BTCUSDT.BINANCE", kind="spot")
KEYS = {"APCA_API_KEY_ID": "PK-OPEN-SESAME", "APCA_API_SECRET_KEY": "very/secret+words"}


@pytest.fixture
def venue() -> Iterator[Venue]:
    with open_venue(Venue(FIRST, END)) as one:
        yield one


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits in these tests; how long they would have is noted."""
    waits: list[float] = []
    monkeypatch.setattr(patience.patiently, "__defaults__", (waits.append,))
    return waits


def binance(venue: Venue, deadline: float = 5.0) -> BarSource:
    return open_source("binance", venue.url, deadline=deadline)


def alpaca(venue: Venue, deadline: float = 5.0) -> BarSource:
    return open_source("alpaca", venue.url, KEYS, deadline)


def download(
    catalog: Catalog,
    source: BarSource,
    span: tuple[int, int] = SPAN,
    now: int = LATER,
    again: bool = False,
    wanted: Wanted = BTC,
    period: str = "1m",
) -> Downloaded:
    instrument = source.instrument(wanted)
    return Download(catalog, instrument, wanted, period, source, now).run(span, again)


def whole_hash(folder: Path, venue: Venue) -> str:
    """The content hash of the same bars, downloaded in one go."""
    catalog = Catalog(folder / "whole")
    download(catalog, binance(venue))
    venue.asked.clear()
    return catalog.datasets()[0].content_hash


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog")


def test_a_history_comes_in_pages_and_is_not_asked_for_twice(
    venue: Venue, catalog: Catalog
) -> None:
    first = download(catalog, binance(venue))
    pages = list(venue.asked)
    second = download(catalog, binance(venue))

    assert (first.new, first.expected, first.missing) == (BARS, BARS, 0)
    assert pages == [(FIRST, 1000), (FIRST + 1000 * MINUTE, 1000), (FIRST + 2000 * MINUTE, 500)]
    assert (second.new, second.questions) == (0, 0)
    assert venue.asked == pages
    frame = catalog.frame("BTCUSDT.BINANCE", "bar", "1m")
    assert frame["open"][0] == pytest.approx(float(str(kline(FIRST)[1])), rel=1e-12)
    assert frame["ts"].dt.timestamp("ms")[0] == FIRST + MINUTE


def test_an_instrument_is_what_its_venue_says_it_is(venue: Venue) -> None:
    source = binance(venue)

    spot = source.instrument(BTC)
    perpetual = source.instrument(Wanted("BTCUSDT-PERP.BINANCE"))
    by_symbol = source.instrument(Wanted("ANY.BINANCE", symbol="BTC/USDT"))
    unsaid = source.instrument(Wanted("BTCUSDT.BINANCE"))

    assert (str(spot.tick), str(spot.lot), spot.currency) == ("0.01", "0.00001", "USDT")
    assert (spot.kind, perpetual.kind) == (InstrumentKind.SPOT, InstrumentKind.PERPETUAL)
    assert by_symbol.kind is unsaid.kind is InstrumentKind.SPOT
    with pytest.raises(UnknownName, match="Did you mean 'BTCUSDT'"):
        source.instrument(Wanted("BTCUSD.BINANCE"))


def test_a_page_that_is_cut_by_the_venue_goes_on_where_it_ended(
    venue: Venue, catalog: Catalog
) -> None:
    venue.most = 300

    found = download(catalog, binance(venue))

    assert (found.new, found.missing, found.questions) == (BARS, 0, 9)


def test_downloads_and_imports_of_one_data_set_at_once_lose_nothing(
    venue: Venue, catalog: Catalog
) -> None:
    """A second download and an import come while a first one has asked for a page."""
    source = binance(venue)
    instrument = source.instrument(BTC)
    imported = (END + 10 * MINUTE) * 10**6
    later = {"ts": imported + MINUTE * 10**6, "start": imported, "volume": 1}
    later |= dict.fromkeys(("open", "high", "low", "close"), 10_000)
    bars = {name: np.array([later[name]]) for name in KINDS["bar"].columns}
    questions: list[str] = []

    def meanwhile(stage: str, done: int, total: int) -> None:
        questions.append(stage)
        if len(questions) == 2:
            half = (FIRST + BARS // 2 * MINUTE) * 10**6
            download(catalog, source, (half, SPAN[1]))
            catalog.write(instrument, [Table("bar", "1m", bars)])

    first = Download(catalog, instrument, BTC, "1m", source, LATER, meanwhile)
    found = first.run((SPAN[0], (FIRST + 3 * BARS // 4 * MINUTE) * 10**6))

    starts = catalog.frame(instrument.id, "bar", "1m")["start"].dt.timestamp("ms").to_list()
    assert starts == [*range(FIRST, END, MINUTE), imported // 10**6]
    assert found.missing == 0
    assert len(catalog.files(instrument, "bar", "1m")) == 1


def test_the_unfinished_bar_is_never_kept(venue: Venue, catalog: Catalog) -> None:
    now = (FIRST + 100 * MINUTE + 59_999) * 10**6

    found = download(catalog, binance(venue), now=now)

    assert (found.new, found.missing) == (100, 0)
    assert catalog.datasets()[0].end == (FIRST + 100 * MINUTE) * 10**6
    assert download(catalog, binance(venue), now=now + 10**6).new == 1


def test_an_interrupted_download_keeps_what_came_and_goes_on_from_there(
    venue: Venue, catalog: Catalog, tmp_path: Path
) -> None:
    whole = whole_hash(tmp_path, venue)
    venue.faults = [None, answering(400, '{"code":-1100,"msg":"no"}')]

    with pytest.raises(BadInput, match="binance refuses"):
        download(catalog, binance(venue))
    kept = catalog.datasets()[0].rows
    venue.asked.clear()
    found = download(catalog, binance(venue))

    assert kept == 1000
    assert venue.asked[0] == (FIRST + 1000 * MINUTE, 1000)
    assert (found.new, found.missing) == (1500, 0)
    assert catalog.datasets()[0].content_hash == whole


def test_a_killed_download_is_gone_on_with_and_becomes_the_same_data(
    venue: Venue, catalog: Catalog, tmp_path: Path
) -> None:
    whole = whole_hash(tmp_path, venue)
    venue.most = 100
    venue.faults = [None] * 7 + [hanging(5)]
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.data.download import test_download as t\n"
        "from barque.data.download import keeping\n"
        "keeping.MOST_ROWS = 200\n"
        f"source = t.open_source('binance', {venue.url!r})\n"
        f"t.download(t.Catalog(Path({str(catalog.root)!r})), source)\n"
    )
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    child = subprocess.Popen([sys.executable, "-c", program], env=os.environ | paths)
    while len(venue.asked) < 8:
        assert child.poll() is None
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()

    kept = catalog.datasets()[0].rows
    found = download(catalog, binance(venue))

    assert kept == 600
    assert (found.new, found.missing) == (BARS - 600, 0)
    assert catalog.datasets()[0].content_hash == whole


def test_a_hole_in_what_is_there_is_filled_and_nothing_else_is_asked_for(
    venue: Venue, catalog: Catalog, tmp_path: Path
) -> None:
    whole = whole_hash(tmp_path, venue)
    hole = {FIRST + k * MINUTE for k in range(1200, 1230)}
    venue.holes = set(hole)
    first = download(catalog, binance(venue))
    venue.holes = set()
    venue.asked.clear()

    unasked = download(catalog, binance(venue))
    again = download(catalog, binance(venue), again=True)

    assert (first.missing, first.first_missing) == (30, min(hole) * 10**6)
    assert (unasked.new, unasked.questions, unasked.missing) == (0, 0, 30)
    assert (again.new, again.missing) == (30, 0)
    assert venue.asked == [(min(hole), 30)]
    assert catalog.datasets()[0].content_hash == whole


def test_a_hole_of_yesterday_is_asked_for_again_by_itself(venue: Venue, catalog: Catalog) -> None:
    hole = FIRST + 2_400 * MINUTE
    venue.holes = {hole}
    now = END * 10**6
    download(catalog, binance(venue), now=now)
    venue.holes = set()

    found = download(catalog, binance(venue), now=now)

    assert (found.new, found.questions, found.missing) == (1, 1, 0)


def test_bars_of_a_file_are_kept_as_they_are_and_only_the_rest_is_asked_for(
    venue: Venue, catalog: Catalog
) -> None:
    source = binance(venue)
    download(catalog, source, (SPAN[0] + 500 * MINUTE * 10**6, SPAN[1]))
    (note,) = catalog.root.rglob(NOTE)
    note.unlink()
    venue.asked.clear()

    found = download(catalog, source)

    assert venue.asked == [(FIRST, 500)]
    assert (found.new, found.missing) == (500, 0)
    assert len(list(catalog.root.rglob("*.parquet"))) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"asked": [[1, 2]]}', '{"asked": 5}'])
def test_a_note_that_is_of_other_data_or_none_counts_for_nothing(
    venue: Venue, catalog: Catalog, content: str
) -> None:
    venue.holes = {FIRST + 10 * MINUTE}
    download(catalog, binance(venue))
    (note,) = catalog.root.rglob(NOTE)
    note.write_text(content)
    venue.holes = set()

    assert download(catalog, binance(venue)).new == 1


def test_a_market_that_began_later_is_found_without_asking_for_every_year(
    venue: Venue, catalog: Catalog
) -> None:
    years = 3 * 365 * 1440 * MINUTE

    found = download(catalog, binance(venue), ((FIRST - years) * 10**6, SPAN[1]))

    assert (found.new, found.questions) == (BARS, 3)
    assert found.missing == years // MINUTE


def test_a_busy_venue_is_asked_again_when_it_says(
    venue: Venue, catalog: Catalog, slept: list[float]
) -> None:
    busy = answering(429, '{"code":-1003,"msg":"Too many requests."}', Retry_After="3")
    venue.faults = [busy, answering(418, "{}", Retry_After="9"), answering(503, "resting")]

    found = download(catalog, binance(venue))

    assert slept == [3.0, 9.0, 4.0]
    assert (found.new, found.missing) == (BARS, 0)


def test_a_venue_that_bans_for_an_hour_is_left_alone(
    venue: Venue, catalog: Catalog, slept: list[float]
) -> None:
    venue.faults = [None, answering(418, "{}", Retry_After="3600")]

    with pytest.raises(CannotContinue, match=r"in 3,600 s, not before.*is in the catalog"):
        download(catalog, binance(venue))

    assert slept == []
    assert catalog.datasets()[0].rows == 1000


def test_the_pace_of_an_exchange_is_kept_to(venue: Venue, catalog: Catalog) -> None:
    venue.most = 250

    download(catalog, binance(venue))

    assert len(venue.times) == 10
    assert venue.times[-1] - venue.times[0] > 9 * 0.045  # Binance: 50 ms for a question


@pytest.mark.parametrize("open_one", [binance, alpaca])
@pytest.mark.parametrize("fault", [hanging(20), trickling(20)], ids=["silent", "trickling"])
def test_a_venue_that_hangs_is_given_up_in_time(
    venue: Venue, catalog: Catalog, fault: object, open_one: object
) -> None:
    venue.faults = [fault] * 5  # type: ignore[list-item]
    source = open_one(venue, deadline=0.3)  # type: ignore[operator]
    began = time.monotonic()

    with pytest.raises(CannotContinue, match="did not answer 5 times"):
        download(catalog, source)

    assert time.monotonic() - began < 8
    assert catalog.datasets() == []


@pytest.mark.parametrize("open_one", [binance, alpaca])
def test_a_connection_that_breaks_is_tried_again(
    venue: Venue, catalog: Catalog, open_one: object
) -> None:
    venue.faults = [breaking_off, breaking_off]

    wanted = BTC if open_one is binance else SHARE
    found = download(catalog, open_one(venue), wanted=wanted)  # type: ignore[operator]

    assert (found.new, found.missing) == (found.expected, 0)
    assert found.new > 400


def rows(*bars: list[object]) -> str:
    return json.dumps(bars)


NONSENSE = {
    "a page of a proxy": (answering(200, "<html>log in</html>", "text/html"), "no list of bars"),
    "nothing": (answering(200, ""), "no list of bars"),
    "another document": (answering(200, '{"a": 1}'), "cannot be read"),
    "rows that are none": (answering(200, '[null, [1], ["x", "y"]]'), "of which 0 are bars"),
    "a low above its open": (
        answering(200, rows(kline(FIRST), kline(FIRST + MINUTE, l="200"))),
        r"row 2, column 'low': the value is 200.0; it may not be above",
    ),
    "no price": (answering(200, rows(kline(FIRST, c=None))), r"row 1, column 'close'"),
    "words": (answering(200, rows(kline(FIRST, h="high"))), r"row 1, column 'high'"),
    "a price of 0": (answering(200, rows(kline(FIRST, o="0"))), r"row 1, column 'open'"),
    "a negative volume": (answering(200, rows(kline(FIRST, v="-1"))), r"row 1, column 'volume'"),
    "a bar twice": (answering(200, rows(kline(FIRST), kline(FIRST))), "occur only once"),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_ends_the_download_and_nothing_of_it_is_kept(
    venue: Venue, catalog: Catalog, name: str
) -> None:
    fault, says = NONSENSE[name]
    venue.faults = [fault]

    with pytest.raises(CorruptData, match=says):
        download(catalog, binance(venue))

    assert catalog.datasets() == []


def test_the_place_of_a_bar_that_cannot_be_is_named(venue: Venue, catalog: Catalog) -> None:
    venue.faults = [None, answering(200, rows(kline(FIRST + 1000 * MINUTE, o="-5")))]

    with pytest.raises(CorruptData) as refused:
        download(catalog, binance(venue))

    assert str(refused.value).startswith(
        "binance BTCUSDT from 2023-11-15T14:54:00, row 1, column 'open': the value is -5.0"
    )


SHARE = Wanted("AAPL.XNAS")


def days(venue: Venue, first: str, end: str) -> tuple[int, int]:
    """Let the venue have daily bars as Alpaca has them, stamped with New York's midnight."""
    labels = np.arange(first, end, dtype="M8[D]")
    sessions = [day for day in labels if np.is_busday(day, holidays=["2024-01-15"])]
    venue.stamps = [int(day.astype("M8[ms]").astype(int)) + 5 * 3_600_000 for day in sessions]
    venue.end = venue.stamps[-1] + 1
    return tuple(int(np.datetime64(one, "ns").astype(int)) for one in (first, end))  # type: ignore[return-value]


def test_days_of_shares_are_sessions_of_their_exchange(venue: Venue, catalog: Catalog) -> None:
    span = days(venue, "2024-01-02", "2024-02-01")

    found = download(catalog, alpaca(venue), span, wanted=SHARE, period="1d")
    second = download(catalog, alpaca(venue), span, wanted=SHARE, period="1d")

    assert (found.new, found.expected, found.missing) == (21, 21, 0)
    assert (second.questions, second.new) == (0, 0)
    opens = catalog.frame("AAPL.XNAS", "bar", "1d")["start"]
    assert str(opens[0]) == "2024-01-02 14:30:00+00:00"


def test_todays_session_is_not_kept_before_it_closes(venue: Venue, catalog: Catalog) -> None:
    span = days(venue, "2024-01-02", "2024-01-06")
    before_the_close = int(np.datetime64("2024-01-05T20:59", "ns").astype(int))

    found = download(catalog, alpaca(venue), span, before_the_close, wanted=SHARE, period="1d")

    assert (found.new, found.missing) == (3, 0)


def test_alpaca_cuts_answers_into_pages_and_waits_when_it_is_told_to(
    venue: Venue, catalog: Catalog, slept: list[float]
) -> None:
    venue.most = 700
    venue.faults = [None, answering(429, "slow down", Retry_After="2")]

    found = download(catalog, alpaca(venue), wanted=SHARE)

    assert (found.new, found.expected, found.missing) == (474, 474, 0)
    assert slept == [2.0]


def test_of_shares_only_the_regular_session_is_kept(venue: Venue, catalog: Catalog) -> None:
    download(catalog, alpaca(venue), wanted=SHARE)

    starts = catalog.frame("AAPL.XNAS", "bar", "1m")["start"].dt
    minutes = starts.hour().cast(int) * 60 + starts.minute()
    assert (minutes.min(), minutes.max()) == (14 * 60 + 30, 20 * 60 + 59)


def test_an_answer_without_an_end_is_refused(venue: Venue, catalog: Catalog) -> None:
    venue.faults = [answering(200, '{"bars": {}, "next_page_token": "more"}')] * 200

    with pytest.raises(CorruptData, match="more than 100 pages"):
        download(catalog, alpaca(venue), wanted=SHARE)


@pytest.mark.parametrize(
    "fault",
    [
        answering(403, json.dumps({"message": f"no such key {KEYS['APCA_API_KEY_ID']}"})),
        answering(200, f'{{"bars": "{KEYS["APCA_API_SECRET_KEY"]}"}}'),
        answering(500, json.dumps(KEYS)),
        answering(200, json.dumps({"bars": {"AAPL": [{"t": KEYS["APCA_API_SECRET_KEY"]}]}})),
    ],
)
def test_keys_are_sent_and_are_in_no_message_and_no_log(
    venue: Venue, catalog: Catalog, fault: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    venue.faults = [fault] * 5  # type: ignore[list-item]

    with pytest.raises((BadInput, CannotContinue)) as refused:
        download(catalog, alpaca(venue), wanted=SHARE)

    assert venue.headers[0]["APCA-API-KEY-ID"] == KEYS["APCA_API_KEY_ID"]
    said = str(refused.value) + str(refused.value.__cause__) + caplog.text
    assert not any(secret in said for secret in KEYS.values())


def test_without_keys_it_says_which_to_set() -> None:
    with pytest.raises(NotReady, match="set APCA_API_SECRET_KEY in the environment"):
        open_source("alpaca", environment={"APCA_API_KEY_ID": "k"})


def test_a_venue_that_nobody_knows_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'binance'"):
        open_source("binanse")


@pytest.mark.parametrize(("period", "open_one"), [("7m", binance), ("90m", alpaca), ("5s", alpaca)])
def test_a_period_that_a_venue_has_not_is_refused(
    venue: Venue, period: str, open_one: object
) -> None:
    with pytest.raises(BadInput, match=f"has no bars of {period}; it has"):
        open_one(venue).bars(SHARE, period, FIRST, 10)  # type: ignore[operator]


def test_shares_of_new_york_are_asked_of_alpaca_and_coins_of_their_exchange() -> None:
    assert [source_name(one) for one in ("AAPL.XNAS", "F.XNYS", "BTCUSDT.BINANCE")] == [
        "alpaca",
        "alpaca",
        "binance",
    ]


def test_long_downloads_are_written_again_and_again(
    venue: Venue, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LONGEST", 0.0)
    venue.faults = [None, None, answering(400, '{"code":-1100,"msg":"no"}')]

    with pytest.raises(BadInput):
        download(catalog, binance(venue))

    assert catalog.datasets()[0].rows == 2000
