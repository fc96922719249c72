variable "name" {
  description = "Name of the environment; whatever carries the tag barque:backup with this value is backed up."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "The name was \"${var.name}\". Allowed are 3 to 24 small letters, digits and hyphens, beginning with a letter."
  }
}

variable "kms_key_arn" {
  description = "Key of the recovery points."
  type        = string
}

variable "days" {
  description = "For how many days a recovery point is kept."
  type        = number
  default     = 35

  validation {
    condition     = var.days >= 1 && var.days <= 35 && floor(var.days) == var.days
    error_message = "The backups were to be kept ${var.days} days. Allowed are 1 to 35, as for recovery to the second."
  }

  validation {
    condition     = var.days >= 35 || !var.protected
    error_message = "The backups were to be kept ${var.days} days. Where it is protected they are kept 35."
  }
}

variable "copied_to_vault_arn" {
  description = "Vault in another region that gets a copy of each recovery point; null for none."
  type        = string
  default     = null
}

variable "restore_subnet_group_name" {
  description = "The database's subnet group: a drill restores into it and takes what it made away again."
  type        = string
}

variable "restore_security_group_ids" {
  description = "Security groups of a restored database, so that a drill opens nothing."
  type        = set(string)
  default     = []
}

variable "topic_arn" {
  description = "Topic that is told of backups, copies and restores that fail."
  type        = string
}

variable "protected" {
  description = "Whether other people's money depends on it: after three days nobody, not even the account's owner, can shorten or delete a backup."
  type        = bool
}
