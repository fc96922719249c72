"""Mistakes that somebody could make in deploy/terraform/modules; each must turn a test red."""

import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from barque.deployment.terraform_workspace import Answer, Workspace

MODULES = Path("modules")


class Mutation(NamedTuple):
    """One line of a module, written wrongly."""

    module: str
    file: str
    right: str
    wrong: str
    words: str

    @property
    def name(self) -> str:
        return f"{self.module}: {self.words}"


# fmt: off
MUTATIONS = [
    Mutation("network", "main", "var.nat_per_zone ? each.key : var.zones[0]", "var.zones[0]", "one NAT for all zones"),
    Mutation("network", "main", "subnet_id     = aws_subnet.public[each.key].id", "subnet_id     = aws_subnet.private[each.key].id", "a NAT gateway without a way out"),
    Mutation("network", "main", "map_public_ip_on_launch = false", "map_public_ip_on_launch = true", "a public subnet"),
    Mutation("network", "main", "aws_route_table.database.id\n}", "aws_route_table.public.id\n}", "a way out of the database tier"),
    Mutation("network", "main", "route                  = []", 'route                  = [{ cidr_block = "0.0.0.0/0", gateway_id = aws_internet_gateway.this.id }]', "a default route for everybody"),
    Mutation("network", "main", 'cidr_block              = each.value\n  map_public_ip_on_launch = false\n\n  tags = { Name = "${var.name}-database', 'cidr_block              = cidrsubnet(each.value, 1, 0)\n  map_public_ip_on_launch = false\n\n  tags = { Name = "${var.name}-database', "another network than the design's"),
    Mutation("network", "groups", "to_port                      = each.value.port", "to_port                      = 65535", "an open range of ports"),
    Mutation("network", "groups", "prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront.id", 'cidr_ipv4         = "0.0.0.0/0"', "a balancer open to the world"),
    Mutation("network", "groups", "if contains(local.outside, edge.target)", 'if contains(local.outside, edge.target) || edge.source == "api"', "a way out that no edge asks for"),
    Mutation("network", "groups", "referenced_security_group_id = aws_security_group.part[each.value.source].id", 'cidr_ipv4                    = "10.0.0.0/8"', "addresses instead of a group"),
    Mutation("network", "logs", '"ALL"', '"REJECT"', "half of the flows logged"),
    Mutation("network", "logs", "kms_key_id        = var.kms_key_arn", "kms_key_id        = null", "flow logs under no key of ours"),
    Mutation("network", "endpoints", "private_dns_enabled = true", "private_dns_enabled = false", "services of AWS through the internet"),
    Mutation("network", "endpoints", "data.aws_caller_identity.this.account_id", '"*"', "endpoints open to every account"),
    Mutation("network", "walls", "from = pair[0], to = pair[0]", "from = 0, to = 65535", "a wall with every port open"),
    Mutation("edge", "main", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-2016-08", "an old TLS policy"),
    Mutation("edge", "main", 'path                = "/health/ready"', 'path                = "/"', "a health check that means nothing"),
    Mutation("edge", "main", "slow_start                    = 30", "slow_start                    = 0", "no slow start"),
    Mutation("edge", "main", "deregistration_delay          = 60", "deregistration_delay          = 0", "no draining"),
    Mutation("edge", "main", "compact([var.domain, var.stands_in_for_domain])", '["*"]', "any name leads to the api"),
    Mutation("edge", "main", '"/metrics", "/metrics/*"', '"/nothing"', "meters for everybody"),
    Mutation("edge", "main", "enabled = true\n  }", "enabled = false\n  }", "no access logs"),
    Mutation("edge", "main", "web_acl_arn  = module.firewall.arn", 'web_acl_arn  = "none"', "a balancer without a firewall"),
    Mutation("edge", "main", "100 - var.canary_weight", "100", "weights that are not a hundred"),
    Mutation("edge", "distribution", 'path = "/api/*", origin = "balancer", cache = local.never_cached', 'path = "/api/*", origin = "balancer", cache = aws_cloudfront_cache_policy.shell.id', "a cached API"),
    Mutation("edge", "distribution", "cache = local.never_cached, asks = local.as_visitor_is, writes = true", "cache = local.never_cached, asks = null, writes = true", "sockets without their headers"),
    Mutation("edge", "distribution", "error_caching_min_ttl = 0", "error_caching_min_ttl = 10", "errors that are kept"),
    Mutation("edge", "distribution", 'origin_protocol_policy   = "https-only"', 'origin_protocol_policy   = "match-viewer"', "an origin without TLS"),
    Mutation("edge", "distribution", 'signing_behavior                  = "always"', 'signing_behavior                  = "never"', "buckets read without a signature"),
    Mutation("edge", "distribution", "web_acl_id      = module.cdn_firewall.arn", "web_acl_id      = null", "a CDN without a firewall"),
    Mutation("edge", "distribution", 'viewer_protocol_policy     = "redirect-to-https"', 'viewer_protocol_policy     = "allow-all"', "visitors without TLS"),
    Mutation("edge", "names", "amazon.com", "anybody.example", "anybody's certificates"),
    Mutation("firewall", "main", "response_code = 429", "response_code = 200", "a refusal that looks like an answer"),
    Mutation("firewall", "main", "none {}", "count {}", "rules that only count"),
    Mutation("firewall", "main", 'name = "cookie"', 'name = "accept"', "cookies in the log"),
    Mutation("iam", "grants", '"kms:EncryptionContext:tenant" = "false"', '"kms:EncryptionContext:tenant" = "true"', "credentials without their tenant"),
    Mutation("iam", "grants", '["s3:GetObject"]', '["s3:*"]', "every right over a bucket"),
    Mutation("iam", "grants", 'Effect   = "Deny"', 'Effect   = "Allow"', "an api that opens credentials"),
    Mutation("iam", "grants", "${grant.bucket}/*", "*", "every bucket"),
    Mutation("iam", "main", "permissions_boundary = aws_iam_policy.boundary.arn", "permissions_boundary = null", "a role without a boundary"),
    Mutation("iam", "release", "environment:${var.release.environment}", "*", "releases from any branch"),
    Mutation("cluster", "main", "endpoint_public_access  = false", "endpoint_public_access  = true", "a public API of Kubernetes"),
    Mutation("cluster", "main", '"api", "audit"', '"api"', "no audit log"),
    Mutation("cluster", "main", "bootstrap_cluster_creator_admin_permissions = false", "bootstrap_cluster_creator_admin_permissions = true", "rights for whoever made it"),
    Mutation("cluster", "nodes", "http_put_response_hop_limit = 1", "http_put_response_hop_limit = 2", "credentials within a pod's reach"),
    Mutation("cluster", "nodes", '"required"', '"optional"', "IMDSv1"),
    Mutation("cluster", "nodes", "encrypted             = true", "encrypted             = false", "disks in the clear"),
    Mutation("cluster", "groups", "port = 9443", "port = 22", "SSH to machines"),
    Mutation("cluster", "karpenter", "Condition = { StringEquals = local.ours }", "Condition = { StringEquals = {} }", "a Karpenter that ends anybody's machines"),
    Mutation("cluster", "karpenter", "sqs_managed_sse_enabled   = true", "sqs_managed_sse_enabled   = false", "a queue in the clear"),
    Mutation("compute", "main", "protect_from_scale_in = each.value.owns_accounts", "protect_from_scale_in = false", "accounts cut off by scale-in"),
    Mutation("compute", "main", "associate_public_ip_address = false", "associate_public_ip_address = true", "machines on the internet"),
    Mutation("compute", "main", "max_healthy_percentage       = each.value.owns_accounts ? 100 : 110", "max_healthy_percentage       = 110", "two traders on one folder"),
    Mutation("compute", "accounts", "final_snapshot    = true", "final_snapshot    = false", "accounts lost with their disk"),
    Mutation("compute", "accounts", '"barque:backup" = var.name', '"barque:backup" = "no"', "accounts without a backup"),
    Mutation("compute", "scaling", "disable_scale_in = var.pools[each.value.pool].owns_accounts", "disable_scale_in = false", "a trader's pool that shrinks"),
    Mutation("database", "main", "storage_encrypted     = true", "storage_encrypted     = false", "a database in the clear"),
    Mutation("database", "main", "publicly_accessible    = false", "publicly_accessible    = true", "a public database"),
    Mutation("database", "main", "multi_az               = var.multi_az", "multi_az               = false", "no standby"),
    Mutation("database", "main", "deletion_protection       = var.protected", "deletion_protection       = false", "a database that can be deleted"),
    Mutation("cache", "main", "transit_encryption_enabled = true", "transit_encryption_enabled = false", "a cache without TLS"),
    Mutation("storage", "main", "block_public_policy     = true", "block_public_policy     = false", "a public bucket"),
    Mutation("storage", "images", '"IMMUTABLE"', '"MUTABLE"', "an image that can be swapped"),
    Mutation("kms", "main", "enable_key_rotation     = true", "enable_key_rotation     = false", "a key that is never rotated"),
    Mutation("backup", "main", "var.protected ? 3 : null", "null", "a vault that can be emptied"),
    Mutation("dr", "failover", "evaluate_target_health = false", "evaluate_target_health = true", "a region that turns by itself"),
]
# fmt: on


def tried(scratch: Workspace, mutations: Sequence[Mutation]) -> Iterator[tuple[str, Answer]]:
    """Yield what the tests of a module said of each mutation, in a copy of its own, two at once."""

    def one(number: int, mutation: Mutation) -> tuple[str, Answer]:
        copy = scratch.folder / f"mutant-{number}"
        shutil.copytree(scratch.folder / MODULES, copy / MODULES)
        file = copy / MODULES / mutation.module / f"{mutation.file}.tf"
        text = file.read_text()
        assert mutation.right in text, f"{mutation.name}: the line to be spoilt is gone"
        file.write_text(text.replace(mutation.right, mutation.wrong, 1))
        place = f"{copy.name}/{MODULES}/{mutation.module}"
        scratch.terraform(place, "get")
        return mutation.name, scratch.terraform(place, "test")

    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(one, range(len(mutations)), mutations)


def is_red(answer: Answer) -> bool:
    """Return whether an assertion failed, rather than Terraform itself."""
    return not answer.agreed and "Test assertion failed" in answer.words
