mock_provider "aws" {}

variables {
  name                       = "barque-test"
  zones                      = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  subnet_ids                 = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_ids         = ["sg-database"]
  replica_security_group_ids = ["sg-replica"]
  kms_key_arn                = "arn:aws:kms:eu-central-1:123456789012:key/trading"
  log_kms_key_arn            = "arn:aws:kms:eu-central-1:123456789012:key/logs"
  instance_class             = "db.r7g.xlarge"
  storage_gib                = 500
  largest_storage_gib        = 4000
  multi_az                   = true
  replicas                   = 2
  backup_days                = 35
  copied_to                  = "eu-west-1"
  copied_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/copy"
  protected                  = true
  log_days                   = 90
}

run "a_protected_primary" {
  assert {
    condition     = aws_db_instance.primary.multi_az && aws_db_instance.primary.deletion_protection
    error_message = "The primary has no standby or can be deleted."
  }

  assert {
    condition = (
      aws_db_instance.primary.backup_retention_period == 35 && !aws_db_instance.primary.delete_automated_backups &&
      !aws_db_instance.primary.skip_final_snapshot && aws_db_instance.primary.copy_tags_to_snapshot &&
      aws_db_instance.primary.final_snapshot_identifier == "barque-test-database-final"
    )
    error_message = "Recovery is not kept for 35 days and past the end of the database."
  }

  assert {
    condition = (
      aws_db_instance.primary.storage_encrypted && aws_db_instance.primary.kms_key_id == var.kms_key_arn &&
      aws_db_instance.primary.storage_type == "gp3" && aws_db_instance.primary.allocated_storage == 500 &&
      aws_db_instance.primary.max_allocated_storage == 4000
    )
    error_message = "The storage is not encrypted gp3 that grows from 500 to 4,000 GiB."
  }

  assert {
    condition = (
      !aws_db_instance.primary.publicly_accessible && aws_db_instance.primary.port == 5432 &&
      aws_db_instance.primary.vpc_security_group_ids == toset(["sg-database"]) &&
      aws_db_instance.primary.db_subnet_group_name == "barque-test-database"
    )
    error_message = "The primary is not where only its security group reaches it."
  }

  assert {
    condition     = toset(aws_db_subnet_group.this.subnet_ids) == toset(["subnet-a", "subnet-b", "subnet-c"])
    error_message = "The subnets are ${join(", ", aws_db_subnet_group.this.subnet_ids)}."
  }

  assert {
    condition = (
      aws_db_instance.primary.auto_minor_version_upgrade && !aws_db_instance.primary.allow_major_version_upgrade &&
      !aws_db_instance.primary.apply_immediately && aws_db_instance.primary.maintenance_window == "sat:03:00-sat:04:00"
    )
    error_message = "It would change outside the maintenance window, or jump to another major version."
  }

  assert {
    condition = (
      aws_db_instance.primary.engine == "postgres" && aws_db_instance.primary.engine_version == "17" &&
      aws_db_instance.primary.ca_cert_identifier == "rds-ca-rsa2048-g1" &&
      aws_db_instance.primary.iam_database_authentication_enabled
    )
    error_message = "It is no PostgreSQL 17 with a known authority and IAM's logins."
  }

  assert {
    condition = (
      aws_db_instance.primary.db_name == "barque" && aws_db_instance.primary.username == "barque_administrator" &&
      aws_db_instance.primary.parameter_group_name == "barque-test-database-postgres17" &&
      aws_db_instance.primary.backup_window == "01:00-02:00"
    )
    error_message = "It has another name, administrator or parameter group, or is backed up while it is maintained."
  }

  assert {
    condition     = aws_db_instance.primary.tags["barque:backup"] == "barque-test"
    error_message = "AWS Backup would not find the primary."
  }
}

run "no_secret_is_in_the_state" {
  assert {
    condition     = aws_db_instance.primary.password_wo_version == 1
    error_message = "The password is not write-only."
  }

  assert {
    condition     = { for key, secret in aws_secretsmanager_secret.this : key => secret.name } == { administrator = "barque-test/database/administrator", pgbouncer = "barque-test/database/pgbouncer" }
    error_message = "The places for secrets are others."
  }

  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : secret.kms_key_id == var.kms_key_arn && secret.recovery_window_in_days == 30])
    error_message = "A secret is not under our key, or cannot be called back for 30 days."
  }

  assert {
    condition = alltrue([for secret in aws_secretsmanager_secret.this :
      [for one in secret.replica : [one.region, one.kms_key_id]] == [["eu-west-1", "arn:aws:kms:eu-west-1:123456789012:key/copy"]]
    ])
    error_message = "The other region would have the tables and not the passwords."
  }
}

run "watched_in_detail" {
  assert {
    condition = alltrue([for one in concat([aws_db_instance.primary], values(aws_db_instance.replica)) : (
      one.monitoring_interval == 60 && one.monitoring_role_arn == aws_iam_role.monitoring.arn &&
      one.performance_insights_enabled && one.performance_insights_kms_key_id == var.kms_key_arn &&
      one.performance_insights_retention_period == 7 &&
      one.enabled_cloudwatch_logs_exports == toset(["postgresql", "upgrade"])
    )])
    error_message = "An instance is not watched, or its insights are not under our key."
  }

  assert {
    condition     = jsondecode(aws_iam_role.monitoring.assume_role_policy).Statement[0].Principal.Service == "monitoring.rds.amazonaws.com"
    error_message = "Somebody else than RDS may take the monitoring role."
  }

  assert {
    condition     = aws_iam_role_policy_attachment.monitoring.policy_arn == "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
    error_message = "The monitoring role may do something else."
  }

  assert {
    condition = toset([for group in aws_cloudwatch_log_group.this : group.name]) == toset([
      "/aws/rds/instance/barque-test-database/postgresql", "/aws/rds/instance/barque-test-database/upgrade",
      "/aws/rds/instance/barque-test-replica-1/postgresql", "/aws/rds/instance/barque-test-replica-1/upgrade",
      "/aws/rds/instance/barque-test-replica-2/postgresql", "/aws/rds/instance/barque-test-replica-2/upgrade",
    ])
    error_message = "The log groups are ${join(", ", [for group in aws_cloudwatch_log_group.this : group.name])}."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.retention_in_days == 90 && group.kms_key_id == var.log_kms_key_arn])
    error_message = "A log is kept for ever or not under the logs' key."
  }
}

run "parameters" {
  command = plan

  assert {
    condition = { for one in aws_db_parameter_group.this.parameter : one.name => one.value } == {
      "rds.force_ssl"                       = "1"
      "ssl_min_protocol_version"            = "TLSv1.2"
      "password_encryption"                 = "scram-sha-256"
      "rds.accepted_password_auth_method"   = "scram"
      "log_connections"                     = "1"
      "log_disconnections"                  = "1"
      "log_lock_waits"                      = "1"
      "log_statement"                       = "ddl"
      "log_min_duration_statement"          = "500"
      "log_autovacuum_min_duration"         = "1000"
      "log_temp_files"                      = "0"
      "track_io_timing"                     = "1"
      "pg_stat_statements.track"            = "all"
      "idle_in_transaction_session_timeout" = "60000"
      "shared_preload_libraries"            = "pg_stat_statements"
    }
    error_message = "The parameters are others."
  }

  assert {
    condition = toset([for one in aws_db_parameter_group.this.parameter : one.name if one.apply_method == "pending-reboot"]) == toset([
      "rds.accepted_password_auth_method", "shared_preload_libraries",
    ])
    error_message = "RDS refuses a change at once of what is only read at the start."
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "postgres17" && aws_db_parameter_group.this.name == "barque-test-database-postgres17"
    error_message = "The parameter group is of another version."
  }
}

run "replicas_stand_in_different_zones" {
  assert {
    condition     = { for key, replica in aws_db_instance.replica : key => replica.availability_zone } == { "1" = "eu-central-1b", "2" = "eu-central-1c" }
    error_message = "The replicas are not spread."
  }

  assert {
    condition = alltrue([for replica in aws_db_instance.replica : (
      replica.replicate_source_db == "barque-test-database" && replica.storage_encrypted &&
      replica.kms_key_id == var.kms_key_arn && !replica.publicly_accessible && replica.deletion_protection &&
      replica.vpc_security_group_ids == toset(["sg-replica"]) && replica.instance_class == "db.r7g.xlarge" &&
      replica.max_allocated_storage == 4000 && !replica.apply_immediately
    )])
    error_message = "A replica is less guarded than its primary."
  }

  assert {
    condition = alltrue([for replica in aws_db_instance.replica : (
      !replica.multi_az && replica.storage_type == "gp3" && replica.iam_database_authentication_enabled &&
      replica.port == 5432 && replica.ca_cert_identifier == "rds-ca-rsa2048-g1" &&
      replica.parameter_group_name == "barque-test-database-postgres17" && replica.copy_tags_to_snapshot &&
      replica.maintenance_window == "sat:03:00-sat:04:00" && replica.auto_minor_version_upgrade
    )])
    error_message = "A replica is spoken to, or cared for, in another way than its primary."
  }

  assert {
    condition     = alltrue([for replica in aws_db_instance.replica : replica.backup_retention_period == 0 && replica.skip_final_snapshot])
    error_message = "A replica keeps backups of its own: it is made anew instead."
  }

  assert {
    condition     = output.identifiers == { primary = "barque-test-database", replica-1 = "barque-test-replica-1", replica-2 = "barque-test-replica-2" }
    error_message = "The identifiers are ${jsonencode(output.identifiers)}."
  }

  assert {
    condition     = keys(output.replica_addresses) == ["1", "2"]
    error_message = "A replica has no address."
  }
}

run "backups_are_copied_to_the_other_region" {
  assert {
    condition = (
      aws_db_instance_automated_backups_replication.this[0].region == "eu-west-1" &&
      aws_db_instance_automated_backups_replication.this[0].source_db_instance_arn == aws_db_instance.primary.arn &&
      aws_db_instance_automated_backups_replication.this[0].kms_key_id == "arn:aws:kms:eu-west-1:123456789012:key/copy" &&
      aws_db_instance_automated_backups_replication.this[0].retention_period == 35
    )
    error_message = "The copy is of something else, under another key, or kept for another time."
  }
}

run "an_unprotected_one_alone" {
  variables {
    multi_az                   = false
    replicas                   = 0
    backup_days                = 1
    copied_to                  = null
    copied_kms_key_arn         = null
    protected                  = false
    log_days                   = 7
    replica_security_group_ids = null
  }

  assert {
    condition     = length(aws_db_instance.replica) == 0 && length(aws_db_instance_automated_backups_replication.this) == 0
    error_message = "There are replicas or copies that nobody asked for."
  }

  assert {
    condition = (
      !aws_db_instance.primary.multi_az && !aws_db_instance.primary.deletion_protection &&
      aws_db_instance.primary.skip_final_snapshot && aws_db_instance.primary.delete_automated_backups &&
      aws_db_instance.primary.apply_immediately && aws_db_instance.primary.backup_retention_period == 1
    )
    error_message = "An environment to try things in cannot be thrown away."
  }

  assert {
    condition     = aws_db_instance.primary.storage_encrypted && !aws_db_instance.primary.publicly_accessible
    error_message = "Even here it is encrypted and private."
  }

  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : length(secret.replica) == 0 && secret.recovery_window_in_days == 7])
    error_message = "A secret is copied, or kept too long."
  }

  assert {
    condition     = keys(aws_cloudwatch_log_group.this) == ["primary/postgresql", "primary/upgrade"]
    error_message = "There are logs of instances that do not exist."
  }
}

run "replicas_share_the_group_of_the_primary_unless_told" {
  command = plan

  variables {
    replica_security_group_ids = null
  }

  assert {
    condition     = alltrue([for replica in aws_db_instance.replica : replica.vpc_security_group_ids == toset(["sg-database"])])
    error_message = "A replica has no security group of ours."
  }
}

run "protection_needs_a_standby" {
  command = plan

  variables {
    multi_az = false
  }

  expect_failures = [var.multi_az]
}

run "recovery_cannot_be_turned_off" {
  command = plan

  variables {
    backup_days = 0
  }

  expect_failures = [var.backup_days]
}

run "storage_may_not_shrink" {
  command = plan

  variables {
    largest_storage_gib = 500
  }

  expect_failures = [var.largest_storage_gib]
}

run "a_copy_needs_a_key_of_its_region" {
  command = plan

  variables {
    copied_kms_key_arn = null
  }

  expect_failures = [var.copied_kms_key_arn]
}

run "no_default_security_group" {
  command = plan

  variables {
    security_group_ids = []
  }

  expect_failures = [var.security_group_ids]
}

run "a_subnet_in_each_zone" {
  command = plan

  variables {
    subnet_ids = ["subnet-a"]
  }

  expect_failures = [var.subnet_ids]
}

run "logs_are_kept_as_cloudwatch_can" {
  command = plan

  variables {
    log_days = 42
  }

  expect_failures = [var.log_days]
}

run "half_a_replica_is_refused" {
  command = plan

  variables {
    replicas = 1.5
  }

  expect_failures = [var.replicas]
}
