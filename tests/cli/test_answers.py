"""What was found, looked at again: `backtest show --report`, `compare` and `export`."""

import json

import polars as pl
import pytest

from tests.cli.keyboard import answer, type_in

SHORT = (
    "backtest", "run", "examples/first_strategy.py", "-i", "AAPL.XNAS",
    "--from", "2000-10-01", "--to", "2001-07-01",
)  # fmt: skip


def test_a_report_is_written_and_its_place_is_said(home):
    run = answer(*SHORT, "--report")

    shown = type_in("backtest", "show", run["id"], "--report")

    page = (home / "reports" / f"{run['id']}.html").read_text()
    assert run["report"] == str(home / "reports" / f"{run['id']}.html")
    assert run["report"] in shown.stdout
    assert "Trades on candles" in page
    assert run["data_hash"] in page


def test_a_report_goes_where_it_is_wanted(home, tmp_path):
    run = answer(*SHORT)

    shown = answer("backtest", "show", run["id"], "--to", tmp_path / "mine.html")

    assert shown["report"] == str(tmp_path / "mine.html")
    assert (tmp_path / "mine.html").read_text().startswith("<!doctype html>")


def test_a_report_of_data_that_changed_leaves_out_what_it_cannot_know(home, tmp_path):
    run = answer(*SHORT)
    (home / "catalog").unlink()

    answer("backtest", "show", run["id"], "--to", tmp_path / "mine.html")

    page = (tmp_path / "mine.html").read_text()
    assert "The data of this run are not at hand" in page
    assert "Drawdown" in page


def test_a_run_is_compared_with_an_instrument_or_with_holding_its_own(home):
    held = answer(*SHORT)["statistics"]
    other = answer(*SHORT, "--benchmark", "MSFT.XNAS")["statistics"]

    assert (held["benchmark"], other["benchmark"]) == ("buy and hold", "MSFT.XNAS")
    assert held["benchmark_return"] != other["benchmark_return"]
    assert held["beta"] is not None


def test_interest_lowers_the_sharpe_ratio(home):
    without, with_interest = answer(*SHORT), answer(*SHORT, "--risk-free", "0.05")

    assert with_interest["statistics"]["sharpe"] < without["statistics"]["sharpe"]
    assert with_interest["statistics"]["risk_free_rate"] == 0.05


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--benchmark", "MSFF.XNAS"), "Did you mean 'MSFT.XNAS'?"),
        (("--benchmark", "GBPUSD.FX"), "no bars of '1d'"),
        (("--risk-free", "-1"), "The risk-free rate is -1.0"),
        (("--risk-free", "50"), "two percent"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_the_run(home, more, said):
    result = type_in(*SHORT, *more)

    assert result.exit_code in (2, 3)
    assert said in result.stderr
    assert not (home / "store.sqlite").exists()


def test_two_runs_are_compared_and_what_was_asked_differently_is_named(home):
    first, second = answer(*SHORT)["id"], answer(*SHORT, "--fee", "0.01")["id"]

    compared = answer("backtest", "compare", first, second)
    printed = type_in("backtest", "compare", first, second)

    assert compared["ids"] == [first, second]
    assert compared["differences"] == {"terms.fees.rate": ["0", "0.01"]}
    assert compared["statistics"]["fees_paid"][0] == 0.0 < compared["statistics"]["fees_paid"][1]
    assert compared["likeness"][1]["correlation"] > 0.5
    assert "terms.fees.rate" in printed.stdout
    assert "correlation" in printed.stdout


def test_comparing_takes_two(home):
    run = answer(*SHORT)["id"]

    result = type_in("backtest", "compare", run, run)

    assert result.exit_code == 2
    assert "two backtests or more" in result.stderr


def test_tables_are_written_for_other_programs(home, tmp_path):
    run = answer(*SHORT)

    written = answer(
        "backtest", "export", run["id"],
        "--returns", tmp_path / "r.csv", "--fills", tmp_path / "f.parquet",
    )  # fmt: skip

    returns = pl.read_csv(tmp_path / "r.csv")
    assert returns.columns == ["date", "return"]
    assert written["returns"] == {"file": str(tmp_path / "r.csv"), "rows": returns.height}
    assert pl.read_parquet(tmp_path / "f.parquet").height == run["statistics"]["fills"]


def test_nothing_to_export_is_said(home):
    run = answer(*SHORT)

    assert "--returns FILE" in type_in("backtest", "export", run["id"]).stderr
    assert "neither in .csv" in type_in(
        "backtest", "export", run["id"], "--returns", "returns.txt"
    ).stderr  # fmt: skip


def test_a_kept_result_that_was_removed_is_asked_for_again(home):
    run = answer(*SHORT)
    (home / "results" / run_name(home, run["id"]) / "result.json").unlink()

    result = type_in("backtest", "show", run["id"], "--report")

    assert result.exit_code == 3
    assert "Run the backtest again" in result.stderr


def run_name(home, run_id) -> str:
    return json.loads(type_in("backtest", "show", run_id, "--json").stdout)["kept"]


def test_a_report_is_of_one_backtest(home):
    answer(*SHORT)

    assert "give its ID" in type_in("backtest", "show", "--report").stderr


def test_what_other_assumptions_come_to_is_told_kept_and_drawn(home):
    run = answer(*SHORT, "--fee", "0.001", "--report")

    told = run["sensitivity"]
    shown = type_in("backtest", "show", run["id"])
    asked, doubled = told["rows"][0], told["rows"][1]
    assert asked["final_equity"] == run["final_equity"]
    assert doubled["name"] == "fees_doubled"
    fees = sum(float(fill["fee"]) for fill in run["fills"])
    assert float(doubled["difference"]) == pytest.approx(-fees)
    assert answer("backtest", "show", run["id"])["sensitivity"] == told
    assert "Fees twice as high" in shown.stdout
    assert "its decisions are as they were made" in shown.stdout
    assert "Assumption sensitivity" in (home / "reports" / f"{run['id']}.html").read_text()


def test_the_cost_that_ends_the_edge_ends_it_when_it_is_asked_for(home):
    year = (*SHORT[:-4], "--from", "2003-04-01", "--to", "2004-04-01")
    run = answer(*year)
    even = run["sensitivity"]["break_even"]
    assert even["basis_points"] > 0

    put_back = answer(*year, "--fee", even["rate"])

    assert float(put_back["final_equity"]) == pytest.approx(float(run["cash"]), abs=1e-4)
    assert "The edge is gone at" in type_in("backtest", "show", run["id"]).stdout


def test_other_assumptions_may_be_left_out(home):
    run = answer(*SHORT, "--no-sensitivity", "--report")

    page = (home / "reports" / f"{run['id']}.html").read_text()
    assert "sensitivity" not in run
    assert "Assumption sensitivity" not in page
    assert "Assumed otherwise" not in type_in("backtest", "show", run["id"]).stdout
