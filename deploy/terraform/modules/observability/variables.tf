variable "name" {
  description = "Name of the environment; every resource begins with it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "The name was \"${var.name}\". Allowed are 3 to 24 small letters, digits and hyphens, beginning with a letter."
  }
}

variable "account_id" {
  description = "The AWS account whose alarms and backups may speak to the topic."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "The account was \"${var.account_id}\". An AWS account is twelve digits."
  }
}

variable "region" {
  description = "The region of what is watched."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region was \"${var.region}\". Write it as AWS does, for example eu-central-1."
  }
}

variable "kms_key_arn" {
  description = "Key of the logs and of what the alarms say (the class logs of the module kms)."
  type        = string
}

variable "roles" {
  description = "Roles that write logs, such as api and trader."
  type        = set(string)

  validation {
    condition     = length(var.roles) > 0 && alltrue([for role in var.roles : can(regex("^[a-z][a-z0-9-]*$", role))])
    error_message = "The roles were ${join(", ", var.roles)}. Name one or more, as `barque run` does."
  }
}

variable "owners" {
  description = "Roles that own accounts: a refused fence in their log means that two wanted the same."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.owners, var.roles)) == 0
    error_message = "${join(", ", setsubtract(var.owners, var.roles))} owns accounts and writes no log here. Name it in roles too."
  }
}

variable "log_days" {
  description = "For how many days logs are kept."
  type        = number

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2557, 3653], var.log_days)
    error_message = "The logs were to be kept ${var.log_days} days. CloudWatch allows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2557 and 3653."
  }
}

variable "databases" {
  description = "Identifiers of the database's instances: primary, replica-1, ... (as the module database gives them)."
  type        = map(string)

  validation {
    condition     = contains(keys(var.databases), "primary")
    error_message = "The instances were ${join(", ", keys(var.databases))}. One of them is the primary."
  }
}

variable "cache_nodes" {
  description = "Identifiers of the cache's nodes, by number (as the module cache gives them)."
  type        = map(string)
}

variable "balancer" {
  description = "What CloudWatch calls the load balancer and its target groups (their ARN suffixes)."
  type = object({
    arn_suffix    = string
    target_groups = map(string)
  })
}

variable "nat_gateways" {
  description = "Identifiers of the NAT gateways, by zone."
  type        = map(string)
}

variable "limits" {
  description = "From where on somebody is told."
  type = object({
    database_cpu_percent      = optional(number, 80)
    database_free_storage_gib = optional(number, 10)
    database_free_memory_mib  = optional(number, 512)
    database_connections      = optional(number, 400)
    replica_lag_seconds       = optional(number, 30)
    cache_cpu_percent         = optional(number, 80)
    cache_memory_percent      = optional(number, 80)
    cache_evictions           = optional(number, 1000)
    answer_seconds            = optional(number, 1)
    failed_percent            = optional(number, 1)
    errors_in_logs            = optional(number, 10)
  })
  default = {}

  validation {
    condition     = alltrue([for limit in values(var.limits) : limit > 0])
    error_message = "A limit of zero or less is always passed. Give positive numbers."
  }

  validation {
    condition     = alltrue([for name, limit in var.limits : limit < 100 if endswith(name, "_percent")])
    error_message = "A limit of a hundred percent or more is never passed."
  }
}

variable "told" {
  description = "Who is told, by a name of your choice."
  type = map(object({
    protocol = string
    endpoint = string
  }))
  default = {}

  validation {
    condition     = alltrue([for one in values(var.told) : contains(["email", "https", "lambda", "sqs"], one.protocol)])
    error_message = "The protocols were ${join(", ", [for one in values(var.told) : one.protocol])}. Allowed are email, https, lambda and sqs."
  }
}
