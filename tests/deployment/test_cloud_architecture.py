"""Barque's design keeps its invariants, and each invariant can be broken."""

from dataclasses import replace

import pytest

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.cloud_architecture import (
    Architecture,
    Edge,
    Environment,
    Part,
    Status,
    Tier,
    violations,
)


def edge(source: str, target: str, port: int = 443) -> Edge:
    return Edge(source=source, target=target, port=port, words="a fault")


def with_edge(source: str, target: str, port: int = 443) -> Architecture:
    return replace(BARQUE, edges=(*BARQUE.edges, edge(source, target, port)))


def with_environment(name: str, **changes: object) -> Architecture:
    changed = tuple(
        replace(one, **changes) if one.name == name else one for one in BARQUE.environments
    )
    return replace(BARQUE, environments=changed)


def prod() -> Environment:
    return BARQUE.environment("prod")


def test_the_design_has_no_violations() -> None:
    assert violations(BARQUE) == []


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (replace(BARQUE, parts=(*BARQUE.parts, BARQUE.parts[0])), "named twice"),
        (with_edge("api", "nowhere"), "which is no part"),
        (with_edge("api", "api"), "leads to itself"),
        (with_edge("balancer", "api", 8000), "listed twice"),
        (with_edge("visitor", "api", 8000), "past the edge"),
        (with_edge("balancer", "database", 5432), "would reach the database tier"),
        (with_edge("database", "api"), "would open a connection itself"),
        (with_edge("sandbox", "pgbouncer", 6432), "runs strangers' code"),
        (
            replace(
                BARQUE, parts=(*BARQUE.parts, Part(name="lonely", words="", tier=Tier.PRIVATE))
            ),
            "neither reaches anything nor is reached",
        ),
        (
            replace(BARQUE, data=(replace(BARQUE.data[0], store="nowhere"), *BARQUE.data[1:])),
            "is kept in nowhere",
        ),
        (
            replace(BARQUE, data=(replace(BARQUE.data[0], region_rto_seconds=1), *BARQUE.data[1:])),
            "promises more for a lost region",
        ),
        (with_environment("prod", cidr="10.30.0.0/16"), "overlap"),
        (with_environment("prod", cidr="10.40.0.0/20"), "smaller than a /18"),
        (with_environment("prod", cidr="11.0.0.0/16"), "not private"),
        (with_environment("prod", zones=("eu-central-1a",)), "3 zones of eu-central-1"),
        (with_environment("prod", nat_per_zone=False), "lose its way out"),
        (
            with_environment("prod", database=replace(prod().database, multi_az=False)),
            "needs a standby",
        ),
        (
            with_environment("prod", database=replace(prod().database, replicas=1)),
            "2 replicas",
        ),
        (
            with_environment("prod", database=replace(prod().database, backup_days=34)),
            "35 days",
        ),
        (
            with_environment("prod", database=replace(prod().database, backup_days=0)),
            "recovery is kept 1 to 35 days",
        ),
        (
            with_environment("prod", database=replace(prod().database, copied_to=None)),
            "are not copied to eu-west-1",
        ),
        (
            with_environment("prod", cache=replace(prod().cache, replicas=0)),
            "its cache has no replica",
        ),
        (with_environment("dr", stands_in_for="nowhere"), "which is no environment"),
        (with_environment("dr", stands_in_for="dr"), "stands in the same region"),
    ],
)
def test_every_broken_invariant_is_told(broken: Architecture, words: str) -> None:
    told = violations(broken)

    assert any(words in one for one in told), told


def test_an_edge_is_open_only_between_parts_that_are_built() -> None:
    planned = {part.name for part in BARQUE.parts if part.status is Status.PLANNED}

    open_edges = BARQUE.open_edges()

    assert open_edges
    assert all({one.source, one.target}.isdisjoint(planned) for one in open_edges)
    assert all(one.status is Status.BUILT for one in open_edges)
