"""Policies: what lies still is encrypted under our own keys, what moves is encrypted as well."""

from collections.abc import Iterator

from barque.deployment.policies.planned import Planned, Resource, each, listed, with_one
from barque.deployment.policies.policy import Policy

SECURE_TRANSPORT = {"Bool": {"aws:SecureTransport": "false"}}
TLS_1_3 = "ELBSecurityPolicy-TLS13-"
TLS_1_2_2021 = 2021


def _refuses_plain_text(policy: Resource) -> bool:
    return any(
        one["Effect"] == "Deny"
        and one.get("Condition") == SECURE_TRANSPORT
        and "s3:*" in listed(one["Action"])
        for one in policy.document()
    )


def _buckets(planned: Planned) -> Iterator[str]:
    """Yield buckets without a key; balancers can write into none that has one."""
    written_by_balancers = {one.at("access_logs", "bucket") for one in planned.of("aws_lb")}
    for one in planned.of("aws_s3_bucket"):
        allowed = {"aws:kms", "AES256"} if one.at("bucket") in written_by_balancers else {"aws:kms"}
        rules = planned.belonging(
            one, "aws_s3_bucket_server_side_encryption_configuration", "bucket"
        )
        by = ("rule", "apply_server_side_encryption_by_default", "sse_algorithm")
        if not any(rule.at(*by) in allowed for rule in rules):
            yield one.address


def _logs(planned: Planned) -> Iterator[str]:
    """Yield log groups without a key; CloudFront's firewall logs where we have no key."""
    for one in planned.of("aws_cloudwatch_log_group"):
        elsewhere = one.at("region") not in (None, planned.environment.region)
        if not one.at("kms_key_id") and not elsewhere:
            yield one.address


def _modern_viewers(one: Resource) -> bool:
    version = str(one.at("viewer_certificate", "minimum_protocol_version") or "")
    behaviours = [*one.all("default_cache_behavior"), *one.all("ordered_cache_behavior")]
    secure = {"https-only", "redirect-to-https"}
    return (
        version.startswith("TLSv1.2_")
        and int(version.rpartition("_")[2]) >= TLS_1_2_2021
        and all(each.at("viewer_protocol_policy") in secure for each in behaviours)
    )


def _origins(planned: Planned) -> Iterator[str]:
    for one in planned.of("aws_cloudfront_distribution"):
        for origin in one.all("origin"):
            plain = origin.at("custom_origin_config", "origin_protocol_policy") != "https-only"
            if not origin.at("origin_access_control_id") and plain:
                yield f"{one.address}: {origin.at('origin_id')}"


ENCRYPTION: tuple[Policy[Planned], ...] = (
    Policy(
        "database-encrypted",
        "databases lie encrypted under a key of ours",
        "A snapshot that is shared by mistake is worth nothing without the key.",
        each(
            "aws_db_instance",
            kept=lambda one: one.is_on("storage_encrypted") and bool(one.at("kms_key_id")),
        ),
    ),
    Policy(
        "cache-encrypted",
        "the cache is encrypted where it lies and on its way",
        "What sockets are told is about accounts, and crosses zones.",
        each(
            "aws_elasticache_replication_group",
            kept=lambda one: (
                one.is_on("at_rest_encryption_enabled") and one.is_on("transit_encryption_enabled")
            ),
        ),
    ),
    Policy(
        "buckets-encrypted",
        "buckets encrypt what they are given under a key of KMS, that of logs under one of S3",
        "A reader needs the key as well, and its use is on record.",
        _buckets,
    ),
    Policy(
        "volumes-encrypted",
        "every disk is encrypted",
        "Journals and keys in memory may reach a disk by swapping or dumping.",
        lambda planned: (
            one.address
            for one in planned.of("aws_launch_template", "aws_ebs_volume")
            if not (
                one.is_on("encrypted")
                if one.type == "aws_ebs_volume"
                else one.all("block_device_mappings")
                and all(disk.is_on("ebs", "encrypted") for disk in one.all("block_device_mappings"))
            )
        ),
    ),
    Policy(
        "logs-encrypted",
        "log groups of our region are encrypted under a key of ours",
        "Logs name accounts and addresses.",
        _logs,
    ),
    Policy(
        "secrets-encrypted",
        "secrets lie under a key of ours, not under AWS's own",
        "Who may read the secret is then asked twice.",
        each("aws_secretsmanager_secret", kept=lambda one: bool(one.at("kms_key_id"))),
    ),
    Policy(
        "backups-encrypted",
        "vaults of backups have a key of ours",
        "A backup is the whole database in one file.",
        each("aws_backup_vault", kept=lambda one: bool(one.at("kms_key_arn"))),
    ),
    Policy(
        "messages-encrypted",
        "topics and queues are encrypted",
        "Alarms and events name machines and accounts.",
        each(
            "aws_sns_topic",
            "aws_sqs_queue",
            kept=lambda one: (
                bool(one.at("kms_master_key_id")) or one.is_on("sqs_managed_sse_enabled")
            ),
        ),
    ),
    Policy(
        "cluster-secrets-encrypted",
        "Kubernetes encrypts its secrets under a key of ours",
        "Otherwise they are readable in every copy of its store.",
        each(
            "aws_eks_cluster",
            kept=lambda one: "secrets" in (one.at("encryption_config", "resources") or ()),
        ),
    ),
    Policy(
        "keys-rotate",
        "every key is changed by itself",
        "A key that leaked unseen opens what is new for a year at most.",
        each("aws_kms_key", kept=lambda one: one.is_on("enable_key_rotation")),
    ),
    Policy(
        "keys-wait-to-die",
        "a protected key can be saved for 30 days after somebody deletes it",
        "Without the key all that it closed is lost, backups too.",
        each(
            "aws_kms_key", kept=lambda one: one.at("deletion_window_in_days") == 30, protected=True
        ),
    ),
    Policy(
        "database-tls",
        "the database refuses connections without TLS",
        "Passwords and journals cross zones.",
        each(
            "aws_db_parameter_group",
            kept=lambda one: any(
                (each.at("name"), each.at("value")) == ("rds.force_ssl", "1")
                for each in one.all("parameter")
            ),
        ),
    ),
    Policy(
        "buckets-tls",
        "buckets refuse requests without TLS",
        "A signed address over plain HTTP hands out what it signs.",
        with_one("aws_s3_bucket_policy", "bucket", _refuses_plain_text, "aws_s3_bucket"),
    ),
    Policy(
        "balancer-tls",
        "the balancer speaks HTTPS with TLS 1.2 or 1.3 only",
        "Older versions are broken.",
        each(
            "aws_lb_listener",
            kept=lambda one: (
                one.at("protocol") == "HTTPS" and str(one.at("ssl_policy")).startswith(TLS_1_3)
            ),
        ),
    ),
    Policy(
        "cdn-tls",
        "visitors reach CloudFront by HTTPS with TLS 1.2 of 2021 or newer",
        "Sessions and orders cross networks that nobody knows.",
        each("aws_cloudfront_distribution", kept=_modern_viewers),
    ),
    Policy(
        "cdn-origins-closed",
        "CloudFront reads buckets by its own signature and the balancer by HTTPS",
        "Otherwise there is a way past the firewall, or a readable one.",
        _origins,
    ),
)
