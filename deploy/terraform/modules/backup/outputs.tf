output "vault_name" {
  description = "Name of the vault."
  value       = aws_backup_vault.this.name
}

output "vault_arn" {
  description = "ARN of the vault."
  value       = aws_backup_vault.this.arn
}

output "tag" {
  description = "The tag, and its value, of what is backed up."
  value       = { (local.tag) = var.name }
}

output "role_arn" {
  description = "ARN of the role that takes and restores backups."
  value       = aws_iam_role.this.arn
}
