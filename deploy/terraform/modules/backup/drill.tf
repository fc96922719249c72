# Every Sunday the newest recovery point is restored, kept for hours to be looked at, and removed.

resource "aws_backup_restore_testing_plan" "this" {
  name                         = "${local.plain_name}_weekly"
  schedule_expression          = "cron(0 6 ? * SUN *)"
  schedule_expression_timezone = "Etc/UTC"
  start_window_hours           = 1

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.this.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

resource "aws_backup_restore_testing_selection" "database" {
  name                      = "${local.plain_name}_database"
  restore_testing_plan_name = aws_backup_restore_testing_plan.this.name
  iam_role_arn              = aws_iam_role.this.arn
  protected_resource_type   = "RDS"
  protected_resource_arns   = ["*"]
  validation_window_hours   = 4

  protected_resource_conditions {
    string_equals {
      key   = "aws:ResourceTag/${local.tag}"
      value = var.name
    }
  }

  restore_metadata_overrides = merge(
    {
      dbSubnetGroupName = var.restore_subnet_group_name
      multiAz           = "false"
    },
    { for key, ids in { vpcSecurityGroupIds = var.restore_security_group_ids } : key => jsonencode(sort(ids)) if length(ids) > 0 },
  )
}

resource "aws_iam_role" "this" {
  name        = "${var.name}-backup"
  description = "Lets AWS Backup take and restore what is tagged"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "backup.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset(["Backup", "Restores"])

  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor${each.key}"
}
