output "address" {
  description = "Host name to write to; it follows a failover."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "reader_address" {
  description = "Host name to read from."
  value       = aws_elasticache_replication_group.this.reader_endpoint_address
}

output "port" {
  description = "Port of every node."
  value       = aws_elasticache_replication_group.this.port
}

output "arn" {
  description = "ARN of the replication group, for IAM's elasticache:Connect."
  value       = aws_elasticache_replication_group.this.arn
}

output "user_arns" {
  description = "ARNs of the users, by role, for IAM's elasticache:Connect."
  value       = { for role, user in aws_elasticache_user.this : role => user.arn }
}

output "nodes" {
  description = "Identifiers of the nodes, as CloudWatch names them, by number."
  value = { for i in range(var.replicas + 1) :
    format("%03d", i + 1) => format("%s-%03d", aws_elasticache_replication_group.this.replication_group_id, i + 1)
  }
}
