"""What is watched, who is told, and what a tired person reads: designed, rendered and checked.

Written by hand: deploy/monitoring/slo.yaml, rules, their tests, Alertmanager's routes, runbooks.
Generated: rules of the objectives, dashboards, the rules as Kubernetes takes them, tables of all.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Check, Finding
from barque.deployment.cloud_architecture import Architecture
from barque.deployment.generated import HEADER
from barque.deployment.monitoring.dashboards import (
    DASHBOARDS,
    FOLDER,
    dashboard_files,
    dead_panels,
    queries,
)
from barque.deployment.monitoring.files import (
    MONITORING,
    RULE_TESTS,
    RULES,
    read_yaml,
    written,
    yaml,
)
from barque.deployment.monitoring.meters import built_meters, unknown_meters
from barque.deployment.monitoring.objectives import (
    Contents,
    hours,
    objective_rules,
    read_objectives,
)
from barque.deployment.monitoring.pages import monitoring_pages
from barque.deployment.monitoring.programs import run
from barque.deployment.monitoring.promql import meters
from barque.deployment.monitoring.rule_tests import rule_findings, untested
from barque.deployment.monitoring.rules import (
    Written,
    labelled_wrongly,
    read_rules,
    records,
    rule_files,
)
from barque.deployment.monitoring.runbooks import runbook_findings

__all__ = ["MONITORING_CHECKS", "dead_panels", "monitoring_files"]

PROMETHEUS, ALERTMANAGER = MONITORING / "prometheus.yaml", MONITORING / "alertmanager.yaml"
ROUTES = RULE_TESTS / "routes.yaml"
OPERATOR_RULES = "deploy/kubernetes/components/monitors/rules.yaml"
SETTINGS = "deploy/kubernetes/base/monitoring/settings"

KEPT_BY = ("deploy/docker/compose.yaml", "deploy/kubernetes/base/monitoring/prometheus.yaml")
KEPT = re.compile(r"storage\.tsdb\.retention\.time=(\w+)")
"""How long, and where that is said: Prometheus takes it as a flag."""


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who must hear an alert with such labels."""

    labels: dict[str, str]
    receiver: str


def monitoring_files(architecture: Architecture, root: Path) -> dict[str, str]:
    """Return the text of every generated file of monitoring, by its path."""
    generated = objective_rules(root)
    groups = _loaded_groups(root, generated)
    return {
        **{path: written(content) for path, content in generated.items()},
        OPERATOR_RULES: written(_for_the_operator(groups)),
        f"{SETTINGS}/rules.yaml": written({"groups": groups}),
        f"{SETTINGS}/alertmanager.yaml": f"# {HEADER}\n{(root / ALERTMANAGER).read_text()}",
        **dashboard_files(),
        **monitoring_pages(root, read_rules(root, generated)),
    }


def _loaded_groups(root: Path, generated: Contents) -> list[dict[str, object]]:
    """Return the groups of all rules that are loaded, generated or written by hand."""
    files = {str(where): yaml().safe_load((root / where).read_text()) for where in rule_files(root)}
    loaded = {path: one for path, one in (files | generated).items() if Path(path).parent == RULES}
    return [group for _, content in sorted(loaded.items()) for group in content["groups"]]


def _for_the_operator(groups: list[dict[str, object]]) -> dict[str, object]:
    """Return the rules as one object that the Prometheus operator takes."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {
            "name": "barque",
            "namespace": "barque",
            "labels": {"app.kubernetes.io/part-of": "barque"},
        },
        "spec": {"groups": groups},
    }


def alerts_are_sound(root: Path) -> Sequence[Finding]:
    """Find rules that Prometheus refuses, that no test saw at work, or that read what is not."""
    return [
        *rules_make_sense(root),
        *rule_findings(root, rule_files(root)),
        *run(root, str(PROMETHEUS), "promtool", "check", "config", str(PROMETHEUS)),
    ]


def rules_make_sense(root: Path) -> list[Finding]:
    """Find what is wrong with rules and can be seen without Prometheus's own programs."""
    found = read_rules(root)
    return [
        *labelled_wrongly(found),
        *_unknown_meters(found),
        *untested(root, found),
        *_loaded_wrongly(root),
        *_unwatched(root),
        *_forgotten_early(root),
    ]


def _forgotten_early(root: Path) -> Iterator[Finding]:
    """Find where samples are kept for a shorter time than budgets are counted over."""
    period = read_objectives(root).period
    for where in KEPT_BY:
        for kept in KEPT.findall((root / where).read_text()):
            if hours(kept) < hours(period):
                words = f"Samples are kept {kept}, and promises are counted over {period}."
                yield Finding(where, words)


def _loaded_wrongly(root: Path) -> Iterator[Finding]:
    settings = yaml().safe_load((root / PROMETHEUS).read_text())
    folder = root / MONITORING
    loaded = {path for pattern in settings["rule_files"] for path in folder.glob(pattern)}
    meant = {root / where for where in rule_files(root) if where.parent == RULES}
    for path in sorted(loaded ^ meant):
        words = "is planned, and loaded" if path in loaded else "is not loaded"
        yield Finding(str(PROMETHEUS), f"{path.relative_to(folder)} {words}: see `rule_files`.")


def _unwatched(root: Path) -> Iterator[Finding]:
    """Find whom Prometheus may ask for meters, by the design, and does not."""
    meant = {edge.target for edge in BARQUE.open_edges() if edge.source == "prometheus"}
    for place in (PROMETHEUS, Path(SETTINGS) / "prometheus.yaml"):
        settings = yaml().safe_load((root / place).read_text())
        for name in sorted(meant - {job["job_name"] for job in settings["scrape_configs"]}):
            yield Finding(str(place), f"Nobody asks {name} for its meters: scrape it.")


def _unknown_meters(found: list[Written]) -> Iterator[Finding]:
    loaded, every = _recorded(found)
    for one in found:
        name, recorded = one.rule.record or one.alert, every if one.planned else loaded
        for words in unknown_meters(one.rule.expr, recorded, planned=one.planned):
            yield Finding(str(one.where), f"{name}: {words}")
        if one.planned and one.alert and _could_be_built(one):
            yield Finding(str(one.where), f"{name}: all of its meters are built; load it.")


def _recorded(found: list[Written]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of all records that are loaded, and of all that are written."""
    every = [(one.rule.record or "", one.planned) for one in records(found)]
    return frozenset(name for name, planned in every if not planned), frozenset(dict(every))


def _could_be_built(one: Written) -> bool:
    """Return whether a planned alert waits for nothing. Budgets are moved in slo.yaml."""
    return one.room != "slo" and meters(one.rule.expr) <= built_meters().keys()


def routes_are_sound(root: Path) -> Sequence[Finding]:
    """Find what Alertmanager refuses, and alerts that somebody else would hear."""
    place = str(ALERTMANAGER)
    findings = list(run(root, place, "amtool", "check-config", place))
    if findings:
        return findings
    for route in read_yaml(root / ROUTES, list[Route]):
        labels = [f"{key}={value}" for key, value in route.labels.items()]
        receiver = f"--verify.receivers={route.receiver}"
        command = ("amtool", "config", "routes", "test", "--config.file", place, receiver, *labels)
        findings += run(root, str(ROUTES), *command)
    return findings


def runbooks_are_whole(root: Path) -> Sequence[Finding]:
    """Find alerts without a page, pages without an alert, and pages that do not help."""
    return list(runbook_findings(root, read_rules(root)))


def dashboards_are_alive(root: Path) -> Sequence[Finding]:
    """Find panels that ask for what no role shows, and queries that are none."""
    loaded, every = _recorded(read_rules(root))
    findings = []
    for dashboard, panel, query in queries():
        recorded = every if panel.planned else loaded
        where = str(FOLDER / f"{dashboard.name}.json")
        for words in unknown_meters(query.expr, recorded, planned=panel.planned):
            findings.append(Finding(where, f"{panel.title}: {words}"))
    return [*findings, *_titles(), *_refused_queries()]


def _titles() -> Iterator[Finding]:
    for dashboard in DASHBOARDS:
        titles = [panel.title for panel in dashboard.panels]
        for title in sorted({one for one in titles if titles.count(one) > 1}):
            yield Finding(str(FOLDER / f"{dashboard.name}.json"), f"Two panels are called {title}.")
        for panel in dashboard.panels:
            if not (panel.title and panel.words and panel.queries):
                words = f"{panel.title or 'A panel'} needs a title, words and a query."
                yield Finding(str(FOLDER / f"{dashboard.name}.json"), words)


def _refused_queries() -> Iterator[Finding]:
    """Let promtool read every query as if it were a rule."""
    rules = [
        {"record": f"panel:{dashboard.name}:{i}", "expr": query.expr}
        for i, (dashboard, _, query) in enumerate(queries())
    ]
    with TemporaryDirectory(prefix="barque-panels-") as folder:
        place = Path(folder) / "panels.rules.yaml"
        place.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
        yield from run(Path(folder), str(FOLDER), "promtool", "check", "rules", place.name)


INPUTS = (
    "deploy/monitoring/**/*",
    "src/barque/telemetry/*.py",
    f"{SETTINGS}/prometheus.yaml",
    *KEPT_BY,
)

MONITORING_CHECKS: tuple[Check, ...] = (
    Check(
        name="alerts",
        words="every alert was seen to fire, to stay quiet and to resolve",
        inputs=INPUTS,
        run=alerts_are_sound,
        programs=("promtool",),
    ),
    Check(
        name="routes",
        words="every alert is heard by whom it is for",
        inputs=INPUTS,
        run=routes_are_sound,
        programs=("amtool",),
    ),
    Check(
        name="runbooks",
        words="every alert leads to a page that says what to do",
        inputs=(*INPUTS, "docs/runbooks/*.md"),
        run=runbooks_are_whole,
    ),
    Check(
        name="dashboards",
        words="every panel asks for meters that a role shows",
        inputs=INPUTS,
        run=dashboards_are_alive,
        programs=("promtool",),
    ),
)
