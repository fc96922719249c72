"""Prometheus's own programs accept the rules, and the tests of alerts notice what is wrong.

Every alert that is written by hand is broken in every way that it can be: it never fires, it
always does, it does not wait, it waits for days, each of its thresholds is doubled and halved. Each
time one of its own tests must fail.
"""

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from barque.deployment.check import Finding
from barque.deployment.monitoring import dashboards
from barque.deployment.monitoring.panels import Dashboard, Unit, panel
from barque.deployment.monitoring_setup import (
    alerts_are_sound,
    dashboards_are_alive,
    routes_are_sound,
)

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[3]
MONITORING = ROOT / "deploy/monitoring"
THRESHOLD = re.compile(r"(==|>=|<=|>|<)\s*((?:[\d.]+(?:e\d+)?\s*\*\s*)*[\d.]+(?:e\d+)?)(?![\w.])")
LONGER = {"s": "30m", "m": "3h", "h": "10d"}
ALWAYS = "Watchdog"
GENERATED = "slo"  # compiled from one place: see tests/deployment/monitoring/test_objectives.py

Rule = dict[str, Any]


def rules() -> dict[str, Rule]:
    return {
        rule["alert"]: rule
        for place in sorted((MONITORING / "rules").rglob("*.rules.yaml"))
        if not place.name.startswith(GENERATED)
        for group in yaml.safe_load(place.read_text())["groups"]
        for rule in group["rules"]
        if rule["alert"] != ALWAYS
    }


def cases() -> dict[str, dict[str, Any]]:
    """The test file of each alert alone."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for place in sorted((MONITORING / "tests").glob("*.test.yaml")):
        file = yaml.safe_load(place.read_text())
        for case in file["tests"]:
            for name in {one["alertname"] for one in case.get("alert_rule_test", [])}:
                one = found[name]
                one["rule_files"] = ["rules.yaml"]
                one["evaluation_interval"] = file["evaluation_interval"]
                one.setdefault("tests", []).append(case)
    return found


RULES, CASES = rules(), cases()


def mutants(rule: Rule) -> Iterator[tuple[str, Rule]]:
    expression, pause = rule["expr"], rule.get("for")
    at_once = {key: value for key, value in rule.items() if key != "for"}
    yield "it never fires", rule | {"expr": "vector(0) > 1"}
    yield "it always fires", at_once | {"expr": f"({expression}) or on () vector(1)"}
    if pause:
        yield "it does not wait", at_once
        yield "it waits too long", rule | {"for": LONGER[pause[-1]]}
    for found in THRESHOLD.finditer(expression):
        for other in others(*found.groups()):
            changed = expression[: found.start()] + other + expression[found.end() :]
            yield f"{found[0]} became {other}", rule | {"expr": changed}


def others(comparison: str, number: str) -> tuple[str, str]:
    """Two other thresholds, on either side."""
    if re.search("[1-9]", number):
        return f"{comparison} 0.5 * {number}", f"{comparison} 2 * {number}"
    if comparison == "==":
        return "== 7", "!= 0"
    return f"{comparison} -1e15", f"{comparison} 1e15"


def passes(rule: Rule, folder: Path) -> bool:
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": [rule]}]}))
    (folder / "test.yaml").write_text(yaml.safe_dump(CASES[rule["alert"]]))
    command = ["promtool", "test", "rules", "test.yaml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    return done.returncode == 0


@pytest.mark.parametrize("name", RULES)
def test_the_tests_of_an_alert_notice_whatever_is_wrong_with_it(name: str, tmp_path: Path) -> None:
    rule = RULES[name]
    assert passes(rule, tmp_path)

    survivors = [what for what, mutant in mutants(rule) if passes(mutant, tmp_path)]

    assert survivors == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy", symlinks=True)
    return tmp_path


def planted(
    asked: Callable[[Path], Sequence[Finding]], copy: Path, place: str, old: str, new: str
) -> str:
    """What is found once a text of a file is another."""
    file = copy / "deploy/monitoring" / place
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return "\n".join(one.words for one in asked(copy))


def test_rules_routes_and_panels_are_sound() -> None:
    assert [*alerts_are_sound(ROOT), *routes_are_sound(ROOT), *dashboards_are_alive(ROOT)] == []


@pytest.mark.parametrize(
    ("place", "old", "new", "words"),
    [
        ("rules/data.rules.yaml", "quantile(0.99,", "quantile(", "promtool check rules"),
        ("rules/slo.rules.yaml", "> 6 * 0.0005", "> 60 * 0.0005", "FAILED"),
        ("rules/platform.rules.yaml", "< 0.05", "< 0.005", "FAILED"),
        ("prometheus.yaml", "scrape_interval: 5s", "scrape_interval: soon", "promtool check conf"),
    ],
)
def test_what_prometheus_would_not_do_is_found(
    copy: Path, place: str, old: str, new: str, words: str
) -> None:
    room = Path(place).name.partition(".")[0]
    for test in (copy / "deploy/monitoring/tests").glob("*.test.yaml"):
        if test.name != f"{room}.test.yaml":
            test.unlink()  # they take long, and are not about this

    assert words in planted(alerts_are_sound, copy, place, old, new)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  - name: pager", "  - name: beeper", "undefined receiver"),
        ("receiver: pager", "receiver: tickets", "verify.receivers=pager"),
        ("matchers: [severity = page]", "matchers: [severity = pages]", "verify.receivers=pager"),
        ("alertname = Watchdog]\n", "alertname = Watchdogs]\n", "verify.receivers=watchdog"),
        ("  receiver: tickets", "  receiver: watchdog", "verify.receivers=tickets"),
    ],
)
def test_an_alert_that_the_wrong_one_would_hear_is_found(
    copy: Path, old: str, new: str, words: str
) -> None:
    assert words in planted(routes_are_sound, copy, "alertmanager.yaml", old, new)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("sum(rate(barque_fillz_total[5m]))", "no role has the meter barque_fillz_total"),
        (
            "sum by (venue) (barque_unprotected_positions)",
            "barque_unprotected_positions is planned",
        ),
        ('barque_equity{account="paper"}', "barque_equity has no label account"),
        ("sum(barque_equity", "promtool check rules"),
    ],
)
def test_a_panel_that_would_stay_empty_is_found(
    monkeypatch: pytest.MonkeyPatch, query: str, words: str
) -> None:
    wrong = Dashboard("wrong", "Wrong", "Wrong.", (panel("P", Unit.COUNT, "Wrong.", query),))
    monkeypatch.setattr(dashboards, "DASHBOARDS", (wrong,))

    found = "\n".join(one.words for one in dashboards_are_alive(ROOT))

    assert words in found
