import json
from xml.etree import ElementTree

from benchmarks import entrants, report
from benchmarks.budgets import Verdict, contest_verdicts
from benchmarks.chart import chart
from benchmarks.contests import Finding
from benchmarks.reference import NEXT_OPEN, SAME_CLOSE
from benchmarks.rows import Row, Status

SVG = "{http://www.w3.org/2000/svg}"


def measured(name, speed, fills_are=NEXT_OPEN, equity_error=0.0):
    figures = {
        "version": "1", "runs": 3, "whole_s": 1e5 / speed, "cpu_s": 1.0, "on_core": 1.0,
        "bars_per_s": speed, "trade_bars_per_s": speed,
        "paused_bars_per_s": speed / 2, "peak_mb": 100.0, "fills": 1_408,
        "expected_fills": 1_408, "fills_are": fills_are, "equity": 998_617.33,
        "equity_error": equity_error, "import_s": 1.0, "first_call_s": 2.0, "warm_call_s": 0.5,
    }  # fmt: skip
    return Row(entrant=name, bars=100_000, status=Status.MEASURED, figures=figures)


ROWS = [
    measured(entrants.RAPTORBT.name, 5e6),
    measured(entrants.BARQUE_COMPILED.name, 2e7),
    measured(entrants.NAUTILUS.name, 3e4, SAME_CLOSE),
    measured(entrants.VNPY.name, 3e5, None, 0.5),
    Row(entrant="backtrader", bars=100_000, status=Status.TOO_SLOW, reason="(estimated 347 s)"),
]


def written(tmp_path):
    report.write(tmp_path, ROWS, {"problems": []}, [Verdict("fast", "4.0", True)])
    return (tmp_path / "bench.md").read_text()


def test_the_table_runs_from_the_fastest_to_those_not_measured(tmp_path):
    text = written(tmp_path)

    names = [line.split(" | ")[0].strip("|* ") for line in text.splitlines() if "| 1 |" in line]
    assert names == ["Barque, compiled", "raptorbt, signals", "vnpy", "NautilusTrader"]
    assert "| backtrader |  | over five minutes (estimated 347 s) |" in text


def test_each_row_says_whether_its_fills_are_the_reference_s(tmp_path):
    ends = {
        line.split(" | ")[0].strip("|* "): line.split(" | ")[-1].strip("| ")
        for line in written(tmp_path).splitlines()
        if "| 1 |" in line
    }

    assert ends == {
        "Barque, compiled": "yes",
        "raptorbt, signals": "yes",
        "NautilusTrader": "yes, at the same close",
        "vnpy": "**no**: 1,408 fills expected; equity off by +0.50",
    }


def test_tables_have_as_many_cells_as_their_head(tmp_path):
    tables = written(tmp_path).split("\n\n")

    for table in (t for t in tables if t.startswith("|")):
        assert len({line.count(" |") for line in table.strip().splitlines()}) == 1


def test_speeds_are_told_in_times_of_the_fastest_peer(tmp_path):
    [ours] = [line for line in written(tmp_path).splitlines() if "**Barque, compiled**" in line]

    assert ours.split(" | ")[2:6] == ["20,000,000", "4", "20,000,000", "10,000,000"]


def test_the_json_holds_everything(tmp_path):
    written(tmp_path)

    results = json.loads((tmp_path / "bench.json").read_text())

    assert [row["entrant"] for row in results["rows"]] == [row.entrant for row in ROWS]
    assert results["budgets"] == [{"promise": "fast", "found": "4.0", "met": True}]
    assert set(results["machine"]) == {"cpu", "cores", "memory_gb", "system", "python"}


def test_a_tenfold_speed_is_one_decade_longer_on_the_chart():
    svg = ElementTree.fromstring(chart("A & B", {"a": 5e5, "b": 5e4, "c": 5e3}, {}))

    bars = [float(r.get("width")) for r in svg.iter(f"{SVG}rect") if r.get("x")]
    assert len(bars) == 3
    assert min(bars) > 0
    assert abs((bars[0] - bars[1]) - (bars[1] - bars[2])) < 0.2


def test_a_chart_of_nothing_is_still_a_picture():
    assert ElementTree.fromstring(chart("empty", {}, {})).tag == f"{SVG}svg"


def finding(name, seconds, **more):
    figures = {"version": "1", "seconds": seconds, "cpu_s": seconds, "runs": 7, "on_core": 1.0,
               "fills": 9_000, "equity": 1.0, **more}  # fmt: skip
    return Finding(task="sweep" if not more else "portfolio", name=name, figures=figures)


CONTESTS = [
    finding("Barque", 0.5),
    finding("raptorbt", 2.5),
    finding("Barque", 0.3, whole_s=0.1, merge_s=0.04, trading_alone_s=0.06),
    Finding(task="portfolio", name="raptorbt", reason="not measured this time"),
]


def test_contests_have_tables_of_their_own(tmp_path):
    report.write(tmp_path, ROWS, {"problems": []}, [], CONTESTS)
    text = (tmp_path / "bench.md").read_text()

    sweep, portfolio = text.split("## Sweep")[1].split("## Portfolio")
    assert sweep.index("**Barque** | 1 | 500.0") < sweep.index("raptorbt | 1 | 2,500.0")
    assert "**Barque** | 1 | 100.0" in portfolio
    assert "merge 40.0, trading alone 60.0" in portfolio
    assert "not measured this time" in portfolio


def test_the_budgets_of_the_contests_are_judged():
    swept, even, longer = contest_verdicts(CONTESTS)
    unknown = contest_verdicts(CONTESTS[3:])

    assert (swept.found, swept.met) == ("5.0", True)
    assert (even.found, even.met) == ("100.00 ms", False)
    assert longer.met is None
    assert [verdict.met for verdict in unknown] == [None, None, None]
