"""Origins that do as they are told, and a client that asks NGINX exactly what a test says."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from barque.deployment.edge.caching import Answer

BODY = b"what an origin says " * 100
HANG_UP = -1


@dataclass
class Origin:
    """A server on this machine. `answers` by path; `heard` is every request that reached it."""

    address: str = ""
    usual: Answer = field(default_factory=Answer)
    answers: dict[str, Answer] = field(default_factory=dict)
    heard: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.heard]


@contextmanager
def origin() -> Iterator[Origin]:
    told = Origin()

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.rfile.read(int(headers.get("content-length", "0")))
            told.heard.append((self.command, self.path, headers))
            answer = told.answers.get(self.path.partition("?")[0], told.usual)
            if answer.status == HANG_UP:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            empty = answer.status in (204, 304)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if not empty:
                self.send_header("content-type", "text/css")
                self.send_header("content-length", str(len(BODY)))
            self.end_headers()
            if self.command != "HEAD" and not empty:
                self.wfile.write(BODY)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = answer

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    told.address = f"127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Found:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def kept(self) -> str:
        """What NGINX did: HIT, MISS, EXPIRED, or nothing where it never keeps."""
        return self.headers.get("x-cache", "")


def ask(
    port: int, target: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> Found:
    """Ask for exactly this target, on a connection of its own."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, target, body=body, headers=named)
        answer = line.getresponse()
        said = {name.lower(): value for name, value in answer.getheaders()}
        return Found(answer.status, said, answer.read())
    finally:
        line.close()


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
