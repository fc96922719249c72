# What becomes cheaper with age, and what goes.

locals {
  # expires: current versions go. kept: days that a replaced version stays. cheaper: storage class
  # and the age at which an object moves to it.
  lifecycles = {
    lake    = { expires = null, kept = 30, cheaper = { INTELLIGENT_TIERING = 30 } }
    assets  = { expires = null, kept = 30, cheaper = {} }
    reports = { expires = var.report_days, kept = 30, cheaper = { STANDARD_IA = 30 } }
    audit   = { expires = var.audit_days + 1, kept = 1, cheaper = { GLACIER_IR = 90 } }
    logs    = { expires = var.log_days, kept = 1, cheaper = {} }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.lifecycles

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    id     = "age"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = each.value.kept
    }

    dynamic "expiration" {
      for_each = each.value.expires == null ? [] : [each.value.expires]

      content {
        days = expiration.value
      }
    }

    dynamic "transition" {
      for_each = { for class, days in each.value.cheaper : class => days if each.value.expires == null ? true : days < each.value.expires }

      content {
        storage_class = transition.key
        days          = transition.value
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
