# One key for each class of data. The account administers keys and cannot use them: only the roles
# that are named, and the services that store the data, encrypt and decrypt.

locals {
  # words:      what is encrypted.
  # via:        the service through which the named users reach the key; null: they call KMS itself.
  # stores:     services that keep data under the key for whoever IAM lets create such a store.
  # principals: services that use the key in their own name, each under its condition.
  classes = {
    trading     = { words = "PostgreSQL, its insights and its secrets", via = "secretsmanager", stores = ["rds", "secretsmanager"], principals = {} }
    credentials = { words = "keys of venues, enveloped", via = null, stores = [], principals = {} }
    lake        = { words = "bars, models and reports", via = "s3", stores = [], principals = {} }
    audit       = { words = "who did what", via = "s3", stores = [], principals = {} }
    delivery    = { words = "what the CDN hands out", via = "s3", stores = [], principals = { "cloudfront.amazonaws.com" = local.for_distributions } }
    cache       = { words = "what sockets are told", via = "elasticache", stores = ["elasticache"], principals = {} }
    backup      = { words = "recovery points", via = "backup", stores = ["backup"], principals = {} }
    images      = { words = "container images", via = "ecr", stores = ["ecr"], principals = {} }
    cluster     = { words = "secrets of Kubernetes", via = "eks", stores = ["eks"], principals = {} }
    volumes     = { words = "disks of machines", via = "ec2", stores = ["ec2"], principals = {} }
    logs = {
      words  = "logs and what the alarms say"
      via    = "logs"
      stores = []
      principals = {
        "logs.${var.region}.amazonaws.com" = local.for_log_groups
        "cloudwatch.amazonaws.com"         = local.for_this_account
        "backup.amazonaws.com"             = local.for_this_account
      }
    }
  }

  # What an envelope around a venue's key must say; a ciphertext is worth nothing elsewhere.
  credential_context = ["tenant", "account", "purpose"]

  for_this_account = { StringEquals = { "aws:SourceAccount" = var.account_id } }
  for_log_groups = { ArnLike = {
    "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:${var.region}:${var.account_id}:log-group:*"
  } }
  for_distributions = { ArnLike = {
    "aws:SourceArn" = "arn:aws:cloudfront::${var.account_id}:distribution/*"
  } }

  users = { for name in var.keys : name => {
    encrypt = try(var.users[name].encrypt, toset([]))
    decrypt = try(var.users[name].decrypt, toset([]))
  } }

  policies = { for name in var.keys : name => jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [local.administration],
      local.use[name],
      local.storage[name],
      local.services[name],
      [for one in local.credential_refusals : one if name == "credentials"],
    )
  }) }
}

resource "aws_kms_key" "this" {
  for_each = var.keys
  region   = var.region

  description             = "${var.name}: ${local.classes[each.key].words}"
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = var.protected ? 30 : 7
  policy                  = local.policies[each.key]

  # A credential that is restored in the other region must open there, and only a key that was
  # born for several regions can be copied.
  multi_region = each.key == "credentials"
}

resource "aws_kms_alias" "this" {
  for_each = var.keys
  region   = var.region

  name          = "alias/${var.name}/${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}
