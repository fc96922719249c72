"""What an environment costs a month: Terraform's plan and the roles, times a dated price file.

Resources that cost nothing are named as such, and a type that is neither priced nor known to be
free is reported: nothing is silently zero.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from barque.deployment.auto_scaling import Scaling
from barque.deployment.cloud_architecture import Architecture, Environment, Pool, Role, Status
from barque.deployment.prices import HOURS_A_MONTH, RegionPrices, Usage

POOL_MACHINES = {
    Pool.SYSTEM: "m7i.large",
    Pool.SERVING: "m7i.large",
    Pool.TRADING: "m7i.large",
    Pool.RESEARCH: "m7i.xlarge",
    Pool.SANDBOX: "m7i.large",
}
CORES = {"t3": 2, "m7i.large": 2, "m7i.xlarge": 4, "m7i.2xlarge": 8}
SURPRISES = ("network", "logs", "edge")
LOG_MONTHS_KEPT = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is paid for: `group` gathers lines, `dollars` is a month's price."""

    group: str
    what: str
    dollars: float
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Bill:
    """What a month costs, and what could not be priced."""

    environment: str
    budget: float
    lines: tuple[Line, ...]
    not_priced: tuple[str, ...]

    @property
    def total(self) -> float:
        """Return the price of what is built, in dollars a month."""
        return sum(line.dollars for line in self.lines if not line.planned)

    @property
    def planned(self) -> float:
        """Return what the planned roles would add at their least."""
        return sum(line.dollars for line in self.lines if line.planned)

    @property
    def is_within_budget(self) -> bool:
        return self.total <= self.budget

    def groups(self) -> dict[str, float]:
        sums: dict[str, float] = {}
        for line in self.lines:
            if not line.planned:
                sums[line.group] = sums.get(line.group, 0.0) + line.dollars
        return dict(sorted(sums.items(), key=lambda item: -item[1]))

    def surprises(self) -> list[Line]:
        """Return the three largest lines that nobody thinks of: roads, logs and the edge."""
        hidden = [line for line in self.lines if line.group in SURPRISES and not line.planned]
        return sorted(hidden, key=lambda line: -line.dollars)[:3]


Values = Mapping[str, Any]
Pricing = Callable[[Values, RegionPrices, Usage], tuple[str, str, float]]


def bill(
    architecture: Architecture,
    environment: Environment,
    plan: Values,
    scaling: Scaling,
    prices: RegionPrices,
    usage: Usage,
    spot_share: float,
) -> Bill:
    """Return a month's bill for `plan` (Terraform's JSON) and the roles at their least."""
    lines, unknown = [], set()
    for resource in resources(plan):
        kind, values = resource["type"], resource.get("values") or {}
        if kind in PRICED:
            lines.append(Line(*PRICED[kind](values, prices, usage)))
        elif not is_free(kind):
            unknown.add(kind)
    lines += _by_use(prices, usage)
    lines += _roles(architecture, environment, scaling, prices, spot_share)
    return Bill(
        environment.name,
        environment.monthly_budget,
        tuple(_together(lines)),
        tuple(sorted(unknown)),
    )


def _together(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield one line for all that are for the same thing; what costs nothing is left out."""
    sums: dict[tuple[str, str, bool], list[float]] = {}
    for line in lines:
        sums.setdefault((line.group, line.what, line.planned), []).append(line.dollars)
    for (group, what, planned), dollars in sums.items():
        times = f"{len(dollars)} x {what}" if len(dollars) > 1 else what
        if sum(dollars):
            yield Line(group, times, sum(dollars), planned)


def resources(plan: Values) -> Iterator[Values]:
    """Yield every managed resource of a plan, however deep its module."""
    modules = [plan.get("planned_values", {}).get("root_module", {})]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", [])
        yield from (one for one in module.get("resources", []) if one["mode"] == "managed")


def _number(values: Values, name: str, otherwise: float) -> float:
    value = values.get(name)
    return float(value) if value is not None else otherwise


def _database(values: Values, prices: RegionPrices, usage: Usage) -> tuple[str, str, float]:
    kind = str(values.get("instance_class"))
    copies = 2 if values.get("multi_az") else 1
    storage = _number(values, "allocated_storage", 100)
    month = HOURS_A_MONTH * _price(prices.database_hour, kind) + storage * prices.database_gb_month
    standby = " and its standby" if copies == 2 else ""
    return "database", f"PostgreSQL {kind}{standby}, {storage:.0f} GiB", copies * month


def _cache(values: Values, prices: RegionPrices, usage: Usage) -> tuple[str, str, float]:
    kind, nodes = str(values.get("node_type")), _number(values, "num_cache_clusters", 1)
    dollars = HOURS_A_MONTH * nodes * _price(prices.cache_hour, kind)
    return "cache", f"Redis, {nodes:.0f} of {kind}", dollars


def _nodes(values: Values, prices: RegionPrices, usage: Usage) -> tuple[str, str, float]:
    kind = str((values.get("instance_types") or ["m7i.large"])[0])
    sizes = (values.get("scaling_config") or [{}])[0]
    count = _number(sizes, "min_size", 1)
    dollars = HOURS_A_MONTH * count * _price(prices.instance_hour, kind)
    return "machines", f"nodes of the system, {count:.0f} of {kind}", dollars


def _group(values: Values, prices: RegionPrices, usage: Usage) -> tuple[str, str, float]:
    count = _number(values, "min_size", 1)
    dollars = HOURS_A_MONTH * count * _price(prices.instance_hour, "t3.large")
    return "machines", f"instances, {count:.0f} of t3.large", dollars


def _endpoint(values: Values, prices: RegionPrices, usage: Usage) -> tuple[str, str, float]:
    if values.get("vpc_endpoint_type") != "Interface":
        return "network", "gateway endpoint", 0.0
    zones = len(values.get("subnet_ids") or ()) or 3
    return (
        "network",
        "interface endpoints, by the hour",
        HOURS_A_MONTH * zones * prices.endpoint_hour,
    )


def _firewall(values: Values, prices: RegionPrices, usage: Usage) -> tuple[str, str, float]:
    rules = len(values.get("rule") or ())
    dollars = prices.firewall_month + rules * prices.firewall_rule_month
    requests = usage.requests_millions * prices.firewall_million
    return "edge", f"firewall (WAF), {rules} rules", dollars + requests


def _disk(values: Values, prices: RegionPrices, usage: Usage) -> tuple[str, str, float]:
    size = _number(values, "size", 20)
    return "machines", f"disk of {size:.0f} GiB", size * prices.disk_gb_month


def _hourly(group: str, what: str, price: str) -> Pricing:
    def priced(values: Values, prices: RegionPrices, usage: Usage) -> tuple[str, str, float]:
        return group, what, HOURS_A_MONTH * float(getattr(prices, price))

    return priced


def _monthly(group: str, what: str, price: str) -> Pricing:
    def priced(values: Values, prices: RegionPrices, usage: Usage) -> tuple[str, str, float]:
        return group, what, float(getattr(prices, price))

    return priced


PRICED: dict[str, Pricing] = {
    "aws_autoscaling_group": _group,
    "aws_cloudwatch_dashboard": _monthly("observability", "dashboards", "dashboard_month"),
    "aws_cloudwatch_metric_alarm": _monthly("observability", "alarms", "alarm_month"),
    "aws_db_instance": _database,
    "aws_ebs_volume": _disk,
    "aws_eip": _hourly("network", "addresses", "address_hour"),
    "aws_eks_cluster": _hourly("machines", "control plane of the cluster", "cluster_hour"),
    "aws_eks_node_group": _nodes,
    "aws_elasticache_replication_group": _cache,
    "aws_kms_key": _monthly("keys", "keys", "key_month"),
    "aws_kms_replica_key": _monthly("keys", "keys", "key_month"),
    "aws_lb": _hourly("edge", "load balancer, by the hour", "balancer_hour"),
    "aws_nat_gateway": _hourly("network", "ways out (NAT), by the hour", "nat_hour"),
    "aws_route53_health_check": _monthly("edge", "health checks", "health_check_month"),
    "aws_route53_zone": _monthly("edge", "DNS zone", "zone_month"),
    "aws_secretsmanager_secret": _monthly("keys", "secrets", "secret_month"),
    "aws_vpc_endpoint": _endpoint,
    "aws_wafv2_web_acl": _firewall,
}

FREE = frozenset(
    {
        "aws_eip_association",
        "aws_flow_log",
        "aws_internet_gateway",
        "aws_launch_template",
        "aws_security_group",
        "aws_subnet",
        "aws_vpc",
        "terraform_data",
    }
)
FREE_PREFIXES = (
    "aws_acm_", "aws_appautoscaling_", "aws_autoscaling_", "aws_backup_", "aws_cloudfront_",
    "aws_cloudwatch_", "aws_db_", "aws_default_", "aws_ecr_", "aws_eks_", "aws_elasticache_",
    "aws_iam_", "aws_kms_", "aws_lb_", "aws_network_acl", "aws_route", "aws_s3_",
    "aws_secretsmanager_", "aws_sns_",
    "aws_sqs_", "aws_ssm_", "aws_vpc_", "aws_wafv2_",
)  # fmt: skip


def is_free(kind: str) -> bool:
    """Return whether a type of resource is paid by use, or not at all, and never by being there."""
    return kind in FREE or (kind not in PRICED and kind.startswith(FREE_PREFIXES))


def _by_use(prices: RegionPrices, usage: Usage) -> Iterator[Line]:
    """Yield what is paid by the GB and by the request."""
    units = HOURS_A_MONTH * usage.balancer_units * prices.balancer_unit_hour
    kept = usage.log_gb * LOG_MONTHS_KEPT * prices.log_gb_month
    for group, what, dollars in (
        ("network", "ways out (NAT), by the GB", usage.nat_gb * prices.nat_gb),
        ("network", "endpoints, by the GB", usage.endpoint_gb * prices.endpoint_gb),
        ("network", "between zones", usage.cross_zone_gb * prices.cross_zone_gb),
        ("network", "to the internet", usage.internet_gb * prices.internet_gb),
        ("network", "copies to another region", usage.copied_gb * prices.cross_region_gb),
        ("edge", "load balancer, by use", units),
        ("edge", "CDN, by the GB", usage.cdn_gb * prices.cdn_gb),
        ("edge", "CDN, by the request", usage.requests_millions * prices.cdn_million),
        ("logs", "logs taken in and kept", usage.log_gb * prices.log_gb + kept),
        ("logs", "flow logs", usage.flow_log_gb * prices.log_gb),
        ("storage", "the lake", usage.lake_gb * prices.object_gb_month),
        ("storage", "images", usage.image_gb * prices.image_gb_month),
        ("storage", "backups", usage.backup_gb * prices.backup_gb_month),
    ):
        yield Line(group, what, dollars)


def _roles(
    architecture: Architecture,
    environment: Environment,
    scaling: Scaling,
    prices: RegionPrices,
    spot_share: float,
) -> Iterator[Line]:
    """Yield the share of machines that each role asks for, beyond the managed nodes."""
    if Pool.SYSTEM not in environment.machines:
        return
    for role in architecture.roles:
        least, _ = scaling.roles[role.name].bounds[environment.name]
        if least and role.pool is not Pool.SYSTEM:
            dollars = least * HOURS_A_MONTH * core_hour(role, prices, spot_share) * role.cpu
            what = f"{role.name}, {least} of {role.cpu:g} cores"
            yield Line("machines", what, dollars, role.status is Status.PLANNED)


def core_hour(role: Role, prices: RegionPrices, spot_share: float) -> float:
    """Return what a core of a role's machines costs an hour."""
    machine = POOL_MACHINES[role.pool]
    share = spot_share if role.pool is Pool.RESEARCH else 1.0
    return share * _price(prices.instance_hour, machine) / CORES[machine]


def _price(table: Mapping[str, float], kind: str) -> float:
    from barque.domain.errors import UnknownName

    if kind not in table:
        raise UnknownName("price", kind, table, "cat deploy/prices.json")
    return table[kind]
