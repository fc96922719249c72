output "arns" {
  description = "ARNs of the keys, by the class of data."
  value       = { for name, key in aws_kms_key.this : name => key.arn }
}

output "aliases" {
  description = "Aliases of the keys, by the class of data."
  value       = { for name, alias in aws_kms_alias.this : name => alias.name }
}

output "credentials_policy" {
  description = "Policy of the credentials key, for its copy in another region; null without one."
  value       = try(local.policies["credentials"], null)
}
