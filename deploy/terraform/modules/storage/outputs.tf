output "buckets" {
  description = "Names of the buckets: lake, assets, reports, audit, logs."
  value       = { for name, bucket in aws_s3_bucket.this : name => bucket.bucket }
}

output "arns" {
  description = "ARNs of the buckets, by name."
  value       = local.arns
}

output "domain_names" {
  description = "Regional host names of the buckets, for CloudFront's origins, by name."
  value       = { for name, bucket in aws_s3_bucket.this : name => bucket.bucket_regional_domain_name }
}

output "replicated" {
  description = "What the module dr copies: name, ARN and key of the lake and the audit."
  value = { for name in ["lake", "audit"] : name => {
    bucket      = aws_s3_bucket_versioning.this[name].bucket
    arn         = local.arns[name]
    kms_key_arn = local.encrypted[name]
  } }
}

output "repository_url" {
  description = "Where images are pushed to and pulled from."
  value       = aws_ecr_repository.this.repository_url
}

output "repository_arn" {
  description = "ARN of the repository of images."
  value       = aws_ecr_repository.this.arn
}
