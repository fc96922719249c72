"""`barque data`: the sample and one's own files into the catalog, and what it holds."""

import pytest

from barque.bootstrap.home import Home
from barque.data.catalog import Catalog
from tests.cli.keyboard import answer, type_in

BARS = """date,open,high,low,close,volume
2020-01-02,10,11,9,10.5,1000
2020-01-03,10.5,12,10,11,1200
"""


@pytest.fixture
def bars(tmp_path):
    file = tmp_path / "bars.csv"
    file.write_text(BARS)
    return file


def test_the_sample_is_listed_with_rows_times_and_hashes(home):
    datasets = answer("data", "list")["datasets"]

    apple = next(
        one for one in datasets if (one["instrument"], one["kind"]) == ("AAPL.XNAS", "bar")
    )
    assert len({one["instrument"] for one in datasets}) == 36
    assert apple["rows"] == 4822
    assert apple["start"] < apple["end"]
    assert len(apple["content_hash"]) == 64
    assert "AAPL.XNAS" in type_in("data", "list").stdout


def test_an_empty_catalog_says_what_fills_it(empty_home):
    result = type_in("data", "list")

    assert result.exit_code == 3
    assert "`barque data import --sample`" in result.stderr


def test_a_file_of_ones_own_can_be_imported_and_traded(empty_home, bars):
    words = ("data", "import", bars, "--instrument", "ACME.XNAS", "--kind", "equity")

    imported = answer(*words)["datasets"]
    run = answer("backtest", "run", "examples/first_strategy.py", "-i", "ACME.XNAS")

    assert [(one["instrument"], one["rows"]) for one in imported] == [("ACME.XNAS", 2)]
    assert run["events"] == 2


def test_a_known_instrument_needs_only_its_name(empty_home, bars):
    kind = ("--kind", "spot", "--currency", "EUR", "--tick", "0.5", "--lot", "0.1")
    answer("data", "import", bars, "-i", "COIN.SIM", *kind)

    again = answer("data", "import", bars, "-i", "COIN.SIM")

    assert again["datasets"][0]["rows"] == 2


def test_a_dry_run_shows_what_is_understood_and_why_and_writes_nothing(empty_home, bars):
    words = ("data", "import", bars, "--instrument", "ACME.XNAS", "--kind", "equity", "--dry-run")

    shown = answer(*words)

    facts = {fact["what"]: (fact["value"], fact["why"]) for fact in shown["understood"]}
    assert facts["period"] == ("1d", "every stamp is a midnight")
    assert facts["shape"][0] == "pandas"
    assert [(one["kind"], one["rows"]) for one in shown["would_write"]] == [("bar", 2)]
    assert "Nothing was written." in type_in(*words).stdout
    assert not list(empty_home.rglob("*.parquet"))


def test_a_check_tells_what_is_wrong_and_draws_it(empty_home, bars, tmp_path):
    bars.write_text(BARS + "2020-01-06,11,12,0,11,900\n")
    drawing = tmp_path / "health.svg"

    health = answer("data", "check", bars, "--calendar", "XNYS", "--picture", drawing)

    (finding,) = health["findings"]
    assert (finding["check"], finding["level"]) == ("not_positive", "error")
    assert finding["places"] == [{"row": 3, "ts": 1578268800000000000}]
    assert (health["period"], health["rows"]) == ("1d", 3)
    assert "not positive" in drawing.read_text()
    assert "low is zero or negative" in type_in("data", "check", bars).stdout


def test_a_check_of_sound_data_finds_nothing(empty_home, bars):
    assert "Nothing was found." in type_in("data", "check", bars).stdout


EQUITY = ("BARS", "-i", "ACME.XNAS", "--kind", "equity")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Give one of the two"),
        (("missing.csv", "--sample"), "Give one of the two"),
        (("BARS",), "--instrument SYMBOL.VENUE"),
        (("BARS", "-i", "ACME.XNAS"), "--kind: equity, spot, perpetual, fx"),
        (("BARS", "-i", "ACME.XNAS", "--kind", "equty"), "Did you mean 'equity'?"),
        (("BARS", "-i", "ACME", "--kind", "equity"), "has no venue"),
        ((*EQUITY, "--tick", "0"), "The tick is 0"),
        ((*EQUITY, "--lot", "x"), "--lot is 'x'"),
        ((*EQUITY, "--multiplier", "-1"), "The multiplier is -1"),
        ((*EQUITY, "--expiry", "soon"), "--expiry is 'soon'"),
        ((*EQUITY, "--period", "1y"), "1y"),
        ((*EQUITY, "--calendar", "NOWHERE"), "NOWHERE"),
        ((*EQUITY, "--stamp", "middle"), "--stamp is 'middle'"),
        ((*EQUITY, "--shape", "leen"), "Did you mean 'lean'"),
        ((*EQUITY, "--column", "volume=v"), "no column 'v'"),
        (("missing.csv", *EQUITY[1:]), "missing.csv"),
    ],
)
def test_an_import_that_cannot_be_done_is_refused_in_one_line(empty_home, bars, words, said):
    result = type_in("data", "import", *(bars if word == "BARS" else word for word in words))

    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not list(empty_home.rglob("*.parquet"))


def test_a_sample_that_is_not_there_is_named(empty_home, monkeypatch, tmp_path):
    monkeypatch.setenv("BARQUE_SAMPLE", str(tmp_path))

    result = type_in("data", "import", "--sample")

    assert result.exit_code == 3
    assert "BARQUE_SAMPLE" in result.stderr


CONTRACT = """date,open,high,low,close,volume
2020-01-02,10,11,9,10,1000
2020-01-03,11,12,10,11,1000
2020-01-06,12,13,11,12.5,1000
2020-01-07,20,21,19,20,1000
"""
BUYER = """from barque.strategies import Strategy


class Buyer(Strategy):
    def on_bar(self, bar):
        if self.position(0) == 0:
            self.buy(0, 2)
"""


def test_a_contract_is_worth_its_multiplier_and_settled_when_it_expires(empty_home, tmp_path):
    file, strategy = tmp_path / "contract.csv", tmp_path / "buyer.py"
    file.write_text(CONTRACT)
    strategy.write_text(BUYER)
    kind = ("--kind", "future", "--multiplier", "2.5", "--expiry", "2020-01-07")
    answer("data", "import", file, "-i", "CORNF20.SIM", *kind)

    run = answer("backtest", "run", strategy, "-i", "CORNF20.SIM", "--fee", "0", "--slippage", "0")

    # Bought at 11 on the second day, settled at the third day's close; nothing trades after that.
    assert run["final_equity"] == f"{1_000_000 + 2 * 2.5 * (12.5 - 11):.8f}"
    assert run["statistics"]["fills"] == 1
    assert run["refused"] == 1


@pytest.mark.parametrize(("words", "margined"), [((), True), (("--paid",), False)])
def test_what_is_paid_in_full_may_be_said_of_a_contract(empty_home, bars, words, margined):
    kind = ("--kind", "future", "--multiplier", "1000", *words)

    answer("data", "import", bars, "-i", "CORN.SIM", *kind)

    corn = Catalog(Home(empty_home).catalog).instrument("CORN.SIM")
    assert corn.is_margined is margined
    assert (corn.multiplier, corn.multiplier_digits, corn.expiry) == (1000, 0, None)


def test_a_delisted_share_is_paid_out_and_cash_earns_interest(empty_home, tmp_path):
    files = {
        "bars.csv": CONTRACT,
        "end.csv": "time,delisting\n2020-01-07,5\n",
        "rates.csv": "time,credit\n2020-01-02T22:00,0.01\n",
        "buyer.py": BUYER,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    answer("data", "import", tmp_path / "bars.csv", "-i", "ACME.XNAS", "--kind", "equity")
    for name in ("end.csv", "rates.csv"):
        answer("data", "import", tmp_path / name, "-i", "ACME.XNAS")

    run = answer("backtest", "run", tmp_path / "buyer.py", "-i", "ACME.XNAS", "--fee", "0")

    assert run["final_equity"] == f"{1_010_000 - 2 * 11 + 2 * 5:.8f}"
    assert run["statistics"]["interest"] == 10_000.0
