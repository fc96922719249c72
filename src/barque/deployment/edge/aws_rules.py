"""Whether CloudFront and the Application Load Balancer would do what the rules say.

CloudFront and the balancer are looked at as Terraform plans them; the balancer that Kubernetes
would make is looked at in the annotations of its ingress.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Finding
from barque.deployment.cost import resources
from barque.deployment.edge.caching import BEHAVIOURS, PERSONAL, READING
from barque.deployment.edge.load_balancing import RULES, ingress_annotations
from barque.deployment.edge.statement import Statement, balancing, caching_differences, differences
from barque.deployment.terraform_plans import plans
from barque.settings import read_settings

Values = Mapping[str, Any]

CLOUDFRONT = "aws_cloudfront_distribution"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""AWS's own policy that keeps nothing, by its published id."""

INGRESS = Path("deploy/kubernetes/components/ingress/ingress.yaml")
ATTRIBUTES = ("target-group-attributes", "load-balancer-attributes")


def terraform_findings(root: Path) -> Sequence[Finding]:
    """Return how the plan of any environment differs from the rules."""
    names = [one.name for one in BARQUE.environments]
    made = plans(root, names, read_settings().cache)
    return [one for name, plan in made.items() for one in plan_findings(name, plan)]


def plan_findings(environment: str, plan: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield how the plan of one environment differs from the rules."""
    planned = list(resources(plan))
    where = f"deploy/terraform/modules/edge ({environment})"
    yield from caching_differences(where, statements(planned))
    yield from (Finding(where, words) for words in _kept_by_accident(planned))
    yield from (Finding(where, words) for words in _balancer(planned))


def statements(planned: Sequence[Values]) -> dict[str, Statement]:
    """Return what CloudFront is told, in the order it asks."""
    policies = {one["values"]["id"]: one["values"] for one in _of(planned, "cache_policy")}
    found = {}
    for distribution in _of(planned, "distribution"):
        values = distribution["values"]
        for one in [*values["ordered_cache_behavior"], *values["default_cache_behavior"]]:
            pattern = one.get("path_pattern") or "*"
            found[pattern] = _statement(pattern, one, policies)
    return found


def _statement(pattern: str, one: Values, policies: Mapping[str, Values]) -> Statement:
    policy, signed = policies.get(one["cache_policy_id"]), bool(one.get("trusted_key_groups"))
    unknown = policy is None and one["cache_policy_id"] != CACHING_DISABLED
    return Statement(
        pattern=pattern,
        seconds=(-1, -1, -1) if unknown else _seconds(policy),
        key_headers=_key_headers(policy),
        only_reading=set(one["allowed_methods"]) == set(READING),
        # A signed link says who may read; the bucket need not hear it.
        personal=bool(one.get("origin_request_policy_id")) or signed or _asks_who(policy),
    )


def _seconds(policy: Values | None) -> tuple[int, int, int]:
    if policy is None:
        return 0, 0, 0
    return policy["min_ttl"], policy["default_ttl"], policy["max_ttl"]


def _parameters(policy: Values | None) -> Values:
    found: Values = policy["parameters_in_cache_key_and_forwarded_to_origin"][0] if policy else {}
    return found


def _key_headers(policy: Values | None) -> tuple[str, ...]:
    configured = _parameters(policy).get("headers_config", [])
    listed = [item for one in configured for headers in one["headers"] for item in headers["items"]]
    return tuple(sorted(item.lower() for item in listed))


def _asks_who(policy: Values | None) -> bool:
    cookies = _parameters(policy).get("cookies_config", [])
    return any(one["cookie_behavior"] != "none" for one in cookies) or bool(
        PERSONAL & set(_key_headers(policy))
    )


def _kept_by_accident(planned: Sequence[Values]) -> Iterator[str]:
    for one in _of(planned, "distribution"):
        for answer in one["values"]["custom_error_response"]:
            if answer["error_caching_min_ttl"]:
                code, kept = answer["error_code"], answer["error_caching_min_ttl"]
                yield f"An error ({code}) would be kept for {kept} s."
        origins = {
            behaviour["path_pattern"]: behaviour["target_origin_id"]
            for behaviour in one["values"]["ordered_cache_behavior"]
        }
        for rule in BEHAVIOURS[:-1]:
            allowed = {rule.origin.value} | ({"balancer"} if rule.signed else set())
            if origins.get(rule.pattern) not in allowed:
                asked = origins.get(rule.pattern)
                yield f"{rule.pattern} is asked of {asked}, the rules say {rule.origin.value}."


def _balancer(planned: Sequence[Values]) -> Iterator[str]:
    meant = balancing(
        "path", "status", "interval", "timeout", "healthy", "unhealthy", "slow_start", "drain",
        "algorithm",
    )  # fmt: skip
    groups = [one["values"] for one in planned if one["type"] == "aws_lb_target_group"]
    if len(groups) != 2:
        yield f"There are {len(groups)} groups of targets; stable and canary are needed."
    for group in groups:
        yield from (f"{group['name']}: {words}" for words in differences(meant, _group(group)))
    for one in planned:
        if one["type"] == "aws_lb":
            found = {"idle": one["values"]["idle_timeout"]}
            yield from differences(balancing("idle"), found)
        if one["type"] == "aws_wafv2_web_acl":
            found = {"rate_in_five_minutes": _rate(one["values"])}
            yield from differences(balancing("rate_in_five_minutes"), found)


def _group(group: Values) -> dict[str, object]:
    check = group["health_check"][0]
    return {
        "path": check["path"],
        "status": int(check["matcher"]),
        "interval": check["interval"],
        "timeout": check["timeout"],
        "healthy": check["healthy_threshold"],
        "unhealthy": check["unhealthy_threshold"],
        "slow_start": group["slow_start"],
        "drain": int(group["deregistration_delay"]),
        "algorithm": group["load_balancing_algorithm_type"],
    }


def _rate(firewall: Values) -> int | None:
    for rule in firewall["rule"]:
        for statement in rule["statement"]:
            for one in statement["rate_based_statement"]:
                return int(one["limit"])
    return None


def ingress_findings(root: Path) -> Sequence[Finding]:
    """Return how the balancer that Kubernetes would make differs from the rules."""
    from barque.deployment.kubernetes.manifests import yaml

    content = yaml().safe_load((root / INGRESS).read_text())
    said = _in_parts(content["metadata"]["annotations"])
    meant = _in_parts(ingress_annotations(RULES))
    return [Finding(str(INGRESS), words) for words in differences(meant, said)]


def _in_parts(annotations: Mapping[str, str]) -> dict[str, str]:
    """Return annotations by their short names, those that hold many attributes taken apart."""
    found: dict[str, str] = {}
    for name, value in annotations.items():
        short = name.partition("/")[2]
        if short in ATTRIBUTES:
            found |= dict(part.split("=", 1) for part in value.split(","))
        else:
            found[short] = value
    return found


def _of(planned: Sequence[Values], kind: str) -> Iterator[Values]:
    return (one for one in planned if one["type"] == f"aws_cloudfront_{kind}")
