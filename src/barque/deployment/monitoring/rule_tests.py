"""Whether every rule was seen at work: alerts that fire, stay quiet and resolve; records computed.

The tests are promtool's own (deploy/monitoring/tests); here is counted what they cover.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from barque.deployment.check import Finding
from barque.deployment.monitoring.files import RULE_TESTS, RULES, read_yaml
from barque.deployment.monitoring.programs import run
from barque.deployment.monitoring.promql import meters
from barque.deployment.monitoring.rules import ALWAYS, Written, alerts, records

TEST_SUFFIX = ".test.yaml"
FIRES, QUIET, RESOLVES = "fires", "does not fire", "resolves"
AT_ONCE = 2
NEEDED = (FIRES, QUIET, RESOLVES)
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "y": 31_536_000}

Alert = tuple[str, str]
"""The name of an alert and its severity."""


class AlertTest(msgspec.Struct, frozen=True):
    """What is expected of one alert at one time."""

    eval_time: str
    alertname: str
    exp_alerts: tuple[dict[str, Any], ...] = ()


class ValueTest(msgspec.Struct, frozen=True):
    """What an expression is expected to be at one time."""

    expr: str
    eval_time: str
    exp_samples: tuple[dict[str, Any], ...] = ()


class Case(msgspec.Struct, frozen=True):
    """Some series, and what is expected of them."""

    input_series: tuple[dict[str, Any], ...] = ()
    alert_rule_test: tuple[AlertTest, ...] = ()
    promql_expr_test: tuple[ValueTest, ...] = ()


class RuleTests(msgspec.Struct, frozen=True):
    """A test file of promtool, as far as it is counted."""

    rule_files: tuple[str, ...]
    tests: tuple[Case, ...]


def test_files(root: Path) -> list[Path]:
    """Return every test file of promtool."""
    return sorted((root / RULE_TESTS).glob(f"*{TEST_SUFFIX}"))


def rule_findings(root: Path, files: Sequence[Path]) -> Iterator[Finding]:
    """Let promtool read every rule and run every test, two files at a time."""
    yield from run(root, str(RULES), "promtool", "check", "rules", *map(str, files))

    def tested(place: Path) -> list[Finding]:
        where = str(place.relative_to(root))
        return list(run(root, where, "promtool", "test", "rules", where))

    with ThreadPoolExecutor(AT_ONCE) as workers:
        for findings in workers.map(tested, test_files(root)):
            yield from findings


def untested(root: Path, written: list[Written]) -> Iterator[Finding]:
    """Find alerts without one of the three tests, and records that no test computes."""
    cases = [case for place in test_files(root) for case in read_yaml(place, RuleTests).tests]
    seen = covered(cases, written)
    for one in alerts(written):
        missing = [what for what in NEEDED if what not in seen[one.alert, one.severity]]
        if missing and one.alert != ALWAYS:
            words = f"{one.alert} ({one.severity}) has no test that it {', '.join(missing)}."
            yield Finding(str(one.where), words)
        elif FIRES in missing:
            yield Finding(str(one.where), f"{one.alert} has no test that it fires.")
    computed = {
        name
        for case in cases
        for test in case.promql_expr_test
        for sample in test.exp_samples
        for name in meters(str(sample["labels"]))
    }
    for one in records(written):
        if one.rule.record not in computed:
            yield Finding(str(one.where), f"{one.rule.record} is computed in no test.")


def covered(cases: Sequence[Case], written: list[Written]) -> dict[Alert, set[str]]:
    """Return which of NEEDED the cases show, by alert.

    It fires where it is expected; it resolves where nothing is expected later in the same case;
    it does not fire where one case expects nothing of it at all, though there are series.
    """
    severities = defaultdict(set)
    for one in alerts(written):
        severities[one.alert].add(one.severity)
    seen: dict[Alert, set[str]] = defaultdict(set)
    for case in cases:
        for name in {test.alertname for test in case.alert_rule_test}:
            moments = sorted(
                (seconds(test.eval_time), _expected(test))
                for test in case.alert_rule_test
                if test.alertname == name
            )
            for severity in severities[name]:
                told = [severity in expected for _, expected in moments]
                seen[name, severity] |= _shown(told, bool(case.input_series))
    return seen


def _expected(test: AlertTest) -> list[str]:
    return sorted(one["exp_labels"]["severity"] for one in test.exp_alerts)


def _shown(told: list[bool], with_series: bool) -> set[str]:
    if not any(told):
        return {QUIET} if with_series else set()
    last = len(told) - told[::-1].index(True)
    return {FIRES, RESOLVES} if last < len(told) else {FIRES}


def seconds(duration: str) -> float:
    """Return how many seconds `1d12h30m` are."""
    parts = re.findall(r"(\d+)(ms|[smhdwy])", duration)
    return sum(int(number) * SECONDS[unit] for number, unit in parts)
