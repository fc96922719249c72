"""Tables for people: which alerts there are and where they lead, which panels, what is planned."""

import re
from collections.abc import Iterable
from pathlib import Path

from barque.deployment.generated import HEADER
from barque.deployment.monitoring.dashboards import queries
from barque.deployment.monitoring.objectives import BURNS, COUNTED, Objectives, read_objectives
from barque.deployment.monitoring.rules import Written, alerts
from barque.deployment.pages import table

ALERTS = "docs/deployment/alerts.md"
PANELS = "docs/deployment/panels.md"
FILLED_IN = re.compile(r"\{\{.*?\}\}")
"""What Prometheus fills in when an alert fires."""


def monitoring_pages(root: Path, written: list[Written]) -> dict[str, str]:
    """Return the page of alerts and objectives, and the page of panels."""
    return {ALERTS: _alerts(read_objectives(root), written), PANELS: _panels()}


def _alerts(objectives: Objectives, written: list[Written]) -> str:
    told = sorted(alerts(written), key=lambda one: (one.planned, one.room))
    counts = {
        planned: len([one for one in told if one.planned is planned]) for planned in (False, True)
    }
    burns = [
        [
            one.severity,
            one.short,
            one.long,
            f"{one.factor(objectives.period):g}",
            f"{one.spent:.0%}",
        ]
        for one in BURNS
    ]
    return _page(
        "Alerts",
        f"{counts[False]} alerts are loaded and {counts[True]} are planned: written and tested, "
        "but no role that is built fills their meters. Each was seen to fire, to stay quiet and to "
        "resolve (`deploy/monitoring/tests`), and leads to a page that says what to do. The "
        "watchdog always fires.",
        table(["alert", "severity", "status", "after", "says"], [_row(one) for one in told]),
        "## What is promised",
        "Alerts named after a budget are compiled from `deploy/monitoring/slo.yaml`: a budget is "
        "what may go wrong over " + objectives.period + ", an alert says that it burns too fast.",
        table(
            ["objective", "promised", "status", "alert", "told from, an hour (a day)"],
            [
                [
                    one.words,
                    f"{100 * one.objective:g} %",
                    one.status,
                    one.alert,
                    f"{one.least_events} events" if one.least_events else "always",
                ]
                for one in objectives.objectives
            ],
        ),
        table(
            ["severity", "short window", "long window", "times too fast", "of the budget"], burns
        ),
        f"A page needs the least number of events in {COUNTED['page']}, a ticket in "
        f"{COUNTED['ticket']}.",
    )


def _row(one: Written) -> list[str]:
    name = f"[{one.alert}](../runbooks/{one.alert}.md)"
    status = "planned" if one.planned else "built"
    summary = FILLED_IN.sub("…", one.rule.annotations["summary"])
    return [name, one.severity, status, one.rule.pause or "at once", summary]


def _panels() -> str:
    rows = [
        [
            dashboard.title,
            panel.title,
            panel.unit.value,
            "planned" if panel.planned else "built",
            f"`{query.expr}`",
        ]
        for dashboard, panel, query in queries()
    ]
    return _page(
        "Panels",
        "What the dashboards in `deploy/monitoring/dashboards` show. Every query of a built panel "
        "is run against the Prometheus of a running stack and must return a number; planned ones "
        "wait in a closed row for the role that fills them. The files were never opened in "
        "Grafana, which cannot be had where this is tested.",
        table(["dashboard", "panel", "unit", "status", "query"], rows),
    )


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"<!-- {HEADER} -->", f"# {title}", *_filled(parts)]) + "\n"


def _filled(parts: Iterable[str]) -> list[str]:
    return [part.strip() for part in parts if part.strip()]
