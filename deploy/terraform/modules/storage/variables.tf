variable "name" {
  description = "Name of the environment; every resource begins with it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "The name was \"${var.name}\". Allowed are 3 to 24 small letters, digits and hyphens, beginning with a letter."
  }
}

variable "account_id" {
  description = "The AWS account; the names of buckets end with it, because they are unique in the world."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "The account was \"${var.account_id}\". An AWS account is twelve digits."
  }
}

variable "region" {
  description = "The region of the buckets; load balancers may write logs only from there."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region was \"${var.region}\". Write it as AWS does, for example eu-central-1."
  }
}

variable "kms_key_arns" {
  description = "Keys by the class of data: lake, delivery, audit and images (as the module kms gives them)."
  type        = map(string)

  validation {
    condition     = length(setsubtract(["lake", "delivery", "audit", "images"], keys(var.kms_key_arns))) == 0
    error_message = "No key is given for ${join(", ", setsubtract(["lake", "delivery", "audit", "images"], keys(var.kms_key_arns)))}."
  }
}

variable "distribution_arn" {
  description = "The CloudFront distribution that may read assets and reports; null for none."
  type        = string
  default     = null
}

variable "log_days" {
  description = "For how many days access logs are kept."
  type        = number

  validation {
    condition     = var.log_days >= 1 && floor(var.log_days) == var.log_days
    error_message = "The logs were to be kept ${var.log_days} days. Allowed are whole days, 1 or more."
  }
}

variable "audit_days" {
  description = "For how many days nobody, not even the account's owner, can change or delete the audit."
  type        = number
  default     = 2555

  validation {
    condition     = var.audit_days >= 1 && floor(var.audit_days) == var.audit_days && (var.audit_days >= 365 || !var.protected)
    error_message = "The audit was to be locked for ${var.audit_days} days. Allowed are whole days, and a year or more where it is protected."
  }
}

variable "report_days" {
  description = "For how many days a report can be downloaded; it can be made again from the journal."
  type        = number
  default     = 400

  validation {
    condition     = var.report_days >= 1 && floor(var.report_days) == var.report_days
    error_message = "The reports were to be kept ${var.report_days} days. Allowed are whole days, 1 or more."
  }
}

variable "protected" {
  description = "Whether other people's money depends on it: nothing that holds data can be thrown away, and the audit's lock has no key."
  type        = bool
}
