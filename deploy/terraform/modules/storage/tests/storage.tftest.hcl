mock_provider "aws" {}

variables {
  name       = "barque-test"
  account_id = "123456789012"
  region     = "eu-central-1"
  kms_key_arns = {
    lake     = "arn:aws:kms:eu-central-1:123456789012:key/lake"
    delivery = "arn:aws:kms:eu-central-1:123456789012:key/delivery"
    audit    = "arn:aws:kms:eu-central-1:123456789012:key/audit"
    images   = "arn:aws:kms:eu-central-1:123456789012:key/images"
  }
  distribution_arn = "arn:aws:cloudfront::123456789012:distribution/E1"
  log_days         = 90
  protected        = true
}

run "five_buckets_private_and_versioned" {
  assert {
    condition = output.buckets == {
      lake    = "barque-test-lake-123456789012"
      assets  = "barque-test-assets-123456789012"
      reports = "barque-test-reports-123456789012"
      audit   = "barque-test-audit-123456789012"
      logs    = "barque-test-logs-123456789012"
    }
    error_message = "The buckets are ${jsonencode(output.buckets)}."
  }

  assert {
    condition = toset(keys(aws_s3_bucket_public_access_block.this)) == toset(keys(aws_s3_bucket.this)) && alltrue([
      for one in aws_s3_bucket_public_access_block.this :
      one.block_public_acls && one.block_public_policy && one.ignore_public_acls && one.restrict_public_buckets
    ])
    error_message = "A bucket could be opened to the world."
  }

  assert {
    condition = toset(keys(aws_s3_bucket_versioning.this)) == toset(keys(aws_s3_bucket.this)) && alltrue([
      for one in aws_s3_bucket_versioning.this : one.versioning_configuration[0].status == "Enabled"
    ])
    error_message = "A bucket forgets what is overwritten."
  }

  assert {
    condition = toset(keys(aws_s3_bucket_ownership_controls.this)) == toset(keys(aws_s3_bucket.this)) && alltrue([
      for one in aws_s3_bucket_ownership_controls.this : one.rule[0].object_ownership == "BucketOwnerEnforced"
    ])
    error_message = "Access lists of single objects count."
  }

  assert {
    condition = alltrue([for kind in [
      aws_s3_bucket_versioning.this, aws_s3_bucket_public_access_block.this, aws_s3_bucket_ownership_controls.this,
      aws_s3_bucket_lifecycle_configuration.this, aws_s3_bucket_policy.this,
      aws_s3_bucket_server_side_encryption_configuration.this,
    ] : { for name, one in kind : name => one.bucket } == { for name, one in aws_s3_bucket.this : name => one.id }])
    error_message = "A rule is for another bucket than it says."
  }

  assert {
    condition     = alltrue([for bucket in aws_s3_bucket.this : !bucket.force_destroy])
    error_message = "A protected bucket could be destroyed with what it holds."
  }
}

run "each_bucket_has_its_key" {
  assert {
    condition = { for name, one in aws_s3_bucket_server_side_encryption_configuration.this : name => [
      for rule in one.rule : rule.apply_server_side_encryption_by_default[0].kms_master_key_id
      ] if name != "logs" } == {
      lake    = ["arn:aws:kms:eu-central-1:123456789012:key/lake"]
      assets  = ["arn:aws:kms:eu-central-1:123456789012:key/delivery"]
      reports = ["arn:aws:kms:eu-central-1:123456789012:key/delivery"]
      audit   = ["arn:aws:kms:eu-central-1:123456789012:key/audit"]
    }
    error_message = "A bucket is under another key."
  }

  assert {
    condition = { for name, one in aws_s3_bucket_server_side_encryption_configuration.this : name => [
      for rule in one.rule : "${rule.apply_server_side_encryption_by_default[0].sse_algorithm} ${rule.bucket_key_enabled}"
      ] } == {
      lake = ["aws:kms true"], assets = ["aws:kms true"], reports = ["aws:kms true"], audit = ["aws:kms true"], logs = ["AES256 false"]
    }
    error_message = "A bucket is not encrypted as it should be."
  }
}

run "the_audit_is_locked" {
  assert {
    condition     = [for name, bucket in aws_s3_bucket.this : name if bucket.object_lock_enabled] == ["audit"]
    error_message = "Another bucket than the audit is locked."
  }

  assert {
    condition = (
      aws_s3_bucket_object_lock_configuration.audit.bucket == aws_s3_bucket.this["audit"].id &&
      aws_s3_bucket_object_lock_configuration.audit.rule[0].default_retention[0].mode == "COMPLIANCE" &&
      aws_s3_bucket_object_lock_configuration.audit.rule[0].default_retention[0].days == 2555
    )
    error_message = "The audit is not locked for seven years with no key."
  }

  assert {
    condition = [for one in jsondecode(aws_s3_bucket_policy.this["audit"].policy).Statement : one if one.Sid == "RefuseDeletion"] == [{
      Sid       = "RefuseDeletion"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"]
      Resource  = "arn:aws:s3:::barque-test-audit-123456789012/*"
    }]
    error_message = "Somebody may delete the audit."
  }
}

run "refused_to_everybody" {
  command = plan

  assert {
    condition = alltrue([for name, one in aws_s3_bucket_policy.this : length([
      for statement in jsondecode(one.policy).Statement : statement
      if statement.Effect == "Deny" && statement.Principal == { AWS = "*" } && statement.Action == "s3:*" &&
      statement.Resource == ["arn:aws:s3:::barque-test-${name}-123456789012", "arn:aws:s3:::barque-test-${name}-123456789012/*"] &&
      try(statement.Condition.Bool["aws:SecureTransport"] == "false", statement.Condition.NumericLessThan["s3:TlsVersion"] == "1.2", false)
    ]) == 2])
    error_message = "A bucket answers without TLS, or with an old one."
  }

  assert {
    condition = { for name, one in aws_s3_bucket_policy.this : name => [
      for statement in jsondecode(one.policy).Statement : statement.Condition if startswith(statement.Sid, "RefuseOther")
      ] } == { for name in ["lake", "assets", "reports", "audit", "logs"] : name => [
      for condition in [
        {
          Null            = { "s3:x-amz-server-side-encryption" = "false" }
          StringNotEquals = { "s3:x-amz-server-side-encryption" = "aws:kms" }
        },
        {
          Null            = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "false" }
          StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = lookup(merge(var.kms_key_arns, { assets = var.kms_key_arns.delivery, reports = var.kms_key_arns.delivery }), name, "") }
        },
      ] : condition if name != "logs"
    ] }
    error_message = "Something could be written under another key."
  }
}

run "only_the_distribution_reads_what_is_delivered" {
  command = plan

  assert {
    condition = { for name, one in aws_s3_bucket_policy.this : name => [
      for statement in jsondecode(one.policy).Statement : [statement.Principal, statement.Action, statement.Resource, statement.Condition] if statement.Effect == "Allow"
      ] if name != "logs" } == {
      lake    = []
      audit   = []
      assets  = [[{ Service = "cloudfront.amazonaws.com" }, "s3:GetObject", "arn:aws:s3:::barque-test-assets-123456789012/*", { StringEquals = { "aws:SourceArn" = "arn:aws:cloudfront::123456789012:distribution/E1" } }]]
      reports = [[{ Service = "cloudfront.amazonaws.com" }, "s3:GetObject", "arn:aws:s3:::barque-test-reports-123456789012/*", { StringEquals = { "aws:SourceArn" = "arn:aws:cloudfront::123456789012:distribution/E1" } }]]
    }
    error_message = "Somebody else than our distribution is let in."
  }
}

run "without_a_distribution_nobody_reads" {
  command = plan

  variables {
    distribution_arn = null
  }

  assert {
    condition = alltrue(flatten([for name in ["lake", "assets", "reports", "audit"] : [
      for statement in jsondecode(aws_s3_bucket_policy.this[name].policy).Statement : statement.Effect == "Deny"
    ]]))
    error_message = "Somebody is let in."
  }
}

run "access_is_logged" {
  assert {
    condition = { for name, one in aws_s3_bucket_logging.this : name => one.target_prefix } == {
      lake = "s3/lake/", assets = "s3/assets/", reports = "s3/reports/", audit = "s3/audit/"
    }
    error_message = "A bucket's access is not logged."
  }

  assert {
    condition     = alltrue([for one in aws_s3_bucket_logging.this : one.target_bucket == aws_s3_bucket.this["logs"].id])
    error_message = "The access log is kept elsewhere."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_s3_bucket_policy.this["logs"].policy).Statement :
      statement.Sid => [statement.Principal.Service, flatten([statement.Resource])] if statement.Effect == "Allow"
      } == {
      Buckets        = ["logging.s3.amazonaws.com", ["arn:aws:s3:::barque-test-logs-123456789012/s3/*"]]
      Balancers      = ["logdelivery.elasticloadbalancing.amazonaws.com", ["arn:aws:s3:::barque-test-logs-123456789012/balancer/AWSLogs/123456789012/*"]]
      Deliveries     = ["delivery.logs.amazonaws.com", ["arn:aws:s3:::barque-test-logs-123456789012/cdn/*", "arn:aws:s3:::barque-test-logs-123456789012/network/*"]]
      DeliveriesLook = ["delivery.logs.amazonaws.com", ["arn:aws:s3:::barque-test-logs-123456789012"]]
    }
    error_message = "Other services write the logs, or elsewhere."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_s3_bucket_policy.this["logs"].policy).Statement :
      statement.Condition.StringEquals["aws:SourceAccount"] == "123456789012" if statement.Effect == "Allow"
    ])
    error_message = "Another account's services may write our logs."
  }
}

run "what_is_old_becomes_cheap_or_goes" {
  command = plan

  assert {
    condition = { for name, one in aws_s3_bucket_lifecycle_configuration.this : name => {
      expires = flatten([for rule in one.rule : [for expiration in rule.expiration : expiration.days]])
      cheaper = flatten([for rule in one.rule : [for transition in rule.transition : "${transition.storage_class} ${transition.days}"]])
      kept    = flatten([for rule in one.rule : [for old in rule.noncurrent_version_expiration : old.noncurrent_days]])
      } } == {
      lake    = { expires = [], cheaper = ["INTELLIGENT_TIERING 30"], kept = [30] }
      assets  = { expires = [], cheaper = [], kept = [30] }
      reports = { expires = [400], cheaper = ["STANDARD_IA 30"], kept = [30] }
      audit   = { expires = [2556], cheaper = ["GLACIER_IR 90"], kept = [1] }
      logs    = { expires = [90], cheaper = [], kept = [1] }
    }
    error_message = "The ages are others."
  }

  assert {
    condition = alltrue(flatten([for one in aws_s3_bucket_lifecycle_configuration.this : [
      for rule in one.rule : rule.status == "Enabled" && rule.abort_incomplete_multipart_upload[0].days_after_initiation == 7
    ]]))
    error_message = "A rule sleeps, or half an upload stays for ever."
  }
}

run "images_do_not_change" {
  assert {
    condition = (
      aws_ecr_repository.this.name == "barque-test" && aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" &&
      aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push && !aws_ecr_repository.this.force_delete
    )
    error_message = "A tag may move, nobody looks for weaknesses, or the images can be thrown away."
  }

  assert {
    condition     = aws_ecr_repository.this.encryption_configuration[0].encryption_type == "KMS" && aws_ecr_repository.this.encryption_configuration[0].kms_key == "arn:aws:kms:eu-central-1:123456789012:key/images"
    error_message = "The images are under another key."
  }

  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this.policy).rules : [rule.selection.tagStatus, rule.selection.countNumber]] == [["untagged", 7], ["tagged", 100]]
    error_message = "The images stay for another time."
  }
}

run "an_unprotected_environment_can_be_thrown_away_but_its_audit" {
  variables {
    protected  = false
    audit_days = 30
    log_days   = 7
  }

  assert {
    condition     = { for name, bucket in aws_s3_bucket.this : name => bucket.force_destroy } == { lake = true, assets = true, reports = true, audit = false, logs = true }
    error_message = "Other buckets can be destroyed with what they hold."
  }

  assert {
    condition = (
      aws_s3_bucket_object_lock_configuration.audit.rule[0].default_retention[0].mode == "GOVERNANCE" &&
      aws_s3_bucket_object_lock_configuration.audit.rule[0].default_retention[0].days == 30
    )
    error_message = "What is only tried would be locked for ever."
  }

  assert {
    condition     = length(flatten([for rule in aws_s3_bucket_lifecycle_configuration.this["audit"].rule : [for transition in rule.transition : transition.days]])) == 0
    error_message = "AWS refuses to move what is already gone."
  }

  assert {
    condition     = aws_ecr_repository.this.force_delete
    error_message = "The images cannot be thrown away."
  }
}

run "a_protected_audit_is_locked_for_a_year_or_more" {
  command = plan

  variables {
    audit_days = 30
  }

  expect_failures = [var.audit_days]
}

run "every_class_has_a_key" {
  command = plan

  variables {
    kms_key_arns = { lake = "arn:aws:kms:eu-central-1:123456789012:key/lake" }
  }

  expect_failures = [var.kms_key_arns]
}

run "half_a_day_is_refused" {
  command = plan

  variables {
    report_days = 0.5
  }

  expect_failures = [var.report_days]
}
