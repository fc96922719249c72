"""What is wrong with alerts, runbooks and dashboards is found: each fault is planted once.

What only Prometheus's own programs can tell is planted in tests/system/deployment.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import typer

from barque.cli.main import app
from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Finding
from barque.deployment.monitoring import runbooks
from barque.deployment.monitoring.files import RUNBOOKS
from barque.deployment.monitoring.rules import alerts, read_rules
from barque.deployment.monitoring_setup import (
    SETTINGS,
    monitoring_files,
    rules_make_sense,
    runbooks_are_whole,
)
from barque.deployment.render import differing
from barque.domain.errors import BadInput

RULES = "deploy/monitoring/rules"
TESTS = "deploy/monitoring/tests"
COMMAND = re.compile(r"barque((?: [a-z-]+)+)[^`\n]*`?( \(planned\))?")

Fault = Callable[[Path], None]
Asked = Callable[[Path], Sequence[Finding]]


@pytest.fixture
def copy(tmp_path: Path, root: Path) -> Path:
    """A copy of what monitoring is made of."""
    for folder in ("deploy", "docs/runbooks"):
        shutil.copytree(root / folder, tmp_path / folder, symlinks=True)
    return tmp_path


def change(path: str, old: str, new: str, times: int = 1) -> Fault:
    def fault(copy: Path) -> None:
        text = (copy / path).read_text()
        assert old in text, f"{old!r} is not in {path}: plant another fault"
        (copy / path).write_text(text.replace(old, new, times))

    return fault


def cut(path: str, begin: str, end: str) -> Fault:
    """Take out what stands from `begin` up to `end`."""

    def fault(copy: Path) -> None:
        text = (copy / path).read_text()
        first = text.index(begin)
        (copy / path).write_text(text[:first] + text[text.index(end, first) :])

    return fault


def append(path: str, text: str) -> Fault:
    def fault(copy: Path) -> None:
        with (copy / path).open("a") as file:
            file.write(text)

    return fault


def remove(path: str) -> Fault:
    return lambda copy: (copy / path).unlink()


def move(path: str, place: str) -> Fault:
    def fault(copy: Path) -> None:
        (copy / path).rename(copy / place)

    return fault


TRADING, PLATFORM = f"{RULES}/trading.rules.yaml", f"{RULES}/platform.rules.yaml"
PLANNED = f"{RULES}/planned/trading.rules.yaml"
COMPOSE = "deploy/docker/compose.yaml"
CASES = f"{TESTS}/trading.test.yaml"

RULE_FAULTS: list[tuple[str, Fault, str]] = [
    (
        "no test at all",
        cut(
            CASES,
            "  - interval: 30s # TraderDown: fires",
            "  - interval: 30s # TraderSilent: fires",
        ),
        r"TraderDown \(page\) has no test that it fires, does not fire, resolves",
    ),
    (
        "no quiet case",
        cut(
            CASES, "  - interval: 30s # TraderDown: does", "  - interval: 30s # TraderSilent: fires"
        ),
        r"TraderDown \(page\) has no test that it does not fire",
    ),
    (
        "never resolves",
        cut(CASES, "      - eval_time: 9m\n        alertname: TraderDown\n", "  - interval: 30s"),
        r"TraderDown \(page\) has no test that it resolves",
    ),
    (
        "a ticket that nobody tested",
        change(
            f"{TESTS}/slo.test.yaml",
            "{severity: ticket, objective: api_reads}",
            "{severity: page, objective: api_reads}",
            times=-1,
        ),
        r"ApiReadsBurnBudget \(ticket\) has no test that it fires, resolves",
    ),
    (
        "a record that nobody computed",
        append(TRADING, "      - {record: 'barque:x:y', expr: sum(barque_equity)}\n"),
        r"barque:x:y is computed in no test",
    ),
    (
        "no severity",
        change(TRADING, "labels: {severity: page}", "labels: {}"),
        r"severity is missing",
    ),
    (
        "an invented severity",
        change(TRADING, "severity: page", "severity: urgent"),
        r"severity is urgent, allowed: page, ticket",
    ),
    (
        "a watchdog that wakes somebody",
        change(PLATFORM, "severity: none", "severity: page"),
        r"Watchdog: its severity is page",
    ),
    (
        "no words",
        change(TRADING, "summary: No trader answers", "summary: ''"),
        r"TraderDown: it has no summary",
    ),
    (
        "another alert's runbook",
        change(TRADING, "docs/runbooks/TraderDown.md", "docs/runbooks/ApiDown.md"),
        r"its runbook_url is docs/runbooks/ApiDown.md, not",
    ),
    (
        "loaded, and says that it is planned",
        change(TRADING, "labels: {severity: page}", "labels: {severity: page, status: planned}"),
        r"`status: planned` belongs to",
    ),
    (
        "planned, and does not say so",
        change(PLANNED, ", status: planned", ""),
        r"AccountUnowned: `status: planned` belongs to",
    ),
    (
        "a misspelt meter",
        change(TRADING, "barque_drawdown_ratio", "barque_drawdown_ration"),
        r"DrawdownDeep: no role has the meter barque_drawdown_ration",
    ),
    (
        "a misspelt label",
        change(TRADING, 'phase=~"', 'fase=~"'),
        r"TraderPreparing: the meter barque_feed_phase has no label fase",
    ),
    (
        "loaded too early",
        move(PLANNED, f"{RULES}/later.rules.yaml"),
        r"AccountUnowned: the meter barque_leases_unowned is planned",
    ),
    (
        "planned though it could be loaded",
        change(PLANNED, "barque_leases_unowned > 0", "barque_equity < 0"),
        r"AccountUnowned: all of its meters are built; load it",
    ),
    (
        "a record that is not there",
        change(f"{RULES}/slo.rules.yaml", "error_ratio_rate5m > 14.4", "error_ratio_rate4m > 14.4"),
        r"no role has the meter barque:api_reads:error_ratio_rate4m",
    ),
    (
        "a file that Prometheus does not load",
        change("deploy/monitoring/prometheus.yaml", "rules/*.rules", "rules/t*.rules"),
        r"rules/data.rules.yaml is not loaded",
    ),
    (
        "samples that are forgotten before they are counted",
        change(COMPOSE, "retention.time=35d", "retention.time=15d"),
        r"Samples are kept 15d, and promises are counted over 30d",
    ),
    (
        "a role that nobody asks",
        change("deploy/monitoring/prometheus.yaml", "job_name: trader", "job_name: traders"),
        r"Nobody asks trader for its meters",
    ),
    (
        "a role that nobody asks in the cluster",
        change(f"{SETTINGS}/prometheus.yaml", "job_name: alertmanager", "job_name: manager"),
        r"Nobody asks alertmanager for its meters",
    ),
    (
        "planned rules that Prometheus loads",
        change("deploy/monitoring/prometheus.yaml", "rules/*.rules", "rules/**/*.rules"),
        r"rules/planned/redis.rules.yaml is planned, and loaded",
    ),
]

PAGE = f"{RUNBOOKS}/TraderDown.md"
PAGE_FAULTS: list[tuple[str, Fault, str]] = [
    ("no page", remove(PAGE), r"The alert has no runbook"),
    ("a page of nobody", append(f"{RUNBOOKS}/Nobody.md", "# Nobody\n"), r"No alert leads here"),
    ("another title", change(PAGE, "# TraderDown", "# Trader"), r"begin with `# TraderDown`"),
    ("no way to mend", change(PAGE, "## Mend", "## Notes"), r"meant are What it means"),
    ("nothing to look at", cut(PAGE, "Is the process there", "## Mend"), r"under 'First look'"),
    ("a dead link", change(PAGE, "(DiskFull.md)", "(DiskFul.md)"), r"which does not exist"),
    ("planned by mistake", change(PAGE, "\n\n", "\n\n**Planned.**\n\n"), r"pages of planned"),
    (
        "planned in secret",
        change(f"{RUNBOOKS}/AccountUnowned.md", "**Planned.**", "Planned."),
        r"pages of planned alerts",
    ),
]  # fmt: skip


def planted(asked: Asked, copy: Path, fault: Fault, words: str) -> None:
    assert list(asked(copy)) == []

    fault(copy)

    found = list(asked(copy))
    assert any(re.search(words, one.words) for one in found), found


@pytest.mark.parametrize(
    ("fault", "words"), [row[1:] for row in RULE_FAULTS], ids=[row[0] for row in RULE_FAULTS]
)
def test_a_fault_in_rules_is_found(copy: Path, fault: Fault, words: str) -> None:
    planted(rules_make_sense, copy, fault, words)


@pytest.mark.parametrize(
    ("fault", "words"), [row[1:] for row in PAGE_FAULTS], ids=[row[0] for row in PAGE_FAULTS]
)
def test_a_fault_in_runbooks_is_found(copy: Path, fault: Fault, words: str) -> None:
    planted(runbooks_are_whole, copy, fault, words)


def test_a_rule_with_an_unknown_key_is_refused(copy: Path) -> None:
    change(TRADING, "        for: 1m\n", "        four: 1m\n")(copy)

    with pytest.raises(BadInput, match=r"trading\.rules\.yaml cannot be used.*four"):
        rules_make_sense(copy)


def from_design(copy: Path) -> Sequence[Finding]:
    files = monitoring_files(BARQUE, copy)
    kept = {path: text for path, text in files.items() if not path.startswith("docs/")}
    return list(differing(kept, copy))


@pytest.mark.parametrize(
    "fault",
    [
        change(f"{RULES}/slo.rules.yaml", "> 14.4 *", "> 144 *"),
        change(f"{RULES}/planned/slo.rules.yaml", "[3d]", "[2d]"),
        change("deploy/monitoring/slo.yaml", "0.9995", "0.995"),
        change("deploy/monitoring/dashboards/overview.json", "barque_equity", "barque_quity"),
        change("deploy/kubernetes/base/monitoring/settings/rules.yaml", "< 0.05", "< 0.5"),
        change("deploy/kubernetes/components/monitors/rules.yaml", "alert: TraderDown", "alert: T"),
        change(
            "deploy/monitoring/alertmanager.yaml", "repeat_interval: 30m", "repeat_interval: 30h"
        ),
    ],
)
def test_what_is_generated_and_was_changed_is_found(copy: Path, fault: Fault) -> None:
    planted(from_design, copy, fault, r"It is not what the design says")


def test_kubernetes_gets_the_same_rules_and_routes(copy: Path) -> None:
    files = monitoring_files(BARQUE, copy)
    operator = files["deploy/kubernetes/components/monitors/rules.yaml"]
    own = files["deploy/kubernetes/base/monitoring/settings/rules.yaml"]

    for one in alerts(read_rules(copy)):
        named = f"alert: {one.alert}\n"
        assert (named in operator) is (named in own) is (not one.planned)
    routes = files["deploy/kubernetes/base/monitoring/settings/alertmanager.yaml"]
    assert routes.endswith((copy / "deploy/monitoring/alertmanager.yaml").read_text())


def test_what_the_tables_name_is_what_there_is(copy: Path) -> None:
    files = monitoring_files(BARQUE, copy)

    for one in alerts(read_rules(copy)):
        assert f"[{one.alert}](../runbooks/{one.alert}.md)" in files["docs/deployment/alerts.md"]


def test_no_secret_stands_in_the_routes(root: Path) -> None:
    text = (root / "deploy/monitoring/alertmanager.yaml").read_text()

    assert re.findall(r"(\w+): \S*(?:https?://|[0-9a-f]{32})", text) == []
    assert set(re.findall(r"(\w+_file): (\S+)", text)) == {
        ("routing_key_file", "/run/secrets/pager_key"),
        ("api_url_file", "/run/secrets/ticket_url"),
        ("api_url_file", "/run/secrets/watchdog_url"),
    }


def commands(root: Path) -> Iterator[tuple[str, list[str], bool]]:
    """Yield each command of Barque's in a runbook, and whether it is marked as planned."""
    for page in sorted((root / RUNBOOKS).glob("*.md")):
        code = re.findall(r"`barque [^`]*`(?: \(planned\))?|^    barque .*", page.read_text(), re.M)
        for one in code:
            if found := COMMAND.search(one):
                yield page.name, found[1].split(), bool(found[2])


def exists(words: Sequence[str]) -> bool:
    here = typer.main.get_command(app)
    for word in words:
        inside = getattr(here, "commands", None)
        if inside is None:
            return True  # what follows are its arguments
        if word not in inside:
            return False
        here = inside[word]
    return True


def test_every_command_of_a_runbook_exists_or_is_said_to_be_planned(root: Path) -> None:
    named = list(commands(root))

    assert len(named) > 20
    for page, words, planned in named:
        assert exists(words) is not planned, f"{page}: barque {' '.join(words)}"


def test_pages_are_for_people_at_night(root: Path) -> None:
    for page in (root / RUNBOOKS).glob("*.md"):
        if page.name != runbooks.INTRODUCTION:
            assert len(page.read_text().splitlines()) < 60, f"{page.name} is too long to read now"
