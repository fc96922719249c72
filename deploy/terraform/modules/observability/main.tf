# What AWS's managed parts and our logs say, and who is told. Barque's own meters are Prometheus's.

locals {
  topic_arn = "arn:aws:sns:${var.region}:${var.account_id}:${var.name}-alarms"
  namespace = "Barque/${var.name}"

  # Structured logs are a JSON object a line.
  filters = merge(
    { for role in var.roles : "${role}-errors" => { role = role, counts = "errors", pattern = "{ $.level = \"error\" || $.level = \"critical\" }" } },
    { for role in var.owners : "${role}-fence-rejects" => { role = role, counts = "fence-rejects", pattern = "{ $.event = \"fence_reject\" }" } },
  )
}

resource "aws_cloudwatch_log_group" "role" {
  for_each = var.roles

  name              = "/barque/${var.name}/${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.filters

  name           = "${var.name}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.role[each.value.role].name
  pattern        = each.value.pattern

  metric_transformation {
    namespace     = local.namespace
    name          = each.key
    value         = "1"
    default_value = "0"
  }
}

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AlarmsAndBackups"
        Effect    = "Allow"
        Principal = { Service = ["cloudwatch.amazonaws.com", "backup.amazonaws.com"] }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
      {
        Sid       = "RefusePlainText"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "told" {
  for_each = var.told

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = each.value.protocol
  endpoint  = each.value.endpoint
}
