"""Dashboards are whole as files, and a dead panel is found on a live Prometheus."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from barque.deployment.monitoring.dashboards import (
    DASHBOARDS,
    LATER,
    dashboard_files,
    dead_panels,
    queries,
)
from barque.domain.errors import BadInput

EIGHT = 8


class Answers:
    """A Prometheus of the test's making: 1 for every query, unless it is told otherwise."""

    def __init__(self) -> None:
        self.values: dict[str, list[str]] = {}
        self.asked: list[str] = []
        answers = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                expression = parse_qs(urlsplit(self.path).query)["query"][0]
                answers.asked.append(expression)
                values = answers.values.get(expression, ["1"])
                found = [{"metric": {}, "value": [0, one]} for one in values]
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps({"data": {"result": found}}).encode())

            def log_message(self, format: str, *words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def prometheus() -> Iterator[Answers]:
    one = Answers()
    yield one
    one.server.shutdown()
    one.server.server_close()


def test_there_are_eight_and_every_panel_says_what_it_shows() -> None:
    assert len(DASHBOARDS) == EIGHT
    for dashboard, panel, query in queries():
        assert dashboard.words.endswith((".", "?")), dashboard.title
        assert panel.words.endswith("."), panel.title
        assert query.expr


def test_the_files_are_what_grafana_reads() -> None:
    for path, text in dashboard_files().items():
        board = json.loads(text)
        shown = [one for one in board["panels"] if one["type"] != "row"]
        rows = [one for one in board["panels"] if one["type"] == "row"]
        every = [*shown, *(panel for row in rows for panel in row["panels"])]

        assert board["schemaVersion"] >= 36, path
        assert [row["title"] for row in rows] == [LATER], path
        assert all(row["collapsed"] for row in rows)
        assert len({one["id"] for one in [*every, *rows]}) == len(every) + len(rows), path
        places = [(one["gridPos"]["x"], one["gridPos"]["y"]) for one in shown]
        assert len(set(places)) == len(places), path
        for one in every:
            assert one["title"]
            assert one["description"]
            assert one["fieldConfig"]["defaults"]["unit"]
            assert [target["refId"] for target in one["targets"]] == ["A", "B"][
                : len(one["targets"])
            ]


def test_planned_panels_stand_in_the_closed_row_and_no_others_do() -> None:
    planned = {(one.title, panel.title) for one, panel, _ in queries() if panel.planned}
    found = {
        (board["title"].removeprefix("Barque: "), panel["title"])
        for board in map(json.loads, dashboard_files().values())
        for row in board["panels"]
        if row["type"] == "row"
        for panel in row["panels"]
    }

    assert found == planned


def test_a_panel_without_an_answer_is_dead(prometheus: Answers) -> None:
    prometheus.values = {"barque_equity": []}

    assert dead_panels(prometheus.url) == [
        "Overview, Equity: `barque_equity` shows nothing.",
        "Accounts, Equity: `barque_equity` shows nothing.",
        "Risk and profit, Equity: `barque_equity` shows nothing.",
    ]


def test_no_number_is_no_answer(prometheus: Answers) -> None:
    prometheus.values = {"barque_drawdown_ratio": ["NaN"], "sum by (job) (up)": ["NaN", "1"]}

    assert [one.partition(":")[0] for one in dead_panels(prometheus.url)] == [
        "Risk and profit, Drawdown"
    ]


def test_planned_panels_are_not_asked_for(prometheus: Answers) -> None:
    assert dead_panels(prometheus.url) == []
    assert set(prometheus.asked) == {q.expr for _, panel, q in queries() if not panel.planned}


def test_only_a_web_address_is_asked() -> None:
    with pytest.raises(BadInput, match="no address of a Prometheus"):
        dead_panels("file:///etc/passwd")
