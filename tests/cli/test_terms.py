"""The terms of a run, typed and in files: each reaches the run, is kept with it, and is said."""

import re

import pytest

from barque.bootstrap.backtests import replay, request_of
from barque.bootstrap.determinism import witness
from barque.bootstrap.home import Home
from barque.cli.terms import TermOptions
from tests.cli.keyboard import REPOSITORY, answer, type_in

FIRST = ("backtest", "run", "examples/first_strategy.py", "-i", "AAPL.XNAS")
SHORT = (*FIRST, "--from", "2000-09-01", "--to", "2001-02-01")
GUIDE = (REPOSITORY / "docs" / "guides" / "command-line.md").read_text()

FUNCTIONS = """
def fee(price, quantity, notional, is_maker):
    return 1.0 + 0.001 * notional

def slippage(price, quantity, volume, bid, ask):
    return 0.01
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "terms.toml"
        path.write_text(text)
        return path

    return write


def test_the_example_of_the_guide_runs_and_says_all_its_terms(home, file):
    (example,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)

    found = answer("backtest", "run", "sma_cross", "-i", "AAPL.XNAS", "--terms", file(example))

    terms = found["terms"]
    assert found["statistics"]["fills"] > 10
    assert terms["of"]["AAPL.XNAS"]["fees"] == {
        "model": "percentage",
        "rate": "0.0002",
        "each": "0",
    }
    for words in (
        "A fill pays 0.02 % of its notional.",
        "Market and stop orders lose 2 ticks to the price.",
        "Margin is 50 % of a position's notional to open it and 25 % (short 30 %) to keep it.",
        "An order reaches the venue 150 ms after it was decided.",
        "Orders of AAPL.XNAS fill at most 10 % of the volume.",
        "Limits of an order are a position of 5,000 units, long or short, a value of 250,000 USD, "
        "a price within 20 % of the last.",
        "Limits of the account are gross exposure 2,000,000 USD, net exposure 1,000,000 USD, "
        "leverage 2, 50 % of the equity in one instrument, 100 orders in 1m.",
        "A loss of more than 5 % of the equity that the day began with or 20 % of the highest "
        "equity halts the account.",
    ):
        assert words in found["assumptions"]


def test_every_table_of_the_guide_names_what_there_is():
    from barque.research.terms import FEES, MARGINS, SLIPPAGES

    for name in (*FEES, *SLIPPAGES, *MARGINS):
        assert f"| `{name}` |" in GUIDE, name


def test_what_was_kept_is_enough_to_run_it_again(home, file, tmp_path):
    (tmp_path / "fees.py").write_text(FUNCTIONS)
    terms = file(
        '[fees]\nmodel = "own"\nfunction = "fees.py:fee"\n'
        '[slippage]\nmodel = "own"\nfunction = "fees.py:slippage"\n'
        '[margin]\nmodel = "cash"\n[rules]\nfill_time = "same_close"\n'
    )
    run = answer(*SHORT, "--terms", terms, "--max-orders", "3", "--cash", "50000")

    spec = answer("backtest", "show", run["id"])["spec"]
    results = [replay(Home(home), request_of(spec), lambda *_: None) for _ in range(2)]

    assert run["statistics"]["fills"] > 2
    assert {str(one.final_equity) for one in results} == {run["final_equity"]}
    assert witness(results[0]) == witness(results[1])
    assert results[0].summary()["terms"] == run["terms"] == spec["terms"]
    assert results[0].assumptions == tuple(run["assumptions"])
    fills = [one for one in run["fills"] if one["side"] == "BUY"]
    assert all(float(one["fee"]) > 1.0 for one in fills)


def test_runs_of_earlier_versions_are_asked_again():
    spec = {
        "strategy": "sma_cross", "instruments": ["AAPL.XNAS"], "period": "1d", "start": None,
        "end": None, "cash": "1000", "costs": {"fee": "0.001"}, "limits": {"window": 10**9},
        "parameters": {"fast": 5}, "benchmark": None, "conventions": {"risk_free_rate": 0.01},
    }  # fmt: skip

    request = request_of(spec)

    assert request.terms["cash"] == "1000"
    assert request.parameters == {"fast": 5}
    assert request.conventions.risk_free_rate == 0.01


TYPED = {
    "cash": ("5e4", ("cash",), "50000"),
    "currency": ("USD", ("currency",), "USD"),
    "margin": ("5", ("margin", "initial"), "0.200000000000"),
    "fee": ("0.001", ("fees", "rate"), "0.001"),
    "fee_per_unit": ("0.005", ("fees", "each"), "0.005"),
    "slippage": ("0.0005", ("slippage", "points"), "5"),
    "fill_time": ("next-quote", ("rules", "fill_time"), "next_quote"),
    "latency": ("1.5ms", ("rules", "latency"), "1500us"),
    "participation": ("0.1", ("rules", "participation"), "0.1"),
    "position": ("50", ("limits", "position"), "50"),
    "notional": ("1e6", ("limits", "notional"), "1000000"),
    "price_band": ("0.2", ("limits", "price_band"), "0.2"),
    "gross": ("1", ("limits", "gross"), "1"),
    "net": ("2", ("limits", "net"), "2"),
    "leverage": ("3", ("limits", "leverage"), "3"),
    "concentration": ("0.5", ("limits", "concentration"), "0.5"),
    "orders": ("7", ("limits", "orders"), 7),
    "daily_loss": ("0.05", ("limits", "daily_loss"), "0.05"),
    "drawdown": ("0.2", ("limits", "drawdown"), "0.2"),
}


def at_path(words, path):
    for key in path:
        words = words[key]
    return words


def test_every_option_says_its_term_alone_and_with_the_others():
    assert {"file", *TYPED} == set(TermOptions.__dataclass_fields__)
    together = TermOptions(**{name: typed for name, (typed, _, _) in TYPED.items()}).words()

    for name, (typed, path, expected) in TYPED.items():
        alone = TermOptions(**{name: typed}).words()

        assert at_path(alone, path) == at_path(together, path) == expected


@pytest.mark.parametrize(("typed", "model"), [("unlimited", "unlimited"), ("cash", "cash")])
def test_margin_is_asked_for_by_name(typed, model):
    assert TermOptions(margin=typed).words()["margin"] == {"model": model}
    assert TermOptions(margin="reg-t").words()["margin"]["short_maintenance"] == "0.3"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--margin", "gold"), "--margin: margin.model is 'gold'; choose one of unlimited, cash"),
        (("--margin", "0.5"), "--margin: margin: The leverage is 0.5; 1 or more is required"),
        (("--margin", "5x"), "--margin is '5x'; a number"),
        (("--cash", ""), "--cash is ''; a number"),
        (("--currency", "usd"), "--currency: 'usd' is no currency"),
        (("--currency", "EUR"), "what USD is worth in EUR"),
        (("--fill-time", "now"), "choose one of next_open, same_close, next_quote"),
        (("--fill-time", "same-close", "--latency", "1s"), "cannot fill at the close"),
        (("--latency", "fast"), "--latency: rules.latency is 'fast'; a time such as"),
        (("--participation", "2"), "--participation: rules: participation is 2"),
        (("--max-orders", "0.5"), "--max-orders: limits.orders is 0.5; a whole number"),
        (("--max-drawdown", "-1"), "--max-drawdown: limits: The drawdown limit is -1"),
        (("--terms", "nothing.toml"), "The terms nothing.toml cannot be read"),
    ],
)
def test_terms_that_cannot_be_used_are_refused_before_the_run(home, more, said):
    result = type_in(*SHORT, *more)

    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert not (home / "store.sqlite").exists()


def test_terms_of_an_instrument_that_nobody_knows_are_refused(home, file):
    terms = file('[of."APPL.XNAS".fees]\nmodel = "per_contract"\neach = 1')

    result = type_in(*SHORT, "--terms", terms)

    assert result.exit_code == 2
    assert "Did you mean 'AAPL.XNAS'?" in result.stderr


def test_terms_change_what_is_found_and_are_compared(home):
    usual = answer(*SHORT)
    close = answer(*SHORT, "--fill-time", "same-close")
    bound = answer(*SHORT, "--cash", "1000", "--margin", "cash")

    assert close["fills"][0]["ts"] < usual["fills"][0]["ts"]
    assert bound["fills"] == []
    assert bound["refused"] > 0
    compared = answer("backtest", "compare", usual["id"], close["id"])
    assert compared["differences"] == {"terms.rules.fill_time": ["next_open", "same_close"]}


def test_instruments_of_two_currencies_run_on_one_account(home, file):
    cash = file('currency = "USD"\n[cash]\nUSD = 100000\nJPY = "500000"\n')
    pair = ("-i", "GBPUSD.FX", "-i", "USDJPY.FX", "--period", "1h", "--to", "2014-06-01")

    found = answer("backtest", "run", "sma_cross", *pair, "--set", "quantity=1000", "--terms", cash)
    shown = type_in("backtest", "show", found["id"])

    assert {fill["instrument"] for fill in found["fills"]} == {"GBPUSD.FX", "USDJPY.FX"}
    assert found["currency"] == "USD"
    assert "The account counts in USD." in "".join(found["assumptions"])
    assert "100,000.00 USD, 500,000.00 JPY" in shown.stdout


def test_help_shows_the_options_in_groups():
    said = type_in("backtest", "run", "--help").output

    places = [
        said.index(f"\n{name}:\n")
        for name in ("Arguments", "Options", "Terms", "Costs", "Orders", "Limits")
    ]
    assert places == sorted(places)
    assert said.index("--latency") > said.index("\nOrders:\n")


def test_lookahead_is_verified_on_the_same_terms(home, file):
    market = ("-i", "AAPL.XNAS", "--from", "2010-01-01", "--to", "2010-06-01")
    words = ("verify", "lookahead", "sma_cross", *market, "--cuts", "2")

    found = answer(
        *words, "--terms", file('[margin]\nmodel = "reg_t"'), "--fill-time", "same-close"
    )
    refused = type_in(*words, "--terms", "nothing.toml")

    assert found["clean"]
    assert refused.exit_code == 2
