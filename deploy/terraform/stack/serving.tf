# What runs: the way in, and a cluster or machines alone behind it.

locals {
  served   = distinct([for edge in var.design.edges : edge.target if edge.source == "balancer"])
  has_pool = keys(var.design.machines)

  # Without a cluster a role runs on the machines of its pool; while one machine carries all, on that.
  pool_of = { for role, one in var.design.roles : role => contains(local.has_pool, one.pool) ? one.pool : local.has_pool[0] }
  pools = { for pool, machines in var.design.machines : pool => merge(machines, {
    serves        = anytrue([for role in local.served : local.pool_of[role] == pool])
    owns_accounts = anytrue([for role, one in var.design.roles : one.owns_accounts if local.pool_of[role] == pool])
    grace         = max([for role, one in var.design.roles : one.grace if local.pool_of[role] == pool]...)
    roles = [for role, one in var.design.roles : {
      name = role, port = one.port, memory = one.memory, grace = one.grace
    } if local.pool_of[role] == pool]
  }) if var.design.platform == "instances" }

  # Parts that run as pods, and where the kubelet asks them whether they are well.
  pods = [for part, tier in var.design.parts : part if tier == "private" && part != "endpoints"]
  probed = { for part, port in merge(
    { alertmanager = 9093, pgbouncer = 6432, prometheus = 9090 },
    { for role, one in var.design.roles : role => one.port },
  ) : part => port if contains(local.pods, part) }
}

module "edge" {
  source = "../modules/edge"

  name                 = local.name
  region               = var.design.region
  domain               = var.design.domain
  stands_in_for_domain = var.design.stands_in_for_domain
  origin_record        = var.account.secondary == null
  vpc_id               = module.network.vpc_id
  public_subnet_ids    = [for zone in var.design.zones : module.network.public_subnet_ids[zone]]
  security_group_id    = module.network.security_group_ids["balancer"]
  port                 = var.design.roles["api"].port
  target_type          = var.design.platform == "kubernetes" ? "ip" : "instance"
  canary_weight        = var.account.canary_weight
  bucket_domains       = { for name in ["assets", "reports"] : name => module.storage.domain_names[name] }
  report_keys          = var.account.report_keys
  logs_bucket          = module.storage.buckets["logs"]
  logs_bucket_arn      = module.storage.arns["logs"]
  log_days             = var.design.log_days
  kms_key_arn          = module.kms.arns["logs"]
  protected            = var.design.protected
}

module "cluster" {
  source = "../modules/cluster"
  count  = var.design.platform == "kubernetes" ? 1 : 0

  name                   = local.name
  region                 = var.design.region
  kubernetes_version     = var.design.kubernetes_version
  vpc_id                 = module.network.vpc_id
  private_subnet_ids     = [for zone in var.design.zones : module.network.private_subnet_ids[zone]]
  pod_group_ids          = { for part in local.pods : part => module.network.security_group_ids[part] }
  probed_ports           = local.probed
  endpoints_group_id     = module.network.security_group_ids["endpoints"]
  storage_prefix_list_id = module.network.storage_prefix_list_id
  target_group_arns      = module.edge.target_group_arns
  role_arns              = module.iam.role_arns
  secret_arns            = values(module.database.secret_arns)
  secrets_prefix         = "barque/${trimprefix(local.name, "barque-")}/"
  administrators         = var.account.administrators
  system                 = var.design.machines["system"]
  kms_key_arns           = { for name in ["cluster", "logs", "volumes", "trading"] : name => module.kms.arns[name] }
  log_days               = var.design.log_days
  protected              = var.design.protected
}

module "compute" {
  source = "../modules/compute"
  count  = var.design.platform == "instances" ? 1 : 0

  name                   = local.name
  region                 = var.design.region
  vpc_id                 = module.network.vpc_id
  private_subnet_ids     = module.network.private_subnet_ids
  accounts_zone          = var.design.zones[0]
  pools                  = local.pools
  security_group_ids     = { for pool, one in local.pools : pool => [for role in one.roles : module.network.security_group_ids[role.name]] }
  endpoints_group_id     = module.network.security_group_ids["endpoints"]
  storage_prefix_list_id = module.network.storage_prefix_list_id
  target_group_arn       = module.edge.target_group_arns["stable"]
  machine_role_name      = module.iam.machine_role_name
  instance_profile_name  = module.iam.instance_profile_name
  kms_key_arn            = module.kms.arns["volumes"]
  image                  = "${module.storage.repository_url}@${coalesce(var.account.image_digest, "none")}"
  domain                 = var.design.domain
  log_group_prefix       = "/barque/${local.name}"
  scaling                = var.design.scaling
  schedules              = var.design.schedules
}
