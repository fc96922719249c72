"""Who may speak to a service that trusts the machine it runs on.

A web page of a stranger can make a visitor's browser call 127.0.0.1. It cannot forge the Host and
Origin headers: a name that was bound to this address shows in Host, a foreign page in Origin.
A caller that is not a browser sends no Origin; it could forge one, so it is not asked for it.
"""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from barque.service.errors import FORBIDDEN, MISDIRECTED, refusal

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
HERE = re.compile(f"({'|'.join(map(re.escape, LOOPBACK_NAMES))})(:[0-9]{{1,5}})?")
READING = frozenset({"GET", "HEAD"})

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)

SECURITY_HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class LoopbackGuard:
    """Turns away who does not name this machine as the host, and pages of other origins.

    Any port will do: a container listens on another one than it publishes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        complaint = _complaint(scope)
        if complaint is None:
            await self._app(scope, receive, _with_security_headers(send))
            return
        code, detail, status_code = complaint
        response = refusal(code, detail, status_code)
        await response(scope, receive, _with_security_headers(send))


def _complaint(scope: Scope) -> tuple[str, str, int] | None:
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not HERE.fullmatch(hosts[0].lower()):
        seen = ", ".join(repr(host) for host in hosts) or "none"
        detail = f"The Host is {seen}; it must be one of {', '.join(LOOPBACK_NAMES)}, with a port."
        return "wrong_host", detail, MISDIRECTED
    if _only_reads(scope):
        return None
    foreign = [o for o in headers.getlist("origin") if o.lower() != f"http://{hosts[0].lower()}"]
    if foreign:
        detail = f"The Origin is {foreign[0]!r}; only the page of this service may do this."
        return "wrong_origin", detail, FORBIDDEN
    return None


def _only_reads(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] in READING


def _with_security_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(scope=message)
            headers.update(SECURITY_HEADERS)
        await send(message)

    return guarded
