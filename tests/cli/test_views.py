"""`barque data prices` and `barque data universe`: what was known on a day."""

import polars as pl
import pytest

from tests.cli.keyboard import answer, type_in

BARS = """date,open,high,low,close,volume,dividend,split
2014-06-05,646,650,640,648,100,0,1
2014-06-06,648,652,640,644,100,0,1
2014-06-09,92,94,91,93,700,0,7
2014-06-10,93,95,92,94,700,0.93,1
"""
UNIVERSE = """instrument,entry,exit
ACME.XNAS,2010-01-04,
OLD.XNYS,2000-01-03,2012-06-01
OLD.XNYS,2013-01-02,
"""


@pytest.fixture
def acme(empty_home, tmp_path):
    (tmp_path / "bars.csv").write_text(BARS)
    words = ("-i", "ACME.XNAS", "--kind", "equity")
    assert type_in("data", "import", tmp_path / "bars.csv", *words).exit_code == 0
    (tmp_path / "universe.csv").write_text(UNIVERSE)
    return tmp_path


def closes(*words):
    return answer("data", "prices", "ACME.XNAS", *words)["bars"]["close"]


def test_prices_are_those_that_were_seen_on_the_day(acme):
    assert closes("--as-of", "2014-06-07") == [648, 644]
    assert closes("--as-of", "2014-06-09T21:00") == pytest.approx([648 / 7, 644 / 7, 93])
    assert closes("--splits-only") == pytest.approx([648 / 7, 644 / 7, 93, 94])
    assert closes() == pytest.approx([0.99 * 648 / 7, 0.99 * 644 / 7, 0.99 * 93, 94])


def test_a_bar_is_not_seen_before_it_closes(acme):
    assert len(closes("--as-of", "2014-06-06T19:59:59")) == 1
    assert len(closes("--as-of", "2014-06-06T20:00")) == 2


def test_as_many_as_are_wanted_are_shown_and_all_are_written(acme):
    file = acme / "seen.parquet"

    shown = type_in("data", "prices", "ACME.XNAS", "--rows", 1, "--write", file)
    document = answer("data", "prices", "ACME.XNAS", "--rows", 1, "--from", "2014-06-06")

    assert "1 of 4 bars, as of" in shown.stdout
    assert "2014-06-10 13:30" in shown.stdout
    assert pl.read_parquet(file).height == 4
    assert (document["count"], len(document["bars"]["ts"])) == (3, 1)
    assert document["bars"]["factor"] == [1.0]


def test_a_universe_is_shown_as_it_was_with_those_that_are_gone(acme):
    file = acme / "universe.csv"

    then = answer("data", "universe", file, "--on", "2011-06-30")
    between = answer("data", "universe", file, "--on", "2012-06-01")
    ever = answer("data", "universe", file)

    assert [one["instrument"] for one in then["members"]] == ["ACME.XNAS", "OLD.XNYS"]
    assert then["without_data"] == ["OLD.XNYS"]
    assert "bar 1d" in then["members"][0]["kinds"]
    assert [one["instrument"] for one in between["members"]] == ["ACME.XNAS"]
    assert len(ever["members"]) == 3
    assert ever["members"][0]["exit"] is None
    shown = type_in("data", "universe", file).stdout
    assert "2 instruments, 1 without data." in shown
    assert "2012-06-01 00:00:00" in shown


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("prices", "ACNE.XNAS"), 2, "Did you mean 'ACME.XNAS'?"),
        (("prices", "ACME.XNAS", "--as-of", "2000-01-01"), 2, "has no bars of 1d before 2000"),
        (("prices", "ACME.XNAS", "--from", "2020-01-01"), 2, "between --from and --as-of"),
        (("prices", "ACME.XNAS", "--as-of", "soon"), 2, "--as-of is 'soon'"),
        (("prices", "ACME.XNAS", "--period", "1h"), 3, "has no bars of '1h'"),
        (("prices", "ACME.XNAS", "--write", "seen.xls"), 2, "is none of .csv, .parquet"),
        (("universe", "nowhere.csv"), 2, "There is no file nowhere.csv"),
        (("universe", "FILE", "--on", "then"), 2, "--on is 'then'"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line(acme, words, code, said):
    words = (acme / "universe.csv" if word == "FILE" else word for word in words)

    result = type_in("data", *words)

    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
