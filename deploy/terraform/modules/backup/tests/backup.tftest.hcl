mock_provider "aws" {}

variables {
  name                       = "barque-test"
  kms_key_arn                = "arn:aws:kms:eu-central-1:123456789012:key/backup"
  copied_to_vault_arn        = "arn:aws:backup:eu-west-1:123456789012:backup-vault:barque-test-copy"
  restore_subnet_group_name  = "barque-test-database"
  restore_security_group_ids = ["sg-database"]
  topic_arn                  = "arn:aws:sns:eu-central-1:123456789012:barque-test-alarms"
  protected                  = true
}

run "a_vault_that_nobody_empties" {
  assert {
    condition     = aws_backup_vault.this.name == "barque-test" && aws_backup_vault.this.kms_key_arn == var.kms_key_arn && !aws_backup_vault.this.force_destroy
    error_message = "The vault is not under our key, or goes with what it holds."
  }

  assert {
    condition = (
      aws_backup_vault_lock_configuration.this.backup_vault_name == "barque-test" &&
      aws_backup_vault_lock_configuration.this.changeable_for_days == 3 &&
      aws_backup_vault_lock_configuration.this.min_retention_days == 1 &&
      aws_backup_vault_lock_configuration.this.max_retention_days == 35
    )
    error_message = "The vault is not locked for good after three days."
  }

  assert {
    condition = jsondecode(aws_backup_vault_policy.this[0].policy).Statement == [{
      Sid       = "RefuseToForget"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"]
      Resource  = "*"
      Condition = { ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/aws-service-role/backup.amazonaws.com/*" } }
    }]
    error_message = "Somebody may delete a recovery point."
  }
}

run "daily_for_35_days_and_copied" {
  assert {
    condition = [for rule in aws_backup_plan.this.rule : [
      rule.rule_name, rule.target_vault_name, rule.schedule, rule.schedule_expression_timezone, rule.lifecycle[0].delete_after,
      rule.start_window, rule.completion_window,
    ]] == [["daily", "barque-test", "cron(0 3 * * ? *)", "Etc/UTC", 35, 60, 360]]
    error_message = "The plan is not daily, into our vault, for 35 days, begun within an hour and done within six."
  }

  assert {
    condition = flatten([for rule in aws_backup_plan.this.rule : [
      for copy in rule.copy_action : "${copy.destination_vault_arn} ${copy.lifecycle[0].delete_after}"
    ]]) == ["arn:aws:backup:eu-west-1:123456789012:backup-vault:barque-test-copy 35"]
    error_message = "The other region keeps no copy."
  }

  assert {
    condition     = [for one in aws_backup_selection.this.selection_tag : [one.type, one.key, one.value]] == [["STRINGEQUALS", "barque:backup", "barque-test"]]
    error_message = "Another environment's data would be backed up, or not ours."
  }

  assert {
    condition     = aws_backup_selection.this.plan_id == aws_backup_plan.this.id && aws_backup_selection.this.iam_role_arn == aws_iam_role.this.arn
    error_message = "The selection belongs to another plan or role."
  }

  assert {
    condition     = output.tag == { "barque:backup" = "barque-test" }
    error_message = "The output names another tag."
  }
}

run "failures_are_told" {
  assert {
    condition = (
      aws_backup_vault_notifications.this.sns_topic_arn == var.topic_arn &&
      aws_backup_vault_notifications.this.backup_vault_events == toset(["BACKUP_JOB_FAILED", "COPY_JOB_FAILED", "RESTORE_JOB_FAILED"])
    )
    error_message = "A backup could fail unheard."
  }
}

run "the_newest_is_restored_each_week" {
  assert {
    condition = (
      aws_backup_restore_testing_plan.this.name == "barque_test_weekly" &&
      aws_backup_restore_testing_plan.this.schedule_expression == "cron(0 6 ? * SUN *)" &&
      aws_backup_restore_testing_plan.this.schedule_expression_timezone == "Etc/UTC" &&
      aws_backup_restore_testing_plan.this.start_window_hours == 1 &&
      aws_backup_restore_testing_plan.this.recovery_point_selection[0].selection_window_days == 7 &&
      aws_backup_restore_testing_plan.this.recovery_point_selection[0].algorithm == "LATEST_WITHIN_WINDOW" &&
      aws_backup_restore_testing_plan.this.recovery_point_selection[0].include_vaults == toset([aws_backup_vault.this.arn])
    )
    error_message = "The drill is not weekly, or not of our newest recovery point."
  }

  assert {
    condition = (
      aws_backup_restore_testing_selection.database.restore_testing_plan_name == "barque_test_weekly" &&
      aws_backup_restore_testing_selection.database.protected_resource_type == "RDS" &&
      aws_backup_restore_testing_selection.database.protected_resource_arns == toset(["*"]) &&
      aws_backup_restore_testing_selection.database.validation_window_hours == 4 &&
      aws_backup_restore_testing_selection.database.iam_role_arn == aws_iam_role.this.arn &&
      aws_backup_restore_testing_selection.database.protected_resource_conditions[0].string_equals[0].key == "aws:ResourceTag/barque:backup" &&
      aws_backup_restore_testing_selection.database.protected_resource_conditions[0].string_equals[0].value == "barque-test"
    )
    error_message = "The drill restores something else than our database."
  }

  assert {
    condition = aws_backup_restore_testing_selection.database.restore_metadata_overrides == tomap({
      dbSubnetGroupName = "barque-test-database", multiAz = "false", vpcSecurityGroupIds = "[\"sg-database\"]"
    })
    error_message = "The drill restores into the default network."
  }
}

run "only_aws_backup_takes_the_role" {
  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal == { Service = "backup.amazonaws.com" }
    error_message = "Somebody else may take the role."
  }

  assert {
    condition = toset([for one in aws_iam_role_policy_attachment.this : one.policy_arn]) == toset([
      "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
      "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
    ])
    error_message = "The role may do something else."
  }
}

run "without_another_region" {
  variables {
    copied_to_vault_arn        = null
    restore_security_group_ids = []
    protected                  = false
    days                       = 7
  }

  assert {
    condition     = [for rule in aws_backup_plan.this.rule : [rule.lifecycle[0].delete_after, length(rule.copy_action)]] == [[7, 0]]
    error_message = "There is a copy nobody asked for, or another number of days."
  }

  assert {
    condition     = length(aws_backup_vault_policy.this) == 0 && aws_backup_vault.this.force_destroy
    error_message = "What is only tried cannot be thrown away."
  }

  assert {
    condition     = toset(keys(aws_backup_restore_testing_selection.database.restore_metadata_overrides)) == toset(["dbSubnetGroupName", "multiAz"])
    error_message = "An empty list of security groups is no list."
  }
}

run "protection_keeps_35_days" {
  command = plan

  variables {
    days = 7
  }

  expect_failures = [var.days]
}

run "backups_cannot_be_turned_off" {
  command = plan

  variables {
    days      = 0
    protected = false
  }

  expect_failures = [var.days]
}
