"""Policies: who can be reached from where."""

from collections.abc import Iterator

from barque.deployment.cloud_architecture import ZONES
from barque.deployment.policies.planned import Planned, Resource, each
from barque.deployment.policies.policy import Policy

EVERYWHERE = ("0.0.0.0/0", "::/0")
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""AWS's managed cache policy that keeps nothing."""

NEVER_KEPT = ("/api/*", "/health/*", "/reports/*")


def _tiers(planned: Planned) -> dict[str, str]:
    return {one.at("id"): one.at("tags", "Tier") for one in planned.of("aws_subnet")}


def _outside(planned: Planned, one: Resource, allowed: str, argument: str) -> Iterator[str]:
    tiers = _tiers(planned)
    for subnet in one.at(argument) or ():
        if tiers.get(subnet) != allowed:
            yield f"{one.address}: {tiers.get(subnet, 'an unknown')} tier"


def _machines(planned: Planned) -> Iterator[str]:
    for one in planned.of("aws_eks_node_group"):
        yield from _outside(planned, one, "private", "subnet_ids")
    for one in planned.of("aws_autoscaling_group"):
        yield from _outside(planned, one, "private", "vpc_zone_identifier")


def _stores(planned: Planned) -> Iterator[str]:
    for one in planned.of("aws_db_subnet_group", "aws_elasticache_subnet_group"):
        yield from _outside(planned, one, "database", "subnet_ids")


def _ways_out(planned: Planned) -> Iterator[str]:
    tables = {one.at("id"): one for one in planned.of("aws_route_table")}
    for one in planned.of("aws_route"):
        table = tables.get(one.at("route_table_id"))
        if table and "-database" in str(table.at("tags", "Name")):
            yield f"{table.address}: {one.address}"


def _nat(planned: Planned) -> Iterator[str]:
    gateways = planned.of("aws_nat_gateway")
    if planned.environment.nat_per_zone and len(gateways) != ZONES:
        yield f"{len(gateways)} NAT gateways for {ZONES} zones"


def _flows(planned: Planned) -> Iterator[str]:
    for one in planned.of("aws_vpc"):
        logs = planned.belonging(one, "aws_flow_log", "vpc_id")
        if not any(log.at("traffic_type") == "ALL" for log in logs):
            yield one.address


def _public_addresses(planned: Planned) -> Iterator[str]:
    for one in planned.of("aws_subnet"):
        if one.is_on("map_public_ip_on_launch"):
            yield one.address
    for one in planned.of("aws_db_instance"):
        if one.is_on("publicly_accessible"):
            yield one.address
    for one in planned.of("aws_launch_template"):
        if any(each.is_on("associate_public_ip_address") for each in one.all("network_interfaces")):
            yield one.address


def _firewalls(planned: Planned) -> Iterator[str]:
    guarded = {one.at("resource_arn") for one in planned.of("aws_wafv2_web_acl_association")}
    for one in planned.of("aws_cloudfront_distribution"):
        if not one.at("web_acl_id"):
            yield one.address
    for one in planned.of("aws_lb"):
        if one.at("arn") not in guarded:
            yield one.address


def _kept(planned: Planned) -> Iterator[str]:
    for one in planned.of("aws_cloudfront_distribution"):
        policies = {
            each.at("path_pattern"): each.at("cache_policy_id")
            for each in one.all("ordered_cache_behavior")
        }
        for path in NEVER_KEPT:
            if policies.get(path) != CACHING_DISABLED:
                yield f"{one.address}: {path}"


NETWORK: tuple[Policy[Planned], ...] = (
    Policy(
        "no-open-door",
        "no security group lets the whole internet in",
        "CloudFront alone is reached by everybody, and it stands outside of the network.",
        each(
            "aws_vpc_security_group_ingress_rule",
            kept=lambda one: not {one.at("cidr_ipv4"), one.at("cidr_ipv6")} & set(EVERYWHERE),
        ),
    ),
    Policy(
        "default-group-empty",
        "the network's default security group lets nobody in or out",
        "What is made without thinking of groups gets this one.",
        each(
            "aws_default_security_group",
            kept=lambda one: not one.at("ingress") and not one.at("egress"),
        ),
    ),
    Policy(
        "machines-private",
        "machines stand in the private tier",
        "A machine in a public network is one rule away from the internet.",
        _machines,
    ),
    Policy(
        "stores-in-database-tier",
        "databases and caches stand in the database tier",
        "That tier has no way out, and only private networks reach it.",
        _stores,
    ),
    Policy(
        "database-no-way-out",
        "the database tier has no route out of the network",
        "Who breaks into a database finds nowhere to send it.",
        _ways_out,
    ),
    Policy(
        "nat-per-zone",
        "each zone has its own way out where the design says so",
        "Otherwise the loss of one zone stops orders of all.",
        _nat,
    ),
    Policy(
        "flows-recorded",
        "who spoke with whom is recorded for the whole network",
        "After a break-in it is the only witness.",
        _flows,
    ),
    Policy(
        "no-public-address",
        "no network, machine or database is given a public address",
        "What has none cannot be reached by a mistake in a group.",
        _public_addresses,
    ),
    Policy(
        "cluster-private",
        "the API of Kubernetes is reached from inside only",
        "A leaked token alone must not be enough.",
        each(
            "aws_eks_cluster",
            kept=lambda one: (
                one.is_on("vpc_config", "endpoint_private_access")
                and not one.is_on("vpc_config", "endpoint_public_access")
            ),
        ),
    ),
    Policy(
        "firewall-attached",
        "the CDN and the balancer stand behind WAF",
        "The first refuses floods, the second whoever finds the way past the first.",
        _firewalls,
    ),
    Policy(
        "cdn-keeps-nothing-live",
        "CloudFront never keeps what the API, its sockets, health or reports answer",
        "One visitor would see another's account.",
        _kept,
    ),
    Policy(
        "balancer-drops-odd-headers",
        "the balancer drops invalid headers and refuses doubtful requests",
        "Two servers that read one request differently can be talked past.",
        each(
            "aws_lb",
            kept=lambda one: (
                one.is_on("drop_invalid_header_fields")
                and one.at("desync_mitigation_mode") in ("defensive", "strictest")
            ),
        ),
    ),
)
