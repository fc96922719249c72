"""How rules about a rendering are asked."""

from collections.abc import Callable, Iterable, Iterator

from barque.deployment.check import Finding
from barque.deployment.kubernetes.manifests import Manifests

Rule = Callable[[Manifests], Iterator[tuple[str, str]]]
"""Yields which object is wrong, and what is wrong with it."""


def findings(manifests: Manifests, rules: Iterable[Rule]) -> Iterator[Finding]:
    """Yield what some rules have to say about a rendering."""
    for rule in rules:
        for where, words in rule(manifests):
            yield Finding(f"{manifests.where}: {where}", words)
