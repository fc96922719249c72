output "address" {
  description = "Host name of the primary."
  value       = aws_db_instance.primary.address
}

output "port" {
  description = "Port of the primary and the replicas."
  value       = aws_db_instance.primary.port
}

output "arn" {
  description = "ARN of the primary."
  value       = aws_db_instance.primary.arn
}

output "replica_addresses" {
  description = "Host names of the read replicas, by number."
  value       = { for key, replica in aws_db_instance.replica : key => replica.address }
}

output "identifiers" {
  description = "Identifiers of the instances (primary, replica-1, ...), as CloudWatch names them."
  value = merge(
    { primary = aws_db_instance.primary.identifier },
    { for key, replica in aws_db_instance.replica : "replica-${key}" => replica.identifier },
  )
}

output "resource_ids" {
  description = "Resource ids of the instances, for IAM's rds-db:connect."
  value = merge(
    { primary = aws_db_instance.primary.resource_id },
    { for key, replica in aws_db_instance.replica : "replica-${key}" => replica.resource_id },
  )
}

output "secret_arns" {
  description = "ARNs of the places for secrets: administrator and pgbouncer."
  value       = { for key, secret in aws_secretsmanager_secret.this : key => secret.arn }
}

output "log_group_names" {
  description = "Names of the log groups, by instance and log."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => group.name }
}

output "subnet_group_name" {
  description = "Name of the subnet group, for restores."
  value       = aws_db_subnet_group.this.name
}
