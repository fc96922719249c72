"""Who may speak to a service: this machine, and the names it is told of.

A web page of a stranger can make a visitor's browser call 127.0.0.1. It cannot forge the Host and
Origin headers: a name that was bound to this address shows in Host, a foreign page in Origin.
A caller that is not a browser sends no Origin; it could forge one, so it is not asked for it.

Behind a proxy the service is also asked under the proxy's names, by `http` or `https`. Who watches
it there (a scrape, a load balancer's check) knows its address alone; an address in Host cannot be
a name that was bound to it, so the health routes answer to every address.
"""

import ipaddress
import re
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from barque.domain.errors import BadInput
from barque.service.assets import NEVER
from barque.service.errors import FORBIDDEN, MISDIRECTED, refusal

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
HOST = re.compile(r"(?P<name>[a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
WATCHED = frozenset({"/health/live", "/health/ready", "/metrics"})
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


def host_names(text: str) -> tuple[str, ...]:
    """Read names of hosts, separated by commas; BadInput for what is no name."""
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    for name in names:
        if not HOST_NAME.fullmatch(name):
            raise BadInput(
                f"{name!r} in BARQUE_HOSTS is no name of a host. Write names alone, separated by "
                "commas, as barque.example,api; no port, no scheme, no star."
            )
    return names


class HostGuard:
    """Turns away who names another host than this machine or `hosts`, and pages of other origins.

    Any port will do: a container listens on another one than it publishes.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self._app, self._hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        complaint = _complaint(scope, self._hosts)
        if complaint is None:
            await self._app(scope, receive, _with_security_headers(send))
            return
        code, detail, status_code = complaint
        response = refusal(code, detail, status_code)
        await response(scope, receive, _with_security_headers(send))


def _complaint(scope: Scope, allowed: frozenset[str]) -> tuple[str, str, int] | None:
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not _is_ours(hosts[0].lower(), scope, allowed):
        seen = ", ".join(repr(host) for host in hosts) or "none"
        names = ", ".join([*LOOPBACK_NAMES, *sorted(allowed)])
        detail = f"The Host is {seen}; it must be one of {names}, with a port. See BARQUE_HOSTS."
        return "wrong_host", detail, MISDIRECTED
    if _only_reads(scope):
        return None
    own = _origins(hosts[0].lower(), allowed)
    foreign = [o for o in headers.getlist("origin") if o.lower() not in own]
    if foreign:
        detail = f"The Origin is {foreign[0]!r}; only the page of this service may do this."
        return "wrong_origin", detail, FORBIDDEN
    return None


def _is_ours(host: str, scope: Scope, allowed: frozenset[str]) -> bool:
    named = HOST.fullmatch(host)
    if named is None:
        return False
    name = named["name"]
    if name in LOOPBACK_NAMES or name in allowed:
        return True
    return bool(allowed) and scope["path"] in WATCHED and _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _origins(host: str, allowed: frozenset[str]) -> tuple[str, ...]:
    """Return the origins of the own page: only a proxy, which is named, speaks https."""
    named = HOST.fullmatch(host)
    behind_proxy = named is not None and named["name"] in allowed
    return (f"http://{host}", f"https://{host}") if behind_proxy else (f"http://{host}",)


def _only_reads(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] in READING


def _with_security_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(scope=message)
            headers.update(SECURITY_HEADERS)
            headers.setdefault("cache-control", NEVER)  # unless who answers knows better
        await send(message)

    return guarded
