# What each verb of the design means in AWS's words.

locals {
  # A grant of the design, with what it is about.
  grants = { for role, one in var.roles : role => [
    for grant in one.grants : merge(grant, {
      bucket = lookup(var.buckets, grant.data, null)
      key    = var.keys[grant.data]
    })
  ] }

  object_actions = {
    read  = ["s3:GetObject"]
    write = ["s3:PutObject"]
  }
  key_actions = {
    read  = ["kms:Decrypt"]
    write = ["kms:GenerateDataKey"]
  }

  of_buckets = { for role, grants in local.grants : role => flatten([
    for grant in grants : [
      {
        Sid      = "${title(grant.verb)}${title(grant.data)}"
        Effect   = "Allow"
        Action   = local.object_actions[grant.verb]
        Resource = "${grant.bucket}/*"
      },
      {
        Sid       = "${title(grant.verb)}${title(grant.data)}Key"
        Effect    = "Allow"
        Action    = local.key_actions[grant.verb]
        Resource  = grant.key
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
      },
    ] if grant.bucket != null && contains(["read", "write"], grant.verb)
  ]) }

  of_lists = { for role, grants in local.grants : role => [
    for grant in grants : {
      Sid      = "List${title(grant.data)}"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = grant.bucket
    } if grant.bucket != null && grant.verb == "read"
  ] }

  # Secrets of venues are sealed for one tenant, one account and one purpose: without all three named
  # as they were when it was sealed, the key does nothing.
  of_seals = { for role, grants in local.grants : role => [
    for grant in grants : {
      Sid      = "${title(grant.verb)}${title(grant.data)}"
      Effect   = "Allow"
      Action   = grant.verb == "open" ? ["kms:Decrypt"] : ["kms:GenerateDataKey"]
      Resource = grant.key
      Condition = {
        StringEquals = { "kms:EncryptionContext:purpose" = grant.data }
        Null         = { "kms:EncryptionContext:tenant" = "false", "kms:EncryptionContext:account" = "false" }
      }
    } if contains(["open", "seal"], grant.verb)
  ] }

  # Said twice on purpose: who was not granted to open what is sealed is denied it, whatever else he has.
  sealed = toset(flatten([for grants in local.grants : [for grant in grants : grant.data if contains(["open", "seal"], grant.verb)]]))
  of_denials = { for role, grants in local.grants : role => [
    for data in setunion(local.sealed, var.sealed) : {
      Sid      = "NeverOpen${title(data)}"
      Effect   = "Deny"
      Action   = ["kms:Decrypt"]
      Resource = var.keys[data]
    } if !contains([for grant in grants : grant.data if grant.verb == "open"], data)
  ] }

  statements = { for role, one in var.roles : role => concat(
    local.of_buckets[role],
    local.of_lists[role],
    local.of_seals[role],
    local.of_denials[role],
  ) }
}
