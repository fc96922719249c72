variable "name" {
  description = "What everything is named after, as barque-prod."
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

variable "roles" {
  description = "The roles that are built, and what the design grants each of them."
  type = map(object({
    grants = list(object({ data = string, verb = string }))
  }))

  validation {
    condition     = alltrue([for role in values(var.roles) : alltrue([for grant in role.grants : contains(["read", "write", "seal", "open"], grant.verb)])])
    error_message = "A grant says ${join(", ", distinct(flatten([for role in values(var.roles) : [for grant in role.grants : grant.verb]])))}; the verbs are read, write, seal and open."
  }
}

# Roles are made before keys are (a key names its users), so what is asked of both is asked here.
variable "keys" {
  description = "The key of each data class, by its name."
  type        = map(string)

  validation {
    condition     = alltrue([for role in values(var.roles) : alltrue([for grant in role.grants : contains(keys(var.keys), grant.data)])])
    error_message = "A grant is about data without a key: ${join(", ", setsubtract(flatten([for role in values(var.roles) : [for grant in role.grants : grant.data]]), keys(var.keys)))}."
  }

  validation {
    condition     = length(setsubtract(var.sealed, keys(var.keys))) == 0
    error_message = "Sealed data without a key: ${join(", ", setsubtract(var.sealed, keys(var.keys)))}."
  }
}

variable "sealed" {
  description = "Data classes that nobody opens who was not granted to."
  type        = set(string)
}

variable "buckets" {
  description = "The bucket (its ARN) of each data class that lies in one."
  type        = map(string)
}

variable "cluster_arn" {
  description = "The cluster whose pods take the roles; null where machines do."
  type        = string
  default     = null
}

variable "repository_arns" {
  description = "The repositories of images."
  type        = list(string)
}

variable "release" {
  description = "The GitHub repository (owner/name) and environment whose pipeline releases; null for none."
  type        = object({ repository = string, environment = string })
  default     = null

  validation {
    condition     = var.release == null ? true : can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.release.repository)) && can(regex("^[A-Za-z0-9_-]+$", var.release.environment))
    error_message = "Releases would come from ${try(var.release.repository, "")}, ${try(var.release.environment, "")}; one repository (owner/name) and one environment are needed, without wildcards."
  }
}
