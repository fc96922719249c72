# One environment, whole: its network, keys and rights here; what it keeps in data.tf, what it runs
# in serving.tf, who is told in watching.tf.

locals {
  name    = var.design.name
  account = var.account.id

  # The name is enough to say who may take roles; waiting for the cluster itself would be a circle.
  cluster_arn = var.design.platform == "kubernetes" ? "arn:aws:eks:${var.design.region}:${local.account}:cluster/${local.name}" : null

  endpoints = {
    kubernetes = [
      "autoscaling", "ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "kms", "logs",
      "secretsmanager", "sqs", "ssm", "ssmmessages", "sts",
    ]
    instances = ["ec2", "ec2messages", "ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "ssm", "ssmmessages", "sts"]
  }

  # The key of each data class, and its users: who reads or opens decrypts, who writes or seals encrypts.
  grants = flatten([for role, one in var.design.roles : [for grant in one.grants : merge(grant, { role = role, key = var.design.data[grant.data] })]])
  verbs  = { encrypt = ["write", "seal"], decrypt = ["read", "open"] }
  users = { for key in distinct(concat([for grant in local.grants : grant.key], local.copied)) : key => {
    encrypt = toset([for grant in local.grants : module.iam.role_arns[grant.role] if grant.key == key && contains(local.verbs.encrypt, grant.verb)])
    decrypt = toset(concat(
      [for grant in local.grants : module.iam.role_arns[grant.role] if grant.key == key && contains(local.verbs.decrypt, grant.verb)],
      contains(local.copied, key) ? [module.dr[0].replication_role_arn] : [],
    ))
  } }
  copied  = var.design.copied_to == null ? [] : ["lake", "audit"]
  openers = distinct([for grant in local.grants : grant.role if grant.verb == "open"])
}

module "network" {
  source = "../modules/network"

  name                = local.name
  region              = var.design.region
  zones               = var.design.zones
  cidr                = var.design.cidr
  networks            = var.design.networks
  nat_per_zone        = var.design.nat_per_zone
  endpoints_per_zone  = var.design.protected
  interface_endpoints = local.endpoints[var.design.platform]
  parts               = var.design.parts
  edges               = var.design.edges
  kms_key_arn         = module.kms.arns["logs"]
  log_days            = var.design.log_days
}

module "kms" {
  source = "../modules/kms"

  name                      = local.name
  account_id                = local.account
  region                    = var.design.region
  protected                 = var.design.protected
  users                     = local.users
  never_decrypt_credentials = [for role in keys(var.design.roles) : module.iam.role_arns[role] if !contains(local.openers, role)]
}

module "iam" {
  source = "../modules/iam"

  name            = local.name
  region          = var.design.region
  roles           = { for role, one in var.design.roles : role => { grants = one.grants } }
  keys            = { for data, key in var.design.data : data => module.kms.arns[key] }
  sealed          = var.design.sealed
  buckets         = { for data, key in var.design.data : data => module.storage.arns[key] if contains(["lake", "audit"], key) }
  cluster_arn     = local.cluster_arn
  repository_arns = [module.storage.repository_arn]
  release         = var.account.release
}
