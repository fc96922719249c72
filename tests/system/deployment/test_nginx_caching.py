"""A real NGINX keeps exactly what the rules' evaluator says, whatever is asked and answered."""

import http.client
import itertools
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barque.deployment.edge.balancer import upstream
from barque.deployment.edge.caching import PERSONAL, Answer, Request, decide
from barque.deployment.edge.load_balancing import RULES
from barque.deployment.edge.nginx import Nginx, running
from tests.system.deployment.origins import BODY, HANG_UP, Found, Origin, ask, free_port, origin

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[3]
FRESH = itertools.count()


class Site(NamedTuple):
    nginx: Nginx
    one: Origin
    other: Origin

    @property
    def port(self) -> int:
        return self.nginx.port

    def ask(self, path: str, method: str = "GET", **headers: str) -> Found:
        """Ask, and wait until NGINX is through with it: it answers first, and keeps afterwards."""
        trace = headers.setdefault("x_request_id", f"visitor-{next(FRESH)}")
        found = ask(self.port, path, method, **headers)
        logged(self, trace, {"cdn"})
        return found

    def heard(self) -> int:
        return len(self.one.heard) + len(self.other.heard)

    def say(self, path: str, answer: Answer) -> None:
        self.one.answers[path] = self.other.answers[path] = answer


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with origin() as one, origin() as other:
        pages = upstream({one.address: 1, other.address: 1})
        with running(ROOT, free_port(), pages) as nginx:
            yield Site(nginx, one, other)


@pytest.fixture(autouse=True)
def origins_say_nothing_special(site: Site) -> None:
    site.one.usual = site.other.usual = Answer()


def fresh(prefix: str) -> str:
    """A path below a prefix that was never asked for."""
    return f"{prefix}{next(FRESH)}.css"


ROWS = [
    ("/api/v1/", {"cache-control": "public, max-age=31536000, immutable"}, ""),
    ("/health/", {"cache-control": "public, max-age=600"}, ""),
    ("/reports/", {"cache-control": "public, s-maxage=600"}, ""),
    ("/assets/", {}, "HIT"),
    ("/assets/", {"cache-control": "no-store"}, "HIT"),
    ("/assets/", {"set-cookie": "who=me"}, "MISS"),
    ("/", {}, "MISS"),
    ("/", {"cache-control": "no-cache"}, "MISS"),
    ("/", {"cache-control": "private, max-age=60"}, "MISS"),
    ("/", {"cache-control": "public, max-age=60"}, "HIT"),
    ("/", {"cache-control": "public, max-age=0"}, "MISS"),
    ("/", {"cache-control": "public, max-age=60", "set-cookie": "who=me"}, "MISS"),
    ("/", {"x-accel-expires": "600"}, "MISS"),
    ("/", {"expires": "Thu, 31 Dec 2099 23:59:59 GMT"}, "MISS"),
    ("/apis/", {"cache-control": "s-maxage=60"}, "HIT"),
    ("/assets/%2e%2e/api/v1/", {"cache-control": "max-age=600"}, ""),
    ("/x/../health/", {"cache-control": "max-age=600"}, ""),
    ("/assets/..%2fapi/", {"cache-control": "max-age=600"}, ""),
    ("//api/", {"cache-control": "max-age=60"}, "HIT"),
]


@pytest.mark.parametrize(("prefix", "said", "second"), ROWS)
def test_the_table_of_requests(site: Site, prefix: str, said: dict, second: str) -> None:
    path = fresh(prefix)
    site.one.usual = site.other.usual = Answer(200, said)

    first, again = site.ask(path), site.ask(path)

    kept = decide(Request("GET", path)).seconds(Answer(200, said)) > 0
    assert (first.status, again.status) == (200, 200)
    assert again.kept == second
    assert kept is (second == "HIT")


PREFIXES = st.sampled_from(
    ["/", "/api/", "/api/v1/accounts/", "/apix/", "/assets/", "/assets/a/../", "/health/",
     "/assets/%2e%2e/api/", "/reports/", "/assets//", "//assets/", "/%61pi/"]
)  # fmt: skip
METHODS = st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "DELETE", "OPTIONS"])
VISITORS = st.fixed_dictionaries(
    {},
    optional={
        "authorization": st.just("Bearer secret"),
        "cookie": st.just("session=secret"),
        "x-cache-policy": st.sampled_from(["for-ever", "shell"]),
        "cache-control": st.sampled_from(["no-cache", "max-age=0"]),
    },
)
SAID = st.fixed_dictionaries(
    {},
    optional={
        "cache-control": st.sampled_from(
            ["no-store", "no-cache", "private", "public", "public, max-age=0", "max-age=45",
             "public, max-age=31536000, immutable", "max-age=0, s-maxage=30",
             "s-maxage=0, max-age=9",
             "private=x, max-age=50", "MAX-AGE=00060", "x-max-age=60"]
        ),
        "set-cookie": st.just("session=yours"),
        "x-accel-expires": st.just("600"),
        "x-accel-redirect": st.just("/api/v1/accounts"),
    },
)  # fmt: skip
STATUSES = st.sampled_from([200, 200, 200, 204, 301, 304, 400, 403, 404, 410, 500])


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(prefix=PREFIXES, method=METHODS, visitor=VISITORS, status=STATUSES, said=SAID)
def test_nginx_does_what_the_evaluator_decides(
    site: Site, prefix: str, method: str, visitor: dict, status: int, said: dict
) -> None:
    path, answer = fresh(prefix), Answer(status, said)
    request = Request(method, path, visitor | {"host": f"127.0.0.1:{site.port}"})
    decision = decide(request)
    site.one.usual = site.other.usual = answer
    before = site.heard()

    first = site.ask(path, method, **visitor)
    asked = site.heard() - before
    again = site.ask(f"{path}?another=1", method, **visitor)

    if decision.refused:
        assert (first.status, site.heard()) == (403, before)
        return
    assert asked >= 1
    assert first.status == status
    served_from_kept = site.heard() == before + asked
    assert served_from_kept is (decision.seconds(answer) > 0)
    assert (again.kept == "HIT") is served_from_kept
    assert (again.kept == "") is (decision.key is None)
    heard = [
        headers for one in (site.one, site.other) for _, p, headers in one.heard[-2:] if p == path
    ]
    for headers in heard:
        assert not decision.withheld & headers.keys()
        if not decision.withheld:
            assert PERSONAL & visitor.keys() == PERSONAL & headers.keys()


def test_what_is_kept_for_two_seconds_is_asked_for_again_after_three(site: Site) -> None:
    path = fresh("/")
    site.say(path, Answer(200, {"cache-control": "max-age=2"}))

    kept = [site.ask(path).kept, site.ask(path).kept]
    time.sleep(3)

    assert kept == ["MISS", "HIT"]
    assert site.ask(path).kept == "EXPIRED"


def test_the_page_of_one_host_is_not_given_to_another(site: Site) -> None:
    path = fresh("/")
    site.say(path, Answer(200, {"cache-control": "max-age=60"}))

    site.ask(path, host="one.example")

    assert site.ask(path, host="one.example").kept == "HIT"
    assert site.ask(path, host="other.example").kept == "MISS"


def test_a_file_that_one_page_lacks_is_asked_of_the_other(site: Site) -> None:
    path = fresh("/assets/new/")
    site.one.answers[path] = Answer(404)

    found = [ask(site.port, path).status for _ in range(4)]

    assert found == [200] * 4


@pytest.mark.parametrize("failure", [503, 502, HANG_UP])
def test_reading_is_tried_elsewhere_and_writing_that_may_have_happened_is_not(
    site: Site, failure: int
) -> None:
    path = fresh("/api/v1/orders/")
    site.one.answers[path] = Answer(failure)
    expected = 502 if failure == HANG_UP else failure

    reading = [ask(site.port, path).status for _ in range(6)]
    site.one.heard.clear()
    site.other.heard.clear()
    writing = [ask(site.port, path, "POST", b"one order").status for _ in range(6)]

    assert reading == [200] * 6
    assert sorted(writing) == [200] * 3 + [expected] * 3
    assert len(site.one.heard) == len(site.other.heard) == 3  # each once, none twice


def test_writing_that_was_never_sent_is_sent_to_who_is_there(site: Site) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    path = fresh("/api/v1/orders/")
    site.nginx.tell(upstream({nobody: 1, site.one.address: 1}))
    try:
        wait_for_new_workers(site.nginx)
        site.one.heard.clear()

        found = [ask(site.port, path, "POST", b"one order").status for _ in range(4)]

        assert found == [200] * 4
        assert site.one.paths() == [path] * 4
    finally:
        site.nginx.tell(upstream({site.one.address: 1, site.other.address: 1}))
        wait_for_new_workers(site.nginx)


def wait_for_new_workers(nginx: Nginx) -> None:
    old, deadline = nginx.workers(), time.monotonic() + 10
    time.sleep(0.3)
    while time.monotonic() < deadline and nginx.workers() & old == old:
        time.sleep(0.1)
    time.sleep(0.3)


def test_whoever_says_too_much_or_asks_too_often_is_refused(site: Site) -> None:
    too_long = ask(site.port, "/api/v1/x", "POST", b"x" * (RULES.longest_body + 1))
    long_enough = ask(site.port, "/api/v1/x", "POST", b"x" * RULES.longest_body)

    assert (too_long.status, long_enough.status) == (413, 200)
    assert too_long.headers["content-security-policy"].startswith("default-src 'none'")
    assert too_long.headers["cache-control"] == "no-store"


def test_a_client_is_believed_only_behind_this_machine_and_counted_by_its_own_address(
    site: Site,
) -> None:
    ask(site.port, "/api/v1/x", x_forwarded_for="203.0.113.7", x_request_id="of-203.0.113.7")

    assert logged(site, "of-203.0.113.7", {"cdn"})["cdn"]["client"] == "203.0.113.7"
    heard = {one[2]["x-forwarded-for"] for one in site.one.heard + site.other.heard}
    assert "203.0.113.7" in heard


def logged(site: Site, trace: str, parts: set[str]) -> dict[str, dict]:
    """The lines about a request by the part that wrote them; they come after the answer."""
    deadline = time.monotonic() + 5
    while True:
        whole = site.nginx.access_log.read_text().rpartition("\n")[0]
        lines = [json.loads(line) for line in whole.splitlines()]
        found = {line["part"]: line for line in lines if line["trace_id"] == trace}
        if parts <= found.keys() or time.monotonic() > deadline:
            return found
        time.sleep(0.002)


def test_meters_are_not_shown_and_errors_say_nothing_of_us(site: Site) -> None:
    before = site.heard()
    found = [ask(site.port, path) for path in ("/metrics", "/metrics/x", "/%6detrics")]

    assert [one.status for one in found] == [404] * 3
    assert site.heard() == before
    assert all(one.headers["server"] == "nginx" for one in found)


def test_answers_carry_security_headers_once_the_pages_own_first(site: Site) -> None:
    path = fresh("/")
    site.say(path, Answer(200, {"content-security-policy": "default-src 'self'"}))

    found = ask(site.port, path)

    assert found.headers["content-security-policy"] == "default-src 'self'"
    assert found.headers["x-frame-options"] == "DENY"
    assert found.headers["x-content-type-options"] == "nosniff"


def test_a_request_has_one_name_from_the_visitor_to_the_log(site: Site) -> None:
    path = fresh("/api/v1/")
    named = ask(site.port, path, x_request_id="0123456789abcdef")
    strange = ask(site.port, path, x_request_id='"}{"evil')

    assert named.headers["x-request-id"] == "0123456789abcdef"
    assert re.fullmatch("[0-9a-f]{32}", strange.headers["x-request-id"])
    parts = {"balancer", "cdn"}
    assert logged(site, "0123456789abcdef", parts).keys() == parts
    heard = {one[2]["x-request-id"] for one in site.one.heard + site.other.heard if one[1] == path}
    assert heard == {"0123456789abcdef", strange.headers["x-request-id"]}


def test_long_texts_are_compressed_for_who_can_read_them(site: Site) -> None:
    path = fresh("/assets/")

    plain = site.ask(path)
    packed = site.ask(path, accept_encoding="gzip")

    assert plain.body == BODY
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.kept == "HIT"
    assert len(packed.body) < len(BODY) / 4


def test_an_address_that_asks_without_end_is_told_to_stop_and_others_are_not(site: Site) -> None:
    asked = RULES.rate_in_five_minutes + 200
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    found = []
    for _ in range(asked):
        line.request("GET", "/metrics", headers={"x-forwarded-for": "203.0.113.99"})
        answer = line.getresponse()
        answer.read()
        found.append(answer.status)
        if answer.getheader("connection") == "close":
            line.close()
    line.close()

    assert found[: RULES.rate_in_five_minutes] == [404] * RULES.rate_in_five_minutes
    assert found[-1] == 429
    assert ask(site.port, "/metrics", x_forwarded_for="203.0.113.98").status == 404
    assert ask(site.port, "/metrics", x_forwarded_for="172.18.0.1").status == 404
