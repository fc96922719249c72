output "distribution_arn" {
  description = "The CDN; buckets are open to it alone."
  value       = aws_cloudfront_distribution.this.arn
}

output "distribution_id" {
  description = "The CDN, as the command that empties its caches names it."
  value       = aws_cloudfront_distribution.this.id
}

output "distribution_domain" {
  description = "The CDN's own name, and its zone, for records that lead there."
  value       = { name = aws_cloudfront_distribution.this.domain_name, zone_id = aws_cloudfront_distribution.this.hosted_zone_id }
}

output "balancer" {
  description = "The balancer: its ARN, and the names that CloudWatch's metrics call it and its targets by."
  value = {
    arn     = aws_lb.this.arn
    suffix  = aws_lb.this.arn_suffix
    name    = aws_lb.this.dns_name
    zone_id = aws_lb.this.zone_id
  }
}

output "target_group_arns" {
  description = "The groups of targets, stable and canary, that pods or machines are put into."
  value       = { for name, group in aws_lb_target_group.api : name => group.arn }
}

output "target_group_suffixes" {
  description = "The same, as CloudWatch's metrics call them."
  value       = { for name, group in aws_lb_target_group.api : name => group.arn_suffix }
}

output "zone_id" {
  description = "The zone of the domain."
  value       = aws_route53_zone.this.zone_id
}

output "name_servers" {
  description = "Whom the domain's owner must point it at, once."
  value       = aws_route53_zone.this.name_servers
}

output "origin_name" {
  description = "The name that the CDN fetches from."
  value       = local.origin
}
