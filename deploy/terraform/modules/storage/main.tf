# Buckets. All are versioned, private, encrypted and spoken to in TLS only; what is written to them
# is logged. Access logs are encrypted by S3's own key: AWS cannot deliver them under ours.

locals {
  buckets = {
    lake    = { key = "lake", words = "bars, models, features" }
    assets  = { key = "delivery", words = "the page's scripts and styles" }
    reports = { key = "delivery", words = "reports to download" }
    audit   = { key = "audit", words = "who did what, locked against change" }
    logs    = { key = null, words = "access logs of buckets, balancer and CDN" }
  }

  encrypted = { for name, bucket in local.buckets : name => var.kms_key_arns[bucket.key] if bucket.key != null }
  logged    = toset([for name in keys(local.buckets) : name if name != "logs"])
}

resource "aws_s3_bucket" "this" {
  for_each = local.buckets

  bucket              = "${var.name}-${each.key}-${var.account_id}"
  object_lock_enabled = each.key == "audit"
  force_destroy       = !var.protected && each.key != "audit"
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    bucket_key_enabled = each.value.key != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = each.value.key == null ? "AES256" : "aws:kms"
      kms_master_key_id = each.value.key == null ? null : local.encrypted[each.key]
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.buckets

  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_logging" "this" {
  for_each = local.logged

  bucket        = aws_s3_bucket.this[each.key].id
  target_bucket = aws_s3_bucket.this["logs"].id
  target_prefix = "s3/${each.key}/"
}

# COMPLIANCE has no key: nobody shortens it. Where things are only tried, an administrator may.
resource "aws_s3_bucket_object_lock_configuration" "audit" {
  bucket = aws_s3_bucket.this["audit"].id

  rule {
    default_retention {
      mode = var.protected ? "COMPLIANCE" : "GOVERNANCE"
      days = var.audit_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
