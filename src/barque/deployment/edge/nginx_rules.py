"""Whether NGINX's configuration says what the rules of caching and load balancing say."""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from barque.deployment.check import Finding
from barque.deployment.edge.caching import PERSONAL
from barque.deployment.edge.load_balancing import RULES
from barque.deployment.edge.nginx import CONFIGURATION, MAIN
from barque.deployment.edge.statement import (
    Statement,
    balancing,
    caching_differences,
    differences,
)
from barque.domain.errors import NotReady

Directives = list[dict[str, Any]]

CDN_PORT = "8080"
BALANCER_DOOR = "unix:/tmp/balancer.sock"  # in a container of its own
MAY_HAVE_HAPPENED = "non_idempotent"
FIVE_MINUTES = 5
VISITORS_TIMES = ("client_header_timeout", "client_body_timeout", "send_timeout")
PAGES_TIMES = ("proxy_connect_timeout", "proxy_send_timeout", "proxy_read_timeout")
DEFENCES = (
    "Content-Security-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
)
"""Headers that tell a browser what it must not do with us."""


def findings(root: Path) -> Sequence[Finding]:
    """Return how the configuration of a checkout differs from the rules."""
    return list(_findings(_read(root / CONFIGURATION / MAIN)))


def _findings(http: Directives) -> Iterator[Finding]:
    cdn, balancer = _server(http, CDN_PORT), _server(http, BALANCER_DOOR)
    where = str(CONFIGURATION / "cdn.conf")
    yield from caching_differences(where, _statements(http, cdn))
    yield from (Finding(where, words) for words in _leaks(cdn))
    meant = balancing("longest_body", "rate_in_five_minutes")
    yield from (Finding(where, words) for words in differences(meant, _limits(http, cdn)))
    yield from (Finding(where, words) for words in (*_uncounted(http), *_undefended(cdn)))
    where = str(CONFIGURATION / "balancer.conf")
    yield from (Finding(where, words) for words in _balancer(balancer))
    for block, name, times in (
        (http, MAIN, VISITORS_TIMES),
        (cdn, "cdn.conf", PAGES_TIMES),
        (balancer, "balancer.conf", PAGES_TIMES),
    ):
        yield from (Finding(str(CONFIGURATION / name), words) for words in _patient(block, times))


def _statements(http: Directives, cdn: Directives) -> dict[str, Statement]:
    """Return what the locations say, in their order.

    NGINX takes the longest that fits, the rules the first; their own check says it is the same.
    """
    places = {_pattern(one["args"]): one["block"] for one in cdn if one["directive"] == "location"}
    return {pattern: _statement(http, pattern, block) for pattern, block in places.items()}


def _statement(http: Directives, pattern: str, place: Directives) -> Statement:
    headers = {name.lower(): value for name, value in _pairs(place, "proxy_set_header")}
    keeps = _words(place, "proxy_cache") == ["cdn"]
    key = " ".join(_words(place, "proxy_cache_key"))
    return Statement(
        pattern=pattern,
        seconds=_seconds(http, headers.get("x-cache-policy", "")) if keeps else (0, 0, 0),
        key_headers=("host",) if "$host" in key else (),
        only_reading=_words(place, "limit_except") == ["GET"],
        personal=not all(headers.get(name) == "" for name in PERSONAL),
    )


def _leaks(cdn: Directives) -> Iterator[str]:
    """Yield where something of a visitor could get into what is kept for others."""
    for one in cdn:
        if one["directive"] != "location" or _words(one["block"], "proxy_cache") != ["cdn"]:
            continue
        pattern, place = _pattern(one["args"]), one["block"]
        if ["$args", ""] not in [d["args"] for d in place if d["directive"] == "set"]:
            yield f"{pattern}: the origin hears the query, which is not in the key."
        if _words(place, "proxy_cache_key")[:1] not in (["$uri"], ["$uri $host"]):
            yield f"{pattern}: the key must be $uri, the path the rules are asked by, and the host."
    for name in ("proxy_cache_valid", "proxy_cache_use_stale"):
        if _words(cdn, name):
            yield f"{name} would keep what the balancer did not say may be kept."
    if "Set-Cookie" in _words(cdn, "proxy_ignore_headers"):
        yield "Set-Cookie is ignored: somebody's cookie would be given to others."


def _limits(http: Directives, cdn: Directives) -> dict[str, object]:
    rate = next((w for w in _words(http, "limit_req_zone") if w.startswith("rate=")), "")
    burst = next((w for w in _words(cdn, "limit_req") if w.startswith("burst=")), "")
    found = re.fullmatch(r"rate=(\d+)r/m", rate)
    a_minute, at_once = int(found[1]) if found else 0, int(burst[6:] or 0)
    within = a_minute * FIVE_MINUTES == at_once
    body = re.fullmatch(r"(\d+)k", "".join(_words(http, "client_max_body_size")))
    return {
        "longest_body": int(body[1]) * 1024 if body else None,
        "rate_in_five_minutes": at_once if within else f"{a_minute} a minute, {at_once} at once",
    }


def _uncounted(http: Directives) -> Iterator[str]:
    """Yield whom the limits leave out who is not of a private network."""
    for entry in next((one["block"] for one in http if one["directive"] == "geo"), []):
        network, counted = entry["directive"], entry["args"][0]
        if counted == "0" and (
            network == "default" or not ipaddress.ip_network(network).is_private
        ):
            yield f"Visitors from {network} are not counted."


def _undefended(cdn: Directives) -> Iterator[str]:
    """Yield what a browser is not told, or not on every answer."""
    told = [one["args"] for one in cdn if one["directive"] == "add_header"]
    for name in DEFENCES:
        if not any(args[0] == name and args[-1] == "always" for args in told):
            yield f"A browser is not told {name} with every answer: add_header {name} … always."
    for one in cdn:
        if one["directive"] == "location" and _words(one["block"], "add_header"):
            yield f"{_pattern(one['args'])}: its own add_header takes the place of all others."


def _patient(block: Directives, times: Sequence[str]) -> Iterator[str]:
    """Yield for what NGINX would wait as long as it pleases."""
    for name in times:
        if not _words(block, name):
            yield f"{name} is not said: somebody slow could hold a connection."


def _balancer(balancer: Directives) -> Iterator[str]:
    yield from differences(
        {"idle": f"{RULES.idle}s"}, {"idle": "".join(_words(balancer, "proxy_read_timeout"))}
    )
    ignored = _words(balancer, "proxy_ignore_headers")
    for name in ("X-Accel-Expires", "X-Accel-Redirect"):
        if name not in ignored:
            yield f"A page could command NGINX: add {name} to proxy_ignore_headers."
    for place in [balancer, *(one["block"] for one in balancer if one["directive"] == "location")]:
        asked = _words(place, "proxy_next_upstream")
        if MAY_HAVE_HAPPENED in asked:
            yield "A request that may have happened would be sent again: remove non_idempotent."
        if place is balancer and not {"error", "timeout", "http_503"} <= set(asked):
            yield "Another page must be asked after error, timeout and http_503."
    shut = {_pattern(one["args"]) for one in balancer if _words(one.get("block", []), "return")}
    if not {"/metrics", "/metrics/*"} <= shut:
        yield "Meters could be seen from outside: shut /metrics and /metrics/."


def _seconds(http: Directives, policy: str) -> tuple[int, int, int]:
    """Return the least, usual and most seconds of a policy, from the maps of the balancer."""
    for pattern, value in _map(http, "$kept_seconds").items():
        if pattern.startswith(f"~^{policy} "):
            if value.isdigit():
                return int(value), int(value), int(value)
            kept = _map(http, value)
            least = min(int(text) for text in kept.values() if text.isdigit())
            most = max(int(text) for text in kept.values() if text.isdigit())
            return least, int(kept["default"]), most
    return 0, 0, 0


def _read(main: Path) -> Directives:
    try:
        import crossplane
    except ImportError as missing:
        raise NotReady(
            "crossplane is needed to read NGINX's configuration: `pip install barque[deployment]`."
        ) from missing
    payload = crossplane.parse(str(main), combine=True)
    content: Directives = payload["config"][0]["parsed"]
    return next(one["block"] for one in content if one["directive"] == "http")


def _server(http: Directives, door: str) -> Directives:
    servers = (one["block"] for one in http if one["directive"] == "server")
    return next((one for one in servers if door in _words(one, "listen")), [])


def _pattern(args: Sequence[str]) -> str:
    """Return a location as a pattern of the rules."""
    match args:
        case ["/"]:
            return "*"
        case ["=", path]:
            return path
        case ["^~", prefix]:
            return f"{prefix}*"
    return " ".join(args)


def _words(block: Directives, name: str) -> list[str]:
    """Return all arguments of the directives of a name, directly in a block."""
    return [word for one in block if one["directive"] == name for word in one["args"]]


def _pairs(block: Directives, name: str) -> Iterator[tuple[str, str]]:
    for one in block:
        if one["directive"] == name:
            yield one["args"][0], one["args"][1]


def _map(http: Directives, variable: str) -> dict[str, str]:
    for one in http:
        if one["directive"] == "map" and one["args"][1] == variable:
            return {entry["directive"]: entry["args"][0] for entry in one["block"]}
    return {}
