# Who is told what: AWS's managed parts and the logs. Barque's own meters are Prometheus's.

module "observability" {
  source = "../modules/observability"

  name         = local.name
  account_id   = local.account
  region       = var.design.region
  kms_key_arn  = module.kms.arns["logs"]
  roles        = keys(var.design.roles)
  owners       = [for role, one in var.design.roles : role if one.owns_accounts]
  log_days     = var.design.log_days
  databases    = module.database.identifiers
  cache_nodes  = module.cache.nodes
  nat_gateways = module.network.nat_gateway_ids
  told         = var.account.told

  balancer = {
    arn_suffix    = module.edge.balancer.suffix
    target_groups = module.edge.target_group_suffixes
  }
}
