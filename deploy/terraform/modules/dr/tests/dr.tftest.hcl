mock_provider "aws" {}

variables {
  name       = "barque-test"
  account_id = "123456789012"
  region     = "eu-central-1"
  copied_to  = "eu-west-1"
  replicated = {
    lake  = { bucket = "barque-test-lake", arn = "arn:aws:s3:::barque-test-lake", kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/lake" }
    audit = { bucket = "barque-test-audit", arn = "arn:aws:s3:::barque-test-audit", kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/audit" }
  }
  credentials_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/mrk-credentials"
  credentials_policy  = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
  protected           = true
  watched_host        = "barque.example"
  told_topic_arn      = "arn:aws:sns:us-east-1:123456789012:people"
  origin = {
    zone_id     = "Z1"
    record_name = "origin.barque.example"
    primary     = { dns_name = "one.elb.amazonaws.com", zone_id = "ZA" }
    secondary   = { dns_name = "two.elb.amazonaws.com", zone_id = "ZB" }
  }
}

run "keys_are_there_before_they_are_needed" {
  assert {
    condition     = toset(keys(output.kms_key_arns)) == toset(["audit", "backup", "credentials", "lake", "trading"])
    error_message = "The keys are ${join(", ", keys(output.kms_key_arns))}."
  }

  assert {
    condition = (
      aws_kms_replica_key.credentials.primary_key_arn == var.credentials_key_arn &&
      aws_kms_replica_key.credentials.policy == var.credentials_policy &&
      aws_kms_replica_key.credentials.deletion_window_in_days == 30 &&
      aws_kms_alias.credentials.name == "alias/barque-test/credentials" &&
      output.kms_key_arns.credentials == aws_kms_replica_key.credentials.arn
    )
    error_message = "Credentials would not open in the other region, or open to others."
  }
}

run "everything_is_in_the_other_region" {
  assert {
    condition = toset([for one in concat(
      [aws_kms_replica_key.credentials, aws_kms_alias.credentials, aws_backup_vault.copy],
      [aws_backup_vault_lock_configuration.copy, aws_s3_bucket_object_lock_configuration.audit],
      values(aws_s3_bucket.copy), values(aws_s3_bucket_versioning.copy),
      values(aws_s3_bucket_server_side_encryption_configuration.copy), values(aws_s3_bucket_public_access_block.copy),
      values(aws_s3_bucket_ownership_controls.copy), values(aws_s3_bucket_lifecycle_configuration.copy),
      values(aws_s3_bucket_policy.copy),
    ) : one.region]) == toset(["eu-west-1"])
    error_message = "A copy stands in the region that it is to outlive."
  }
}

run "backups_have_a_locked_vault" {
  assert {
    condition = (
      aws_backup_vault.copy.name == "barque-test-copy" && !aws_backup_vault.copy.force_destroy &&
      aws_backup_vault.copy.kms_key_arn == module.kms.arns["backup"] && output.vault_arn == "arn:aws:backup:eu-west-1:123456789012:backup-vault:barque-test-copy"
    )
    error_message = "The vault is under another key, or goes with what it holds."
  }

  assert {
    condition = (
      aws_backup_vault_lock_configuration.copy.backup_vault_name == "barque-test-copy" &&
      aws_backup_vault_lock_configuration.copy.changeable_for_days == 3 &&
      aws_backup_vault_lock_configuration.copy.max_retention_days == 35
    )
    error_message = "The vault is not locked for good after three days."
  }
}

run "copies_are_as_guarded_as_what_they_copy" {
  assert {
    condition     = output.buckets == { lake = "barque-test-lake-copy-123456789012", audit = "barque-test-audit-copy-123456789012" }
    error_message = "The copies are ${jsonencode(output.buckets)}."
  }

  assert {
    condition = alltrue([
      for one in aws_s3_bucket_public_access_block.copy :
      one.block_public_acls && one.block_public_policy && one.ignore_public_acls && one.restrict_public_buckets
    ]) && length(aws_s3_bucket_public_access_block.copy) == 2
    error_message = "A copy could be opened to the world."
  }

  assert {
    condition     = { for name, one in aws_s3_bucket_versioning.copy : name => one.versioning_configuration[0].status } == { lake = "Enabled", audit = "Enabled" }
    error_message = "S3 copies only between versioned buckets."
  }

  assert {
    condition = { for name, one in aws_s3_bucket_server_side_encryption_configuration.copy : name => [
      for rule in one.rule : [rule.apply_server_side_encryption_by_default[0].sse_algorithm, rule.apply_server_side_encryption_by_default[0].kms_master_key_id, rule.bucket_key_enabled]
    ] } == { for name in ["lake", "audit"] : name => [["aws:kms", module.kms.arns[name], true]] }
    error_message = "A copy is under another key than its region's."
  }

  assert {
    condition     = alltrue([for one in aws_s3_bucket_ownership_controls.copy : one.rule[0].object_ownership == "BucketOwnerEnforced"])
    error_message = "Access lists of single objects count."
  }

  assert {
    condition = { for name, one in aws_s3_bucket_policy.copy : name => [
      for statement in jsondecode(one.policy).Statement : "${statement.Effect} ${statement.Sid} ${statement.Action} ${join(" ", statement.Resource)}"
      ] } == { for name in ["lake", "audit"] : name => [
      for sid in ["RefuseOldTls", "RefusePlainText"] :
      "Deny ${sid} s3:* arn:aws:s3:::barque-test-${name}-copy-123456789012 arn:aws:s3:::barque-test-${name}-copy-123456789012/*"
    ] }
    error_message = "A copy answers without TLS."
  }

  assert {
    condition = (
      [for name, bucket in aws_s3_bucket.copy : name if bucket.object_lock_enabled] == ["audit"] &&
      aws_s3_bucket_object_lock_configuration.audit.rule[0].default_retention[0].mode == "COMPLIANCE" &&
      aws_s3_bucket_object_lock_configuration.audit.rule[0].default_retention[0].days == 2555
    )
    error_message = "The copy of the audit is not locked."
  }

  assert {
    condition = { for name, one in aws_s3_bucket_lifecycle_configuration.copy : name => [
      for rule in one.rule : [rule.status, rule.noncurrent_version_expiration[0].noncurrent_days, rule.abort_incomplete_multipart_upload[0].days_after_initiation]
    ] } == { lake = [["Enabled", 30, 7]], audit = [["Enabled", 1, 7]] }
    error_message = "What is replaced, or was uploaded by half, stays for another time."
  }

  assert {
    condition     = alltrue([for bucket in aws_s3_bucket.copy : !bucket.force_destroy])
    error_message = "A copy could be destroyed."
  }
}

run "copied_within_a_quarter_of_an_hour_and_never_deleted" {
  assert {
    condition = { for name, one in aws_s3_bucket_replication_configuration.this : name => [one.bucket, one.role] } == {
      lake  = ["barque-test-lake", aws_iam_role.replication.arn]
      audit = ["barque-test-audit", aws_iam_role.replication.arn]
    }
    error_message = "Something else is copied, or by somebody else."
  }

  assert {
    condition = { for name, one in aws_s3_bucket_replication_configuration.this : name => [for rule in one.rule : [
      rule.status, rule.delete_marker_replication[0].status,
      rule.source_selection_criteria[0].sse_kms_encrypted_objects[0].status, rule.destination[0].bucket,
      rule.destination[0].encryption_configuration[0].replica_kms_key_id,
      rule.destination[0].replication_time[0].status, rule.destination[0].metrics[0].status,
      ]] } == { for name in ["lake", "audit"] : name => [[
      "Enabled", "Disabled", "Enabled", "arn:aws:s3:::barque-test-${name}-copy-123456789012",
      module.kms.arns[name], "Enabled", "Enabled",
    ]] }
    error_message = "A rule sleeps, copies deletions, leaves out what is encrypted or goes elsewhere."
  }

  assert {
    condition = alltrue(flatten([for one in aws_s3_bucket_replication_configuration.this : [
      for rule in one.rule : rule.destination[0].replication_time[0].time[0].minutes == 15 && rule.destination[0].metrics[0].event_threshold[0].minutes == 15
    ]]))
    error_message = "The promise of fifteen minutes is not kept."
  }
}

run "who_copies_can_do_nothing_else" {
  assert {
    condition     = jsondecode(aws_iam_role.replication.assume_role_policy).Statement[0].Principal == { Service = "s3.amazonaws.com" } && jsondecode(aws_iam_role.replication.assume_role_policy).Statement[0].Condition == { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    error_message = "Somebody else may take the role."
  }

  assert {
    condition = {
      for one in jsondecode(aws_iam_role_policy.replication.policy).Statement : one.Sid => toset(flatten([one.Action]))
      } == {
      FindWhatIsNew = toset(["s3:GetReplicationConfiguration", "s3:ListBucket"])
      Read          = toset(["s3:GetObjectLegalHold", "s3:GetObjectRetention", "s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"])
      Write         = toset(["s3:ReplicateObject", "s3:ReplicateTags"])
      Decrypt       = toset(["kms:Decrypt"])
      Encrypt       = toset(["kms:Encrypt", "kms:GenerateDataKey"])
    }
    error_message = "The role may do other things."
  }

  assert {
    condition = {
      for one in jsondecode(aws_iam_role_policy.replication.policy).Statement : one.Sid => toset(one.Resource)
      } == {
      FindWhatIsNew = toset(["arn:aws:s3:::barque-test-lake", "arn:aws:s3:::barque-test-audit"])
      Read          = toset(["arn:aws:s3:::barque-test-lake/*", "arn:aws:s3:::barque-test-audit/*"])
      Write         = toset(["arn:aws:s3:::barque-test-lake-copy-123456789012/*", "arn:aws:s3:::barque-test-audit-copy-123456789012/*"])
      Decrypt       = toset(["arn:aws:kms:eu-central-1:123456789012:key/lake", "arn:aws:kms:eu-central-1:123456789012:key/audit"])
      Encrypt       = toset([module.kms.arns["lake"], module.kms.arns["audit"]])
    }
    error_message = "The role reaches other things."
  }

  assert {
    condition = {
      for one in jsondecode(aws_iam_role_policy.replication.policy).Statement : one.Sid => one.Condition.StringEquals["kms:ViaService"] if can(one.Condition)
    } == { Decrypt = "s3.eu-central-1.amazonaws.com", Encrypt = "s3.eu-west-1.amazonaws.com" }
    error_message = "The role uses keys past S3."
  }
}

run "no_machine_decides" {
  assert {
    condition = (
      aws_route53_health_check.switch.type == "CALCULATED" &&
      aws_route53_health_check.switch.child_health_threshold == 0 &&
      aws_route53_health_check.switch.child_healthchecks == toset([aws_route53_health_check.watch[0].id]) &&
      !aws_route53_health_check.switch.invert_healthcheck
    )
    error_message = "The switch depends on something, or is turned."
  }

  assert {
    condition = { for type, record in aws_route53_record.origin : type => [
      record.name, record.zone_id, record.type, record.failover_routing_policy[0].type, record.set_identifier,
      record.alias[0].name, record.alias[0].zone_id,
      ] } == {
      PRIMARY   = ["origin.barque.example", "Z1", "A", "PRIMARY", "primary", "one.elb.amazonaws.com", "ZA"]
      SECONDARY = ["origin.barque.example", "Z1", "A", "SECONDARY", "secondary", "two.elb.amazonaws.com", "ZB"]
    }
    error_message = "The records lead elsewhere."
  }

  assert {
    condition     = alltrue([for record in aws_route53_record.origin : !record.alias[0].evaluate_target_health])
    error_message = "A sick load balancer would turn the record without a person."
  }

  assert {
    condition     = aws_route53_record.origin["PRIMARY"].health_check_id == aws_route53_health_check.switch.id && aws_route53_record.origin["SECONDARY"].health_check_id != aws_route53_health_check.switch.id
    error_message = "The record does not hang on the switch."
  }
}

run "the_loss_of_a_region_is_told" {
  assert {
    condition = (
      aws_route53_health_check.watch[0].fqdn == "barque.example" && aws_route53_health_check.watch[0].type == "HTTPS" &&
      aws_route53_health_check.watch[0].resource_path == "/health/ready" && aws_route53_health_check.watch[0].failure_threshold == 3 &&
      aws_route53_health_check.watch[0].port == 443 && aws_route53_health_check.watch[0].enable_sni &&
      aws_route53_health_check.watch[0].request_interval == 30 && aws_route53_health_check.watch[0].measure_latency
    )
    error_message = "Something else is watched."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.unreached[0].region == "us-east-1" &&
      aws_cloudwatch_metric_alarm.unreached[0].dimensions == tomap({ HealthCheckId = aws_route53_health_check.watch[0].id }) &&
      aws_cloudwatch_metric_alarm.unreached[0].namespace == "AWS/Route53" &&
      aws_cloudwatch_metric_alarm.unreached[0].metric_name == "HealthCheckStatus" &&
      aws_cloudwatch_metric_alarm.unreached[0].statistic == "Minimum" &&
      aws_cloudwatch_metric_alarm.unreached[0].comparison_operator == "LessThanThreshold" &&
      aws_cloudwatch_metric_alarm.unreached[0].threshold == 1 &&
      aws_cloudwatch_metric_alarm.unreached[0].period == 60 &&
      aws_cloudwatch_metric_alarm.unreached[0].evaluation_periods == 5 &&
      aws_cloudwatch_metric_alarm.unreached[0].ok_actions == toset(["arn:aws:sns:us-east-1:123456789012:people"]) &&
      aws_cloudwatch_metric_alarm.unreached[0].alarm_actions == toset(["arn:aws:sns:us-east-1:123456789012:people"]) &&
      aws_cloudwatch_metric_alarm.unreached[0].treat_missing_data == "breaching"
    )
    error_message = "Nobody is told, or silence is taken for health."
  }
}

run "a_person_turns_the_switch" {
  variables {
    secondary_serves = true
  }

  assert {
    condition     = aws_route53_health_check.switch.invert_healthcheck && aws_route53_health_check.switch.child_health_threshold == 0
    error_message = "The switch does not turn."
  }
}

run "before_the_second_region_stands" {
  variables {
    origin         = null
    watched_host   = null
    told_topic_arn = null
    protected      = false
    audit_days     = 30
  }

  assert {
    condition     = length(aws_route53_record.origin) == 0 && length(aws_route53_health_check.watch) == 0 && length(aws_cloudwatch_metric_alarm.unreached) == 0
    error_message = "There are records or watches that nobody asked for."
  }

  assert {
    condition     = aws_s3_bucket.copy["lake"].force_destroy && !aws_s3_bucket.copy["audit"].force_destroy && aws_backup_vault.copy.force_destroy
    error_message = "What is only tried cannot be thrown away, or the audit can."
  }

  assert {
    condition     = aws_s3_bucket_object_lock_configuration.audit.rule[0].default_retention[0].mode == "GOVERNANCE"
    error_message = "What is only tried would be locked for ever."
  }
}

run "a_copy_in_the_same_region_is_no_copy" {
  command = plan

  variables {
    copied_to = "eu-central-1"
  }

  expect_failures = [var.copied_to]
}

run "lake_and_audit_are_both_copied" {
  command = plan

  variables {
    replicated = {
      lake = { bucket = "barque-test-lake", arn = "arn:aws:s3:::barque-test-lake", kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/lake" }
    }
  }

  expect_failures = [var.replicated]
}

run "route_53_speaks_only_in_us_east_1" {
  command = plan

  variables {
    told_topic_arn = "arn:aws:sns:eu-central-1:123456789012:people"
  }

  expect_failures = [var.told_topic_arn]
}

run "a_policy_is_a_policy" {
  command = plan

  variables {
    credentials_policy = "none"
  }

  expect_failures = [var.credentials_policy]
}
