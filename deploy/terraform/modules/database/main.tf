# PostgreSQL: a primary with a standby in another zone, and read replicas spread over the zones.

locals {
  identifier = "${var.name}-database"
  replicas   = { for i in range(var.replicas) : tostring(i + 1) => var.zones[(i + 1) % length(var.zones)] }

  logs      = ["postgresql", "upgrade"]
  instances = merge({ primary = local.identifier }, { for key in keys(local.replicas) : "replica-${key}" => "${var.name}-replica-${key}" })
}

resource "aws_db_subnet_group" "this" {
  name        = local.identifier
  description = "The database tier of ${var.name}"
  subnet_ids  = var.subnet_ids
}

resource "aws_db_instance" "primary" {
  identifier = local.identifier
  db_name    = "barque"

  engine         = "postgres"
  engine_version = var.postgres_version
  instance_class = var.instance_class

  storage_type          = "gp3"
  allocated_storage     = var.storage_gib
  max_allocated_storage = var.largest_storage_gib
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  # RDS refuses replicas to a primary whose password it manages. So the first password is known to
  # nobody: write-only, in no state and in no plan. A person sets one when it is first needed.
  username                            = "barque_administrator"
  password_wo                         = uuid()
  password_wo_version                 = 1
  iam_database_authentication_enabled = true

  multi_az               = var.multi_az
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = var.security_group_ids
  publicly_accessible    = false
  port                   = 5432
  ca_cert_identifier     = "rds-ca-rsa2048-g1"
  parameter_group_name   = aws_db_parameter_group.this.name

  backup_retention_period   = var.backup_days
  backup_window             = "01:00-02:00"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !var.protected
  deletion_protection       = var.protected
  skip_final_snapshot       = !var.protected
  final_snapshot_identifier = "${local.identifier}-final"

  maintenance_window          = local.maintenance_window
  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false
  apply_immediately           = !var.protected

  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = 7
  enabled_cloudwatch_logs_exports       = local.logs

  # What AWS Backup selects by.
  tags = { "barque:backup" = var.name }

  depends_on = [aws_cloudwatch_log_group.this]
}

resource "aws_db_instance" "replica" {
  for_each = local.replicas

  identifier          = "${var.name}-replica-${each.key}"
  replicate_source_db = aws_db_instance.primary.identifier
  instance_class      = var.instance_class
  availability_zone   = each.value
  multi_az            = false

  storage_type          = "gp3"
  max_allocated_storage = var.largest_storage_gib
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  iam_database_authentication_enabled = true
  vpc_security_group_ids              = coalesce(var.replica_security_group_ids, var.security_group_ids)
  publicly_accessible                 = false
  port                                = 5432
  ca_cert_identifier                  = "rds-ca-rsa2048-g1"
  parameter_group_name                = aws_db_parameter_group.this.name

  # A replica is made anew from the primary: it keeps no backups of its own.
  backup_retention_period = 0
  skip_final_snapshot     = true
  copy_tags_to_snapshot   = true
  deletion_protection     = var.protected

  maintenance_window         = local.maintenance_window
  auto_minor_version_upgrade = true
  apply_immediately          = !var.protected

  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = 7
  enabled_cloudwatch_logs_exports       = local.logs

  depends_on = [aws_cloudwatch_log_group.this]
}

# The same instant can be restored in the other region, minutes behind.
resource "aws_db_instance_automated_backups_replication" "this" {
  count  = var.copied_to == null ? 0 : 1
  region = var.copied_to

  source_db_instance_arn = aws_db_instance.primary.arn
  kms_key_id             = var.copied_kms_key_arn
  retention_period       = var.backup_days
}
