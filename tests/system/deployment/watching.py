"""A real Prometheus and a real Alertmanager on loopback, with our files, and who listens."""

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

ROOT = Path(__file__).resolve().parents[3]
MONITORING = ROOT / "deploy/monitoring"
START_SECONDS = 60
PATIENCE_SECONDS = 240


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


class Listener:
    """Whoever is told: the pager, the tickets' channel and the watchdog, each at a path."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []
        heard = self.heard

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                heard.append((self.path, json.loads(body)))
                self.send_response(202 if self.path == "/pager" else 200)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, format: str, *words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def at(self, path: str) -> list[Any]:
        return [body for where, body in list(self.heard) if where == path]


@contextmanager
def listening() -> Iterator[Listener]:
    one = Listener()
    try:
        yield one
    finally:
        one.server.shutdown()
        one.server.server_close()


@contextmanager
def running(folder: Path, name: str, *words: str) -> Iterator[None]:
    """Run a program until the end of the block; what it says is kept in `folder`."""
    with (folder / f"{name}.out").open("w") as said:
        process = subprocess.Popen([name, *words], cwd=folder, stdout=said, stderr=said)
    try:
        yield
        assert process.poll() is None, (folder / f"{name}.out").read_text()
    finally:
        process.kill()
        process.wait()


@contextmanager
def alertmanager(folder: Path, listener: Listener) -> Iterator[str]:
    """Alertmanager with our routes, whose secrets lead to the listener."""
    secrets = folder / "secrets"
    secrets.mkdir()
    (secrets / "pager_key").write_text("0" * 32)
    (secrets / "ticket_url").write_text(f"{listener.url}/tickets")
    (secrets / "watchdog_url").write_text(f"{listener.url}/watchdog")
    text = (MONITORING / "alertmanager.yaml").read_text().replace("/run/secrets", str(secrets))
    settings = yaml.safe_load(text) | {"global": {"pagerduty_url": f"{listener.url}/pager"}}
    place = folder / "alertmanager.yaml"
    place.write_text(yaml.safe_dump(settings))
    address = f"127.0.0.1:{free_port()}"
    words = (
        f"--config.file={place}", f"--storage.path={folder / 'silences'}",
        f"--web.listen-address={address}", "--cluster.listen-address=",
    )  # fmt: skip
    with running(folder, "prometheus-alertmanager", *words):
        until(lambda: answers(f"http://{address}/-/ready"), START_SECONDS, "Alertmanager is ready")
        yield address


@contextmanager
def prometheus(folder: Path, targets: dict[str, str]) -> Iterator[str]:
    """Prometheus with our rules, quicker, and our jobs at these addresses."""
    own = f"127.0.0.1:{free_port()}"
    targets = targets | {"prometheus": own}
    settings = yaml.safe_load((MONITORING / "prometheus.yaml").read_text())
    settings["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    settings["alerting"] = {
        "alertmanagers": [{"static_configs": [{"targets": [targets["alertmanager"]]}]}]
    }
    settings["scrape_configs"] = [
        {"job_name": job["job_name"], "static_configs": [{"targets": [targets[job["job_name"]]]}]}
        for job in settings["scrape_configs"]
    ]
    shutil.copytree(MONITORING / "rules", folder / "rules")
    for place in (folder / "rules").glob("*.yaml"):
        place.write_text(place.read_text().replace("interval: 2m", "interval: 5s"))
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(settings))
    words = (
        f"--config.file={folder / 'prometheus.yaml'}", f"--storage.tsdb.path={folder / 'samples'}",
        f"--web.listen-address={own}",
    )  # fmt: skip
    with running(folder, "prometheus", *words):
        until(lambda: answers(f"http://{own}/-/ready"), START_SECONDS, "Prometheus is ready")
        yield f"http://{own}"


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def asked(url: str, expression: str) -> list[Any]:
    with urlopen(f"{url}/api/v1/query?{urlencode({'query': expression})}", timeout=5) as answer:
        return json.load(answer)["data"]["result"]


def until(done: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"in {seconds:.0f} s it did not come to this: {what}"
        time.sleep(0.5)
