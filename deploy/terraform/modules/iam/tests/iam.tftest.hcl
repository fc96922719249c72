# Rights are those of the design: each role's own, and no more.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/mock" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::111122223333:policy/mock" }
  }
}

variables {
  name   = "barque-prod"
  region = "eu-central-1"
  sealed = ["credentials"]
  roles = {
    api      = { grants = [{ data = "market", verb = "read" }, { data = "credentials", verb = "seal" }] }
    trader   = { grants = [{ data = "credentials", verb = "open" }, { data = "audit", verb = "write" }] }
    watchman = { grants = [] }
  }
  keys = {
    market      = "arn:aws:kms:eu-central-1:111122223333:key/lake"
    audit       = "arn:aws:kms:eu-central-1:111122223333:key/audit"
    credentials = "arn:aws:kms:eu-central-1:111122223333:key/credentials"
  }
  buckets = {
    market = "arn:aws:s3:::barque-prod-lake"
    audit  = "arn:aws:s3:::barque-prod-audit"
  }
  repository_arns = ["arn:aws:ecr:eu-central-1:111122223333:repository/barque-prod"]
  cluster_arn     = "arn:aws:eks:eu-central-1:111122223333:cluster/barque-prod"
}

run "the_rights_of_prod" {
  command = apply

  # Each role has exactly the rights of the design.
  assert {
    condition     = toset(keys(aws_iam_role.role)) == toset(["api", "trader", "watchman"]) && toset(keys(aws_iam_role_policy.role)) == toset(keys(aws_iam_role.role))
    error_message = "There must be one role for each role of the product."
  }

  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.role["api"].policy).Statement : [for action in statement.Action : "${statement.Effect} ${action} ${statement.Resource}"]])) == toset([
      "Allow s3:GetObject arn:aws:s3:::barque-prod-lake/*",
      "Allow s3:ListBucket arn:aws:s3:::barque-prod-lake",
      "Allow kms:Decrypt arn:aws:kms:eu-central-1:111122223333:key/lake",
      "Allow kms:GenerateDataKey arn:aws:kms:eu-central-1:111122223333:key/credentials",
      "Deny kms:Decrypt arn:aws:kms:eu-central-1:111122223333:key/credentials",
    ])
    error_message = "The api may read the lake and seal credentials; it can never open them."
  }

  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.role["trader"].policy).Statement : [for action in statement.Action : "${statement.Effect} ${action} ${statement.Resource}"]])) == toset([
      "Allow kms:Decrypt arn:aws:kms:eu-central-1:111122223333:key/credentials",
      "Allow s3:PutObject arn:aws:s3:::barque-prod-audit/*",
      "Allow kms:GenerateDataKey arn:aws:kms:eu-central-1:111122223333:key/audit",
    ])
    error_message = "The trader may open credentials and add to the audit; it reads no audit and deletes nothing."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.role["watchman"].policy).Statement : "${statement.Effect} ${join(" ", statement.Action)}"] == ["Deny kms:Decrypt"]
    error_message = "Who is granted nothing may do nothing, and is denied what is sealed."
  }

  # What is sealed opens only for its tenant account and purpose.
  assert {
    condition = alltrue([for statement in jsondecode(aws_iam_role_policy.role["trader"].policy).Statement :
      statement.Condition.StringEquals["kms:EncryptionContext:purpose"] == "credentials"
      && statement.Condition.Null["kms:EncryptionContext:tenant"] == "false"
      && statement.Condition.Null["kms:EncryptionContext:account"] == "false"
    if statement.Sid == "OpenCredentials"])
    error_message = "Credentials must open only with purpose, tenant and account named."
  }

  assert {
    condition     = length([for statement in jsondecode(aws_iam_role_policy.role["trader"].policy).Statement : statement if statement.Sid == "OpenCredentials"]) == 1
    error_message = "The trader must be able to open credentials."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.role["api"].policy).Statement[1].Condition.StringEquals["kms:ViaService"] == "s3.eu-central-1.amazonaws.com"
    error_message = "The key of a bucket may be used through S3 only."
  }

  # Pods of this cluster take the roles.
  assert {
    condition = alltrue([for role in aws_iam_role.role :
      length(jsondecode(role.assume_role_policy).Statement) == 1
      && jsondecode(role.assume_role_policy).Statement[0].Principal == { Service = "pods.eks.amazonaws.com" }
      && jsondecode(role.assume_role_policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == var.cluster_arn
      && jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    ])
    error_message = "Only pods of this cluster may take a role."
  }

  assert {
    condition     = length(aws_iam_role.machines) == 0 && output.instance_profile_name == null
    error_message = "With a cluster there must be no role for machines."
  }

  # No pipeline without being asked for.
  assert {
    condition     = length(aws_iam_role.release) == 0 && length(aws_iam_openid_connect_provider.github) == 0
    error_message = "There must be no pipeline's role unless it is asked for."
  }
}

run "machines_take_the_roles_where_there_is_no_cluster" {
  command = apply

  variables {
    cluster_arn = null
  }

  assert {
    condition = alltrue([for role in aws_iam_role.role :
      jsondecode(role.assume_role_policy).Statement == [{ Effect = "Allow", Action = ["sts:AssumeRole"], Principal = { AWS = aws_iam_role.machines[0].arn } }]
    ])
    error_message = "Only the machines may take a role."
  }

  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.machines[0].policy).Statement : statement.Action])) == toset([
      "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "logs:CreateLogStream", "logs:PutLogEvents", "sts:AssumeRole",
    ])
    error_message = "Machines may fetch images, write logs and take roles, and nothing more."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.machines[0].policy).Statement : statement.Sid if statement.Resource == "*"] == ["Enter"]
    error_message = "Only the token of the registry is for everything; AWS knows no narrower one."
  }
}

run "every_role_stays_within_the_boundary" {
  command = apply

  variables {
    cluster_arn = null
    release     = { repository = "barque/barque", environment = "prod" }
  }

  assert {
    condition     = alltrue([for role in concat(values(aws_iam_role.role), aws_iam_role.machines, aws_iam_role.release) : role.permissions_boundary == aws_iam_policy.boundary.arn])
    error_message = "Every role must have the boundary."
  }

  assert {
    condition     = anytrue([for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement.Effect == "Deny" && contains(statement.Action, "iam:*") && contains(statement.Action, "backup:*") && statement.Resource == "*"])
    error_message = "The boundary must deny rights over rights and over backups."
  }

  assert {
    condition     = !anytrue([for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : contains(flatten([statement.Action]), "*") && statement.Effect == "Allow"])
    error_message = "The boundary must not allow everything."
  }

  assert {
    condition = !anytrue([
      for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement.Effect == "Allow" && anytrue([
        for action in flatten([statement.Action]) : contains(["ecr:*", "ssm:*", "ssm:SendCommand", "ecr:BatchDeleteImage", "ecr:SetRepositoryPolicy"], action)
      ])
    ])
    error_message = "The boundary must not let a machine command others, or remove or give away images."
  }
}

run "releases_come_from_one_repository_and_one_environment" {
  command = apply

  variables {
    release = { repository = "barque/barque", environment = "prod" }
  }

  assert {
    condition     = jsondecode(aws_iam_role.release[0].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:barque/barque:environment:prod"
    error_message = "Only the named repository and environment may release."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.release[0].policy, "iam:") && !strcontains(aws_iam_role_policy.release[0].policy, "Delete")
    error_message = "The pipeline may bring images, and delete nothing."
  }
}

run "a_verb_that_does_not_exist_is_refused" {
  command = plan

  variables {
    roles = { api = { grants = [{ data = "market", verb = "burn" }] } }
  }

  expect_failures = [var.roles]
}

run "a_grant_about_unknown_data_is_refused" {
  command = plan

  variables {
    roles = { api = { grants = [{ data = "gossip", verb = "read" }] } }
  }

  expect_failures = [var.keys]
}

run "a_release_from_anywhere_is_refused" {
  command = plan

  variables {
    release = { repository = "barque/*", environment = "prod" }
  }

  expect_failures = [var.release]
}
