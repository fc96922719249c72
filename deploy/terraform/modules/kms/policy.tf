# The statements of the key policies.

locals {
  # No Decrypt and no GenerateDataKey here: an administrator who wants to read must first change
  # the policy, which is seen.
  administration = {
    Sid       = "Administer"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
    Resource  = "*"
    Action = [
      "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey",
      "kms:DisableKey", "kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListGrants", "kms:ListKeyPolicies",
      "kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:ReplicateKey",
      "kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion", "kms:TagResource",
      "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
      "kms:UpdatePrimaryRegion",
    ]
  }

  encrypting = ["kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"]
  decrypting = ["kms:Decrypt"]

  # Named users come through one service or, for credentials, with the whole context.
  through = { for name in var.keys : name => {
    for operator, values in {
      StringEquals = { "kms:ViaService" = ["${coalesce(local.classes[name].via, "none")}.${var.region}.amazonaws.com"] }
      Null         = { for word in local.credential_context : "kms:EncryptionContext:${word}" => "false" }
    } : operator => values if(operator == "Null") == (local.classes[name].via == null)
  } }

  use = { for name in var.keys : name => [
    for sid, one in {
      Encrypt = { actions = local.encrypting, roles = local.users[name].encrypt }
      Decrypt = { actions = local.decrypting, roles = local.users[name].decrypt }
      } : {
      Sid       = sid
      Effect    = "Allow"
      Principal = { AWS = sort(one.roles) }
      Action    = one.actions
      Resource  = "*"
      Condition = local.through[name]
    } if length(one.roles) > 0
  ] }

  storing = [
    "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
  ]

  # Auto Scaling's own role attaches encrypted disks, and a policy that names it is refused in an
  # account where it does not exist yet. So the disks' key is open to the account's roles through
  # EC2, as AWS's own key for disks is; every other store also asks IAM.
  whoever = { for name in var.keys : name => name == "volumes" ? "*" : "arn:aws:iam::${var.account_id}:root" }

  storage = { for name in var.keys : name => [for one in [
    {
      Sid       = "Store"
      Effect    = "Allow"
      Principal = { AWS = local.whoever[name] }
      Action    = local.storing
      Resource  = "*"
      Condition = { StringEquals = local.store[name] }
    },
    {
      Sid       = "Lend"
      Effect    = "Allow"
      Principal = { AWS = local.whoever[name] }
      Action    = ["kms:CreateGrant"]
      Resource  = "*"
      Condition = {
        Bool         = { "kms:GrantIsForAWSResource" = "true" }
        StringEquals = local.store[name]
      }
    },
  ] : one if length(local.classes[name].stores) > 0] }

  store = { for name in var.keys : name => {
    "kms:CallerAccount" = [var.account_id]
    "kms:ViaService"    = [for one in local.classes[name].stores : "${one}.${var.region}.amazonaws.com"]
  } }

  services = { for name in var.keys : name => [
    for principal, condition in local.classes[name].principals : {
      Sid       = "Serve${join("", [for word in split(".", trimsuffix(principal, ".amazonaws.com")) : title(replace(word, "-", ""))])}"
      Effect    = "Allow"
      Principal = { Service = principal }
      Action    = concat(local.decrypting, name == "delivery" ? [] : local.encrypting, ["kms:DescribeKey"])
      Resource  = "*"
      Condition = condition
    }
  ] }

  decrypters = sort(try(var.users["credentials"].decrypt, toset([])))

  credential_refusals = concat(
    [for word in local.credential_context : {
      Sid       = "RefuseWithout${title(word)}"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = concat(local.decrypting, local.encrypting)
      Resource  = "*"
      Condition = { Null = { "kms:EncryptionContext:${word}" = "true" } }
    }],
    [{
      Sid       = "RefuseOthers"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = local.decrypting
      Resource  = "*"
      # With nobody named, nobody: an ARN that is no role's.
      Condition = { ArnNotEquals = {
        "aws:PrincipalArn" = length(local.decrypters) > 0 ? local.decrypters : ["arn:aws:iam::${var.account_id}:role/nobody"]
      } }
    }],
    [for roles in [sort(var.never_decrypt_credentials)] : {
      Sid       = "RefuseForEver"
      Effect    = "Deny"
      Principal = { AWS = roles }
      Action    = local.decrypting
      Resource  = "*"
    } if length(roles) > 0],
  )
}
