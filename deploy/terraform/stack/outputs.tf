output "for_kubernetes" {
  description = "What deploy/kubernetes has to be told; null without a cluster."
  value       = one(module.cluster[*].for_kubernetes)
}

output "name_servers" {
  description = "Whom the domain's owner must point it at, once."
  value       = module.edge.name_servers
}

output "nat_addresses" {
  description = "The addresses that venues see, to be listed with keys there."
  value       = module.network.nat_addresses
}

output "repository_url" {
  description = "Where images are brought to."
  value       = module.storage.repository_url
}

output "distribution_id" {
  description = "The CDN, as the command that empties its caches names it."
  value       = module.edge.distribution_id
}

output "database" {
  description = "Where PostgreSQL is, and where its passwords are to be found."
  value = {
    address  = module.database.address
    replicas = module.database.replica_addresses
    secrets  = module.database.secret_arns
  }
}

output "cache_address" {
  description = "Where the cache is."
  value       = module.cache.address
}

output "balancer" {
  description = "The balancer: what the other environment names as account.secondary."
  value       = { dns_name = module.edge.balancer.name, zone_id = module.edge.balancer.zone_id }
}

output "release_role_arn" {
  description = "The role of the pipeline that releases; null without one."
  value       = module.iam.release_role_arn
}

output "machines" {
  description = "The groups of machines without a cluster, by pool."
  value       = var.design.platform == "instances" ? module.compute[0].group_names : {}
}

output "copies" {
  description = "The region that keeps copies; null without one."
  value       = length(module.dr) == 0 ? null : { region = var.design.copied_to }
}

output "kubernetes_outputs" {
  description = "The file deploy/kubernetes/overlays/ENVIRONMENT/outputs.yaml; empty without a cluster."
  value = length(module.cluster) == 0 ? "" : yamlencode({
    apiVersion = "v1"
    kind       = "ConfigMap"
    metadata   = { name = "outputs", annotations = { "config.kubernetes.io/local-config" = "true" } }
    data = merge(
      { for name, arn in module.edge.target_group_arns : "target_group_${name}" => arn },
      { for part in local.pods : "security_group_${part}" => module.network.security_group_ids[part] },
    )
  })
}
