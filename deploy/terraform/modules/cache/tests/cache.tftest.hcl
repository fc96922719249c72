mock_provider "aws" {}

variables {
  name               = "barque-test"
  subnet_ids         = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_ids = ["sg-cache"]
  kms_key_arn        = "arn:aws:kms:eu-central-1:123456789012:key/cache"
  log_kms_key_arn    = "arn:aws:kms:eu-central-1:123456789012:key/logs"
  node_type          = "cache.m7g.large"
  replicas           = 2
  protected          = true
  log_days           = 90
}

run "replicas_take_over_in_another_zone" {
  assert {
    condition = (
      aws_elasticache_replication_group.this.num_cache_clusters == 3 &&
      aws_elasticache_replication_group.this.automatic_failover_enabled &&
      aws_elasticache_replication_group.this.multi_az_enabled
    )
    error_message = "Nobody takes over, or only in the same zone."
  }

  assert {
    condition = output.nodes == {
      "001" = "barque-test-cache-001", "002" = "barque-test-cache-002", "003" = "barque-test-cache-003"
    }
    error_message = "The nodes are ${jsonencode(output.nodes)}."
  }

  assert {
    condition = (
      aws_elasticache_replication_group.this.security_group_ids == toset(["sg-cache"]) &&
      aws_elasticache_replication_group.this.subnet_group_name == "barque-test-cache" &&
      aws_elasticache_subnet_group.this.subnet_ids == toset(["subnet-a", "subnet-b", "subnet-c"]) &&
      aws_elasticache_replication_group.this.port == 6379 &&
      aws_elasticache_replication_group.this.node_type == "cache.m7g.large"
    )
    error_message = "The nodes are of another size, or not where only their security group reaches them."
  }

  assert {
    condition = (
      !aws_elasticache_replication_group.this.apply_immediately &&
      aws_elasticache_replication_group.this.maintenance_window == "sat:04:00-sat:05:00" &&
      tobool(aws_elasticache_replication_group.this.auto_minor_version_upgrade)
    )
    error_message = "A protected cache would change outside its window, or never."
  }
}

run "encrypted_on_disk_and_on_the_wire" {
  assert {
    condition = (
      tobool(aws_elasticache_replication_group.this.at_rest_encryption_enabled) &&
      aws_elasticache_replication_group.this.kms_key_id == var.kms_key_arn &&
      aws_elasticache_replication_group.this.transit_encryption_enabled &&
      aws_elasticache_replication_group.this.transit_encryption_mode == "required"
    )
    error_message = "It is not encrypted under our key, or speaks without TLS."
  }
}

run "roles_log_in_by_iam_and_no_password_exists" {
  assert {
    condition     = toset(keys(aws_elasticache_user.this)) == toset(["api", "trader", "ingest"])
    error_message = "The users are ${join(", ", keys(aws_elasticache_user.this))}."
  }

  assert {
    condition = alltrue([for user in aws_elasticache_user.this : (
      user.authentication_mode[0].type == "iam" && user.user_id == user.user_name
    )])
    error_message = "A user does not log in by IAM, which also needs its id for a name."
  }

  assert {
    condition     = alltrue([for user in aws_elasticache_user.this : startswith(user.access_string, "on ") && strcontains(user.access_string, "-@dangerous")])
    error_message = "A role may flush or reconfigure the cache."
  }

  assert {
    condition     = aws_elasticache_user_group.this.user_ids == toset(["barque-test-default", "barque-test-api", "barque-test-trader", "barque-test-ingest"])
    error_message = "The group holds other users."
  }

  assert {
    condition     = aws_elasticache_user.default.user_name == "default" && aws_elasticache_user.default.access_string == "off -@all"
    error_message = "Whoever does not say who he is gets in."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.user_group_ids == toset(["barque-test-cache"])
    error_message = "The cache is open to whoever reaches it."
  }
}

run "never_the_truth" {
  assert {
    condition     = aws_elasticache_replication_group.this.snapshot_retention_limit == 0
    error_message = "A snapshot would be taken for the truth one day."
  }

  assert {
    condition     = { for one in aws_elasticache_parameter_group.this.parameter : one.name => one.value } == { "maxmemory-policy" = "allkeys-lru" }
    error_message = "A full cache would refuse writes."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.parameter_group_name == "barque-test-cache-valkey8" && aws_elasticache_parameter_group.this.family == "valkey8" && aws_elasticache_replication_group.this.engine == "valkey" && aws_elasticache_replication_group.this.engine_version == "8.0"
    error_message = "The parameters are for another engine."
  }
}

run "logs_are_kept_and_encrypted" {
  assert {
    condition = {
      for one in aws_elasticache_replication_group.this.log_delivery_configuration : one.log_type => [one.destination, one.destination_type, one.log_format]
      } == {
      engine-log = ["/barque/barque-test/cache/engine-log", "cloudwatch-logs", "json"]
      slow-log   = ["/barque/barque-test/cache/slow-log", "cloudwatch-logs", "json"]
    }
    error_message = "The logs go elsewhere."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.retention_in_days == 90 && group.kms_key_id == var.log_kms_key_arn])
    error_message = "A log is kept for ever or not under the logs' key."
  }
}

run "one_node_alone" {
  variables {
    replicas  = 0
    protected = false
    node_type = "cache.t4g.micro"
  }

  assert {
    condition = (
      aws_elasticache_replication_group.this.num_cache_clusters == 1 &&
      !aws_elasticache_replication_group.this.automatic_failover_enabled &&
      !aws_elasticache_replication_group.this.multi_az_enabled &&
      aws_elasticache_replication_group.this.apply_immediately
    )
    error_message = "AWS refuses failover with nobody to fail over to."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_enabled && tobool(aws_elasticache_replication_group.this.at_rest_encryption_enabled)
    error_message = "Even here it is encrypted."
  }
}

run "protection_needs_a_replica" {
  command = plan

  variables {
    replicas = 0
  }

  expect_failures = [var.replicas]
}

run "more_replicas_than_aws_allows" {
  command = plan

  variables {
    replicas = 6
  }

  expect_failures = [var.replicas]
}

run "no_user_may_do_all" {
  command = plan

  variables {
    users = { api = "on ~* +@all" }
  }

  expect_failures = [var.users]
}

run "no_password_in_an_access_string" {
  command = plan

  variables {
    users = { api = "on >hunter2 ~* +@read" }
  }

  expect_failures = [var.users]
}

run "no_default_security_group" {
  command = plan

  variables {
    security_group_ids = []
  }

  expect_failures = [var.security_group_ids]
}

run "logs_are_kept_as_cloudwatch_can" {
  command = plan

  variables {
    log_days = 42
  }

  expect_failures = [var.log_days]
}
