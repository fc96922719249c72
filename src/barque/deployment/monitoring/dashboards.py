"""Dashboards as Grafana reads them, and whether their panels show anything.

Grafana itself cannot be had where this is tested: its files are generated from values
(`dashboards_of_*.py`) whose every query is run against a real Prometheus (`dead_panels`).
"""

import json
import math
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

from barque.deployment.generated import HEADER
from barque.deployment.monitoring.dashboards_of_platform import PLATFORM
from barque.deployment.monitoring.dashboards_of_trading import TRADING
from barque.deployment.monitoring.files import MONITORING
from barque.deployment.monitoring.panels import Dashboard, Panel, Query
from barque.domain.errors import BadInput

FOLDER = MONITORING / "dashboards"
DASHBOARDS: tuple[Dashboard, ...] = (PLATFORM[0], *TRADING, *PLATFORM[1:])
SCHEMA_VERSION = 39
COLUMNS, WIDTH, HEIGHT = 2, 12, 8
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
LATER = "Planned: no role fills these yet"
ANSWER_SECONDS = 10

Json = dict[str, Any]


def dashboard_files() -> dict[str, str]:
    """Return every dashboard as Grafana's JSON, by its path."""
    return {
        str(FOLDER / f"{one.name}.json"): json.dumps(_dashboard(one), indent=1) + "\n"
        for one in DASHBOARDS
    }


def dead_panels(prometheus_url: str) -> list[str]:
    """Return every query of a built panel that shows nothing on a running Prometheus, in words."""
    if urlsplit(prometheus_url).scheme not in {"http", "https"}:
        raise BadInput(f"{prometheus_url} is no address of a Prometheus: http://HOST:PORT.")
    return [
        f"{dashboard.title}, {panel.title}: `{query.expr}` shows nothing."
        for dashboard in DASHBOARDS
        for panel in dashboard.panels
        for query in panel.queries
        if not panel.planned and not _shows(prometheus_url, query.expr)
    ]


def queries() -> Iterator[tuple[Dashboard, Panel, Query]]:
    """Yield every query with where it stands."""
    for dashboard in DASHBOARDS:
        for panel in dashboard.panels:
            for query in panel.queries:
                yield dashboard, panel, query


def _shows(prometheus_url: str, expression: str) -> bool:
    """Return whether an expression has a value now that is a number."""
    words = urlencode({"query": expression})
    address = f"{prometheus_url.rstrip('/')}/api/v1/query?{words}"
    with urlopen(address, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 # http alone, see above
        found = json.load(answer)["data"]["result"]
    return any(not math.isnan(float(one["value"][1])) for one in found)


def _dashboard(one: Dashboard) -> Json:
    built = [panel for panel in one.panels if not panel.planned]
    later = [panel for panel in one.panels if panel.planned]
    row = {
        "id": 100,
        "type": "row",
        "title": LATER,
        "collapsed": True,
        "gridPos": {"h": 1, "w": COLUMNS * WIDTH, "x": 0, "y": 1_000},
        "panels": [_panel(panel, 101 + i) for i, panel in enumerate(later)],
    }
    return {
        "__generated": HEADER,
        "uid": f"barque-{one.name.replace('_', '-')}",
        "title": f"Barque: {one.title}",
        "description": one.words,
        "tags": ["barque"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [_panel(panel, 1 + i) for i, panel in enumerate(built)]
        + ([row] if later else []),
    }


def _panel(panel: Panel, number: int) -> Json:
    place = (number - 1) % 100
    x, y = place % COLUMNS * WIDTH, place // COLUMNS * HEIGHT
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.words,
        "datasource": SOURCE,
        "gridPos": {"h": HEIGHT, "w": WIDTH, "x": x, "y": y},
        "fieldConfig": {"defaults": {"unit": panel.unit.value}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + i),
                "datasource": SOURCE,
                "expr": query.expr,
                "legendFormat": query.legend or panel.title,
            }
            for i, query in enumerate(panel.queries)
        ],
    }
