variable "name" {
  description = "What the firewall is named after, as barque-prod-cdn."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,40}$", var.name))
    error_message = "The name is ${var.name}; it must be 2 to 41 small letters, digits and hyphens."
  }
}

variable "region" {
  description = "Where the firewall stands; CloudFront's stand in us-east-1."
  type        = string

  validation {
    condition     = var.scope != "CLOUDFRONT" || var.region == "us-east-1"
    error_message = "The firewall of a CDN would stand in ${var.region}; CloudFront knows those of us-east-1 only."
  }
}

variable "scope" {
  description = "CLOUDFRONT or REGIONAL."
  type        = string

  validation {
    condition     = contains(["CLOUDFRONT", "REGIONAL"], var.scope)
    error_message = "The scope is ${var.scope}; it is CLOUDFRONT or REGIONAL."
  }
}

variable "behind_cdn" {
  description = "Whether visitors come through a CDN: they are then told apart by the address it forwards."
  type        = bool
}

variable "rate_limit" {
  description = "How many requests one address may make in five minutes."
  type        = number

  validation {
    condition     = var.rate_limit >= 100 && var.rate_limit <= 20000 && floor(var.rate_limit) == var.rate_limit
    error_message = "The limit is ${var.rate_limit} requests in five minutes; allowed are 100 to 20000."
  }
}

variable "log_days" {
  description = "How long refused requests are kept, in days."
  type        = number
}

variable "kms_key_arn" {
  description = "The key of the log, in the same region; null for CloudWatch's own."
  type        = string
  default     = null
}
