# Bucket policies: what is refused to everybody, and which services may write or read.

locals {
  # Written out, not read back: so a plan shows the whole policy.
  arns = { for name, bucket in aws_s3_bucket.this : name => "arn:aws:s3:::${bucket.bucket}" }

  tls_only = { for name in keys(local.buckets) : name => [
    {
      Sid       = "RefusePlainText"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:*"
      Resource  = [local.arns[name], "${local.arns[name]}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    },
    {
      Sid       = "RefuseOldTls"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:*"
      Resource  = [local.arns[name], "${local.arns[name]}/*"]
      Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
    },
  ] }

  # Who names no encryption gets the bucket's own; who names another is refused.
  own_key_only = { for name, key in local.encrypted : name => [
    {
      Sid       = "RefuseOtherEncryption"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:PutObject"
      Resource  = "${local.arns[name]}/*"
      Condition = {
        Null            = { "s3:x-amz-server-side-encryption" = "false" }
        StringNotEquals = { "s3:x-amz-server-side-encryption" = "aws:kms" }
      }
    },
    {
      Sid       = "RefuseOtherKeys"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:PutObject"
      Resource  = "${local.arns[name]}/*"
      Condition = {
        Null            = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "false" }
        StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = key }
      }
    },
  ] }

  # Object Lock keeps what is there; this also refuses to hide it behind a delete marker.
  audit = [{
    Sid       = "RefuseDeletion"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"]
    Resource  = "${local.arns["audit"]}/*"
  }]

  delivery = { for name in ["assets", "reports"] : name => [for arn in compact([var.distribution_arn]) : {
    Sid       = "Deliver"
    Effect    = "Allow"
    Principal = { Service = "cloudfront.amazonaws.com" }
    Action    = "s3:GetObject"
    Resource  = "${local.arns[name]}/*"
    Condition = { StringEquals = { "aws:SourceArn" = arn } }
  }] }

  log_writers = [
    {
      Sid       = "Buckets"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.arns["logs"]}/s3/*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = [for name in sort(local.logged) : local.arns[name]] }
      }
    },
    {
      Sid       = "Balancers"
      Effect    = "Allow"
      Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.arns["logs"]}/balancer/AWSLogs/${var.account_id}/*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:aws:elasticloadbalancing:${var.region}:${var.account_id}:loadbalancer/*" }
      }
    },
    {
      Sid       = "Deliveries"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = ["${local.arns["logs"]}/cdn/*", "${local.arns["logs"]}/network/*"]
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:aws:logs:*:${var.account_id}:*" }
      }
    },
    {
      Sid       = "DeliveriesLook"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = "s3:GetBucketAcl"
      Resource  = local.arns["logs"]
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    },
  ]
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      local.tls_only[each.key],
      lookup(local.own_key_only, each.key, []),
      lookup({ audit = local.audit, logs = local.log_writers }, each.key, []),
      lookup(local.delivery, each.key, []),
    )
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}
