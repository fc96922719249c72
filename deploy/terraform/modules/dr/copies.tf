# Buckets of the second region, which S3 fills within a quarter of an hour. A deletion is not
# copied: what somebody removes in the first region stays here.

resource "aws_s3_bucket" "copy" {
  for_each = var.replicated
  region   = var.copied_to

  bucket              = "${var.name}-${each.key}-copy-${var.account_id}"
  object_lock_enabled = each.key == "audit"
  force_destroy       = !var.protected && each.key != "audit"
}

resource "aws_s3_bucket_versioning" "copy" {
  for_each = var.replicated
  region   = var.copied_to

  bucket = aws_s3_bucket.copy[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "copy" {
  for_each = var.replicated
  region   = var.copied_to

  bucket = aws_s3_bucket.copy[each.key].id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = module.kms.arns[each.key]
    }
  }
}

resource "aws_s3_bucket_public_access_block" "copy" {
  for_each = var.replicated
  region   = var.copied_to

  bucket                  = aws_s3_bucket.copy[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "copy" {
  for_each = var.replicated
  region   = var.copied_to

  bucket = aws_s3_bucket.copy[each.key].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "copy" {
  for_each = { lake = 30, audit = 1 }
  region   = var.copied_to

  bucket = aws_s3_bucket.copy[each.key].id

  rule {
    id     = "age"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = each.value
    }
  }

  depends_on = [aws_s3_bucket_versioning.copy]
}

resource "aws_s3_bucket_object_lock_configuration" "audit" {
  region = var.copied_to

  bucket = aws_s3_bucket.copy["audit"].id

  rule {
    default_retention {
      mode = var.protected ? "COMPLIANCE" : "GOVERNANCE"
      days = var.audit_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.copy]
}

resource "aws_s3_bucket_policy" "copy" {
  for_each = var.replicated
  region   = var.copied_to

  bucket = aws_s3_bucket.copy[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for sid, condition in {
      RefusePlainText = { Bool = { "aws:SecureTransport" = "false" } }
      RefuseOldTls    = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      } : {
      Sid       = sid
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:*"
      Resource  = [local.copies[each.key], "${local.copies[each.key]}/*"]
      Condition = condition
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.copy]
}
