output "group_names" {
  description = "The Auto Scaling group of each pool."
  value       = { for pool, group in aws_autoscaling_group.pool : pool => group.name }
}

output "machine_group_id" {
  description = "The security group of machines."
  value       = aws_security_group.machines.id
}
