# Valkey, which speaks Redis: fan-out to sockets, and limits. It is never the truth: everything in
# it is repaired from the journal, so it keeps no snapshots and may lose what it had.

locals {
  identifier = "${var.name}-cache"
  logs       = ["engine-log", "slow-log"]
}

resource "aws_elasticache_subnet_group" "this" {
  name        = local.identifier
  description = "The database tier of ${var.name}"
  subnet_ids  = var.subnet_ids
}

resource "aws_elasticache_parameter_group" "this" {
  name        = "${local.identifier}-valkey8"
  family      = "valkey8"
  description = "The least used goes first when memory is full"

  parameter {
    name  = "maxmemory-policy"
    value = "allkeys-lru"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = local.identifier
  description          = "Fan-out and limits of ${var.name}; never the truth"

  engine               = "valkey"
  engine_version       = "8.0"
  node_type            = var.node_type
  port                 = 6379
  parameter_group_name = aws_elasticache_parameter_group.this.name

  num_cache_clusters         = var.replicas + 1
  automatic_failover_enabled = var.replicas >= 1
  multi_az_enabled           = var.replicas >= 1

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = var.security_group_ids

  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]

  snapshot_retention_limit   = 0
  maintenance_window         = "sat:04:00-sat:05:00"
  auto_minor_version_upgrade = true
  apply_immediately          = !var.protected

  dynamic "log_delivery_configuration" {
    for_each = toset(local.logs)

    content {
      destination      = aws_cloudwatch_log_group.this[log_delivery_configuration.value].name
      destination_type = "cloudwatch-logs"
      log_format       = "json"
      log_type         = log_delivery_configuration.value
    }
  }
}

# A role logs in with a token that IAM signs and that lives for minutes: no password exists.
resource "aws_elasticache_user" "this" {
  for_each = var.users

  user_id       = "${var.name}-${each.key}"
  user_name     = "${var.name}-${each.key}"
  engine        = "redis"
  access_string = each.value

  authentication_mode {
    type = "iam"
  }
}

# Whoever does not say who he is, is this one; a group must have it, and it is switched off.
resource "aws_elasticache_user" "default" {
  user_id       = "${var.name}-default"
  user_name     = "default"
  engine        = "redis"
  access_string = "off -@all"

  authentication_mode {
    type = "no-password-required"
  }
}

# A group of the engine redis serves Valkey too, and may hold the user that is switched off.
resource "aws_elasticache_user_group" "this" {
  user_group_id = local.identifier
  engine        = "redis"
  user_ids      = [for user in concat([aws_elasticache_user.default], values(aws_elasticache_user.this)) : user.user_id]
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(local.logs)

  name              = "/barque/${var.name}/cache/${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = var.log_kms_key_arn
}
