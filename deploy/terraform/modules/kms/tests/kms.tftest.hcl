mock_provider "aws" {}

variables {
  name       = "barque-test"
  account_id = "123456789012"
  region     = "eu-central-1"
  protected  = true
  users = {
    credentials = {
      encrypt = ["arn:aws:iam::123456789012:role/api", "arn:aws:iam::123456789012:role/trader"]
      decrypt = ["arn:aws:iam::123456789012:role/trader"]
    }
    lake  = { encrypt = ["arn:aws:iam::123456789012:role/ingest"], decrypt = ["arn:aws:iam::123456789012:role/research"] }
    audit = { encrypt = ["arn:aws:iam::123456789012:role/scheduler"] }
  }
  never_decrypt_credentials = ["arn:aws:iam::123456789012:role/api"]
}

run "one_key_for_each_class_of_data" {
  assert {
    condition = toset(keys(aws_kms_key.this)) == toset([
      "audit", "backup", "cache", "cluster", "credentials", "delivery", "images", "lake", "logs", "trading", "volumes",
    ])
    error_message = "The keys are ${join(", ", keys(aws_kms_key.this))}."
  }

  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.enable_key_rotation && key.rotation_period_in_days == 365])
    error_message = "A key does not rotate each year."
  }

  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.deletion_window_in_days == 30])
    error_message = "A protected key cannot be called back for 30 days."
  }

  assert {
    condition     = alltrue([for one in concat(values(aws_kms_key.this), values(aws_kms_alias.this)) : one.region == "eu-central-1"])
    error_message = "A key or its alias is in another region."
  }

  assert {
    condition     = [for name, key in aws_kms_key.this : name if key.multi_region] == ["credentials"]
    error_message = "Only the credentials' key is made to be copied."
  }

  assert {
    condition     = alltrue([for name, alias in aws_kms_alias.this : alias.name == "alias/barque-test/${name}"])
    error_message = "An alias is not alias/NAME/CLASS."
  }

  assert {
    condition     = alltrue([for name, alias in aws_kms_alias.this : alias.target_key_id == aws_kms_key.this[name].key_id])
    error_message = "An alias names another key."
  }

  assert {
    condition     = output.arns == { for name, key in aws_kms_key.this : name => key.arn }
    error_message = "The output does not give every key's ARN."
  }
}

run "the_account_administers_and_never_reads" {
  command = plan

  assert {
    condition = alltrue(flatten([for key in aws_kms_key.this : [
      for one in jsondecode(key.policy).Statement : [
        for action in flatten([one.Action]) :
        !contains(["kms:*", "*"], action) && !can(regex("Decrypt|Encrypt|GenerateDataKey|CreateGrant", action))
      ] if one.Sid == "Administer"
    ]]))
    error_message = "An administrator could use a key."
  }

  assert {
    condition = alltrue([for key in aws_kms_key.this : contains(
      [for one in jsondecode(key.policy).Statement : one.Principal.AWS if one.Sid == "Administer"],
      "arn:aws:iam::123456789012:root"
    )])
    error_message = "A key is not administered by its account, and would be locked for ever."
  }

  assert {
    condition = alltrue(flatten([for key in aws_kms_key.this : [
      for one in jsondecode(key.policy).Statement : one.Effect == "Deny" || one.Sid == "Administer" || can(one.Condition)
    ]]))
    error_message = "A key may be used without a condition."
  }
}

run "credentials_open_only_to_the_trader_and_only_in_context" {
  command = plan

  assert {
    condition = [
      for one in jsondecode(aws_kms_key.this["credentials"].policy).Statement : one
      if one.Effect == "Allow" && contains(flatten([one.Action]), "kms:Decrypt")
      ] == [{
        Sid       = "Decrypt"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::123456789012:role/trader"] }
        Action    = ["kms:Decrypt"]
        Resource  = "*"
        Condition = { Null = {
          "kms:EncryptionContext:tenant"  = "false"
          "kms:EncryptionContext:account" = "false"
          "kms:EncryptionContext:purpose" = "false"
        } }
    }]
    error_message = "Somebody else than the trader, or without context, is allowed to decrypt credentials."
  }

  assert {
    condition = toset([
      for one in jsondecode(aws_kms_key.this["credentials"].policy).Statement : one.Sid if one.Effect == "Deny"
    ]) == toset(["RefuseWithoutTenant", "RefuseWithoutAccount", "RefuseWithoutPurpose", "RefuseOthers", "RefuseForEver"])
    error_message = "A refusal is missing from the credentials' key."
  }

  assert {
    condition = one([
      for one in jsondecode(aws_kms_key.this["credentials"].policy).Statement : one if one.Sid == "RefuseForEver"
      ]) == {
      Sid       = "RefuseForEver"
      Effect    = "Deny"
      Principal = { AWS = ["arn:aws:iam::123456789012:role/api"] }
      Action    = ["kms:Decrypt"]
      Resource  = "*"
    }
    error_message = "The api role is not refused."
  }

  assert {
    condition = one([
      for one in jsondecode(aws_kms_key.this["credentials"].policy).Statement : one if one.Sid == "RefuseOthers"
    ]).Condition == { ArnNotEquals = { "aws:PrincipalArn" = ["arn:aws:iam::123456789012:role/trader"] } }
    error_message = "Others than the trader are not refused."
  }

  assert {
    condition     = output.credentials_policy == aws_kms_key.this["credentials"].policy
    error_message = "The copy in another region would get another policy."
  }
}

run "named_users_reach_the_lake_through_s3_alone" {
  command = plan

  assert {
    condition = {
      for one in jsondecode(aws_kms_key.this["lake"].policy).Statement : one.Sid => [one.Principal.AWS, one.Condition]
      if one.Sid != "Administer"
      } == {
      Encrypt = [["arn:aws:iam::123456789012:role/ingest"], { StringEquals = { "kms:ViaService" = ["s3.eu-central-1.amazonaws.com"] } }]
      Decrypt = [["arn:aws:iam::123456789012:role/research"], { StringEquals = { "kms:ViaService" = ["s3.eu-central-1.amazonaws.com"] } }]
    }
    error_message = "The lake's key is open to more than its users through S3."
  }

  assert {
    condition     = [for one in jsondecode(aws_kms_key.this["audit"].policy).Statement : one.Sid] == ["Administer", "Encrypt"]
    error_message = "Whoever writes the audit may read it too."
  }
}

run "stores_and_services_use_their_own_key" {
  command = plan

  assert {
    condition = { for name, key in aws_kms_key.this : name => flatten([
      for one in jsondecode(key.policy).Statement : one.Condition.StringEquals["kms:ViaService"] if one.Sid == "Lend"
      ]) } == {
      audit       = []
      backup      = ["backup.eu-central-1.amazonaws.com"]
      cache       = ["elasticache.eu-central-1.amazonaws.com"]
      cluster     = ["eks.eu-central-1.amazonaws.com"]
      credentials = []
      delivery    = []
      images      = ["ecr.eu-central-1.amazonaws.com"]
      lake        = []
      logs        = []
      trading     = ["rds.eu-central-1.amazonaws.com", "secretsmanager.eu-central-1.amazonaws.com"]
      volumes     = ["ec2.eu-central-1.amazonaws.com"]
    }
    error_message = "A key is lent to another store."
  }

  assert {
    condition = alltrue(flatten([for key in aws_kms_key.this : [
      for one in jsondecode(key.policy).Statement : one.Condition.Bool["kms:GrantIsForAWSResource"] == "true" if one.Sid == "Lend"
    ]]))
    error_message = "A grant could be made for somebody who is no service of AWS."
  }

  assert {
    condition = toset(flatten([for name in ["logs", "delivery"] : [
      for one in jsondecode(aws_kms_key.this[name].policy).Statement : try([one.Principal.Service], [])
    ]])) == toset(["logs.eu-central-1.amazonaws.com", "cloudwatch.amazonaws.com", "backup.amazonaws.com", "cloudfront.amazonaws.com"])
    error_message = "Other services than logs, alarms, backups and the CDN use a key in their own name."
  }

  assert {
    condition = [
      for one in jsondecode(aws_kms_key.this["delivery"].policy).Statement : one.Action if try(one.Principal.Service, "") == "cloudfront.amazonaws.com"
    ] == [["kms:Decrypt", "kms:DescribeKey"]]
    error_message = "The CDN may write."
  }

  assert {
    condition = [for name, key in aws_kms_key.this : name if anytrue([
      for one in jsondecode(key.policy).Statement : one.Effect == "Allow" && try(one.Principal.AWS == "*", false)
    ])] == ["volumes"]
    error_message = "More than the disks' key is open to all roles of the account."
  }
}

run "with_nobody_named_nobody_reads_credentials" {
  command = plan

  variables {
    users                     = {}
    never_decrypt_credentials = []
  }

  assert {
    condition = one([
      for one in jsondecode(aws_kms_key.this["credentials"].policy).Statement : one if one.Sid == "RefuseOthers"
    ]).Condition.ArnNotEquals["aws:PrincipalArn"] == ["arn:aws:iam::123456789012:role/nobody"]
    error_message = "An empty list would refuse nobody."
  }

  assert {
    condition = alltrue([
      for one in jsondecode(aws_kms_key.this["credentials"].policy).Statement : one.Sid == "Administer" || one.Effect == "Deny"
    ])
    error_message = "Somebody is allowed."
  }
}

run "an_unprotected_environment_forgets_sooner" {
  command = plan

  variables {
    protected = false
    keys      = ["credentials", "lake", "audit"]
  }

  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.deletion_window_in_days == 7])
    error_message = "A key is kept for more than 7 days after its deletion."
  }
}

run "a_key_without_a_policy_is_refused" {
  command = plan

  variables {
    keys  = ["lake", "treasure"]
    users = {}
  }

  expect_failures = [var.keys]
}

run "users_of_no_key_are_refused" {
  command = plan

  variables {
    users = { treasure = { decrypt = ["arn:aws:iam::123456789012:role/trader"] } }
  }

  expect_failures = [var.users]
}

run "a_role_is_not_both_allowed_and_refused" {
  command = plan

  variables {
    never_decrypt_credentials = ["arn:aws:iam::123456789012:role/trader"]
  }

  expect_failures = [var.never_decrypt_credentials]
}

run "an_account_is_twelve_digits" {
  command = plan

  variables {
    account_id = "1234"
  }

  expect_failures = [var.account_id]
}
