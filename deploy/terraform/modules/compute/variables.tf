variable "name" {
  description = "What everything is named after, as barque-small."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "The name is ${var.name}; it must be 3 to 24 small letters, digits and hyphens."
  }
}

variable "region" {
  description = "The region, as eu-central-1."
  type        = string
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "private_subnet_ids" {
  description = "The private subnet of every zone."
  type        = map(string)
}

variable "accounts_zone" {
  description = "The zone of the disk that accounts live on, and of the machine that holds it."
  type        = string

  validation {
    condition     = contains(keys(var.private_subnet_ids), var.accounts_zone)
    error_message = "Accounts would live in ${var.accounts_zone}; there are subnets in ${join(", ", keys(var.private_subnet_ids))}."
  }
}

variable "machine_role_name" {
  description = "The role of the machines, which may hold the disk of accounts."
  type        = string
}

variable "security_group_ids" {
  description = "The security groups of the parts that run on the machines of each pool."
  type        = map(list(string))

  validation {
    condition     = alltrue([for groups in values(var.security_group_ids) : length(groups) <= 4])
    error_message = "A machine would have ${max([for groups in values(var.security_group_ids) : length(groups) + 1]...)} security groups; AWS allows 5 for an interface unless asked for more."
  }
}

variable "endpoints_group_id" {
  description = "The security group of the interfaces to AWS's services."
  type        = string
}

variable "storage_prefix_list_id" {
  description = "The addresses of S3, as its gateway lists them."
  type        = string
}

variable "target_group_arn" {
  description = "The balancer's group of targets."
  type        = string
}

variable "instance_profile_name" {
  description = "The profile that machines carry."
  type        = string
}

variable "kms_key_arn" {
  description = "The key of disks."
  type        = string
}

variable "image" {
  description = "The image that machines run, by its digest."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9.-]+/[a-z0-9./_-]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "The image is ${var.image}; it must be named by its digest (registry/name@sha256:...), so that what runs is what was tested."
  }
}

variable "log_group_prefix" {
  description = "Where roles log; the role's name is added."
  type        = string
}

variable "domain" {
  description = "The name that visitors type: roles answer to no other."
  type        = string
}

variable "pools" {
  description = "The pools of machines, and the roles that each carries."
  type = map(object({
    instance_type = string
    least         = number
    most          = number
    disk_gib      = optional(number, 50)
    accounts_gib  = optional(number, 100)
    serves        = bool
    owns_accounts = bool
    grace         = number
    roles         = list(object({ name = string, port = number, memory = number, grace = number }))
  }))

  validation {
    condition     = alltrue([for pool in values(var.pools) : pool.least >= 1 && pool.most >= pool.least])
    error_message = "A pool has ${join(", ", [for name, pool in var.pools : "${name}: ${pool.least} to ${pool.most}"])} machines; at least 1, and at most not less than that."
  }

  validation {
    condition     = alltrue([for pool in values(var.pools) : pool.most == 1 if pool.owns_accounts])
    error_message = "A pool that owns accounts would have more than one machine: today accounts live in one folder, so exactly one machine may carry the trader."
  }
}

variable "scaling" {
  description = "Which role follows which metric to which target; from deploy/scaling.yaml."
  type        = list(object({ role = string, metric = string, target = number, min = number, max = number }))
  default     = []

  validation {
    condition     = length(setsubtract([for rule in var.scaling : rule.role], flatten([for pool in values(var.pools) : [for role in pool.roles : role.name]]))) == 0
    error_message = "Scaled would be ${join(", ", setsubtract([for rule in var.scaling : rule.role], flatten([for pool in values(var.pools) : [for role in pool.roles : role.name]])))}, which no pool carries."
  }
}

variable "schedules" {
  description = "How many machines there are at least from one moment to another (cron, in the zone); from deploy/scaling.yaml."
  type        = list(object({ role = string, name = string, zone = string, start = string, end = string, min = number }))
  default     = []

  validation {
    condition     = alltrue([for one in var.schedules : length(split(" ", one.start)) == 5 && length(split(" ", one.end)) == 5])
    error_message = "A schedule is ${join("; ", [for one in var.schedules : "${one.name}: ${one.start} to ${one.end}"])}; cron has five fields."
  }
}
