"""`barque backtest`: the command the README shows, the three styles, trials, and bad values."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.keyboard import REPOSITORY, answer, run_process, type_in

FIRST = ("backtest", "run", "examples/first_strategy.py", "--instrument", "AAPL.XNAS")
SHORT = (*FIRST, "--from", "2000-10-01", "--to", "2001-07-01")


def test_the_first_strategy_runs_by_the_command_of_the_readme(home):
    done = run_process(*FIRST, BARQUE_HOME=home)

    assert done.returncode == 0, done.stderr
    assert "BuyTheDip" in done.stdout
    assert "Sharpe ratio" in done.stdout
    assert "(1 trial on these data)" in done.stdout
    assert (
        "A decision at a bar's close meets the market from the next bar's open on." in done.stdout
    )


def test_the_commands_of_the_readme_run_in_a_folder_where_nothing_was_before(tmp_path):
    """Without BARQUE_HOME all is kept in .barque, a path that is not absolute."""
    strategy = (*FIRST[:2], REPOSITORY / FIRST[2], *FIRST[3:], "--report")
    told = ("data", "import", "--sample"), strategy

    done = [run_process(*words, cwd=tmp_path, BARQUE_HOME=".barque") for words in told]

    assert [one.returncode for one in done] == [0, 0], [one.stderr for one in done]
    assert "BuyTheDip" in done[1].stdout
    assert len(list((tmp_path / ".barque" / "reports").glob("*.html"))) == 1


def test_one_rule_in_three_styles_gets_identical_fills(home):
    coin = ("--instrument", "BTCUSDT.BINANCE", "--period", "1h", "--to", "2018-01-01")
    costs = ("--fee", "0.001", "--slippage", "0.0005")

    plain, compiled, signals = (
        answer("backtest", "run", f"examples/sma_three_ways.py:{name}", *coin, *costs)
        for name in ("SmaPlain", "SmaCompiled", "SmaSignals")
    )

    assert len(plain["fills"]) > 100
    assert plain["fills"] == compiled["fills"] == signals["fills"]
    assert plain["final_equity"] == compiled["final_equity"] == signals["final_equity"]


def test_a_renamed_file_finds_the_machine_code_of_its_content(home, tmp_path):
    market = ("-i", "BTCUSDT.BINANCE", "--period", "1h", "--json")
    file, renamed = REPOSITORY / "examples" / "sma_three_ways.py", tmp_path / "renamed.py"
    renamed.write_text(file.read_text())
    before = type_in("backtest", "run", f"{file}:SmaCompiled", *market)

    after = run_process("backtest", "run", f"{renamed}:SmaCompiled", *market, BARQUE_HOME=home)

    assert after.returncode == 0, after.stderr
    assert json.loads(after.stdout)["fills"] == json.loads(before.stdout)["fills"]


def test_with_json_fills_are_exact_and_add_up_to_the_equity(home):
    found = answer(*SHORT, "--fee-per-unit", "0.005")

    spent = sum(int(fill["notional"].replace(".", "")) for fill in found["fills"])
    assert len(found["fills"]) > 10
    assert len(found["fills"]) % 2 == 0, "with nothing held, cash is all there is"
    assert all(fill["fee"] == "0.50000000" for fill in found["fills"])
    fees = len(found["fills"]) * 50_000_000
    assert int(found["final_equity"].replace(".", "")) == 10**14 - spent - fees


def test_each_look_at_the_same_data_is_counted(home):
    first = answer(*SHORT)
    second = answer(*SHORT, "--fee", "0.001")
    other_data = answer(*SHORT[:-1], "2001-06-01")

    assert [first["trials"], second["trials"], other_data["trials"]] == [1, 2, 1]
    assert first["data_hash"] == second["data_hash"] != other_data["data_hash"]


def test_backtests_are_kept_and_shown(home):
    run = answer(*SHORT, "--cash", "5000.50")

    listed = answer("backtest", "show")["runs"]
    shown = answer("backtest", "show", run["id"])

    assert [one["id"] for one in listed] == [run["id"]]
    assert shown["statistics"] == run["statistics"]
    assert shown["spec"]["strategy"] == "examples/first_strategy.py"
    assert shown["cash"] == "5000.50"
    assert "BuyTheDip" in type_in("backtest", "show", run["id"]).stdout
    assert "BuyTheDip" in type_in("backtest", "show").stdout


def test_a_backtest_that_was_never_run_is_not_shown(home):
    answer(*SHORT)

    result = type_in("backtest", "show", "77")

    assert result.exit_code == 2
    assert "No run is called '77'" in result.stderr


def test_a_parameter_and_a_limit_reach_the_run(home):
    words = (
        "backtest",
        "run",
        "sma_cross",
        "-i",
        "AAPL.XNAS",
        "--set",
        "fast=5",
        "--set",
        "slow=20",
    )

    found = answer(*words, "--max-position", "50", "--to", "2003-01-01")

    assert found["parameters"] == {"fast": 5, "slow": 20, "quantity": 100.0}
    assert found["terms"]["limits"]["position"] == "50"
    assert found["fills"] == []
    assert found["refused"] > 0


def test_without_data_the_command_that_brings_them_is_named(empty_home):
    result = type_in(*FIRST)

    assert result.exit_code == 3
    assert "`barque data import --sample`" in result.stderr


def test_without_a_backtest_there_is_none_to_show(empty_home):
    result = type_in("backtest", "show")

    assert result.exit_code == 3
    assert "`barque backtest run`" in result.stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--cash", "-5"), "The cash is -5"),
        (("--cash", "lots"), "--cash is 'lots'"),
        (("--fee", "NaN"), "--fee is 'NaN'"),
        (("--fee", "-0.001"), "--fee: fees: rate is -0.001"),
        (("--fee", "1e9"), "rate"),
        (("--slippage", "1"), "--slippage: slippage: points is 1E+4; 10,000 basis"),
        (("--max-position", "-1"), "The position limit is -1"),
        (("--max-position", "0.5"), "more than 0 decimals"),
        (("--price-band", "inf"), "--price-band is 'inf'"),
        (("--instrument", "APPL.XNAS"), "Did you mean 'AAPL.XNAS'?"),
        (("--instrument", "AAPL.XNAS"), "each only once"),
        (("--instrument", "USDJPY.FX"), "no bars of '1d'"),
        (("--instrument", "../../etc.passwd"), "No instrument is called"),
        (("--from", "2012-01-01", "--to", "2011-01-01"), "ends before it begins"),
        (("--from", "2011-01-01", "--to", "2011-01-01"), "ends before it begins"),
        (("--from", "2030-01-01"), "has no 1d bars in the time asked for"),
        (("--from", "yesterday"), "--from is 'yesterday'"),
        (("--period", "1w"), "1w"),
        (("--market", "candles"), "choose among trade, quote, bar, quote_bar"),
        (("--market", "bar", "--market", "bar"), "each once"),
        (("--market", "bar", "--market", "quote_bar"), "AAPL.XNAS has no 1d quote bars"),
        (("--timer", "5x"), "The period '5x' is unknown"),
        (("--set", "dip"), "NAME=VALUE"),
        (("--set", "nothing=1"), "No parameter is called 'nothing'"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_in_one_line(home, more, said):
    result = type_in(*FIRST, *more)

    assert result.exit_code in (2, 3), result.output
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert not (home / "store.sqlite").exists(), "a refused run is no trial"


def test_instruments_of_two_currencies_are_refused(home):
    pair = ("-i", "GBPUSD.FX", "-i", "USDJPY.FX", "--period", "1h")

    result = type_in("backtest", "run", "examples/first_strategy.py", *pair)

    assert result.exit_code == 2
    assert "one currency" in result.stderr


numbers = st.sampled_from(
    [
        "0",
        "-0",
        "1",
        "-1",
        "0.5",
        "nan",
        "inf",
        "1e18",
        "1e-18",
        "1e99",
        "",
        "a",
        "0.1234567890123456",
    ]
)
days = st.sampled_from(
    ["2010-01-01", "2010-01-04", "2011-01-01", "1500-01-01", "9999-12-31", "2010-13-01", "now", ""]
)
amounts = st.sampled_from(["--cash", "--fee", "--fee-per-unit", "--slippage", "--max-notional"])


@given(
    st.dictionaries(amounts, numbers), st.dictionaries(st.sampled_from(["--from", "--to"]), days)
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_mix_of_values_is_a_bug(home, amounts, times):
    options = [word for pair in (amounts | times).items() for word in pair]

    result = type_in(*FIRST, *options, "--json")

    assert result.exit_code in (0, 2, 3), result.output
    assert isinstance(json.loads(result.stdout), dict)


def test_a_strategy_that_fails_at_a_bar_is_blamed_by_its_line(home, tmp_path):
    file = tmp_path / "broken.py"
    file.write_text(
        "from barque.strategies import Strategy\n"
        "class Broken(Strategy):\n"
        "    def on_bar(self, bar):\n"
        "        return 1 / 0\n"
    )

    result = type_in("backtest", "run", file, "-i", "AAPL.XNAS")

    assert result.exit_code == 2
    assert f"{file}, line 4, in on_bar: ZeroDivisionError" in result.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("self.seen[1] = 2", "line 7 cannot be compiled: Compiled.seen is a dict"),
        ("bar.nothing", "line 7 cannot be compiled: Unknown attribute 'nothing'"),
        ("undefined + 1", "name 'undefined' is not defined"),
    ],
)
def test_what_cannot_be_compiled_is_said_in_one_sentence(home, tmp_path, line, said):
    file = tmp_path / "uncompilable.py"
    file.write_text(
        "from barque.strategies import Strategy, compiled\n"
        "@compiled\n"
        "class Compiled(Strategy):\n"
        "    def on_start(self):\n"
        "        self.seen = {}\n"
        "    def on_bar(self, bar):\n"
        f"        {line}\n"
    )

    result = type_in("backtest", "run", file, "-i", "AAPL.XNAS")

    progress, error = result.stderr.splitlines()
    assert result.exit_code == 2
    assert progress.startswith("Compiling")
    assert said in error


def test_a_strategy_is_woken_by_the_timers_of_the_run(home, tmp_path):
    file = tmp_path / "woken.py"
    file.write_text(
        "from barque.strategies import Strategy\n"
        "class Woken(Strategy):\n"
        "    def on_timer(self, id, ts):\n"
        "        self.buy(0, 1 + id)\n"
    )
    times = ("--from", "2001-01-02", "--to", "2001-01-05")

    asleep = type_in("backtest", "run", file, "-i", "AAPL.XNAS", *times)
    found = answer(
        "backtest", "run", file, "-i", "AAPL.XNAS", *times, "--timer", "1d", "--timer", "12h"
    )

    assert asleep.exit_code == 2
    assert "Add --timer with a period" in asleep.stderr
    assert [fill["quantity"] for fill in found["fills"]] == ["1", "2", "2", "1", "2", "2"]
    assert found["id"] == 1, "a refused run is no trial"


def test_a_strategy_hears_the_bars_that_the_run_builds(home, tmp_path):
    file = tmp_path / "built.py"
    file.write_text(
        "from barque.strategies import Strategy\n"
        "class Built(Strategy):\n"
        "    def on_built_bar(self, bar, rule):\n"
        "        self.buy(0, 1 + rule)\n"
    )
    words = (
        "backtest",
        "run",
        file,
        "-i",
        "AAPL.XNAS",
        "--from",
        "2001-01-02",
        "--to",
        "2001-02-01",
    )

    deaf = type_in(*words)
    found = answer(*words, "--build", "ticks:5", "--build", "ticks:10")

    assert deaf.exit_code == 2
    assert "Add --build" in deaf.stderr
    quantities = [fill["quantity"] for fill in found["fills"]]
    assert len(quantities) == 6
    assert sorted(quantities) == ["1"] * 4 + ["2"] * 2
