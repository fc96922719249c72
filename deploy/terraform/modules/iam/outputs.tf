output "role_arns" {
  description = "The role of each role of the product."
  value       = { for name, role in aws_iam_role.role : name => role.arn }
}

output "machine_role_arn" {
  description = "The role of machines without a cluster; null with one."
  value       = one(aws_iam_role.machines[*].arn)
}

output "machine_role_name" {
  description = "The same role, by its name."
  value       = one(aws_iam_role.machines[*].name)
}

output "instance_profile_name" {
  description = "The instance profile of machines without a cluster; null with one."
  value       = one(aws_iam_instance_profile.machines[*].name)
}

output "boundary_arn" {
  description = "What no role of Barque can pass."
  value       = aws_iam_policy.boundary.arn
}

output "release_role_arn" {
  description = "The role of the pipeline that releases; null without one."
  value       = one(aws_iam_role.release[*].arn)
}
