variable "name" {
  description = "Name of the environment; every resource begins with it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "The name was \"${var.name}\". Allowed are 3 to 24 small letters, digits and hyphens, beginning with a letter."
  }
}

variable "zones" {
  description = "Availability zones of the subnets, in order; replicas are spread over them."
  type        = list(string)

  validation {
    condition     = length(distinct(var.zones)) >= 2 && length(distinct(var.zones)) == length(var.zones)
    error_message = "The zones were ${join(", ", var.zones)}. PostgreSQL needs two or more, each named once."
  }
}

variable "subnet_ids" {
  description = "Subnets of the database tier, one in each zone."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) == length(var.zones)
    error_message = "There are ${length(var.subnet_ids)} subnets for ${length(var.zones)} zones. Give one in each."
  }
}

variable "security_group_ids" {
  description = "Security groups of the primary."
  type        = set(string)

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "No security group was given: the primary would get the network's default one. Give that of the part database."
  }
}

variable "replica_security_group_ids" {
  description = "Security groups of the read replicas; null for those of the primary."
  type        = set(string)
  default     = null
}

variable "kms_key_arn" {
  description = "Key of the data, the insights and the secrets."
  type        = string
}

variable "log_kms_key_arn" {
  description = "Key of the logs."
  type        = string
}

variable "postgres_version" {
  description = "Major version of PostgreSQL. The minor one follows by itself in the maintenance window."
  type        = string
  default     = "17"

  validation {
    condition     = contains(["16", "17", "18"], var.postgres_version)
    error_message = "The version was \"${var.postgres_version}\". Allowed are the major versions 16, 17 and 18."
  }
}

variable "instance_class" {
  description = "Size of the primary and of each replica."
  type        = string

  validation {
    condition     = startswith(var.instance_class, "db.")
    error_message = "The instance class was \"${var.instance_class}\". It begins with db., for example db.m7g.large."
  }
}

variable "storage_gib" {
  description = "Storage to begin with, in GiB."
  type        = number

  validation {
    condition     = var.storage_gib >= 20 && var.storage_gib <= 65536
    error_message = "The storage was ${var.storage_gib} GiB. gp3 allows 20 to 65,536."
  }
}

variable "largest_storage_gib" {
  description = "Storage that it may grow to by itself, in GiB."
  type        = number

  validation {
    condition     = var.largest_storage_gib >= var.storage_gib * 1.1
    error_message = "The storage begins with ${var.storage_gib} GiB and may grow to ${var.largest_storage_gib}. AWS needs a tenth more at least."
  }
}

variable "multi_az" {
  description = "Whether a standby in another zone takes over."
  type        = bool

  validation {
    condition     = var.multi_az || !var.protected
    error_message = "A protected database has a standby: set multi_az."
  }
}

variable "replicas" {
  description = "How many read replicas there are."
  type        = number

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 15 && floor(var.replicas) == var.replicas
    error_message = "The replicas were ${var.replicas}. RDS allows 0 to 15."
  }
}

variable "backup_days" {
  description = "For how many days every second can be restored."
  type        = number

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35
    error_message = "The recovery was ${var.backup_days} days. RDS allows 1 to 35; 0 would turn it off."
  }
}

variable "copied_to" {
  description = "Region that keeps a second copy of the backups and the secrets; null for none."
  type        = string
  default     = null
}

variable "copied_kms_key_arn" {
  description = "Key of the copies, in the region copied_to."
  type        = string
  default     = null

  validation {
    condition     = (var.copied_to == null) == (var.copied_kms_key_arn == null)
    error_message = "copied_to and copied_kms_key_arn belong together: a copy is encrypted with a key of its own region."
  }
}

variable "protected" {
  description = "Whether other people's money depends on it."
  type        = bool
}

variable "log_days" {
  description = "For how many days logs are kept."
  type        = number

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2557, 3653], var.log_days)
    error_message = "The logs were to be kept ${var.log_days} days. CloudWatch allows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2557 and 3653."
  }
}
