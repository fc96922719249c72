"""The design as tables for people: what differs between environments, roles, edges, data."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from barque.deployment.cloud_architecture import Architecture, Environment, Platform, Role
from barque.deployment.generated import HEADER
from barque.deployment.graph import span

ENVIRONMENTS = "docs/deployment/environments.md"
ARCHITECTURE = "docs/deployment/architecture.md"


def pages(architecture: Architecture, root: Path) -> dict[str, str]:
    """Return the pages that are nothing but the design."""
    return {
        ENVIRONMENTS: environments_page(architecture),
        ARCHITECTURE: architecture_page(architecture),
    }


def environments_page(architecture: Architecture) -> str:
    """Return what differs between environments, then what does not."""
    environments = architecture.environments
    facts = {one.name: dict(facts_of(one)) for one in environments}
    names = list(facts[environments[0].name])
    rows = [[name, *(facts[one.name][name] for one in environments)] for name in names]
    differing = [row for row in rows if len(set(row[1:])) > 1]
    same = [row[:2] for row in rows if len(set(row[1:])) == 1]
    heads = ["", *(one.name for one in environments)]
    return _page(
        "Environments",
        "All of them are made of the same modules and the same base; they differ in this table and "
        "in nothing else. It is `src/barque/deployment/barque_on_aws.py`, for people.",
        table(heads, differing),
        "## The same everywhere" if same else "",
        table(["", "all"], same) if same else "",
    )


def facts_of(one: Environment) -> Iterable[tuple[str, str]]:
    """Return the names and values of everything an environment decides, in words."""
    database, cache = one.database, one.cache
    yield "for", one.words
    yield "platform", one.platform.value
    yield "region", one.region
    yield "zones", str(len(one.zones))
    yield "network", one.cidr
    yield "domain", one.domain
    yield "ways out (NAT)", "one a zone" if one.nat_per_zone else "one"
    for pool in ("system", "trading"):
        sizes = {
            kind.value: f"{group.least} to {group.most} of {group.instance_type}"
            for kind, group in one.machines.items()
        }
        otherwise = "by Karpenter" if one.platform is Platform.KUBERNETES else "none"
        yield f"machines, {pool}", sizes.get(pool, otherwise)
    yield "PostgreSQL", f"{database.instance_class}, {database.storage_gib} GiB"
    yield "its storage may grow to", f"{database.largest_storage_gib:,} GiB"
    yield "its standby in another zone", "yes" if database.multi_az else "no"
    yield "its read replicas", str(database.replicas)
    yield "days of point-in-time recovery", str(database.backup_days)
    yield "backups copied to", database.copied_to or "nowhere"
    yield "Redis", cache.node_type
    yield "its replicas", str(cache.replicas)
    yield "protected against deletion", "yes" if one.protected else "no"
    yield "days of logs", str(one.log_days)
    yield "budget a month", f"${one.monthly_budget:,}"
    yield "stands in for", one.stands_in_for or "nobody"


def architecture_page(architecture: Architecture) -> str:
    """Return roles, edges and data as tables, under the drawing."""
    return _page(
        "Architecture",
        "![Parts and edges](architecture.svg)",
        "`barque deploy graph --out FILE.svg` draws it; with `--env prod` with the sizes of an "
        "environment.",
        "## Roles",
        table(
            ["role", "", "status", "machines", "port", "cores", "MiB", "time to stop"],
            [_role(one) for one in architecture.roles],
        ),
        "## Who may speak to whom",
        "Security groups and network policies are made from this list, and compared with it. A "
        "planned edge is closed.",
        table(
            ["from", "to", "port", "what", "today"],
            [
                [
                    one.source,
                    one.target,
                    str(one.port),
                    one.words,
                    "open" if one in architecture.open_edges() else "closed",
                ]
                for one in architecture.edges
            ],
        ),
        "## What may be lost, and for how long",
        table(
            ["data", "", "kept in", "key", "zone lost: data", "time", "region lost: data", "time"],
            [
                [
                    one.name,
                    one.words,
                    one.store,
                    one.key,
                    span(one.rpo_seconds),
                    span(one.rto_seconds),
                    span(one.region_rpo_seconds),
                    span(one.region_rto_seconds),
                ]
                for one in architecture.data
            ],
        ),
        "These are targets. None has been measured on AWS; drills that measure them come with "
        "backup and recovery.",
    )


def _role(role: Role) -> list[str]:
    return [
        role.name,
        role.words,
        role.status.value,
        role.pool.value,
        str(role.port or ""),
        f"{role.cpu:g}",
        f"{role.memory:,}",
        f"{role.grace} s" + (", accounts handed over" if role.handed_over else ""),
    ]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    escaped = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped)


def _page(title: str, *paragraphs: str) -> str:
    return "\n\n".join((f"<!-- {HEADER} -->", f"# {title}", *filter(None, paragraphs))) + "\n"
