variable "name" {
  description = "Name of the environment whose region may be lost."
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
  description = "The region that may be lost."
  type        = string
}

variable "copied_to" {
  description = "The region that keeps the copies."
  type        = string

  validation {
    condition     = var.copied_to != var.region
    error_message = "The copies were to be kept in ${var.copied_to}, the region that they are to outlive. Choose another."
  }
}

variable "replicated" {
  description = "What is copied as it is written: lake and audit, as the module storage gives them."
  type = map(object({
    bucket      = string
    arn         = string
    kms_key_arn = string
  }))

  validation {
    condition     = toset(keys(var.replicated)) == toset(["lake", "audit"])
    error_message = "The buckets were ${join(", ", keys(var.replicated))}. Give lake and audit."
  }
}

variable "credentials_key_arn" {
  description = "The key of credentials, of which this region gets the same key."
  type        = string
}

variable "credentials_policy" {
  description = "Policy of the key of credentials, as the module kms gives it."
  type        = string

  validation {
    condition     = can(jsondecode(var.credentials_policy).Statement)
    error_message = "The policy of the key of credentials is no policy in JSON."
  }
}

variable "audit_days" {
  description = "For how many days nobody can change or delete the copy of the audit."
  type        = number
  default     = 2555

  validation {
    condition     = var.audit_days >= 1 && floor(var.audit_days) == var.audit_days && (var.audit_days >= 365 || !var.protected)
    error_message = "The audit was to be locked for ${var.audit_days} days. Allowed are whole days, and a year or more where it is protected."
  }
}

variable "protected" {
  description = "Whether other people's money depends on it: no copy can be thrown away."
  type        = bool
}

variable "watched_host" {
  description = "Host that Route 53 asks for /health/ready from around the world; null to ask nobody. It tells and turns nothing."
  type        = string
  default     = null

  validation {
    condition     = var.watched_host == null || can(regex("^[a-z0-9.-]+$", var.watched_host))
    error_message = "The watched host is a name alone, without https:// and a path."
  }
}

variable "told_topic_arn" {
  description = "Topic in us-east-1 (where Route 53's meters are) that is told when nobody reaches watched_host; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.told_topic_arn == null || can(regex("^arn:aws:sns:us-east-1:", var.told_topic_arn))
    error_message = "Route 53 keeps its meters in us-east-1, and an alarm speaks only to a topic of its region."
  }
}

variable "origin" {
  description = "The name that the CDN fetches from, and the two load balancers that it can mean; null until the second stands."
  type = object({
    zone_id     = string
    record_name = string
    primary     = object({ dns_name = string, zone_id = string })
    secondary   = object({ dns_name = string, zone_id = string })
  })
  default = null
}

variable "secondary_serves" {
  description = "The switch: true when a person has decided that the other region serves. Nothing else turns it."
  type        = bool
  default     = false
}
