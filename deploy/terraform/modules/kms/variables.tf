variable "name" {
  description = "Name of the environment; every alias begins with it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "The name was \"${var.name}\". Allowed are 3 to 24 small letters, digits and hyphens, beginning with a letter."
  }
}

variable "account_id" {
  description = "The AWS account that owns the keys."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "The account was \"${var.account_id}\". An AWS account is twelve digits."
  }
}

variable "region" {
  description = "The region of the keys, which may be another than the provider's; services may use them only there."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region was \"${var.region}\". Write it as AWS does, for example eu-central-1."
  }
}

variable "keys" {
  description = "The classes of data that get a key of their own."
  type        = set(string)
  default = [
    "audit", "backup", "cache", "cluster", "credentials", "delivery", "images", "lake", "logs",
    "trading", "volumes",
  ]

  validation {
    condition     = length(setsubtract(var.keys, keys(local.classes))) == 0
    error_message = "No policy is written for ${join(", ", setsubtract(var.keys, keys(local.classes)))}. Allowed are ${join(", ", keys(local.classes))}."
  }
}

variable "users" {
  description = "Roles (ARNs) that may encrypt or decrypt, by the name of the key. Nobody else may."
  type = map(object({
    encrypt = optional(set(string), [])
    decrypt = optional(set(string), [])
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.users), var.keys)) == 0
    error_message = "Users are named for ${join(", ", setsubtract(keys(var.users), var.keys))}, and there is no such key here."
  }
}

variable "never_decrypt_credentials" {
  description = "Roles (ARNs) that are refused the keys of venues whatever else allows them, such as the api's."
  type        = set(string)
  default     = []

  validation {
    condition = length(setintersection(
      var.never_decrypt_credentials, try(var.users["credentials"].decrypt, [])
    )) == 0
    error_message = "A role is both allowed and refused to decrypt credentials: choose one."
  }
}

variable "protected" {
  description = "Whether other people's money depends on it: a deleted key can be called back for 30 days, else 7."
  type        = bool
}
