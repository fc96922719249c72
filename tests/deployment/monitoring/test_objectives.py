"""Promises become rules: how fast a budget may burn, over which windows."""

from pathlib import Path

import pytest

from barque.deployment.monitoring.objectives import (
    BURNS,
    Objective,
    hours,
    objective_rules,
    read_objectives,
    windows,
)
from barque.domain.errors import BadInput

PERIOD = "30d"


def events(**changed: object) -> Objective:
    facts = {
        "name": "reads", "alert": "ReadsBurnBudget", "words": "reads are answered",
        "objective": 0.999, "all": "asked_total", "bad": 'asked_total{code="500"}',
    }  # fmt: skip
    return Objective(**facts | changed)


def test_the_factors_are_those_of_the_workbook() -> None:
    factors = [(one.severity, one.short, one.long, one.factor(PERIOD)) for one in BURNS]

    assert factors == [
        ("page", "5m", "1h", 14.4),
        ("page", "30m", "6h", 6.0),
        ("ticket", "2h", "1d", 3.0),
        ("ticket", "6h", "3d", 1.0),
    ]


@pytest.mark.parametrize("burn", BURNS)
def test_a_burn_that_lasts_its_long_window_spends_what_it_says(burn) -> None:
    spent = burn.factor(PERIOD) * hours(burn.long) / hours(PERIOD)

    assert spent == pytest.approx(burn.spent)
    assert hours(burn.long) == pytest.approx(12 * hours(burn.short))


def test_every_window_of_an_alert_is_recorded_the_period_last() -> None:
    assert windows(PERIOD) == ["5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"]


def test_errors_are_the_bad_of_all_and_none_when_nobody_asks() -> None:
    assert events().errors("5m") == (
        '(sum(rate(asked_total{code="500"}[5m])) or vector(0))\n/ (sum(rate(asked_total[5m])) > 0)'
    )


def test_errors_can_be_counted_from_the_good() -> None:
    good = events(bad=None, good='asked_bucket{le="1.0"}')

    assert good.errors("1h").startswith('1 - sum(rate(asked_bucket{le="1.0"}[1h]))')


def test_time_is_looked_at_densely_once_and_averaged_from_there() -> None:
    time = events(all=None, bad=None, bad_while="max(open) > bool 0")

    assert time.errors("5m") == "avg_over_time((max(open) > bool 0)[5m:15s])"
    assert time.errors("3d") == "avg_over_time(barque:reads:error_ratio_rate5m[3d])"


def written(tmp_path: Path, text: str) -> Path:
    place = tmp_path / "deploy/monitoring/slo.yaml"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return tmp_path


ONE = """
period: 30d
objectives:
  - {name: reads, alert: ReadsBurn, words: w, objective: 0.99, least_events: 50,
     all: a_total, bad: b_total}
"""


@pytest.mark.parametrize(
    "broken",
    [
        ONE.replace("0.99", "1.0"),
        ONE.replace("0.99", "99.9"),
        ONE.replace("bad: b_total", "bad: b_total, good: g_total"),
        ONE.replace(", bad: b_total", ""),
        ONE.replace("all: a_total, bad: b_total", "words: w"),
        ONE.replace("bad: b_total", "bad: b_total, bad_while: up == 0"),
        ONE.replace("bad:", "bed:"),
        ONE.replace("objective: 0.99", "objective: most"),
        "period: [",
    ],
)
def test_a_promise_that_cannot_be_measured_is_refused(tmp_path: Path, broken: str) -> None:
    with pytest.raises(BadInput, match=r"slo\.yaml"):
        read_objectives(written(tmp_path, broken))


def test_a_planned_promise_is_compiled_apart_and_says_so(tmp_path: Path) -> None:
    planned = ONE.replace("name: reads", "name: reads, status: planned")

    files = objective_rules(written(tmp_path, planned))

    assert list(files) == ["deploy/monitoring/rules/planned/slo.rules.yaml"]
    quick = next(iter(files.values()))["groups"][0]["rules"]
    alerts = [rule for rule in quick if "alert" in rule]
    assert [one["labels"]["severity"] for one in alerts] == ["page", "ticket"]
    assert {one["labels"]["status"] for one in alerts} == {"planned"}


def test_few_events_tell_nobody(tmp_path: Path) -> None:
    (groups,) = objective_rules(written(tmp_path, ONE)).values()
    page, ticket = [rule for rule in groups["groups"][0]["rules"] if "alert" in rule]

    assert page["expr"].endswith(")\nand sum(increase(a_total[1h])) >= 50")
    assert ticket["expr"].endswith(")\nand sum(increase(a_total[1d])) >= 50")
    assert "> 14.4 * 0.01 and" in page["expr"]


def test_what_reads_days_of_samples_is_computed_less_often(tmp_path: Path) -> None:
    (groups,) = objective_rules(written(tmp_path, ONE)).values()
    quick, long = groups["groups"]

    assert "interval" not in quick
    assert long["interval"] == "2m"
    assert [rule["record"].rpartition("rate")[2] for rule in long["rules"][:3]] == [
        "1d",
        "3d",
        "30d",
    ]
    assert long["rules"][3]["expr"] == "1 - barque:reads:error_ratio_rate30d / 0.01"
