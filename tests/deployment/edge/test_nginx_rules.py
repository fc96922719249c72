"""NGINX's configuration says what the rules say; whatever is changed in it is found."""

from pathlib import Path

import pytest

from barque.deployment.edge.nginx_rules import findings

CDN, BALANCER = "cdn.conf", "balancer.conf"
NOTHING = "nothing-of-the-visitor.conf"
FAULTS = [
    ("the API is kept", CDN, "location ^~ /api/ {\n        proxy_cache off;",
     "location ^~ /api/ {\n        proxy_cache cdn;"),
    ("the API has no rule", CDN, "location ^~ /api/", "location ^~ /apis/"),
    ("the API comes by another order", CDN, "location ^~ /health/", "location ^~ /assets/x/"),
    ("health can be written to", CDN, "/health/ {\n        limit_except GET { deny all; }",
     "/health/ {"),
    ("assets are not kept", CDN, "proxy_cache_key $uri;", "proxy_cache off;"),
    ("a visitor's name reaches what is kept", NOTHING, 'proxy_set_header Authorization "";', ""),
    ("a visitor's cookie reaches what is kept", NOTHING, 'proxy_set_header Cookie "";', ""),
    ("the query reaches what is kept", CDN, 'set $args "";', ""),
    ("the key is what was written", CDN, "cache_key $uri;", "cache_key $request_uri;"),
    ("the page of one host is given to another", CDN, '"$uri $host"', "$uri"),
    ("the page is kept by the rule of assets", CDN, "Policy shell", "Policy for-ever"),
    ("everything is kept a while", CDN, "proxy_cache_lock on;", "proxy_cache_valid any 1m;"),
    ("old answers are given", CDN, "proxy_cache_lock on;", "proxy_cache_use_stale error;"),
    ("cookies are given to others", CDN, "proxy_ignore_headers Cache-Control Expires;",
     "proxy_ignore_headers Cache-Control Expires Set-Cookie;"),
    ("files are kept a day", BALANCER, "31536000", "86400"),
    ("the page is kept an hour", BALANCER, '"~*\\bs-maxage=" 60;', '"~*\\bs-maxage=" 3600;'),
    ("the page is kept unasked", BALANCER, "$shell_seconds {\n    default 0;",
     "$shell_seconds {\n    default 10;"),
    ("what may have happened happens twice", BALANCER, "http_504;", "http_504 non_idempotent;"),
    ("no other page is asked", BALANCER, "error timeout invalid_header http_502 http_503", "error"),
    ("a page commands NGINX", BALANCER, "X-Accel-Redirect ", ""),
    ("a silent socket is cut", BALANCER, "proxy_read_timeout 120s", "proxy_read_timeout 30s"),
    ("meters are shown", BALANCER, "location = /metrics { return 404; }", ""),
    ("bodies are long", "nginx.conf", "client_max_body_size 64k", "client_max_body_size 1m"),
    ("visitors are many", CDN, "burst=3000", "burst=9000"),
    ("nobody is counted", CDN, "    default 1;", "    default 0;"),
    ("who never ends a request is waited for", "nginx.conf", "client_header_timeout 10s;", ""),
    ("who never reads is waited for", "nginx.conf", "send_timeout 30s;", ""),
    ("a page that never answers is waited for", BALANCER, "proxy_connect_timeout 1s;", ""),
    ("a balancer that never answers is waited for", CDN, "proxy_read_timeout 130s;", ""),
    ("other sites frame the page", CDN, "add_header X-Frame-Options $frame_policy always;", ""),
    ("errors are without defence", CDN, "$content_policy always", "$content_policy"),
    ("a rule has headers of its own", CDN, "location ^~ /api/ {",
     "location ^~ /api/ {\n        add_header X-Rule api;"),
    ("visitors are quick", CDN, "rate=600r/m", "rate=6000r/m"),
]  # fmt: skip


def test_the_configuration_says_what_the_rules_say(root: Path) -> None:
    assert findings(root) == []


@pytest.mark.parametrize(("what", "name", "old", "new"), FAULTS, ids=[one[0] for one in FAULTS])
def test_whatever_is_changed_is_found(copy: Path, what: str, name: str, old: str, new: str) -> None:
    place = copy / "deploy" / "docker" / "nginx" / name
    text = place.read_text()
    assert old in text
    place.write_text(text.replace(old, new, 1))

    assert findings(copy)
