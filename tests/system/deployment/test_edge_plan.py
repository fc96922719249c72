"""CloudFront and the balancer, as Terraform plans them, follow the rules; faults are found."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from barque.deployment.cost import resources
from barque.deployment.edge.aws_rules import plan_findings, terraform_findings
from barque.deployment.terraform_plans import plans
from barque.settings import read_settings

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[3]
Values = dict[str, Any]


@pytest.fixture(scope="module")
def plan() -> Values:
    return plans(ROOT, ["prod"], read_settings().cache)["prod"]


def of(plan: Values, kind: str) -> Iterator[Values]:
    return (one["values"] for one in resources(plan) if one["type"] == kind)


def behaviour(plan: Values, pattern: str) -> Values:
    distribution = next(of(plan, "aws_cloudfront_distribution"))
    listed = distribution["ordered_cache_behavior"]
    return next(
        (one for one in listed if one["path_pattern"] == pattern),
        distribution["default_cache_behavior"][0],
    )


def policy(plan: Values, name: str) -> Values:
    return next(
        one for one in of(plan, "aws_cloudfront_cache_policy") if one["name"].endswith(name)
    )


def keep_the_api(plan: Values) -> None:
    behaviour(plan, "/api/*")["cache_policy_id"] = policy(plan, "shell")["id"]


def let_files_be_written(plan: Values) -> None:
    behaviour(plan, "/assets/*")["allowed_methods"] = ["GET", "HEAD", "PUT"]


def tell_the_page_who_asks(plan: Values) -> None:
    behaviour(plan, "*")["origin_request_policy_id"] = "all"


def hear_cookies(plan: Values) -> None:
    parameters = policy(plan, "shell")["parameters_in_cache_key_and_forwarded_to_origin"][0]
    parameters["cookies_config"][0]["cookie_behavior"] = "all"


def keep_the_page_an_hour(plan: Values) -> None:
    policy(plan, "shell")["max_ttl"] = 3_600


def forget_the_host(plan: Values) -> None:
    parameters = policy(plan, "shell")["parameters_in_cache_key_and_forwarded_to_origin"][0]
    parameters["headers_config"][0]["headers"] = []


def ask_in_another_order(plan: Values) -> None:
    next(of(plan, "aws_cloudfront_distribution"))["ordered_cache_behavior"].reverse()


def lose_a_rule(plan: Values) -> None:
    del next(of(plan, "aws_cloudfront_distribution"))["ordered_cache_behavior"][1]


def use_an_unknown_policy(plan: Values) -> None:
    behaviour(plan, "/health/*")["cache_policy_id"] = "658327ea-f89d-4fab-a63d-7e88639e58f6"


def keep_errors(plan: Values) -> None:
    next(of(plan, "aws_cloudfront_distribution"))["custom_error_response"][0][
        "error_caching_min_ttl"
    ] = 10


def ask_the_bucket_for_the_api(plan: Values) -> None:
    behaviour(plan, "/api/*")["target_origin_id"] = "assets"


def ask_whether_it_lives(plan: Values) -> None:
    next(of(plan, "aws_lb_target_group"))["health_check"][0]["path"] = "/health/live"


def start_at_once(plan: Values) -> None:
    next(of(plan, "aws_lb_target_group"))["slow_start"] = 0


def leave_at_once(plan: Values) -> None:
    next(of(plan, "aws_lb_target_group"))["deregistration_delay"] = "0"


def cut_silent_sockets(plan: Values) -> None:
    next(of(plan, "aws_lb"))["idle_timeout"] = 10


def let_anybody_ask_often(plan: Values) -> None:
    for firewall in of(plan, "aws_wafv2_web_acl"):
        for rule in firewall["rule"]:
            for statement in rule["statement"]:
                for one in statement["rate_based_statement"]:
                    one["limit"] = 20_000


FAULTS = [
    keep_the_api, let_files_be_written, tell_the_page_who_asks, hear_cookies,
    keep_the_page_an_hour, forget_the_host, ask_in_another_order, lose_a_rule,
    use_an_unknown_policy, keep_errors, ask_the_bucket_for_the_api, ask_whether_it_lives,
    start_at_once, leave_at_once, cut_silent_sockets, let_anybody_ask_often,
]  # fmt: skip


def test_every_environment_as_planned_follows_the_rules() -> None:
    assert terraform_findings(ROOT) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.__name__)
def test_whatever_is_changed_in_the_plan_is_found(
    plan: Values, fault: Callable[[Values], None]
) -> None:
    changed = copy.deepcopy(plan)
    fault(changed)

    assert list(plan_findings("prod", changed))
