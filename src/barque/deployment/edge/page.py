"""The rules of the way in as tables for people."""

from pathlib import Path

from barque.deployment.cloud_architecture import Architecture
from barque.deployment.edge.caching import BEHAVIOURS, READING, Behaviour, Policy
from barque.deployment.edge.load_balancing import RULES
from barque.deployment.generated import HEADER
from barque.deployment.pages import table

PAGE = "docs/deployment/edge-rules.md"


def edge_page(architecture: Architecture, root: Path) -> dict[str, str]:
    """Return the tables of the rules, by the path of their page."""
    heads = ["path", "what", "asked of", "kept", "key", "methods", "the origin hears who asks"]
    paragraphs = (
        f"<!-- {HEADER} -->",
        "# The rules of the way in",
        "What is done with a request, and who does it: [edge.md](edge.md).",
        "## What is kept near the visitor",
        "The first path that fits. Never kept: what is not a 200, what sets a cookie.",
        table(heads, [_row(one) for one in BEHAVIOURS]),
        "## How requests are shared out",
        table(["rule", ""], _balancing()),
    )
    return {PAGE: "\n\n".join(paragraphs) + "\n"}


def _row(one: Behaviour) -> list[str]:
    return [
        f"`{one.pattern}`",
        one.words,
        f"the bucket {one.origin}" if one.origin != "balancer" else "the balancer",
        _kept(one.policy),
        ", ".join(["path", *one.policy.key_headers]) if one.policy.keeps else "",
        ", ".join(one.methods) if one.methods == READING else "all",
        "no" if one.policy.keeps else "yes",
    ]


def _kept(policy: Policy) -> str:
    if not policy.keeps:
        return "never"
    if policy.least == policy.most:
        return f"{policy.most:,} s, whatever is said"
    return (
        f"{policy.least} to {policy.most} s, as the origin says; {policy.usual} s if it is silent"
    )


def _seconds(seconds: float) -> str:
    return f"{seconds:g} s"


def _balancing() -> list[list[str]]:
    return [
        [
            "who is well",
            f"answers {RULES.status} on `{RULES.path}` within {_seconds(RULES.timeout)}",
        ],
        ["asked every", _seconds(RULES.interval)],
        ["believed after", f"{RULES.healthy} good answers, {RULES.unhealthy} bad ones"],
        ["a new one warms up over", _seconds(RULES.slow_start)],
        ["one that leaves may finish for", _seconds(RULES.drain)],
        ["whose turn it is", RULES.algorithm.replace("_", " ")],
        ["a canary gets at most", f"{RULES.most_canary} of a hundred visitors"],
        ["a connection may be silent for", _seconds(RULES.idle)],
        ["the longest body", f"{RULES.longest_body // 1024} KiB"],
        ["one address may ask in five minutes", f"{RULES.rate_in_five_minutes:,} times"],
    ]
