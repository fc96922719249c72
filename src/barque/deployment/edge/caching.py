"""What the CDN keeps: the rules, stated once, and what they decide about one request.

The rules are CloudFront's in kind: path patterns asked in order, the first that fits; a policy of
three times (least, usual, most) against what the origin says; a key; what the origin is told of the
visitor. They become Terraform's data (terraform.py) and are compared with the caching NGINX
(nginx.py), which is run against `decide` in the system tests.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote

YEAR = 31_536_000
READING = ("GET", "HEAD")
EVERY_METHOD = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
PERSONAL = frozenset({"authorization", "cookie"})
"""Headers that say who asks. An answer that was made without them is the same for everybody."""

NEVER_KEPT = ("/api/v1/accounts", "/health/ready", "/reports/1")

UNKEPT = re.compile(r"\b(no-store|no-cache|private)\b", re.IGNORECASE)
SHARED_AGE = re.compile(r"\bs-maxage=(\d+)", re.IGNORECASE)
AGE = re.compile(r"(?<![\w-])max-age=(\d+)", re.IGNORECASE)


class Origin(StrEnum):
    """Who answers what is not kept."""

    BALANCER = "balancer"
    ASSETS = "assets"
    REPORTS = "reports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long an answer is kept, in seconds, and which headers its key has besides the path.

    `most` of 0 keeps nothing, whatever an origin says. A policy that keeps anything tells the
    origin nothing of who asks, so that nothing personal can be in what is kept.
    """

    name: str
    least: int
    usual: int
    most: int
    key_headers: tuple[str, ...] = ()

    @property
    def keeps(self) -> bool:
        return self.most > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What is done with the paths that fit `pattern`: `*` at its end stands for anything."""

    pattern: str
    words: str
    policy: Policy
    origin: Origin = Origin.BALANCER
    methods: tuple[str, ...] = READING
    sockets: bool = False
    signed: bool = False

    def fits(self, path: str) -> bool:
        if self.pattern.endswith("*"):
            return path.startswith(self.pattern[:-1])
        return path == self.pattern


NEVER = Policy(name="never", least=0, usual=0, most=0)
FOR_EVER = Policy(name="for-ever", least=YEAR, usual=YEAR, most=YEAR)
SHELL = Policy(name="shell", least=0, usual=0, most=60, key_headers=("host",))

BEHAVIOURS = (
    Behaviour(
        pattern="/api/*",
        words="the API and its WebSocket",
        policy=NEVER,
        methods=EVERY_METHOD,
        sockets=True,
    ),
    Behaviour(
        pattern="/health/*",
        words="whether we are ready; an old answer would be a lie",
        policy=NEVER,
    ),
    Behaviour(
        pattern="/assets/*",
        words="files whose address names their content",
        policy=FOR_EVER,
        origin=Origin.ASSETS,
    ),
    Behaviour(
        pattern="/reports/*",
        words="downloads, for whoever holds a signed link",
        policy=NEVER,
        origin=Origin.REPORTS,
        signed=True,
    ),
    Behaviour(
        pattern="*",
        words="the page itself: a minute at most, and only if its origin says so",
        policy=SHELL,
    ),
)


@dataclass(frozen=True, slots=True)
class Request:
    """What a visitor asks. Names of headers are in small letters; `target` is as it was sent."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an origin says; names of headers are in small letters."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with a request.

    `key` is what the answer is kept under, None when it cannot be kept. `withheld` are headers of
    the visitor that the origin does not hear.
    """

    behaviour: Behaviour
    refused: bool
    key: tuple[str, ...] | None
    withheld: frozenset[str]

    def seconds(self, answer: Answer) -> int:
        """Return how long an answer is kept for others: 0 for not at all."""
        if self.key is None or answer.status != 200 or "set-cookie" in answer.headers:
            return 0
        policy, said = self.behaviour.policy, answer.headers.get("cache-control", "")
        if UNKEPT.search(said):
            return policy.least
        age = SHARED_AGE.search(said) or AGE.search(said)
        wanted = int(age[1]) if age else policy.usual
        return min(max(wanted, policy.least), policy.most)


def decide(request: Request, behaviours: tuple[Behaviour, ...] = BEHAVIOURS) -> Decision:
    """Return what the CDN does with a request."""
    path = path_of(request.target)
    behaviour = next(one for one in behaviours if one.fits(path))
    policy = behaviour.policy
    if request.method not in behaviour.methods:
        return Decision(behaviour, refused=True, key=None, withheld=frozenset())
    if not policy.keeps or request.method not in READING:
        return Decision(behaviour, refused=False, key=None, withheld=frozenset())
    parts = (request.headers.get(name, "").lower() for name in policy.key_headers)
    key = (path, *parts)
    return Decision(behaviour, refused=False, key=key, withheld=PERSONAL)


def path_of(target: str) -> str:
    """Return the path that the patterns are compared with: decoded once, without `.` and `..`.

    So nobody is led to the rule of another path by writing `/assets/%2e%2e/api`.
    """
    path = unquote(target.partition("?")[0], errors="surrogateescape")
    segments: list[str] = []
    *folders, last = path.split("/")[1:] or [""]
    for segment in (*folders, last):
        if segment == "..":
            segments = segments[:-1]
        elif segment != ".":
            segments.append(segment)
    if last in (".", ".."):
        segments.append("")
    return "/" + "/".join(segments)


def violations(behaviours: tuple[Behaviour, ...] = BEHAVIOURS) -> list[str]:
    """Return what is wrong with a set of rules, a sentence each."""
    found = []
    if not behaviours or behaviours[-1].pattern != "*":
        return ["The last rule must be `*`: every path needs one."]
    for place, one in enumerate(behaviours):
        for earlier in behaviours[:place]:
            if earlier.fits(one.pattern.rstrip("*")):
                found.append(f"{one.pattern} is never asked: {earlier.pattern} comes before it.")
        if one.policy.keeps and (one.methods != READING or one.sockets or one.signed):
            found.append(f"{one.pattern} is kept and must only be read, by anybody.")
        if not one.policy.least <= one.policy.usual <= one.policy.most:
            found.append(f"{one.pattern}: its least, usual and most seconds are out of order.")
        if PERSONAL & set(one.policy.key_headers):
            found.append(f"{one.pattern} would keep a copy for everybody who says who they are.")
    for path in NEVER_KEPT:
        if decide(Request("GET", path), behaviours).behaviour.policy.keeps:
            found.append(f"{path} could be kept.")
    return found
