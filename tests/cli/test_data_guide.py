"""What the guide to market data shows, runs: in a folder with the files that it names."""

import re

import polars as pl
import pytest

from tests.cli.keyboard import REPOSITORY, type_in
from tests.data.download.venue import MINUTE, Venue, open_venue

GUIDE = (REPOSITORY / "docs" / "guides" / "data.md").read_text()
COMMANDS = re.findall(r"^\$ barque (.*)$", GUIDE, re.MULTILINE)
DOWNLOADS = [one for one in COMMANDS if one.startswith("data download")]

DAY = 86_400_000
MIDNIGHT = 1_700_006_400_000  # 2023-11-15
NEW_YEAR = 1_704_171_600_000  # the midnight of New York that begins 2024-01-02


@pytest.mark.parametrize("command", DOWNLOADS)
def test_every_download_of_the_guide_works(empty_home, monkeypatch, command):
    monkeypatch.setenv("APCA_API_KEY_ID", "key")
    monkeypatch.setenv("APCA_API_SECRET_KEY", "secret")
    is_daily = "--period 1d" in command
    holidays = {NEW_YEAR + day * DAY for day in range(31) if (day + 1) % 7 in (5, 6) or day == 13}
    days = [one for one in range(NEW_YEAR, NEW_YEAR + 30 * DAY, DAY) if one not in holidays]
    there = Venue(MIDNIGHT, NEW_YEAR + 40 * DAY, stamps=days if is_daily else None)
    assert MIDNIGHT % MINUTE == 0

    with open_venue(there) as venue:
        result = type_in(*command.split(), "--url", venue.url)

    assert result.exit_code == 0, result.output
    assert "None is missing." in result.stdout


QUOTES = """time,bid,bid_size,ask,ask_size
2024-01-31T15:00:00Z,100,100,100.5,200
2024-01-31T15:00:01Z,100,100,,
"""
TRADES = """time,price,size,exchange
2024-01-31T15:00:00Z,100,100,Q
2024-01-31T15:00:01Z,100.5,100,P
"""
QUOTE_BARS = """time,bid_open,bid_high,bid_low,bid_close,ask_open,ask_high,ask_low,ask_close
2024-01-31 15:00,1.1,1.2,1.0,1.1,1.11,1.21,1.01,1.11
2024-01-31 16:00,1.1,1.2,1.0,1.1,1.11,1.21,1.01,1.11
"""
BARS = """timestamp,open,high,low,close,volume
2014-05-07,592,600,590,592.33,100
2014-05-08,588,594,586,588,100
2014-06-06,649,651,644,645.57,100
2014-06-09,92,94,91,93.7,100
"""
FILES = {
    "quotes.csv": QUOTES,
    "trades.parquet": TRADES,
    "eurusd.parquet": QUOTE_BARS,
    "funding.csv": "time,rate\n2024-01-31 08:00,0.0001\n",
    "dividends.csv": "date,dividend,split\n2014-05-08,3.29,1\n2014-06-09,0,7\n",
    "factor_file.csv": (
        "date,price_factor,split_factor,reference_price\n"
        "2014-05-07,0.99,0.1428571,592.33\n2014-06-06,1,0.1428571,645.57\n2050-12-31,1,1,0\n"
    ),
    "prices.parquet": BARS,
    "BTC_USDT-5m.feather": BARS.replace("timestamp", "date"),
    "universe.csv": "instrument,entry,exit\nACME.XNAS,2010-01-04,\nOLD.XNYS,2000-01-03,2012-06-01",
}


@pytest.fixture
def folder(empty_home, tmp_path, monkeypatch):
    """A folder with the files that the guide names, and ACME's bars in the catalog."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.write_text(text)
        if path.suffix == ".parquet":
            pl.read_csv(path).write_parquet(path)
        if path.suffix == ".feather":
            times = pl.col("date").str.to_datetime(time_zone="UTC", format="%Y-%m-%d")
            pl.read_csv(path).with_columns(times).write_ipc(path)
    monkeypatch.chdir(tmp_path)
    bars = ("data", "import", "prices.parquet", "-i", "ACME.XNAS", "--kind", "equity")
    assert type_in(*bars).exit_code == 0
    return tmp_path


def test_every_other_command_of_the_guide_works_one_after_the_other(folder):
    commands = [one for one in COMMANDS if one not in DOWNLOADS]
    assert len(commands) > 6

    for command in commands:
        result = type_in(*command.split())

        assert result.exit_code == 0, f"{command}: {result.output}"


def test_a_dry_run_of_quotes_says_what_they_are_and_writes_nothing(folder):
    shown = type_in("data", "import", "quotes.csv", "-i", "B.XNAS", "--kind", "equity", "--dry-run")

    assert "it has the columns bid and ask" in shown.stdout
    assert "quote rows" in shown.stdout
    assert not list(folder.rglob("quote/tick/*.parquet"))


OF_QUOTES = ("sma_cross", "-i", "B.XNAS")


@pytest.mark.parametrize(
    "words",
    [
        ("backtest", "run", *OF_QUOTES),
        ("sweep", "run", *OF_QUOTES, "--vary", "quantity=1,2"),
        ("verify", "lookahead", *OF_QUOTES),
    ],
)
def test_where_only_quotes_were_imported_a_run_says_how_to_ask_for_them(folder, words):
    type_in("data", "import", "quotes.csv", "-i", "B.XNAS", "--kind", "equity")

    result = type_in(*words)

    assert result.exit_code == 3, result.output
    assert "it has no bars at all, but quotes (`--market quote`)" in " ".join(result.stderr.split())


def test_what_a_run_without_bars_is_told_to_ask_for_works(folder):
    type_in("data", "import", "quotes.csv", "-i", "B.XNAS", "--kind", "equity")

    result = type_in("backtest", "run", *OF_QUOTES, "--market", "quote", "--build", "1h")

    assert result.exit_code == 0, result.output
