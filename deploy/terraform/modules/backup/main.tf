# A daily recovery point beside the database's own recovery to the second: in a vault that no
# administrator can empty, copied to another region, and restored every week to see that it works.

locals {
  # Names of restore tests know no hyphens.
  plain_name = replace(var.name, "-", "_")
  tag        = "barque:backup"
}

resource "aws_backup_vault" "this" {
  name          = var.name
  kms_key_arn   = var.kms_key_arn
  force_destroy = !var.protected
}

# With days to change one's mind the lock has no key afterwards; without, an administrator has it.
resource "aws_backup_vault_lock_configuration" "this" {
  backup_vault_name   = aws_backup_vault.this.name
  min_retention_days  = 1
  max_retention_days  = 35
  changeable_for_days = var.protected ? 3 : null
}

resource "aws_backup_vault_policy" "this" {
  count = var.protected ? 1 : 0

  backup_vault_name = aws_backup_vault.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RefuseToForget"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"]
      Resource  = "*"
      # AWS Backup itself removes what is older than it is kept.
      Condition = { ArnNotLike = {
        "aws:PrincipalArn" = "arn:aws:iam::*:role/aws-service-role/backup.amazonaws.com/*"
      } }
    }]
  })
}

resource "aws_backup_vault_notifications" "this" {
  backup_vault_name   = aws_backup_vault.this.name
  sns_topic_arn       = var.topic_arn
  backup_vault_events = ["BACKUP_JOB_FAILED", "COPY_JOB_FAILED", "RESTORE_JOB_FAILED"]
}

resource "aws_backup_plan" "this" {
  name = var.name

  rule {
    rule_name                    = "daily"
    target_vault_name            = aws_backup_vault.this.name
    schedule                     = "cron(0 3 * * ? *)"
    schedule_expression_timezone = "Etc/UTC"
    start_window                 = 60
    completion_window            = 360

    lifecycle {
      delete_after = var.days
    }

    dynamic "copy_action" {
      for_each = var.copied_to_vault_arn == null ? [] : [var.copied_to_vault_arn]

      content {
        destination_vault_arn = copy_action.value

        lifecycle {
          delete_after = var.days
        }
      }
    }
  }
}

resource "aws_backup_selection" "this" {
  name         = "tagged"
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.this.arn

  selection_tag {
    type  = "STRINGEQUALS"
    key   = local.tag
    value = var.name
  }
}
