"""Sizes are proposed by a written rule, and never from too little."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.optimize import LEAST_SAMPLES, Used, percentile, propose, read_used
from barque.domain.errors import BadInput, NotReady

API = BARQUE.roles[0]


def used(cores: float, memory: float, hours: float = 48.0, samples: int = LEAST_SAMPLES) -> Used:
    return Used(hours, (cores,) * samples, (memory,) * samples)


def test_the_rule_by_hand() -> None:
    """0.21 x 1.25 = 0.2625, up to 0.30; 300 x 1.3 = 390, up to 448."""
    found = propose(API, used(0.21, 300))

    assert (found.proposed_cores, found.proposed_memory) == (0.30, 448)


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        (None, "was not measured"),
        (used(0.2, 300, hours=23), "24 hours"),
        (used(0.2, 300, samples=LEAST_SAMPLES - 1), "200 samples"),
    ],
)
def test_too_little_is_refused(measured: Used | None, words: str) -> None:
    found = propose(API, measured)

    assert words in found.refused
    assert found.proposed_cores is None


@given(
    cores=st.lists(st.floats(0, 8), min_size=LEAST_SAMPLES, max_size=LEAST_SAMPLES + 50),
    memory=st.floats(1, 64_000),
)
def test_what_is_proposed_covers_what_was_used(cores: list[float], memory: float) -> None:
    found = propose(API, Used(48.0, tuple(cores), (memory,) * len(cores)))

    assert found.proposed_cores is not None
    assert found.proposed_memory is not None
    assert found.proposed_cores >= percentile(cores, 0.95)
    assert found.proposed_memory >= memory


def test_the_percentile_is_a_value_that_was_seen() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([7], 0.95) == 7


def answer(*values: float) -> dict[str, object]:
    points = [[k * 3_600, str(value)] for k, value in enumerate(values)]
    return {"data": {"result": [{"metric": {"job": "api"}, "values": points}]}}


def test_measurements_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "used.json"
    file.write_text(json.dumps({"cores": answer(0.1, 0.2, 0.3), "memory": answer(200, 210, 220)}))

    found = read_used(str(file), 1)

    assert found == {"api": Used(2.0, (0.1, 0.2, 0.3), (200.0, 210.0, 220.0))}


def test_measurements_are_asked_of_a_prometheus() -> None:
    class Prometheus(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer(0.5, 0.5)).encode())

        def log_message(self, *words: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Prometheus) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        found = read_used(f"http://127.0.0.1:{server.server_port}", 1)
        server.shutdown()

    assert found["api"].cores == (0.5, 0.5)


def test_a_prometheus_that_is_not_there_is_told() -> None:
    with pytest.raises(NotReady, match="does not answer"):
        read_used("http://127.0.0.1:9", 1)


@pytest.mark.parametrize("text", ["not json", "{}", '{"cores": {"data": {}}, "memory": {}}'])
def test_a_file_of_something_else_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "used.json").write_text(text)

    with pytest.raises(BadInput, match="measurements"):
        read_used(str(tmp_path / "used.json"), 1)
