"""The CDN keeps what it may, and nothing by accident, whatever an origin or a visitor says."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.deployment.edge.caching import (
    BEHAVIOURS,
    FOR_EVER,
    NEVER,
    PERSONAL,
    SHELL,
    YEAR,
    Answer,
    Behaviour,
    Request,
    decide,
    path_of,
    violations,
)

SEGMENTS = st.sampled_from(
    ["api", "v1", "assets", "health", "..", ".", "%2e%2e", "%2E.", "a%2fb", "..%2fapi", "", "x.js"]
)
TARGETS = st.builds(
    lambda segments, query: "/" + "/".join(segments) + query,
    st.lists(SEGMENTS, max_size=6),
    st.sampled_from(["", "?a=1", "?/assets/x"]),
)
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PURGE"])
HEADERS = st.dictionaries(
    st.sampled_from(["authorization", "cookie", "host", "cache-control", "x-cache-policy"]),
    st.sampled_from(["a", "Bearer secret", "max-age=600", "for-ever"]),
)
SAID = st.dictionaries(
    st.sampled_from(["cache-control", "set-cookie", "expires", "x-accel-expires", "vary"]),
    st.sampled_from(
        ["public, max-age=600", "s-maxage=31536000", "no-store", "private", "immutable", "a=b"]
    ),
)
REQUESTS = st.builds(Request, METHODS, TARGETS, HEADERS)
ANSWERS = st.builds(Answer, st.sampled_from([200, 206, 301, 304, 403, 404, 500, 503]), SAID)


@given(request=REQUESTS, answer=ANSWERS)
def test_nothing_of_the_api_health_or_reports_is_ever_kept(
    request: Request, answer: Answer
) -> None:
    decision = decide(request)

    if path_of(request.target).startswith(("/api/", "/health/", "/reports/")):
        assert decision.key is None
        assert decision.seconds(answer) == 0


@given(request=REQUESTS, answer=ANSWERS)
def test_what_sets_a_cookie_fails_or_changes_something_is_not_kept(
    request: Request, answer: Answer
) -> None:
    kept = decide(request).seconds(answer)

    if (
        "set-cookie" in answer.headers
        or answer.status != 200
        or request.method not in {"GET", "HEAD"}
    ):
        assert kept == 0


@given(request=REQUESTS)
def test_an_answer_that_could_be_kept_was_made_without_knowing_who_asks(request: Request) -> None:
    decision = decide(request)

    if decision.key is not None:
        assert decision.withheld == PERSONAL


@given(request=REQUESTS, who=HEADERS)
def test_who_asks_what_query_and_how_it_is_written_change_no_key(
    request: Request, who: dict[str, str]
) -> None:
    asked_by_another = replace(
        request,
        target=request.target.partition("?")[0] + "?another",
        headers=request.headers | {k: v for k, v in who.items() if k != "host"},
    )

    assert decide(asked_by_another).key == decide(request).key


@given(answer=ANSWERS)
def test_the_page_is_kept_a_minute_at_most_and_a_file_a_year_whatever_is_said(
    answer: Answer,
) -> None:
    page = decide(Request("GET", "/")).seconds(answer)
    file = decide(Request("GET", "/assets/0/page.js")).seconds(answer)

    assert 0 <= page <= 60
    assert file in (0, YEAR)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({}, 0),
        ({"cache-control": "no-cache"}, 0),
        ({"cache-control": "public, max-age=30"}, 30),
        ({"cache-control": "public, max-age=600"}, 60),
        ({"cache-control": "max-age=5, s-maxage=20"}, 20),
        ({"cache-control": "private, max-age=30"}, 0),
        ({"cache-control": "MAX-AGE=7"}, 7),
        ({"cache-control": "x-max-age=7"}, 0),
    ],
)
def test_the_page_is_kept_as_its_origin_says_within_bounds(said: dict, seconds: int) -> None:
    assert decide(Request("GET", "/")).seconds(Answer(200, said)) == seconds


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", "/"),
        ("/assets/../api/v1", "/api/v1"),
        ("/assets/%2e%2e/api/v1?x=/assets/", "/api/v1"),
        ("/assets/..%2fapi/v1", "/api/v1"),
        ("/assets/%252e%252e/api", "/assets/%2e%2e/api"),
        ("/./health/ready", "/health/ready"),
        ("//api/v1", "//api/v1"),
        ("/a/..", "/"),
        ("/a/b/.", "/a/b/"),
    ],
)
def test_a_path_is_compared_as_it_is_meant(target: str, path: str) -> None:
    assert path_of(target) == path


@pytest.mark.parametrize(
    ("method", "target", "refused"),
    [
        ("POST", "/", True),
        ("DELETE", "/assets/x", True),
        ("PUT", "/health/ready", True),
        ("PURGE", "/api/v1/accounts", True),
        ("DELETE", "/api/v1/accounts", False),
        ("HEAD", "/", False),
    ],
)
def test_only_the_api_is_written_to(method: str, target: str, refused: bool) -> None:
    assert decide(Request(method, target)).refused is refused


def test_the_rules_are_sound() -> None:
    assert violations() == []


API, HEALTH, ASSETS, REPORTS, PAGE = BEHAVIOURS
UNSOUND = {
    "no rule for the rest": (API, HEALTH, ASSETS, REPORTS),
    "the API behind the page": (HEALTH, ASSETS, REPORTS, PAGE, API),
    "a rule that is never asked": (API, replace(API, pattern="/api/v1/*"), *BEHAVIOURS[1:]),
    "the API kept": (replace(API, policy=SHELL), *BEHAVIOURS[1:]),
    "health kept": (API, replace(HEALTH, policy=FOR_EVER), *BEHAVIOURS[2:]),
    "no rule for reports": (API, HEALTH, ASSETS, PAGE),
    "a kept page that is written to": (*BEHAVIOURS[:-1], replace(PAGE, methods=("GET", "POST"))),
    "least above most": (*BEHAVIOURS[:-1], replace(PAGE, policy=replace(SHELL, least=90))),
    "a copy for each visitor": (
        *BEHAVIOURS[:-1],
        replace(PAGE, policy=replace(SHELL, key_headers=("authorization",))),
    ),
}


@pytest.mark.parametrize("fault", UNSOUND)
def test_rules_that_are_unsound_are_named(fault: str) -> None:
    assert violations(UNSOUND[fault])


def test_a_policy_that_keeps_nothing_ignores_what_is_said() -> None:
    rules = (Behaviour(pattern="*", words="all", policy=NEVER),)

    kept = decide(Request("GET", "/"), rules).seconds(Answer(200, {"cache-control": "max-age=600"}))

    assert kept == 0
