"""`barque data download`, typed against a venue on this machine."""

import json
import subprocess
import sys

import pytest

from tests.cli.keyboard import REPOSITORY, answer, environment, run_process, type_in
from tests.data.download.venue import MINUTE, Venue, answering, open_venue

FIRST = 1_700_000_040_000
BTC = ("data", "download", "-i", "BTCUSDT.BINANCE", "--kind", "spot", "--period", "1m")
SPAN = ("--from", "2023-11-14T22:14", "--to", "2023-11-15T02:14")


@pytest.fixture
def venue():
    with open_venue(Venue(FIRST, FIRST + 240 * MINUTE)) as one:
        yield one


def test_bars_are_downloaded_shown_and_can_be_traded(empty_home, venue):
    found = answer(*BTC, *SPAN, "--url", venue.url)
    again = type_in(*BTC, *SPAN, "--url", venue.url)
    run = answer(
        "backtest", "run", "examples/first_strategy.py", "-i", "BTCUSDT.BINANCE", "--period", "1m"
    )

    assert found["downloads"][0]["new"] == 240
    assert found["datasets"][0]["rows"] == 240
    assert "BTCUSDT.BINANCE: 0 new bars of 1m. None is missing." in again.stdout
    assert run["events"] == 240
    assert len(venue.asked) == 1


def test_what_the_venue_has_not_is_said(empty_home, venue):
    venue.holes = {FIRST + 3 * MINUTE}

    shown = type_in(*BTC, *SPAN, "--url", venue.url).stdout

    assert "1 of the 240 that the calendar expects are not to be had" in shown
    assert "2023-11-14 22:17:00 UTC" in shown


def test_progress_is_told_on_standard_error(empty_home, venue):
    done = run_process(*BTC, *SPAN, "--url", venue.url, "--json", BARQUE_HOME=empty_home)

    assert "Downloading BTCUSDT.BINANCE ..." in done.stderr
    assert json.loads(done.stdout)["downloads"][0]["missing"] == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((*BTC, "--from", "yesterday"), 2, "--from is 'yesterday'"),
        ((*BTC, *SPAN, "--to", "2023-11-14"), 2, "--to is not after --from"),
        ((*BTC, *SPAN, "--source", "binanse"), 2, "Did you mean 'binance'?"),
        ((*BTC, *SPAN, "--kind", "spott"), 2, "Did you mean 'spot'?"),
        ((*BTC, *SPAN, "--url", "ftp://x"), 2, "--url begins with"),
        ((*BTC, *SPAN, "--url", "https://me:secret@x"), 2, "holds no user"),
        ((*BTC, *SPAN, "-i", "ETHUSDT.BINANCE", "--symbol", "BTC/USDT"), 2, "--symbol is the name"),
        ((*BTC, *SPAN, "--period", "1y"), 2, "1y"),
        ((*BTC, *SPAN, "--source", "alpaca"), 3, "set APCA_API_KEY_ID and APCA_API_SECRET_KEY"),
    ],
)
def test_a_download_that_cannot_be_done_is_refused_in_one_line(empty_home, words, code, said):
    result = type_in(*words)

    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert "secret@" not in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_venue_without_bars_in_that_time_is_said(empty_home, venue):
    result = type_in(*BTC, "--from", "2024-01-01", "--to", "2024-01-02", "--url", venue.url)

    assert result.exit_code == 2
    assert "binance has no 1m bars of BTCUSDT.BINANCE in that time." in result.stderr


def test_nonsense_of_a_venue_names_the_row(empty_home, venue):
    venue.faults = [answering(200, json.dumps([[FIRST, "1", "1", "2", "1", "1"]]))]

    result = type_in(*BTC, *SPAN, "--url", venue.url)

    assert result.exit_code == 2
    assert "row 1, column 'low'" in result.stderr


@pytest.mark.parametrize(
    ("name", "library", "instrument"),
    [("binance", "ccxt", "BTCUSDT.BINANCE"), ("alpaca", "requests", "AAPL.XNAS")],
)
def test_without_the_extra_it_says_how_to_install_it(tmp_path, name, library, instrument):
    words = ["data", "download", "-i", instrument, "--period", "1d", "--from", "2024-01-01"]
    program = (
        f"import sys; sys.modules[{library!r}] = None; sys.argv[1:] = {words!r}\n"
        "from barque.cli.main import main; main()"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env=environment(BARQUE_HOME=tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 3
    assert done.stderr == (
        f"Downloading needs {library}, which is not installed; `pip install 'barque[venues]'`.\n"
    )
