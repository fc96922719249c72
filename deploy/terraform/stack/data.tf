# What is kept: PostgreSQL, the cache, what lies in S3, the backups, and what is needed in another
# region before it is needed.

module "database" {
  source = "../modules/database"

  name                       = local.name
  zones                      = var.design.zones
  subnet_ids                 = [for zone in var.design.zones : module.network.database_subnet_ids[zone]]
  security_group_ids         = [module.network.security_group_ids["database"]]
  replica_security_group_ids = [module.network.security_group_ids["replica"]]
  kms_key_arn                = module.kms.arns["trading"]
  log_kms_key_arn            = module.kms.arns["logs"]
  instance_class             = var.design.database.instance_class
  storage_gib                = var.design.database.storage_gib
  largest_storage_gib        = var.design.database.largest_storage_gib
  multi_az                   = var.design.database.multi_az
  replicas                   = var.design.database.replicas
  backup_days                = var.design.database.backup_days
  copied_to                  = var.design.copied_to
  copied_kms_key_arn         = var.design.copied_to == null ? null : module.dr[0].kms_key_arns["trading"]
  protected                  = var.design.protected
  log_days                   = var.design.log_days
}

module "cache" {
  source = "../modules/cache"

  name               = local.name
  subnet_ids         = values(module.network.database_subnet_ids)
  security_group_ids = [module.network.security_group_ids["cache"]]
  kms_key_arn        = module.kms.arns["cache"]
  log_kms_key_arn    = module.kms.arns["logs"]
  node_type          = var.design.cache.node_type
  replicas           = var.design.cache.replicas
  protected          = var.design.protected
  log_days           = var.design.log_days
}

module "storage" {
  source = "../modules/storage"

  name             = local.name
  account_id       = local.account
  region           = var.design.region
  kms_key_arns     = module.kms.arns
  distribution_arn = module.edge.distribution_arn
  log_days         = var.design.log_days
  audit_days       = var.design.audit_days
  protected        = var.design.protected
}

module "backup" {
  source = "../modules/backup"

  name                       = local.name
  kms_key_arn                = module.kms.arns["backup"]
  days                       = var.design.database.backup_days
  copied_to_vault_arn        = var.design.copied_to == null ? null : module.dr[0].vault_arn
  restore_subnet_group_name  = module.database.subnet_group_name
  restore_security_group_ids = [module.network.security_group_ids["database"]]
  topic_arn                  = module.observability.topic_arn
  protected                  = var.design.protected
}

module "dr" {
  source = "../modules/dr"
  count  = var.design.copied_to == null ? 0 : 1

  name                = local.name
  account_id          = local.account
  region              = var.design.region
  copied_to           = var.design.copied_to
  replicated          = module.storage.replicated
  credentials_key_arn = module.kms.arns["credentials"]
  credentials_policy  = module.kms.credentials_policy
  audit_days          = var.design.audit_days
  protected           = var.design.protected
  watched_host        = var.design.domain
  secondary_serves    = var.account.secondary_serves
  origin = var.account.secondary == null ? null : {
    zone_id     = module.edge.zone_id
    record_name = module.edge.origin_name
    primary     = { dns_name = module.edge.balancer.name, zone_id = module.edge.balancer.zone_id }
    secondary   = var.account.secondary
  }
}
