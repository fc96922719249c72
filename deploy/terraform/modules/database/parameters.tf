locals {
  # Saturday night in UTC: the markets that close are closed.
  maintenance_window = "sat:03:00-sat:04:00"

  parameters = {
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

  # Read only when PostgreSQL starts.
  at_start = ["shared_preload_libraries", "rds.accepted_password_auth_method"]
}

resource "aws_db_parameter_group" "this" {
  name        = "${local.identifier}-postgres${var.postgres_version}"
  family      = "postgres${var.postgres_version}"
  description = "TLS only, and a log of what is slow or changes tables"

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = contains(local.at_start, parameter.key) ? "pending-reboot" : "immediate"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

# Made before RDS makes them itself, without a key and for ever.
resource "aws_cloudwatch_log_group" "this" {
  for_each = { for pair in setproduct(keys(local.instances), local.logs) : "${pair[0]}/${pair[1]}" => pair }

  name              = "/aws/rds/instance/${local.instances[each.value[0]]}/${each.value[1]}"
  retention_in_days = var.log_days
  kms_key_id        = var.log_kms_key_arn
}

resource "aws_iam_role" "monitoring" {
  name        = "${local.identifier}-monitoring"
  description = "Lets RDS write the operating system's meters"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

# Places for secrets, empty: a person or a rotation puts the value there, never Terraform.
resource "aws_secretsmanager_secret" "this" {
  for_each = {
    administrator = "The database's administrator, for the first tables and for emergencies"
    pgbouncer     = "How PgBouncer looks up who may connect"
  }

  name                    = "${var.name}/database/${each.key}"
  description             = each.value
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.protected ? 30 : 7

  dynamic "replica" {
    for_each = var.copied_to == null ? [] : [var.copied_to]

    content {
      region     = replica.value
      kms_key_id = var.copied_kms_key_arn
    }
  }
}
