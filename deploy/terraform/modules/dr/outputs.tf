output "kms_key_arns" {
  description = "Keys of the second region, by the class of data: audit, backup, credentials, lake, trading."
  value       = merge(module.kms.arns, { credentials = aws_kms_replica_key.credentials.arn })
}

output "vault_arn" {
  description = "Vault of the second region, for the module backup. Written out, so that a plan knows it."
  value       = "arn:aws:backup:${var.copied_to}:${var.account_id}:backup-vault:${aws_backup_vault.copy.name}"
}

output "buckets" {
  description = "Names of the buckets of the second region: lake and audit."
  value       = { for name, bucket in aws_s3_bucket.copy : name => bucket.bucket }
}

output "replication_role_arn" {
  description = "The role that copies: it needs to decrypt lake and audit in the first region."
  value       = aws_iam_role.replication.arn
}

output "switch_health_check_id" {
  description = "The health check that a person turns."
  value       = aws_route53_health_check.switch.id
}
