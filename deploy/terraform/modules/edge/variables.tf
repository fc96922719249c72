variable "name" {
  description = "What everything is named after, as barque-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "The name is ${var.name}; it must be 3 to 24 small letters, digits and hyphens."
  }
}

variable "domain" {
  description = "The name that visitors type."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "The domain is ${var.domain}; write it as trade.example.com, without scheme and path."
  }
}

variable "region" {
  description = "The region of the balancer."
  type        = string
}

variable "stands_in_for_domain" {
  description = "The name of the environment that this one takes over from when its region is lost; null for none."
  type        = string
  default     = null
}

variable "origin_record" {
  description = "Whether the name that the CDN fetches from is made here; false where the module dr holds it."
  type        = bool
  default     = true
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "public_subnet_ids" {
  description = "The public subnets, one in each zone."
  type        = list(string)

  validation {
    condition     = length(var.public_subnet_ids) == 3
    error_message = "There are ${length(var.public_subnet_ids)} public subnets; the balancer stands in three zones."
  }
}

variable "security_group_id" {
  description = "The balancer's security group."
  type        = string
}

variable "port" {
  description = "The port that the api listens on."
  type        = number
}

variable "target_type" {
  description = "ip for pods, instance for machines."
  type        = string

  validation {
    condition     = contains(["ip", "instance"], var.target_type)
    error_message = "Targets are ${var.target_type}; they are ip (pods) or instance (machines)."
  }
}

variable "canary_weight" {
  description = "How many of a hundred visitors go to the canary."
  type        = number
  default     = 0

  validation {
    condition     = var.canary_weight >= 0 && var.canary_weight <= 50 && floor(var.canary_weight) == var.canary_weight
    error_message = "The canary would get ${var.canary_weight} of a hundred; allowed are 0 to 50, beyond that it is no canary."
  }
}

variable "rate_limit" {
  description = "How many requests one address may make in five minutes."
  type        = number
  default     = 3000
}

variable "bucket_domains" {
  description = "The regional names of the buckets assets and reports."
  type        = map(string)

  validation {
    condition     = toset(keys(var.bucket_domains)) == toset(["assets", "reports"])
    error_message = "The buckets are ${join(", ", keys(var.bucket_domains))}; assets and reports are needed."
  }
}

variable "report_keys" {
  description = "Public keys (PEM) that links to reports are signed with, by name; none: reports go through the API."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in values(var.report_keys) : startswith(key, "-----BEGIN PUBLIC KEY-----")])
    error_message = "A key of reports is not a public key in PEM; private keys have no place here."
  }
}

variable "logs_bucket" {
  description = "The bucket that takes the balancer's access logs."
  type        = string
}

variable "access_log_prefix" {
  description = "Where in the bucket the balancer's access logs lie."
  type        = string
  default     = "balancer"
}

variable "logs_bucket_arn" {
  description = "The same bucket, for the CDN's access logs."
  type        = string
}

variable "log_days" {
  description = "How long refused requests are kept, in days."
  type        = number
}

variable "kms_key_arn" {
  description = "The key of logs in this region."
  type        = string
}

variable "price_class" {
  description = "How many of CloudFront's places are used."
  type        = string
  default     = "PriceClass_100"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "The price class is ${var.price_class}; it is PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "protected" {
  description = "Whether the balancer is protected from being deleted."
  type        = bool
}
