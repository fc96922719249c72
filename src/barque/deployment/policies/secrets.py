"""Whether a secret lies in what is written or rendered for deployment.

Three ways to find one: the forms that well-known services give their keys; a password or token
that is given a value; and text as random as a key beside a word that says so. Digests, names of
secrets, paths and made-up ids are none of these.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Check, Finding
from barque.deployment.kubernetes.rendering import renderings
from barque.deployment.terraform_plans import plans
from barque.settings import read_settings

FORMS = {
    "a key of AWS": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "a token of GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,})",
    "a token of GitLab": r"\bglpat-[\w-]{20,}",
    "a token of Slack": r"\bxox[abprs]-[\w-]{10,}",
    "a hook of Slack": r"hooks\.slack\.com/services/T\w+/B\w+/\w+",
    "a key of Stripe": r"\b[sr]k_live_[A-Za-z0-9]{16,}",
    "a key of Google": r"\bAIza[\w-]{35}\b",
    "a signed token (JWT)": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "a password in an address": r"\b[a-z][a-z0-9+]*://[^\s/:@${<]+:[^\s/@${<]{3,}@",
}
ASSIGNED = re.compile(
    r"(?P<name>[\w-]*(?:password|passwd|secret|token|api_?key|access_?key|private_?key)[\w-]*)"
    r"[\"']?\s*[:=]\s*[\"']?(?P<value>[^\s\"',;}]+)",
    re.IGNORECASE,
)
SAID_ELSEWHERE = re.compile(r"(?i)(_file|_arns?|_name|_id|_prefix|_ref|_version|_path|_days)$")
RANDOM = re.compile(r"^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9+/=_-]{20,}$")
LEAST_BITS = 3.5
"""How much a character of a key says; words say less."""

MADE_UP = re.compile(r"[a-z_]+-[a-z_]+-[0-9a-f]{10}$|[a-z_]+-[0-9a-f]{10}$")
"""What stands in a plan for what only AWS knows."""

WORDS = re.compile(r"(?:[A-Za-z]+|\d+)(?:[-_/](?:[A-Za-z]+|\d+))+$")
SUFFIXES = {".lock", ".svg", ".png", ".schema"}
LEFT_OUT = ("deploy/kubernetes/schemas", "deploy/policy")
"""Public schemas, and fixtures that are bad on purpose."""

NOT_ONE = {
    ("deploy/terraform/modules/edge/tests/edge.tftest.hcl", "a private key"),
}
"""Where and what is known to be none: a test plants a private key to see it refused."""

PLACES = ("deploy", "docs/deployment")


def secrets_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and kind of whatever looks like a secret."""
    for number, line in enumerate(text.splitlines(), 1):
        for kind, form in FORMS.items():
            if re.search(form, line):
                yield number, kind
        for found in ASSIGNED.finditer(line):
            if not SAID_ELSEWHERE.search(found["name"]) and looks_random(found["value"]):
                yield number, f"a value for {found['name']}"


def looks_random(value: str) -> bool:
    """Return whether text is as random as a key."""
    if not RANDOM.match(value) or MADE_UP.search(value) or WORDS.match(value):
        return False
    counts = Counter(value)
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return bits >= LEAST_BITS


def _files(root: Path) -> Iterator[tuple[str, str]]:
    for place in PLACES:
        for path in sorted((root / place).rglob("*")):
            name = str(path.relative_to(root))
            if path.is_file() and path.suffix not in SUFFIXES and not name.startswith(LEFT_OUT):
                yield name, path.read_text(errors="replace")


def _rendered(root: Path) -> Iterator[tuple[str, str]]:
    for manifests in renderings(root).today:
        for one in manifests.all:
            yield f"{manifests.where}: {one.where}", json.dumps(one.body, indent=0)
            if one.kind == "Secret" and (one.at("data") or one.at("stringData")):
                yield f"{manifests.where}: {one.where}", "-----BEGIN PRIVATE KEY-----"


def _planned(root: Path) -> Iterator[tuple[str, str]]:
    names = [one.name for one in BARQUE.environments]
    for name, plan in plans(root, names, read_settings().cache).items():
        shown: dict[str, Any] = {"variables": plan.get("variables"), "made": plan["planned_values"]}
        yield f"the plan of {name}", json.dumps(shown, indent=0)


def _findings(texts: Iterator[tuple[str, str]]) -> Sequence[Finding]:
    found = {
        Finding(f"{where}:{line}", f"It holds {kind}. Take it out, and change it: it is known now.")
        for where, text in texts
        for line, kind in secrets_of(text)
        if (where, kind) not in NOT_ONE
    }
    return sorted(found, key=lambda one: one.where)


SECRET_CHECKS: tuple[Check, ...] = (
    Check(
        name="secrets-written",
        words="no secret lies in what is written or rendered",
        inputs=("deploy/**/*", "docs/deployment/**/*"),
        run=lambda root: [*_findings(_files(root)), *_findings(_rendered(root))],
        programs=("kubectl",),
    ),
    Check(
        name="secrets-planned",
        words="no secret lies in the plan of any environment",
        inputs=("deploy/terraform/**/*", "deploy/tools/*"),
        run=lambda root: _findings(_planned(root)),
        programs=("terraform",),
    ),
)
