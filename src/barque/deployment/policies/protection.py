"""Policies: what must not be lost, forgotten or changed."""

from collections.abc import Iterator

from barque.deployment.cloud_architecture import LONGEST_RECOVERY_DAYS
from barque.deployment.policies.planned import Planned, Resource, each, with_one
from barque.deployment.policies.policy import Policy
from barque.deployment.terraform_plan import secrets_in

BLOCKS = (
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
)


def _is_primary(one: Resource) -> bool:
    return not one.at("replicate_source_db")


def _locked(planned: Planned) -> Iterator[str]:
    locks = {one.at("bucket"): one for one in planned.of("aws_s3_bucket_object_lock_configuration")}
    for one in planned.of("aws_s3_bucket"):
        if "-audit-" not in str(one.at("bucket")):
            continue
        lock = locks.get(one.at("id"))
        rule = lock.all("rule")[0] if lock and lock.all("rule") else None
        modes = {"COMPLIANCE"} if planned.environment.protected else {"COMPLIANCE", "GOVERNANCE"}
        if rule is None or rule.at("default_retention", "mode") not in modes:
            yield one.address


def _vaults(planned: Planned) -> Iterator[str]:
    locked = {
        one.at("backup_vault_name") for one in planned.of("aws_backup_vault_lock_configuration")
    }
    for one in planned.of("aws_backup_vault"):
        emptied = planned.environment.protected and one.is_on("force_destroy")
        if one.at("name") not in locked or emptied:
            yield one.address


PROTECTION: tuple[Policy[Planned], ...] = (
    Policy(
        "deletion-protected",
        "databases, balancers and clusters of protected environments cannot simply be deleted",
        "A wrong word in a pipeline must not end the product.",
        lambda planned: (
            one.address
            for one in planned.of("aws_db_instance", "aws_lb", "aws_eks_cluster")
            if planned.environment.protected
            and not (one.is_on("deletion_protection") or one.is_on("enable_deletion_protection"))
        ),
    ),
    Policy(
        "recovery-days",
        f"protected databases can be put back to any moment of {LONGEST_RECOVERY_DAYS} days",
        "A mistake in the journal may be found weeks later.",
        each(
            "aws_db_instance",
            kept=lambda one: (
                not _is_primary(one) or one.at("backup_retention_period") == LONGEST_RECOVERY_DAYS
            ),
            protected=True,
        ),
    ),
    Policy(
        "standby-in-another-zone",
        "protected databases and caches have a standby in another zone",
        "A zone is lost now and then.",
        each(
            "aws_db_instance",
            "aws_elasticache_replication_group",
            kept=lambda one: (
                one.is_on("multi_az")
                or (one.is_on("multi_az_enabled") and one.is_on("automatic_failover_enabled"))
                or not _is_primary(one)
            ),
            protected=True,
        ),
    ),
    Policy(
        "last-snapshot",
        "a protected database leaves a snapshot behind when it is deleted",
        "It is the last thing that can be asked for.",
        each(
            "aws_db_instance",
            kept=lambda one: (
                not _is_primary(one)
                or (
                    not one.is_on("skip_final_snapshot")
                    and bool(one.at("final_snapshot_identifier"))
                )
            ),
            protected=True,
        ),
    ),
    Policy(
        "changes-wait",
        "changes to protected databases wait for their window",
        "A changed size would restart the database in the middle of a market.",
        each(
            "aws_db_instance",
            "aws_elasticache_replication_group",
            kept=lambda one: not one.is_on("apply_immediately"),
            protected=True,
        ),
    ),
    Policy(
        "buckets-private",
        "all four blocks of public access are on for every bucket",
        "The commonest leak there is.",
        with_one(
            "aws_s3_bucket_public_access_block",
            "bucket",
            lambda one: all(one.is_on(name) for name in BLOCKS),
            "aws_s3_bucket",
        ),
    ),
    Policy(
        "buckets-versioned",
        "buckets keep what is written over",
        "Ransom and mistakes both write over.",
        with_one(
            "aws_s3_bucket_versioning",
            "bucket",
            lambda one: one.at("versioning_configuration", "status") == "Enabled",
            "aws_s3_bucket",
        ),
    ),
    Policy(
        "buckets-not-emptied",
        "Terraform cannot delete a protected bucket or registry that holds something",
        "A renamed resource would take the lake with it.",
        each(
            "aws_s3_bucket",
            "aws_ecr_repository",
            kept=lambda one: not (one.is_on("force_destroy") or one.is_on("force_delete")),
            protected=True,
        ),
    ),
    Policy(
        "audit-locked",
        "nobody, in protected environments not even the account's owner, can change the audit log",
        "A log that its subject can edit proves nothing.",
        _locked,
    ),
    Policy(
        "vaults-locked",
        "vaults of backups are locked",
        "Who breaks in deletes backups first.",
        _vaults,
    ),
    Policy(
        "images-immutable",
        "a tag of an image never means another image, and each is scanned",
        "What was tested must be what runs.",
        each(
            "aws_ecr_repository",
            kept=lambda one: (
                one.at("image_tag_mutability") == "IMMUTABLE"
                and one.is_on("image_scanning_configuration", "scan_on_push")
            ),
        ),
    ),
    Policy(
        "logs-forgotten",
        "every log group says how long it is kept",
        "Without a number it is for ever: a cost, and personal data past its time.",
        each("aws_cloudwatch_log_group", kept=lambda one: (one.at("retention_in_days") or 0) > 0),
    ),
    Policy(
        "no-secret-in-state",
        "no secret lies in Terraform's state as it is",
        "Whoever reads the state would read the database.",
        lambda planned: secrets_in(planned.plan),
    ),
)
